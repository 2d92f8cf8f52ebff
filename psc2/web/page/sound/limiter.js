/** @import { Channel } from "./voice.js" */

const CEILING = 10 ** (-0.5 / 20); // no sample that leaves is larger
const LOOK_AHEAD_S = 0.002; // by which everything is delayed
const RECOVERY_S = 0.15; // in which it takes back most of what it has turned down
const MOST = 64; // what is larger has gone wrong, and is cut

/** The way out: what exceeds the ceiling is turned down in time, and nothing else is changed. */
export class Limiter {
  #peak = 0;
  #at = 0;
  #sum;

  /** @param {number} rate frames a second */
  constructor(rate) {
    this.frames = Math.round(LOOK_AHEAD_S * rate); // how late the sound leaves
    this.decay = Math.exp(-1 / (rate * RECOVERY_S));
    this.limit = CEILING * Math.exp(-this.frames / (rate * RECOVERY_S)); // a peak has sunk so far when its sound leaves
    this.left = new Float64Array(this.frames);
    this.right = new Float64Array(this.frames);
    this.gains = new Float64Array(this.frames).fill(1);
    this.#sum = this.frames;
  }

  /**
   * @param {Channel} left what comes, and then what leaves
   * @param {Channel} right
   * @param {number} frames
   */
  turnDown(left, right, frames) {
    for (let frame = 0; frame < frames; frame++) {
      const at = this.#at;
      const comingLeft = clipped(left[frame], MOST);
      const comingRight = clipped(right[frame], MOST);
      const peak = Math.max(Math.abs(comingLeft), Math.abs(comingRight));
      this.#peak = Math.max(peak, peak + this.decay * (this.#peak - peak));
      const gain = this.limit / Math.max(this.#peak, this.limit);
      this.#sum += gain - this.gains[at];
      this.gains[at] = gain;
      left[frame] = clipped((this.left[at] * this.#sum) / this.frames, CEILING);
      right[frame] = clipped((this.right[at] * this.#sum) / this.frames, CEILING);
      this.left[at] = comingLeft;
      this.right[at] = comingRight;
      this.#at = at + 1 < this.frames ? at + 1 : 0;
    }
  }
}

/**
 * @param {number} sample
 * @param {number} limit
 */
const clipped = (sample, limit) => Math.min(Math.max(sample, -limit), limit);
