/** The page: everything is made and joined here. What is shown is what the daemon has said last. */

/** @import {Effects, Layer, Message, Shown, Sounds, Welcome} from "./types.js" */
import { Clock } from "./clock.js";
import { Connection, socketAddress } from "./connection.js";
import { Controls } from "./controls.js";
import { byId, write } from "./element.js";
import { Hands } from "./hands.js";
import { Head } from "./head.js";
import { Help } from "./help.js";
import { Keyboard } from "./keyboard.js";
import { Keys } from "./keys.js";
import { LeadSheet } from "./leadsheet.js";
import { Loop } from "./loop.js";
import { Midi } from "./midi.js";
import { NanoKontrol } from "./nanokontrol.js";
import { Roll } from "./roll.js";
import { hasSuperCollider, placeAt } from "./snapshot.js";
import { Solo } from "./solo.js";
import { Sounding } from "./sounding.js";
import { Start } from "./start.js";
import { System } from "./system.js";
import { TapTest } from "./taptest.js";
import { Timing } from "./timing.js";
import { Tools, whoSounds } from "./tools.js";

/** What a test or a console may give and use: another MIDI access, and the parts of the page. */
const shared = /** @type {{psc2?: {midi?: MIDIAccess, page?: object}}} */ (/** @type {unknown} */ (window));

class App {
  /** @type {Welcome | null} */
  welcome = null;
  /** @type {Shown | null} */
  shown = null;
  #version = 0; // of what is shown
  #isDrawnFor = -1;
  #hasBegun = false;
  #isSettled = false; // whether it has been decided who sounds
  #tookByItself = false;
  #isToPlay = false; // as soon as somebody sounds
  #frame = 0;

  constructor() {
    const changed = () => this.#wake();
    const soundChanged = () => {
      this.#playOnceSounding();
      this.#wake();
    };
    const say = (/** @type {object} */ message) => this.connection.say(message);
    this.connection = new Connection(socketAddress(location), {
      open: () => this.clock.start(),
      message: (message) => this.#hear(message),
      away: (word) => this.#lose(word),
    });
    this.clock = new Clock(say);
    this.sounding = new Sounding(say, this.clock, soundChanged);
    this.midi = new Midi(say, changed);
    this.hands = new Hands(say, changed);
    this.system = new System(byId("system"), byId("facts"));
    const snapshot = () => this.shown?.snapshot ?? null;
    this.keys = new Keys(this.hands, this.press, snapshot, (line) => this.system.tell(line), () => this.#stand());
    this.head = new Head(byId("head"));
    this.loop = new Loop(byId("loop"), changed);
    this.roll = new Roll(byId("roll"), changed);
    this.solo = new Solo();
    this.leadSheet = new LeadSheet(byId("solo"), this.solo, changed);
    this.timing = new Timing(byId("timing"), this.press);
    this.tapTest = new TapTest(byId("taptest"), this.press);
    this.controls = new Controls(byId("controls"), this.press);
    this.controller = new NanoKontrol(byId("nanokontrol"), this.press);
    this.help = new Help(byId("keys"), () => this.keys.showKeys(false));
    this.keyboard = new Keyboard(byId("keyboard"), this.hands, {
      shift: (octaves) => this.keys.shift(octaves),
      pedal: () => this.keys.movePedal(!this.keys.isPedalDown),
      piano: () => this.keys.setPiano(!this.keys.isPiano),
    });
    this.tools = new Tools(byId("views"), byId("tools"), {
      sound: () => this.#toggleSound(), panic: () => this.keys.panic(),
      keys: () => this.keys.showKeys(!this.keys.showsKeys),
    });
    byId("views").append(this.leadSheet.button);
    this.start = new Start(byId("start"), { begin: () => this.#begin(), play: () => this.#play() });
    for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, () => this.sounding.wake(), true);
    this.#stand();
    this.connection.open();
  }

  /**
   * @param {string} action
   * @param {Layer | null} [layer]
   * @param {number | null} [value]
   */
  press = (action, layer = null, value = null) => {
    this.connection.say({ type: "Press", source: 0, action, layer, value });
  };

  /** @param {Message} message */
  #hear(message) {
    switch (message.type) {
      case "Effects": return this.#sound(message);
      case "Shown": return this.#show(message);
      case "Pong":
        this.clock.heard(message.sent, message.at);
        return this.connection.check();
      case "Sounds": return this.#heardSounds(message);
      case "Welcome": return this.#meet(message);
      case "Told": return this.system.tell(message.line);
      case "Refused": return this.#refuse(message.reason);
    }
  }

  /**
   * To the band at once; it is drawn later.
   *
   * @param {Effects} message
   */
  #sound({ at, effects }) {
    this.sounding.play(effects);
    const now = this.shown?.snapshot ?? null;
    this.roll.hear(effects, at, now);
    this.solo.hear(effects, at, now);
    this.#wake();
  }

