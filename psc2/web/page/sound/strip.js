import { remaining } from "./envelopes.js";

/** @import { Channel } from "./voice.js" */

const LAG_S = 0.05; // within which a gain, a pan or a room changes, so that nothing clicks
const MOST = 4; // of a gain

/**
 * The way of a layer into the mix: so many times as loud, and moved by `pan` from left (−1) to right (1). Of that,
 * `room` (0–1) goes into the room.
 */
export class Strip {
  heard = true;
  gain = 1; // where it goes
  pan = 0;
  room = 0;
  #gain = 1; // where it is
  #pan = 0;
  #room = 0;

  /**
   * @param {string} voice "" for clicks and drums, which have none
   * @param {number} rate frames a second
   * @param {number} frames that are mixed at once, at most
   */
  constructor(voice, rate, frames) {
    this.voice = voice;
    this.rate = rate;
    this.left = new Float64Array(frames); // what is played to it
    this.right = new Float64Array(frames);
  }

  /**
   * Adds what was played to it to two channels, and what the room has of it to two others, from `begin` on up to
   * `end`, and is empty then.
   * @param {{ left: Channel, right: Channel }} mix
   * @param {{ left: Channel, right: Channel }} room
   * @param {number} begin
   * @param {number} end
   */
  mix(mix, room, begin, end) {
    let { left: leftGain, right: rightGain } = this.#gains();
    let share = this.#room;
    const part = 1 - remaining(end - begin, LAG_S, this.rate);
    this.#gain += (Math.min(this.gain, MOST) - this.#gain) * part;
    this.#pan += (this.pan - this.#pan) * part;
    this.#room += (this.room - this.#room) * part;
    const next = this.#gains();
    const leftStep = (next.left - leftGain) / (end - begin);
    const rightStep = (next.right - rightGain) / (end - begin);
    const shareStep = (this.#room - share) / (end - begin);
    for (let at = begin; at < end; at++) {
      const left = whole(this.left[at]) * (leftGain += leftStep);
      const right = whole(this.right[at]) * (rightGain += rightStep);
      share += shareStep;
      mix.left[at] += left;
      mix.right[at] += right;
      room.left[at] += left * share;
      room.right[at] += right * share;
    }
    this.left.fill(0, begin, end);
    this.right.fill(0, begin, end);
  }

  /** As loud in the middle as at either side: 1 each in the middle, √2 at a side. */
  #gains() {
    const angle = ((this.#pan + 1) * Math.PI) / 4;
    return { left: Math.cos(angle) * this.#gain * Math.SQRT2, right: Math.sin(angle) * this.#gain * Math.SQRT2 };
  }
}

/**
 * A sample, or 0 for what is no number: a voice gone wrong silences its layer only while it sounds.
 * @param {number} sample
 */
const whole = (sample) => (Number.isFinite(sample) ? sample : 0);
