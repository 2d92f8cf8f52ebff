/** MIDI devices of the page's computer: each is a source of its own, 1–63. */

/** @import {Say} from "./types.js" */

const SOURCES = 63;
const MAX_NAME = 200; // characters

/**
 * What a MIDI message is to the daemon; null for one that is not played. A note-on of velocity 0 is a key-up.
 *
 * @param {ArrayLike<number>} data
 * @param {number} source
 * @returns {object | null}
 */
export function eventOf(data, source) {
  const status = data[0] ?? 0;
  const channel = status & 0x0f;
  const first = data[1];
  const second = data[2];
  switch (status & 0xf0) {
    case 0xc0:
      return isData(first) ? { type: "ProgramChange", source, program: first, channel } : null;
    case 0x80: case 0x90: case 0xb0: case 0xe0:
      if (!isData(first) || !isData(second)) return null;
  }
  switch (status & 0xf0) {
    case 0x80: return { type: "KeyUp", source, pitch: first };
    case 0x90:
      if (second === 0) return { type: "KeyUp", source, pitch: first };
      return { type: "KeyDown", source, pitch: first, velocity: second };
    case 0xb0: return { type: "ControlChange", source, control: first, value: second, channel };
    case 0xe0: return { type: "PitchBend", source, value: first + 128 * second };
    default: return null;
  }
}

/** @param {number | undefined} byte */
const isData = (byte) => byte !== undefined && byte >= 0 && byte < 128;

export class Midi {
  /** Why there is no MIDI, or what is plugged in: a few words. */
  word = "";
  /** @type {Map<string, {source: number, name: string}>} */
  #inputs = new Map();
  /** @type {MIDIAccess | null} */
  #access = null;
  #isAsked = false;

  /**
   * @param {Say} say
   * @param {() => void} changed
   */
  constructor(say, changed) {
    this.say = say;
    this.changed = changed;
  }

  /**
   * Ask for the devices, once, from within a gesture.
   *
   * @param {MIDIAccess | undefined} given in place of the browser's own
   */
  async open(given) {
    if (this.#isAsked) return;
    this.#isAsked = true;
    try {
      const access = given ?? (await navigator.requestMIDIAccess?.());
      if (!access) this.word = isSecureContext ? "no MIDI in this browser" : "MIDI needs this computer's own page";
      else this.#use(access);
    } catch {
      this.word = "MIDI is not allowed: see the browser's settings of this page";
    }
    this.changed();
  }

  /** @param {MIDIAccess} access */
  #use(access) {
    this.#access = access;
    access.onstatechange = () => this.#follow();
    this.#follow();
  }

  /** Name again what is plugged in, to a daemon that has not heard of it. */
  nameAll() {
    for (const { source, name } of this.#inputs.values()) this.say({ type: "SourceNamed", source, name });
  }

  /** What has been plugged in or pulled out. */
  #follow() {
    const there = [...(this.#access?.inputs.values() ?? [])].filter((input) => input.state !== "disconnected");
    const ids = new Set(there.map((input) => input.id));
    for (const [id, { source }] of [...this.#inputs]) {
      if (ids.has(id)) continue;
      this.#inputs.delete(id);
      this.say({ type: "SourceGone", source });
    }
    for (const input of there) if (!this.#inputs.has(input.id)) this.#plug(input);
    const names = [...this.#inputs.values()].map(({ name }) => name);
    this.word = names.length ? `MIDI: ${names.join(", ")}` : "MIDI: plug a keyboard in";
    this.changed();
  }

  /** @param {MIDIInput} input */
  #plug(input) {
    const taken = new Set([...this.#inputs.values()].map(({ source }) => source));
    const source = Array.from({ length: SOURCES }, (_, n) => n + 1).find((number) => !taken.has(number));
    if (source === undefined) return;
    const name = (input.name ?? "").slice(0, MAX_NAME);
    this.#inputs.set(input.id, { source, name });
    this.say({ type: "SourceNamed", source, name });
    input.onmidimessage = ({ data }) => {
      const event = data && this.#inputs.get(input.id)?.source === source ? eventOf(data, source) : null;
      if (event !== null) this.say(event);
    };
  }
}
