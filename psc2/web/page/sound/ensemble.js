// All that sounds: effects in, samples out, and time as the count of frames. It knows nothing of a browser.
//
//   effects ──▶ queue ──▶ voices and samples ──▶ a strip for each layer ─┬────────▶ limiter ──▶
//                                                                        └─▶ room ─▶┘

import { isUnderstood } from "./effects.js";
import { remaining } from "./envelopes.js";
import { BEND_RANGE, LAYERS, PITCHED, STROKES, VIBRATO_RANGE } from "./instruments.js";
import { Limiter } from "./limiter.js";
import { Queue } from "./queue.js";
import { Room } from "./room.js";
import { Sample } from "./sample.js";
import { Strip } from "./strip.js";
import { VOICES } from "./voices.js";

/** @import { Channel, Voice } from "./voice.js" */

/** @import { Effect, NoteOff, NoteOn, RigStrip, Strike } from "./effects.js" */

/**
 * What sounds, where, as what, and what a NoteOff calls it.
 * @typedef {{ sound: Voice | Sample, strip: Strip, instrument: string, name: string }} Part
 */

const MOST = 64; // sounds at once
const STEP = 64; // frames, at most, from one control value to the next
const TOO_LATE_S = 0.05; // past its moment: what begins later, after a stall, is left out
const BEND_LAG_S = 0.01;
const VIBRATO_LAG_S = 0.05;

/** A note's own name: its id, from 1 on, or else its pitch. @param {NoteOn | NoteOff} note */
const nameOf = ({ instrument, pitch, note_id }) => `${instrument} ${note_id > 0 ? note_id : -1 - pitch}`;

export class Ensemble {
  frame = 0; // the next one to be rendered
  /** @type {Queue<{ effect: Effect, number: number }>} */
  #queue = new Queue();
  /** @type {Part[]} in the order in which they began */
  #playing = [];
  /** @type {Part[]} those whose place was needed; they are silent within some milliseconds */
  #leaving = [];
  /** @type {Map<string, Part>} the notes that a NoteOff ends, by name */
  #held = new Map();
  #wheels = { bend: 0, vibrato: 0 }; // in semitones: where they are …
  #turned = { bend: 0, vibrato: 0 }; // … and where they go
  #still = { bend: 0, vibrato: 0 };
  #received = 0; // effects
  #begun = 0; // notes

  /**
   * @param {number} rate frames a second
   * @param {Record<string, Float32Array>} samples of each click and drum, at this rate
   * @param {number} most frames that are rendered at once
   */
  constructor(rate, samples, most = 128) {
    this.rate = rate;
    this.samples = samples;
    /** @type {Map<string, Strip>} */
    this.strips = new Map(LAYERS.map((layer) => [layer, new Strip(PITCHED[layer]?.voice ?? "", rate, most)]));
    this.room = new Room(rate, most);
    this.limiter = new Limiter(rate);
    this.left = new Float64Array(most);
    this.right = new Float64Array(most);
  }

  /** How many sounds there are at this moment. */
  get sounding() {
    return this.#playing.length + this.#leaving.length;
  }

  /**
   * What is to sound, or to happen to what sounds. It leaves on the very frame of its moment, although the limiter
   * delays it: as long as it comes so much sooner. What is not understood is ignored.
   * @param {Effect} effect
   * @param {number | null} when in seconds, where frame 0 is at 0; null: at once
   */
  play(effect, when) {
    if (!isUnderstood(effect)) return;
    const due = when === null ? this.frame : Math.round(when * this.rate) - this.limiter.frames;
    const begins = effect.type === "Strike" || effect.type === "NoteOn";
    if (Number.isNaN(due) || (begins && this.frame - due > TOO_LATE_S * this.rate)) return;
    const beginning = this.#beginningOf(effect);
    if (effect.type === "NoteOff" && beginning > this.frame && due === beginning) {
      const name = nameOf(effect); // it ends as it begins: it has been taken back
      return this.#queue.drop(({ effect: other }) => other.type === "NoteOn" && nameOf(other) === name);
    }
    this.#queue.add(Math.max(due, this.frame, beginning), { effect, number: this.#received++ });
  }

