import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { HubClient } from "../../../negotiation/static/negotiation/hub/hub-client.js";
import { message, ScriptedSocket, settle, snapshot } from "./scripted.mjs";

let client;

function begin(options = {}) {
  client = new HubClient({ base: "http://hub.test/", WebSocket: ScriptedSocket, random: () => 0.5, ...options });
  client.connect();
  return settle();
}

async function live(options) {
  await begin(options);
  ScriptedSocket.last.welcome();
  await settle();
}

beforeEach(() => {
  ScriptedSocket.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: Date.parse("2026-11-22T10:00:00Z") });
});

afterEach(() => {
  client.close();
  mock.timers.reset();
});

const caught = (promise) =>
  promise.then(
    () => null,
    (error) => error,
  );

test("ids are fresh for every command", async () => {
  await live();
  client.say(17, "a").catch(() => {});
  client.say(17, "b").catch(() => {});
  const [one, two] = ScriptedSocket.last.frames("message.send");
  assert.notEqual(one.id, two.id);
  assert.match(one.id, /^[0-9a-f-]{32,36}$/);
});

test("a reply settles its own command and no other", async () => {
  await live();
  const first = client.makeOffer(17, "4400.00");
  const second = client.say(17, "hello");
  ScriptedSocket.last.reply("message.send", { seq: 3 });
  assert.deepEqual(await second, { seq: 3 });
  ScriptedSocket.last.refuse("offer.make", { code: "offer.not_a_concession", params: { above: "4500.00" } });
  const error = await caught(first);
  assert.equal(error.code, "offer.not_a_concession");
  assert.equal(error.params.above, "4500.00");
});

test("an offer that could not be sent within 15 s comes back unsent and never goes out", async () => {
  await live();
  ScriptedSocket.last.drop();
  const offer = caught(client.makeOffer(17, "4400.00"));
  mock.timers.tick(15000);
  assert.equal((await offer).code, "client.unsent");
  await settle();
  ScriptedSocket.last.welcome();
  await settle();
  assert.equal(ScriptedSocket.last.frames("offer.make").length, 0);
});

test("an offer whose reply was lost goes again under the same id", async () => {
  await live();
  const offer = client.makeOffer(17, "4400.00");
  const [sent] = ScriptedSocket.last.frames("offer.make");
  ScriptedSocket.last.drop();
  mock.timers.tick(1000);
  await settle();
  ScriptedSocket.last.welcome();
  await settle();
  const again = ScriptedSocket.last.reply("offer.make", { seq: 2 });
  assert.deepEqual(again, sent);
  assert.deepEqual(await offer, { seq: 2 });
});

test("a move that went out without an answer in time is unconfirmed, not unsent", async () => {
  await live();
  const accept = caught(client.accept(17, 31));
  mock.timers.tick(15000);
  assert.equal((await accept).code, "client.unconfirmed");
});

test("messages wait offline as long as it takes, in order", async () => {
  await live();
  ScriptedSocket.last.drop();
  const said = [client.say(17, "one"), client.say(17, "two")];
  // The first handshake hangs and is given up; the second one succeeds, long after an offer would have come back.
  for (const wait of [1000, 9000, 2000, 8000]) {
    mock.timers.tick(wait);
    await settle();
  }
  ScriptedSocket.last.welcome();
  await settle();
  const frames = ScriptedSocket.last.frames("message.send");
  assert.deepEqual(
    frames.map(({ text }) => text),
    ["one", "two"],
  );
  frames.forEach(({ id }, i) => ScriptedSocket.last.push({ type: "reply", id, ok: true, data: { seq: i + 1 } }));
  assert.deepEqual(await Promise.all(said), [{ seq: 1 }, { seq: 2 }]);
});

