import { renew, standBy } from "../core/device.js";
import { $, $$, text } from "../core/dom.js";
import { enhance, exact, left } from "../core/times.js";
import { hub } from "./live.js";
import { life } from "./room/haggle.js";

const SETTLE = 250;
let timer;

/** Fetches the list again and keeps the keyboard where it was. */
async function refresh(list) {
  const response = await fetch(list.dataset.inbox).catch(() => null);
  if (!response?.ok) return;
  const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
  const held = document.activeElement?.closest("[data-id]")?.getAttribute("data-id");
  list.replaceChildren(...parsed.body.childNodes);
  if (held && list.contains($(`[data-id="${held}"] a`, list))) $(`[data-id="${held}"] a`, list).focus();
  enhance(list);
  tick();
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(() => $$("[data-inbox]").forEach(refresh), SETTLE);
}

/** What is left of each standing offer, by the hub's clock. */
function tick() {
  for (const node of $$("[data-expires]")) {
    const offer = { made_at: node.dataset.made, expires_at: node.dataset.expires };
    text(node, left(Date.parse(offer.expires_at) - hub.clock.now()));
    node.title = exact(offer.expires_at);
    node.classList.toggle("is-late", life(offer, hub.clock.now()) <= 0.1);
  }
}

/** Up and down move between the rooms. */
function arrows(event) {
  if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const links = $$("[data-inbox] a");
  const here = links.indexOf(document.activeElement);
  if (here < 0) return;
  event.preventDefault();
  links.at((here + (event.key === "ArrowDown" ? 1 : -1)) % links.length).focus();
}

hub.addEventListener("notification", soon);
document.addEventListener("moved", soon);
hub.addEventListener("status", ({ detail: { state } }) => state === "live" && soon());
document.addEventListener("keydown", arrows);
tick();
setInterval(tick, 1000);
// When the page has nothing better to do.
(globalThis.requestIdleCallback ?? setTimeout)(() => standBy().then(renew));
