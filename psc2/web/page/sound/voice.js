// What all voices have in common. A voice adds what it sounds to two channels, a few frames at a time. Its control values
// (brightness, fall, frequency) are those at the end of these frames, and go there straight.

import { Gate, Ramp, stroke } from "./envelopes.js";
import { BandPass } from "./filters.js";
import { PinkNoise, factorOf, harmonics } from "./oscillators.js";

/**
 * @typedef {object} Wheels what is added to a pitch, in semitones
 * @property {number} bend
 * @property {number} vibrato its depth to either side
 *
 * @typedef {object} Note
 * @property {number} rate frames a second
 * @property {number} pitch MIDI note number, 0–127
 * @property {number} velocity 1–127
 * @property {number} level gain: more for a note of a line than for one of a chord
 * @property {Wheels} wheels
 * @property {number} seed of its noise
 *
 * @typedef {Float32Array | Float64Array} Channel
 */

/** A whole turn, in radians. */
export const TURN = 2 * Math.PI;
const VIBRATO_HZ = 5.5;
const SHUT_S = 0.005; // within which a voice ends whose place is needed

/**
 * How loud a velocity is: 127 → 1, 100 → 0.71, 64 → 0.38, 1 → 0.03, so that the softest touch is still heard.
 * @param {number} velocity 1–127
 */
export const loudness = (velocity) => 0.03 + 0.97 * (velocity / 127) ** 1.5;

/** A sound with a pitch, from key down to silence. */
export class Voice {
  frame = 0; // how many it has sounded

  /**
   * @param {Note} note
   * @param {number} calibration gain that brings a line at velocity 100 and level 1 to −28 LUFS
   * @param {Gate} gate
   */
  constructor(note, calibration, gate) {
    this.note = note;
    this.hard = note.velocity / 127;
    this.gain = loudness(note.velocity) * note.level * calibration;
    this.gate = gate;
  }

  /** Whether it is silent from here on. */
  get over() {
    return this.gate.over(this.frame);
  }

  get released() {
    return this.gate.closed !== Infinity;
  }

  release() {
    this.gate.close(this.frame);
  }

  /** Ends at once, but without a click. */
  shut() {
    this.gate.shut(this.frame, SHUT_S);
  }

  /**
   * Adds the next frames to `left` and `right`, from `begin` on up to `end`.
   * @param {Channel} left
   * @param {Channel} right
   * @param {number} begin
   * @param {number} end
   */
  render(left, right, begin, end) {
    const { rate, pitch, wheels } = this.note;
    const time_s = (this.frame + end - begin) / rate;
    const wobble = wheels.vibrato && wheels.vibrato * Math.sin(TURN * VIBRATO_HZ * time_s);
    const hz = 440 * 2 ** ((pitch + wheels.bend + wobble - 69) / 12);
    this.control(time_s, hz, end - begin);
    this.sound(left, right, begin, end);
  }

  /**
   * Where the control values go.
   * @param {number} _time_s since its beginning, at the end of these frames
   * @param {number} _hz
   * @param {number} _frames
   */
  control(_time_s, _hz, _frames) {}

  /**
   * @param {Channel} _left
   * @param {Channel} _right
   * @param {number} _begin
   * @param {number} _end
   */
  sound(_left, _right, _begin, _end) {}
}

/** A short noise: what a finger, a hammer or a key adds. It opens in 2 ms and is gone in `length_s`. */
export class Knock {
  /**
   * @param {Note} note
   * @param {number} hz
   * @param {number} rq
   * @param {number} length_s
   * @param {number} gain
   */
  constructor(note, hz, rq, length_s, gain) {
    this.noise = new PinkNoise(note.seed);
    this.band = new BandPass(hz, rq, note.rate);
    this.length_s = length_s;
    this.gain = gain;
    this.rate = note.rate;
    this.end = (0.002 + length_s) * note.rate;
  }

  /** @param {number} frame */
  at(frame) {
    if (frame >= this.end) return 0;
    return this.band.next(this.noise.next()) * stroke(frame / this.rate, 0.002, this.length_s, -4) * this.gain;
  }
}

/** The factor of harmonics, and what keeps their power the same. */
export class Brightness {
  factor = new Ramp();
  power = new Ramp();

  /**
   * @param {number} brightness
   * @param {number} hz
   * @param {number} frames
   */
  toward(brightness, hz, frames) {
    const factor = factorOf(brightness, hz);
    this.factor.toward(factor, frames);
    this.power.toward(Math.sqrt(1 - factor * factor), frames);
  }
}

/** A little air above the rest: the brightest harmonics that there are, weak, and the stronger the harder it is struck. */
export class Air {
  #brightness = new Brightness();
  #level = new Ramp();

  /**
   * @param {number} hard how hard the key was struck, 0–1
   * @param {number} gain
   */
  constructor(hard, gain) {
    this.gain = hard * hard * gain;
  }

  /**
   * @param {number} part of its strength at the beginning
   * @param {number} hz
   * @param {number} frames
   */
  toward(part, hz, frames) {
    this.#brightness.toward(0.8, hz, frames);
    this.#level.toward(this.gain * part, frames);
  }

  /**
   * @param {number} sin of the fundamental
   * @param {number} cos
   */
  next(sin, cos) {
    return harmonics(sin, cos, this.#brightness.factor.next(), this.#brightness.power.next()) * this.#level.next();
  }
}
