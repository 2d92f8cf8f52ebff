/** The WebSocket to the daemon; it comes back by itself. */

/** @import {Message} from "./types.js" */

const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 2000;
const SILENCE_MS = 10_000; // no answer for so long, though pinged: the other side is gone without a word

/**
 * Where the daemon's socket is, seen from the page's own address, with the token that stands there.
 *
 * @param {{protocol: string, host: string, search: string}} location
 * @returns {string}
 */
export function socketAddress({ protocol, host, search }) {
  const token = new URLSearchParams(search).get("token");
  const query = token === null ? "" : `?token=${encodeURIComponent(token)}`;
  return `${protocol === "https:" ? "wss" : "ws"}://${host}/socket${query}`;
}

export class Connection {
  /** @type {WebSocket | null} */
  #socket = null;
  #wait = FIRST_WAIT_MS;
  #timer = 0;
  #heardAt = 0;

  /**
   * @param {string} address
   * @param {{open: () => void, message: (message: Message) => void, away: (word: string) => void}} listener
   *   `away`: while the daemon is not there, with a plain word why
   */
  constructor(address, listener) {
    this.address = address;
    this.listener = listener;
    addEventListener("online", () => this.#hurry());
    addEventListener("pageshow", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#hurry());
  }

  /** Whether the daemon is there. */
  get isOpen() {
    return this.#socket !== null && this.#socket.readyState === WebSocket.OPEN;
  }

  open() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.address);
    this.#socket = socket;
    let wasOpen = false;
    socket.onopen = () => {
      wasOpen = true;
      this.#wait = FIRST_WAIT_MS;
      this.#heardAt = performance.now();
      this.listener.open();
    };
    socket.onmessage = ({ data }) => {
      this.#heardAt = performance.now();
      this.listener.message(JSON.parse(data));
    };
    socket.onclose = (event) => this.#closed(socket, event, wasOpen);
  }

  /**
   * Say something at once; while the daemon is away, nothing is said, and nothing is kept for later.
   *
   * @param {object} message
   * @returns {boolean} whether it went out
   */
  say(message) {
    if (!this.isOpen) return false;
    this.#socket?.send(JSON.stringify(message));
    return true;
  }

  /** Look whether the daemon still answers; called after each ping. */
  check() {
    const socket = this.#socket;
    if (!this.isOpen || socket === null || performance.now() - this.#heardAt < SILENCE_MS) return;
    socket.onclose = null;
    socket.close();
    this.#closed(socket, new CloseEvent("close"), true);
  }

  /**
   * @param {WebSocket} socket
   * @param {CloseEvent} event
   * @param {boolean} wasOpen
   */
  #closed(socket, event, wasOpen) {
    if (socket !== this.#socket) return;
    const isNear = ["localhost", "127.0.0.1", "[::1]"].includes(new URL(this.address).hostname);
    const needsToken = !wasOpen && !isNear ? " · over the network its address ends in ?token=…" : "";
    const reason = event.reason ? ` (${event.reason})` : "";
    this.listener.away(`psc2 is away${reason}: the page comes back with it${needsToken}`);
    this.#timer = window.setTimeout(() => this.open(), this.#wait);
    this.#wait = Math.min(MAX_WAIT_MS, this.#wait * 2);
  }

  /** Somebody looks at the page again, or the network is back: do not wait. */
  #hurry() {
    if (this.#socket?.readyState === WebSocket.CLOSED) this.open();
  }
}
