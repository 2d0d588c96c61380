import { $, $$, el } from "../core/dom.js";
import { enhance, exact } from "../core/times.js";
import { hub, target } from "./live.js";

/** New notifications come on top of the list; reading all of them is one click without a reload. */
const list = $("[data-notifications]");

function item({ id, title, at, ...where }) {
  const href = target(/** @type {any} */ (where));
  return el(
    "li",
    { class: "note is-unread", "data-id": id },
    el("span", { class: "dot dot--new", "aria-hidden": "true" }),
    el(
      "div",
      { class: "grow" },
      el("a", { class: "note__link", href }, title),
      el("p", { class: "small muted" }, el("time", { datetime: at, "data-time": "relative", title: exact(at) })),
    ),
  );
}

hub.addEventListener("notification", ({ detail }) => {
  if (!list) {
    location.reload();
    return;
  }
  list.prepend(item(detail));
  enhance(list, hub.clock.now());
});

hub.addEventListener("unread", ({ detail: { unread } }) => {
  if (unread > 0) return;
  $$(".note.is-unread").forEach((note) => note.classList.remove("is-unread"));
  $$(".note .dot--new").forEach((dot) => dot.classList.remove("dot--new"));
});

// Following a notification is reading it; the frame is on its way before the page is left.
list?.addEventListener("click", (event) => {
  const note = event.target.closest(".note.is-unread");
  if (note && event.target.closest("a")) hub.read(Number(note.dataset.id)).catch(() => {});
});
