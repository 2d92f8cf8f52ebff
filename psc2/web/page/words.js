/** The mode and the number that counts, in words: those of `psc2.screen.head`. */

/** @import {Recording, Snapshot} from "./types.js" */
/** @import {Place} from "./snapshot.js" */
import { silenceWords } from "./practice.js";
import { isWarned, turnNumber, turnWords } from "./turns.js";

/**
 * The mode; while nothing but the loop is played with, whether that is stopped or counted in.
 *
 * @param {Snapshot} now
 * @param {Place | null} place
 */
export function headWord(now, place) {
  if (now.mode === "calibrate") return "TAP";
  if (now.mode !== "free" || now.recording !== null) return now.mode.toUpperCase();
  if (place === null) return "STOPPED";
  return place.bar < 0 ? "COUNT" : "FREE";
}

/**
 * What the colour tells: the mode, or what is more than that.
 *
 * @param {Snapshot} now
 * @param {Place | null} place
 * @param {number | null} beats until the turn changes
 */
export function mood(now, place, beats) {
  if (now.recording !== null) return now.recording.start === null ? "armed" : "recording";
  if (now.mode === "free" && place === null) return "stopped";
  if (now.mode === "free" && place !== null && place.bar < 0) return "count";
  if (isWarned(now, beats)) return "warned";
  return now.improv.phase === "answering" ? "answering" : now.mode;
}

/**
 * The recording lamp; empty while nothing is armed or recorded.
 *
 * @param {Snapshot} now
 */
export function lamp({ recording }) {
  return recording === null ? "" : recording.start === null ? "○" : "●";
}

/**
 * Bar and beat; in the count-in the beat; in improv mode what changes the turn.
 *
 * @param {Snapshot} now
 * @param {Place | null} place
 * @param {number | null} beats until the turn changes
 */
export function headNumber(now, place, beats) {
  if (place !== null && place.bar < 0) return `${place.beat + 1}`;
  if (now.improv.phase !== "idle") return turnNumber(now, beats);
  if (now.mode === "calibrate") return String(now.calibration.num_taps - now.calibration.taps.length);
  if (place === null) return headWord(now, place) === "STOPPED" ? "" : "■";
  return `${place.bar + 1}.${place.beat + 1}`;
}

/**
 * What the mode is about.
 *
 * @param {Snapshot} now
 * @param {Place | null} place
 * @param {number | null} beats until the turn changes
 */
export function activity(now, place, beats) {
  if (now.recording !== null) return recordingWords(now.recording, place, now.first_key_starts);
  if (now.mode === "calibrate") return "tap any piano key with the click";
  if (now.improv.phase !== "idle") return turnWords(now, beats);
  if (now.overdub) return "overdub is on: the next recording adds";
  if (place !== null) return silenceWords(now);
  return isStarting(now) ? "SuperCollider is starting: sound in a moment" : "play starts the loop";
}

/**
 * Whether sound is to be expected in a moment, from psc2's own SuperCollider.
 *
 * @param {Snapshot} now
 */
const isStarting = ({ peer, page }) =>
  page === null && peer.process !== null && peer.process.running && (peer.hello_at === null || peer.hello_at <= peer.process.at);

/**
 * @param {Recording} recording
 * @param {Place | null} place
 * @param {boolean} firstKeyStarts
 */
function recordingWords(recording, place, firstKeyStarts) {
  const adds = recording.overdub ? " (overdub)" : "";
  if (recording.start !== null) return `RECORDING${adds}`;
  if (place !== null) return `ARMED${adds}: starts with your first key`;
  return `ARMED${adds}: ${firstKeyStarts ? "your first key starts the loop" : "press play"}`;
}

/**
 * Where in the sequence the music is.
 *
 * @param {Place | null} place
 */
export function where(place) {
  if (place === null) return "stopped";
  if (place.bar < 0) return place.bar === -1 ? "count-in" : `count-in, ${-place.bar} bars`;
  return `bar ${place.bar + 1} of ${place.pass.form.num_bars} · beat ${place.beat + 1}`;
}
