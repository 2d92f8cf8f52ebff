/** A look back at what was played: each onset over its 16th, early or late by place, shape and colour. */

/** @import {LookBack, Press, TimedOnset} from "./types.js" */
import { button, draw, make, mark, write } from "./element.js";
import { pitchName, stepsPerBar, stepsPerBeat } from "./snapshot.js";

const TOLERANCE_MS = 10; // off by more is early or late: as in `psc2.core.look_back`
const MIN_SCALE_MS = 30; // from the line to the picture's edge, at least
const MIN_HEIGHT = 150;
const MAX_HEIGHT = 240; // on a stage display
const SHARE = 0.12; // of the width
const LEFT = 52; // for the words beside it
const BOTTOM = 20; // for the bars' numbers
const RADIUS = 6;

/** @typedef {"early" | "late" | "on time"} Sense */

/**
 * @param {number} deviation milliseconds
 * @returns {Sense}
 */
export function senseOf(deviation) {
  return deviation < -TOLERANCE_MS ? "early" : deviation > TOLERANCE_MS ? "late" : "on time";
}

/**
 * How high a picture of so much width is, in pixels, where no `--height` says so.
 *
 * @param {number} width
 */
const heightOf = (width) => Math.round(Math.min(MAX_HEIGHT, Math.max(MIN_HEIGHT, width * SHARE)));

/**
 * Where a picture of so much width and height shows an onset: from the left and from the top, in pixels.
 *
 * @param {LookBack} found
 * @param {number} width
 * @param {number} height
 */
export function scaleOf({ form, onsets }, width, height) {
  const perBar = stepsPerBar(form.time_signature);
  const cell = (width - LEFT - RADIUS) / (form.num_bars * perBar);
  const most = Math.max(MIN_SCALE_MS, ...onsets.map((onset) => Math.abs(onset.deviation_ms)));
  const half = (height - BOTTOM) / 2;
  return {
    x: (/** @type {number} */ bar, /** @type {number} */ step) => LEFT + (bar * perBar + step + 0.5) * cell,
    y: (/** @type {number} */ deviation) => half - (deviation / most) * (half - RADIUS - 2),
    cell, most, height, width,
  };
}

export class Timing {
  /** @type {LookBack | null} */
  #found = null;
  #drawn = "";

  /**
   * @param {HTMLElement} place
   * @param {Press} press
   */
  constructor(place, press) {
    this.place = place;
    this.words = make("p", { role: "status" });
    this.picture = draw("svg", { role: "img", "aria-label": "how it was timed" });
    const close = button("✕", () => press("close_look_back"), { "aria-label": "close the look back" });
    place.replaceChildren(make("div", { class: "row" }, this.words, close), this.picture);
    new ResizeObserver(() => this.#draw()).observe(place);
  }

  /**
   * @param {LookBack | null} found
   * @param {string} words
   */
  show(found, words) {
    this.place.hidden = found === null;
    write(this.words, words);
    if (words) mark(this.picture, "aria-label", words);
    this.#found = found;
    this.#draw();
  }

  #draw() {
    const width = this.place.clientWidth - 16;
    const height = parseFloat(getComputedStyle(this.place).getPropertyValue("--height")) || heightOf(width);
    const drawing = `${width} ${height} ${JSON.stringify(this.#found)}`;
    if (this.#found === null || width <= LEFT || drawing === this.#drawn) return;
    this.#drawn = drawing;
    const scale = scaleOf(this.#found, width, height);
    mark(this.picture, "viewBox", `0 0 ${width} ${scale.height}`);
    mark(this.picture, "height", scale.height);
    this.picture.replaceChildren(
      ...grid(this.#found, scale), ...average(this.#found, scale),
      ...this.#found.onsets.map((onset) => shape(onset, scale)),
    );
  }
}

/** @typedef {ReturnType<typeof scaleOf>} Scale */

/**
 * The 16ths' line, what counts as on time, the beats, and which side is which.
 *
 * @param {LookBack} found
 * @param {Scale} scale
 */
function grid({ form }, { x, y, cell, most, height, width }) {
  const perBar = stepsPerBar(form.time_signature);
  const perBeat = stepsPerBeat(form.time_signature);
  /** @type {SVGElement[]} */
  const made = [band("tolerance", y(TOLERANCE_MS), y(-TOLERANCE_MS), width)];
  for (let bar = 0; bar < form.num_bars; bar += 1) {
    for (let step = 0; step < perBar; step += perBeat) {
      if (step > 0 && cell * perBeat < 4) continue;
      const at = x(bar, step);
      made.push(draw("line", { class: step === 0 ? "bar" : "beat", x1: at, x2: at, y1: 0, y2: height - BOTTOM }));
    }
    if (cell * perBar >= 16 || bar % 8 === 0) {
      made.push(draw("text", { x: x(bar, 0) - 3, y: height - 4 }, String(bar + 1)));
    }
  }
  made.push(draw("line", { class: "exact", x1: LEFT, x2: width, y1: y(0), y2: y(0) }));
  made.push(draw("text", { x: 0, y: 14 }, "late"), draw("text", { x: 0, y: height - BOTTOM - 4 }, "early"));
  made.push(draw("text", { class: "small", x: 0, y: 30 }, `${Math.round(most)} ms`));
  return made;
}

/**
 * The mean, and the spread around it.
 *
 * @param {LookBack} found
 * @param {Scale} scale
 */
function average({ mean_ms: mean, spread_ms: spread }, { y, width }) {
  const line = draw("line", { class: "mean", x1: LEFT, x2: width, y1: y(mean), y2: y(mean) });
  return [band("spread", y(mean + spread), y(mean - spread), width), line];
}

/**
 * @param {string} name
 * @param {number} top
 * @param {number} bottom
 * @param {number} width
 */
function band(name, top, bottom, width) {
  return draw("rect", { class: name, x: LEFT, y: top, width: width - LEFT, height: Math.max(0, bottom - top) });
}

/**
 * Early points back, late points on, and what is on time is a disc.
 *
 * @param {TimedOnset} onset
 * @param {Scale} scale
 */
function shape({ notes, deviation_ms: deviation }, { x, y }) {
  const sense = senseOf(deviation);
  const { bar, step } = notes[0].position;
  const [cx, cy] = [x(bar, step), y(deviation)];
  const towards = sense === "early" ? -RADIUS : RADIUS;
  const points = `${cx + towards},${cy} ${cx - towards},${cy - RADIUS} ${cx - towards},${cy + RADIUS}`;
  const names = [...new Set(notes.map(({ pitch }) => pitchName(pitch)))].join(" ");
  const words = sense === "on time" ? sense : `${Math.round(Math.abs(deviation))} ms ${sense}`;
  const given = { class: "onset", "data-sense": sense };
  const title = draw("title", {}, `${names}: ${words}`);
  if (sense === "on time") return draw("circle", { ...given, cx, cy, r: RADIUS - 1 }, title);
  return draw("polygon", { ...given, points }, title);
}
