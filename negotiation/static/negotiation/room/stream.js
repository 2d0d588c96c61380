import { $, el, icon } from "../../core/dom.js";
import { gettext, say } from "../../core/i18n.js";
import { money } from "../../core/money.js";
import { clockTime, dayWords, exact } from "../../core/times.js";
import { line, offerTitle, via } from "./words.js";

const when = (iso) => el("time", { datetime: iso, title: exact(iso), class: "entry__time" }, clockTime(iso));
const own = (view, actor) => (actor === view.side ? "entry--mine" : "entry--theirs");

function offerCard(view, actor, amount, total, time) {
  const { currency } = view.snapshot;
  return el(
    "div",
    { class: `entry entry--offer entry--${actor} ${own(view, actor)}` },
    el("span", { class: "entry__who" }, offerTitle(view, actor)),
    el("span", { class: "price price--entry" }, money(amount, currency)),
    total && el("span", { class: "entry__total" }, say("all-in %(total)s", { total: money(total, currency) })),
    time,
  );
}

/** Leads to the form that tells staff of a message of the other side. */
function report(view, seq) {
  const query = new URLSearchParams({ kind: "message", id: `${view.snapshot.id}:${seq}`, next: location.pathname });
  const words = el("span", { class: "sr-only" }, gettext("Report this message"));
  return el("a", { class: "entry__report", href: `/report/?${query}` }, icon("flag", "icon--small"), words);
}

function bubble(view, actor, words, time, seq = 0) {
  return el(
    "div",
    { class: `entry entry--message entry--${actor} ${own(view, actor)}` },
    el("span", { class: "sr-only" }, actor === view.side ? gettext("You:") : `${view.snapshot[actor].name}:`),
    el("p", { class: "entry__text" }, words),
    time,
    actor !== view.side && seq > 0 && report(view, seq),
  );
}

function byMachine(view, entry) {
  const words = via(view, entry);
  return words && el("span", { class: "entry__via" }, icon("assistant", "icon--small"), words);
}

/** How an entry of the log looks. */
export function draw(view, entry) {
  const node = drawAlone(view, entry);
  const machine = byMachine(view, entry);
  if (machine) node.append(machine);
  return node;
}

function drawAlone(view, entry) {
  const { kind, actor, data, at } = entry;
  if (kind === "offer.made") return offerCard(view, actor, data.offer.amount, data.offer.quote?.total, when(at));
  if (kind === "message.sent") return bubble(view, actor, data.text, when(at), entry.seq);
  const tone = { "offer.accepted": " entry--agreed", "limit.met": " entry--met", "limit.missed": " entry--missed" }[kind] ?? "";
  return el("div", { class: `entry entry--line${tone}` }, el("span", {}, line(view, entry)), " ", when(at));
}

/** The log on the page: entries solid, what is on its way greyed, and where you were away. */
export class Stream {
  constructor(root, view) {
    this.root = root;
    this.view = view;
    this.underway = [];
    this.sticks = true;
    this.live = false;
    this.root.replaceChildren();
    this.top = 0;
    this.root.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // The controls below come and go; who reads the newest line goes on reading it.
    new ResizeObserver(() => this.sticks && this.toEnd()).observe(this.root);
  }

  add(entry, missed = false) {
    const stick = this.sticks;
    if (missed && !this.divider?.isConnected) this.#divide();
    this.#day(entry.at);
    const node = draw(this.view, entry);
    node.dataset.seq = entry.seq;
    const guess = this.#take(entry);
    if (guess) guess.replaceWith(node);
    else this.root.insertBefore(node, this.underway[0]?.node ?? null);
    node.classList.toggle("is-new", !guess && this.live);
    if (stick || entry.actor === this.view.side) this.toEnd();
  }

  /** From here on entries slide in. */
  begin() {
    this.live = true;
    this.toEnd();
  }

  /** What was just sent, at once. @returns {{node: Element, state: Element, remove: () => void}} */
  expect(kind, value) {
    const side = this.view.side;
    const state = el("span", { class: "entry__time" }, gettext("Sending…"));
    const node = kind === "offer.made" ? offerCard(this.view, side, value, null, state) : bubble(this.view, side, value, state);
    node.classList.add("is-underway");
    const item = { kind, value: String(value), node };
    this.underway.push(item);
    this.root.append(node);
    this.toEnd();
    return { node, state, remove: () => this.#drop(item) };
  }

  /** A line where a new day begins; a talk that is all of today needs none. */
  #day(at) {
    const words = dayWords(at, Date.now());
    if (words === (this.lastDay ?? dayWords(Date.now(), Date.now()))) return;
    this.lastDay = words;
    this.root.insertBefore(el("div", { class: "entry entry--line entry--day" }, words), this.underway[0]?.node ?? null);
  }

  #take({ kind, actor, data }) {
    if (actor !== this.view.side) return null;
    const value = kind === "offer.made" ? data.offer.amount : data.text;
    const item = this.underway.find((one) => one.kind === kind && one.value === value);
    if (item) this.underway.splice(this.underway.indexOf(item), 1);
    return item?.node;
  }

  #drop(item) {
    const place = this.underway.indexOf(item);
    if (place >= 0) this.underway.splice(place, 1);
    item.node.remove();
  }

  #divide() {
    this.divider = el("div", { class: "entry entry--divider" }, el("span", {}, gettext("while you were away")));
    this.root.insertBefore(this.divider, this.underway[0]?.node ?? null);
  }

  back() {
    this.divider = null;
  }

  /** "Seen" stands under the last own entry that the other side has seen. */
  markSeen(seq) {
    $(".entry__seen", this.root)?.remove();
    const mine = [...this.root.querySelectorAll(".entry--mine[data-seq]")].filter((node) => Number(node.dataset.seq) <= seq);
    mine.at(-1)?.append(el("span", { class: "entry__seen" }, icon("check", "icon--small"), gettext("Seen")));
  }

  /** Only going up leaves the end; a log that shrinks under the reader does not. */
  #scrolled() {
    if (this.root.scrollTop < this.top - 2) this.sticks = false;
    if (this.#atEnd()) this.sticks = true;
    this.top = this.root.scrollTop;
  }

  #atEnd() {
    return this.root.scrollHeight - this.root.scrollTop - this.root.clientHeight < 80;
  }

  toEnd() {
    this.sticks = true;
    this.root.scrollTop = this.root.scrollHeight;
  }
}
