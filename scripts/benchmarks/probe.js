// What the measures add to the page, before its own scripts: it does what a person would do, and takes down when.

const DOWN_MS = 15; // how long a key is held
const PAUSE_MS = { least: 8, most: 38 }; // after it, and so an irregular pace
const PATIENCE_MS = 20_000;
const LOOK_MS = 100; // between two looks at the clocks
const SILENCE = 0.001;

const page = () => window.psc2?.page;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const wallClock = (ms = performance.now()) => (performance.timeOrigin + ms) / 1000; // seconds, as time.time

/** What `find` finds, once it does. */
async function until(find) {
  const end = performance.now() + PATIENCE_MS;
  for (let found = find(); ; found = find()) {
    if (found) return found;
    if (performance.now() > end) throw new Error(`waited in vain: ${find}`);
    await pause(2);
  }
}

/** From now on `listener` is told of each effect that the band is given, just afterwards. */
function overhear(listener) {
  const band = page().sounding.band;
  const play = band.play.bind(band);
  band.play = (effect, when) => {
    play(effect, when);
    listener(effect, when);
  };
}

window.probe = {
  /** When START could be pressed, in milliseconds since the page was asked for. */
  pressable: until(() => document.querySelector("#start .big")?.checkVisibility()).then(() => performance.now()),

  /** Presses START as soon as the page knows the clock; when the first click is scheduled, and when it is heard. */
  async start() {
    await until(() => page()?.shown && page().clock.isSet);
    document.querySelector("#start .big").click();
    await until(() => page().sounding.band);
    await new Promise((resolve) => overhear(({ type }) => type === "Strike" && resolve()));
    const scheduled = wallClock();
    await until(() => page().sounding.level > SILENCE); // which the band says of what it has rendered
    return { scheduled, heard: wallClock() };
  },

  /** Lets this page sound, also where SuperCollider does; each layer but the click moves to the left. */
  async sound() {
    await until(() => page()?.shown && page().clock.isSet);
    document.querySelector("#start .big").click();
    if (!page().sounding.wanted) document.querySelector("#tools button").click();
    await until(() => page().sounding.here && page().sounding.context.state === "running");
    const strips = page().welcome.rig.strips.map((strip) => ({ ...strip, pan: strip.layer === "click" ? 1 : -1 }));
    page().sounding.setUp({ ...page().welcome.rig, strips });
  },

  /**
   * Keys of the computer's piano and messages to a bare echo in turn: how many milliseconds each takes, from the
   * key's event to its sound scheduled, and from the message to the answer.
   */
  async keys(number, echo) {
    let heard = () => {};
    overhear(({ type, instrument, at }) => type === "NoteOn" && instrument === "lead" && !at && heard());
    const socket = new WebSocket(echo);
    socket.onmessage = () => heard();
    await until(() => socket.readyState === WebSocket.OPEN);
    const press = (type) => dispatchEvent(new KeyboardEvent(type, { key: "a", code: "KeyA", cancelable: true }));
    const timed = (act) => new Promise((resolve, reject) => {
      const lost = setTimeout(() => reject(new Error("no answer")), PATIENCE_MS);
      const began = performance.now();
      heard = () => {
        resolve(performance.now() - began);
        clearTimeout(lost);
        heard = () => {};
      };
      act();
    });
    const message = JSON.stringify({ type: "KeyDown", source: 0, pitch: 60, velocity: 90 });
    const found = { key: [], echo: [] };
    page().keys.setPiano(true);
    for (let n = 0; n < number; n += 1) {
      found.key.push(await timed(() => press("keydown")));
      await pause(DOWN_MS);
      press("keyup");
      await pause(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least));
      found.echo.push(await timed(() => socket.send(message)));
      await pause(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least));
    }
    socket.close();
    return found;
  },

  /**
   * What the band renders on its right for some seconds, and the strikes that it is given meanwhile: `at` on the
   * daemon's clock, `own` the same on the page's, `when` on the audio clock. `clocks`: pairs of the audio clock and
   * the page's, of which the first is heard at the second. All in seconds.
   */
  async rendered(seconds) {
    const { sounding, clock } = page();
    const { context, band } = sounding;
    const strikes = [], clocks = [], lateBefore = sounding.late;
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([TAP], { type: "text/javascript" })));
    const tap = new AudioWorkletNode(context, "tap", { processorOptions: { frames: seconds * context.sampleRate } });
    const full = new Promise((resolve) => (tap.port.onmessage = ({ data }) => resolve(data)));
    overhear((effect, when) => {
      if (effect.type === "Strike" && effect.instrument.startsWith("click") && effect.at !== null) {
        strikes.push({ at: effect.at, own: effect.at - clock.offset, when });
      }
    });
    const looking = setInterval(() => {
      const { contextTime, performanceTime } = context.getOutputTimestamp();
      clocks.push([contextTime, performanceTime / 1000]);
    }, LOOK_MS);
    band.node.connect(tap).connect(context.destination);
    const { first, samples } = await full;
    clearInterval(looking);
    tap.disconnect();
    return { rate: context.sampleRate, first, samples: encoded(samples), strikes, clocks, late: sounding.late - lateBefore };
  },

  /** How many bytes the page has loaded so far, without samples. */
  async bytes() {
    const loaded = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    return loaded.filter(({ name }) => !name.includes("/audio/")).reduce((sum, one) => sum + one.decodedBodySize, 0);
  },
};

/** Keeps what it is given on the right, and passes nothing on. */
const TAP = `registerProcessor("tap", class extends AudioWorkletProcessor {
  constructor({ processorOptions: { frames } }) {
    super();
    this.samples = new Float32Array(Math.round(frames / 128) * 128);
    this.first = null;
  }

  process([[, right]]) {
    if (!right) return true;
    this.first ??= currentFrame;
    const at = currentFrame - this.first;
    this.samples.set(right, at);
    if (at + right.length < this.samples.length) return true;
    this.port.postMessage({ first: this.first, samples: this.samples }, [this.samples.buffer]);
    return false;
  }
});`;

/** In base 64. */
function encoded(samples) {
  const bytes = new Uint8Array(samples.buffer);
  const parts = [];
  for (let at = 0; at < bytes.length; at += 0x8000) parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  return btoa(parts.join(""));
}
