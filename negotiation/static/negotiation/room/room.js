import { $, text } from "../../core/dom.js";
import { gettext } from "../../core/i18n.js";
import { hub } from "../live.js";
import { Accepting } from "./accepting.js";
import { moves, other } from "./haggle.js";
import { Offering } from "./offering.js";
import { renewOutcome, showOutcome } from "./outcome.js";
import { Presence } from "./presence.js";
import { Sealing } from "./sealing.js";
import { Stream } from "./stream.js";
import { Table } from "./table.js";
import { notSent, Talking } from "./talking.js";
import { announce, line, refusal, via } from "./words.js";

// Seconds: what "a day more" adds, and the longest life that the hub takes.
const DAY = 86400;
const LONGEST = 7 * DAY;

/** Wires one room: the page's parts on one side, the hub's room on the other. */
class RoomPage {
  constructor(root, { snapshot, entries, side, terms }) {
    this.root = root;
    this.view = { snapshot, entries, side, terms };
    this.id = snapshot.id;
    this.part = (name) => $(`[data-part=${name}]`, root);
    this.#parts();
    entries.forEach((entry) => this.stream.add(entry));
    this.stream.begin();
    this.#show();
    this.room = hub.join(this.id, { afterSeq: entries.at(-1)?.seq ?? 0, snapshot });
    this.#listen();
    $("[data-controls]", root).disabled = false;
  }

  #parts() {
    const { view, part } = this;
    this.stream = new Stream(part("log"), view);
    this.table = new Table(part("table"), view, { now: () => hub.clock.now(), onEnd: () => this.#ended() });
    this.presence = new Presence(this.root, view);
    this.offering = new Offering(part("offer"), view, { send: (amount, seconds) => this.#offer(amount, seconds) });
    this.sealing = new Sealing(part("limit"), part("compare"), view, this.#limits());
    for (const way of this.#ways()) way.addEventListener("change", () => this.#show());
    this.talking = new Talking(part("talk"), { send: (words) => this.#say(words), typing: (on) => hub.typing(this.id, on) });
    this.accepting = new Accepting(part("moves"), part("confirm"), view, this.#answers());
  }

  #answers() {
    const standing = () => this.view.snapshot.standing_offer.id;
    return {
      accept: (offer) => this.#settle(hub.accept(this.id, offer)),
      decline: (offer, reason) => this.#settle(hub.decline(this.id, offer, reason)),
      withdraw: (offer) => this.#settle(hub.withdraw(this.id, offer)),
      extend: () => this.#settle(hub.extend(this.id, standing(), this.#dayMore())),
      close: () => this.#settle(hub.closeQuestion(this.id)),
    };
  }

  #limits() {
    return {
      seal: (amount, expires_in) => this.#settle(hub.seal(this.id, amount, { expires_in })).then(() => this.room.catchUp()),
      unseal: () => this.#settle(hub.unseal(this.id)).then(() => this.room.catchUp()),
      fill: (amount) => {
        this.#choose("price");
        this.offering.fill(amount);
      },
    };
  }

  /** The choice between naming a price and sealing a limit. */
  #ways() {
    return [...this.root.querySelectorAll("[data-way]")];
  }

  #choose(way) {
    for (const choice of this.#ways()) choice.checked = choice.value === way;
    this.#show();
  }

  #chosenWay(can) {
    if (!can.offer || !can.seal) return can.offer ? "price" : "limit";
    return this.#ways().find((choice) => choice.checked)?.value ?? "price";
  }

  #listen() {
    this.room.addEventListener("entry", ({ detail: { entry, missed } }) => this.#entry(entry, missed));
    this.room.addEventListener("snapshot", ({ detail }) => this.#snapshot(detail));
    this.room.addEventListener("nights", ({ detail }) => this.#nights(detail.free));
    this.room.addEventListener("typing", ({ detail }) => this.presence.typing(detail));
    this.room.addEventListener("gone", () => location.assign("/inbox/"));
    hub.addEventListener("status", ({ detail: { state } }) => state === "live" && this.#back());
    hub.addEventListener("notification", ({ detail }) => this.#told(detail));
    document.addEventListener("visibilitychange", () => this.#seen());
    addEventListener("focus", () => this.#seen());
  }

  #entry(entry, missed) {
    this.view.entries.push(entry);
    this.stream.add(entry, missed);
    if (entry.actor !== this.view.side) this.arrived = entry;
    // Of one's own moves no notification tells the list beside the room.
    else document.dispatchEvent(new Event("moved"));
  }

  #snapshot(snapshot) {
    const before = this.view.snapshot.status;
    this.view.snapshot = snapshot;
    this.#show();
    this.#speak();
    if (snapshot.status !== before) {
      showOutcome(this.part("outcome"), this.view);
      this.part("nights").hidden = true;
    }
    this.#seen();
  }

  /** The connection is there again. Whether the nights went meanwhile stands in no log: the page itself says so. */
  #back() {
    this.stream.back();
    if (this.wasLive) this.#readNights().catch(() => {});
    this.wasLive = true;
  }

  async #readNights() {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const there = $("[data-part=nights]", page);
    if (there) this.#nights(there.hidden);
  }

  #nights(free) {
    this.part("nights").hidden = free || this.view.snapshot.status !== "open";
  }

  /** What happens to the booking is no entry of the room, but its panel tells of it. */
  #told({ booking }) {
    if (booking !== null && booking === this.view.snapshot.booking) renewOutcome(this.part("outcome"));
  }

  #show() {
    const focused = document.activeElement;
    this.#draw();
    if (focused && focused !== document.body && !focused.checkVisibility()) this.#land();
  }

  /** What had the focus is gone: it goes to what is said of the state now, where reading on makes sense. */
  #land() {
    const places = ["[data-part=waiting]", "[data-part=outcome] h2", "[data-heading]"].map((selector) => $(selector, this.root));
    const place = places.find((node) => node?.checkVisibility());
    place?.setAttribute("tabindex", "-1");
    place?.focus();
  }

  #draw() {
    const { snapshot, entries, side } = this.view;
    const can = moves(snapshot, entries, side);
    this.root.dataset.status = snapshot.status;
    this.table.show();
    this.presence.show();
    this.accepting.show(can);
    const way = this.#chosenWay(can);
    this.part("ways").hidden = !(can.offer && can.seal);
    this.offering.show(can.offer, way === "price");
    this.sealing.show(can, way === "limit");
    this.talking.show(can.talk);
    this.#waiting(can);
    this.stream.markSeen(snapshot.seen?.[other(side)] ?? 0);
  }

  #waiting(can) {
    const node = this.part("waiting");
    const { snapshot, side } = this.view;
    const spent = can.accept && !can.offer;
    node.hidden = !(can.withdraw || spent);
    const waits =
      side === "guest"
        ? gettext("The host has your bid. You can withdraw it; you can't change it.")
        : gettext("The guest has your price. You can withdraw it; you can't change it.");
    const out =
      snapshot.offers_left[side] > 0
        ? gettext("No price is left between the two. Accept or decline.")
        : gettext("You have no offers left. You can still accept or decline.");
    text(node, can.withdraw ? waits : out);
  }

