/** What was played over which chord, since the loop was started. */

/** @import {ComingChord, Effect, Grid, Pass, Snapshot} from "./types.js" */
/** @import {Begun, By, Chorus, Placed} from "./choruses.js" */
import { chorusOf, hasNotes, kindOf, lastOf } from "./choruses.js";
import { originOf } from "./roll.js";
import { endOf, stepAt, STEPS_PER_QUARTER, stepsPerBar } from "./snapshot.js";

const MAX_CHORUSES = 64; // that are remembered …
const MAX_NOTES = 6000; // … and notes
const PUSHED_STEPS = 2; // before a chord, the most that a note which is meant for it comes early: an 8th
const NEAR_S = 0.06; // from an 8th, and a note is meant for it
const GESTURE_S = 0.1; // before the loop's first step, a key that comes with play
const ROUNDING_STEPS = 1e-6; // of a moment computed from a step
const LAYERS = ["lead", "bass"]; // recorded chords are the harmony itself

/**
 * `on` and `off` in seconds on the daemon's clock, as they were meant: without the player's latency. `place`:
 * in steps and fractions of one, null until it is known.
 *
 * @typedef {{by: By, pitch: number, id: number, instrument: string, on: number, off: number | null,
 *   place: number | null}} Played
 * @typedef {Played & {step: number}} Stepped
 */

export class Solo {
  /** @type {Played[]} */
  notes = [];
  /** @type {Begun[]} */
  chords = [];
  /** @type {Pass[]} */
  passes = [];
  /** How many passes have been forgotten. */
  forgotten = 0;
  /** The step that sounds, or at which the loop was stopped. */
  step = 0;
  /** @type {number[]} */
  strong = [];
  /** @type {Grid | null} */
  #grid = null;
  #isPlaying = false;

  /**
   * Effects as they go out. It only takes them down: `see` finds their place.
   *
   * @param {Effect[]} effects
   * @param {number} at when they went out
   * @param {Snapshot | null} now
   */
  hear(effects, at, now) {
    for (const effect of effects) {
      if (effect.type === "Flush") this.#flush(at);
      else if (effect.type === "NoteOn") this.#begin(effect, at, now);
      else if (effect.type === "NoteOff") this.#end(effect, at, now);
    }
  }

