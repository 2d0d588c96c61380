import { $, text } from "../../core/dom.js";
import { say } from "../../core/i18n.js";
import { money } from "../../core/money.js";
import { refusal } from "./words.js";

/** Accept, with one confirmation that names exactly the offer that was seen; decline and withdraw. */
export class Accepting {
  constructor(root, dialog, view, { accept, decline, withdraw, extend, close }) {
    this.root = root;
    this.dialog = dialog;
    this.view = view;
    this.problem = $("[data-move-problem]", root);
    this.moves = { decline, withdraw, extend, close };
    for (const name of Object.keys(this.moves)) {
      this.button(name)?.addEventListener("click", () => this.#do(this.button(name), this.moves[name]));
    }
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
    if (this.dialog.open && standing?.id !== this.asked) this.dialog.close();
  }

  #ask() {
    const { snapshot } = this.view;
    const offer = snapshot.standing_offer;
    this.asked = offer.id;
    this.#complain("");
    const values = { amount: money(offer.amount, snapshot.currency), total: money(offer.quote.total, snapshot.currency) };
    text($("[data-dialog-title]", this.dialog), say("Agree on %(amount)s for the stay?", values));
    text($("[data-dialog-total]", this.dialog), say("All-in %(total)s, with fee and tax.", values));
    this.dialog.showModal();
  }

  async #confirm(accept) {
    this.dialog.close();
    await this.#do(this.button("accept"), () => accept(this.asked));
  }

  async #do(button, move) {
    this.#complain("");
    button.disabled = true;
    try {
      await move();
    } catch (error) {
      this.#complain(refusal(error));
    } finally {
      button.disabled = false;
    }
  }

  #complain(words) {
    text(this.problem, words);
    this.problem.hidden = !words;
  }
}
