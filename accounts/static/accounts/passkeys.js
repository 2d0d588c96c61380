import { $ } from "../core/dom.js";
import { call, Refusal } from "../core/http.js";
import { gettext } from "../core/i18n.js";

const form = $("[data-add-passkey]");

/** The recovery codes that came with the first factor: shown once. */
function show(codes) {
  const box = $("[data-codes]");
  $("ul", box).replaceChildren(
    ...codes.map((code) => {
      const item = document.createElement("li");
      item.append(Object.assign(document.createElement("code"), { textContent: code }));
      return item;
    }),
  );
  box.hidden = false;
  box.scrollIntoView();
}

async function add() {
  const { name, password } = Object.fromEntries(new FormData(form));
  const options = await call("POST", "/auth/passkeys/options/", { password });
  const asked = { publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) };
  const made = /** @type {PublicKeyCredential} */ (await navigator.credentials.create(asked));
  const fields = { name: name || gettext("My device"), credential: made.toJSON() };
  return (await call("POST", "/auth/passkeys/", fields)).recovery_codes;
}

async function submit(event) {
  event.preventDefault();
  const said = $("[data-said]", form);
  said.textContent = "";
  try {
    const codes = await add();
    if (codes.length) show(codes);
    else location.reload();
  } catch (error) {
    said.textContent = error instanceof Refusal ? error.message : gettext("No passkey was made.");
  }
}

if (form && globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON) {
  form.hidden = false;
  form.addEventListener("submit", submit);
}
