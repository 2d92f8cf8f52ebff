// Filters of second order, as SuperCollider has them.

/** Lets a band pass. */
export class BandPass {
  #first = 0;
  #second = 0;

  /**
   * @param {number} hz of its middle
   * @param {number} rq its width, in parts of `hz`
   * @param {number} rate frames a second
   */
  constructor(hz, rq, rate) {
    const angle = (2 * Math.PI * hz) / rate;
    const width = 1 / Math.tan((rq * angle) / 2);
    this.gain = 1 / (1 + width);
    this.b1 = 2 * Math.cos(angle) * width * this.gain;
    this.b2 = (1 - width) * this.gain;
  }

  /** @param {number} sample */
  next(sample) {
    const now = sample + this.b1 * this.#first + this.b2 * this.#second;
    const passed = this.gain * (now - this.#second);
    this.#second = this.#first;
    this.#first = now;
    return passed;
  }
}

/** Strengthens a band. Source: Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients". */
export class Peak {
  #first = 0;
  #second = 0;

  /**
   * @param {number} hz of its middle
   * @param {number} rq its width, in parts of `hz`
   * @param {number} db by how much
   * @param {number} rate frames a second
   */
  constructor(hz, rq, db, rate) {
    const angle = (2 * Math.PI * hz) / rate;
    const alpha = Math.sin(angle) * 0.5 * rq;
    const strength = 10 ** (db / 40);
    const scale = 1 / (1 + alpha / strength);
    this.a0 = (1 + alpha * strength) * scale;
    this.a2 = (1 - alpha * strength) * scale;
    this.b1 = 2 * Math.cos(angle) * scale;
    this.b2 = (alpha / strength - 1) * scale;
  }

  /** @param {number} sample */
  next(sample) {
    const now = sample + this.b1 * this.#first + this.b2 * this.#second;
    const changed = this.a0 * now - this.b1 * this.#first + this.a2 * this.#second;
    this.#second = this.#first;
    this.#first = now;
    return changed;
  }
}
