/** The computer's keys, as the panel has them: letters are actions, or a piano. */

/** @import {Binding, Layer, Press, Snapshot, Tell, Welcome} from "./types.js" */
/** @import {Hands} from "./hands.js" */
import { presentOf } from "./actions.js";

const PIANO_KEYS = "awsedftgyhujkolp;'"; // from C on, a semitone each
const VELOCITY = 90;
const ANSWER_MS = 250; // within which psc2 shows what has been asked for
const OCTAVES = { low: 0, high: 7 }; // of the lowest key; 4 begins with middle C, pitch 60
const NAMES = /** @type {Record<string, string>} */ ({
  ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right", Escape: "escape", Enter: "enter",
  Tab: "tab",
});
/** @type {Layer[]} */
const LAYERS = ["click", "bass", "drums", "chords", "lead"];
const FIRST_VOLUME = "lead";
const BUTTON_KEYS = new Set(["Enter", " "]);
const SLIDER_KEYS = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown"]);

/**
 * How many semitones above its C a key of the piano is; −1 for none. `z` is where QWERTZ has `y`.
 *
 * @param {string} key
 */
const semitone = (key) => (key.length === 1 ? PIANO_KEYS.indexOf(key === "z" ? "y" : key) : -1);

export class Keys {
  isPiano = false;
  octave = 4;
  isPedalDown = false;
  showsKeys = false;
  /** Whose volume - and + change. @type {Layer} */
  layer = FIRST_VOLUME;
  /** @type {Map<string, Binding>} */
  #bindings = new Map();
  /** @type {Map<string, {low: number, high: number}>} */
  #values = new Map();
  /** The value asked for last, by action and layer, and when. @type {Map<string, {value: number, at: number}>} */
  #asked = new Map();

  /**
   * @param {Hands} hands
   * @param {Press} press
   * @param {() => Snapshot | null} snapshot
   * @param {Tell} tell
   * @param {() => void} changed
   */
  constructor(hands, press, snapshot, tell, changed) {
    this.hands = hands;
    this.press = press;
    this.snapshot = snapshot;
    this.tell = tell;
    this.changed = changed;
    addEventListener("keydown", (event) => this.#down(event));
    addEventListener("keyup", (event) => this.hands.lift(fingerOf(event)));
    addEventListener("blur", () => this.release());
    document.addEventListener("visibilitychange", () => document.hidden && this.release());
  }

  /** @param {Welcome} welcome */
  build({ keys, actions }) {
    this.#bindings = new Map(keys.map((binding) => [binding.key, binding]));
    this.#values = new Map(actions.flatMap(({ name, values }) => (values === null ? [] : [[name, values]])));
  }

  /** The keys of the piano, by the pitch that they stand for; none while the letters are actions. */
  get labels() {
    if (!this.isPiano) return new Map();
    return new Map([...PIANO_KEYS].map((key, n) => [12 * (this.octave + 1) + n, key]));
  }

  /** The hands leave the keyboard: nothing sounds on. */
  release() {
    this.hands.liftAll();
    this.movePedal(false);
  }

  /** The loop stops, everything is silent: which is what stop is while the loop is stopped. */
  panic() {
    const presses = this.snapshot()?.grid ? 2 : 1;
    for (let n = 0; n < presses; n += 1) this.press("stop");
  }

  /** @param {number} octaves */
  shift(octaves) {
    this.octave = Math.min(OCTAVES.high, Math.max(OCTAVES.low, this.octave + octaves));
    this.changed();
  }

  /** @param {boolean} isOn */
  setPiano(isOn) {
    this.isPiano = isOn;
    if (!isOn) this.release();
    this.changed();
  }

  /** @param {boolean} isDown */
  movePedal(isDown) {
    if (isDown === this.isPedalDown) return;
    this.isPedalDown = isDown;
    this.press("sustain", null, isDown ? 127 : 0);
    this.changed();
  }

  /** @param {boolean} shows */
  showKeys(shows) {
    this.showsKeys = shows;
    this.changed();
  }

  /** @param {KeyboardEvent} event */
  #down(event) {
    const key = NAMES[event.key] ?? event.key;
    if (!isTyped(event) || isTakenBy(event) || (key === "tab" && !this.isPiano)) return;
    event.preventDefault();
    if (event.repeat) this.#repeat(key);
    else this.#press(key, event);
  }

  /** @param {string} key */
  #repeat(key) {
    if (this.#bindings.get(key)?.repeats && !this.#isPianos(key)) this.#ask(key);
  }

