/** How notes are spelled over a chord: the names that `psc2.core.spelling` gives them. */

const SEMITONES = /** @type {Record<string, number>} */ ({ C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 });
const ALTERATIONS = /** @type {Record<string, number>} */ ({ "": 0, "#": 1, b: -1 });
const LETTERS = "CDEFGAB";
const DEGREES = [0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6]; // of a scale, by semitones above its tonic
const FIFTH = 4;
const AWKWARD = ["Cb", "Fb", "E#", "B#"];
const PLAIN = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"];

/**
 * The name of a pitch over a chord, as a key on its root has it; an altered fifth is called a fifth.
 *
 * @param {number} pitch
 * @param {string} symbol of the chord, that begins with its root
 * @param {number[]} [tones] its pitch classes
 */
export function spelled(pitch, symbol, tones = []) {
  const number = pitch % 12;
  const root = /^([A-G])([#b]?)/.exec(symbol);
  if (root === null) return PLAIN[number];
  const tonic = SEMITONES[root[1]] + ALTERATIONS[root[2]];
  const above = (number - tonic + 12) % 12;
  const isFifth = (above === 6 || above === 8) && tones.includes(number) && !tones.includes((tonic + 19) % 12);
  const letter = LETTERS[(LETTERS.indexOf(root[1]) + (isFifth ? FIFTH : DEGREES[above])) % LETTERS.length];
  const sharps = ((number - SEMITONES[letter] + 18) % 12) - 6;
  const name = letter + (sharps > 0 ? "#".repeat(sharps) : "b".repeat(-sharps));
  return Math.abs(sharps) > 1 || AWKWARD.includes(name) ? PLAIN[number] : name;
}
