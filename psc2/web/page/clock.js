/** The daemon's clock, seen from the page. */

const SAMPLES = 16; // of round trips that are remembered
const FIRST = 6; // of them that are asked for quickly
const FIRST_MS = 60;
const EVERY_MS = 1000;
const DRIFT = 100e-6; // seconds a second that two clocks may run apart
const SLACK_S = 0.001;

/** @typedef {{at: number, offset: number, roundTrip: number}} Sample all in seconds */

/**
 * The offset that is known best: that of the smallest round trip, where an older one counts for less.
 *
 * @param {Sample[]} samples at least one
 * @param {number} now
 * @returns {Sample}
 */
export function best(samples, now) {
  const doubt = (/** @type {Sample} */ sample) => sample.roundTrip / 2 + DRIFT * (now - sample.at);
  return samples.reduce((known, sample) => (doubt(sample) <= doubt(known) ? sample : known));
}

/**
 * The samples with one more. The true offset is within half a round trip of each: where the new one
 * cannot be true together with what was known, a clock has stood still (the computer slept), and only
 * the new one counts.
 *
 * @param {Sample[]} samples
 * @param {Sample} sample
 * @returns {Sample[]}
 */
export function withSample(samples, sample) {
  const known = samples.length ? best(samples, sample.at) : sample;
  const doubt = (known.roundTrip + sample.roundTrip) / 2 + DRIFT * (sample.at - known.at) + SLACK_S;
  if (Math.abs(sample.offset - known.offset) > doubt) return [sample];
  return [...samples, sample].slice(-SAMPLES);
}

export class Clock {
  /** @type {Sample[]} */
  #samples = [];
  #timer = 0;

  /**
   * @param {(message: object) => void} say says a `Ping`
   * @param {() => number} own the page's own clock, in seconds
   */
  constructor(say, own = () => performance.now() / 1000) {
    this.say = say;
    this.own = own;
    document.addEventListener("visibilitychange", () => document.hidden || this.#timer === 0 || this.#ping(FIRST));
  }

  /** Ask, from now on: quickly at first. Where another daemon has another clock, its first answer tells. */
  start() {
    this.#ping(FIRST);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }

  /** @param {number} quick how many are to follow soon */
  #ping(quick) {
    clearTimeout(this.#timer);
    this.say({ type: "Ping", sent: this.own() });
    this.#timer = window.setTimeout(() => this.#ping(Math.max(0, quick - 1)), quick > 0 ? FIRST_MS : EVERY_MS);
  }

  /**
   * An answer.
   *
   * @param {number} sent
   * @param {number} at
   */
  heard(sent, at) {
    const now = this.own();
    this.#samples = withSample(this.#samples, { at: now, offset: at - (sent + now) / 2, roundTrip: now - sent });
  }

  /** Whether it is known what the daemon's clock shows. */
  get isSet() {
    return this.#samples.length > 0;
  }

  /** From the page's clock to the daemon's, in seconds. */
  get offset() {
    return this.isSet ? best(this.#samples, this.own()).offset : 0;
  }

  /** The shortest way to the daemon and back, in seconds; null before the first. */
  get roundTrip() {
    return this.isSet ? best(this.#samples, this.own()).roundTrip : null;
  }

  /** What the daemon's clock shows, in seconds. */
  now() {
    return this.own() + this.offset;
  }
}
