import { $, $$, text } from "../../core/dom.js";
import { locale, say } from "../../core/i18n.js";

const still = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * The photos of a home in large, one at a time: by arrows, keys and swiping, with a count.
 * The dialog is modal, so the browser keeps the focus in it and gives it back.
 */
class Viewer {
  constructor(dialog) {
    this.dialog = dialog;
    this.track = $("[data-track]", dialog);
    this.figures = $$("figure", this.track);
    this.at = 0;
    dialog.classList.add("viewer--one");
    $$("[data-turn]", dialog).forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => this.go(this.at + Number(button.dataset.turn)));
    });
    $("[data-close]", dialog).addEventListener("click", (event) => {
      event.preventDefault();
      dialog.close();
    });
    dialog.addEventListener("keydown", (event) => this.#key(event));
    this.track.addEventListener("scroll", () => this.#show(Math.round(Math.abs(this.track.scrollLeft) / this.track.clientWidth)));
  }

  open(number) {
    this.dialog.showModal();
    this.go(number, "auto");
  }

  go(number, behavior = still.matches ? "auto" : "smooth") {
    const next = Math.min(Math.max(number, 0), this.figures.length - 1);
    this.#show(next);
    this.track.scrollTo({ left: next * this.track.clientWidth, behavior });
  }

  #key(event) {
    const turns = { ArrowLeft: this.at - 1, ArrowRight: this.at + 1, Home: 0, End: this.figures.length - 1 };
    if (!(event.key in turns)) return;
    event.preventDefault();
    this.go(turns[event.key]);
  }

  #show(number) {
    this.at = number;
    const spell = new Intl.NumberFormat(locale());
    text(
      $("[data-count]", this.dialog),
      say("%(number)s / %(all)s", { number: spell.format(number + 1), all: spell.format(this.figures.length) }),
    );
    $$("[data-turn]", this.dialog).forEach((button) => {
      // Not `disabled`: the last step would take the focus out of the reader's hand.
      button.setAttribute("aria-disabled", String(!this.figures[number + Number(button.dataset.turn)]));
    });
    // The one that is looked at, and those that a turn brings: they are there before the turn.
    for (const near of [number, number + 1, number - 1]) {
      const picture = this.figures[near] && $("img", this.figures[near]);
      if (picture) picture.loading = "eager";
    }
  }
}

/** Opens the photos from the gallery. */
export function photos() {
  const dialog = $("[data-viewer]");
  if (!dialog) return;
  const viewer = new Viewer(dialog);
  $$("[data-photo]").forEach((link) =>
    link.addEventListener("click", (event) => {
      event.preventDefault();
      viewer.open(Number(link.dataset.photo));
    }),
  );
}

/** On a phone the price and the way to the box stay in reach while the box itself is off the screen. */
export function reach() {
  const bar = $("[data-reach]");
  const watch = new IntersectionObserver(([{ isIntersecting }]) => (bar.hidden = isIntersecting));
  watch.observe($("[data-stay]"));
}
