import { $ } from "../core/dom.js";
import { canPush, subscribe, subscription, unsubscribe } from "../core/device.js";
import { gettext } from "../core/i18n.js";

/** The card that switches pushes to this browser on and off. */
const card = $("[data-push]");
const button = $("[data-push-switch]");
const words = $("[data-push-words]");
let isOn = false;

const SAYS = {
  on: gettext("This browser tells you when something happens, also while no page of StayNest is open."),
  off: gettext("This browser can tell you when something happens, also while no page of StayNest is open."),
  denied: gettext("This browser does not let StayNest tell you anything. Allow notifications in its settings for this site first."),
  none: gettext("This browser can't be pushed to. On an iPhone or iPad, add StayNest to the home screen first."),
  failed: gettext("That did not work: the browser's push service could not be reached. Try again in a moment."),
};

function show(state) {
  words.textContent = SAYS[state];
  button.hidden = state === "denied" || state === "none";
  button.textContent = isOn ? gettext("Stop on this browser") : gettext("Tell me on this browser");
}

const resting = () => (isOn ? "on" : Notification.permission === "denied" ? "denied" : "off");

button?.addEventListener("click", async () => {
  button.setAttribute("aria-busy", "true");
  try {
    await (isOn ? unsubscribe() : subscribe());
    isOn = !isOn;
    show(resting());
  } catch {
    show(Notification.permission === "denied" ? "denied" : "failed");
  }
  button.removeAttribute("aria-busy");
});

if (card) {
  isOn = (await subscription()) !== null;
  show(canPush() ? resting() : "none");
  card.hidden = false;
}
