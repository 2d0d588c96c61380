import { el, icon } from "../../core/dom.js";
import { gettext } from "../../core/i18n.js";
import { RangePicker } from "./picker.js";

const WIDE = matchMedia("(min-width: 760px)");
const EDGE = 16;
const COARSE = matchMedia("(pointer: coarse)");

/**
 * A calendar for a pair of date fields, in a panel below them. The fields stay what they are: they can be typed into, they are
 * what is sent, and without scripts they are all there is.
 * @param {HTMLElement} root holds the fields, the day of coming first
 * @param {Omit<ConstructorParameters<typeof RangePicker>[1], "months" | "onward">} how
 * @returns {RangePicker} whose marks the page keeps up with `choose`
 */
export function pickRange(root, how) {
  const [from, to] = /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll("input[type=date]")]);
  const panel = el("div", { class: "dates__panel", role: "dialog", "aria-label": gettext("Dates"), hidden: true });
  const months = el("div");
  const opener = el(
    "button",
    { type: "button", class: "icon-button dates__open", "aria-expanded": "false", "aria-label": gettext("Choose the dates in a calendar") },
    icon("calendar"),
  );
  panel.append(months);
  root.append(opener, panel);
  root.classList.add("dates", "dates--ready");
  const picker = new RangePicker(months, { ...how, months: WIDE.matches ? 2 : 1, onward: true });
  WIDE.addEventListener("change", () => {
    picker.months = WIDE.matches ? 2 : 1;
    if (!panel.hidden) picker.show().catch(() => picker.draw());
  });

  async function open({ inside }) {
    if (panel.hidden) {
      panel.hidden = false;
      opener.setAttribute("aria-expanded", "true");
      place();
      picker.choose(from.value, to.value);
      await picker.show(from.value.slice(0, 7) || undefined).catch(() => picker.draw());
      panel.scrollIntoView({ block: "nearest" });
    }
    if (inside) picker.focus();
  }

  /** Below the fields, and as far to the left as the window's edge asks for. */
  function place() {
    const room = document.documentElement.clientWidth - EDGE - panel.offsetWidth - root.getBoundingClientRect().left;
    panel.style.left = WIDE.matches ? `${Math.min(0, room)}px` : "";
  }

  function close({ back = true } = {}) {
    if (panel.hidden) return;
    panel.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    if (back) opener.focus();
  }

  opener.addEventListener("click", () => (panel.hidden ? open({ inside: true }) : close()));
  for (const field of [from, to]) {
    field.addEventListener("mousedown", (event) => COARSE.matches && event.preventDefault());
    field.addEventListener("click", (event) => {
      // A finger gets the calendar in place of the device's own wheel; who has keys may go on typing.
      if (COARSE.matches) event.preventDefault();
      open({ inside: COARSE.matches });
    });
    field.addEventListener("keydown", (event) => event.key === "Escape" && close({ back: false }));
    field.addEventListener("change", () => picker.choose(from.value, to.value));
  }
  picker.addEventListener("pick", ({ detail }) => {
    fillIn(from, to, detail);
    if (detail.to) close();
  });
  picker.addEventListener("close", () => close());
  document.addEventListener("pointerdown", (event) => !root.contains(/** @type {Node} */ (event.target)) && close({ back: false }));
  root.addEventListener(
    "focusout",
    (event) => event.relatedTarget && !root.contains(/** @type {Node} */ (event.relatedTarget)) && close({ back: false }),
  );
  return picker;
}

/** Puts a stay into a pair of fields, as if it had been typed.
 * @param {HTMLInputElement} from
 * @param {HTMLInputElement} to
 * @param {{from: string | null, to: string | null}} stay */
export function fillIn(from, to, stay) {
  [from.value, to.value] = [stay.from ?? "", stay.to ?? ""];
  // The later field last: by then both are filled in.
  for (const field of stay.from && !stay.to ? [from] : [to]) field.dispatchEvent(new Event("change", { bubbles: true }));
}
