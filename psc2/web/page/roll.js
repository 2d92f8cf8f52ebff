/** What sounds, scrolling by: your notes, the loop's and the machine's, told apart by shape and colour. */

/** @import {Effect, Snapshot} from "./types.js" */
import { make } from "./element.js";
import { isStill, Surface } from "./surface.js";

/** @typedef {"you" | "loop" | "machine"} Origin */
/**
 * @typedef {{kind: "note" | "drum" | "click", id: number, instrument: string, pitch: number, velocity: number,
 *   origin: Origin, on: number, off: number | null}} Sounded `on` and `off` in seconds on the daemon's clock
 */

const SHOWN_S = 8;
const AHEAD_S = 0.5;
const FRAME_S = 1 / 40; // between two pictures at least
const STILL_S = 0.5; // the same for who wants nothing to move
const MAX_NOTES = 2000; // that are remembered
const MIN_ROW_PX = 6; // that a note is high, however many pitches there are
const LOWEST = 40; // pitches that are always shown …
const HIGHEST = 79; // … up to this
const DRUMS = ["kick", "lowtom", "midtom", "hightom", "snare", "clhat", "ophat", "ride", "crash"];
const COLOURS = /** @type {const} */ ({ you: "--you", loop: "--loop", machine: "--machine" });

/**
 * Whose note it is. What a key sounds goes out at once, what the loop plays with its moment; but where nobody
 * takes moments, only by its layer the player's can be told.
 *
 * @param {Effect} effect
 * @param {Snapshot | null} now as it was before the effect
 * @returns {Origin}
 */
export function originOf(effect, now) {
  if (effect.type === "Strike") return now?.beat === "model" ? "machine" : "loop";
  const ofMode = now === null || now.mode === "bass" || now.mode === "chords" ? now?.mode : "lead";
  const isLoops = typeof effect.at === "number" || (now?.lookahead_s === 0 && effect.instrument !== ofMode);
  const isAnswer = now?.improv.phase === "answering" && effect.instrument === "lead";
  // its own line is sent ahead, as the loop is, and its first notes before its turn
  if (now?.answer === "machine" && effect.instrument === "lead") return isLoops ? "machine" : "you";
  if (isLoops) return "loop";
  return isAnswer ? "machine" : "you";
}

export class Roll {
  /** @type {Sounded[]} */
  notes = [];
  #drawnAt = -Infinity;

  /**
   * @param {HTMLElement} place
   * @param {() => void} changed
   */
  constructor(place, changed) {
    const legend = [["you", "you"], ["loop", "loop"], ["machine", "machine"]].map(([origin, name]) =>
      make("li", { "data-by": origin }, name));
    this.canvas = make("canvas", { role: "img", "aria-label": "piano roll of what sounds" });
    place.replaceChildren(this.canvas, make("ul", { class: "legend", "aria-label": "Whose notes" }, ...legend));
    this.surface = new Surface(this.canvas, () => {
      this.#drawnAt = -Infinity;
      changed();
    });
  }

  /**
   * @param {Effect[]} effects
   * @param {number} at when they went out
   * @param {Snapshot | null} now
   */
  hear(effects, at, now) {
    for (const effect of effects) this.#hear(effect, effect.at ?? at, now);
    if (this.notes.length > MAX_NOTES) this.notes.splice(0, this.notes.length - MAX_NOTES);
  }

