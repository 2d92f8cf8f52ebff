import { Ensemble } from "./ensemble.js";

const LEVELS = 10; // a second

/** The ensemble as a node of the browser's sound. It is sent effects with their moments, and sends levels. */
class EnsembleProcessor extends AudioWorkletProcessor {
  #peak = 0; // since the last level
  #due = 0; // the frame of the next one
  #ended = false;

  /** @param {AudioWorkletNodeOptions} options */
  constructor(options) {
    super();
    const ensemble = new Ensemble(sampleRate, options.processorOptions.samples);
    ensemble.frame = currentFrame;
    this.ensemble = ensemble;
    this.port.onmessage = ({ data }) => {
      if (data === null) this.port.postMessage(null);
      else if (data === "end") this.#ended = true;
      else ensemble.play(data.effect, data.when);
    };
  }

  /**
   * @param {Float32Array[][]} _inputs
   * @param {Float32Array[][]} outputs
   */
  process(_inputs, [[left, right]]) {
    this.ensemble.frame = currentFrame;
    this.#peak = Math.max(this.#peak, this.ensemble.render(left, right));
    if (currentFrame >= this.#due) {
      this.port.postMessage(this.#peak);
      this.#peak = 0;
      this.#due = currentFrame + sampleRate / LEVELS;
    }
    return !this.#ended; // it goes on while it is silent
  }
}

registerProcessor("psc2-ensemble", EnsembleProcessor);