test("a message that the hub refuses for now goes again, an offer does not", async () => {
  await live();
  const said = client.say(17, "hello");
  const offer = caught(client.makeOffer(17, "4400.00"));
  ScriptedSocket.last.refuse("message.send", { code: "rate_limited", params: { retry_after: 2 } });
  ScriptedSocket.last.refuse("offer.make", { code: "rate_limited", params: { retry_after: 2 } });
  assert.equal((await offer).code, "rate_limited");
  mock.timers.tick(2000);
  assert.equal(ScriptedSocket.last.frames("message.send").length, 2);
  ScriptedSocket.last.reply("message.send", { seq: 1 });
  await said;
});

test("the room drops what it has, orders what comes early and reads what is missing", async () => {
  await live();
  const seen = [];
  const room = client.join(17);
  room.addEventListener("entry", ({ detail: { entry, missed } }) => seen.push([entry.seq, missed]));
  const socket = ScriptedSocket.last;
  socket.push(message(3));
  socket.reply("negotiation.join", { negotiation: snapshot(2), entries: [message(1), message(2)], more: false });
  await settle();
  assert.deepEqual(seen, [
    [1, false],
    [2, false],
    [3, false],
  ]);
  socket.push(message(3));
  socket.push(message(5));
  assert.equal(socket.frames("negotiation.join").at(-1).after_seq, 3);
  socket.reply("negotiation.join", { negotiation: snapshot(5), entries: [message(4), message(5)], more: false });
  await settle();
  assert.deepEqual(
    seen.map(([seq]) => seq),
    [1, 2, 3, 4, 5],
  );
  assert.equal(room.snapshot.last_seq, 5);
});

test("a long log is read page by page", async () => {
  await live();
  const room = client.join(17);
  const socket = ScriptedSocket.last;
  socket.reply("negotiation.join", { negotiation: snapshot(3), entries: [message(1), message(2)], more: true });
  await settle();
  assert.equal(socket.frames("negotiation.join").at(-1).after_seq, 2);
  socket.reply("negotiation.join", { negotiation: snapshot(3), entries: [message(3)], more: false });
  await settle();
  assert.equal(room.lastSeq, 3);
});

test("after a break rooms resume where they were, and what came meanwhile counts as missed", async () => {
  await live();
  const seen = [];
  client.join(17).addEventListener("entry", ({ detail: { entry, missed } }) => seen.push([entry.seq, missed]));
  ScriptedSocket.last.reply("negotiation.join", { negotiation: snapshot(1), entries: [message(1)], more: false });
  await settle();
  ScriptedSocket.last.drop(1012);
  mock.timers.tick(1000);
  await settle();
  ScriptedSocket.last.welcome();
  await settle();
  assert.equal(ScriptedSocket.last.frames("negotiation.join").at(-1).after_seq, 1);
  ScriptedSocket.last.reply("negotiation.join", { negotiation: snapshot(2), entries: [message(2)], more: false });
  await settle();
  assert.deepEqual(seen, [
    [1, false],
    [2, true],
  ]);
});

for (const [afterSeq, missed] of [
  [1, true],
  [0, false],
]) {
  test(`a break before the first look: after entry ${afterSeq}, what came meanwhile counts as ${missed ? "missed" : "new"}`, async () => {
    await live();
    const seen = [];
    client.join(17, { afterSeq }).addEventListener("entry", ({ detail }) => seen.push([detail.entry.seq, detail.missed]));
    ScriptedSocket.last.drop(1012);
    mock.timers.tick(1000);
    await settle();
    ScriptedSocket.last.welcome();
    await settle();
    const entries = [message(afterSeq + 1)];
    ScriptedSocket.last.reply("negotiation.join", { negotiation: snapshot(afterSeq + 1), entries, more: false });
    await settle();
    assert.deepEqual(seen, [[afterSeq + 1, missed]]);
  });
}

test("after 25 s of silence it asks, and gives up a socket that stays silent", async () => {
  await live();
  const before = ScriptedSocket.last.frames("ping").length;
  mock.timers.tick(25000);
  assert.equal(ScriptedSocket.last.frames("ping").length, before + 1);
  mock.timers.tick(10000);
  assert.equal(client.state, "reconnecting");
});

