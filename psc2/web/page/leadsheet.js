/** What was played over which chord, bar by bar: a chorus as a lead sheet, once it is over. */

/** @import {Snapshot} from "./types.js" */
/** @import {By, Cell, Chorus, Judged, Kind} from "./choruses.js" */
/** @import {Solo} from "./solo.js" */
import { latestOf, shareOf } from "./choruses.js";
import { button, make, mark, write } from "./element.js";
import { spelled } from "./spelling.js";

const MIN_NOTES = 8; // of a solo that is shown without being asked for
const FEW = 8; // bars, that are written large
const KINDS = /** @type {Record<Kind, string>} */ ({
  tone: "chord tone", scale: "scale tone", avoid: "avoid note", outside: "outside", free: "",
});
const BOTH = /** @type {By[]} */ (["you", "machine"]);
const LEGEND = /** @type {{kind: Kind, by: By, strong: boolean, words: string}[]} */ ([
  { kind: "tone", by: "you", strong: false, words: "chord tone" },
  { kind: "scale", by: "you", strong: false, words: "scale tone" },
  { kind: "avoid", by: "you", strong: false, words: "avoid note" },
  { kind: "outside", by: "you", strong: false, words: "outside" },
  { kind: "scale", by: "you", strong: true, words: "strong beat" },
  { kind: "tone", by: "machine", strong: false, words: "machine" },
]);

export class LeadSheet {
  isOpen = false;
  /** @type {Chorus[]} */
  #choruses = [];
  #shown = 0; // which of them
  #isPlaying = false;
  #passes = 0; // that had begun when it was written

