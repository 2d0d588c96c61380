import { $ } from "../core/dom.js";
import { hub } from "../negotiation/live.js";

/** A booking's page is drawn again when the hub tells of something that happened to it. */
const id = Number($("[data-booking]").dataset.booking);

hub.addEventListener("notification", ({ detail }) => {
  const writing = document.activeElement?.matches("textarea, input");
  if (detail.booking === id && !writing) location.reload();
});
