import { call } from "../core/http.js";
import { gettext } from "../core/i18n.js";
import { toast } from "../core/toasts.js";

const SAVED = "/saved/";

/** Whether the person wants a home to be kept, by its number, as last pressed. */
const wanted = new Map();
/** Homes about which the server is being told. */
const busy = new Set();

const pressed = (button) => button.getAttribute("aria-pressed") === "true";

function show(id, on) {
  for (const button of document.querySelectorAll(`[data-save="${id}"]`)) {
    button.setAttribute("aria-pressed", String(on));
    button.setAttribute("value", on ? "0" : "1");
  }
}

/** Tells the server what was wanted last; presses in between are one. */
async function tell(id) {
  if (busy.has(id)) return;
  busy.add(id);
  let on;
  try {
    do {
      on = wanted.get(id);
      await call(on ? "PUT" : "DELETE", `/api/saved/${id}/`);
    } while (wanted.get(id) !== on);
    if (on) toast(gettext("Saved. It stands in your saved homes."), SAVED);
    else toast(gettext("Taken out of your saved homes."));
  } catch (refusal) {
    show(id, !on);
    wanted.set(id, !on);
    toast(Object.values(refusal.fields)[0]?.[0] ?? refusal.message);
  }
  busy.delete(id);
}

// A stranger's press is sent as the form that it is: the way leads over the sign-in and back.
if (document.body.dataset.user) {
  document.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("[data-save]");
    if (!button) return;
    event.preventDefault();
    const { save: id } = /** @type {HTMLElement} */ (button).dataset;
    wanted.set(id, !pressed(button));
    show(id, wanted.get(id));
    tell(id);
  });
}
