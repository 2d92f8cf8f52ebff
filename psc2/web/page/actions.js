/** The table of actions as the page shows it. An action without a row is shown all the same, by its name. */

/** @import {Binding, Layer, Snapshot} from "./types.js" */
import { isEveryBeat, isTransposing } from "./practice.js";
import { isBeatComing } from "./snapshot.js";

/**
 * How an action is shown: `group` it stands in, `label` on it, what it is lit by (`lit` for on, `armed` for
 * about to be, `recording`), the value that holds, for what sets one, and whether that is a whole number.
 *
 * @typedef {"" | "lit" | "armed" | "recording"} Light
 * @typedef {object} Look
 * @property {string} [group]
 * @property {string} [label]
 * @property {(now: Snapshot, layer: Layer | null) => Light} [light]
 * @property {(now: Snapshot, layer: Layer | null) => number} [present]
 * @property {boolean} [isWhole]
 */

const FINE = 100; // a slider over so much has whole numbers

/** @type {(is: boolean) => Light} */
const lit = (is) => (is ? "lit" : "");

/** @type {Record<string, Look>} */
const LOOKS = {
  play: { group: "loop", light: (now) => lit(now.grid !== null) },
  stop: { group: "loop" },
  tap: { group: "loop" },
  qpm: { group: "loop", label: "tempo", present: (now) => now.qpm },
  swing: { group: "loop", label: "swing, percent", present: (now) => Math.round(1000 * now.feel.ratio) / 10 },
  quantise: { group: "loop", label: "quantise, percent", present: (now) => now.feel.quantise_percent },
  learn_swing: { group: "loop", label: "swing as I play", light: (now) => lit(now.feel.learns) },
  bars_down: { group: "form", label: "− bar" },
  bars_up: { group: "form", label: "bar +" },
  numerator_down: { group: "form", label: "− beat" },
  numerator_up: { group: "form", label: "beat +" },
  denominator_down: { group: "form", label: "longer beats" },
  denominator_up: { group: "form", label: "shorter beats" },
  overdub: { group: "takes", light: (now) => lit(now.overdub) },
  undo: { group: "takes" },
  redo: { group: "takes" },
  look_back: { group: "takes", light: (now) => lit(now.look_back !== null) },
  close_look_back: { group: "takes" },
  free: { group: "machine", label: "play free", light: (now) => lit(now.mode === "free") },
  improv: { group: "machine", light: (now) => lit(now.mode === "improv") },
  listen: { group: "machine", label: "listen, answer", light: (now) => lit(now.improv.held) },
  again: { group: "machine" },
  skip: { group: "machine" },
  lay_out: { group: "machine", label: "machine off", light: (now) => lit(now.improv.muted) },
  turns: { group: "machine", light: (now) => lit(now.improv.rule.kind !== "count") },
  harmony: { group: "machine", light: (now) => lit(now.chords.length > 0 && now.harmony !== "off") },
  bass_player: { group: "band", label: "bass", light: (now) => lit(now.band.bass !== "off") },
  comping_player: { group: "band", label: "chords", light: (now) => lit(now.band.comping !== "off") },
  keep_chorus: { group: "band" },
  transpose: { group: "practice", label: "other keys", light: ({ practice }) => lit(isTransposing(practice)) },
  hold: { group: "hands", label: "listening pedal" },
  deterministic_drums: {
    group: "machine", label: "beat of the bassline", light: (now) => lit(now.beat === "deterministic"),
  },
  model_drums: {
    group: "machine", label: "machine's beat",
    light: (now) => (isBeatComing(now) ? "armed" : lit(now.beat === "model")),
  },
  melody_temperature: {
    group: "machine", label: "surprising pitches", present: (now) => now.improv.temperature,
  },
  drums_temperature: {
    group: "machine", label: "surprising beats", present: (now) => now.beat_maker.temperature,
  },
  count_in_down: { group: "practice", label: "− count-in" },
  count_in_up: { group: "practice", label: "count-in +" },
  click_beats: { group: "practice", label: "click on", light: ({ practice }) => lit(!isEveryBeat(practice)) },
  gap: {
    group: "practice", label: "gaps",
    light: ({ practice, gap }) => (gap.is_silent ? "armed" : lit(practice.gap.mode !== "none")),
  },
  gap_click_bars: {
    group: "practice", label: "bars that click", isWhole: true, present: ({ practice }) => practice.gap.click_bars,
  },
  gap_silent_bars: {
    group: "practice", label: "bars of a gap", isWhole: true, present: ({ practice }) => practice.gap.silent_bars,
  },
  gap_chance: { group: "practice", label: "gaps, percent", present: ({ practice }) => practice.gap.chance_percent },
  metronome_only: { group: "practice", light: ({ practice }) => lit(practice.metronome_only) },
  ramp: { group: "practice", label: "tempo ramp", light: ({ practice }) => lit(practice.ramp.active) },
  ramp_back: { group: "practice", label: "ramp returns", light: ({ practice }) => lit(practice.ramp.back) },
  ramp_step: { group: "practice", label: "ramp, qpm each", present: ({ practice }) => practice.ramp.step_qpm },
  ramp_passes: {
    group: "practice", label: "ramp, passes each", isWhole: true, present: ({ practice }) => practice.ramp.passes,
  },
  ramp_limit: { group: "practice", label: "ramp's limit", present: ({ practice }) => practice.ramp.limit_qpm },
  sustain: { group: "hands" },
  modulation: { group: "hands" },
  calibrate: { group: "hands", label: "tap test", light: (now) => (now.mode === "calibrate" ? "armed" : "") },
  record: {
    light: (now, layer) => {
      if (now.recording === null || now.recording.layer !== layer) return "";
      return now.recording.start === null ? "armed" : "recording";
    },
  },
  mute: { light: (now, layer) => lit(now.mixer.faders[layer ?? "lead"].muted) },
  solo: { light: (now, layer) => lit(now.mixer.faders[layer ?? "lead"].soloed) },
  volume: { present: (now, layer) => now.mixer.faders[layer ?? "lead"].gain },
};
export const GROUPS = ["loop", "takes", "machine", "band", "form", "practice", "hands", "more"];
const KEY_NAMES = /** @type {Record<string, string>} */ ({ up: "↑", down: "↓", left: "←", right: "→", " ": "space" });
const COMMON_KEYS = /** @type {Record<string, string>} */ ({ play: " ", stop: " ", volume: "v, then - +" });

