import { el, icon } from "./dom.js";
import { gettext, locale } from "./i18n.js";
import { ownDigits } from "./money.js";

const DAY = 86400000;
const iso = (time) => new Date(time).toISOString().slice(0, 10);
const at = (date) => Date.parse(`${date}T00:00Z`);
const format = (options) => new Intl.DateTimeFormat(locale(), { timeZone: "UTC", ...options });
/** What the arrow keys mean in a table of months, in days. */
export const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

export const addDays = (date, days) => iso(at(date) + days * DAY);
export const monthOf = (date) => date.slice(0, 7);
export const firstOf = (month) => `${month}-01`;
export const addMonths = (month, number) => iso(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)) - 1 + number, 1)).slice(0, 7);
/** A date in full, as a screen reader says it: "Tuesday, 24 November". */
export const dayWords = (date) => format({ weekday: "long", day: "numeric", month: "long" }).format(at(date));
/** The number of a date in its month, as a button shows it. */
export const dayNumber = (date) => ownDigits(Number(date.slice(8)));

/** The day with which a week begins, 0 for Sunday, where it is not Monday. */
const WEEK_BEGINS = { bn: 0 };
const weekBegins = () => WEEK_BEGINS[document.documentElement.lang.split("-")[0]] ?? 1;

/** Days from the start of a date's week to the date. */
const weekday = (date) => (new Date(at(date)).getUTCDay() - weekBegins() + 7) % 7;
export const beginsWeek = (date) => weekday(date) === 0;

/** The names of the days of a week, as heads of columns. */
function weekHead(length) {
  // 31 December 2023 was a Sunday.
  const days = Array.from({ length: 7 }, (_, number) => Date.UTC(2023, 11, 31 + weekBegins() + number));
  const long = format({ weekday: "long" });
  const short = format({ weekday: length });
  return el("tr", {}, ...days.map((day) => el("th", { scope: "col", abbr: long.format(day) }, short.format(day))));
}

/**
 * A month as a table, a row a week; `cell` makes a day's cell.
 * @param {string} month such as "2027-03"
 * @param {{ name: string, weekday: "narrow" | "short", cell: (date: string) => Node }} how `name` is the table's class
 */
export function monthTable(month, { name, weekday: length, cell }) {
  const cells = Array.from({ length: weekday(firstOf(month)) }, () => el("td"));
  for (let date = firstOf(month); monthOf(date) === month; date = addDays(date, 1)) cells.push(cell(date));
  const rows = [];
  while (cells.length) rows.push(el("tr", {}, ...cells.splice(0, 7)));
  const caption = el("caption", {}, format({ month: "long", year: "numeric" }).format(at(firstOf(month))));
  return el("table", { class: name }, caption, el("thead", {}, weekHead(length)), el("tbody", {}, ...rows));
}

/** The two buttons that turn the months; `first` says that nothing lies before. */
export function monthTurns(name, first) {
  const turn = (by, picture, label, disabled) =>
    el("button", { type: "button", class: "icon-button", "data-turn": by, "aria-label": label, disabled }, icon(picture));
  return el("div", { class: name }, turn(-1, "back", gettext("Earlier months"), first), turn(1, "forward", gettext("Later months"), false));
}
