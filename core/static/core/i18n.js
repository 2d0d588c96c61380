import { ownDigits } from "./money.js";

/** The page's language: what Django's JavaScript catalogue brought, else the words as they are. */
export const gettext = (text) => globalThis.gettext?.(text) ?? text;

// English as the server writes it: 24 Nov 2026, 18:05. Plain "en" would be America's.
const LOCALES = { en: "en-GB" };

/** How dates and times are written, for `Intl`. */
export function locale() {
  const language = globalThis.document?.documentElement.lang || "en";
  return LOCALES[language] ?? language;
}

export const ngettext = (one, many, count) => globalThis.ngettext?.(one, many, count) ?? (count === 1 ? one : many);

/** A number has the digits of the page's language; a text stays as it is. */
const shown = (value) => (typeof value === "number" ? ownDigits(value) : value);

/** `fill("%(name)s asks", {name: "Rahim"})` */
export const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (whole, name) => shown(values[name]) ?? whole);

export const say = (text, values = {}) => fill(gettext(text), values);

export const count = (one, many, number, values = {}) => fill(ngettext(one, many, number), { count: number, ...values });
