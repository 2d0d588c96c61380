import { Backoff } from "./backoff.js";

export const SILENCE = 25000;
const PATIENCE = 5000;
const HANDSHAKE = 10000;
const FLOOD_PAUSE = 30000;
// Codes after which trying again by itself is of no use.
const FINAL = { 4400: "stopped", 4401: "signed-out", 4403: "stopped" };

/**
 * One websocket, again and again: opens it, keeps it alive, and opens the next when it breaks.
 * Events: `open` (the welcome frame), `frame`, `down` ({failures}), `final` ("signed-out" or "stopped").
 */
export class Link extends EventTarget {
  /** @param {{address: () => Promise<string>, WebSocket?: typeof WebSocket, random?: () => number}} options */
  constructor({ address, WebSocket: Socket = globalThis.WebSocket, random }) {
    super();
    this.address = address;
    this.Socket = Socket;
    this.backoff = new Backoff({ random });
    this.failures = 0;
    this.state = "idle";
    this.socket = null;
  }

  start() {
    if (this.state === "idle") this.#open();
  }

  stop() {
    this.state = "idle";
    this.#forget();
  }

  /** The page is looked at again: connect at once, or make sure that the connection is still one. */
  wake() {
    if (this.state === "waiting") this.#open();
    if (this.state === "live") this.probe();
  }

  /** The browser says that the network is gone, so the link does not wait for the socket to notice. */
  cut() {
    if (this.state === "live" || this.state === "connecting") this.#lost();
  }

  /** @returns {boolean} whether the frame was handed to a living socket */
  send(frame) {
    if (this.state !== "live" || this.socket.readyState !== 1) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Asks the hub for a sign of life; without one the socket is given up. */
  probe(patience = PATIENCE) {
    if (this.state !== "live") return;
    this.dispatchEvent(new Event("ping"));
    clearTimeout(this.watch);
    this.watch = setTimeout(() => this.#lost(), patience);
  }

  async #open() {
    this.#forget();
    this.state = "connecting";
    const attempt = (this.attempt = {});
    this.watch = setTimeout(() => this.#lost(), HANDSHAKE);
    let socket;
    try {
      const url = await this.address();
      if (this.attempt !== attempt) return;
      socket = new this.Socket(url);
    } catch (error) {
      if (this.attempt === attempt) this.#refused(error);
      return;
    }
    this.socket = socket;
    socket.onmessage = (event) => this.socket === socket && this.#heard(JSON.parse(event.data));
    socket.onclose = (event) => this.socket === socket && this.#lost(event.code);
  }

  #refused(error) {
    if (error?.code === "auth.required") this.#end("signed-out");
    else this.#lost();
  }

  #heard(frame) {
    clearTimeout(this.watch);
    this.watch = setTimeout(() => this.probe(), SILENCE);
    if (frame.type !== "welcome") {
      this.#tell("frame", frame);
      return;
    }
    this.state = "live";
    this.failures = 0;
    this.backoff.reset();
    this.#tell("open", frame);
  }

  #lost(code) {
    if (code in FINAL) {
      this.#end(FINAL[code]);
      return;
    }
    if (this.state === "connecting") this.failures += 1;
    this.#forget();
    this.state = "waiting";
    this.watch = setTimeout(() => this.#open(), this.backoff.next(code === 4429 ? FLOOD_PAUSE : 0));
    this.#tell("down", { failures: this.failures });
  }

  #end(how) {
    this.#forget();
    this.state = "ended";
    this.#tell("final", how);
  }

  #forget() {
    clearTimeout(this.watch);
    this.attempt = null;
    const old = this.socket;
    this.socket = null;
    old?.close();
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
