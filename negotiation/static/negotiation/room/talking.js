import { $, el } from "../../core/dom.js";
import { gettext } from "../../core/i18n.js";

const TYPING_AGAIN = 3000;
const IDLE = 4000;

/** The message field: grows with its text, Enter sends, and the other side sees that something is being written. */
export class Talking {
  constructor(form, { send, typing }) {
    this.form = form;
    this.send = send;
    this.typing = typing;
    this.field = $("textarea", form);
    this.toldAt = 0;
    this.field.addEventListener("input", () => this.#typed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("blur", () => this.#idle());
    form.addEventListener("submit", (event) => this.#submit(event));
  }

  show(allowed) {
    this.form.hidden = !allowed;
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  #typed() {
    this.#grow();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#idle(), IDLE);
    if (performance.now() - this.toldAt < TYPING_AGAIN && this.told) return;
    this.toldAt = performance.now();
    this.told = true;
    this.typing(true);
  }

  #idle() {
    clearTimeout(this.timer);
    if (!this.told) return;
    this.told = false;
    this.typing(false);
  }

  #grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight + 2, 140)}px`;
  }

  #submit(event) {
    event.preventDefault();
    const words = this.field.value.trim();
    if (!words) return;
    this.field.value = "";
    this.#grow();
    this.#idle();
    this.send(words);
  }
}

/** A message that could not be sent stands there with a way to try again. */
export function notSent(pending, words, again) {
  const retry = el("button", { type: "button", class: "link-button" }, gettext("Try again"));
  retry.addEventListener("click", () => {
    pending.remove();
    again();
  });
  pending.node.classList.add("is-refused");
  pending.state.replaceChildren(`${words} `, retry);
}
