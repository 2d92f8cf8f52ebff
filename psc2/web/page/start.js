/** The beginning: one big button, and what it will do. Any other first gesture begins, too. */

import { button, make, write } from "./element.js";

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
