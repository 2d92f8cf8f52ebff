import { Gate } from "./envelopes.js";
import { loudness } from "./voice.js";

/** @import { Channel } from "./voice.js" */

const CHOKE_S = 0.005;

/** A drum or click: from its first frame to its last, or until it is choked. */
export class Sample {
  frame = 0; // how many it has sounded

  /**
   * @param {Float32Array} frames at the rate at which it is played
   * @param {number} velocity 1–127
   * @param {number} level gain
   * @param {number} rate frames a second
   */
  constructor(frames, velocity, level, rate) {
    this.frames = frames;
    this.gain = loudness(velocity) * level;
    this.gate = new Gate(rate, 0, CHOKE_S, (part) => part);
  }

  /** Whether it is silent from here on. */
  get over() {
    return this.frame >= this.frames.length || this.gate.over(this.frame);
  }

  get released() {
    return this.gate.closed !== Infinity;
  }

  release() {
    this.gate.close(this.frame);
  }

  /** Ends at once, but without a click. */
  shut() {
    this.gate.shut(this.frame, CHOKE_S);
  }

  /**
   * Adds the next frames to `left` and `right`, from `begin` on up to `end`.
   * @param {Channel} left
   * @param {Channel} right
   * @param {number} begin
   * @param {number} end
   */
  render(left, right, begin, end) {
    const last = Math.min(end, begin + this.frames.length - this.frame);
    for (let at = begin; at < last; at++, this.frame++) {
      const sample = this.frames[this.frame] * this.gate.at(this.frame) * this.gain;
      left[at] += sample;
      right[at] += sample;
    }
  }
}
