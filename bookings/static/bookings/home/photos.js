import { $ } from "../../core/dom.js";

/** All photos of a home, large, one below the other, in a dialog. */
export function photos() {
  const dialog = $("[data-viewer]");
  if (!dialog) return;
  const open = (number) => {
    dialog.showModal();
    dialog.querySelectorAll("img")[number]?.scrollIntoView();
  };
  $("[data-all-photos]").addEventListener("click", () => open(0));
  $(".gallery").addEventListener("click", ({ target }) => {
    if (target.matches("img")) open([...target.parentElement.children].indexOf(target));
  });
  $("[data-close]", dialog).addEventListener("click", () => dialog.close());
}

/** On a phone the price and the way to the box stay in reach while the box itself is off the screen. */
export function reach() {
  const bar = $("[data-reach]");
  const watch = new IntersectionObserver(([{ isIntersecting }]) => (bar.hidden = isIntersecting));
  watch.observe($("[data-stay]"));
}
