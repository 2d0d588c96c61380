import { Commands } from "./commands.js";
import { credentials } from "./credentials.js";
import { closed, HubError, refused, signedOut, unsent } from "./errors.js";
import { Link } from "./link.js";
import { FLEETING, Pending, WAITS } from "./pending.js";
import { RestDoor } from "./rest.js";
import { Room } from "./room.js";
import { ServerClock } from "./server-clock.js";
import { uuid } from "./uuid.js";
import { onOffline, onWake } from "./wake.js";

const FAILED_HANDSHAKES = 3;
const POLL = 3000;
// The hub answers a command within 8 s, and a socket's commands in order: a probe behind a slow move is not lost sooner.
const SLOW = 4500;
const ENDS = { "signed-out": signedOut, stopped: refused };
// A refusal that says "not now": the same command under the same id may go again.
const LATER = new Set(["command.in_progress", "command.outcome_unknown", "unavailable", "rate_limited"]);

/**
 * The hub's client: one socket for everything, REST and polling where no socket gets through.
 * Events: `status` ({state}), `welcome`, `notification`, `unread` ({unread}).
 */
export class HubClient extends Commands {
  /** @param {import("./hub-client").HubOptions} options */
  constructor({ base = "/", token, csrf, ticket, limit, poll = POLL, WebSocket: Socket, fetch: fetcher, random } = {}) {
    super();
    this.base = new URL(base, globalThis.location?.href).href;
    this.rest = new RestDoor({ base: this.base, headers: () => credentials(token, csrf), fetch: fetcher });
    this.ticket = ticket ?? (token ? () => this.rest.ticket() : null);
    this.clock = new ServerClock();
    this.link = new Link({ address: () => this.#address(), WebSocket: Socket, random });
    this.pending = new Pending({
      limit,
      onSlow: () => this.link.probe(SLOW),
      onLate: () => this.link.probe(2000),
    });
    this.rooms = new Map();
    this.userId = null;
    this.poll = poll;
    this.state = "idle";
    this.#listen();
  }

  connect() {
    this.#become("connecting");
    const [woken, offline] = [onWake(() => this.link.wake()), onOffline(() => this.link.cut())];
    this.stopWake = () => [woken, offline].forEach((stop) => stop());
    this.link.start();
    return this;
  }

  close() {
    this.stopWake?.();
    this.stopWake = null;
    this.#stopPolling();
    this.link.stop();
    this.pending.failAll(closed());
    this.#become("closed");
  }

  /** The room of a negotiation; entries after `afterSeq` come as its events. */
  join(negotiation, { afterSeq = 0, snapshot = null } = {}) {
    const id = Number(negotiation);
    if (this.rooms.has(id)) return this.rooms.get(id);
    const room = new Room(this, id, afterSeq);
    room.snapshot = snapshot;
    this.rooms.set(id, room);
    if (this.state === "live" || this.state === "polling") this.#catchUp(room);
    return room;
  }

  leave(negotiation) {
    if (this.rooms.delete(Number(negotiation)) && this.state === "live") {
      this.send("negotiation.leave", { negotiation }).catch(() => {});
    }
  }

  /** Any command. Resolves with the reply's data, rejects with a HubError. */
  send(type, fields = {}, { id = uuid() } = {}) {
    if (this.state === "closed") return Promise.reject(closed());
    if (this.state in ENDS) return Promise.reject(ENDS[this.state]());
    const frame = { id, type, ...defined(fields) };
    const outcome = this.pending.add(frame);
    this.#dispatch(this.pending.get(id));
    return outcome;
  }

  /** One page of a room's log, through whichever door is open. */
  readRoom(id, afterSeq) {
    if (this.state === "polling") return this.rest.entries(id, afterSeq);
    if (this.state !== "live") return Promise.reject(unsent());
    return this.send("negotiation.join", { negotiation: id, after_seq: afterSeq });
  }

  #listen() {
    this.link.addEventListener("open", ({ detail }) => this.#welcome(detail));
    this.link.addEventListener("frame", ({ detail }) => this.#frame(detail));
    this.link.addEventListener("down", ({ detail }) => this.#down(detail.failures));
    this.link.addEventListener("final", ({ detail }) => this.#final(detail));
    this.link.addEventListener("ping", () => this.#ping());
  }

  #welcome(frame) {
    this.userId = frame.user.id;
    this.clock.sample(frame.server_time);
    this.#stopPolling();
    this.#become("live");
    this.#tell("welcome", frame);
    this.#tell("unread", { unread: frame.unread });
    this.pending.all().forEach((command) => this.#dispatch(command));
    for (const room of this.rooms.values()) this.#catchUp(room);
    this.#ping();
  }

  #frame(frame) {
    if (frame.type === "reply") this.#reply(frame);
    else if (frame.negotiation && frame.type !== "notification") this.rooms.get(Number(frame.negotiation))?.receive(frame);
    else this.#tell(frame.type, frame);
  }

  #reply({ id, ok, data, error }) {
    const command = this.pending.get(id);
    if (!command) return;
    if (ok) this.pending.settle(id, data);
    else this.#refusal(command, new HubError(error));
  }

  #refusal(command, error) {
    const { id, type } = command.frame;
    const again = error.code === "command.in_progress" || (LATER.has(error.code) && WAITS.has(type));
    if (!again) {
      this.pending.fail(id, error);
      return;
    }
    const wait = 1000 * (error.params?.retry_after ?? 1);
    setTimeout(() => this.pending.get(id) === command && this.#dispatch(command), wait);
  }

  #dispatch(command) {
    if (this.state === "polling") this.#overRest(command);
    else if (this.link.send(command.frame)) this.pending.sent(command);
    else if (FLEETING.has(command.frame.type)) this.pending.fail(command.frame.id, unsent());
  }

  async #overRest(command) {
    const { frame } = command;
    if (command.busy) return;
    command.busy = true;
    command.tried ||= globalThis.navigator?.onLine !== false;
    try {
      this.pending.settle(frame.id, await this.rest.send(frame, this.#side(frame.negotiation)));
      this.#pollOnce();
    } catch (error) {
      // Without a network the command waits for its own limit; the next round tries again.
      if (error.code !== "client.unsent") this.#refusal(command, error);
    } finally {
      command.busy = false;
    }
  }

  #side(negotiation) {
    const snapshot = this.rooms.get(Number(negotiation))?.snapshot;
    return snapshot?.host.id === this.userId ? "host" : "guest";
  }

  #down(failures) {
    this.pending.dropFleeting();
    this.rooms.forEach((room) => room.cut());
    if (this.state === "polling") return;
    this.#become("reconnecting");
    if (failures >= FAILED_HANDSHAKES) this.#askRest();
  }

  /** Sockets fail and REST answers: they are barred here. Nothing answers: the network is away, and comes back. */
  async #askRest() {
    const user = await this.rest.user().catch((error) => this.#lockedOut(error));
    if (!user || this.state !== "reconnecting") return;
    this.#who(user);
    this.#startPolling();
  }

  #final(how) {
    this.#stopPolling();
    this.pending.failAll(ENDS[how]());
    this.#become(how);
  }

  #startPolling() {
    this.#become("polling");
    this.polls = 1;
    this.timer = setInterval(() => this.#pollOnce(), this.poll);
    this.#pollOnce();
  }

  #stopPolling() {
    clearInterval(this.timer);
    this.timer = null;
  }

