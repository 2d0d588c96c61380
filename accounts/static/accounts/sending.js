import { $, el, icon } from "../core/dom.js";
import { Refusal } from "../core/http.js";
import { wordsOf } from "../core/uploads.js";

/** A bar under a field while its file is made smaller and sent; `run` gets a function that takes how far it is, 0 to 1. */
export async function withProgress(input, label, run) {
  const field = input.closest(".field");
  const bar = el("progress", { class: "field__progress", max: 100, "aria-label": label });
  complain(input, "");
  field.append(bar);
  input.disabled = true;
  try {
    return await run((share) => (bar.value = share * 100));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    // Only a field that is no longer disabled takes the focus.
    setTimeout(() => complain(input, wordsOf(refusal)));
    return null;
  } finally {
    input.disabled = false;
    bar.remove();
  }
}

/** Says beside a field what is wrong with it; "" takes that away. */
export function complain(input, words) {
  const field = input.closest(".field");
  $(".field__error", field)?.remove();
  input.toggleAttribute("aria-invalid", false);
  if (!words) return;
  field.append(
    el("p", { class: "field__error", id: `${input.id}_error`, role: "alert" }, icon("warning", "icon--small"), el("span", {}, words)),
  );
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", `${input.id}_error`);
  input.focus();
}