/** @param {string} name */
const look = (name) => (Object.hasOwn(LOOKS, name) ? LOOKS[name] : {});

/** @param {string} name */
export const labelOf = (name) => look(name).label ?? name.replaceAll("_", " ");

/** @param {string} name */
export const groupOf = (name) => look(name).group ?? "more";

/**
 * @param {Snapshot} now
 * @param {string} name
 * @param {Layer | null} layer
 */
export const lightOf = (now, name, layer) => look(name).light?.(now, layer) ?? "";

/**
 * The value that holds; null if it is not known.
 *
 * @param {Snapshot} now
 * @param {string} name
 * @param {Layer | null} layer
 */
export const presentOf = (now, name, layer) => look(name).present?.(now, layer) ?? null;

/**
 * How far a slider of an action goes at a time; `span` is how far in all.
 *
 * @param {string} name
 * @param {number} span
 */
export const stepOf = (name, span) => (look(name).isWhole || span >= FINE ? 1 : 0.01);

/** @param {string} key */
export const keyName = (key) => KEY_NAMES[key] ?? key;

/**
 * The computer's keys that ask for an action, as they are written; empty if there are none.
 *
 * @param {Binding[]} keys
 * @param {string} action
 * @param {Layer | null} layer
 */
export function shortcutOf(keys, action, layer) {
  if (Object.hasOwn(COMMON_KEYS, action)) return keyName(COMMON_KEYS[action]);
  return keys.filter((one) => one.action === action && (one.layer === null || one.layer === layer))
    .map(({ key }) => keyName(key)).join(" ");
}

/**
 * A value as it is shown: a volume of 1 is 100.
 *
 * @param {string} name
 * @param {number} value
 */
export function valueText(name, value) {
  return name === "volume" ? String(Math.round(value * 100)) : String(Number(value.toPrecision(4)));
}
