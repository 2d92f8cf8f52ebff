/** The beginning: one big button, and what it will do. Any other first gesture begins, too. */

import { button, make, write } from "./element.js";

/** Keys for which a browser lets no page sound, or that only move the focus. */
const NO_GESTURE = new Set(["Tab", "Escape", "Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock"]);

export class Start {
  /**
   * @param {HTMLElement} place
   * @param {{begin: () => void, play: () => void}} asked `begin`: at the first gesture, whatever it is
   */
  constructor(place, { begin, play }) {
    this.place = place;
    this.hint = make("p", {}, "");
    const start = button("START", play, { class: "big" });
    place.replaceChildren(
      start, this.hint,
      make("p", {}, make("kbd", {}, "k"), " makes the computer's keys a piano, ", make("kbd", {}, "?"), " shows them all."),
    );
    place.hidden = false;
    start.focus();
    addEventListener("pointerdown", begin, { capture: true, once: true });
    addEventListener("click", () => this.#close(begin));
    addEventListener("keydown", ({ key }) => {
      if (NO_GESTURE.has(key)) return;
      const presses = document.activeElement === start && (key === "Enter" || key === " ");
      if (!presses) this.#close(begin);
    }, { capture: true });
  }

  /** @param {() => void} begin */
  #close(begin) {
    if (this.place.hidden) return;
    begin();
    this.place.hidden = true;
  }

  /**
   * Who will sound.
   *
   * @param {string} words
   */
  say(words) {
    write(this.hint, words);
  }
}
