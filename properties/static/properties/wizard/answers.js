import { $, $$, el, icon } from "../../core/dom.js";
import { gettext, say } from "../../core/i18n.js";
import { money, parseAmount } from "../../core/money.js";

/** Why an answer is not one, in our own words; "" where it is. */
export function fault(field) {
  const { validity } = field;
  if (validity.valueMissing) return field.type === "radio" ? gettext("Choose one.") : gettext("Fill this in.");
  if (validity.badInput || validity.patternMismatch) return gettext("Give a number.");
  if (validity.rangeUnderflow || validity.rangeOverflow) return within(field);
  if (validity.stepMismatch) return gettext("Give a whole number.");
  if (!validity.valid) return field.validationMessage;
  return field.matches("[data-amount]") ? amountFault(field) : "";
}

function within({ min, max }) {
  if (min && max) return say("Give a number from %(min)s to %(max)s.", { min, max });
  return min ? say("Give at least %(min)s.", { min }) : say("Give at most %(max)s.", { max });
}

function amountFault(field) {
  if (!field.value.trim()) return "";
  const amount = parseAmount(field.value) ?? (/^[\s0.,]+$/.test(field.value) ? "0.00" : null);
  if (amount === null) return gettext("Give an amount, such as 12,500 or 99.50.");
  return field.matches("[data-night]") ? nightFault(field.form, Number(amount)) : "";
}

/** A price that can't be paid is refused on its own screen, not when all of the step is sent. */
function nightFault(form, price) {
  const currency = form.elements.namedItem("currency")?.value ?? form.dataset.currency;
  const limits = JSON.parse($("#price-limits", form).textContent)[currency];
  if (price < 1) return gettext("Give a price of at least 1.");
  if (!limits) return "";
  if (price > Number(limits.night)) return say("Give at most %(most)s a night.", { most: money(limits.night, currency) });
  const total = shortestStay(form, price) * (1 + Number(limits.on_top) / 100);
  if (limits.most === undefined || (total >= Number(limits.least) && total <= Number(limits.most))) return "";
  return say("The shortest stay would come to %(total)s with fee and tax; from %(least)s to %(most)s can be paid at once.", {
    total: money(total.toFixed(2), currency),
    least: money(limits.least, currency),
    most: money(limits.most, currency),
  });
}

function shortestStay(form, price) {
  const value = (name) => form.elements.namedItem(name)?.value ?? "";
  return price * Math.max(1, Number(value("min_nights")) || 1) + Number(parseAmount(value("cleaning_fee")) ?? 0);
}

/** Puts the words below the field, or takes them away; `aria-invalid` and the description follow. */
export function tell(field, words) {
  const place = field.closest(".field") ?? field.closest("fieldset");
  $("[data-fault]", place)?.remove();
  if (!words) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("data-faulty");
    return;
  }
  const id = `${field.id || field.name}-fault`;
  place.append(
    el("p", { class: "field__error", id, role: "alert", "data-fault": true }, icon("warning", "icon--small"), el("span", {}, words)),
  );
  field.setAttribute("data-faulty", "");
  // A radio button or a box can't be invalid by itself.
  if (!["radio", "checkbox"].includes(field.type)) field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", [...new Set([...(field.getAttribute("aria-describedby") ?? "").split(" "), id])].join(" ").trim());
}

/** The first field of a question that is not answered as it should be, told beside it. */
export function firstFault(question) {
  for (const field of $$("input, textarea, select", question)) {
    if (field.disabled || field.closest("template")) continue;
    const words = fault(field);
    tell(field, words);
    if (words) return field;
  }
  return null;
}
