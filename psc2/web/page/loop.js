/** The bar that sounds: its 16ths, where the music is, and what each layer plays in it. */

/** @import {Layer, Snapshot} from "./types.js" */
/** @import {Place, ShownNote} from "./snapshot.js" */
import { make, mark } from "./element.js";
import { isHeard } from "./practice.js";
import { nameOver, notesOf, stepOf, stepsPerBar, stepsPerBeat, swungInBar, symbolAt } from "./snapshot.js";
import { Surface } from "./surface.js";
import { where } from "./words.js";

/** @type {Layer[]} */
const ROWS = ["lead", "chords", "bass", "drums"]; // from high to low, as in a score
const STROKES = /** @type {Record<string, string>} */ ({
  kick: "K", snare: "S", lowtom: "t", midtom: "t", hightom: "t", crash: "C", ride: "r", ophat: "o", clhat: "x",
}); // the first of those that are struck together first
const MAX_FONT_PX = 44;
const LABEL_SHARE = 0.17; // of the width at most

/**
 * What notes that begin together are called, as far as there is room; `fits` says whether there is.
 *
 * @param {number[]} pitches
 * @param {(text: string) => boolean} fits
 * @param {string} [symbol] of the chord that sounds
 */
export function chordName(pitches, fits, symbol = "") {
  const sorted = [...new Set(pitches)].sort((a, b) => a - b);
  const names = sorted.map((pitch) => nameOver(pitch, symbol));
  const short = names.map((name) => name.replace(/-?\d+$/, ""));
  const tried = [names.join(" "), short.join(" "), `${names[0]}+${names.length - 1}`];
  return tried.slice(0, names.length > 1 ? 3 : 2).find(fits) ?? "";
}

export class Loop {
  #drawn = "";

  /**
   * @param {HTMLElement} place
   * @param {() => void} changed
   */
  constructor(place, changed) {
    this.canvas = make("canvas", { role: "img", "aria-label": "the bar" });
    place.replaceChildren(this.canvas);
    this.surface = new Surface(this.canvas, () => {
      this.#drawn = "";
      changed();
    });
  }

  /**
   * @param {Snapshot} now
   * @param {Place | null} place
   * @param {number} at
   * @param {number} version of the snapshot: it is drawn once for each 16th
   */
  show(now, place, at, version) {
    const isGrowing = now.taken.some((note) => note.duration_steps === null);
    const drawing = `${version} ${place?.bar} ${place?.step} ${isGrowing ? Math.floor(at * 16) : ""}`;
    if (drawing === this.#drawn || !this.surface.begin()) return;
    this.#drawn = drawing;
    const rows = ROWS.map((layer) => ({ layer, notes: notesOf(now, place, layer, at) }));
    mark(this.canvas, "aria-label", described(place, rows));
    this.#draw(now, place, rows);
  }

  /**
   * @param {Snapshot} now
   * @param {Place | null} place
   * @param {{layer: Layer, notes: ShownNote[]}[]} rows
   */
  #draw(now, place, rows) {
    const { context, width, height } = this.surface;
    const signature = (place?.pass.form ?? now.form).time_signature;
    const steps = stepsPerBar(signature);
    const rowHeight = height / (rows.length + 1);
    const size = Math.min(MAX_FONT_PX, rowHeight * 0.5, (width * LABEL_SHARE) / 4.6);
    const left = size * 4.6;
    const x = (/** @type {number} */ step) => left + (swungInBar(now, signature, step) * (width - left)) / steps;
    context.textBaseline = "middle";
    this.#drawRuler(place, { x, steps, perBeat: stepsPerBeat(signature), height: rowHeight, size });
    rows.forEach(({ layer, notes }, n) => {
      const top = rowHeight * (n + 1);
      const isSilent = !isHeard(now, layer);
      this.surface.font(size, "600");
      context.fillStyle = this.surface.colour(isSilent ? "--dim" : "--ink");
      context.fillText(isSilent ? `${layer} ✕` : layer, 2, top + rowHeight / 2, left - 4);
      context.globalAlpha = isSilent ? 0.4 : 1;
      for (const together of groups(notes)) {
        const symbol = symbolAt(now, place, together[0].step);
        this.#drawNotes(together, { layer, x, top, steps, height: rowHeight, size, notes, symbol });
      }
      context.globalAlpha = 1;
      if (now.struck?.layer === layer) {
        const step = stepOf(now, place, now.struck);
        if (step !== null) {
          const symbol = symbolAt(now, place, step);
          this.#drawStruck(now.struck, x(step), top, rowHeight, size, symbol);
        }
      }
    });
  }