  /**
   * Whether the piano takes a key: while it is on, all letters and what moves it.
   *
   * @param {string} key
   */
  #isPianos(key) {
    const isLetter = /^\p{L}$/u.test(key);
    return this.isPiano && (isLetter || key === "," || key === "." || semitone(key) >= 0);
  }

  /**
   * @param {string} key
   * @param {KeyboardEvent} event
   */
  #press(key, event) {
    if (this.#isPianos(key)) this.#play(key.toLowerCase(), fingerOf(event));
    else if (key === "escape" || key === "enter") {
      this.showsKeys = false;
      this.setPiano(false);
    } else if (key === "k") this.setPiano(true);
    else if (key === "tab") this.movePedal(!this.isPedalDown);
    else if (key === "?") this.showKeys(!this.showsKeys);
    else if (key === "v") this.#nextLayer();
    else if (key === "p") this.panic();
    else if (key === " ") this.press(this.snapshot()?.grid ? "stop" : "play");
    else if (key === "q") this.tell("q: a page does not end psc2; Ctrl-C in its terminal does");
    else if (this.#bindings.has(key)) this.#ask(key);
    else if (key.length === 1) this.#tellUnbound(key);
  }

  /**
   * @param {string} key
   * @param {string} finger
   */
  #play(key, finger) {
    if (semitone(key) >= 0) this.hands.strike(finger, 12 * (this.octave + 1) + semitone(key), VELOCITY);
    else if (key === "," || key === ".") this.shift(key === "," ? -1 : +1);
    else this.tell(`${key}: the piano is on; ESC gives the letters back`);
  }

  #nextLayer() {
    this.layer = LAYERS[(LAYERS.indexOf(this.layer) + 1) % LAYERS.length];
    this.tell(`- and + change the volume of the ${this.layer}`);
  }

  /** @param {string} key */
  #tellUnbound(key) {
    const caps = key.toLowerCase() === key ? "" : ": is Caps Lock on?";
    this.tell(`${key}: nothing is bound to it${caps}; ? shows the keys`);
  }

  /**
   * Ask for a key's action, with a step from the present value where it sets one. Who presses faster than is
   * shown what comes of it goes on from what was asked for.
   *
   * @param {string} key
   */
  #ask(key) {
    const binding = this.#bindings.get(key);
    if (binding === undefined) return;
    const { action, step } = binding;
    const layer = action === "volume" ? this.layer : binding.layer;
    const values = this.#values.get(action);
    if (step === null || values === undefined) return this.press(action, layer);
    const now = this.snapshot();
    const asked = this.#asked.get(`${action} ${layer}`);
    const age = asked ? performance.now() - asked.at : Infinity;
    const isOnItsWay = asked && age >= 0 && age <= ANSWER_MS;
    const present = isOnItsWay ? asked.value : now && presentOf(now, action, layer);
    if (present === null) return;
    const value = Math.min(values.high, Math.max(values.low, Math.round((present + step) * 1e6) / 1e6));
    this.#asked.set(`${action} ${layer}`, { value, at: performance.now() });
    this.press(action, layer, value);
  }
}

/**
 * A key by its place, so that Shift in between leaves no note behind.
 *
 * @param {KeyboardEvent} event
 */
const fingerOf = (event) => `key ${event.code || event.key.toLowerCase()}`;

/**
 * Whether it is a key by itself, and not one of the browser's own commands. AltGr, and the Mac's Option, are
 * part of how brackets are written.
 *
 * @param {KeyboardEvent} event
 */
function isTyped(event) {
  if (event.isComposing || event.defaultPrevented) return false;
  if (event.getModifierState("AltGraph")) return true;
  const isWritten = event.key.length === 1 && !/[\p{L}\d\s]/u.test(event.key);
  return !event.ctrlKey && !event.metaKey && (!event.altKey || isWritten);
}

/**
 * Whether a control that has the focus takes the key itself.
 *
 * @param {KeyboardEvent} event
 */
function isTakenBy({ key, target }) {
  if (target instanceof HTMLInputElement) return target.type !== "range" || SLIDER_KEYS.has(key);
  const role = target instanceof Element ? target.getAttribute("role") : null;
  if (role === "slider" || (target instanceof Element && target.matches(".bars"))) return SLIDER_KEYS.has(key);
  return (target instanceof HTMLButtonElement || role === "button") && BUTTON_KEYS.has(key);
}
