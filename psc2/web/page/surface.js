/** A canvas as large as its place, as sharp as the screen, in the page's colours. */

/** @typedef {"--ground" | "--ink" | "--dim" | "--line" | "--panel" | "--you" | "--loop" | "--machine" | "--now"} Colour */

const dark = matchMedia("(prefers-color-scheme: dark)");

export class Surface {
  width = 0;
  height = 0;
  /** @type {Map<Colour, string>} */
  #colours = new Map();
  #isStale = true;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => void} changed it is to be drawn again
   */
  constructor(canvas, changed) {
    this.canvas = canvas;
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("this browser draws nothing");
    this.context = context;
    const renew = () => {
      this.#isStale = true;
      changed();
    };
    new ResizeObserver(renew).observe(canvas);
    dark.addEventListener("change", renew);
  }

  /** Begin a picture, in CSS pixels; false where there is no room for one. */
  begin() {
    if (this.#isStale) this.#fit();
    if (this.width === 0 || this.height === 0) return false;
    this.context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    this.context.clearRect(0, 0, this.width, this.height);
    return true;
  }

  #fit() {
    this.#isStale = false;
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
    this.canvas.width = Math.round(this.width * devicePixelRatio);
    this.canvas.height = Math.round(this.height * devicePixelRatio);
    this.#colours.clear();
  }

  /** @param {Colour} name */
  colour(name) {
    let colour = this.#colours.get(name);
    if (colour === undefined) {
      colour = getComputedStyle(this.canvas).getPropertyValue(name).trim();
      this.#colours.set(name, colour);
    }
    return colour;
  }

  /**
   * @param {number} size in pixels
   * @param {string} [weight]
   */
  font(size, weight = "600") {
    this.context.font = `${weight} ${size}px system-ui, sans-serif`;
  }
}

/** Whether who looks does not want things to move. */
export const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
