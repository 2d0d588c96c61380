import { $, $$, el, text } from "../../core/dom.js";
import { count, fill, gettext, say } from "../../core/i18n.js";
import { money, plainMoney } from "../../core/money.js";
import { STEPS, addDays, addMonths, beginsWeek, dayNumber, dayWords, firstOf, monthOf, monthTable, monthTurns } from "../../core/months.js";
import { shortDay } from "../../core/times.js";
import { nightsBetween } from "./stays.js";

/** Letters that fit into a day of a small phone. */
const LONGEST = 7;
const CLASSES = ["is-first", "is-last", "is-inside", "is-faint", "is-taken"];

/**
 * Months in which the days of coming and of leaving are chosen: a grid in the ARIA sense, whole by keyboard. Arrows, Home, End,
 * Page Up and Page Down (with Shift a year) move, Enter and Space choose, Escape gives up what was half chosen.
 *
 * Events: `pick` ({from, to}; `to` null while only the first day is chosen), `close`, when Escape has nothing to give up.
 */
export class RangePicker extends EventTarget {
  /**
   * @param {HTMLElement} root
   * @param {{
   *   stays: import("./stays.js").Stays,
   *   load?: (from: string, to: string) => Promise<import("./stays.js").Availability>,
   *   months?: number,
   *   today: string,
   *   onward?: boolean,
   * }} how `load` reads a home's calendar; `onward`: a button to close stands beside the one that clears
   */
  constructor(root, { stays, load, months = 2, today, onward = false }) {
    super();
    this.root = root;
    this.stays = stays;
    this.load = load;
    this.months = months;
    this.today = today;
    this.onward = onward;
    this.month = monthOf(today);
    this.chosen = [null, null];
    this.focused = "";
    root.classList.add("calendar");
    root.addEventListener("click", (event) => this.#click(event));
    root.addEventListener("keydown", (event) => this.#key(event));
    root.addEventListener("pointerover", (event) => this.#hover(/** @type {Element} */ (event.target).closest("[data-date]")));
    root.addEventListener("pointerleave", () => this.#hover(null));
  }

  /** Shows months from `month` on, read again where the picker reads a calendar. Throws what `load` throws. */
  async show(month = this.month) {
    this.month = month < monthOf(this.today) ? monthOf(this.today) : month;
    if (this.load) await this.#read(this.month);
    this.draw();
  }

  async #read(month) {
    this.root.setAttribute("aria-busy", "true");
    const from = firstOf(month) < this.today ? this.today : firstOf(month);
    const until = firstOf(addMonths(month, this.months));
    try {
      this.stays.learn(await this.load(from, until), from, until);
    } finally {
      this.root.removeAttribute("aria-busy");
    }
  }

  /** Marks a stay that was chosen elsewhere. */
  choose(from, to) {
    this.chosen = [from || null, (from && to) || null];
    this.dress();
  }

  /** Puts the focus on a day: the one chosen, else the first that can be. */
  focus() {
    const [from] = this.chosen;
    this.#tabStop(this.#cell(this.focused) ?? this.#cell(from) ?? this.#firstOpen())?.focus();
  }

  draw() {
    const months = Array.from({ length: this.months }, (_, i) => this.#month(addMonths(this.month, i)));
    this.root.replaceChildren(
      monthTurns("calendar__head", this.month <= monthOf(this.today)),
      el("div", { class: "calendar__months" }, ...months),
      this.#foot(),
    );
    this.#tabStop(this.#cell(this.focused) ?? this.#cell(this.chosen[0]) ?? this.#firstOpen());
    this.dress();
  }

  #month(month) {
    const table = monthTable(month, { name: "calendar__month", weekday: "narrow", cell: (date) => this.#day(date) });
    table.setAttribute("role", "grid");
    // A grid's name is its caption's month.
    table.setAttribute("aria-label", $("caption", table).textContent);
    return table;
  }

  #day(date) {
    const price = date < this.today ? undefined : this.stays.price(date);
    return el(
      "td",
      { role: "gridcell", class: "calendar__day", "data-date": date, tabindex: "-1" },
      el("span", { class: "calendar__number", "aria-hidden": "true" }, dayNumber(date)),
      el("span", { class: "sr-only" }, ""),
      this.load && el("span", { class: "calendar__price", "aria-hidden": "true" }, this.#short(price)),
    );
  }

  #foot() {
    const close = this.onward && el("button", { type: "button", class: "button button--small", "data-done": "" }, gettext("Done"));
    return el(
      "div",
      { class: "calendar__foot" },
      el("p", { class: "calendar__said", role: "status" }),
      el(
        "button",
        { type: "button", class: "button button--plain button--small", "data-clear-dates": "", hidden: true },
        gettext("Clear the dates"),
      ),
      close,
    );
  }

  /** Days, words and buttons as what is chosen makes them; nothing is built again, so the focus stays. */
  dress(until = "") {
    if (!this.root.firstChild) return;
    const [from, to] = this.chosen;
    for (const cell of $$("[data-date]", this.root)) this.#dressDay(cell, from, to, until);
    text($(".calendar__said", this.root), this.#words());
    $("[data-clear-dates]", this.root).hidden = !from;
  }

  #dressDay(cell, from, to, until) {
    const { date } = cell.dataset;
    const why = this.whyNot(date);
    const end = to ?? (from && until > from && !this.stays.whyNoDeparture(from, until) ? until : null);
    const inside = Boolean(from) && (date === from || Boolean(end && date > from && date <= end));
    const gone = date >= this.today && !this.stays.isFree(date);
    const on = [date === from, Boolean(end) && date === end, inside, Boolean(why) && !inside, gone && !inside];
    CLASSES.forEach((name, place) => cell.classList.toggle(name, on[place]));
    cell.setAttribute("aria-selected", String(date === from || Boolean(to && date > from && date <= to)));
    cell.setAttribute("aria-disabled", String(Boolean(why)));
    text($(".sr-only", cell), this.#dayWords(date, why));
  }

  /** Why a day can't be chosen just now; "" where it can. */
  whyNot(date) {
    const [from, to] = this.chosen;
    if (from && !to && date > from) {
      const why = this.stays.whyNoDeparture(from, date);
      // A day beyond what is taken begins another stay.
      return why === "taken" || why === "long" ? this.stays.whyNoArrival(date) : why;
    }
    return this.stays.whyNoArrival(date);
  }

  #dayWords(date, why) {
    const price = this.stays.price(date);
    const [from, to] = this.chosen;
    const said = {
      past: gettext("passed"),
      taken: gettext("not free"),
      before: gettext("not free"),
      long: gettext("not free"),
      short: this.#atLeast(from && !to && date > from ? from : date),
    }[why];
    const parts = [dayWords(date), said ?? (price === undefined ? "" : this.#money(price))];
    if (date === from) parts.push(gettext("check-in day"));
    if (date === to) parts.push(gettext("check-out day"));
    return parts.filter(Boolean).join(", ");
  }

  #atLeast(arrival) {
    return count("at least %(count)s night", "at least %(count)s nights", this.stays.leastNights(arrival));
  }

  /** What is chosen, in a sentence. */
  #words() {
    const [from, to] = this.chosen;
    if (!from) return gettext("Choose the day you arrive.");
    if (!to) {
      const least = this.stays.leastNights(from);
      const words = say("From %(day)s. Now choose the day you leave.", { day: shortDay(from) });
      return least > 1 ? `${words} ${fill(gettext("Stays from that day: %(least)s."), { least: this.#atLeast(from) })}` : words;
    }
    const values = { from: shortDay(from), to: shortDay(to) };
    const stay = count("%(count)s night, %(from)s – %(to)s", "%(count)s nights, %(from)s – %(to)s", nightsBetween(from, to), values);
    const sum = this.stays.sum(from, to);
    return sum === null ? stay : `${stay} · ${this.#money(sum)}`;
  }

  /** A price that fits into a day: whole, and without its sign where it is long. */
  #short(price) {
    if (price === undefined) return "";
    const whole = Math.round(Number(price));
    const words = this.#money(whole);
    return words.length > LONGEST ? plainMoney(whole, this.stays.currency) : words;
  }

  #money(amount) {
    return money(amount, this.stays.currency);
  }

  #cell(date) {
    return date ? $(`[data-date="${date}"]`, this.root) : null;
  }

  #firstOpen() {
    return (
      $('[data-date][aria-disabled="false"]', this.root) ?? $$("[data-date]", this.root).find((cell) => cell.dataset.date >= this.today)
    );
  }

