/** The mode in the largest letters, readable from the piano stool and beyond. */

/** @import {Snapshot} from "./types.js" */
/** @import {Place} from "./snapshot.js" */
import { chordWords } from "./changes.js";
import { make, mark, write } from "./element.js";
import { practiceWords } from "./practice.js";
import { meterName } from "./snapshot.js";
import { beatsToTurn, hasLength } from "./turns.js";
import { activity, headNumber, headWord, lamp, mood, where } from "./words.js";

export class Head {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    this.lamp = make("span", { class: "lamp", "aria-hidden": "true" });
    this.word = make("strong", { class: "word", role: "status" });
    this.number = make("span", { class: "number" });
    this.activity = make("p", { class: "activity" });
    this.where = make("p", { class: "where" });
    this.turn = make("div", { class: "turn", "aria-hidden": "true" }, make("i"));
    this.form = make("p", { class: "form" });
    this.chords = make("p", { class: "chords", "aria-label": "chords" });
    place.replaceChildren(
      make("div", { class: "letters" }, this.lamp, this.word, this.number), this.turn,
      make("div", { class: "about" }, this.activity, this.form, this.where),
      this.chords,
    );
  }

  /**
   * @param {Snapshot} now
   * @param {Place | null} place
   * @param {number} at seconds on the daemon's clock
   */
  show(now, place, at) {
    const beats = beatsToTurn(now, at);
    mark(this.place, "data-mood", mood(now, place, beats));
    write(this.lamp, lamp(now));
    write(this.word, headWord(now, place));
    write(this.number, headNumber(now, place, beats));
    write(this.activity, activity(now, place, beats));
    write(this.where, where(place));
    write(this.form, [formText(now), ...practiceWords(now)].join(" · "));
    this.#showChords(chordWords(now, at));
    this.#showTurn(now, at);
  }

  /** @param {string[]} chords the one that sounds first */
  #showChords([sounding, ...coming]) {
    this.chords.hidden = sounding === undefined;
    write(this.chords, [sounding, ...coming].join(" → "));
  }

  /**
   * How much of a turn is over: the call fills the bar, the answer empties it.
   *
   * @param {Snapshot} now
   * @param {number} at seconds on the daemon's clock
   */
  #showTurn(now, at) {
    const share = turnShare(now, at);
    this.turn.hidden = share === null;
    const bar = this.turn.firstElementChild;
    if (bar instanceof HTMLElement && share !== null) bar.style.width = `${(100 * share).toFixed(1)}%`;
  }
}

/**
 * How much of a call there is, or of an answer left: in notes, or in time where a line ends a turn.
 *
 * @param {Snapshot} now
 * @param {number} at seconds on the daemon's clock
 * @returns {number | null} 0 to 1; null while there are no turns
 */
export function turnShare(now, at) {
  if (hasLength(now) && now.turn_changes_at !== null && now.improv.phase !== "ready") {
    const left = (now.turn_changes_at - at) / Math.max(0.001, now.turn_changes_at - now.improv.since);
    const share = Math.max(0, Math.min(1, left));
    return now.improv.phase === "answering" ? share : 1 - share;
  }
  switch (now.improv.phase) {
    case "listening": return Math.min(1, now.primer_length / now.min_primer_length);
    case "waiting":
    case "ready": return 1;
    case "answering": return Math.min(1, now.pitches_left / now.min_primer_length);
    default: return null;
  }
}

/**
 * Meter, bars and tempo, and what they become at the next sequence start or by a ramp.
 *
 * @param {Snapshot} now
 */
export function formText({ form, coming, qpm, goal_qpm: goal, feel }) {
  const next = coming ?? form;
  const change = (/** @type {string} */ is, /** @type {string} */ becomes) => (is === becomes ? is : `${is} → ${becomes}`);
  const meter = change(meterName(form.time_signature), meterName(next.time_signature));
  const bars = change(String(form.num_bars), String(next.num_bars));
  const [tempo, becomes] = [qpm, goal ?? qpm].map((value) => String(Number(value.toPrecision(4))));
  const swing = feel.ratio === 0.5 ? "" : ` · ${Number((100 * feel.ratio).toPrecision(3))} % swing${feel.unit === "16th" ? " of 16ths" : ""}`;
  return `${meter} · ${bars} ${next.num_bars === 1 ? "bar" : "bars"} · ${change(tempo, becomes)} qpm${swing}`;
}
