/** What is practised with, in words: those of `psc2.screen.practice`. */

/** @import {Gap, Layer, Practice, Ramp, Snapshot} from "./types.js" */

const INTERVALS = /** @type {Record<number, string>} */ ({ 1: "a half step", 5: "a fourth" });

/** @param {Practice} practice */
export const isEveryBeat = ({ click_beats: { beats, offbeats } }) => beats.length === 0 && !offbeats;

/**
 * Whether the loop lets a layer sound now, which a mute, another's solo, a gap or the metronome may prevent.
 *
 * @param {Snapshot} now
 * @param {Layer} layer
 */
export function isHeard({ mixer: { faders }, practice, gap }, layer) {
  const { muted, soloed } = faders[layer];
  if (muted || (layer === "click" && gap.is_silent)) return false;
  if (layer === "lead") return true;
  if (practice.metronome_only) return layer === "click";
  return soloed || !Object.values(faders).some((fader) => fader.soloed);
}

/**
 * What is switched on, each in a few words; the count-in while the loop is stopped.
 *
 * @param {Snapshot} now
 * @returns {string[]}
 */
export function practiceWords({ grid, practice }) {
  const { count_in_bars: bars, click_beats: { beats, offbeats }, gap, ramp } = practice;
  return [
    bars === 0 || grid !== null ? "" : `count-in ${counted(bars, "bar")}`,
    isEveryBeat(practice) ? "" : `click on ${offbeats ? "off-beats" : beats.join(" ")}`,
    gap.mode === "none" ? "" : gapWords(gap),
    ramp.active ? rampWords(ramp) : "",
    isTransposing(practice) ? transposeWords(practice) : "",
    practice.metronome_only ? "metronome only" : "",
  ].filter((words) => words !== "");
}

/**
 * What of the loop is silent on purpose at this moment; empty if nothing is.
 *
 * @param {Snapshot} now
 */
export function silenceWords({ practice: { gap, metronome_only: isAlone }, gap: turn }) {
  if (turn.is_silent && gap.mode === "bars") {
    const bar = ((turn.bars - 1) % (gap.click_bars + gap.silent_bars)) - gap.click_bars + 1;
    return `the click is silent: bar ${bar} of ${gap.silent_bars}`;
  }
  if (turn.is_silent) return "the click is silent, by chance";
  return isAlone ? "metronome only: the loop is silent" : "";
}

/** @param {Gap} gap */
function gapWords({ mode, click_bars: clicking, silent_bars: silent, chance_percent: chance }) {
  if (mode === "chance") return `gap: each bar silent by chance, ${chance} %`;
  return `gap: ${counted(clicking, "bar")} click, ${silent} silent`;
}

/** @param {Practice} practice */
export const isTransposing = ({ transpose: { semitones, every_key: everyKey } }) => semitones > 0 || everyKey;

/** @param {Practice} practice */
function transposeWords({ transpose: { semitones, every_key: everyKey } }) {
  if (everyKey) return "each chorus another key";
  return `each chorus ${INTERVALS[semitones] ?? counted(semitones, "semitone")} up`;
}

/** @param {Ramp} ramp */
function rampWords({ step_qpm: step, passes, limit_qpm: limit, back }) {
  const each = passes === 1 ? "each pass" : `every ${passes} passes`;
  return `ramp: ${step < 0 ? "" : "+"}${step} qpm ${each} to ${limit}${back ? ", and back" : ""}`;
}

/**
 * @param {number} count
 * @param {string} noun
 */
const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
