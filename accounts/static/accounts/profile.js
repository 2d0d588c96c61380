import { $, el } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import { dataUrl, shrunk } from "../core/pictures.js";
import { toast } from "../core/toasts.js";
import { upload } from "../core/uploads.js";
import { withProgress } from "./sending.js";

const SIDE = 1200;
const input = $("input[name=profile_picture]");

/** A picture counts as soon as it is chosen; the other fields wait for their button. */
input.addEventListener("change", async () => {
  const [file] = input.files;
  if (!file) return;
  const person = await withProgress(input, gettext("Sending your picture"), async (progress) => {
    const body = { profile_picture: await dataUrl(await shrunk(file, SIDE)) };
    return upload("PATCH", "/auth/user/", body, progress);
  });
  if (!person) return;
  input.value = "";
  $("[data-avatar]").replaceWith(
    el("img", { class: "avatar avatar--large", src: person.profile_picture, alt: "", width: 72, height: 72, "data-avatar": true }),
  );
  toast(gettext("Your picture is changed."));
});