test("a page that wakes connects at once", async () => {
  await live();
  ScriptedSocket.last.drop();
  const before = ScriptedSocket.all.length;
  client.link.wake();
  await settle();
  assert.equal(ScriptedSocket.all.length, before + 1);
});

test("waits grow with jitter and never pass 20 s", async () => {
  await live();
  const waits = [];
  for (let i = 0; i < 9; i += 1) waits.push(client.link.backoff.next());
  assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 8000, 10000, 10000, 10000]);
});

for (const [code, state, refusal] of [
  [4401, "signed-out", "client.signed_out"],
  [4403, "stopped", "client.refused"],
  [4400, "stopped", "client.refused"],
]) {
  test(`close ${code} ends it: ${state}`, async () => {
    await live();
    const waiting = caught(client.say(17, "hello"));
    ScriptedSocket.last.drop(code);
    assert.equal(client.state, state);
    // It had reached the hub: whether it was done only the room tells.
    assert.equal((await waiting).code, "client.unconfirmed");
    mock.timers.tick(60000);
    await settle();
    assert.equal(ScriptedSocket.all.length, 1);
    assert.equal((await caught(client.makeOffer(17, "1.00"))).code, refusal);
  });
}

test("signed out while offline, what never went out is told to be undone", async () => {
  await live();
  ScriptedSocket.last.drop();
  const waiting = caught(client.say(17, "hello"));
  mock.timers.tick(1000);
  await settle();
  ScriptedSocket.last.drop(4401);
  assert.equal((await waiting).code, "client.signed_out");
});

test("a network that goes away is told at once, and one that comes back is used at once", async () => {
  const page = new EventTarget();
  globalThis.addEventListener = page.addEventListener.bind(page);
  globalThis.removeEventListener = page.removeEventListener.bind(page);
  try {
    await live();
    page.dispatchEvent(new Event("offline"));
    assert.equal(client.state, "reconnecting");
    page.dispatchEvent(new Event("online"));
    await settle();
    ScriptedSocket.last.welcome();
    assert.equal(client.state, "live");
  } finally {
    client.close();
    delete globalThis.addEventListener;
    delete globalThis.removeEventListener;
  }
});

test("a move without an answer after 4 s makes the client ask the hub, and give a dead socket up", async () => {
  await live();
  ScriptedSocket.last.reply("ping", { server_time: new Date().toISOString() });
  caught(client.accept(17, 31));
  mock.timers.tick(3900);
  assert.equal(ScriptedSocket.last.frames("ping").length, 1);
  mock.timers.tick(200);
  assert.equal(ScriptedSocket.last.frames("ping").length, 2);
  mock.timers.tick(4600);
  assert.equal(client.state, "reconnecting");
});

test("a move that is answered within 4 s asks for nothing more", async () => {
  await live();
  const accept = client.accept(17, 31);
  ScriptedSocket.last.reply("offer.accept", { seq: 3 });
  await accept;
  const pings = ScriptedSocket.last.frames("ping").length;
  mock.timers.tick(10000);
  assert.equal(ScriptedSocket.last.frames("ping").length, pings);
});

test("after a flood it stays away for half a minute", async () => {
  await live();
  ScriptedSocket.last.drop(4429);
  mock.timers.tick(29000);
  await settle();
  assert.equal(ScriptedSocket.all.length, 1);
  mock.timers.tick(2000);
  await settle();
  assert.equal(ScriptedSocket.all.length, 2);
});

test("countdowns follow the hub's clock, whatever this one says", async () => {
  await begin();
  ScriptedSocket.last.welcome({ server_time: "2026-11-22T10:05:00.000Z" });
  assert.equal(new Date(client.clock.now()).toISOString(), "2026-11-22T10:05:00.000Z");
});

test("typing and seen are dropped without a socket", async () => {
  await live();
  ScriptedSocket.last.drop();
  client.typing(17, true);
  client.seen(17, 4);
  mock.timers.tick(1000);
  await settle();
  ScriptedSocket.last.welcome();
  await settle();
  assert.deepEqual(
    ScriptedSocket.last.sent.map(({ type }) => type),
    ["ping"],
  );
});
