/** The controller drawn as it is, each control that its map knows labelled, lit and usable. */

/** @import {Control, Press, Snapshot, Welcome} from "./types.js" */
import { labelOf, lightOf, presentOf, valueText } from "./actions.js";
import { draw, make, mark } from "./element.js";

/** @typedef {{kind: "button" | "knob" | "fader", x: number, y: number, sign: string}} Spot in pixels of the drawing */

const WIDTH = 960;
const HEIGHT = 250;
const STRIP = 85; // from one channel's middle to the next
const FIRST_X = 290;
const CHANNELS = 8;
const DRAG_PX = 120; // that a knob is drawn from its lowest to its highest
const TURN = 270; // degrees of a knob
const FADER_PX = 92;
const STEPS = 127; // of a knob or fader
const ROOM = 66; // for each control that the drawing has not
const PER_ROW = 14;

/** Where the Korg nanoKONTROL2 has each of its control change numbers. */
const SPOTS = spots();

/** @returns {Map<number, Spot>} */
function spots() {
  /** @type {[number, string, number, number][]} */
  const left = [
    [58, "◄", 32, 80], [59, "►", 82, 80], [46, "cycle", 32, 140], [60, "set", 112, 140], [61, "◄", 164, 140],
    [62, "►", 214, 140], [43, "◄◄", 32, 200], [44, "►►", 78, 200], [42, "■", 124, 200], [41, "►", 170, 200],
    [45, "●", 216, 200],
  ];
  /** @type {Map<number, Spot>} */
  const all = new Map(left.map(([number, sign, x, y]) => [number, { kind: "button", x, y, sign }]));
  for (let n = 0; n < CHANNELS; n += 1) {
    const x = FIRST_X + n * STRIP;
    all.set(16 + n, { kind: "knob", x: x + 14, y: 40, sign: "" });
    all.set(n, { kind: "fader", x: x + 30, y: 104, sign: "" });
    for (const [first, sign, y] of /** @type {[number, string, number][]} */ ([[32, "S", 104], [48, "M", 150], [64, "R", 196]])) {
      all.set(first + n, { kind: "button", x: x - 14, y, sign });
    }
  }
  return all;
}

/**
 * The spots of a map's controls; those that the drawing has not stand in a row below it.
 *
 * @param {Control[]} controls
 */
function placed(controls) {
  const others = controls.filter(({ number }) => !SPOTS.has(number));
  /** @type {(n: number, control: Control) => Spot} */
  const below = (n, { number, scale }) => ({
    kind: scale === null ? "button" : "knob", sign: String(number),
    x: 40 + (n % PER_ROW) * ROOM, y: HEIGHT + 20 + Math.floor(n / PER_ROW) * ROOM,
  });
  return new Map([...SPOTS, ...others.map((control, n) => /** @type {const} */ ([control.number, below(n, control)]))]);
}

export class NanoKontrol {
  /** @type {((now: Snapshot) => void)[]} */
  #updates = [];

  /**
   * @param {HTMLElement} place
   * @param {Press} press
   */
  constructor(place, press) {
    this.place = place;
    this.press = press;
  }

  /** @param {Welcome} welcome */
  build({ controller }) {
    this.#updates = [];
    const mapped = new Map(controller.controls.map((control) => [control.number, control]));
    const all = placed(controller.controls);
    const height = HEIGHT + Math.ceil((all.size - SPOTS.size) / PER_ROW) * ROOM;
    const drawing = draw("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "group", "aria-label": controller.name },
      draw("rect", { class: "case", x: 1, y: 1, width: WIDTH - 2, height: height - 2, rx: 12 }),
      draw("text", { class: "brand", x: 16, y: 30 }, controller.name),
      draw("text", { class: "sign", x: 57, y: 62 }, "track"), draw("text", { class: "sign", x: 163, y: 122 }, "marker"));
    for (const [number, spot] of all) drawing.append(this.#control(spot, mapped.get(number) ?? null), printed(spot));
    this.place.replaceChildren(make("div", { class: "scroller" }, drawing));
  }

  /** @param {Snapshot} now */
  show(now) {
    for (const update of this.#updates) update(now);
  }

  /**
   * @param {Spot} spot
   * @param {Control | null} control
   */
  #control(spot, control) {
    const group = draw("g", { class: `${spot.kind}${control === null ? " unmapped" : ""}`, transform: `translate(${spot.x} ${spot.y})` });
    if (spot.kind === "button") group.append(draw("rect", { class: "cap", x: -18, y: -11, width: 36, height: 22, rx: 4 }));
    else if (spot.kind === "knob") group.append(draw("circle", { class: "cap", r: 17 }), draw("line", { class: "hand", y1: -6, y2: -16 }));
    else group.append(draw("rect", { class: "slot", x: -2, y: 0, width: 4, height: FADER_PX + 8 }),
      draw("rect", { class: "cap hand", x: -13, y: 0, width: 26, height: 14, rx: 3 }));
    if (control === null) {
      mark(group, "aria-hidden", "true");
      return group;
    }
    this.#name(group, spot, control);
    if (control.scale === null) this.#useButton(group, control);
    else this.#useDial(group, spot, control, control.scale);
    return group;
  }

  /**
   * @param {SVGGElement} group
   * @param {Spot} spot
   * @param {Control} control
   */
  #name(group, { kind }, { action, layer }) {
    const name = layer === null ? labelOf(action) : `${labelOf(action)} ${layer}`;
    mark(group, "aria-label", name);
    mark(group, "tabindex", 0);
    group.append(draw("title", {}, name));
    const y = kind === "button" ? 23 : kind === "knob" ? 34 : -8;
    group.append(draw("text", { class: "label", y }, kind === "fader" ? layer ?? name : short(labelOf(action))));
  }

