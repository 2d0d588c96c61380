/** The commands by their names. A subclass sends them (`send`) and knows whether a socket is open (`state`). */
export class Commands extends EventTarget {
  /** @type {string} */
  state = "idle";

  /**
   * @param {string} _type
   * @param {object} [_fields]
   * @param {{id?: string}} [_options]
   * @returns {Promise<any>}
   */
  send(_type, _fields, _options) {
    return Promise.reject(new Error("a subclass sends"));
  }

  open(stay) {
    return this.send("negotiation.open", stay);
  }

  makeOffer(negotiation, amount, extra = {}) {
    return this.send("offer.make", { negotiation, amount, ...extra });
  }

  accept(negotiation, offer) {
    return this.send("offer.accept", { negotiation, offer });
  }

  decline(negotiation, offer, reason) {
    return this.send("offer.decline", { negotiation, offer, reason });
  }

  withdraw(negotiation, offer) {
    return this.send("offer.withdraw", { negotiation, offer });
  }

  /** Seals the most (a guest) or the least (a host) that this side agrees to; only this side ever sees it. */
  seal(negotiation, amount, extra = {}) {
    return this.send("limit.seal", { negotiation, amount, ...extra });
  }

  unseal(negotiation) {
    return this.send("limit.unseal", { negotiation });
  }

  extend(negotiation, offer, expires_in) {
    return this.send("offer.extend", { negotiation, offer, expires_in });
  }

  closeQuestion(negotiation) {
    return this.send("negotiation.close", { negotiation });
  }

  say(negotiation, text, options) {
    return this.send("message.send", { negotiation, text }, options);
  }

  read(notification = "all") {
    return this.send("notification.read", { notification });
  }

  /** Of the moment only: lost without a trace where there is no socket. */
  typing(negotiation, typing) {
    if (this.state === "live") this.send("typing.set", { negotiation, typing }).catch(() => {});
  }

  seen(negotiation, seq) {
    if (this.state === "live") this.send("seen.mark", { negotiation, seq }).catch(() => {});
  }
}
