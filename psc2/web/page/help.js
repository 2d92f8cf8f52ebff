/** All the computer's keys, over the page. */

/** @import {Welcome} from "./types.js" */
import { labelOf, keyName } from "./actions.js";
import { button, make } from "./element.js";

const OWN_KEYS = [
  ["space", "play, stop"], ["p", "panic: all silent"], ["k", "the piano: a w s e … from C on"],
  ["tab", "the piano's pedal"], ["piano: , .", "an octave lower, higher"], ["esc", "the letters again"],
  ["v", "the next layer for - +"], ["?", "these keys"],
];

export class Help {
  /**
   * @param {HTMLElement} place
   * @param {() => void} close
   */
  constructor(place, close) {
    this.place = place;
    this.close = close;
  }

  /**
   * The keys of one action in one row.
   *
   * @param {Welcome} welcome
   */
  build({ keys }) {
    /** @type {Map<string, string[]>} */
    const rows = new Map();
    for (const { key, action, layer } of keys) {
      const words = layer === null ? labelOf(action) : `${labelOf(action)} ${layer}`;
      rows.set(words, [...(rows.get(words) ?? []), keyName(key)]);
    }
    const entries = [...OWN_KEYS, ...[...rows].map(([words, names]) => [names.join(" "), words])];
    this.place.replaceChildren(
      make("h2", {}, "The computer's keys"), button("close", this.close),
      make("dl", {}, ...entries.map(([key, words]) =>
        make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, words)))),
    );
  }

  /** @param {boolean} isShown */
  show(isShown) {
    this.place.hidden = !isShown;
  }
}
