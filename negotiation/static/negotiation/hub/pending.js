import { unconfirmed, unsent } from "./errors.js";

// Without a reply these may be forgotten: the next one says it all.
export const FLEETING = new Set(["typing.set", "seen.mark", "ping", "negotiation.join", "negotiation.leave"]);
// Only words wait until the connection is back, however long; a price does not.
export const WAITS = new Set(["message.send"]);

/** Commands without a reply yet, by id. What is sent again keeps its id, so it never happens twice. */
export class Pending {
  /**
   * @param {{limit?: number, slow?: number, onSlow?: () => void, onLate?: () => void}} options milliseconds: `limit` that a
   *   move may wait, `slow` after which a command without an answer makes one doubt the connection
   */
  constructor({ limit = 15000, slow = 4000, onSlow = () => {}, onLate = () => {} } = {}) {
    this.limit = limit;
    this.slow = slow;
    this.onSlow = onSlow;
    this.onLate = onLate;
    this.commands = new Map();
  }

  /** @returns {Promise<object>} the reply's data; rejects with a HubError */
  add(frame) {
    return new Promise((resolve, reject) => {
      const command = { frame, resolve, reject, tried: false, timer: null, watch: null };
      if (!WAITS.has(frame.type)) command.timer = setTimeout(() => this.#late(command), this.limit);
      this.commands.set(frame.id, command);
    });
  }

  /** The command was handed to a socket. */
  sent(command) {
    command.tried = true;
    clearTimeout(command.watch);
    if (!FLEETING.has(command.frame.type)) command.watch = setTimeout(() => this.onSlow(), this.slow);
  }

  #late(command) {
    this.fail(command.frame.id, command.tried ? unconfirmed() : unsent());
    if (command.tried) this.onLate();
  }

  get(id) {
    return this.commands.get(id);
  }

  all() {
    return [...this.commands.values()];
  }

  settle(id, data) {
    this.#remove(id)?.resolve(data);
  }

  fail(id, error) {
    this.#remove(id)?.reject(error);
  }

  /** The connection is gone: what is only of the moment is given up. */
  dropFleeting() {
    for (const { frame, tried } of this.all()) {
      if (FLEETING.has(frame.type)) this.fail(frame.id, tried ? unconfirmed() : unsent());
    }
  }

  /** Nothing more comes. What reached a socket may have been done; of the rest, `error` says why it was not. */
  failAll(error) {
    for (const { frame, tried } of this.all()) this.fail(frame.id, tried ? unconfirmed() : error);
  }

  #remove(id) {
    const command = this.commands.get(id);
    clearTimeout(command?.timer);
    clearTimeout(command?.watch);
    this.commands.delete(id);
    return command;
  }
}
