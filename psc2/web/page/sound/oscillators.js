// What voices are made of: a turning point, all its harmonics, and noise.

/** A point that turns on a circle: its sine and its cosine, from 0 and 1 on. */
export class Oscillator {
  sin = 0;
  cos = 1;
  #sinStep = 0;
  #cosStep = 1;

  /**
   * From here on it turns `hz` times a second.
   * @param {number} hz
   * @param {number} rate frames a second
   */
  tune(hz, rate) {
    const angle = (2 * Math.PI * hz) / rate;
    this.#sinStep = Math.sin(angle);
    this.#cosStep = Math.cos(angle);
    const correction = 1.5 - 0.5 * (this.sin * this.sin + this.cos * this.cos); // back onto the circle
    this.sin *= correction;
    this.cos *= correction;
  }

  /** One frame further. */
  turn() {
    const sin = this.sin * this.#cosStep + this.cos * this.#sinStep;
    this.cos = this.cos * this.#cosStep - this.sin * this.#sinStep;
    this.sin = sin;
  }
}

/**
 * By which factor each harmonic is weaker than the one before it: `brightness` at 440 Hz, higher below and lower above,
 * so much that half the sample rate is out of reach and nothing folds back.
 * @param {number} brightness 0–0.8
 * @param {number} hz of the fundamental
 */
export const factorOf = (brightness, hz) => brightness ** Math.sqrt(hz / 440);

/**
 * All harmonics of a turning point, each by `factor` weaker than the one before it; with `power` √(1 − factor²) their
 * power together is the same whatever the factor.
 * Source: Moorer, "The Synthesis of Complex Audio Spectra by Means of Discrete Summation Formulas" (1976).
 * @param {number} sin of the fundamental
 * @param {number} cos
 * @param {number} factor 0–1
 * @param {number} power
 */
export const harmonics = (sin, cos, factor, power) => (sin * power) / (1 + factor * factor - 2 * factor * cos);

/**
 * 1 below `limit` (Hz), towards 0 above it: keeps overtones away from half the sample rate, where they would fold back.
 * @param {number} hz
 * @param {number} limit
 */
export const below = (hz, limit) => Math.min((limit / hz) ** 2, 1);

const DICE = 16; // the k-th is thrown every 2^(k+1) frames or so
const SIDES = 2 ** 19;
const MEAN = ((DICE + 1) * SIDES) / 2;

/** Noise with as much power in each octave, within (−1, 1). Source: Voss and McCartney, as SuperCollider has it. */
export class PinkNoise {
  #dice = new Int32Array(DICE);
  #total = 0;
  #state;

  /** @param {number} seed the same seed, the same noise; a whole number */
  constructor(seed) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ 0x2018) | 1; // never 0
    for (let die = 0; die < DICE; die++) this.#total += this.#dice[die] = this.#random() >>> 13;
  }

  next() {
    const random = this.#random();
    const die = (31 - Math.clz32(random & -random)) & (DICE - 1);
    const thrown = random >>> 13;
    this.#total += thrown - this.#dice[die];
    this.#dice[die] = thrown;
    return (this.#total + (this.#random() >>> 13) - MEAN) / (8 * SIDES);
  }

  #random() {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (this.#state = state);
  }
}
