// What an ensemble is told: effects as psc2/wire/codec.py writes them. Those of other types are none for an ensemble.

import { LAYERS, PITCHED, STROKES } from "./instruments.js";

/**
 * @typedef {{ type: "Strike", instrument: string, velocity: number }} Strike
 * @typedef {{ type: "NoteOn", instrument: string, pitch: number, velocity: number, note_id: number }} NoteOn
 * @typedef {{ type: "NoteOff", instrument: string, pitch: number, note_id: number }} NoteOff
 * @typedef {{ type: "Flush" }} Flush
 * @typedef {{ type: "Bend" | "Modulate", value: number }} Turn
 * @typedef {{ layer: string, in_supercollider: boolean, voice: string | null, gain_db: number, pan: number,
 *   room: number }} RigStrip
 * @typedef {{ type: "SetUp", rig: { strips: RigStrip[] } }} SetUp
 * @typedef {Strike | NoteOn | NoteOff | Flush | Turn | SetUp} Effect
 */

/**
 * Whether `value` is a number from `low` to `high`, both inclusive.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
const within = (value, low, high) => typeof value === "number" && value >= low && value <= high;

/** @param {RigStrip} strip */
const fits = (strip) =>
  LAYERS.includes(strip?.layer) && within(strip.gain_db, -60, 12) && within(strip.pan, -1, 1) && within(strip.room, 0, 1);

/**
 * Whether an ensemble can do what it is told. What it cannot is ignored, whole.
 * @param {Effect} effect
 */
export function isUnderstood(effect) {
  switch (effect?.type) {
    case "Strike":
      return Object.hasOwn(STROKES, effect.instrument) && within(effect.velocity, 1, 127);
    case "NoteOn":
      return (
        Object.hasOwn(PITCHED, effect.instrument) && within(effect.pitch, 0, 127) && within(effect.velocity, 1, 127)
      );
    case "NoteOff":
      return Object.hasOwn(PITCHED, effect.instrument);
    case "Bend":
      return within(effect.value, 0, 16383);
    case "Modulate":
      return within(effect.value, 0, 127);
    case "SetUp":
      return Array.isArray(effect.rig?.strips) && effect.rig.strips.every(fits);
    default:
      return effect?.type === "Flush";
  }
}
