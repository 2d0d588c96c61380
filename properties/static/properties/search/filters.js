import { $, $$ } from "../../core/dom.js";
import { plainDigits } from "../../core/money.js";

const WAIT = 350;

/** The search form. `change` (detail: "form" or "box") once the user has stopped changing it. */
export class Filters extends EventTarget {
  constructor(form) {
    super();
    this.form = form;
    this.box = $("[data-box]", form);
    form.addEventListener("change", (event) => this.#changed(event.target));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#forgetBox();
      this.#tell("form", 0);
    });
    $("[data-clear]", form).addEventListener("click", (event) => {
      event.preventDefault();
      this.#clear();
    });
    this.#menus();
    this.dress();
  }

  /** @returns URLSearchParams with what is filled in */
  query() {
    const filled = [...new FormData(this.form)].filter(([, value]) => value !== "");
    return new URLSearchParams(filled.map(([name, value]) => [name, String(value)]));
  }

  hasBox() {
    return !this.box.disabled;
  }

  setBox(bounds) {
    const west = bounds.getWest();
    const east = Math.min(bounds.getEast(), west + 360);
    const edge = (degrees) => Math.max(-85, Math.min(85, degrees)).toFixed(4);
    this.box.disabled = false;
    this.box.value = [west.toFixed(4), edge(bounds.getSouth()), east.toFixed(4), edge(bounds.getNorth())].join(",");
    this.#tell("box");
  }

  /** Sets the form to what an address says, for the browser's way back. */
  restore(query) {
    for (const field of this.form.elements) {
      if (!field.name) continue;
      if (field.type === "checkbox") field.checked = query.getAll(field.name).includes(field.value);
      else field.value = query.get(field.name) ?? "";
    }
    this.box.disabled = !this.box.value;
    this.dress();
  }

  /** Takes over the counts that came with the results. */
  count(results) {
    const counts = $("[data-counts]", results);
    for (const fresh of $$("[data-count]", counts ?? results)) {
      $(`[data-count="${CSS.escape(fresh.dataset.count)}"]`, this.form)?.replaceChildren(...fresh.cloneNode(true).childNodes);
    }
    this.dress();
  }

  /** A menu's pill shows whether something in it is ticked; a choice that would leave nothing steps back. */
  dress() {
    for (const pill of $$("[data-ticked]", this.form)) {
      const chosen = $$("input", pill.parentElement).some((field) => (field.type === "checkbox" ? field.checked : field.value));
      pill.classList.toggle("is-ticked", chosen);
    }
    for (const pill of $$("label.pill", this.form)) {
      const counted = plainDigits($("[data-count]", pill)?.innerText ?? "").match(/\d+/)?.[0];
      pill.classList.toggle("is-none", counted === "0");
    }
    const names = ["category", "negotiable", "superhost", "property_type", "amenities", "min_price", "max_price"];
    $("[data-clear]", this.form).hidden = !names.some((name) => this.query().has(name));
  }

  #changed(field) {
    if (field.matches("[data-only]") && field.checked) {
      $$(`[name="${field.name}"]`, this.form).forEach((other) => (other.checked = other === field));
    }
    // Somewhere else, or another day: the map of before no longer matters.
    if (field.name === "location") this.#forgetBox();
    this.#stay(field);
    this.dress();
    const [from, to] = [this.form.check_in.value, this.form.check_out.value];
    const half = ["check_in", "check_out"].includes(field.name) && Boolean(from) !== Boolean(to);
    if (!half) this.#tell("form");
  }

  /** The day of leaving follows the day of coming. */
  #stay(field) {
    const { check_in: from, check_out: to } = this.form;
    if (field !== from || !from.value) return;
    const next = new Date(Date.parse(`${from.value}T00:00Z`) + 86400000).toISOString().slice(0, 10);
    to.min = next;
    if (to.value && to.value < next) to.value = next;
  }

  #clear() {
    $$("[data-filters] input", this.form).forEach((field) => {
      if (field.type === "checkbox") field.checked = false;
      else field.value = "";
    });
    this.dress();
    this.#tell("form", 0);
  }

  #forgetBox() {
    this.box.value = "";
    this.box.disabled = true;
  }

  #tell(detail, wait = WAIT) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.dispatchEvent(new CustomEvent("change", { detail })), wait);
  }

  #menus() {
    const menus = $$("[data-menu-pill]", this.form);
    const close = (but) => menus.forEach((menu) => menu !== but && menu.removeAttribute("open"));
    menus.forEach((menu) => menu.addEventListener("toggle", () => menu.open && close(menu)));
    document.addEventListener("click", (event) => close(/** @type {Element} */ (event.target).closest("[data-menu-pill]")));
    this.form.addEventListener("keydown", (event) => {
      const menu = event.key === "Escape" && event.target.closest("[data-menu-pill][open]");
      if (!menu) return;
      menu.removeAttribute("open");
      $("summary", menu).focus();
    });
  }
}