  /** The live region speaks once for what the other side did. */
  #speak() {
    const entry = this.arrived;
    if (!entry) return;
    this.arrived = null;
    const words = { "offer.made": () => announce(this.view, entry), "message.sent": () => entry.data.text };
    const said = (words[entry.kind] ?? (() => line(this.view, entry)))();
    text(this.part("announce"), [said, via(this.view, entry)].filter(Boolean).join(", "));
  }

  #seen() {
    const seq = this.view.entries.at(-1)?.seq ?? 0;
    if (document.visibilityState !== "visible" || seq <= (this.seenSeq ?? 0)) return;
    this.seenSeq = seq;
    hub.seen(this.id, seq);
  }

  /** Seconds from now until a day after the standing offer's end. */
  #dayMore() {
    const left = (Date.parse(this.view.snapshot.standing_offer.expires_at) - hub.clock.now()) / 1000;
    return Math.min(LONGEST, Math.ceil(Math.max(0, left)) + DAY);
  }

  async #offer(amount, expires_in) {
    const underway = this.stream.expect("offer.made", amount);
    // Until the reply only one thing is certain: it is not this side's turn to offer twice.
    this.offering.form.setAttribute("aria-busy", "true");
    try {
      await this.#settle(hub.makeOffer(this.id, amount, { expires_in }));
    } catch (error) {
      underway.remove();
      throw error;
    } finally {
      this.offering.form.removeAttribute("aria-busy");
    }
  }

  async #say(words) {
    const underway = this.stream.expect("message.sent", words);
    try {
      await this.#settle(hub.say(this.id, words));
    } catch (error) {
      notSent(underway, refusal(error), () => this.#say(words));
    }
  }

  /** The reply may come before the entry it speaks of; the log is read on only if the entry stays away. */
  async #settle(sent) {
    const { seq } = await sent;
    if (this.room.lastSeq < seq) setTimeout(() => this.room.lastSeq < seq && this.room.catchUp().catch(() => {}), 700);
  }

  /** The clock says that an offer is over: reading the room lets the hub write it down. */
  #ended() {
    setTimeout(() => this.room.catchUp(false).catch(() => {}), 400);
  }
}

const root = $("[data-room]");
const data = JSON.parse(document.getElementById("room-data").textContent);
new RoomPage(root, data);