  /** Of all days one is a stop of the Tab key. */
  #tabStop(cell) {
    $$('[data-date][tabindex="0"]', this.root).forEach((other) => other.setAttribute("tabindex", "-1"));
    cell?.setAttribute("tabindex", "0");
    return cell;
  }

  #click(event) {
    const turn = event.target.closest("[data-turn]");
    if (turn) this.#turn(Number(turn.dataset.turn));
    else if (event.target.closest("[data-clear-dates]")) this.#set(null, null);
    else if (event.target.closest("[data-done]")) this.dispatchEvent(new CustomEvent("close"));
    else if (event.target.closest("[data-date]")) this.#pick(event.target.closest("[data-date]"));
  }

  #pick(cell) {
    const { date } = cell.dataset;
    this.focused = date;
    this.#tabStop(cell).focus();
    if (this.whyNot(date)) return;
    const [from, to] = this.chosen;
    const ends = from && !to && date > from && !this.stays.whyNoDeparture(from, date);
    this.#set(ends ? from : date, ends ? date : null);
  }

  #set(from, to) {
    this.choose(from, to);
    if (!from) this.focus();
    this.dispatchEvent(new CustomEvent("pick", { detail: { from, to } }));
  }

  #hover(cell) {
    const [from, to] = this.chosen;
    if (from && !to) this.dress(cell?.dataset.date ?? "");
  }

  async #turn(by) {
    this.focused = "";
    await this.show(addMonths(this.month, by)).catch(() => this.draw());
    $(`[data-turn="${by}"]:not([disabled])`, this.root)?.focus();
  }

  #key(event) {
    const cell = event.target.closest("[data-date]");
    if (event.key === "Escape") this.#escape(event);
    else if (cell && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      this.#pick(cell);
    } else if (cell) {
      const to = this.#wayFrom(cell.dataset.date, event);
      if (!to) return;
      event.preventDefault();
      this.#go(to);
    }
  }

  #escape(event) {
    const [from, to] = this.chosen;
    if (from && !to) {
      event.stopPropagation();
      this.#set(null, null);
    } else this.dispatchEvent(new CustomEvent("close"));
  }

  /** Where a key leads from a day; "" where it means nothing here. */
  #wayFrom(date, { key, shiftKey }) {
    if (STEPS[key]) return addDays(date, STEPS[key]);
    if (key === "PageUp" || key === "PageDown") return sameDay(date, (key === "PageUp" ? -1 : 1) * (shiftKey ? 12 : 1));
    if (key !== "Home" && key !== "End") return "";
    let day = date;
    while (!beginsWeek(day)) day = addDays(day, -1);
    return key === "Home" ? day : addDays(day, 6);
  }

  async #go(date) {
    const day = date < this.today ? this.today : date;
    this.focused = day;
    if (!this.#cell(day))
      await this.show(day < firstOf(this.month) ? monthOf(day) : addMonths(monthOf(day), 1 - this.months)).catch(() => this.draw());
    this.#tabStop(this.#cell(day))?.focus();
  }
}

/** The same day so many months on, or the last of a shorter month. */
function sameDay(date, months) {
  const month = addMonths(monthOf(date), months);
  const last = Number(addDays(firstOf(addMonths(month, 1)), -1).slice(8));
  return `${month}-${String(Math.min(Number(date.slice(8)), last)).padStart(2, "0")}`;
}
