import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { caught, client, eachAlone, live } from "./begun.mjs";
import { message, ScriptedSocket, settle, snapshot } from "./scripted.mjs";

eachAlone();

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
