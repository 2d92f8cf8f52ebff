// The voices, with the numbers of sclang/synthdefs.scd, which says what each is meant to be. Both sound alike: what is
// changed there is to be changed here, and tests/web holds the one against the other.

import { Gate, Ramp, bent, eased, fall, scaled, stroke } from "./envelopes.js";
import { Peak } from "./filters.js";
import { Oscillator, below, harmonics } from "./oscillators.js";
import { Air, Brightness, Knock, TURN, Voice } from "./voice.js";

/** @import { Note } from "./voice.js" */

/** @param {number} part */
const struck = (part) => bent(part, -4);

const PLUCK = { sin: Math.sin(0.24 * TURN), cos: Math.cos(0.24 * TURN) }; // a quarter of the string from its end

/** An upright bass, plucked with the finger. */
class Upright extends Voice {
  /** @param {Note} note */
  constructor(note) {
    super(note, 0.0685, new Gate(note.rate, 0.003, 0.1, struck));
    this.string = new Oscillator();
    this.brightness = new Brightness();
    this.ringing = new Ramp();
    this.finger = new Knock(note, scaled(this.hard, 0, 1, 500, 1100), 0.8, 0.06, this.hard * 1.2);
    this.nail = new Knock({ ...note, seed: ~note.seed }, 2500, 0.5, 0.04, this.hard * this.hard * 2);
    this.zing = new Air(this.hard, 0.3);
    this.low = new Peak(205, 0.5, 2.5, note.rate);
    this.high = new Peak(430, 0.8, 3, note.rate);
    this.length_s = scaled(note.pitch, 28, 67, 9, 3);
  }

  /** @override @type {Voice["control"]} */
  control(time_s, hz, frames) {
    const swell = time_s < 0.08
      ? 0.8 + 0.2 * bent(time_s / 0.08, -3)
      : 1 - 0.65 * bent(Math.min((time_s - 0.08) / 1.5, 1), -3);
    this.brightness.toward(scaled(this.hard, 0, 1, 0.06, 0.35) * swell, hz, frames);
    this.ringing.toward(fall(time_s, this.length_s) * (0.65 + 0.35 * fall(time_s, 0.5)), frames);
    this.zing.toward(fall(time_s, 0.6), hz, frames);
    this.string.tune(hz, this.note.rate);
  }

  /** @override @type {Voice["sound"]} */
  sound(left, right, begin, end) {
    const { string, gain } = this;
    for (let at = begin; at < end; at++, this.frame++) {
      const { sin, cos } = string;
      const factor = this.brightness.factor.next();
      const power = this.brightness.power.next();
      const near = harmonics(sin, cos, factor, power);
      const far = harmonics(sin * PLUCK.cos + cos * PLUCK.sin, cos * PLUCK.cos - sin * PLUCK.sin, factor, power);
      const fingers = this.finger.at(this.frame) + this.nail.at(this.frame);
      const plucked = (near - far) * this.ringing.next() + fingers + this.zing.next(sin, cos);
      const sample = this.high.next(this.low.next(plucked * this.gate.at(this.frame))) * gain;
      left[at] += sample;
      right[at] += sample;
      string.turn();
    }
  }
}

/** An electric piano: a tone bar, a tine above it, and a pickup that barks. It wanders between the sides. */
class ElectricPiano extends Voice {
  /** @param {Note} note */
  constructor(note) {
    super(note, 0.0757, new Gate(note.rate, 0.002, 0.15, struck));
    this.bar = new Oscillator();
    this.tine = new Oscillator();
    this.brightness = new Brightness();
    this.bell = new Air(this.hard, 0.12);
    this.ringing = new Ramp();
    this.wander = new Ramp();
    this.hammer = new Knock(note, scaled(note.pitch, 40, 96, 300, 1200), 1, 0.03, this.hard * 0.5);
    this.length_s = scaled(note.pitch, 40, 96, 14, 4);
    this.tineGain = 0;
  }

