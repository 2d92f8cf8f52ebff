/** Choruses: what was played over which chord, bar by bar, and how much of it fits. */

/** @import {Chord, Pass} from "./types.js" */
import { stepsPerBar } from "./snapshot.js";

/** @typedef {"you" | "machine"} By */
/** @typedef {"tone" | "scale" | "avoid" | "outside" | "free"} Kind free where there is no chord */
/** @typedef {{by: By, pitch: number, kind: Kind, strong: boolean}} Judged */
/** @typedef {Judged & {step: number}} Placed */
/** @typedef {{symbol: string, tones: number[], held: boolean, section: string, notes: Judged[]}} Cell `held`: from
 *   the bar before */
/** @typedef {{number: number, bars: Cell[][], played: number}} Chorus number 1-based; `played`: bars of it, begun too */
/** @typedef {{step: number, chord: Chord | null, section: string}} Begun a chord, null where the chart rests */
/** @typedef {{notes: number, tones: number, fitting: number}} Share of notes on strong beats */

/**
 * What a pitch is over a chord.
 *
 * @param {number} pitch
 * @param {Chord | null} chord
 * @returns {Kind}
 */
export function kindOf(pitch, chord) {
  if (chord === null || chord.tones.length === 0) return "free";
  const number = pitch % 12;
  if (chord.tones.includes(number)) return "tone";
  if (chord.avoid.includes(number)) return "avoid";
  return chord.scale.includes(number) ? "scale" : "outside";
}

/**
 * A pass bar by bar: each chord that begins in a bar, or is held over its bar line, with its notes. Bars that were
 * not reached have those that were seen to come; what follows them is not known, and none is there.
 *
 * @param {Pass} pass
 * @param {number} number
 * @param {Begun[]} chords
 * @param {Placed[]} notes
 * @param {number} reached the step that sounds
 * @returns {Chorus}
 */
export function chorusOf({ start, form }, number, chords, notes, reached) {
  const perBar = stepsPerBar(form.time_signature);
  const bars = Array.from({ length: form.num_bars }, (_, bar) => {
    const [begin, end] = [start + bar * perBar, start + (bar + 1) * perBar];
    const held = lastOf(chords, ({ step }) => step <= begin);
    const inside = chords.filter(({ step }) => step > begin && step < end);
    const isKnown = begin <= Math.max(reached, chords.at(-1)?.step ?? 0);
    const begun = [...(held && isKnown ? [held] : []), ...inside];
    return begun.map(({ step, chord, section }, n) => {
      const [from, to] = [Math.max(begin, step), begun[n + 1]?.step ?? end];
      const isHeld = step < begin && bar > 0;
      const within = notes.filter((note) => note.step >= from && note.step < to);
      const { symbol = "", tones = [] } = chord ?? {};
      return { symbol, tones, held: isHeld, section: isHeld ? "" : section, notes: within };
    });
  });
  const played = Math.ceil((reached + 1 - start) / perBar);
  return { number, bars, played: Math.max(0, Math.min(form.num_bars, played)) };
}

/**
 * Whether something was played over a chord in it.
 *
 * @param {Chorus} chorus
 */
export const hasNotes = ({ bars }) => bars.flat().some(({ symbol, notes }) => symbol !== "" && notes.length > 0);

/**
 * Of whose notes on strong beats how many are chord tones, and how many belong to the chord's scale.
 *
 * @param {Chorus[]} choruses
 * @param {By} by
 * @returns {Share}
 */
export function shareOf(choruses, by) {
  const all = choruses.flatMap(({ bars }) => bars.flat().flatMap(({ notes }) => notes));
  const notes = all.filter((note) => note.by === by && note.strong && note.kind !== "free");
  const tones = notes.filter(({ kind }) => kind === "tone").length;
  const outside = notes.filter(({ kind }) => kind === "outside").length;
  return { notes: notes.length, tones, fitting: notes.length - outside };
}

/**
 * Which chorus is shown first: the latest, but for one that the loop was stopped early in.
 *
 * @param {Chorus[]} choruses
 * @returns {number} −1 for none
 */
export function latestOf(choruses) {
  const last = choruses.at(-1);
  if (last === undefined || choruses.length === 1) return choruses.length - 1;
  return 2 * last.played >= last.bars.length ? choruses.length - 1 : choruses.length - 2;
}

/**
 * The last of some things that is meant.
 *
 * @template T
 * @param {T[]} things
 * @param {(thing: T) => boolean} isMeant
 */
export function lastOf(things, isMeant) {
  for (let n = things.length - 1; n >= 0; n -= 1) if (isMeant(things[n])) return things[n];
  return undefined;
}
