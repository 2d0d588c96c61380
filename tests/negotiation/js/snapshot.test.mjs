import assert from "node:assert/strict";
import { test } from "node:test";
import { apply } from "../../../negotiation/static/negotiation/hub/hub-client.js";
import {
  inside,
  ladder,
  limitRange,
  midpoint,
  moves,
  quoted,
  range,
  slider,
  step,
  suggestion,
} from "../../../negotiation/static/negotiation/room/haggle.js";
import { snapshot } from "./scripted.mjs";

const at = "2026-11-22T10:00:00.000Z";
const offer = (seq, actor, amount) => ({ seq, at, kind: "offer.made", actor, data: { offer: { id: seq, amount, by: actor } } });
const turn = (last_seq, entries) => entries.reduce(apply, snapshot(last_seq, { turn: null }));

test("an offer turns the table and costs one of the offers left", () => {
  const after = apply(snapshot(1), offer(2, "guest", "4400.00"));
  assert.deepEqual(
    [after.turn, after.offers_left, after.standing_offer.amount, after.last_seq],
    ["host", { guest: 4, host: 5 }, "4400.00", 2],
  );
});

test("an entry that the snapshot has already changes nothing", () => {
  const before = snapshot(5);
  assert.equal(apply(before, offer(5, "guest", "4400.00")), before);
});

for (const [kind, status] of [
  ["offer.declined", "declined"],
  ["offer.withdrawn", "withdrawn"],
  ["offer.expired", "expired"],
  ["negotiation.closed", "closed"],
  ["negotiation.superseded", "superseded"],
  ["offer.accepted", "accepted"],
]) {
  test(`${kind} ends it as ${status}`, () => {
    const after = apply(snapshot(1), { seq: 2, at, kind, actor: "host", data: { booking: 4 } });
    assert.deepEqual([after.status, after.turn, after.standing_offer], [status, null, null]);
  });
}

const cases = [
  ["a guest's first bid stays below the list", [], "guest", 0.01, 5999.99],
  ["a host's first ask may be the list itself", [], "host", 0.01, 6000],
  [
    "a bid lies between the last bid and the ask",
    [
      ["guest", "4400.00"],
      ["host", "5200.00"],
    ],
    "guest",
    4400.01,
    5199.99,
  ],
  [
    "an ask lies above the bid and below the last ask",
    [
      ["guest", "4400.00"],
      ["host", "5200.00"],
      ["guest", "4700.00"],
    ],
    "host",
    4700.01,
    5199.99,
  ],
  ["a host's first ask after a bid", [["guest", "4400.00"]], "host", 4400.01, 6000],
];
for (const [name, made, side, least, most] of cases) {
  test(name, () => {
    const entries = made.map(([actor, amount], i) => offer(i + 2, actor, amount));
    assert.deepEqual(range(snapshot(1), entries, side), { least, most });
  });
}

test("the slider offers round prices, all of them concessions", () => {
  const interval = { least: 4400.01, most: 5199.99 };
  const { min, max, step: size } = slider(interval);
  assert.deepEqual([min, max, size], [4410, 5190, 10]);
  const entries = [offer(2, "guest", "4400.00")];
  const suggested = ["guest", "host"].map((side) => suggestion(interval, side, entries));
  for (const price of [min, max, ...suggested]) assert.ok(inside(interval, price));
});

test("a narrow gap still has its hundredths", () => {
  assert.equal(step({ least: 10.01, most: 10.99 }), 0.01);
});

test("who may do what", () => {
  const entries = [offer(2, "guest", "4400.00")];
  const open = { ...turn(1, entries), limits: { guest: "none", host: "none" } };
  assert.deepEqual(moves(open, entries, "host"), {
    seal: true,
    accept: true,
    decline: true,
    withdraw: false,
    offer: true,
    close: false,
    talk: true,
  });
  assert.deepEqual(moves(open, entries, "guest"), {
    seal: true,
    accept: false,
    decline: false,
    withdraw: true,
    offer: false,
    close: false,
    talk: true,
  });
  assert.equal(moves({ ...open, offers_left: { guest: 4, host: 0 } }, entries, "host").offer, false);
  assert.equal(moves({ ...open, status: "declined", standing_offer: null }, entries, "host").talk, false);
});

test("nothing is left to offer where the two prices touch", () => {
  const entries = [offer(2, "guest", "4400.00"), offer(3, "host", "4400.01")];
  assert.equal(moves(turn(1, entries), entries, "guest").offer, false);
});

test("the ladder runs from the lowest bid to the list price", () => {
  const rungs = ladder(snapshot(1), [offer(2, "guest", "4400.00"), offer(3, "host", "5200.00")]);
  assert.equal(rungs.gap, 800);
  assert.ok(rungs.bids[0] < rungs.asks[0] && rungs.asks[0] < rungs.top && rungs.top === 100);
});

const said = (seq, kind, actor, data = {}) => ({ seq, at, kind, actor, data });

test("limits go by the log: sealed, taken back, compared, ended", () => {
  const words = (entries) => turn(1, entries).limits;
  assert.deepEqual(words([said(2, "limit.sealed", "guest")]), { guest: "sealed", host: "none" });
  assert.deepEqual(words([said(2, "limit.sealed", "host"), said(3, "limit.unsealed", "host")]), { guest: "none", host: "none" });
  assert.deepEqual(words([said(2, "limit.sealed", "guest"), said(3, "offer.declined", "host")]), { guest: "none", host: "none" });
  const missed = [said(2, "limit.sealed", "guest"), said(3, "limit.sealed", "host"), said(4, "limit.missed", "system")];
  assert.deepEqual(words(missed), { guest: "spent", host: "spent" });
  assert.deepEqual(words([...missed, said(5, "offer.declined", "host")]), { guest: "spent", host: "spent" });
});

test("one's own figure is gone with the comparison and with the end", () => {
  const mine = { ...snapshot(1), limits: { guest: "sealed", host: "none" }, limit_mine: { amount: "4400.00" } };
  assert.equal("limit_mine" in apply(mine, said(2, "limit.missed", "system")), false);
  assert.equal("limit_mine" in apply(mine, said(2, "offer.declined", "host")), false);
  assert.equal("limit_mine" in apply(mine, said(2, "message.sent", "host", { text: "Hello" })), true);
});

test("what may be sealed, and half-way between open offers", () => {
  const made = [offer(2, "guest", "4400.00"), offer(3, "host", "5200.00")];
  const view = { snapshot: snapshot(1), entries: made };
  assert.deepEqual(limitRange(view, "guest"), { least: 4400, most: 5199.99 });
  assert.deepEqual(limitRange(view, "host"), { least: 4400.01, most: 5200 });
  assert.deepEqual(limitRange({ ...view, entries: [] }, "guest"), { least: 0.01, most: 5999.99 });
  assert.deepEqual(limitRange({ ...view, entries: [] }, "host"), { least: 0.01, most: 6000 });
  assert.equal(midpoint(made), 4800);
  assert.equal(midpoint([offer(2, "guest", "4400.00")]), null);
});

test("the all-in price at a limit is the hub's, line by line half up", () => {
  const terms = { meals: "300.00", cleaning: "75.00", fee_percent: "5", tax_percent: "10" };
  assert.equal(quoted(terms, 2000).total, 2731.25);
  assert.equal(quoted({ meals: "0.00", cleaning: "0.00", fee_percent: "5", tax_percent: "10" }, 0.1).total, 0.12);
});
