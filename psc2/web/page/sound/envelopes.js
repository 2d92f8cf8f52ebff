// How what sounds goes up and down. Times are in seconds, frames count from a voice's own first one.

/**
 * `value` from 0 to 1 as a curve: straight for 0, the more below 0 the steeper at first.
 * @param {number} value 0–1
 * @param {number} curve
 */
export const bent = (value, curve) =>
  curve === 0 ? value : (1 - Math.exp(curve * value)) / (1 - Math.exp(curve));

/**
 * From 0 to 1 as the first half of a cosine, upside down.
 * @param {number} value 0–1
 */
export const eased = (value) => 0.5 - 0.5 * Math.cos(Math.PI * value);

/**
 * `value` of the range `low` to `high` as a ratio between `from` and `to`; the range's ends are not exceeded.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @param {number} from above 0
 * @param {number} to above 0
 */
export function scaled(value, low, high, from, to) {
  const part = Math.min(Math.max((value - low) / (high - low), 0), 1);
  return from * (to / from) ** part;
}

/**
 * What falls by 60 dB within `length_s` and stays there, after `time_s`.
 * @param {number} time_s
 * @param {number} length_s
 */
export const fall = (time_s, length_s) => 0.001 ** Math.min(time_s / length_s, 1);

/**
 * From 0 to 1 and back: what is struck. 0 from `attack_s + length_s` on.
 * @param {number} time_s
 * @param {number} attack_s
 * @param {number} length_s
 * @param {number} curve
 */
export function stroke(time_s, attack_s, length_s, curve) {
  if (time_s < attack_s) return bent(time_s / attack_s, curve);
  return 1 - bent(Math.min((time_s - attack_s) / length_s, 1), curve);
}

/**
 * How much of a step a lag of `time_s` has still before it after `frames`: a thousandth after its time.
 * @param {number} frames
 * @param {number} time_s
 * @param {number} rate frames a second
 */
export const remaining = (frames, time_s, rate) => 0.001 ** (frames / (time_s * rate));

/** Goes straight from one control value to the next, a step each frame. The first one it has at once. */
export class Ramp {
  value = NaN;
  step = 0;

  /**
   * @param {number} target where it is after `frames`
   * @param {number} frames
   */
  toward(target, frames) {
    if (Number.isNaN(this.value)) this.value = target;
    this.step = (target - this.value) / frames;
  }

  next() {
    this.value += this.step;
    return this.value;
  }
}

/** A gate is open for this many frames at least: a note whose end comes with its beginning is heard all the same. */
const SHORTEST = 64;

/** Opens within its attack while the key is down, and closes within its release. */
export class Gate {
  /**
   * @param {number} rate frames a second
   * @param {number} attack_s 0: open from the first frame on
   * @param {number} release_s
   * @param {(part: number) => number} closing from 0 to 1
   */
  constructor(rate, attack_s, release_s, closing) {
    this.rate = rate;
    this.attack = Math.round(attack_s * rate);
    this.release = release_s * rate;
    this.closing = closing;
    this.closed = Infinity; // the frame at which it begins to close …
    this.level = 1; // … and how far it is open by then, 0–1
  }

  /** @param {number} frame */
  at(frame) {
    if (frame >= this.closed) {
      const part = (frame - this.closed) / this.release;
      return part < 1 ? this.level * (1 - this.closing(part)) : 0;
    }
    return frame < this.attack ? eased(frame / this.attack) : 1;
  }

  /** @param {number} frame that it closes from; a second time changes nothing */
  close(frame) {
    if (this.closed !== Infinity) return;
    const from = Math.max(frame, SHORTEST);
    this.level = this.at(from);
    this.closed = from;
  }

  /**
   * Closes faster than it would: for a sound whose place is needed.
   * @param {number} frame
   * @param {number} time_s
   */
  shut(frame, time_s) {
    this.level = this.at(frame);
    this.closed = frame;
    this.release = time_s * this.rate;
    this.closing = eased;
  }

  /** @param {number} frame */
  over(frame) {
    return frame >= this.closed + this.release;
  }
}
