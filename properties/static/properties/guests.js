import { $, el, icon, text } from "../core/dom.js";
import { count, gettext, say } from "../core/i18n.js";
import { ownDigits } from "../core/money.js";

const MOST = { children: 99, infants: 5 };

/**
 * Who comes, beside the field with the number of guests. Children are guests as everybody; infants (under two) are not counted:
 * a home takes them over its number. The field can still be typed into, and without scripts it is all there is.
 * @param {HTMLElement} root holds the number field and hidden ones named `children` and `infants`
 */
export function countGuests(root) {
  const guests = /** @type {HTMLInputElement} */ ($("input[type=number]", root));
  const [children, infants] = ["children", "infants"].map((name) => $(`input[name=${name}]`, root));
  const said = el("p", { class: "guests__said small muted", role: "status" });
  const kinds = {
    adults: { name: gettext("Adults"), hint: gettext("From 13 years on") },
    children: { name: gettext("Children"), hint: gettext("2 to 12 years") },
    infants: { name: gettext("Infants"), hint: gettext("Under 2, not counted") },
  };
  const number = (field) => Math.max(0, Math.trunc(Number(field.value)) || 0);
  const who = () => ({ adults: Math.max(0, number(guests) - number(children)), children: number(children), infants: number(infants) });
  const most = () => Number(guests.max) || 1000;

  const rows = Object.entries(kinds).map(([kind, { name, hint }]) => stepper(kind, name, hint));
  const details = el(
    "details",
    { class: "menu guests" },
    el("summary", { class: "icon-button", "aria-label": gettext("Adults, children and infants") }, icon("guests")),
    el("div", { class: "menu__panel guests__panel" }, ...rows),
  );
  const frame = el("span", { class: "guests__field" });
  guests.replaceWith(frame);
  frame.append(guests, details);
  root.append(said);

  function stepper(kind, name, hint) {
    const button = (by, words, picture) =>
      el(
        "button",
        { type: "button", class: "icon-button guests__step", "data-step": by, "data-kind": kind, "aria-label": words },
        icon(picture),
      );
    return el(
      "div",
      { class: "guests__row" },
      el("div", {}, el("p", { class: "strong" }, name), el("p", { class: "small muted" }, hint)),
      button(-1, say("Fewer: %(name)s", { name }), "minus"),
      el("output", { class: "guests__number", "data-number": kind, "aria-label": name }),
      button(1, say("More: %(name)s", { name }), "plus"),
    );
  }

  function step(kind, by) {
    const now = who();
    now[kind] = Math.max(0, now[kind] + by);
    // A party of children needs an adult: the first child or infant brings one.
    if (now.adults < 1 && (now.children || now.infants || by > 0)) now.adults = 1;
    const sum = now.adults + now.children;
    if (now.infants > MOST.infants || now.children > MOST.children || (by > 0 && kind !== "infants" && sum > most())) return;
    [guests.value, children.value, infants.value] = [
      sum ? String(sum) : "",
      now.children ? String(now.children) : "",
      now.infants ? String(now.infants) : "",
    ];
    guests.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function dress() {
    // Fewer guests than children: the children are the ones who were typed away.
    if (number(children) && number(children) >= Math.max(1, number(guests))) children.value = String(Math.max(0, number(guests) - 1) || "");
    const now = who();
    for (const [kind, value] of Object.entries(now)) {
      text($(`[data-number=${kind}]`, root), ownDigits(value));
      $(`[data-kind=${kind}][data-step="-1"]`, root).disabled =
        value < 1 || (kind === "adults" && value < 2 && now.children + now.infants > 0);
      $(`[data-kind=${kind}][data-step="1"]`, root).disabled =
        kind === "infants" ? value >= MOST.infants : now.adults + now.children >= most() || (kind === "children" && value >= MOST.children);
    }
    // Grown-ups alone are what the field says already.
    text(said, now.children || now.infants ? wordsOf(now) : "");
  }

  details.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("[data-step]");
    if (button) step(button.getAttribute("data-kind"), Number(button.getAttribute("data-step")));
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    $("summary", details).focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!details.contains(/** @type {Node} */ (event.target))) details.open = false;
  });
  guests.addEventListener("change", dress);
  dress();
  return { dress };
}

/** "2 adults, 1 child, 1 infant"; empty without guests. */
export function wordsOf({ adults, children, infants }) {
  const parts = [
    adults && count("%(count)s adult", "%(count)s adults", adults),
    children && count("%(count)s child", "%(count)s children", children),
    infants && count("%(count)s infant", "%(count)s infants", infants),
  ];
  return parts.filter(Boolean).join(", ");
}
