import { $, text } from "../../core/dom.js";
import { count, gettext, say } from "../../core/i18n.js";
import { money, parseAmount, plainMoney } from "../../core/money.js";
import { inside, prices, range, slider, suggestion } from "./haggle.js";
import { refusal } from "./words.js";

/** "above ৳4,400, below ৳5,200": the prices themselves, not the hundredth beside them. */
function between(snapshot, entries, side, m) {
  const made = prices(entries);
  const [bid, ask] = [made.guest.at(-1), made.host.at(-1)];
  const top = ask ?? snapshot.list_amount;
  const atMost = side === "host" && ask === undefined;
  const upper = atMost ? say("up to %(amount)s", { amount: m(top) }) : say("below %(amount)s", { amount: m(top) });
  return bid === undefined ? upper : `${say("above %(amount)s", { amount: m(bid) })}, ${upper}`;
}

/** The form of an offer: a field and a slider that agree, within what is a concession. */
export class Offering {
  /**
   * @param {HTMLFormElement} form
   * @param {any} view
   * @param {{send: (amount: string, seconds: number) => Promise<any>}} doors
   */
  constructor(form, view, { send }) {
    this.form = form;
    this.view = view;
    this.send = send;
    this.field = $("[data-amount]", form);
    this.slider = $("[data-slider]", form);
    this.problem = $("[data-problem]", form);
    this.hint = $("[data-range]", form);
    this.life = $("[data-life]", form);
    this.slider.addEventListener("input", () => this.#set(Number(this.slider.value)));
    this.field.addEventListener("input", () => this.#typed());
    this.field.addEventListener("blur", () => this.#check());
    form.addEventListener("submit", (event) => this.#submit(event));
  }

  /** Fits field and slider to the log as it is now; what the user is typing stays. */
  show(allowed, chosen = true) {
    const { snapshot, entries, side } = this.view;
    this.form.hidden = !(allowed && chosen);
    this.interval = range(snapshot, entries, side);
    if (!allowed) return;
    const ends = slider(this.interval);
    Object.entries(ends).forEach(([name, value]) => this.slider.setAttribute(name, value));
    const m = (amount) => money(amount, snapshot.currency);
    const left = snapshot.offers_left[side];
    const within = between(snapshot, entries, side, m);
    this.within = within;
    text(this.hint, `${within} · ${count("%(count)s offer left", "%(count)s offers left", left)}`);
    if (this.touched) this.#check();
    else this.#set(suggestion(this.interval, side, entries));
  }

  /** Puts a price into the field, for the person to send or change. */
  fill(amount) {
    this.#set(amount);
    this.touched = true;
    this.#check();
    this.field.focus();
  }

  #set(amount) {
    this.field.value = plainMoney(amount, this.view.snapshot.currency);
    this.#slide(amount);
    this.touched = document.activeElement === this.slider || this.touched;
    this.#complain("");
  }

  #typed() {
    this.touched = true;
    const amount = parseAmount(this.field.value);
    if (amount) this.#slide(amount);
    this.#complain("");
  }

  #slide(amount) {
    this.slider.value = amount;
    const { min, max, value } = this.slider;
    this.slider.style.setProperty("--at", `${(100 * (value - min)) / (max - min || 1)}%`);
    this.slider.setAttribute("aria-valuetext", money(amount, this.view.snapshot.currency));
  }

  #check() {
    const amount = parseAmount(this.field.value);
    const good = amount !== null && inside(this.interval, Number(amount));
    this.#complain(good || !this.field.value ? "" : this.#words());
    return good ? amount : null;
  }

  #words() {
    return say("Choose a price %(range)s.", { range: this.within });
  }

  #complain(words) {
    text(this.problem, words);
    this.problem.hidden = !words;
    if (words) this.field.setAttribute("aria-invalid", "true");
    else this.field.removeAttribute("aria-invalid");
  }

  async #submit(event) {
    event.preventDefault();
    const amount = this.#check();
    if (!amount) {
      this.#complain(this.field.value ? this.#words() : gettext("Enter a price."));
      this.field.focus();
      return;
    }
    this.touched = false;
    try {
      await this.send(amount, Number(this.life.value));
    } catch (error) {
      // The offer comes back as it was, with the reason beside it.
      this.field.value = plainMoney(amount, this.view.snapshot.currency);
      this.touched = true;
      this.#complain(refusal(error, this.within));
    }
  }
}
