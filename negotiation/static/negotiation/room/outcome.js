import { $, el, icon } from "../../core/dom.js";
import { gettext, say } from "../../core/i18n.js";
import { money } from "../../core/money.js";
import { enhance } from "../../core/times.js";

/** What an end means, at once in one sentence; then the server's panel with what to do next. */
export async function showOutcome(panel, view) {
  const { snapshot } = view;
  if (snapshot.status === "open") return;
  panel.hidden = false;
  if (snapshot.status === "accepted") panel.replaceChildren(agreed(view));
  await renewOutcome(panel);
  $("h2", panel)?.focus();
}

/** The server's panel as it is now: paid, say, or cancelled. */
export async function renewOutcome(panel) {
  const response = await fetch(panel.dataset.source).catch(() => null);
  if (!response?.ok) return;
  const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
  panel.replaceChildren(...parsed.body.childNodes);
  enhance(panel);
}

function agreed({ snapshot, entries }) {
  const accepted = entries.findLast(({ kind }) => kind === "offer.accepted");
  const amount = accepted ? money(accepted.data.amount, snapshot.currency) : "";
  const title = say("Agreed at %(amount)s", { amount });
  return el(
    "div",
    { class: "outcome outcome--good" },
    icon("check"),
    el("div", {}, el("h2", { tabindex: "-1" }, title), el("p", {}, gettext("The booking is confirmed."))),
  );
}