  /**
   * @param {HTMLElement} place
   * @param {Solo} solo
   * @param {() => void} changed
   */
  constructor(place, solo, changed) {
    this.place = place;
    this.solo = solo;
    this.changed = changed;
    const given = { "aria-controls": place.id, "aria-expanded": false, hidden: "" };
    this.button = button("", () => this.#open(!this.isOpen), given);
    this.button.append(make("span", { class: "full" }, "what I "), "played");
    this.title = make("h2", {});
    this.before = button("◀", () => this.#turn(-1), { "aria-label": "the chorus before" });
    this.after = button("▶", () => this.#turn(1), { "aria-label": "the next chorus" });
    const close = button("✕", () => this.#open(false), { "aria-label": "close what was played" });
    this.summary = make("div", { class: "summary", role: "status" });
    this.bars = make("ol", { class: "bars", tabindex: 0, "aria-label": "bars" });
    place.replaceChildren(
      make("div", { class: "row" }, this.before, this.title, this.after, this.summary, close), this.bars, legend(),
    );
  }

  /**
   * It opens by itself when the loop stops after a solo, shuts when it starts, and follows it while it is open.
   *
   * @param {Snapshot} now
   */
  see({ grid }) {
    const wasPlaying = this.#isPlaying;
    this.#isPlaying = grid !== null;
    this.button.hidden = !this.solo.isThere || (this.#isPlaying && this.#numPasses() < 2);
    if (this.#isPlaying && !wasPlaying) this.#open(false);
    else if (wasPlaying && !this.#isPlaying) this.#open(this.isOpen || this.#isSolo());
    else if (this.isOpen && this.#isPlaying && this.#passes !== this.#numPasses()) this.#open(true);
  }

  #isSolo() {
    return this.solo.isThere && this.solo.notes.length >= MIN_NOTES;
  }

  #numPasses() {
    return this.solo.passes.length + this.solo.forgotten;
  }

  /** @param {boolean} isToOpen */
  #open(isToOpen) {
    if (isToOpen) {
      this.#passes = this.#numPasses();
      this.#choruses = this.solo.choruses().filter((one) => !this.#isPlaying || isOver(one));
      this.#shown = latestOf(this.#choruses);
    }
    this.isOpen = isToOpen && this.#choruses.length > 0;
    if (!this.isOpen && this.place.contains(document.activeElement)) this.button.focus();
    this.place.hidden = !this.isOpen;
    mark(this.place, "data-playing", this.#isPlaying);
    mark(this.button, "aria-expanded", this.isOpen);
    mark(this.button, "data-light", this.isOpen ? "lit" : null);
    if (this.isOpen) this.#write();
    this.changed();
  }

  /** @param {number} by */
  #turn(by) {
    this.#shown = Math.max(0, Math.min(this.#choruses.length - 1, this.#shown + by));
    this.#write();
  }

  #write() {
    const chorus = this.#choruses[this.#shown];
    mark(this.before, "aria-disabled", this.#shown === 0);
    mark(this.after, "aria-disabled", this.#shown === this.#choruses.length - 1);
    write(this.title, `chorus ${chorus.number}`);
    const all = this.#choruses.length > 1 ? [make("p", { class: "all" }, summaryOf(this.#choruses))] : [];
    this.summary.replaceChildren(make("p", {}, summaryOf([chorus])), ...all);
    mark(this.bars, "data-few", chorus.bars.length <= FEW);
    this.bars.replaceChildren(...chorus.bars.map(barOf));
    this.bars.scrollTop = 0;
  }
}

/** What the marks of the notes mean. */
function legend() {
  const rows = LEGEND.map(({ kind, by, strong, words }) => {
    const given = { class: "note", "data-kind": kind, "data-by": by, "data-strong": strong, "aria-hidden": true };
    return make("li", {}, make("span", given, "A"), words);
  });
  return make("ul", { class: "kinds", "aria-label": "How notes are marked" }, ...rows);
}

/** @param {Chorus} chorus */
const isOver = ({ bars, played }) => played === bars.length;

/**
 * How many of the notes on strong beats are chord tones and scale tones, for each who played.
 *
 * @param {Chorus[]} choruses
 */
export function summaryOf(choruses) {
  const lead = choruses.length > 1 ? `all ${choruses.length} choruses` : "strong beats";
  const shares = BOTH.map((by) => ({ by, ...shareOf(choruses, by) })).filter(({ notes }) => notes > 0);
  const said = shares.map(({ by, notes, tones, fitting }, n) => {
    const [ofChord, ofScale] = n === 0 ? [" chord tones,", " in the scale"] : [" and", ""];
    const noun = n > 0 ? "" : notes === 1 ? " note" : " notes";
    const [chord, scale] = [tones, fitting].map((count) => `${Math.round((100 * count) / notes)} %`);
    return `${chord}${ofChord} ${scale}${ofScale} (${by}: ${notes}${noun})`;
  });
  return `${lead}: ${said.join(" · ") || "nothing was played on them"}`;
}

/**
 * @param {Cell[]} cells
 * @param {number} bar 0-based
 */
function barOf(cells, bar) {
  return make("li", { class: "bar" }, unseen(`bar ${bar + 1}`), ...cells.map((cell) => cellOf(cell, cells.length === 1)));
}

/**
 * A chord and its notes; one that holds for the whole of a further bar is written as repeats are.
 *
 * @param {Cell} cell
 * @param {boolean} isAlone
 */
function cellOf({ symbol, tones, held, section, notes }, isAlone) {
  const isRepeat = held && isAlone;
  const chord = isRepeat ? make("span", { "aria-hidden": true }, "%") : symbol;
  const mark = section ? [make("span", { class: "section" }, section)] : [];
  return make("div", { class: "cell" },
    make("p", { class: "chord", "data-held": held }, ...mark, chord, ...(isRepeat ? [unseen(symbol)] : [])),
    make("ol", { class: "notes" }, ...notes.map((note) => noteOf(note, spelled(note.pitch, symbol, tones)))),
  );
}

/**
 * @param {Judged} note
 * @param {string} name
 */
function noteOf({ by, kind, strong }, name) {
  const words = [KINDS[kind], strong ? "on a strong beat" : "", by === "machine" ? "the machine's" : ""];
  const said = words.filter((word) => word !== "").join(", ");
  const given = { class: "note", "data-by": by, "data-kind": kind, "data-strong": strong, title: said };
  return make("li", given, name, unseen(`: ${said}`));
}

/** @param {string} words for who hears the page */
const unseen = (words) => make("span", { class: "unseen" }, words);
