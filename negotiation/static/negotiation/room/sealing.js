import { $, $$, text } from "../../core/dom.js";
import { gettext, say } from "../../core/i18n.js";
import { money, parseAmount } from "../../core/money.js";
import { exact } from "../../core/times.js";
import { inside, limitRange, midpoint, other, quoted } from "./haggle.js";
import { refusal } from "./words.js";

/** The envelopes, and the form in which this side seals its own limit. Only the owner's page ever has a figure. */
export class Sealing {
  /**
   * @param {HTMLElement} root the room's part with both envelopes and the form
   * @param {HTMLDialogElement} dialog asked before a seal that is compared at once
   * @param {any} view
   * @param {{seal: (amount: string, seconds: number) => Promise<any>, unseal: () => Promise<any>,
   *   fill: (amount: number) => void}} doors
   */
  constructor(root, dialog, view, doors) {
    this.root = root;
    this.dialog = dialog;
    this.view = view;
    this.doors = doors;
    this.form = $("[data-seal-form]", root);
    this.field = $("[data-limit]", root);
    this.problem = $("[data-limit-problem]", root);
    this.life = $("[data-life]", this.form);
    this.field.addEventListener("input", () => this.#total());
    this.opener = $("[data-seal-open]", root);
    this.opener.addEventListener("click", () => this.#open());
    this.form.addEventListener("submit", (event) => this.#submit(event));
    $("[data-unseal]", root).addEventListener("click", ({ currentTarget }) => this.#do(currentTarget, doors.unseal));
    $("[data-middle]", root).addEventListener("click", () => doors.fill(midpoint(view.entries)));
    $("[data-seal-confirm]", dialog).addEventListener("click", () => this.#seal());
    $("[data-seal-cancel]", dialog).addEventListener("click", () => dialog.close());
  }

  /** @param {{seal: boolean, offer: boolean}} can @param {boolean} chosen whether "Seal my limit" is the chosen way */
  show(can, chosen) {
    const { snapshot, entries, side } = this.view;
    const words = snapshot.limits;
    this.root.hidden = snapshot.status !== "open";
    for (const node of $$("[data-envelope]", this.root)) this.#envelope(node, words);
    $("[data-unseal]", this.root).hidden = words[side] !== "sealed" || words[other(side)] === "sealed";
    $("[data-missed]", this.root).hidden = words[side] !== "spent";
    $("[data-middle]", this.root).hidden = !(can.offer && midpoint(entries) !== null);
    // Where a seal is all that can be done just now, it is offered, but not opened by itself.
    const waits = can.seal && !can.offer && !this.opened;
    this.opener.hidden = !waits;
    this.form.hidden = !(can.seal && chosen) || waits;
    if (this.dialog.open && !can.seal) this.dialog.close();
    this.#total();
  }

  #open() {
    this.opened = true;
    this.opener.hidden = true;
    this.form.hidden = false;
    this.field.focus();
  }

  #envelope(node, words) {
    const { snapshot, side } = this.view;
    const whose = node.dataset.envelope === "mine" ? side : other(side);
    node.hidden = words[whose] !== "sealed";
    if (node.hidden) return;
    const mine = snapshot.limit_mine;
    const name = snapshot[whose].name;
    const values = mine && { amount: money(mine.amount, snapshot.currency), until: exact(mine.expires_at) };
    const own = mine ? say("Your limit is sealed: %(amount)s, until %(until)s", values) : gettext("Your limit is sealed");
    text($("[data-envelope-words]", node), whose === side ? own : say("%(name)s has sealed a limit", { name }));
  }

  #amount() {
    const amount = parseAmount(this.field.value);
    return amount !== null && inside(limitRange(this.view, this.view.side), Number(amount)) ? amount : null;
  }

  /** What the stay costs all-in at the limit, before it is sealed. */
  #total() {
    const { snapshot, terms, side } = this.view;
    const amount = this.#amount();
    const total = amount && terms && money(quoted(terms, Number(amount)).total, snapshot.currency);
    const words = side === "guest" ? gettext("At most %(total)s all-in") : gettext("The guest then pays %(total)s all-in");
    text($("[data-limit-total]", this.root), total ? words.replace("%(total)s", total) : "");
    if (amount) this.#complain("");
  }

  #words() {
    const { least, most } = limitRange(this.view, this.view.side);
    const m = (amount) => money(amount, this.view.snapshot.currency);
    return say("Choose a limit from %(least)s to %(most)s.", { least: m(least), most: m(most) });
  }

  #submit(event) {
    event.preventDefault();
    this.asked = this.#amount();
    if (!this.asked) {
      this.#complain(this.field.value ? this.#words() : gettext("Enter your limit."));
      this.field.focus();
      return;
    }
    const { snapshot, side } = this.view;
    if (snapshot.limits[other(side)] !== "sealed") {
      this.#seal();
      return;
    }
    text($("[data-seal-title]", this.dialog), say("Seal %(amount)s and compare?", { amount: money(this.asked, snapshot.currency) }));
    this.dialog.showModal();
  }

  async #seal() {
    this.dialog.close();
    const button = $("[data-seal]", this.form);
    if (await this.#do(button, () => this.doors.seal(this.asked, Number(this.life.value)))) this.field.value = "";
  }

  async #do(button, move) {
    if (button.getAttribute("aria-disabled")) return false;
    this.#complain("");
    button.setAttribute("aria-disabled", "true");
    try {
      await move();
      return true;
    } catch (error) {
      this.#complain(error.code === "offer.not_a_concession" ? this.#words() : sealRefusal(error));
      return false;
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }

  #complain(words) {
    text(this.problem, words);
    this.problem.hidden = !words;
    if (words) this.field.setAttribute("aria-invalid", "true");
    else this.field.removeAttribute("aria-invalid");
  }
}

function sealRefusal(error) {
  if (error.code === "limit.spent") return gettext("The limits were compared already, or there is none to take back.");
  if (error.code === "limit.already_sealed") return gettext("Your limit is sealed already. Take it back to name another.");
  if (error.code === "offer.limit_reached") return error.message;
  return refusal(error);
}
