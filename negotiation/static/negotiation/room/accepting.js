import { ask, stopAsking } from "../../core/ask.js";
import { $, text } from "../../core/dom.js";
import { gettext, say } from "../../core/i18n.js";
import { money } from "../../core/money.js";
import { receives } from "./haggle.js";
import { refusal } from "./words.js";

/** Accept, with one confirmation that names exactly the offer that was seen; decline and withdraw. */
export class Accepting {
  constructor(root, dialog, view, { accept, decline, withdraw, extend, close }) {
    this.root = root;
    this.dialog = dialog;
    this.view = view;
    this.problem = $("[data-move-problem]", root);
    this.moves = { decline, withdraw, extend, close };
    for (const name of Object.keys(this.moves)) this.button(name)?.addEventListener("click", () => this.#move(name));
    this.button("accept").addEventListener("click", () => this.#ask());
    $("[data-confirm]", dialog).addEventListener("click", () => this.#confirm(accept));
    $("[data-cancel]", dialog).addEventListener("click", () => dialog.close());
  }

  button(name) {
    return $(`[data-move=${name}]`, this.root);
  }

  show(can) {
    const { snapshot } = this.view;
    for (const name of ["accept", "decline", "withdraw", "close"]) this.button(name).hidden = !can[name];
    this.button("extend").hidden = !can.withdraw;
    $("[data-held]", this.root).hidden = snapshot.status !== "open";
    const standing = snapshot.standing_offer;
    if (standing) text($("[data-accept-amount]", this.root), money(standing.amount, snapshot.currency));
    if (standing?.id === this.asked) return;
    if (this.dialog.open) this.dialog.close();
    // What was asked about is not on the table any more.
    stopAsking();
  }

  /** What ends a haggle is asked about first; the rest is done at once. */
  async #move(name) {
    const standing = this.view.snapshot.standing_offer;
    const question = this.#question(name, standing);
    if (!question) {
      await this.#do(this.button(name), this.moves[name]);
      return;
    }
    this.asked = standing?.id;
    const { sure, words } = await ask(question);
    if (sure) await this.#do(this.button(name), () => this.moves[name](standing?.id, words || undefined));
  }

  #question(name, standing) {
    const { snapshot, side } = this.view;
    const amount = standing && money(standing.amount, snapshot.currency);
    const them = snapshot[side === "guest" ? "host" : "guest"].name;
    const ends = say("The haggle over these nights ends at once, and %(name)s is told.", { name: them });
    return {
      decline: {
        title: say("Decline %(amount)s?", { amount }),
        text: `${ends} ${gettext("To go on instead, name another price.")}`,
        say: say("A word for %(name)s, if you like", { name: them }),
      },
      withdraw: { title: say("Withdraw your offer of %(amount)s?", { amount }), text: ends },
      close: { title: gettext("Close it?"), text: ends },
    }[name];
  }

  #ask() {
    const { snapshot, side } = this.view;
    const offer = snapshot.standing_offer;
    this.asked = offer.id;
    this.#complain("");
    const m = (amount) => money(amount, snapshot.currency);
    const values = { amount: m(offer.amount), total: m(offer.quote.total), mine: m(receives(offer.quote)) };
    const sum =
      side === "host"
        ? say("You receive %(mine)s. The guest pays %(total)s, with fee and tax.", values)
        : say("All-in %(total)s, with fee and tax.", values);
    text($("[data-dialog-title]", this.dialog), say("Agree on %(amount)s for the stay?", values));
    text($("[data-dialog-total]", this.dialog), sum);
    this.dialog.showModal();
  }

  async #confirm(accept) {
    this.dialog.close();
    await this.#do(this.button("accept"), () => accept(this.asked));
  }

  /** The button keeps the focus while it waits; pressing it again does nothing. */
  async #do(button, move) {
    if (button.getAttribute("aria-disabled")) return;
    this.#complain("");
    button.setAttribute("aria-disabled", "true");
    try {
      await move();
    } catch (error) {
      this.#complain(refusal(error));
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }

  #complain(words) {
    text(this.problem, words);
    this.problem.hidden = !words;
  }
}
