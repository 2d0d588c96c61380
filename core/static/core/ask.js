import { $, el } from "./dom.js";
import { gettext } from "./i18n.js";

/**
 * Asks before something that can't be taken back. Resolves with what was chosen: `{sure, words}`; `words` is what was
 * written where `say` asks for some.
 * @param {{title: string, text?: string, action?: string, say?: string}} question `say` labels a field for a few words
 * @returns {Promise<{sure: boolean, words: string}>}
 */
export function ask({ title, text = "", action = gettext("Confirm"), say = "" }) {
  const words = say && el("textarea", { class: "input", id: "ask-words", rows: 2, maxlength: 500 });
  const no = el("button", { class: "button button--quiet", type: "button" }, gettext("Not yet"));
  const yes = el("button", { class: "button button--danger", type: "button" }, action);
  const dialog = el(
    "dialog",
    { class: "dialog", "aria-labelledby": "ask-title", "data-asking": true },
    el("h2", { id: "ask-title" }, title),
    text && el("p", { class: "muted" }, text),
    words && el("div", { class: "field" }, el("label", { for: "ask-words" }, say), words),
    el("div", { class: "dialog__foot" }, no, yes),
  );
  document.body.append(dialog);
  return new Promise((resolve) => {
    let sure = false;
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", () => {
      sure = true;
      dialog.close();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve({ sure, words: words ? words.value.trim() : "" });
    });
    dialog.showModal();
    // Enter on a question that was not read does nothing.
    no.focus();
  });
}

/** A question that is open while its ground went away closes unanswered. */
export const stopAsking = () => $("[data-asking]")?.close();

/** Forms that carry a question (`data-ask`, `data-ask-text`, `data-ask-action`) are sent once it is answered with yes. */
export function askForms() {
  document.addEventListener(
    "submit",
    async (event) => {
      const form = /** @type {HTMLFormElement} */ (event.target);
      const by = /** @type {HTMLElement | null} */ (event.submitter);
      const from = by?.dataset.ask ? by : form;
      if (!from.dataset.ask || form.dataset.sure) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const { ask: title, askText: text, askAction: action } = from.dataset;
      if (!(await ask({ title, text, action })).sure) return;
      form.dataset.sure = "1";
      form.requestSubmit(by);
      delete form.dataset.sure;
    },
    { capture: true },
  );
}
