import { call, get } from "./http.js";

/** This browser as a place where things are told: its service worker, and its push subscription. */
const WORKER = "/service-worker.js";
// The user who switched pushes on in this browser; another user who signs in here did not.
const OWNER = "push-owner";
const me = () => document.body.dataset.user;

/** Has the service worker stand by; undefined where the browser has none. */
export async function standBy() {
  if (!("serviceWorker" in navigator)) return undefined;
  const first = !navigator.serviceWorker.controller;
  const registration = await navigator.serviceWorker.register(WORKER, { scope: "/" }).catch(() => undefined);
  if (first && registration) navigator.serviceWorker.ready.then(({ active }) => active?.postMessage("keep"));
  return registration;
}

export const canPush = () => "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;

/** @returns {Promise<PushSubscription | null>} where this browser is pushed to, if the person here switched it on */
export async function subscription() {
  if (!canPush() || localStorage.getItem(OWNER) !== me()) return null;
  const registration = await navigator.serviceWorker.getRegistration("/");
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** Switches pushes on. Throws a Refusal, or a DOMException where the person or the browser says no. */
export async function subscribe() {
  const { key } = await get("/auth/push/key/");
  const registration = (await standBy()) && (await navigator.serviceWorker.ready);
  const present = await registration.pushManager.getSubscription();
  // Of a key that the site had before.
  if (present && !isOf(present, key)) await present.unsubscribe();
  const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  await call("POST", "/auth/push/", made.toJSON());
  localStorage.setItem(OWNER, me());
}

/** Switches them off, here and at the server. */
export async function unsubscribe() {
  const present = await subscription();
  localStorage.removeItem(OWNER);
  if (!present) return;
  await call("DELETE", "/auth/push/", { endpoint: present.endpoint });
  await present.unsubscribe();
}

/** Tells the server again, once a session: another sign-in, another key or another endpoint may have come. */
export async function renew() {
  const mark = `push-renewed-${me()}`;
  if (localStorage.getItem(OWNER) !== me() || sessionStorage.getItem(mark) || Notification.permission !== "granted") return;
  sessionStorage.setItem(mark, "1");
  await subscribe().catch(() => sessionStorage.removeItem(mark));
}

function isOf(present, key) {
  const bytes = new Uint8Array(present.options.applicationServerKey ?? []);
  const text = btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
  return text === key;
}