  /** When the note begins that a NoteOff ends and that still waits for its moment; else long ago. */
  /** @param {Effect} effect */
  #beginningOf(effect) {
    if (effect.type !== "NoteOff") return -Infinity;
    const name = nameOf(effect);
    return this.#queue.lastDue(({ effect: other }) => other.type === "NoteOn" && nameOf(other) === name);
  }

  /**
   * The next frames, into `left` and `right`. Returns the largest sample among them, 0–1.
   * @param {Channel} left
   * @param {Channel} right
   */
  render(left, right) {
    const frames = left.length;
    this.left.fill(0);
    this.right.fill(0);
    for (let begin = 0, end = 0; begin < frames; begin = end) {
      for (; this.#queue.due <= this.frame; ) this.#happen();
      end = Math.min(begin + STEP, frames, begin + this.#queue.due - this.frame);
      this.#sound(begin, end);
      this.frame += end - begin;
    }
    this.room.surround(this.left, this.right, frames);
    this.limiter.turnDown(this.left, this.right, frames);
    let peak = 0;
    for (let at = 0; at < frames; at++) {
      left[at] = this.left[at];
      right[at] = this.right[at];
      peak = Math.max(peak, Math.abs(left[at]), Math.abs(right[at]));
    }
    return peak;
  }

  /** @param {number} begin @param {number} end */
  #sound(begin, end) {
    const frames = end - begin;
    const { bend, vibrato } = this.#turned;
    this.#wheels.bend = bend + (this.#wheels.bend - bend) * remaining(frames, BEND_LAG_S, this.rate);
    this.#wheels.vibrato = vibrato + (this.#wheels.vibrato - vibrato) * remaining(frames, VIBRATO_LAG_S, this.rate);
    this.#soundAll(this.#playing, begin, end);
    this.#soundAll(this.#leaving, begin, end);
    for (const strip of this.strips.values()) strip.mix(this, this.room, begin, end);
  }

  /** Those that are over are forgotten. @param {Part[]} parts @param {number} begin @param {number} end */
  #soundAll(parts, begin, end) {
    let kept = 0;
    for (const part of parts) {
      part.sound.render(part.strip.left, part.strip.right, begin, end);
      if (!part.sound.over) parts[kept++] = part;
      else if (this.#held.get(part.name) === part) this.#held.delete(part.name);
    }
    parts.length = kept;
  }

  #happen() {
    const next = this.#queue.next();
    if (!next) return;
    const { effect, number } = next;
    switch (effect.type) {
      case "Strike":
        return this.#strike(effect);
      case "NoteOn":
        return this.#noteOn(effect);
      case "NoteOff":
        return this.#noteOff(nameOf(effect));
      case "Flush":
        return this.#flush(number);
      case "Bend":
        this.#turned.bend = ((effect.value - 8192) / 8192) * BEND_RANGE;
        return;
      case "Modulate":
        this.#turned.vibrato = (effect.value / 127) * VIBRATO_RANGE;
        return;
      case "SetUp":
        return effect.rig.strips.forEach((strip) => this.#setUp(strip));
    }
  }

  /** @param {Strike} effect */
  #strike({ instrument, velocity }) {
    const { layer, gain } = STROKES[instrument];
    const strip = this.#strip(layer);
    if (!strip.heard) return;
    // A closed hi-hat ends an open one: one and the same pair of cymbals.
    if (instrument === "clhat") this.#playing.forEach((part) => part.instrument === "ophat" && part.sound.release());
    const sound = new Sample(this.samples[instrument], velocity, gain, this.rate);
    this.#begin({ sound, strip, instrument, name: "" });
  }

  /** @param {NoteOn} effect */
  #noteOn(effect) {
    const { instrument, pitch, velocity } = effect;
    const strip = this.#strip(instrument);
    if (!strip.heard) return;
    const name = nameOf(effect);
    const wheels = instrument === "lead" ? this.#wheels : this.#still; // only the lead has wheels
    const { level } = PITCHED[instrument];
    const note = { rate: this.rate, pitch, velocity, level, wheels, seed: ++this.#begun };
    const part = { sound: new VOICES[strip.voice](note), strip, instrument, name };
    this.#noteOff(name);
    this.#held.set(name, part);
    this.#begin(part);
  }

  /** @param {string} name */
  #noteOff(name) {
    this.#held.get(name)?.sound.release();
    this.#held.delete(name);
  }

  /** If there are too many, the oldest one that has been released makes room, or else the oldest of all. */
  /** @param {Part} part */
  #begin(part) {
    if (this.#playing.length >= MOST) {
      const oldest = Math.max(this.#playing.findIndex(({ sound }) => sound.released), 0);
      const [leaving] = this.#playing.splice(oldest, 1);
      leaving.sound.shut();
      this.#leaving.push(leaving);
      if (this.#leaving.length > MOST) this.#leaving.shift();
    }
    this.#playing.push(part);
  }

  /** What was received before the flush and still waits is dropped, what sounds is released. @param {number} number */
  #flush(number) {
    this.#queue.drop((waiting) => waiting.number < number);
    this.#playing.forEach(({ sound }) => sound.release());
    this.#held.clear();
  }

  /** What sounds on a layer that changes ends with its old voice; another gain, pan or room is nothing to end for. */
  /** @param {RigStrip} wanted */
  #setUp({ layer, in_supercollider, voice, gain_db, pan, room }) {
    const strip = this.#strip(layer);
    const known = voice !== null && Object.hasOwn(VOICES, voice) ? voice : (PITCHED[layer]?.voice ?? "");
    if (strip.heard !== in_supercollider || strip.voice !== known) {
      for (const [name, part] of this.#held) if (part.strip === strip) this.#noteOff(name);
    }
    strip.heard = in_supercollider;
    strip.voice = known;
    strip.gain = 10 ** (gain_db / 20);
    strip.pan = pan;
    strip.room = room;
  }

  /** @param {string} layer */
  #strip(layer) {
    return /** @type {Strip} */ (this.strips.get(layer));
  }
}
