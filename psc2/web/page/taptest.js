/** The tap test, step by step: what to do, how many taps are left, and the way out. */

/** @import {Press, Snapshot} from "./types.js" */
import { button, make, mark } from "./element.js";

export class TapTest {
  /**
   * @param {HTMLElement} place
   * @param {Press} press
   */
  constructor(place, press) {
    this.place = place;
    this.dots = make("ol", { class: "taps", role: "progressbar", "aria-label": "taps", "aria-valuemin": 0 });
    place.replaceChildren(
      make("p", { role: "status" }, make("strong", {}, "Tap any piano key with the click"),
        " (k makes the computer's keys one), as you would play: with what you hear. You hear no tap, and none is recorded."),
      make("div", { class: "row" }, this.dots, button("leave", () => press("calibrate"))),
    );
  }

  /** @param {Snapshot} now */
  show({ mode, calibration }) {
    this.place.hidden = mode !== "calibrate";
    const { taps, num_taps: most } = calibration;
    while (this.dots.childElementCount < most) this.dots.append(make("li"));
    [...this.dots.children].forEach((dot, n) => dot.classList.toggle("on", n < taps.length));
    mark(this.dots, "aria-valuemax", most);
    mark(this.dots, "aria-valuenow", taps.length);
  }
}
