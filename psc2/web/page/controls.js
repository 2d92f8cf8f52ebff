/** A control for every action: a strip a layer for those that are a layer's, groups for the others. */

/** @import {Action, Layer, Press, Snapshot, Welcome} from "./types.js" */
import { GROUPS, groupOf, labelOf, lightOf, presentOf, shortcutOf, stepOf, valueText } from "./actions.js";
import { button, make, mark, write } from "./element.js";
import { isBeatComing } from "./snapshot.js";

const MAX_COLUMNS = 4; // of buttons
/** @type {Layer[]} */
const LAYERS = ["lead", "chords", "bass", "drums", "click"];
const ORIGINS = { none: "no beat", deterministic: "of the bassline", model: "the machine's" };

/** @typedef {(now: Snapshot) => void} Update */

export class Controls {
  /** @type {Update[]} */
  #updates = [];

  /**
   * @param {HTMLElement} place
   * @param {Press} press
   */
  constructor(place, press) {
    this.place = place;
    this.press = press;
  }

  /**
   * Make them anew, from the table.
   *
   * @param {Welcome} welcome
   */
  build({ actions, keys }) {
    this.#updates = [];
    const layered = actions.filter(({ layers }) => layers.length > 0);
    const strips = LAYERS.map((layer) => this.#strip(layer, layered.filter((one) => one.layers.includes(layer)), keys));
    const groups = GROUPS.map((name) => {
      const own = actions.filter((one) => one.layers.length === 0 && groupOf(one.name) === name);
      return { name, controls: own.map((action) => this.#control(action, null, keys)) };
    }).filter(({ controls }) => controls.length > 0);
    this.place.replaceChildren(
      ...groups.slice(0, 1).map((group) => this.#group(group)),
      make("div", { class: "mixer", role: "group", "aria-label": "Mixer" }, ...strips),
      ...groups.slice(1).map((group) => this.#group(group)),
    );
  }

  /** @param {Snapshot} now */
  show(now) {
    for (const update of this.#updates) update(now);
  }

  /** @param {{name: string, controls: HTMLElement[]}} group */
  #group({ name, controls }) {
    const sliders = controls.filter((control) => control.classList.contains("slider"));
    const buttons = controls.filter((control) => !sliders.includes(control));
    const row = make("div", { class: "buttons" }, ...buttons);
    const columns = buttons.length > MAX_COLUMNS ? MAX_COLUMNS - 1 : buttons.length;
    row.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    return make("div", { class: "group", role: "group", "aria-label": name }, row, make("div", { class: "sliders" }, ...sliders));
  }

  /**
   * @param {Layer} layer
   * @param {Action[]} actions
   * @param {Welcome["keys"]} keys
   */
  #strip(layer, actions, keys) {
    const contents = make("p", { class: "contents" });
    this.#updates.push((now) => write(contents, contentsOf(now, layer)));
    const sliders = actions.filter(({ values }) => values !== null).map((one) => this.#control(one, layer, keys));
    const buttons = actions.filter(({ values }) => values === null).map((one) => this.#control(one, layer, keys));
    return make(
      "div", { class: "strip", role: "group", "aria-label": layer, "data-layer": layer },
      make("h2", {}, layer), contents, ...sliders, ...buttons,
    );
  }

  /**
   * @param {Action} action
   * @param {Layer | null} layer
   * @param {Welcome["keys"]} keys
   */
  #control(action, layer, keys) {
    const shortcut = shortcutOf(keys, action.name, layer);
    const title = shortcut ? `${action.description} (${shortcut})` : action.description;
    const made = action.values === null ? this.#button(action, layer, shortcut) : this.#slider(action, layer, action.values);
    mark(made, "title", title);
    mark(made, "data-action", action.name);
    return made;
  }

  /**
   * @param {Action} action
   * @param {Layer | null} layer
   * @param {string} shortcut
   */
  #button({ name }, layer, shortcut) {
    const label = labelOf(name);
    const made = button("", () => this.press(name, layer), { "aria-label": layer ? `${label} ${layer}` : label });
    made.append(make("span", {}, label));
    mark(made, "data-key", shortcut || null); // drawn beside its name, and no part of it
    this.#updates.push((now) => {
      const light = lightOf(now, name, layer);
      mark(made, "data-light", light || null);
      mark(made, "aria-pressed", light === "" ? "false" : "true");
    });
    return made;
  }

  /**
   * While a finger is on it, it is where the finger is; otherwise where the value is.
   *
   * @param {Action} action
   * @param {Layer | null} layer
   * @param {{low: number, high: number}} values
   */
  #slider({ name }, layer, { low, high }) {
    const label = labelOf(name);
    const step = stepOf(name, high - low);
    const input = make("input", {
      type: "range", min: low, max: high, step, "aria-label": layer ? `${label} ${layer}` : label,
    });
    const output = make("output", {}, "");
    let isHeld = false;
    const show = (/** @type {number} */ value) => {
      write(output, valueText(name, value));
      mark(input, "aria-valuetext", valueText(name, value));
    };
    input.value = String(low);
    input.addEventListener("pointerdown", () => (isHeld = true));
    for (const end of ["pointerup", "pointercancel", "change"]) input.addEventListener(end, () => (isHeld = false));
    input.addEventListener("pointerup", () => input.blur()); // the arrows go on to be tempo and bars
    input.addEventListener("input", () => {
      show(input.valueAsNumber);
      this.press(name, layer, input.valueAsNumber);
    });
    this.#updates.push((now) => {
      const present = presentOf(now, name, layer);
      if (isHeld || present === null) return;
      if (Math.abs(input.valueAsNumber - present) > step / 2) input.value = String(present);
      show(present);
    });
    return make("label", { class: "slider" }, make("span", {}, label), input, output);
  }
}

/**
 * What is in a layer, in few words.
 *
 * @param {Snapshot} now
 * @param {Layer} layer
 */
function contentsOf(now, layer) {
  const size = now.layer_sizes[layer];
  if (layer === "lead" || layer === "click") return "";
  const player = layer === "bass" ? now.band.bass : layer === "chords" ? now.band.comping : "off";
  if (player !== "off") return player;
  if (layer !== "drums") return size === 0 ? "empty" : size === 1 ? "1 note" : `${size} notes`;
  return isBeatComing(now) ? "→ new beat" : ORIGINS[now.beat];
}
