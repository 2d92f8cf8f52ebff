/** Where the music is, and what a bar holds: the arithmetic of `psc2.core.snapshot` and `psc2.screen.music`. */

/** @import {Grid, Layer, Pass, Segment, Snapshot, StruckKey, Swing, TimeSignature} from "./types.js" */

import { spelled } from "./spelling.js";

export const STEPS_PER_QUARTER = 4;
const ROUNDING_STEPS = 1e-6; // a moment computed from a step is that step's, whatever floats make of it
const PITCH_NAMES = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];

/** @typedef {{pass: Pass, bar: number, step: number, beat: number}} Place bar, step and beat 0-based */
/**
 * A note as a bar shows it. `step` is below 0 for one that began in a bar before; `end` is the first step
 * after it; `taken`: it is being recorded.
 *
 * @typedef {{step: number, end: number, pitch: number, instrument: string | null, taken: boolean}} ShownNote
 */

/** @param {TimeSignature} signature */
export const stepsPerBeat = (signature) => 16 / signature.denominator;

/** @param {TimeSignature} signature */
export const stepsPerBar = (signature) => signature.numerator * stepsPerBeat(signature);

/** @param {TimeSignature} signature */
export const meterName = (signature) => `${signature.numerator}/${signature.denominator}`;

/** The first step after a pass. @param {Pass} pass */
export const endOf = (pass) => pass.start + pass.form.num_bars * stepsPerBar(pass.form.time_signature);

/** @param {Segment} segment */
const stepS = (segment) => 60 / segment.qpm / STEPS_PER_QUARTER;

/**
 * The place on the grid, in steps and fractions of one, at a moment in seconds on the daemon's clock.
 *
 * @param {Grid} grid
 * @param {number} at
 */
export function stepAt(grid, at) {
  const segment = grid.segments.filter((one) => at >= one.anchor_s).at(-1) ?? grid.segments[0];
  return straight(segment.swing, swung(segment.swing, segment.anchor_step) + (at - segment.anchor_s) / stepS(segment));
}

/**
 * The moment when a step sounds.
 *
 * @param {Grid} grid
 * @param {number} step
 */
export function timeOf(grid, step) {
  const segment = grid.segments.filter((one) => step >= one.anchor_step).at(-1) ?? grid.segments[0];
  return segment.anchor_s + (swung(segment.swing, step) - swung(segment.swing, segment.anchor_step)) * stepS(segment);
}

/**
 * The place at which a step sounds, in steps of a straight grid.
 *
 * @param {Swing} swing
 * @param {number} step
 */
const swung = (swing, step) => mapped(swing, step, 0.5, swing.ratio);

/**
 * The step that sounds at a place.
 *
 * @param {Swing} swing
 * @param {number} place
 */
const straight = (swing, place) => mapped(swing, place, swing.ratio, 0.5);

/**
 * Where in its bar a step sounds, in steps of a straight grid.
 *
 * @param {Snapshot} now
 * @param {TimeSignature} signature
 * @param {number} step from the bar line on
 */
export function swungInBar({ feel }, signature, step) {
  const pair_steps = feel.unit === "8th" ? 4 : 2;
  return swung({ ratio: feel.ratio, pair_steps, bar_line: 0, steps_per_bar: stepsPerBar(signature) }, step);
}

/**
 * Both halves of a pair stretched, so that what lies at one share of it comes to lie at another.
 *
 * @param {Swing} swing
 * @param {number} value
 * @param {number} dividedAt
 * @param {number} goesTo
 */
function mapped({ ratio, pair_steps: pair, bar_line: line, steps_per_bar: perBar }, value, dividedAt, goesTo) {
  const inBar = (((value - line) % perBar) + perBar) % perBar;
  const begin = Math.floor(inBar / pair) * pair;
  if (ratio === 0.5 || begin + pair > perBar) return value;
  const share = (inBar - begin) / pair;
  const moved = share <= dividedAt ? (share * goesTo) / dividedAt
    : goesTo + ((share - dividedAt) * (1 - goesTo)) / (1 - dividedAt);
  return value + (moved - share) * pair;
}

/**
 * Which 16th sounds; null while the loop is stopped. The count-in's bars are negative, the last one is −1.
 *
 * @param {Snapshot} now
 * @param {number} at
 * @returns {Place | null}
 */
