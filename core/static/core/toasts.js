import { el, icon } from "./dom.js";
import { gettext } from "./i18n.js";

const STAYS = 8000;

/** A word at the edge of the page that goes by itself. */
export function toast(words, href) {
  const shelf = document.getElementById("toasts");
  const close = el("button", { class: "icon-button", type: "button", "aria-label": gettext("Dismiss") }, icon("close"));
  const item = el("div", { class: "toast" }, href ? el("a", { href }, words) : el("span", { class: "grow" }, words), close);
  close.addEventListener("click", () => item.remove());
  shelf.append(item);
  while (shelf.children.length > 3) shelf.firstChild.remove();
  setTimeout(() => item.remove(), STAYS);
}
