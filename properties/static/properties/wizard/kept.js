import { $$ } from "../../core/dom.js";

const PREFIX = "wizard.";

/** What is typed and not yet saved is kept in this browser, so that a step can be left in the middle and resumed. */
export class Kept {
  constructor(form) {
    this.form = form;
    this.key = `${PREFIX}${document.body.dataset.user}.${form.dataset.wizard}`;
    form.addEventListener("input", () => this.keep());
    form.addEventListener("change", () => this.keep());
    // A refused step comes back with what was sent; what was saved needs keeping no more.
    form.addEventListener("submit", (event) => setTimeout(() => event.defaultPrevented || this.forget()));
  }

  keep() {
    const entries = [...new FormData(this.form)].filter(([name, value]) => typeof value === "string" && !name.startsWith("csrf"));
    write(() => localStorage.setItem(this.key, JSON.stringify(entries)));
  }

  forget() {
    write(() => localStorage.removeItem(this.key));
  }

  restore() {
    const entries = this.#read();
    if (!entries) return;
    entries.forEach(([name]) => this.#makeRow(name));
    const values = Map.groupBy ? Map.groupBy(entries, ([name]) => name) : group(entries);
    for (const field of $$("input, textarea, select", this.form))
      put(
        field,
        values.get(field.name)?.map(([, value]) => value),
      );
    this.form.dispatchEvent(new CustomEvent("restored", { bubbles: true }));
  }

  #read() {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "null");
    } catch {
      return null;
    }
  }

  /** Rows that were added here are not on the server's page yet. */
  #makeRow(name) {
    const [list, number] = name.split(".");
    const add = this.form.querySelector(`[data-add="${CSS.escape(list)}"]`);
    while (add && /^\d+$/.test(number) && !this.form.elements.namedItem(name) && Number(number) >= Number(add.dataset.count ?? 0))
      add.click();
  }
}

function put(field, values) {
  if (!field.name || ["file", "hidden", "submit"].includes(field.type) || field.name.startsWith("csrf")) return;
  if (["checkbox", "radio"].includes(field.type)) field.checked = Boolean(values?.includes(field.value));
  else if (values) field.value = values[0];
}

function group(entries) {
  const groups = new Map();
  entries.forEach((entry) => groups.set(entry[0], [...(groups.get(entry[0]) ?? []), entry]));
  return groups;
}

/** A browser may refuse to store anything; the wizard works all the same. */
function write(work) {
  try {
    work();
  } catch {
    // Private windows.
  }
}