export function placeAt(now, at) {
  if (now.grid === null) return null;
  const step = Math.floor(stepAt(now.grid, at) + ROUNDING_STEPS);
  if (step < 0 || now.passes.length === 0) {
    return placed({ start: 0, form: now.form }, Math.max(now.grid.segments[0].anchor_step, step));
  }
  let pass = now.passes.filter((one) => one.start <= step).at(-1) ?? now.passes[0];
  if (step >= endOf(pass)) pass = { start: endOf(pass), form: now.coming ?? now.form };
  const place = placed(pass, step);
  const bars = pass.form.num_bars;
  return { ...place, bar: ((place.bar % bars) + bars) % bars };
}

/**
 * @param {Pass} pass
 * @param {number} step
 * @returns {Place}
 */
function placed(pass, step) {
  const signature = pass.form.time_signature;
  const perBar = stepsPerBar(signature);
  const bar = Math.floor((step - pass.start) / perBar);
  const inBar = step - pass.start - bar * perBar;
  return { pass, bar, step: inBar, beat: Math.floor(inBar / stepsPerBeat(signature)) };
}

/**
 * A layer's notes of the bar that sounds, also those still ringing, and those on their way into it.
 *
 * @param {Snapshot} now
 * @param {Place | null} place
 * @param {Layer} layer
 * @param {number} at
 * @returns {ShownNote[]} by their steps
 */
export function notesOf(now, place, layer, at) {
  const bar = place === null ? 0 : Math.max(0, place.bar);
  const perBar = stepsPerBar((place === null ? now.form : place.pass.form).time_signature);
  /** @type {ShownNote[]} */
  const notes = [];
  for (const [begun, inBar] of Object.entries(now.bars)) {
    for (const note of Number(begun) <= bar ? inBar : []) {
      const step = note.step - (bar - Number(begun)) * perBar;
      if (note.layer === layer && step < perBar && step + note.duration_steps > 0) {
        const instrument = layer === "drums" ? note.instrument : null;
        notes.push({ step, end: step + note.duration_steps, pitch: note.pitch, instrument, taken: false });
      }
    }
  }
  for (const note of now.taken) {
    if (note.layer !== layer || note.position.bar !== bar || now.grid === null) continue;
    const soFar = Math.floor(stepAt(now.grid, at)) - note.onset + 1;
    const step = note.position.step;
    const end = step + Math.max(1, note.duration_steps ?? soFar);
    notes.push({ step, end, pitch: note.pitch, instrument: null, taken: true });
  }
  return notes.sort((a, b) => a.step - b.step);
}

/**
 * The step of this bar that a key was struck at; null if it was in another bar.
 *
 * @param {Snapshot} now
 * @param {Place | null} place
 * @param {StruckKey} struck
 * @returns {number | null}
 */
export function stepOf(now, place, struck) {
  if (now.grid === null || place === null) return 0;
  const perBar = stepsPerBar(place.pass.form.time_signature);
  const step = Math.floor(stepAt(now.grid, struck.at) + 0.5) - (place.pass.start + place.bar * perBar);
  return step >= 0 && step < perBar ? step : null;
}

/**
 * A pitch as songs write it; C4 is the middle C, 60.
 *
 * @param {number} pitch
 */
export const pitchName = (pitch) => `${PITCH_NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;

/**
 * A pitch as the chord has it that sounds with it.
 *
 * @param {number} pitch
 * @param {string} symbol of the chord; empty for none
 */
export const nameOver = (pitch, symbol) =>
  symbol ? `${spelled(pitch, symbol)}${Math.floor(pitch / 12) - 1}` : pitchName(pitch);

/**
 * The chord that sounds at a step of this bar; of one that is over, the next; empty without any.
 *
 * @param {Snapshot} now
 * @param {Place | null} place
 * @param {number} step
 */
export function symbolAt(now, place, step) {
  const line = place === null ? 0 : place.pass.start + place.bar * stepsPerBar(place.pass.form.time_signature);
  const begun = now.chords.filter((chord) => chord.step <= line + step);
  return (begun.at(-1) ?? now.chords[0])?.chord?.symbol ?? "";
}

/**
 * Whether SuperCollider is there, as far as is known.
 *
 * @param {Snapshot} now
 */
export const hasSuperCollider = (now) => now.peer.hello_at !== null && !now.peer.gone;

/**
 * Whether a machine's beat is being made or waits for the next sequence start.
 *
 * @param {Snapshot} now
 */
export const isBeatComing = (now) => now.beat_maker.wanted || now.beat_maker.coming !== null;
