// The room around the band, with the numbers of sclang's \psc2_room: on either side a network of eight delays that feed
// one another, and so an echo that grows dense and dies away. What comes from one side stays there.
// Source: Jot and Chaigne, "Digital delay networks for designing artificial reverberators" (1991).

/** @import { Channel } from "./voice.js" */

const DECAY_S = 0.4; // in which it falls by 60 dB
const AWAY_S = 0.009; // from the sound to the first echo
const LOWEST_HZ = 200; // the bass stays dry
const HIGHEST_HZ = 5000; // the walls take more of what is above
const LENGTHS_MS = [
  [11.3, 13.1, 15.7, 17.9, 20.3, 23.9, 26.3, 29.9],
  [10.7, 12.7, 14.9, 18.7, 21.1, 22.7, 27.1, 30.7],
];
const LOUDNESS = 0.45; // gain of the delays that makes a tone from the room as loud as the tone

/** One side's delays. */
class Side {
  #at = 0;
  #last = 0; // what the high pass keeps back
  #damped = new Float64Array(8);

  /**
   * @param {number[]} lengths_ms
   * @param {number} rate frames a second
   */
  constructor(lengths_ms, rate) {
    this.lengths = Int32Array.from(lengths_ms, (length) => Math.round((length / 1000) * rate));
    this.gains = Float64Array.from(this.lengths, (length) => 0.001 ** (length / (DECAY_S * rate)));
    this.away = Math.round(AWAY_S * rate);
    this.size = 2 ** Math.ceil(Math.log2(Math.max(...this.lengths, this.away) + 1));
    this.lines = Array.from(this.lengths, () => new Float64Array(this.size));
    this.coming = new Float64Array(this.size);
    this.low = 1 - Math.exp((-2 * Math.PI * LOWEST_HZ) / rate);
    this.high = 1 - Math.exp((-2 * Math.PI * HIGHEST_HZ) / rate);
  }

  /** @param {number} sample */
  next(sample) {
    const { lines, lengths, gains, size } = this;
    const damped = this.#damped;
    const at = (this.#at = (this.#at + 1) & (size - 1));
    this.#last += (sample - this.#last) * this.low;
    this.coming[at] = sample - this.#last;
    const entering = this.coming[(at - this.away) & (size - 1)];
    let sum = 0;
    let echo = 0;
    for (let line = 0; line < 8; line++) {
      const back = lines[line][(at - lengths[line]) & (size - 1)] * gains[line];
      damped[line] += (back - damped[line]) * this.high;
      sum += damped[line];
      echo += line & 1 ? -damped[line] : damped[line];
    }
    for (let line = 0; line < 8; line++) lines[line][at] = audible(entering + damped[line] - sum / 4);
    return echo;
  }
}

/**
 * 0 for what is far below hearing, where numbers become slow to reckon with.
 * @param {number} sample
 */
const audible = (sample) => (Math.abs(sample) < 1e-15 ? 0 : sample);

/** Adds the echo of what is sent into it to what sounds. */
export class Room {
  /**
   * @param {number} rate frames a second
   * @param {number} most frames that are rendered at once
   */
  constructor(rate, most) {
    this.left = new Float64Array(most); // what is sent into it
    this.right = new Float64Array(most);
    this.sides = LENGTHS_MS.map((lengths_ms) => new Side(lengths_ms, rate));
  }

  /**
   * It is empty then.
   * @param {Channel} left
   * @param {Channel} right
   * @param {number} frames
   */
  surround(left, right, frames) {
    const [leftSide, rightSide] = this.sides;
    for (let at = 0; at < frames; at++) {
      left[at] += LOUDNESS * leftSide.next(this.left[at]);
      right[at] += LOUDNESS * rightSide.next(this.right[at]);
    }
    this.left.fill(0, 0, frames);
    this.right.fill(0, 0, frames);
  }
}
