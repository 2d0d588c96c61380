/** The client against a real hub: run with HUB, GUEST, HOST (tokens) and PROPERTY, START, END in the environment. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { apply, HubClient } from "../../../negotiation/static/negotiation/hub/hub-client.js";

const { HUB, GUEST, HOST, PROPERTY, START, END } = process.env;
const clients = [];

function connect(token, options = {}) {
  const client = new HubClient({ base: HUB, token, poll: 200, ...options });
  clients.push(client);
  return client.connect();
}

/** Resolves with the first event that fits; a test's own time limit ends a vain wait. */
const event = (target, type, fits = () => true) =>
  new Promise((resolve) =>
    target.addEventListener(type, function hear({ detail }) {
      if (!fits(detail)) return;
      target.removeEventListener(type, hear);
      resolve(detail);
    }),
  );

const becomes = (client, state) =>
  client.state === state ? Promise.resolve() : event(client, "status", (detail) => detail.state === state);
const entry = (room, kind) => event(room, "entry", (detail) => detail.entry.kind === kind).then((detail) => detail.entry);
const limit = { timeout: 30000 };

after(() => clients.forEach((client) => client.close()));

test("a haggle over two sockets, drawn by ticket, ends in a booking", limit, async () => {
  const [guest, host] = [connect(GUEST), connect(HOST)];
  await Promise.all([becomes(guest, "live"), becomes(host, "live")]);
  const told = event(host, "notification");
  const opened = await guest.open({
    property: Number(PROPERTY),
    start_date: START,
    end_date: END,
    guests: 2,
    booking_type: "stay",
    amount: "2200.00",
  });
  assert.equal((await told).negotiation, opened.id);
  const [mine, theirs] = [guest.join(opened.id), host.join(opened.id)];
  await Promise.all([event(mine, "snapshot"), event(theirs, "snapshot")]);

  const asked = entry(mine, "offer.made");
  const { offer } = await host.makeOffer(opened.id, "2800.00");
  assert.equal((await asked).data.offer.id, offer.id);
  await assert.rejects(guest.makeOffer(opened.id, "2100.00"), { code: "offer.not_a_concession" });

  const before = mine.snapshot;
  const log = [];
  mine.addEventListener("entry", ({ detail }) => log.push(detail.entry));
  const agreed = entry(theirs, "offer.accepted");
  const { booking, seq } = await guest.accept(opened.id, offer.id);
  assert.equal((await agreed).data.booking, booking.id);
  await (mine.lastSeq >= seq || entry(mine, "offer.accepted"));
  // The law of the log, by the client's own arithmetic.
  const fresh = await mine.catchUp();
  const { online: _o, seen: _s, ...sum } = log.reduce(apply, before);
  const { online: _p, seen: _t, ...truth } = fresh;
  assert.deepEqual(sum, truth);
});

test("a socket that breaks in the middle misses nothing and repeats nothing", limit, async () => {
  const [guest, host] = [connect(GUEST), connect(HOST)];
  await Promise.all([becomes(guest, "live"), becomes(host, "live")]);
  const opened = await guest.open({
    property: Number(PROPERTY),
    start_date: END,
    end_date: nextWeek(END),
    guests: 2,
    booking_type: "stay",
    message: "Is the pool heated?",
  });
  const room = guest.join(opened.id);
  const texts = [];
  room.addEventListener("entry", ({ detail }) => detail.entry.kind === "message.sent" && texts.push(detail.entry.data.text));
  await event(room, "snapshot");
  guest.link.socket.close();
  guest.link.socket.onclose({ code: 1006 });
  const waiting = guest.say(opened.id, "And the lake?");
  await host.say(opened.id, "It is.");
  await waiting;
  while (texts.length < 3) await event(room, "entry");
  assert.deepEqual([...texts].sort(), ["And the lake?", "Is the pool heated?", "It is."]);
});

test("where no socket gets through, the same moves go by REST", limit, async () => {
  class Blocked {
    constructor() {
      queueMicrotask(() => this.onclose({ code: 1006 }));
    }

    close() {}
  }
  const [guest, host] = [connect(GUEST, { WebSocket: Blocked, random: () => 0 }), connect(HOST)];
  await Promise.all([becomes(guest, "polling"), becomes(host, "live")]);
  const far = nextWeek(nextWeek(END));
  const opened = await guest.open({
    property: Number(PROPERTY),
    start_date: far,
    end_date: nextWeek(far),
    guests: 2,
    booking_type: "stay",
    amount: "3000.00",
  });
  const room = guest.join(opened.id);
  await event(room, "snapshot");
  const { offer } = await host.makeOffer(opened.id, "6500.00");
  assert.equal((await entry(room, "offer.made")).data.offer.id, offer.id);
  const { booking } = await guest.accept(opened.id, offer.id);
  assert.ok(booking.id > 0);
});

/** A page as the client sees it: events on the window and on the document. */
function page() {
  const [window, document] = [new EventTarget(), new EventTarget()];
  document.visibilityState = "visible";
  Object.assign(globalThis, {
    document,
    addEventListener: window.addEventListener.bind(window),
    removeEventListener: window.removeEventListener.bind(window),
  });
  return { window, document };
}

const breakOff = (client) => client.link.socket.onclose({ code: 1006 });
// Left to itself a client so patient would come back in an hour.
const patient = { random: () => 7200 };

for (const [where, type] of [
  ["window", "online"],
  ["window", "pageshow"],
  ["document", "visibilitychange"],
]) {
  test(`a page that wakes by ${type} is back at once`, limit, async () => {
    const targets = page();
    const guest = connect(GUEST, patient);
    await becomes(guest, "live");
    breakOff(guest);
    assert.equal(guest.state, "reconnecting");
    targets[where].dispatchEvent(new Event(type));
    await becomes(guest, "live");
    guest.close();
  });
}

test("offline, words wait; a price comes back unsent, and never arrives later", limit, async () => {
  const guest = connect(GUEST, { ...patient, limit: 600 });
  await becomes(guest, "live");
  const far = nextWeek(nextWeek(nextWeek(nextWeek(END))));
  const opened = await guest.open({
    property: Number(PROPERTY),
    start_date: far,
    end_date: nextWeek(far),
    guests: 2,
    booking_type: "stay",
    message: "May we bring a dog?",
  });
  const room = guest.join(opened.id);
  await event(room, "snapshot");
  breakOff(guest);
  const said = guest.say(opened.id, "A small one.");
  await assert.rejects(guest.makeOffer(opened.id, "3000.00"), { code: "client.unsent" });
  guest.link.wake();
  await said;
  const fresh = await room.catchUp();
  assert.equal(fresh.standing_offer, null);
  assert.equal(fresh.last_seq, 3);
});

test("after 25 s of silence it asks the hub, which answers", limit, async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const guest = connect(GUEST);
  await becomes(guest, "live");
  // The silence counts from the last frame heard: this reply, while the clock stands still.
  await guest.send("ping");
  const sent = [];
  const send = guest.link.send.bind(guest.link);
  guest.link.send = (frame) => sent.push(frame.type) && send(frame);
  const answered = event(guest.link, "frame", (frame) => frame.type === "reply" && frame.data.server_time);
  context.mock.timers.tick(24999);
  assert.deepEqual(sent, []);
  context.mock.timers.tick(1);
  assert.deepEqual(sent, ["ping"]);
  await answered;
  guest.close();
});

function nextWeek(date) {
  return new Date(Date.parse(date) + 7 * 86400000).toISOString().slice(0, 10);
}
