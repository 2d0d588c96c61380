import { $$, el, text } from "../core/dom.js";
import { canPush, subscription } from "../core/device.js";
import { csrf } from "../core/http.js";
import { gettext } from "../core/i18n.js";
import { toast } from "../core/toasts.js";
import { HubClient } from "./hub/hub-client.js";

/** The page's one connection to the hub. */
export const hub = new HubClient({ csrf });

// Users need not see a short break: the line shows only when it lasts.
const QUIET = 1200;
const WORDS = {
  reconnecting: gettext("Reconnecting…"),
  offline: gettext("You are offline. Reconnecting…"),
  polling: gettext("Updated every few seconds"),
  stopped: gettext("The connection was refused. Reload the page."),
  "signed-out": gettext("You are signed out."),
};

/** Signed out there is one thing to do. */
function words(state) {
  const back = `/login/?next=${encodeURIComponent(location.pathname + location.search)}`;
  const link = state === "signed-out" ? [" ", el("a", { href: back }, gettext("Log in again"))] : [];
  return [WORDS[state] ?? "", ...link];
}

function connection() {
  const line = document.getElementById("connection");
  let timer;
  hub.addEventListener("status", ({ detail }) => {
    clearTimeout(timer);
    document.body.dataset.connection = detail.state;
    // The browser knows: there is nothing to wait for before it is told.
    const state = detail.state === "reconnecting" && navigator.onLine === false ? "offline" : detail.state;
    const show = () => {
      line.replaceChildren(el("span", { class: "connection__words" }, ...words(state)));
      line.dataset.connection = state;
      line.hidden = !(state in WORDS);
    };
    if (state === "reconnecting" && line.hidden) timer = setTimeout(show, QUIET);
    else if (state !== "connecting") show();
  });
}

function badge() {
  hub.addEventListener("unread", ({ detail: { unread } }) => setUnread(unread));
  const more = () => setUnread(Number($$("[data-unread-count]")[0]?.textContent ?? 0) + 1);
  hub.addEventListener("notification", ({ detail }) => !isQuiet(detail.kind) && more());
}

/** Whether the person does not want to see that kind on the site. */
const isQuiet = (kind) => (document.body.dataset.quiet ?? "").split(" ").includes(kind);

function setUnread(unread) {
  $$("[data-unread-count]").forEach((node) => text(node, String(unread)));
  $$("[data-unread]").forEach((node) => (node.hidden = unread === 0));
}

/** Where a notification leads. */
export function target({ kind, negotiation, booking, property }) {
  if (kind?.startsWith("calendar.") && property) return `/hosting/${property}/calendar/`;
  if (negotiation) return `/inbox/${negotiation}/`;
  if (booking) return `/bookings/${booking}/`;
  return property ? `/homes/${property}/` : "/notifications/";
}

function toasts() {
  hub.addEventListener("notification", ({ detail }) => {
    if (document.visibilityState !== "visible" || isQuiet(detail.kind)) return;
    // What one is looking at is read; what happens elsewhere is told.
    if (target(detail) === location.pathname) hub.read(detail.id).catch(() => {});
    else toast(detail.title, target(detail));
  });
}

connection();
badge();
toasts();
hub.connect();
// A page kept by the browser for "back" must not hold a socket.
const { link } = /** @type {any} */ (hub);
/** The page has been hidden for a while: a browser with pushes is then told by them. */
const HIDDEN = 20000;
function restWhileHidden() {
  let timer;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") link.start();
    else timer = setTimeout(async () => (await subscription()) && document.hidden && link.stop(), HIDDEN);
  });
}
if (canPush() && localStorage.getItem("push-owner") === document.body.dataset.user) restWhileHidden();
addEventListener("pagehide", () => link.stop());
addEventListener("pageshow", ({ persisted }) => persisted && link.start());
