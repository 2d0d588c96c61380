import { $$ } from "./dom.js";
import { count, gettext, locale, say } from "./i18n.js";

const format = (options) => new Intl.DateTimeFormat(locale(), options);
/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const STEPS = [
  ["year", 31536000],
  ["month", 2592000],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

/** A moment in the viewer's own zone, in full. */
export const exact = (iso) => format({ dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));

export const clockTime = (iso) => format({ hour: "2-digit", minute: "2-digit" }).format(new Date(iso));

/** The day of a moment in the viewer's own zone: "Today", "Yesterday", "24 Nov 2026". @param {number} now milliseconds */
export function dayWords(at, now) {
  const day = (moment) => format({ dateStyle: "medium" }).format(moment);
  if (day(new Date(at)) === day(now)) return gettext("Today");
  return day(new Date(at)) === day(now - 86400000) ? gettext("Yesterday") : day(new Date(at));
}

/** `2026-11-24` as `24 Nov`; a calendar date has no zone. */
export const shortDay = (date) => format({ day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(`${date}T00:00Z`));

/** How far off a moment is: "5 minutes ago", "in 2 days". @param {number} now milliseconds */
export function relative(iso, now) {
  const seconds = (Date.parse(iso) - now) / 1000;
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  const step = STEPS.find(([, length]) => Math.abs(seconds) >= length);
  return step ? words.format(Math.trunc(seconds / step[1]), step[0]) : gettext("just now");
}

/** What is left until a moment: "3 h 12 m left". @param {number} milliseconds */
export function left(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const [d, h, m, s] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  if (seconds === 0) return gettext("time is up");
  if (d) return say("%(d)s d %(h)s h left", { d, h });
  if (h) return say("%(h)s h %(m)s m left", { h, m });
  return m ? say("%(m)s m %(s)s s left", { m, s }) : say("%(s)s s left", { s });
}

export const nights = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / 86400000);

export const nightsWords = (from, to) => count("%(count)s night", "%(count)s nights", nights(from, to));

/** The same, as an expiry is announced: rare enough not to chatter at a screen reader. */
export function enhance(root = document, now = Date.now()) {
  for (const element of $$("time[data-time]", root)) {
    const iso = element.dateTime;
    const far = element.dataset.time === "relative";
    element.textContent = far ? relative(iso, now) : exact(iso);
    if (far) element.title = exact(iso);
  }
}
