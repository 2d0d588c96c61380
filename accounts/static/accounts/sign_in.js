import { $, $$ } from "../core/dom.js";
import { call, Refusal } from "../core/http.js";
import { gettext } from "../core/i18n.js";
import { solve } from "./work.js";

/** Signs in, or takes the second step, with a passkey: the browser's answer goes with the form. */
async function withPasskey(event, form) {
  event.preventDefault();
  const said = $("[data-said]", form);
  said.textContent = "";
  try {
    const options = await call("POST", "/auth/login/passkey/");
    const asked = { publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) };
    const used = /** @type {PublicKeyCredential} */ (await navigator.credentials.get(asked));
    form.elements.passkey.value = JSON.stringify(used.toJSON());
    form.submit();
  } catch (error) {
    said.textContent = error instanceof Refusal ? error.message : gettext("No passkey was used.");
  }
}

/** Works off a proof of work before the next try; the button waits for it. */
async function work(form, challenge) {
  const button = $("button:not([type=button])", form);
  button.disabled = true;
  try {
    form.elements.work.value = await solve(challenge);
  } finally {
    button.disabled = false;
  }
}

if (globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  for (const form of $$("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => withPasskey(event, form));
  }
}
const challenge = document.getElementById("work-challenge");
if (challenge) work($("form[data-work]"), JSON.parse(challenge.textContent));
