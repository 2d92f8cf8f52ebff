// Plays scores to the page's band, offline, for the tests: sound_studio.py has this in a browser.

import { Band } from "/page/sound/band.js";
import { Ensemble } from "/page/sound/ensemble.js";

/**
 * What a score sounds like, as the bytes of its frames: 32-bit floats, left and right in turn, in base64.
 * @param {{ effect: any, when: number | null }[]} score in the order of sending
 * @param {number} frames
 * @param {number} rate
 */
async function render(score, frames, rate) {
  const context = new OfflineAudioContext(2, frames, rate);
  const band = await Band.open(context, "/audio/");
  for (const { effect, when } of score) band.play(effect, when);
  const buffer = await context.startRendering();
  const samples = new Float32Array(2 * frames);
  for (const side of [0, 1]) buffer.getChannelData(side).forEach((sample, at) => (samples[2 * at + side] = sample));
  return base64(new Uint8Array(samples.buffer));
}

/** @param {Uint8Array} bytes */
function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

/**
 * The levels that a band tells within `length_s` of playing live, and whether it is silent once closed.
 * @param {any[]} effects
 * @param {number} length_s
 */
async function levels(effects, length_s) {
  const context = new AudioContext();
  await context.resume();
  const band = await Band.open(context, "/audio/");
  /** @type {number[]} */
  const peaks = [];
  band.onlevel = (peak) => peaks.push(peak);
  for (const effect of effects) band.play(effect, null);
  await new Promise((resolve) => setTimeout(resolve, 1000 * length_s));
  band.close();
  const told = peaks.length;
  await new Promise((resolve) => setTimeout(resolve, 300));
  await context.close();
  return { peaks, after: peaks.length - told };
}

/**
 * A score without the browser's sound: how many sounds there are after each 128 frames, and the seconds that it took.
 * @param {{ effect: any, when: number | null }[]} score
 * @param {number} length_s
 * @param {number} rate
 */
async function reckon(score, length_s, rate) {
  const ensemble = new Ensemble(rate, {});
  const [left, right] = [new Float32Array(128), new Float32Array(128)];
  const sounding = [];
  for (const { effect, when } of score) ensemble.play(effect, when);
  const begin = performance.now();
  while (ensemble.frame < length_s * rate) {
    ensemble.render(left, right);
    sounding.push(ensemble.sounding);
  }
  return { sounding, seconds: (performance.now() - begin) / 1000 };
}

/** What a band says that is to find its samples at `base`. @param {string} base */
async function opening(base) {
  await Band.open(new OfflineAudioContext(2, 128, 48000), base);
}

Object.assign(window, { studio: { render, levels, reckon, opening } });
