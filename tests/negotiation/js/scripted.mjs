/** A websocket whose other end is the test: it sees every frame and says what comes back. */
export class ScriptedSocket {
  static all = [];
  static refuse = false;

  constructor(url) {
    this.url = url;
    this.readyState = 0;
    this.sent = [];
    ScriptedSocket.all.push(this);
    if (ScriptedSocket.refuse) queueMicrotask(() => this.drop(1006));
  }

  static get last() {
    return ScriptedSocket.all.at(-1);
  }

  static reset() {
    ScriptedSocket.all = [];
    ScriptedSocket.refuse = false;
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.readyState = 3;
  }

  welcome(extra = {}) {
    this.readyState = 1;
    this.push({
      type: "welcome",
      protocol: 1,
      user: { id: 7, name: "Rahim", is_host: false },
      server_time: new Date().toISOString(),
      unread: 0,
      ...extra,
    });
  }

  push(frame) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  drop(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  frames(type) {
    return this.sent.filter((frame) => frame.type === type);
  }

  reply(type, data = {}) {
    const frame = this.frames(type).at(-1);
    this.push({ type: "reply", id: frame.id, ok: true, data });
    return frame;
  }

  refuse(type, error) {
    this.push({ type: "reply", id: this.frames(type).at(-1).id, ok: false, error: { message: "", params: {}, fields: {}, ...error } });
  }
}

/** Lets everything that waits for a promise run. */
export const settle = async () => {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
};

export const snapshot = (last_seq, extra = {}) => ({
  id: 17,
  status: "open",
  turn: "host",
  guest: { id: 7, name: "Rahim" },
  host: { id: 8, name: "Mina" },
  currency: "BDT",
  list_amount: "6000.00",
  standing_offer: null,
  offers_left: { guest: 5, host: 5 },
  booking: null,
  last_seq,
  online: { guest: true, host: true },
  seen: { guest: 0, host: 0 },
  ...extra,
});

export const message = (seq, text = `m${seq}`) => ({
  type: "entry",
  negotiation: 17,
  seq,
  at: "2026-11-22T10:00:00.000Z",
  kind: "message.sent",
  actor: "host",
  data: { text },
});