  /**
   * @param {Place | null} place
   * @param {{x: (step: number) => number, steps: number, perBeat: number, height: number, size: number}} ruler
   */
  #drawRuler(place, { x: xOf, steps, perBeat, height, size }) {
    const { context } = this.surface;
    const full = this.surface.height;
    for (let step = 0; step < steps; step += 1) {
      const x = xOf(step);
      const cell = xOf(step + 1) - x;
      const isBeat = step % perBeat === 0;
      if (place?.step === step) {
        context.fillStyle = this.surface.colour("--now");
        context.globalAlpha = 0.22;
        context.fillRect(x, 0, cell, full);
        context.globalAlpha = 1;
        context.fillRect(x, 0, Math.max(2, cell - 2), height - 4);
      } else {
        context.fillStyle = this.surface.colour("--line");
        const tall = step === 0 ? 1 : isBeat ? 0.72 : 0.34;
        context.fillRect(x, (height - 4) * (1 - tall), Math.max(1, cell - 2), (height - 4) * tall);
        if (isBeat) context.fillRect(x, height, 1, full - height);
      }
      if (!isBeat || (xOf(step + perBeat) - x) < size * 1.2) continue;
      this.surface.font(size * 0.8, "700");
      context.fillStyle = this.surface.colour(place?.step === step ? "--ground" : "--ink");
      context.fillText(String(step / perBeat + 1), x + 4, (height - 4) * 0.62);
    }
  }

  /**
   * Notes that begin together, as long as they last; what is being recorded is the player's still.
   *
   * @param {ShownNote[]} together
   * @param {{layer: Layer, x: (step: number) => number, top: number, steps: number, height: number, size: number,
   *   notes: ShownNote[], symbol: string}} row
   */
  #drawNotes(together, { layer, x: xOf, top, steps, height, size, notes, symbol }) {
    const { context } = this.surface;
    const [first] = together;
    const following = notes.find((note) => note.step > first.step)?.step ?? steps;
    const end = Math.min(Math.max(...together.map((note) => note.end)), following, steps);
    const begin = Math.max(0, first.step);
    const x = xOf(begin);
    const room = Math.max(3, xOf(end) - x - 2);
    this.surface.font(size * 0.86, "700");
    if (layer === "drums") {
      const struck = new Set(together.map((note) => note.instrument));
      const strokes = Object.keys(STROKES).filter((drum) => struck.has(drum)).map((drum) => STROKES[drum]);
      context.fillStyle = this.surface.colour("--ink");
      const most = Math.max(1, Math.floor((xOf(begin + 1) - x) / (size * 0.66)));
      context.fillText(strokes.slice(0, most).join(""), x + 1, top + height / 2);
      return;
    }
    const colour = this.surface.colour(together.some((note) => note.taken) ? "--you" : "--loop");
    context.fillStyle = colour;
    context.beginPath();
    context.roundRect(x, top + 3, room, height - 6, 4);
    context.fill();
    context.fillStyle = this.surface.colour("--ground");
    const fits = (/** @type {string} */ text) => context.measureText(text).width <= room - 6;
    const name = first.step < 0 ? "" : chordName(together.map(({ pitch }) => pitch), fits, symbol);
    context.fillText(name, x + 4, top + height / 2 + 1);
  }

  /**
   * The key struck last, with the machine's pitch where it sounds that.
   *
   * @param {{key: number, pitch: number}} struck
   * @param {number} x
   * @param {number} top
   * @param {number} height
   * @param {number} size
   * @param {string} symbol
   */
  #drawStruck({ key, pitch }, x, top, height, size, symbol) {
    const { context, width } = this.surface;
    const [struck, sounded] = [key, pitch].map((each) => nameOver(each, symbol));
    const text = pitch === key ? struck : `${struck}→${sounded}`;
    this.surface.font(size * 0.86, "800");
    const room = context.measureText(text).width + 10;
    const left = Math.min(x, width - room);
    context.fillStyle = this.surface.colour(pitch === key ? "--you" : "--machine");
    context.beginPath();
    context.roundRect(left, top + 2, room, height - 4, 4);
    context.fill();
    context.fillStyle = this.surface.colour("--ground");
    context.fillText(text, left + 5, top + height / 2 + 1);
  }
}

/**
 * Notes that begin together.
 *
 * @param {ShownNote[]} notes by their steps
 */
function groups(notes) {
  const steps = [...new Set(notes.map((note) => note.step))];
  return steps.map((step) => notes.filter((note) => note.step === step));
}

/**
 * The picture in words.
 *
 * @param {Place | null} place
 * @param {{layer: Layer, notes: ShownNote[]}[]} rows
 */
function described(place, rows) {
  const counts = rows.filter(({ notes }) => notes.length > 0).map(({ layer, notes }) => `${layer} ${notes.length}`);
  const bar = place === null ? "stopped" : where(place).split(" · ")[0];
  return `${bar}: ${counts.length ? `notes: ${counts.join(", ")}` : "no notes"}`;
}
