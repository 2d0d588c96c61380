import { askForms } from "./ask.js";
import { $, $$ } from "./dom.js";
import { themes } from "./theme.js";
import { enhance } from "./times.js";

/** The viewer's zone goes to the server, so that what it renders next is in it too. */
function tellZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) document.cookie = `timezone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
}

function menu() {
  const button = $("[data-menu]");
  if (!button) return;
  const panel = document.getElementById(button.getAttribute("aria-controls"));
  const open = (yes) => {
    button.setAttribute("aria-expanded", String(yes));
    panel.classList.toggle("is-open", yes);
  };
  button.addEventListener("click", () => open(button.getAttribute("aria-expanded") !== "true"));
  document.addEventListener("keydown", (event) => event.key === "Escape" && open(false));
  document.addEventListener("click", (event) => !(/** @type {Element} */ (event.target).closest(".nav")) && open(false));
}

/** A form is sent once, however often its button is pressed. */
function sendOnce() {
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (event.defaultPrevented || form.method !== "post") return;
    const button = event.submitter ?? $("button:not([type=button])", form);
    // After the browser has taken the form's data, or the button's own value would be missing.
    setTimeout(() => button?.setAttribute("disabled", ""));
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) $$("form[method=post] button[disabled]").forEach((button) => button.removeAttribute("disabled"));
  });
}

tellZone();
menu();
themes();
askForms();
sendOnce();
enhance();
setInterval(() => enhance(), 60000);
$("[aria-invalid=true]")?.focus();
