// What there is to play, with the numbers of sclang/band.scd: each click and drum with its layer and the gain of its
// sample, and what holds a note with the level of one.

/** @type {Record<string, { layer: string, gain: number }>} */
export const STROKES = {
  click0: { layer: "click", gain: 0.55 },
  click1: { layer: "click", gain: 0.5 },
  click2: { layer: "click", gain: 0.45 },
  kick: { layer: "drums", gain: 0.38 },
  snare: { layer: "drums", gain: 0.42 },
  clhat: { layer: "drums", gain: 0.27 },
  ophat: { layer: "drums", gain: 0.27 },
  lowtom: { layer: "drums", gain: 0.42 },
  midtom: { layer: "drums", gain: 0.42 },
  hightom: { layer: "drums", gain: 0.42 },
  crash: { layer: "drums", gain: 0.34 },
  ride: { layer: "drums", gain: 0.32 },
};

/** Each has the layer of its name; the voice is the one that it has until a rig says otherwise. */
/** @type {Record<string, { level: number, voice: string }>} */
export const PITCHED = {
  bass: { level: 2, voice: "upright" },
  chords: { level: 1.3, voice: "epiano" },
  lead: { level: 1.8, voice: "wurly" },
};

export const LAYERS = ["click", "bass", "drums", "chords", "lead"];
export const BEND_RANGE = 2; // semitones, at either end of the pitch wheel
export const VIBRATO_RANGE = 0.5; // semitones to either side, with the modulation wheel fully up