  /**
   * @param {Effect} effect
   * @param {number} at
   * @param {Snapshot | null} now
   */
  #hear(effect, at, now) {
    const { type, instrument = "", pitch = 0, velocity = 0, note_id: id = 0 } = effect;
    if (type === "NoteOn") {
      this.notes.push({ kind: "note", id, instrument, pitch, velocity, origin: originOf(effect, now), on: at, off: null });
    } else if (type === "Strike") {
      const kind = instrument.startsWith("click") ? "click" : "drum";
      this.notes.push({ kind, id, instrument, pitch, velocity, origin: originOf(effect, now), on: at, off: at });
    } else if (type === "NoteOff") this.#end((note) => note.pitch === pitch && note.instrument === instrument &&
      note.id === id, at);
    else if (type === "Flush") {
      this.notes = this.notes.filter((note) => note.on <= at);
      this.#end(() => true, at);
    }
  }

  /**
   * @param {(note: Sounded) => boolean} isMeant
   * @param {number} at
   */
  #end(isMeant, at) {
    for (const note of this.notes) if (note.off === null && isMeant(note)) note.off = Math.max(at, note.on);
  }

  /**
   * Which pitches sound at a moment, by whom; the player's own before others'.
   *
   * @param {number} at
   * @returns {Map<number, Origin>}
   */
  soundingAt(at) {
    /** @type {Map<number, Origin>} */
    const sounding = new Map();
    for (const note of this.notes) {
      if (note.kind !== "note" || note.on > at || (note.off !== null && note.off <= at)) continue;
      if (sounding.get(note.pitch) !== "you") sounding.set(note.pitch, note.origin);
    }
    return sounding;
  }

  /**
   * Whether something is still to be seen moving.
   *
   * @param {number} at
   */
  isMoving(at) {
    return this.notes.some((note) => note.off === null || note.off > at - SHOWN_S);
  }

  /** @param {number} at */
  show(at) {
    const interval = isStill() ? STILL_S : FRAME_S;
    if (at - this.#drawnAt < interval && at >= this.#drawnAt) return;
    if (!this.surface.begin()) return;
    this.#drawnAt = at;
    this.notes = this.notes.filter((note) => note.off === null || note.off > at - SHOWN_S);
    this.#draw(at);
  }

  /** @param {number} at */
  #draw(at) {
    const { context, width, height } = this.surface;
    const perSecond = width / (SHOWN_S + AHEAD_S);
    const x = (/** @type {number} */ time) => (time - at + SHOWN_S) * perSecond;
    const pitches = this.notes.filter(({ kind }) => kind === "note").map(({ pitch }) => pitch);
    const low = Math.min(LOWEST, ...pitches) - 1;
    const high = Math.max(HIGHEST, ...pitches) + 1;
    const drumsTop = height * 0.78;
    const row = (drumsTop - MIN_ROW_PX) / (high - low);
    const y = (/** @type {number} */ pitch) => MIN_ROW_PX + (high - pitch) * row;
    context.fillStyle = this.surface.colour("--line");
    context.fillRect(0, drumsTop, width, 1);
    for (let c = Math.ceil(low / 12) * 12; c < high; c += 12) context.fillRect(0, y(c), width, 1);
    context.fillRect(x(at), 0, 2, height);
    for (const note of this.notes) {
      if (note.kind === "click") this.#drawClick(note, x(note.on));
      else if (note.kind === "drum") this.#drawDrum(note, x(note.on), drumsTop);
      else this.#drawNote(note, x(note.on), x(note.off ?? Math.max(at, note.on)), y(note.pitch), Math.max(MIN_ROW_PX, row));
    }
  }

  /**
   * @param {Sounded} note
   * @param {number} x
   */
  #drawClick({ instrument }, x) {
    const { context, height } = this.surface;
    context.fillStyle = this.surface.colour("--dim");
    context.globalAlpha = instrument === "click2" ? 0.25 : 0.6;
    context.fillRect(x, 0, 1, height);
    context.globalAlpha = 1;
  }

  /**
   * Yours is a full bar, the loop's a hollow one, the machine's a bar with a diamond at its beginning.
   *
   * @param {Sounded} note
   * @param {number} left
   * @param {number} right
   * @param {number} middle
   * @param {number} height
   */
  #drawNote({ origin }, left, right, middle, height) {
    const { context } = this.surface;
    const colour = this.surface.colour(COLOURS[origin]);
    const width = Math.max(5, right - left);
    context.fillStyle = context.strokeStyle = colour;
    if (origin === "loop") {
      context.lineWidth = 1.5;
      context.strokeRect(left, middle - height / 2 + 1, width, height - 2);
      return;
    }
    const thick = origin === "machine" ? height * 0.5 : height;
    context.fillRect(left, middle - thick / 2, width, thick);
    if (origin === "machine") diamond(context, left, middle, height);
  }

  /**
   * @param {Sounded} note
   * @param {number} x
   * @param {number} top
   */
  #drawDrum({ instrument, origin, velocity }, x, top) {
    const { context, height } = this.surface;
    const row = (height - top) / (DRUMS.length + 1);
    const y = height - (DRUMS.indexOf(instrument) + 1) * row;
    const size = Math.max(3, row * 0.7) * (0.6 + velocity / 200);
    context.fillStyle = context.strokeStyle = this.surface.colour(COLOURS[origin]);
    if (origin === "machine") return diamond(context, x, y, size);
    context.lineWidth = 1.5;
    context.strokeRect(x - size / 2, y - size / 2, size, size);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
function diamond(context, x, y, radius) {
  context.beginPath();
  context.moveTo(x - radius, y);
  context.lineTo(x, y - radius);
  context.lineTo(x + radius, y);
  context.lineTo(x, y + radius);
  context.fill();
}
