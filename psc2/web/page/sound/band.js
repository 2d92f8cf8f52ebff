// The band as the page has it: what sclang's band is where SuperCollider sounds.

import { STROKES } from "./instruments.js";

/** @import { Effect } from "./effects.js" */

export class Band {
  /**
   * Called about ten times a second with the largest sample since, 0–1: for a meter.
   * @type {((peak: number) => void) | undefined}
   */
  onlevel;

  #arrived = () => {};

  /** Use Band.open. @param {AudioWorkletNode} node */
  constructor(node) {
    this.node = node;
    node.port.onmessage = ({ data }) => this.#hear(data);
  }

  /** @param {number | null} said by the processor: a level, or null: all that was sent before this has arrived */
  #hear(said) {
    if (said === null) this.#arrived();
    else this.onlevel?.(said);
  }

  /**
   * A band that plays to the context's destination.
   * @param {BaseAudioContext} context
   * @param {string} base what stands before the names of the samples: "/audio/"
   * @returns {Promise<Band>} rejects with an Error, in one line, where a sample cannot be had
   */
  static async open(context, base) {
    const names = Object.keys(STROKES);
    const [decoded] = await Promise.all([
      Promise.all(names.map((name) => load(context, `${base}${name}.wav`))),
      context.audioWorklet.addModule(new URL("processor.js", import.meta.url)),
    ]);
    const samples = Object.fromEntries(names.map((name, number) => [name, decoded[number]]));
    const node = new AudioWorkletNode(context, "psc2-ensemble", {
      numberOfInputs: 0,
      outputChannelCount: [2],
      processorOptions: { samples },
    });
    node.connect(context.destination);
    const band = new Band(node);
    if (context instanceof OfflineAudioContext) band.#begin(context);
    return band;
  }

  /** Rendering waits at its beginning for what was played before it: it would overtake that. */
  /** @param {OfflineAudioContext} context */
  async #begin(context) {
    await context.suspend(0);
    const arrived = new Promise((resolve) => (this.#arrived = () => resolve(null)));
    this.node.port.postMessage(null);
    await arrived;
    await context.resume();
  }

  /**
   * What sounds, or happens to what sounds: an effect as psc2/wire/codec.py writes it. Whatever is none of the band's
   * is ignored.
   * @param {Effect} effect
   * @param {number | null} when in seconds on the context's clock; null: at once
   */
  play(effect, when) {
    this.node.port.postMessage({ effect, when });
  }

  /** Silent from here on, and at no cost. */
  close() {
    this.node.port.onmessage = null;
    this.node.port.postMessage("end");
    this.node.disconnect();
  }
}

/**
 * A sample's frames, at the rate of the context.
 * @param {BaseAudioContext} context
 * @param {string} url
 */
async function load(context, url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: a sound is missing (${response.status}); install psc2 again`);
  const buffer = await context.decodeAudioData(await response.arrayBuffer());
  return buffer.getChannelData(0);
}
