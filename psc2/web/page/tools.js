/** The page's own buttons: what is shown, who sounds, panic, the keys. */

/** @import {Snapshot} from "./types.js" */
/** @import {Sounding} from "./sounding.js" */
import { button, make, mark, write } from "./element.js";
import { hasSuperCollider } from "./snapshot.js";

const VIEWS = { all: "all", display: "display", controller: "controller" };

export class Tools {
  /**
   * @param {HTMLElement} views
   * @param {HTMLElement} tools
   * @param {{sound: () => void, panic: () => void, keys: () => void}} asked
   */
  constructor(views, tools, asked) {
    this.views = Object.entries(VIEWS).map(([view, label]) => ({ view, made: button(label, () => this.#show(view)) }));
    views.replaceChildren(...this.views.map(({ made }) => made));
    this.sound = button("sound", asked.sound);
    this.meter = make("meter", { min: 0, max: 1, high: 0.95, "aria-label": "level" });
    const full = button("full screen", () => void this.#fill(), { class: "full" });
    tools.replaceChildren(
      this.sound, this.meter, button("keys ?", asked.keys), full, button("PANIC", asked.panic, { class: "panic" }),
    );
    addEventListener("hashchange", () => this.#show(location.hash.slice(1)));
    this.#show(location.hash.slice(1));
  }

  /** @param {string} asked */
  #show(asked) {
    const shown = asked in VIEWS ? asked : "all";
    document.body.dataset.view = shown;
    if (location.hash.slice(1) !== shown && asked !== "") history.replaceState(null, "", `#${shown}`);
    for (const { view, made } of this.views) mark(made, "aria-pressed", view === shown);
  }

  async #fill() {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await document.documentElement.requestFullscreen?.();
  }

  /**
   * Who sounds.
   *
   * @param {Snapshot | null} now
   * @param {Sounding} sounding
   */
  show(now, sounding) {
    write(this.sound, `sound: ${whoSounds(now, sounding)}`);
    mark(this.sound, "aria-pressed", sounding.here);
    mark(this.sound, "data-light", sounding.here ? "lit" : null);
    this.meter.value = sounding.here ? sounding.level : 0;
  }
}

/**
 * @param {Snapshot | null} now
 * @param {Sounding} sounding
 */
export function whoSounds(now, sounding) {
  if (sounding.here && sounding.context?.state !== "running") return "asleep, click";
  if (sounding.here) return "here";
  if (sounding.elsewhere) return "another page";
  if (now !== null && hasSuperCollider(now)) return "SuperCollider";
  return sounding.wanted && sounding.band === null && sounding.trouble === "" ? "loading …" : "off";
}