  async #pollOnce() {
    if (this.state !== "polling") return;
    const wantsUser = this.polls++ % 5 === 0;
    if (wantsUser)
      await this.rest.user().then(
        (user) => this.#who(user),
        (error) => this.#lockedOut(error),
      );
    if (this.state !== "polling") return;
    for (const room of this.rooms.values()) this.#catchUp(room);
    this.pending.all().forEach((command) => this.#dispatch(command));
  }

  #who(user) {
    this.userId = user.id;
    this.#tell("unread", { unread: user.unread });
  }

  #lockedOut(error) {
    if (error.code === "client.unsent" && this.state === "polling") {
      this.#stopPolling();
      this.#become("reconnecting");
    }
    if (error.code !== "auth.required") return;
    this.link.stop();
    this.#final("signed-out");
  }

  #catchUp(room) {
    room.catchUp().catch((error) => {
      if (error.code === "not_found") room.dispatchEvent(new Event("gone"));
      else if (LATER.has(error.code)) setTimeout(() => this.rooms.has(room.id) && this.#catchUp(room), 2000);
    });
  }

  #ping() {
    const sent = performance.now();
    this.send("ping").then(
      (/** @type {any} */ { server_time }) => this.clock.sample(server_time, performance.now() - sent),
      () => {},
    );
  }

  async #address() {
    const url = new URL("ws/", this.base);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    if (this.ticket) url.searchParams.set("ticket", await this.ticket());
    return url.href;
  }

  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.#tell("status", { state });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

const defined = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