  /**
   * @param {SVGGElement} group
   * @param {Control} control
   */
  #useButton(group, { action, layer }) {
    mark(group, "role", "button");
    group.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.press(action, layer);
    });
    group.addEventListener("keydown", (event) => {
      if (event.repeat || (event.key !== "Enter" && event.key !== " ")) return;
      event.preventDefault();
      this.press(action, layer);
    });
    this.#updates.push((now) => {
      const light = lightOf(now, action, layer);
      mark(group, "data-light", light || null);
      mark(group, "aria-pressed", light !== "");
    });
  }

  /**
   * A knob or fader: drawn up and down, or moved with the arrows.
   *
   * @param {SVGGElement} group
   * @param {Spot} spot
   * @param {Control} control
   * @param {[number, number]} scale
   */
  #useDial(group, { kind }, { action, layer }, [low, high]) {
    let value = low;
    const hand = group.querySelector(".hand");
    const share = () => Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
    const show = () => {
      const turned = kind === "knob" ? `rotate(${(share() - 0.5) * TURN})` : `translate(0 ${(1 - share()) * FADER_PX - 3})`;
      if (hand !== null) mark(hand, "transform", turned);
      mark(group, "aria-valuenow", valueText(action, value));
    };
    const set = (/** @type {number} */ to) => {
      value = Math.min(Math.max(low, high), Math.max(Math.min(low, high), to));
      show();
      this.press(action, layer, Math.round(value * 1e4) / 1e4);
    };
    mark(group, "role", "slider");
    mark(group, "aria-valuemin", valueText(action, Math.min(low, high)));
    mark(group, "aria-valuemax", valueText(action, Math.max(low, high)));
    show();
    const drag = follow(group, (moved) => set(drag.from + ((high - low) * moved) / (kind === "knob" ? DRAG_PX : drag.length())), () => value,
      () => FADER_PX * (group.getBoundingClientRect().width / Math.max(1, /** @type {SVGGElement} */ (group).getBBox().width)));
    group.addEventListener("keydown", ({ key }) => {
      const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[key];
      if (steps !== undefined) set(value + (steps * (high - low)) / STEPS);
      else if (key === "Home" || key === "End") set(key === "Home" ? low : high);
    });
    this.#updates.push((now) => {
      const present = presentOf(now, action, layer);
      if (present === null || drag.isHeld) return;
      value = present;
      show();
    });
  }
}

/**
 * What is printed on a button: it stands beside it, since it is no part of its name.
 *
 * @param {Spot} spot
 */
const printed = ({ kind, x, y, sign }) => draw("text", { class: "sign", x, y: y + 4 }, kind === "button" ? sign : "");

/**
 * A pointer that draws an element up or down; `moved` gets how far up, in pixels.
 *
 * @param {SVGGElement} element
 * @param {(up: number) => void} moved
 * @param {() => number} value where it stands at the beginning
 * @param {() => number} length of its way, in pixels
 */
function follow(element, moved, value, length) {
  const drag = { isHeld: false, from: 0, length };
  let y = 0;
  element.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    Object.assign(drag, { isHeld: true, from: value() });
    y = event.clientY;
  });
  element.addEventListener("pointermove", (event) => drag.isHeld && moved(y - event.clientY));
  for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => (drag.isHeld = false));
  return drag;
}

/**
 * A part of a name that fits below a button; who speaks to the browser says what is to be read.
 *
 * @param {string} name
 */
function short(name) {
  const words = /** @type {Record<string, string>} */ ({
    "beat of the bassline": "beat", "machine's beat": "machine's", "surprising pitches": "pitches",
    "surprising beats": "beats", "longer beats": "longer", "shorter beats": "shorter", "play free": "free",
  });
  return words[name] ?? name;
}
