import { $, $$ } from "../../core/dom.js";

/** Lists of rows in a form: a row is added from the list's template and taken away again. */
export function rows(form) {
  $$("[data-add]", form).forEach((add) => (add.dataset.count = $$(`[data-rows="${add.dataset.add}"] > [data-row]`, form).length));
  form.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add]");
    const remove = event.target.closest("[data-remove]");
    if (add) addRow(form, add, event.detail > 0);
    if (remove) removeRow(form, remove.closest("[data-row]"));
  });
}

function addRow(form, add, focus) {
  const name = add.dataset.add;
  const number = Number(add.dataset.count);
  add.dataset.count = number + 1;
  const row = $(`template[data-row-of="${name}"]`, form).content.firstElementChild.cloneNode(true);
  // Numbers go on where the list on the page ends: names and ids stay one of a kind.
  for (const node of [row, ...$$("*", row)]) {
    for (const attribute of [...node.attributes]) attribute.value = attribute.value.replaceAll("__n__", number);
  }
  $(`[data-rows="${name}"]`, form).append(row);
  if (focus) $("input:not([type=hidden])", row)?.focus();
}

function removeRow(form, row) {
  const list = row.parentElement;
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  ($("input:not([type=hidden])", next ?? list) ?? $(`[data-add="${list.dataset.rows}"]`, form)).focus();
  form.dispatchEvent(new Event("change", { bubbles: true }));
}
