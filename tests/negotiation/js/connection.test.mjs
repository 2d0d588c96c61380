import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { begin, caught, client, eachAlone, live } from "./begun.mjs";
import { ScriptedSocket, settle } from "./scripted.mjs";

eachAlone();

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
