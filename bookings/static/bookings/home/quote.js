import { $, el, text } from "../../core/dom.js";
import { get, Refusal } from "../../core/http.js";
import { count, gettext, say } from "../../core/i18n.js";
import { money } from "../../core/money.js";

const DISCOUNTS = { monthly: gettext("Monthly discount"), weekly: gettext("Weekly discount"), early_booking: gettext("Early booking") };

const row = (name, amount, extra = "") => el("div", { class: extra }, el("dt", {}, name), el("dd", {}, amount));

/** The all-in price of the stay in the form, drawn again when the form changes. */
export class Quote {
  constructor(root, { home, stay }) {
    this.root = root;
    this.home = home;
    this.stay = stay;
    this.asked = 0;
    this.current = null;
  }

  /** @returns the quote, or null where the stay is not possible or not complete */
  async refresh() {
    const stay = this.stay();
    const asked = (this.asked += 1);
    if (!stay.start_date || !stay.end_date) return this.#none(gettext("Choose dates to see the price."));
    this.root.setAttribute("aria-busy", "true");
    try {
      const quote = await get(`/api/property/${this.home}/quote/?${this.#query(stay)}`);
      if (asked === this.asked) this.#show(quote);
    } catch (error) {
      if (asked === this.asked) this.#none(words(error));
    } finally {
      this.root.removeAttribute("aria-busy");
    }
    return this.current;
  }

  #query({ meals, ...stay }) {
    const ordered = Object.entries(meals).map(([kind, lines]) => [kind, JSON.stringify(lines)]);
    return new URLSearchParams([...Object.entries(stay), ...ordered]);
  }

  #none(reason) {
    this.current = null;
    text($("[data-quote-note]", this.root), reason);
    $("[data-quote-lines]", this.root).replaceChildren();
    return null;
  }

  #show(quote) {
    this.current = quote;
    const m = (amount) => money(amount, quote.currency);
    text($("[data-quote-note]", this.root), quote.available === false ? gettext("Some of these nights are taken. Choose others.") : "");
    const optional = [
      ["meals", gettext("Meals")],
      ["cleaning", gettext("Cleaning")],
      ["platform_fee", gettext("Service fee")],
      ["tax", gettext("Tax")],
    ];
    // Nights that can't be had have no price.
    if (quote.available === false) {
      $("[data-quote-lines]", this.root).replaceChildren();
      return;
    }
    $("[data-quote-lines]", this.root).replaceChildren(
      row(count("%(count)s night", "%(count)s nights", quote.nights), m(quote.base ?? quote.stay)),
      ...(quote.discounts ?? []).map((one) =>
        row(
          say("%(name)s, %(percent)s %", { name: DISCOUNTS[one.name] ?? one.name, percent: Number(one.percent) }),
          m(-one.amount),
          "lines__less",
        ),
      ),
      ...optional.filter(([key]) => Number(quote[key])).map(([key, name]) => row(name, m(quote[key]))),
      row(gettext("Total"), m(quote.total), "lines__total"),
    );
  }
}

function words(error) {
  if (!(error instanceof Refusal)) throw error;
  return Object.values(error.fields)[0]?.[0] ?? error.message;
}