  /** @override @type {Voice["control"]} */
  control(time_s, hz, frames) {
    const bark = scaled(this.hard, 0, 1, 0.05, 0.6);
    this.brightness.toward(bark * (0.25 + 0.45 * fall(time_s, 1.8) + 0.3 * fall(time_s, 0.25)), hz, frames);
    this.ringing.toward(fall(time_s, this.length_s), frames);
    this.bell.toward(fall(time_s, 0.8), hz, frames);
    this.wander.toward(0.15 * Math.sin(TURN * 3.5 * time_s), frames);
    this.tineGain = this.hard * 0.2 * below(hz * 6.27, 5000);
    this.bar.tune(hz, this.note.rate);
    this.tine.tune(hz * 6.27, this.note.rate);
  }

  /** @override @type {Voice["sound"]} */
  sound(left, right, begin, end) {
    const { bar, tine, gain } = this;
    const tineEnd = 0.402 * this.note.rate;
    for (let at = begin; at < end; at++, this.frame++) {
      let sample = harmonics(bar.sin, bar.cos, this.brightness.factor.next(), this.brightness.power.next());
      sample += this.bell.next(bar.sin, bar.cos) + this.hammer.at(this.frame);
      if (this.frame < tineEnd) {
        sample += tine.sin * this.tineGain * stroke(this.frame / this.note.rate, 0.002, 0.4, -6);
        tine.turn();
      }
      sample *= this.ringing.next() * this.gate.at(this.frame) * gain;
      const wander = this.wander.next();
      left[at] += sample * (1 + wander);
      right[at] += sample * (1 - wander);
      bar.turn();
    }
  }
}

/** A reed piano: duller when touched, nasal and biting when struck, and sooner gone. */
class ReedPiano extends Voice {
  /** @param {Note} note */
  constructor(note) {
    super(note, 0.0653, new Gate(note.rate, 0.0015, 0.12, struck));
    this.reed = new Oscillator();
    this.brightness = new Brightness();
    this.rasp = new Air(this.hard, 0.2);
    this.ringing = new Ramp();
    this.hammer = new Knock(note, 2000, 1, 0.015, this.hard * 0.5);
    this.body = new Peak(1100, 1.2, 4, note.rate);
    this.length_s = scaled(note.pitch, 40, 96, 9, 3);
    this.third = 0;
  }

  /** @override @type {Voice["control"]} */
  control(time_s, hz, frames) {
    const bite = scaled(this.hard, 0, 1, 0.06, 0.75);
    this.brightness.toward(bite * (0.35 + 0.4 * fall(time_s, 1.2) + 0.25 * fall(time_s, 0.2)), hz, frames);
    this.ringing.toward(fall(time_s, this.length_s), frames);
    this.rasp.toward(0.3 + 0.7 * fall(time_s, 0.6), hz, frames);
    this.third = this.hard * 0.2 * below(hz * 3, 5000);
    this.reed.tune(hz, this.note.rate);
  }

  /** @override @type {Voice["sound"]} */
  sound(left, right, begin, end) {
    const { reed, gain, third } = this;
    for (let at = begin; at < end; at++, this.frame++) {
      const { sin, cos } = reed;
      let sample = harmonics(sin, cos, this.brightness.factor.next(), this.brightness.power.next());
      sample += sin * (3 - 4 * sin * sin) * third; // sin 3x
      sample += this.rasp.next(sin, cos) + this.hammer.at(this.frame);
      sample = this.body.next(sample) * this.ringing.next() * this.gate.at(this.frame) * gain;
      left[at] += sample;
      right[at] += sample;
      reed.turn();
    }
  }
}

/** A drawbar organ with its percussion, before a slow rotor. Harder means more of the upper bars. */
class Organ extends Voice {
  /** @param {Note} note */
  constructor(note) {
    super(note, 0.0467, new Gate(note.rate, 0.004, 0.06, eased));
    this.wheel = new Oscillator(); // turns an octave below the note
    this.rotor = new Ramp();
    this.percussion = new Ramp();
    this.bars = new Float64Array(7); // 16′, 8′, 5⅓′, 4′, 2⅔′, 2′, 1⅓′
  }

