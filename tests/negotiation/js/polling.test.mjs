import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { HubClient } from "../../../negotiation/static/negotiation/hub/hub-client.js";
import { message, ScriptedSocket, settle, snapshot } from "./scripted.mjs";

let client;
let calls;
let answers;

const respond = (body, status = 200) => ({ ok: status < 400, status, json: async () => body });

/** REST as the test says: the first answer whose path fits. */
async function rest(url, { method, headers, body }) {
  const path = url.replace("http://hub.test/", "");
  calls.push({ method, path, key: headers["Idempotency-Key"], body: body && JSON.parse(body) });
  const [, answer] = answers.find(([part]) => path.startsWith(part)) ?? [];
  if (!answer) throw new TypeError("fetch failed");
  return answer(path);
}

async function blocked() {
  ScriptedSocket.refuse = true;
  client = new HubClient({ base: "http://hub.test/", WebSocket: ScriptedSocket, fetch: rest, random: () => 0 }).connect();
  for (let i = 0; i < 4; i += 1) {
    await settle();
    mock.timers.tick(1);
  }
  await settle();
}

beforeEach(() => {
  ScriptedSocket.reset();
  calls = [];
  answers = [["auth/user/", () => respond({ id: 8, unread: 2 })]];
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
});

afterEach(() => {
  client.close();
  mock.timers.reset();
});

test("three failed handshakes: it polls, and knows who it is", async () => {
  await blocked();
  assert.equal(client.state, "polling");
  assert.equal(client.userId, 8);
});

test("where nothing answers it reconnects, and polls once REST is there", async () => {
  answers = [];
  await blocked();
  assert.equal(client.state, "reconnecting");
  answers = [["auth/user/", () => respond({ id: 8, unread: 2 })]];
  mock.timers.tick(1);
  await settle();
  assert.equal(client.state, "polling");
  answers = [];
  for (let i = 0; i < 5; i += 1) {
    mock.timers.tick(3000);
    await settle();
  }
  assert.equal(client.state, "reconnecting");
});

test("rooms are read by polling, each entry once", async () => {
  let log = [message(1)];
  answers.push([
    "api/nego/17/entries/",
    (path) => {
      const after = Number(new URLSearchParams(path.split("?")[1]).get("after_seq"));
      return respond({ negotiation: snapshot(log.length), entries: log.filter(({ seq }) => seq > after), more: false });
    },
  ]);
  await blocked();
  const seen = [];
  client.join(17).addEventListener("entry", ({ detail }) => seen.push(detail.entry.seq));
  await settle();
  log = [message(1), message(2)];
  for (let i = 0; i < 3; i += 1) {
    mock.timers.tick(3000);
    await settle();
  }
  assert.deepEqual(seen, [1, 2]);
});

test("an offer goes through REST, on the right side, under its id", async () => {
  answers.push(["api/nego/host_proposed/17/", () => respond(snapshot(4, { standing_offer: { id: 9, amount: "5200.00" } }))]);
  await blocked();
  client.join(17, { snapshot: snapshot(3) });
  const { offer, seq } = await client.send("offer.make", { negotiation: 17, amount: "5200.00" }, { id: "key-1" });
  assert.deepEqual([offer.id, seq], [9, 4]);
  const call = calls.find(({ method }) => method === "PUT");
  assert.deepEqual([call.path, call.key, call.body.host_price], ["api/nego/host_proposed/17/", "key-1", "5200.00"]);
});

test("accept, decline and withdraw name the offer that was seen", async () => {
  answers.push(["api/nego/update_status/17/", () => respond(snapshot(5, { status: "accepted", booking: 3 }))]);
  await blocked();
  assert.deepEqual(await client.accept(17, 31), { booking: { id: 3 }, seq: 5 });
  await client.decline(17, 31, "too little");
  await client.withdraw(17, 31);
  const bodies = calls.filter(({ path }) => path.includes("update_status")).map(({ body }) => [body.negotiation_status, body.offer]);
  assert.deepEqual(bodies, [
    ["accepted", 31],
    ["declined", 31],
    ["withdrawn", 31],
  ]);
});

test("a refusal of REST is the same refusal", async () => {
  answers.push([
    "api/nego/update_status/17/",
    () => respond({ code: "offer.stale", message: "", params: { offer: { id: 32 } }, fields: {} }, 409),
  ]);
  await blocked();
  const error = await client.accept(17, 31).then(
    () => null,
    (reason) => reason,
  );
  assert.deepEqual([error.code, error.params.offer.id], ["offer.stale", 32]);
});

test("without a network a message waits for REST to come back, under one key", async () => {
  await blocked();
  const said = client.say(17, "hello");
  await settle();
  mock.timers.tick(3000);
  await settle();
  answers.push(["api/nego/17/messages/", () => respond({ seq: 6 }, 201)]);
  mock.timers.tick(3000);
  await settle();
  assert.deepEqual(await said, { seq: 6 });
  assert.equal(new Set(calls.filter(({ path }) => path.includes("messages")).map(({ key }) => key)).size, 1);
});

test("the socket comes back by itself and takes over", async () => {
  await blocked();
  ScriptedSocket.refuse = false;
  mock.timers.tick(1);
  await settle();
  ScriptedSocket.last.welcome();
  assert.equal(client.state, "live");
  const before = calls.length;
  mock.timers.tick(9000);
  await settle();
  assert.equal(calls.length, before);
});

test("a session that is over ends the polling", async () => {
  answers = [["auth/user/", () => respond({ code: "auth.required", message: "", params: {}, fields: {} }, 401)]];
  await blocked();
  assert.equal(client.state, "signed-out");
});
