// What there is to play, with the numbers of sclang/band.scd: each click and drum with its layer and the gain of its
// sample, and what holds a note with the level of one.

/** @type {Record<string, { layer: string, gain: number }>} */
export const STROKES = {
  click0: { layer: "click", gain: 0.55 },
  click1: { layer: "click", gain: 0.5 },
  click2: { layer: "click", gain: 0.45 },
  kick: { layer: "drums", gain: 0.65 },
  snare: { layer: "drums", gain: 0.5 },
  clhat: { layer: "drums", gain: 0.3 },
  ophat: { layer: "drums", gain: 0.3 },
  lowtom: { layer: "drums", gain: 0.5 },
  midtom: { layer: "drums", gain: 0.5 },
  hightom: { layer: "drums", gain: 0.5 },
  crash: { layer: "drums", gain: 0.4 },
  ride: { layer: "drums", gain: 0.35 },
};

/** Each has the layer of its name; the voice is the one that it has until a rig says otherwise. */
/** @type {Record<string, { level: number, voice: string }>} */
export const PITCHED = {
  bass: { level: 2, voice: "upright" },
  chords: { level: 1, voice: "epiano" },
  lead: { level: 2, voice: "wurly" },
};

export const LAYERS = ["click", "bass", "drums", "chords", "lead"];
export const BEND_RANGE = 2; // semitones, at either end of the pitch wheel
export const VIBRATO_RANGE = 0.5; // semitones to either side, with the modulation wheel fully up