  /** @param {Shown} shown */
  #show(shown) {
    this.shown = shown;
    this.#version += 1;
    this.system.hear(shown.snapshot.struck);
    this.solo.see(shown.snapshot, shown.at);
    this.leadSheet.see(shown.snapshot);
    this.#settle();
    this.#wake();
  }

  /** @param {Welcome} welcome */
  #meet(welcome) {
    this.welcome = welcome;
    this.keys.build(welcome);
    this.help.build(welcome);
    this.controls.build(welcome);
    this.controller.build(welcome);
    this.sounding.setUp(welcome.rig);
    this.system.forget();
    this.midi.nameAll();
    write(byId("connection"), "");
    document.body.classList.remove("away");
  }

  /** @param {Sounds} message */
  #heardSounds({ here, elsewhere }) {
    this.sounding.heard(here, elsewhere);
    this.sounding.comeBack();
  }

  /** @param {string} reason */
  #refuse(reason) {
    if (reason.startsWith("SoundHere:")) this.sounding.refuse();
    this.system.tell(reason);
    this.#wake();
  }

  /** @param {string} word */
  #lose(word) {
    this.clock.stop();
    this.sounding.lose();
    this.roll.hear([{ type: "Flush" }], this.clock.now(), null);
    this.keys.release();
    write(byId("connection"), word);
    document.body.classList.add("away");
    this.#wake();
  }

  /** The first gesture: now the browser lets the page sound and ask for MIDI. */
  #begin() {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    void this.midi.open(shared.psc2?.midi);
    void navigator.wakeLock?.request("screen").catch(() => {});
    this.#settle();
  }

  /** START: the loop plays, once its first click can be heard. */
  #play() {
    this.#isToPlay = true;
    this.#playOnceSounding();
  }

  #playOnceSounding() {
    const { wanted, here, trouble } = this.sounding;
    if (!this.#isToPlay || !this.#isSettled || (wanted && !here && !trouble)) return;
    this.#isToPlay = false;
    if (this.shown?.snapshot.grid === null) this.press("play");
  }

  /** The page sounds by itself where nobody else does, and gives it back to a SuperCollider that comes later. */
  #settle() {
    const now = this.shown?.snapshot;
    if (now === undefined || !this.#hasBegun) return;
    if (!this.#isSettled) {
      this.#isSettled = true;
      this.#tookByItself = isSecureContext && !hasSuperCollider(now) && !this.sounding.elsewhere;
      if (this.#tookByItself) this.sounding.take();
      this.#playOnceSounding();
    } else if (this.#tookByItself && hasSuperCollider(now)) {
      this.#tookByItself = false;
      this.sounding.leave();
      this.system.tell("SuperCollider sounds now; the button beside the level lets this page sound instead");
    }
  }

  #toggleSound() {
    this.#tookByItself = false;
    if (this.sounding.here) this.sounding.leave();
    else this.sounding.take();
    this.#wake();
  }

  /** How the computer's keys stand. */
  #stand() {
    this.help.show(this.keys.showsKeys);
    this.keyboard.stand(this.keys);
  }

  /** Something is to be drawn. */
  #wake() {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#frame = 0;
    const at = this.clock.now();
    this.tools.show(this.shown?.snapshot ?? null, this.sounding);
    this.start.say(this.#startWords());
    const isThere = this.connection.isOpen; // otherwise all stands still
    if (isThere && this.shown !== null && this.welcome !== null) this.#drawShown(this.shown, this.welcome, at);
    this.roll.show(at);
    this.keyboard.show(this.roll.soundingAt(at));
    if ((isThere && this.shown?.snapshot.grid) || this.roll.isMoving(at)) this.#wake();
  }

  /**
   * @param {Shown} shown
   * @param {Welcome} welcome
   * @param {number} at
   */
  #drawShown(shown, welcome, at) {
    const now = shown.snapshot;
    const place = placeAt(now, at);
    this.head.show(now, place, at);
    this.loop.show(now, place, at, this.#version);
    this.system.show(shown, welcome, this.sounding, this.midi.word);
    if (this.#isDrawnFor === this.#version) return;
    this.#isDrawnFor = this.#version;
    this.timing.show(now.look_back, shown.look_back);
    this.tapTest.show(now);
    this.controls.show(now);
    this.controller.show(now);
  }

  #startWords() {
    if (this.shown?.snapshot.grid) return "The loop plays already: this lets the page take part.";
    const who = whoSounds(this.shown?.snapshot ?? null, this.sounding);
    if (who === "SuperCollider" || who === "another page") return `${who} sounds; this page shows and plays.`;
    return isSecureContext ? "The click begins, and this page sounds." : "The click begins; psc2's own computer sounds.";
  }
}

const app = new App();
shared.psc2 = { ...shared.psc2, page: app };
