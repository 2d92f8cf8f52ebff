/** The chords of the chart: the words of `psc2.screen.changes`. */

/** @import {Snapshot} from "./types.js" */
import { stepAt } from "./snapshot.js";

const SHOWN = 3; // the one that sounds, and the two to come
const ROUNDING_STEPS = 1e-6; // of a moment computed from a step

/**
 * Each chord as it is written, with the mark of the section that begins with it; empty without a chart.
 *
 * @param {Snapshot} now
 * @param {number} at seconds on the daemon's clock
 */
export function chordWords(now, at) {
  const step = now.grid === null ? 0 : Math.floor(stepAt(now.grid, at) + ROUNDING_STEPS);
  const begun = now.chords.filter((chord) => chord.step <= step).length;
  const shown = now.chords.slice(Math.max(0, begun - 1)).slice(0, SHOWN);
  return shown.map(({ chord: { symbol }, section }) => (section ? `[${section}] ${symbol}` : symbol));
}