  /** @override @type {Voice["control"]} */
  control(time_s, hz, frames) {
    const { hard, bars } = this;
    const square = hard * hard;
    bars[0] = bar(hz * 0.5, 0.55);
    bars[1] = bar(hz, 1);
    bars[2] = bar(hz * 1.5, 0.3);
    bars[3] = bar(hz * 2, hard * 0.5);
    bars[4] = bar(hz * 3, hard * 0.35);
    bars[5] = bar(hz * 4, square * 0.3);
    bars[6] = bar(hz * 6, square * 0.12);
    this.percussion.toward(bar(hz * 3, square * 0.5) * fall(time_s, 0.5), frames); // has the pitch of that bar
    this.rotor.toward(Math.sin(TURN * 0.8 * time_s), frames);
    this.wheel.tune(hz / 2, this.note.rate);
  }

  /** @override @type {Voice["sound"]} */
  sound(left, right, begin, end) {
    const { wheel, bars, gain } = this;
    for (let at = begin; at < end; at++, this.frame++) {
      // Powers of one turning point: its square turns twice as fast, and so on.
      const { sin: s1, cos: c1 } = wheel;
      const s2 = 2 * s1 * c1, c2 = c1 * c1 - s1 * s1;
      const s3 = s1 * c2 + c1 * s2;
      const s4 = 2 * s2 * c2, c4 = c2 * c2 - s2 * s2;
      const s6 = s2 * c4 + c2 * s4, c6 = c2 * c4 - s2 * s4;
      const drum = s1 * bars[0] + s2 * bars[1] + s3 * bars[2];
      const horn = s4 * bars[3] + s6 * (bars[4] + this.percussion.next()) + 2 * s4 * c4 * bars[5] + 2 * s6 * c6 * bars[6];
      const level = this.gate.at(this.frame) * gain;
      const rotor = this.rotor.next();
      left[at] += (drum * (1 + 0.08 * rotor) + horn * (1 + 0.3 * rotor)) * level;
      right[at] += (drum * (1 - 0.08 * rotor) + horn * (1 - 0.3 * rotor)) * level;
      wheel.turn();
    }
  }
}

/**
 * How strong a drawbar's pitch is: less where it would fold back, and below what is heard.
 * @param {number} hz
 * @param {number} amount
 */
const bar = (hz, amount) => amount * below(hz, 5000) * below(28, hz);

const SIDES = [-0.07, 0.07].map((semitones) => 2 ** (semitones / 12));

/** A warm pad: three strings of an ensemble, one in the middle and one to either side, that open slowly. */
class Pad extends Voice {
  /** @param {Note} note */
  constructor(note) {
    const attack_s = 0.2 + (0.06 - 0.2) * (note.velocity / 127);
    super(note, 0.048, new Gate(note.rate, attack_s, 0.5, eased));
    this.middle = new Oscillator();
    this.lower = new Oscillator();
    this.upper = new Oscillator();
    this.brightness = new Brightness();
    this.air = new Air(this.hard, 0.12);
  }

  /** @override @type {Voice["control"]} */
  control(time_s, hz, frames) {
    const swell = time_s < 0.5 ? 0.3 + 0.7 * eased(time_s / 0.5) : 1 - 0.3 * eased(Math.min((time_s - 0.5) / 3, 1));
    this.brightness.toward(scaled(this.hard, 0, 1, 0.08, 0.5) * swell, hz, frames);
    this.air.toward(swell, hz, frames);
    this.middle.tune(hz, this.note.rate);
    this.lower.tune(hz * SIDES[0], this.note.rate);
    this.upper.tune(hz * SIDES[1], this.note.rate);
  }

  /** @override @type {Voice["sound"]} */
  sound(left, right, begin, end) {
    const { middle, lower, upper, gain } = this;
    for (let at = begin; at < end; at++, this.frame++) {
      const factor = this.brightness.factor.next();
      const power = this.brightness.power.next();
      const level = this.gate.at(this.frame) * gain;
      const sample = harmonics(middle.sin, middle.cos, factor, power) + this.air.next(middle.sin, middle.cos);
      left[at] += (sample + 0.6 * harmonics(lower.sin, lower.cos, factor, power)) * level;
      right[at] += (sample + 0.6 * harmonics(upper.sin, upper.cos, factor, power)) * level;
      middle.turn();
      lower.turn();
      upper.turn();
    }
  }
}

/** What each name of a rig's voice sounds as. @type {Record<string, new (note: Note) => Voice>} */
export const VOICES = { upright: Upright, epiano: ElectricPiano, wurly: ReedPiano, organ: Organ, pad: Pad };
