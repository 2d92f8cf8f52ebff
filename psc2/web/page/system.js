/** What is wrong, what is there, what has been told: the lower part of the panel. */

/** @import {Alert, Shown, Snapshot, StruckKey, Welcome} from "./types.js" */
/** @import {Sounding} from "./sounding.js" */
import { make, mark, write } from "./element.js";
import { hasSuperCollider, pitchName } from "./snapshot.js";

const LINES = 3; // the latest
const LINE_MS = 60_000; // that a line stays
const LIGHT_MS = 250;

export class System {
  #struckAt = 0;
  #shown = "";

  /**
   * @param {HTMLElement} place
   * @param {HTMLElement} facts where there is room for what matters less
   */
  constructor(place, facts) {
    this.facts = facts;
    this.alerts = make("ul", { class: "alerts", role: "alert" });
    this.lines = make("div", { class: "lines", role: "log", "aria-live": "polite", "aria-label": "Messages" });
    this.light = make("span", { class: "light", "aria-hidden": "true", title: "a key comes in" }, "–");
    place.replaceChildren(this.alerts, make("div", { class: "row" }, this.light, this.lines));
  }

  /**
   * The key that was struck last, if it is another one.
   *
   * @param {StruckKey | null} struck
   */
  hear(struck) {
    if (struck !== null && struck.at > this.#struckAt) this.#flash(pitchName(struck.key));
    this.#struckAt = struck?.at ?? 0;
  }

  /** Another daemon counts anew, and what it shows first is not news. */
  forget() {
    this.#struckAt = Infinity;
  }

  /**
   * A line for the player, for a minute; where only a number is another one than before, in place of that line.
   *
   * @param {string} line
   */
  tell(line) {
    const told = make("p", {}, line);
    const last = this.lines.lastElementChild;
    if (last && wordsOf(last.textContent ?? "") === wordsOf(line)) last.replaceWith(told);
    else this.lines.append(told);
    while (this.lines.childElementCount > LINES) this.lines.firstElementChild?.remove();
    setTimeout(() => told.remove(), LINE_MS);
  }

  /** @param {string} name */
  #flash(name) {
    write(this.light, name);
    this.light.classList.add("on");
    setTimeout(() => this.light.classList.remove("on"), LIGHT_MS);
  }

  /**
   * @param {Shown} shown
   * @param {Welcome} welcome
   * @param {Sounding} sounding
   * @param {string} midi
   */
  show({ snapshot: now, alerts }, welcome, sounding, midi) {
    const troubles = [...alerts, ...[sounding.trouble, now.improv.trouble, now.beat_maker.trouble].filter(Boolean).map(lesser)];
    const words = JSON.stringify(troubles);
    if (words !== this.#shown) this.alerts.replaceChildren(...troubles.map(item));
    this.#shown = words;
    mark(this.alerts, "hidden", troubles.length ? null : "");
    write(this.facts, facts(now, welcome, sounding, midi).join(" · "));
  }
}

/** @param {string} line */
const wordsOf = (line) => line.replace(/\d+/g, "0");

/**
 * @param {string} reason
 * @returns {Alert}
 */
const lesser = (reason) => ({ title: "", reason, hides_the_music: false });

/**
 * An alert as large as it is grave.
 *
 * @param {Alert} alert
 */
const item = ({ title, reason, hides_the_music: isGrave }) =>
  make("li", isGrave ? { class: "grave" } : {}, ...(title ? [make("strong", {}, title), `: ${reason}`] : [reason]));

/**
 * @param {Snapshot} now
 * @param {Welcome} welcome
 * @param {Sounding} sounding
 * @param {string} midi
 */
function facts(now, { version, models }, sounding, midi) {
  const { counts, peer } = now;
  const devices = Object.values(now.devices.names);
  return [
    peer.hello_at === null ? "" : `SuperCollider ${hasSuperCollider(now) ? "there" : "gone"}`,
    devices.length ? `plugged in ${devices.join(", ")}` : midi,
    `melody ${models.melody}`, `drums ${models.drums}`,
    counts.late_steps ? `late ${counts.late_steps} (notes left out ${counts.skipped_notes})` : "",
    peer.late_bundles ? `late at the sound server ${peer.late_bundles}` : "",
    sounding.late ? `late in this page ${sounding.late}` : "",
    ...Object.entries(counts.bad_input).map(([kind, count]) => `dropped ${kind} ${count}`),
    now.latency_s ? `your latency ${Math.round(now.latency_s * 1000)} ms` : "",
    `seed ${now.seed}`, `psc2 ${version}`,
  ].filter(Boolean);
}
