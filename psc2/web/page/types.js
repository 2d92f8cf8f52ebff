/**
 * What the daemon says, as JSON has it: only the fields that the page looks at. `psc2/core/snapshot.py`,
 * `effects.py` and `actions.py` say what they mean.
 *
 * @typedef {"click" | "bass" | "drums" | "chords" | "lead"} Layer
 * @typedef {{numerator: number, denominator: number}} TimeSignature
 * @typedef {{time_signature: TimeSignature, num_bars: number}} Form
 * @typedef {{start: number, form: Form}} Pass
 * @typedef {{ratio: number, pair_steps: number, bar_line: number, steps_per_bar: number}} Swing
 * @typedef {{anchor_s: number, anchor_step: number, qpm: number, swing: Swing}} Segment
 * @typedef {{segments: Segment[]}} Grid
 * @typedef {{symbol: string, tones: number[], scale: number[], avoid: number[]}} Chord pitch classes; none where
 *   there is no chord
 * @typedef {{step: number, chord: Chord, section: string}} ComingChord
 * @typedef {{bar: number, step: number, layer: Layer, instrument: string, pitch: number, velocity: number,
 *   duration_steps: number}} PlayableNote
 * @typedef {{layer: Layer, onset: number, position: {bar: number, step: number}, pitch: number,
 *   duration_steps: number | null}} TakenNote
 * @typedef {{at: number, layer: Layer, key: number, pitch: number}} StruckKey
 * @typedef {{gain: number, muted: boolean, soloed: boolean}} Fader
 * @typedef {{mode: "none" | "bars" | "chance", click_bars: number, silent_bars: number, chance_percent: number}} Gap
 * @typedef {{active: boolean, step_qpm: number, passes: number, limit_qpm: number, back: boolean}} Ramp
 * @typedef {{count_in_bars: number, click_beats: {beats: number[], offbeats: boolean}, gap: Gap,
 *   metronome_only: boolean, ramp: Ramp, transpose: {semitones: number, every_key: boolean}}} Practice
 * @typedef {{layer: Layer, overdub: boolean, start: number | null}} Recording
 * @typedef {{pitch: number, velocity: number, position: {bar: number, step: number}, deviation_ms: number}} TimedNote
 * @typedef {{notes: TimedNote[], deviation_ms: number}} TimedOnset
 * @typedef {{layer: Layer, form: Form, onsets: TimedOnset[], mean_ms: number, median_ms: number, spread_ms: number,
 *   early: number, late: number}} LookBack early is negative
 *
 * @typedef {object} Snapshot
 * @property {Grid | null} grid
 * @property {Pass[]} passes
 * @property {Form} form
 * @property {Form | null} coming
 * @property {number} qpm
 * @property {"bass" | "chords" | "improv" | "free" | "calibrate"} mode
 * @property {Recording | null} recording
 * @property {boolean} overdub
 * @property {boolean} first_key_starts
 * @property {Record<Layer, number>} layer_sizes
 * @property {"none" | "deterministic" | "model"} beat
 * @property {{faders: Record<Layer, Fader>}} mixer
 * @property {Practice} practice
 * @property {{ratio: number, unit: "8th" | "16th", learns: boolean, quantise_percent: number}} feel
 * @property {"off" | "strong" | "all"} harmony
 * @property {{bass: "off" | "roots" | "two" | "walking", comping: "off" | "held" | "cells"}} band
 * @property {ComingChord[]} chords
 * @property {number[]} strong_steps of a bar
 * @property {{bars: number, is_silent: boolean}} gap
 * @property {number | null} goal_qpm
 * @property {Record<string, PlayableNote[]>} bars
 * @property {TakenNote[]} taken
 * @property {StruckKey | null} struck
 * @property {number} undoable
 * @property {number} redoable
 * @property {{temperature: number, phase: "idle" | "listening" | "waiting" | "ready" | "answering", trouble: string,
 *   rule: {kind: "count" | "phrase" | "bars" | "chorus" | "pedal", length: number}, held: boolean, at_once: boolean, muted: boolean,
 *   answered: number, since: number}} improv
 * @property {number} primer_length
 * @property {number} min_primer_length
 * @property {number} pitches_left
 * @property {"hands" | "machine"} answer
 * @property {number | null} turn_changes_at seconds on the daemon's clock; null where that is not known
 * @property {{temperature: number, wanted: boolean, coming: unknown, trouble: string}} beat_maker
 * @property {{hello_at: number | null, gone: boolean, late_bundles: number, status: string,
 *   process: {at: number, running: boolean, reason: string} | null}} peer
 * @property {{latency_s: number} | null} page
 * @property {number} lookahead_s
 * @property {{names: Record<string, string>}} devices
 * @property {{late_steps: number, skipped_notes: number, bad_input: Record<string, number>}} counts
 * @property {number} seed
 * @property {number} latency_s
 * @property {{taps: object[], num_taps: number}} calibration
 * @property {LookBack | null} look_back
 *
 * @typedef {object} Effect
 * @property {"Strike" | "NoteOn" | "NoteOff" | "Flush" | "Bend" | "Modulate" | "SetUp"} type
 * @property {number | null} [at] seconds on the daemon's clock; null is at once
 * @property {string} [instrument]
 * @property {number} [pitch]
 * @property {number} [velocity]
 * @property {number} [note_id]
 * @property {number} [value]
 * @property {unknown} [rig]
 *
 * @typedef {{name: string, description: string, layers: Layer[],
 *   values: {low: number, high: number} | null}} Action
 * @typedef {{key: string, action: string, layer: Layer | null, step: number | null, repeats: boolean}} Binding
 * @typedef {{number: number, action: string, layer: Layer | null, scale: [number, number] | null}} Control
 *
 * @typedef {object} Welcome
 * @property {"Welcome"} type
 * @property {string} version
 * @property {Action[]} actions
 * @property {Binding[]} keys
 * @property {unknown} rig
 * @property {{name: string, controls: Control[]}} controller
 * @property {{melody: string, drums: string}} models
 *
 * @typedef {{title: string, reason: string, hides_the_music: boolean}} Alert grave where it hides the music
 * @typedef {{type: "Shown", at: number, snapshot: Snapshot, look_back: string,
 *   alerts: Alert[]}} Shown
 * @typedef {{type: "Effects", at: number, effects: Effect[]}} Effects
 * @typedef {{type: "Pong", sent: number, at: number}} Pong
 * @typedef {{type: "Sounds", here: boolean, elsewhere: boolean}} Sounds
 * @typedef {{type: "Refused", reason: string}} Refused
 * @typedef {{type: "Told", line: string}} Told
 * @typedef {Welcome | Shown | Effects | Pong | Sounds | Told | Refused} Message
 *
 * @typedef {(message: object) => boolean} Say says something to the daemon, if it is there
 * @typedef {(action: string, layer?: Layer | null, value?: number | null) => void} Press
 * @typedef {(line: string) => void} Tell shows the player a line
 */
export {};
