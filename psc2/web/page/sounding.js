/** The sound of the page: effects to the band, at their moment on the audio clock. */

/** @import {Effect} from "./types.js" */
/** @import {Clock} from "./clock.js" */

const JUMP_S = 0.02; // from here on the audio clock has been set anew; below it only wavers
const SMOOTHING = 0.1;
const LATENCY_STEP_S = 0.005; // that the daemon is told of
const LOOK_MS = 1000;
const FAR = "over the network a page shows and plays; only one on psc2's own computer sounds";

/** @typedef {{play: (effect: Effect, when: number | null) => void, close: () => void,
 *   onlevel?: (peak: number) => void}} Band */
/** @typedef {{open: (context: AudioContext, audio: string) => Promise<Band>}} BandKind */

/**
 * Two clocks as one line: from the page's clock to the moment on the audio clock that is heard then.
 */
export class AudioTime {
  /** @type {number | null} */
  #offset = null;

  /**
   * What was seen of both, in seconds; follows slowly what wavers, and at once what jumps.
   *
   * @param {number} contextTime
   * @param {number} ownTime
   */
  see(contextTime, ownTime) {
    const seen = contextTime - ownTime;
    if (this.#offset === null || Math.abs(seen - this.#offset) > JUMP_S) this.#offset = seen;
    else this.#offset += SMOOTHING * (seen - this.#offset);
  }

  /**
   * @param {number} ownTime
   * @returns {number}
   */
  at(ownTime) {
    return ownTime + (this.#offset ?? 0);
  }
}

export class Sounding {
  /** @type {AudioContext | null} */
  context = null;
  /** @type {Band | null} */
  band = null;
  /** Whether the player wants this page to sound. */
  wanted = false;
  /** Whether it does, as the daemon has it. */
  here = false;
  /** Whether another page does. */
  elsewhere = false;
  /** How many effects came after their moment. */
  late = 0;
  /** The loudest of late, 0 to 1. */
  level = 0;
  /** Why there is no sound, one line; empty if there is no reason. */
  trouble = "";
  /** @type {unknown} */
  #rig = null;
  #told = -1;
  #time = new AudioTime();
  /** @type {Promise<void> | null} */
  #opening = null;

  /**
   * @param {(message: object) => boolean} say
   * @param {Clock} clock
   * @param {() => void} changed
   */
  constructor(say, clock, changed) {
    this.say = say;
    this.clock = clock;
    this.changed = changed;
    setInterval(() => this.#look(), LOOK_MS);
  }

  /** Take the sound; called from within a gesture, which the browser wants to have seen. */
  take() {
    if (!isSecureContext) {
      this.trouble = FAR;
      return;
    }
    this.wanted = true;
    this.#opening ??= this.#open();
    void this.context?.resume();
    this.#offer();
  }

  /** Give the sound back. */
  leave() {
    this.wanted = false;
    this.say({ type: "SoundHere", latency_s: null });
    this.#silence();
  }

  /** The daemon does not let this page sound. */
  refuse() {
    this.wanted = false;
    this.#silence();
  }

  /** A gesture: the browser may have put the sound to sleep. */
  wake() {
    if (this.context !== null && this.context.state !== "running") void this.context.resume();
  }

  async #open() {
    try {
      const context = new AudioContext({ latencyHint: "interactive" });
      this.context = context;
      context.onstatechange = () => this.changed();
      const { Band } = /** @type {{Band: BandKind}} */ (await import("./sound/band.js"));
      this.band = await Band.open(context, "/audio/");
      this.band.onlevel = (peak) => (this.level = peak);
      if (this.#rig !== null) this.band.play({ type: "SetUp", rig: this.#rig }, null);
      this.trouble = "";
      this.#offer();
    } catch (error) {
      this.trouble = `no sound from this page: ${error instanceof Error ? error.message : error}`;
      this.#opening = null;
      void this.context?.close();
      this.context = null;
    }
    this.changed();
  }

  /** Tell the daemon that this page can sound, and how late it is. */
  #offer() {
    if (this.band === null || !this.wanted) return;
    this.#told = this.latency;
    this.say({ type: "SoundHere", latency_s: this.#told });
  }

  /** From the audio clock to the loudspeaker, 0–1 seconds. */
  get latency() {
    const context = this.context;
    const seconds = context === null ? 0 : (context.baseLatency || 0) + (context.outputLatency || 0);
    return Math.min(1, Math.max(0, seconds));
  }

  /**
   * The daemon says by which rig to sound; with it the page is heard of again.
   *
   * @param {unknown} rig
   */
  setUp(rig) {
    this.#rig = rig;
    this.band?.play({ type: "SetUp", rig }, null);
  }

  /**
   * Who sounds, as the daemon has it.
   *
   * @param {boolean} here
   * @param {boolean} elsewhere
   */
  heard(here, elsewhere) {
    if (this.here && !here) this.#silence();
    if (this.here && !here && elsewhere) this.wanted = false; // another page has taken it over
    if (here) this.wanted = true; // it may come back where the page that took it has gone
    this.here = here;
    this.elsewhere = elsewhere;
    this.changed();
  }

  /** The daemon is away. */
  lose() {
    this.#silence();
    this.here = this.elsewhere = false;
  }

  /** The daemon is there again: sound on, unless somebody else does. */
  comeBack() {
    if (this.wanted && !this.here && !this.elsewhere) this.#offer();
  }

  /** @param {Effect[]} effects */
  play(effects) {
    if (!this.here || this.band === null || this.context === null) return;
    this.#see();
    for (const effect of effects) {
      const at = effect.at ?? null;
      this.band.play(effect, at === null || !this.clock.isSet ? null : this.#when(this.context, at));
    }
  }

  /**
   * The moment on the audio clock for one on the daemon's; what is late sounds now.
   *
   * @param {AudioContext} context
   * @param {number} at
   */
  #when(context, at) {
    const when = this.#time.at(at - this.clock.offset);
    if (when < context.currentTime) this.late += 1;
    return Math.max(when, context.currentTime);
  }

  /** Look at both clocks at once: the device's own where the browser tells it. */
  #see() {
    const context = this.context;
    if (context === null || context.state !== "running") return;
    const now = this.clock.own();
    const heard = context.getOutputTimestamp?.();
    const seen = (heard?.performanceTime ?? 0) / 1000;
    if (heard?.contextTime && Math.abs(now - seen) < 1) this.#time.see(heard.contextTime, seen);
    else this.#time.see(context.currentTime - this.latency, now);
  }

  #silence() {
    this.band?.play({ type: "Flush" }, null);
  }

  /** From time to time: follow the clocks, and tell of a latency that has changed. */
  #look() {
    this.#see();
    if (this.here && Math.abs(this.latency - this.#told) > LATENCY_STEP_S) this.#offer();
  }
}
