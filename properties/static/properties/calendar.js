import { $, $$, el } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import { money } from "../core/money.js";
import { STEPS, addDays, addMonths, dayNumber, dayWords, firstOf, monthOf, monthTable, monthTurns } from "../core/months.js";

/**
 * Months with a button for each day. `nights` maps a free night to its price; any other day can only end a stay.
 * Event `pick` ({date}). The keyboard moves by arrows; only one day is a tab stop.
 */
export class Calendar extends EventTarget {
  /**
   * @param {HTMLElement} root
   * @param {{
   *   load: (from: string, to: string) => Promise<{nights: {date: string, price: string}[], currency: string}>,
   *   months?: number,
   *   today: string,
   *   pickable?: (date: string, price: string | undefined) => boolean,
   * }} how `load` gives the free nights of a span; `pickable` says which days can be chosen
   */
  constructor(root, { load, months = 2, today, pickable = (date, price) => price !== undefined }) {
    super();
    this.root = root;
    this.load = load;
    this.months = months;
    this.today = today;
    this.pickable = pickable;
    this.month = monthOf(today);
    this.nights = new Map();
    this.chosen = [null, null];
    this.root.classList.add("calendar");
    this.root.addEventListener("click", (event) => this.#click(event));
    this.root.addEventListener("keydown", (event) => this.#key(event));
  }

  async show(month = this.month) {
    this.month = month;
    this.root.setAttribute("aria-busy", "true");
    const from = firstOf(month) < this.today ? this.today : firstOf(month);
    const until = firstOf(addMonths(month, this.months));
    const answer = await this.load(from, until);
    this.currency = answer.currency;
    // What was free when it was read last may be gone.
    for (let date = from; date < until; date = addDays(date, 1)) this.nights.delete(date);
    answer.nights.forEach(({ date, price }) => this.nights.set(date, price));
    this.answer = answer;
    this.draw();
    this.root.removeAttribute("aria-busy");
  }

  /** Forgets the prices, for after something changed. */
  reload() {
    this.nights.clear();
    return this.show();
  }

  choose(from, to) {
    this.chosen = [from || null, to || null];
    this.draw();
  }

  /** Whether every night from `from` to before `to` is known to be free. */
  isFree(from, to) {
    for (let date = from; date < to; date = addDays(date, 1)) if (!this.nights.has(date)) return false;
    return true;
  }

  draw() {
    const months = Array.from({ length: this.months }, (_, i) => this.#month(addMonths(this.month, i)));
    this.root.replaceChildren(this.#head(), el("div", { class: "calendar__months" }, ...months));
    const stop = $(`[data-date="${this.focused}"]`, this.root) ?? $(".calendar__day:not([disabled])", this.root);
    stop?.setAttribute("tabindex", "0");
  }

  #head() {
    return monthTurns("calendar__head", this.month <= monthOf(this.today));
  }

  #month(month) {
    return monthTable(month, { name: "calendar__month", weekday: "narrow", cell: (date) => this.#cell(date) });
  }

  #cell(date) {
    const price = this.nights.get(date);
    const [from, to] = this.chosen;
    const inside = from && (date === from || (to && date > from && date <= to));
    const shown = price === undefined ? "" : money(Math.round(price), this.currency);
    const full = dayWords(date);
    const button = el(
      "button",
      {
        type: "button",
        class: `calendar__day${inside ? " is-inside" : ""}${date === from ? " is-first" : ""}${date === to ? " is-last" : ""}`,
        "data-date": date,
        "aria-pressed": inside ? "true" : "false",
        tabindex: "-1",
        disabled: date < this.today || !this.pickable(date, price),
      },
      el("span", { class: "calendar__number", "aria-hidden": "true" }, dayNumber(date)),
      el("span", { class: "sr-only" }, price === undefined ? `${full}, ${gettext("not free")}` : `${full}, `),
      el("span", { class: "calendar__price" }, shown),
    );
    return el("td", { class: price === undefined && date >= this.today ? "is-taken" : "" }, button);
  }

  #click(event) {
    const turn = event.target.closest("[data-turn]");
    if (turn) this.#turn(Number(turn.dataset.turn));
    const day = event.target.closest("[data-date]");
    if (!day) return;
    this.focused = day.dataset.date;
    this.dispatchEvent(new CustomEvent("pick", { detail: { date: day.dataset.date } }));
    $(`[data-date="${this.focused}"]`, this.root)?.focus();
  }

  async #turn(by) {
    await this.show(addMonths(this.month, by));
    $(`[data-turn="${by}"]:not([disabled])`, this.root)?.focus();
  }

  #key(event) {
    const step = STEPS[event.key];
    const day = event.target.closest("[data-date]");
    if (!step || !day) return;
    event.preventDefault();
    const next = this.#nextDay(day.dataset.date, step);
    if (!next) return;
    $$('[tabindex="0"]', this.root).forEach((node) => node.setAttribute("tabindex", "-1"));
    next.setAttribute("tabindex", "0");
    next.focus();
  }

  #nextDay(date, step) {
    for (let i = 1; i <= 62; i += 1) {
      const node = $(`[data-date="${addDays(date, step * i)}"]`, this.root);
      if (!node) return null;
      if (!node.disabled) return node;
    }
    return null;
  }
}
