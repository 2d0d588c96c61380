import { $, $$, el } from "../../core/dom.js";
import { gettext, say } from "../../core/i18n.js";
import { money } from "../../core/money.js";
import { STEPS, addDays, addMonths, beginsWeek, dayNumber, dayWords, firstOf, monthOf, monthTable, monthTurns } from "../../core/months.js";

const KINDS = {
  stay: gettext("guests"),
  hold: gettext("waiting for an answer or payment"),
  block: gettext("blocked"),
  elsewhere: gettext("booked on another site"),
  closed: gettext("not open"),
};

/**
 * Two months of a host's nights: each day a button, ranges chosen by dragging, by two clicks, or by Space twice.
 * Event `choose` when `chosen` ({from, to}, half-open) has changed.
 */
export class Nights extends EventTarget {
  constructor(root, { today, currency, load, busy, months = 2 }) {
    super();
    this.root = root;
    this.today = today;
    this.currency = currency;
    this.load = load;
    this.busy = busy;
    this.months = months;
    this.month = monthOf(today);
    /** @type {{from?: string, to?: string}} */
    this.chosen = {};
    this.prices = new Map();
    root.addEventListener("pointerdown", (event) => this.#down(event));
    root.addEventListener("pointerover", (event) => this.#over(event));
    addEventListener("pointerup", () => (this.dragging = null));
    root.addEventListener("click", (event) => this.#click(event));
    root.addEventListener("keydown", (event) => this.#key(event));
  }

  async show(month = this.month) {
    this.month = month;
    const first = firstOf(month);
    const answer = await this.load(first < this.today ? this.today : first, firstOf(addMonths(month, this.months)));
    answer.nights.forEach(({ date, price }) => this.prices.set(date, price));
    this.draw();
  }

  /** After something changed: everything is asked for again. */
  renew(busy) {
    this.busy = busy;
    this.prices.clear();
    return this.show();
  }

  /** What the nights from `from` to before `to` are. */
  about(from, to) {
    const found = { free: 0, blocked: 0, closed: 0, elsewhere: 0, sources: new Set(), guests: new Map(), prices: [] };
    for (let date = from; date < to; date = addDays(date, 1)) {
      const { kind, entry } = this.#state(date);
      if (kind === "free") found.free += 1;
      else if (kind === "block") found.blocked += 1;
      else if (kind === "closed") found.closed += 1;
      else if (kind === "elsewhere") {
        found.elsewhere += 1;
        if (entry.source) found.sources.add(entry.source);
      } else found.guests.set(entry, (found.guests.get(entry) ?? 0) + 1);
      if (kind === "free") found.prices.push(this.prices.get(date));
    }
    return { ...found, sources: [...found.sources], guests: [...found.guests].map(([entry, nights]) => ({ ...entry, nights })) };
  }

  #state(date) {
    const entry = this.busy.find((one) => one.start <= date && date < one.end);
    if (entry) return { kind: entry.kind, entry };
    return { kind: this.prices.has(date) ? "free" : "closed" };
  }

  draw() {
    const focused = document.activeElement?.getAttribute("data-night");
    const months = Array.from({ length: this.months }, (_, number) => this.#month(addMonths(this.month, number)));
    this.root.replaceChildren(this.#head(), el("div", { class: "nights__months" }, ...months));
    const stop = this.#day(focused) ?? this.#day(this.chosen.from) ?? $(".night:not([disabled])", this.root);
    stop?.setAttribute("tabindex", "0");
    if (focused) this.#day(focused)?.focus();
  }

  #day(date) {
    return date ? $(`[data-night="${date}"]`, this.root) : null;
  }

  #head() {
    return monthTurns("nights__head", this.month <= monthOf(this.today));
  }

  #month(month) {
    return monthTable(month, { name: "nights__month", weekday: "short", cell: (date) => this.#cell(date) });
  }

  #cell(date) {
    const { kind, entry } = this.#state(date);
    const past = date < this.today;
    const { from, to } = this.chosen;
    const inside = Boolean(from && from <= date && date < to);
    const price = this.prices.get(date);
    const shown = kind === "free" ? money(Math.round(price), this.currency) : this.#short(kind, entry, date);
    const words =
      kind === "free"
        ? say("open, %(price)s", { price: money(price, this.currency) })
        : [KINDS[kind], entry?.guest || entry?.source].filter(Boolean).join(", ");
    const full = dayWords(date);
    const button = el(
      "button",
      {
        type: "button",
        class: `night is-${kind}${inside ? " is-chosen" : ""}${entry?.start === date ? " is-first" : ""}`,
        "data-night": date,
        tabindex: "-1",
        disabled: past,
        "aria-pressed": String(inside),
      },
      el("span", { class: "night__number", "aria-hidden": "true" }, dayNumber(date)),
      el("span", { class: "night__words", "aria-hidden": "true" }, past ? "" : shown),
      el("span", { class: "sr-only" }, past ? full : `${full}, ${words}`),
    );
    return el("td", {}, button);
  }

  /** A stay's name stands on its first night, and again where a week begins. */
  #short(kind, entry, date) {
    const begins = entry && (entry.start === date || date === this.today || beginsWeek(date));
    return begins ? entry.guest.split(" ")[0] || entry.source : "";
  }

  #choose(one, other) {
    const [from, last] = [one, other].sort();
    this.chosen = { from, to: addDays(last, 1) };
    for (const node of $$("[data-night]", this.root)) {
      const inside = from <= node.dataset.night && node.dataset.night <= last;
      node.classList.toggle("is-chosen", inside);
      node.setAttribute("aria-pressed", String(inside));
    }
    this.dispatchEvent(new CustomEvent("choose"));
  }

  #down(event) {
    const day = event.target.closest("[data-night]:not([disabled])");
    // A finger scrolls; it chooses by two taps.
    if (!day || event.pointerType === "touch" || event.button !== 0) return;
    this.dragging = { from: day.dataset.night, moved: false };
  }

  #over(event) {
    const day = event.target.closest("[data-night]:not([disabled])");
    if (!this.dragging || !day || (day.dataset.night === this.dragging.from && !this.dragging.moved)) return;
    this.dragging.moved = true;
    this.anchor = null;
    this.swallow = true;
    this.#choose(this.dragging.from, day.dataset.night);
  }

  #click(event) {
    const turn = event.target.closest("[data-turn]");
    if (turn) this.#turn(Number(turn.dataset.turn));
    const day = event.target.closest("[data-night]:not([disabled])");
    // The click at the end of a drag is no second choice.
    const afterDrag = this.swallow;
    this.swallow = false;
    if (!day || (afterDrag && event.detail > 0)) return;
    const date = day.dataset.night;
    const ends = this.anchor && date >= this.anchor;
    this.#choose(ends ? this.anchor : date, date);
    this.anchor = ends ? null : date;
    this.#focus(day);
  }

  async #turn(by) {
    await this.show(addMonths(this.month, by));
    $(`[data-turn="${by}"]:not([disabled])`, this.root)?.focus();
  }

  #key(event) {
    const day = event.target.closest("[data-night]");
    const step = STEPS[event.key];
    if (!day || !step) return;
    event.preventDefault();
    const next = this.#day(addDays(day.dataset.night, step));
    if (next && !next.disabled) this.#focus(next);
  }

  #focus(day) {
    $$('[data-night][tabindex="0"]', this.root).forEach((node) => node.setAttribute("tabindex", "-1"));
    day.setAttribute("tabindex", "0");
    day.focus();
  }
}
