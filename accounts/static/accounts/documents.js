import { $ } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import { PAPER, shrunk } from "../core/pictures.js";
import { upload } from "../core/uploads.js";
import { withProgress } from "./sending.js";

const form = $("[data-document]");
const input = $("input[type=file]", form);

/** Sent by this script, smaller and with a bar; without it the form sends the file as it is. */
form.addEventListener("submit", async (event) => {
  const [file] = input.files;
  if (!file) return;
  event.preventDefault();
  const button = $("button", form);
  button.disabled = true;
  const body = new FormData();
  body.append("kind", form.elements.namedItem("kind").value);
  const sent = await withProgress(input, gettext("Sending the document"), async (progress) => {
    body.append("file", await shrunk(file, PAPER));
    return upload("POST", "/auth/documents/", body, progress);
  });
  button.disabled = false;
  if (sent) location.assign(form.dataset.document);
});