  /**
   * @param {Effect} effect
   * @param {number} at
   * @param {Snapshot | null} now
   */
  #begin(effect, at, now) {
    const { instrument = "", pitch = 0, note_id: id = 0 } = effect;
    const by = originOf(effect, now);
    if (by === "loop" || !LAYERS.includes(instrument)) return;
    this.notes.push({ by, pitch, id, instrument, on: meant(effect, at, now), off: null, place: null });
  }

  /**
   * @param {Effect} effect
   * @param {number} at
   * @param {Snapshot | null} now
   */
  #end(effect, at, now) {
    const { instrument, pitch, note_id: id = 0 } = effect;
    const is = (/** @type {Played} */ note) =>
      note.off === null && note.pitch === pitch && note.instrument === instrument && note.id === id;
    const note = lastOf(this.notes, is);
    if (note) note.off = Math.max(note.on, meant(effect, at, now));
  }

  /** @param {number} at */
  #flush(at) {
    this.notes = this.notes.filter((note) => note.on <= at);
    for (const note of this.notes) note.off ??= Math.max(at, note.on);
  }

  /**
   * How things stand: where the notes belong that have been heard, and which chords and passes have begun.
   *
   * @param {Snapshot} now
   * @param {number} at seconds on the daemon's clock
   */
  see(now, at) {
    if (now.grid !== null && !this.#isPlaying) this.#forget(now.grid);
    const wasPlaying = this.#isPlaying;
    this.#isPlaying = now.grid !== null;
    if (now.grid === null) {
      if (wasPlaying) this.#place(at);
      this.notes = this.notes.filter(({ place }) => place !== null);
      return;
    }
    this.#grid = now.grid;
    this.step = Math.floor(stepAt(now.grid, at) + ROUNDING_STEPS);
    this.strong = now.strong_steps;
    this.#seePasses(now.passes);
    this.#seeChords(now.chords);
    this.#place(Infinity);
  }

  /**
   * The loop starts: what was played before is over, but for the key that started it.
   *
   * @param {Grid} grid
   */
  #forget(grid) {
    const begin = grid.segments[0].anchor_s - GESTURE_S;
    this.notes = this.notes.filter((note) => note.on >= begin);
    for (const note of this.notes) note.place = null;
    [this.chords, this.passes, this.forgotten] = [[], [], 0];
  }

  /** @param {number} until what began before, in seconds */
  #place(until) {
    for (let n = this.notes.length - 1; n >= 0 && this.notes[n].place === null; n -= 1) {
      const note = this.notes[n];
      if (this.#grid !== null && note.on <= until) note.place = stepAt(this.#grid, note.on);
    }
    if (this.notes.length > MAX_NOTES) this.notes.splice(0, this.notes.length - MAX_NOTES);
  }

  /** @param {Pass[]} passes the latest */
  #seePasses(passes) {
    for (const pass of passes) {
      const known = this.passes.findIndex(({ start }) => start === pass.start);
      if (known >= 0) this.passes[known] = pass;
      else this.passes.push(pass);
    }
    const tooMany = Math.max(0, this.passes.length - MAX_CHORUSES);
    this.passes.splice(0, tooMany);
    this.forgotten += tooMany;
  }

  /**
   * The chords from the one that sounds on are what they are now, whatever was to come before.
   *
   * @param {ComingChord[]} coming
   */
  #seeChords(coming) {
    const next = coming.length > 0 ? coming : [{ step: Math.max(0, this.step), chord: null, section: "" }];
    while ((this.chords.at(-1)?.step ?? -1) >= next[0].step) this.chords.pop();
    for (const { step, chord, section } of next) {
      const last = this.chords.at(-1);
      if (last === undefined || last.chord?.symbol !== chord?.symbol) this.chords.push({ step, chord, section });
    }
  }

  /** Whether something was played over a chord, as far as is known at once. */
  get isThere() {
    return this.notes.length > 0 && this.chords.some(({ chord }) => chord !== null);
  }

  /**
   * The choruses over chords in which something was played.
   *
   * @returns {Chorus[]}
   */
  choruses() {
    const notes = this.notes.flatMap((note) =>
      note.place === null ? [] : [{ ...note, step: this.#stepOf(note.place) }]);
    notes.sort((a, b) => a.on - b.on);
    const found = this.passes.map((pass, n) => {
      const [begin, end] = [pass.start, endOf(pass)];
      const held = lastOf(this.chords, ({ step }) => step <= begin);
      const isNear = (/** @type {Begun} */ { step }) => step > begin && step <= end + PUSHED_STEPS;
      const chords = this.chords.filter((begun) => begun === held || isNear(begun));
      const near = notes.filter(({ step }) => step >= begin - PUSHED_STEPS && step < end);
      const within = this.#judged(near, chords, pass).filter(({ step }) => step >= begin && step < end);
      return chorusOf(pass, n + 1 + this.forgotten, chords, within, this.step);
    });
    return found.filter(hasNotes);
  }

  /**
   * @param {Stepped[]} notes in the order in which they were played
   * @param {Begun[]} chords
   * @param {Pass} pass
   * @returns {Placed[]} in the order of the steps that they were meant for
   */
  #judged(notes, chords, { start, form }) {
    const judged = notes.map(({ by, pitch }, n) => {
      const step = this.#meantFor(n, notes, chords);
      const chord = lastOf(chords, (begun) => begun.step <= step)?.chord ?? null;
      const strong = this.strong.includes((step - start) % stepsPerBar(form.time_signature));
      return { by, pitch, kind: kindOf(pitch, chord), strong, step };
    });
    return judged.sort((a, b) => a.step - b.step);
  }

  /**
   * The 16th that a note is nearest to; an 8th's, where it is less than `NEAR_S` from it: at fast tempos.
   *
   * @param {number} place
   */
  #stepOf(place) {
    const segment = this.#grid?.segments.at(-1);
    const pass = lastOf(this.passes, ({ start }) => start <= place);
    if (segment === undefined || pass === undefined) return Math.floor(place + 0.5);
    const near = Math.min(1, (NEAR_S * segment.qpm * STEPS_PER_QUARTER) / 60);
    const perBar = stepsPerBar(pass.form.time_signature);
    const line = pass.start + Math.floor((place - pass.start) / perBar) * perBar;
    const eighth = Math.min(line + perBar, line + 2 * Math.round((place - line) / 2));
    return Math.abs(place - eighth) <= near ? eighth : Math.floor(place + 0.5);
  }

  /**
   * The step whose chord a note is meant for: the next chord's, where it comes at most an 8th before it, rings
   * into it and is followed by nothing of its player until then.
   *
   * @param {number} n which of the notes
   * @param {Stepped[]} notes in the order in which they were played
   * @param {Begun[]} chords
   */
  #meantFor(n, notes, chords) {
    const { by, step, off } = notes[n];
    const next = chords.find((begun) => begun.step > step && begun.step <= step + PUSHED_STEPS);
    const end = off === null || this.#grid === null ? Infinity : stepAt(this.#grid, off);
    if (next === undefined || end <= next.step + 1) return step;
    for (let later = n + 1; later < notes.length && notes[later].step <= next.step; later += 1) {
      if (notes[later].by === by && notes[later].step > step) return step;
    }
    return next.step;
  }
}

/**
 * The moment that an effect is meant for: what hands sound at once they meant a little earlier.
 *
 * @param {Effect} effect
 * @param {number} at
 * @param {Snapshot | null} now
 */
const meant = (effect, at, now) => effect.at ?? at - (now?.latency_s ?? 0);
