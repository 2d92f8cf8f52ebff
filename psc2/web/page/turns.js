/** Whose turn it is in improv mode, and what changes it: the words of `psc2.screen.turns`. */

/** @import {Snapshot} from "./types.js" */

const ROUNDING = 1e-6; // of a beat
const MIN_PHRASE = 5; // notes: as in `psc2.core.turns`

/**
 * How many beats, begun ones too, until the turn changes at the latest; null if that is not known.
 *
 * @param {Snapshot} now
 * @param {number} at seconds on the daemon's clock
 */
export function beatsToTurn(now, at) {
  if (now.turn_changes_at === null) return null;
  const beatS = ((60 / now.qpm) * 4) / now.form.time_signature.denominator;
  return Math.max(0, Math.ceil((now.turn_changes_at - at) / beatS - ROUNDING));
}

/**
 * Whether the turn changes within a bar, at a moment that is known.
 *
 * @param {Snapshot} now
 * @param {number | null} beats up to there
 */
export function isWarned(now, beats) {
  if (now.improv.phase === "listening" && now.primer_length === 0) return false; // the next turn is the player's, too
  return beats !== null && beats <= now.form.time_signature.numerator;
}

/**
 * How many notes or beats until the turn changes; without an end, how many notes it has had.
 *
 * @param {Snapshot} now
 * @param {number | null} beats
 */
export function turnNumber(now, beats) {
  const { phase, rule, held, answered } = now.improv;
  if (beats !== null && (hasLength(now) || isWarned(now, beats))) return String(beats);
  if (phase === "listening") {
    const left = Math.max(0, now.min_primer_length - now.primer_length);
    return String(rule.kind === "count" && !held ? left : now.primer_length);
  }
  return phase === "answering" ? String(rule.kind === "pedal" ? answered : now.pitches_left) : "…";
}

/**
 * One line for the player.
 *
 * @param {Snapshot} now
 * @param {number | null} beats
 */
export function turnWords(now, beats) {
  const { phase, rule, muted } = now.improv;
  const plays = now.answer === "machine";
  const whose = plays ? "the machine plays" : "your keys, the machine's pitches";
  if (muted) return "the machine lays out";
  switch (phase) {
    case "listening": return now.improv.at_once ? "the machine is thinking" : listening(now, beats);
    case "ready":
      if (hasLength(now)) return `the machine's turn${within(beats)}`;
      return `rest, and the machine takes over${beats === null ? "" : `; at the latest${within(beats)}`}`;
    case "answering":
      if (hasLength(now)) return `the machine's ${lengthOf(now)}${within(beats, "you")}`;
      if (rule.kind === "pedal") return `${whose}; pedal down, or h, and it is your turn`;
      if (now.pitches_left > 0) return `${whose}: ${now.pitches_left} left`;
      return plays ? whose : `${whose}: rest, and it is your turn`;
    default: return "the machine is thinking";
  }
}

/**
 * @param {Snapshot} now
 * @param {number | null} beats
 */
function listening(now, beats) {
  const notes = counted(now.primer_length, "note");
  const isShort = now.primer_length < MIN_PHRASE;
  if (now.improv.held) return `your call: ${notes}; pedal up, or h, and it answers`;
  switch (now.improv.rule.kind) {
    case "count": return `your call ${now.primer_length}/${now.min_primer_length}`;
    case "phrase": return `your call: ${notes}; ${isShort ? `${MIN_PHRASE} and a rest are a phrase` : "a rest ends it"}`;
    case "pedal": return "pedal down, or h, and the machine listens";
    default:
      if (now.primer_length === 0) return `your ${lengthOf(now)}: the machine answers what you play in them`;
      return `your ${lengthOf(now)}${within(beats, "the machine")}`;
  }
}

/**
 * Whether a turn is so many bars, or sequences, long.
 *
 * @param {Snapshot} now
 */
export const hasLength = ({ improv }) => improv.rule.kind === "bars" || improv.rule.kind === "chorus";

/**
 * How long a turn is.
 *
 * @param {Snapshot} now
 */
function lengthOf({ improv: { rule } }) {
  if (rule.kind === "bars") return counted(rule.length, "bar");
  return rule.length === 1 ? "chorus" : `${rule.length} choruses`;
}

/**
 * When the turn changes, as far as that is known.
 *
 * @param {number | null} beats
 * @param {string} [whose]
 */
const within = (beats, whose) => (beats === null ? "" : `${whose ? `: ${whose}` : ""} in ${counted(beats, "beat")}`);

/**
 * @param {number} count
 * @param {string} noun
 */
const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
