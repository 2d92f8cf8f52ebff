/** The player's fingers on this page: screen, mouse and the computer's keys are one keyboard, source 0. */

/** @import {Say} from "./types.js" */

export class Hands {
  /** @type {Map<string, number>} */
  #fingers = new Map();

  /**
   * @param {Say} say
   * @param {() => void} changed
   */
  constructor(say, changed) {
    this.say = say;
    this.changed = changed;
  }

  /** The pitches that are held. */
  get pitches() {
    return new Set(this.#fingers.values());
  }

  /**
   * A finger strikes a key; what it held it lets go.
   *
   * @param {string} finger
   * @param {number} pitch 0–127
   * @param {number} velocity 1–127
   */
  strike(finger, pitch, velocity) {
    if (pitch < 0 || pitch > 127) return;
    this.lift(finger);
    this.#fingers.set(finger, pitch);
    this.say({ type: "KeyDown", source: 0, pitch, velocity });
    this.changed();
  }

  /**
   * A finger lets go; a key that another one holds, too, stays down.
   *
   * @param {string} finger
   */
  lift(finger) {
    const pitch = this.#fingers.get(finger);
    if (pitch === undefined) return;
    this.#fingers.delete(finger);
    if (!this.pitches.has(pitch)) this.say({ type: "KeyUp", source: 0, pitch });
    this.changed();
  }

  /** All fingers let go. */
  liftAll() {
    for (const finger of [...this.#fingers.keys()]) this.lift(finger);
  }
}
