import { $, el, text } from "../../core/dom.js";
import { gettext, say } from "../../core/i18n.js";
import { money } from "../../core/money.js";
import { exact, left } from "../../core/times.js";
import { life, receives } from "./haggle.js";
import { showLadder } from "./ladder.js";
import { offerTitle, via } from "./words.js";

const LINES = [
  ["stay", gettext("Stay")],
  ["meals", gettext("Meals")],
  ["cleaning", gettext("Cleaning")],
  ["platform_fee", gettext("Service fee")],
  ["tax", gettext("Tax")],
];

const row = (name, amount, extra = "") => el("div", { class: extra }, el("dt", {}, name), el("dd", {}, amount));

/** The lines of a quote, without those that are nothing. */
export function quoteLines(quote) {
  const m = (amount) => money(amount, quote.currency);
  const parts = LINES.filter(([key]) => Number(quote[key])).map(([key, name]) => row(name, m(quote[key])));
  return [...parts, row(gettext("Total"), m(quote.total), "lines__total")];
}

/** What the host gets of a quote, and under it what the guest pays beside it. */
export function hostLines(quote) {
  const m = (amount) => money(amount, quote.currency);
  const parts = LINES.slice(0, 3).filter(([key]) => Number(quote[key]));
  const beside = [
    ["platform_fee", gettext("Service fee, paid by the guest")],
    ["tax", gettext("Tax, paid by the guest")],
  ].filter(([key]) => Number(quote[key]));
  return [
    ...parts.map(([key, name]) => row(name, m(quote[key]))),
    row(gettext("You receive"), m(receives(quote)), "lines__total"),
    ...beside.map(([key, name]) => row(name, m(quote[key]), "small muted")),
    row(gettext("The guest pays"), m(quote.total), "small muted"),
  ];
}

/** The last offer of the log: what was on the table when it ended. */
const lastOffer = (entries) => entries.findLast(({ kind }) => kind === "offer.made" || kind === "limit.met")?.data.offer ?? null;

function heading({ status }) {
  if (status === "open") return gettext("On the table");
  return status === "accepted" ? gettext("Agreed") : gettext("Last on the table");
}

/** The standing offer, large; with its clock, its quote and the ladder. */
export class Table {
  constructor(root, view, { now, onEnd }) {
    this.root = root;
    this.view = view;
    this.now = now;
    this.onEnd = onEnd;
    this.timer = setInterval(() => this.#tick(), 1000);
  }

  show() {
    const { snapshot, entries } = this.view;
    const offer = snapshot.standing_offer ?? lastOffer(entries);
    this.offer = snapshot.status === "open" ? snapshot.standing_offer : null;
    text($("[data-heading]", this.root), heading(snapshot));
    this.#price(offer);
    this.#listPrice();
    showLadder($("[data-ladder]", this.root), this.view);
    this.#tick();
  }

  /** Today's list price beside the frozen one: as the page had it, and as it falls while the page is open. */
  #listPrice() {
    const node = $("[data-list]", this.root);
    if (!node) return;
    node.hidden = this.view.snapshot.status !== "open";
    const lowered = this.view.entries.findLast(({ kind, seq }) => kind === "list.lowered" && seq > Number(node.dataset.seq));
    if (!lowered) return;
    const today = say("today %(today)s", { today: money(lowered.data.list_amount, this.view.snapshot.currency) });
    $("[data-today]", node).replaceChildren(" · ", el("span", { class: "strong" }, today));
  }

  #price(offer) {
    const { snapshot } = this.view;
    const amount = offer?.amount ?? snapshot.list_amount;
    this.root.dataset.by = offer?.by ?? "";
    text($("[data-price]", this.root), money(amount, snapshot.currency));
    text($("[data-who]", this.root), this.#who(offer));
    this.#machine(offer);
    const quote = $("[data-quote]", this.root);
    const side = $("[data-side-quote]");
    quote.hidden = side.hidden = !offer?.quote;
    if (!offer?.quote) return;
    const host = this.view.side === "host";
    const words = host
      ? say("you receive %(amount)s", { amount: money(receives(offer.quote), snapshot.currency) })
      : say("all-in %(total)s", { total: money(offer.quote.total, snapshot.currency) });
    text($("[data-total]", quote), words);
    for (const place of [quote, side]) {
      $("[data-lines]", place).replaceChildren(...(host ? hostLines : quoteLines)(offer.quote));
    }
  }

  #who(offer) {
    if (!offer) return gettext("List price, no offer yet");
    return this.view.snapshot.status === "accepted" ? gettext("for the stay") : offerTitle(this.view, offer.by);
  }

  /** Whose machine made the offer, where one did. */
  #machine(offer) {
    const made = offer && this.view.entries.findLast(({ kind, data }) => kind === "offer.made" && data.offer.id === offer.id);
    const words = via(this.view, made);
    $("[data-via]", this.root).hidden = !words;
    text($("[data-via-words]", this.root), words);
  }

  #tick() {
    const clock = $("[data-clock]", this.root);
    clock.hidden = !this.offer;
    if (!this.offer) return;
    const remaining = Date.parse(this.offer.expires_at) - this.now();
    text($("[data-left]", clock), left(remaining));
    clock.title = exact(this.offer.expires_at);
    clock.classList.toggle("is-late", life(this.offer, this.now()) <= 0.1);
    if (remaining <= 0 && this.ended !== this.offer.id) {
      this.ended = this.offer.id;
      this.onEnd();
    }
  }
}
