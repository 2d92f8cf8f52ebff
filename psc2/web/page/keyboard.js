/** The piano on the screen: for fingers and the mouse; it also shows what sounds. */

/** @import {Hands} from "./hands.js" */
import { button, make, mark, write } from "./element.js";
import { pitchName } from "./snapshot.js";

const MIN_KEY_PX = 34; // of a white key, for a finger
const MIN_OCTAVES = 1;
const MAX_OCTAVES = 5;
const SOFTEST = 35; // velocities, from a key's upper end …
const LOUDEST = 120; // … to its lower one
const BLACK = new Set([1, 3, 6, 8, 10]);
const WHITE_BEFORE = [0, 1, 1, 2, 2, 3, 4, 4, 5, 5, 6, 6]; // of an octave

/**
 * How loud a key is struck, by where: 0 at its upper end, 1 at its lower one.
 *
 * @param {number} place
 * @returns {number} 1–127
 */
export function velocityAt(place) {
  return Math.round(SOFTEST + (LOUDEST - SOFTEST) * Math.min(1, Math.max(0, place)));
}

export class Keyboard {
  /** @type {Map<number, HTMLElement>} */
  #keys = new Map();
  #octave = 4;
  #octaves = 0;
  /** @type {Map<number, string>} */
  #labels = new Map();
  /** Where each finger is. @type {Map<string, number>} */
  #held = new Map();

  /**
   * @param {HTMLElement} place
   * @param {Hands} hands
   * @param {{shift: (octaves: number) => void, pedal: () => void, piano: () => void}} asked
   */
  constructor(place, hands, asked) {
    this.hands = hands;
    this.keys = make("div", { class: "keys", role: "group", "aria-label": "Piano keys" });
    this.lower = button("‹", () => asked.shift(-1), { "aria-label": "an octave lower" });
    this.higher = button("›", () => asked.shift(+1), { "aria-label": "an octave higher" });
    this.pedal = button("pedal", asked.pedal, { "aria-pressed": "false" });
    this.piano = button("", asked.piano, { "aria-pressed": "false" });
    this.range = make("output", { "aria-label": "octave" }, "");
    place.replaceChildren(
      make("div", { class: "hands" }, this.lower, this.range, this.higher, this.pedal, this.piano), this.keys,
    );
    this.#listen();
    new ResizeObserver(() => this.#build()).observe(this.keys);
  }

  /**
   * How the computer's keys stand.
   *
   * @param {{octave: number, isPiano: boolean, isPedalDown: boolean, labels: Map<number, string>}} typing
   */
  stand({ octave, isPiano, isPedalDown, labels }) {
    mark(this.pedal, "aria-pressed", isPedalDown);
    mark(this.pedal, "data-light", isPedalDown ? "lit" : null);
    mark(this.piano, "aria-pressed", isPiano);
    mark(this.piano, "data-light", isPiano ? "lit" : null);
    write(this.piano, isPiano ? "computer's keys: piano (ESC)" : "computer's keys: actions (k: piano)");
    write(this.range, `C${octave}`);
    this.#labels = labels;
    this.#octave = octave;
    this.#octaves = 0;
    this.#build();
  }

  /**
   * Which keys are down, by whom.
   *
   * @param {Map<number, string>} sounding `you`, `loop` or `machine`, by pitch
   */
  show(sounding) {
    const held = this.hands.pitches;
    for (const [pitch, key] of this.#keys) {
      mark(key, "data-by", held.has(pitch) ? "you" : sounding.get(pitch) ?? null);
    }
  }

  #build() {
    const width = this.keys.clientWidth;
    const octaves = Math.min(MAX_OCTAVES, Math.max(MIN_OCTAVES, Math.floor((width / MIN_KEY_PX - 1) / 7)));
    if (octaves === this.#octaves) return;
    this.#octaves = octaves;
    const first = Math.max(0, 12 * (this.#octave + 1) - 12 * Math.floor((octaves - 1) / 2));
    const last = Math.min(127, first + 12 * octaves);
    const whites = 7 * octaves + 1;
    this.#keys = new Map();
    for (let pitch = first; pitch <= last; pitch += 1) this.#keys.set(pitch, this.#key(pitch, first, whites));
    this.keys.replaceChildren(...this.#keys.values());
  }

  /**
   * @param {number} pitch
   * @param {number} first
   * @param {number} whites
   */
  #key(pitch, first, whites) {
    const isBlack = BLACK.has(pitch % 12);
    const before = 7 * Math.floor((pitch - first) / 12) + WHITE_BEFORE[(pitch - first) % 12];
    const typed = this.#labels.get(pitch) ?? "";
    const name = pitch % 12 === 0 ? pitchName(pitch) : "";
    const key = make(
      "div",
      { class: isBlack ? "key black" : "key white", role: "button", tabindex: -1, "data-pitch": pitch,
        "aria-label": pitchName(pitch) },
      make("kbd", {}, typed), make("span", {}, name),
    );
    key.style.left = `${(100 / whites) * (isBlack ? before - 0.31 : before)}%`;
    key.style.width = `${(100 / whites) * (isBlack ? 0.62 : 1)}%`;
    return key;
  }

  #listen() {
    const down = new Set();
    const finger = (/** @type {PointerEvent} */ event) => `pointer ${event.pointerId}`;
    this.keys.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      const { target, pointerId } = event;
      if (target instanceof Element && target.hasPointerCapture(pointerId)) target.releasePointerCapture(pointerId);
      down.add(event.pointerId);
      this.#strike(finger(event), event, null);
    });
    addEventListener("pointermove", (event) => {
      if (down.has(event.pointerId)) this.#strike(finger(event), event, this.#held.get(finger(event)) ?? null);
    });
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
      addEventListener(end, (event) => {
        if (!down.delete(event.pointerId)) return;
        this.#held.delete(finger(event));
        this.hands.lift(finger(event));
      });
    }
    this.keys.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  /**
   * A finger is on a key, or has glided to another one.
   *
   * @param {string} finger
   * @param {PointerEvent} event
   * @param {number | null} before
   */
  #strike(finger, event, before) {
    const key = document.elementFromPoint(event.clientX, event.clientY)?.closest(".key");
    if (!(key instanceof HTMLElement)) return;
    const pitch = Number(key.dataset.pitch);
    if (pitch === before) return;
    const { top, height } = key.getBoundingClientRect();
    this.#held.set(finger, pitch);
    this.hands.strike(finger, pitch, velocityAt((event.clientY - top) / height));
  }
}
