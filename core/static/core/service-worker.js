/**
 * What the site does without a page or without a network: shows what is pushed, and the last inbox.
 *
 * It keeps one private page, the inbox, and no longer than the session: it deletes the page as soon as another page says that
 * no user or another user is signed in, and when the session has expired.
 */
const worker = /** @type {any} */ (self);
const SHELL = "shell-v1";
const INBOX = "inbox-v1";
const OFFLINE = "/offline/";
const LAST = "/inbox/";
// Who is signed in and until when, in Unix seconds: "7 1796000000".
const ACCOUNT = "X-Account";
const STATIC = "/static/";
const STYLES = ["tokens", "base", "frame", "pieces/surfaces", "pieces/controls", "pieces/content", "pieces/overlays", "pieces/steps"];
const ASSETS = [
  OFFLINE,
  ...STYLES.map((name) => `${STATIC}core/${name}.css`),
  `${STATIC}core/icons.svg`,
  `${STATIC}core/favicon.svg`,
  `${STATIC}negotiation/inbox.css`,
];

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));

async function install() {
  const cache = await caches.open(SHELL);
  await cache.addAll(ASSETS.map((path) => new Request(path, { cache: "reload" })));
  await worker.skipWaiting();
}

async function activate() {
  const old = (await caches.keys()).filter((name) => name !== SHELL && name !== INBOX);
  await Promise.all(old.map((name) => caches.delete(name)));
  await worker.registration.navigationPreload?.enable();
  await worker.clients.claim();
}

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.mode === "navigate") {
    // Signing out forgets at once, whatever becomes of the request.
    if (request.method === "POST" && pathname === "/logout/") event.waitUntil(forget());
    if (request.method === "GET") event.respondWith(visit(event, pathname));
  } else if (pathname.startsWith(STATIC) && !navigator.onLine) {
    event.respondWith(caches.match(request, { ignoreSearch: true }).then((kept) => kept ?? fetch(request)));
  }
});

/** The page as the server has it; without a network the last inbox, or a word about that. */
async function visit(event, pathname) {
  try {
    const response = (await event.preloadResponse) ?? (await fetch(event.request));
    event.waitUntil(note(response.clone(), pathname));
    return response;
  } catch {
    return (pathname === LAST && (await lastInbox())) || (await caches.match(OFFLINE)) || Response.error();
  }
}

/** Keeps the inbox, and forgets it when a page comes that is not of its owner. */
async function note(response, pathname) {
  if (!response.ok || !response.headers.get("Content-Type")?.startsWith("text/html")) return;
  const [account] = who(response);
  const kept = await (await caches.open(INBOX)).match(LAST);
  if (!account || (kept && who(kept)[0] !== account)) await forget();
  if (account && pathname === LAST && new URL(response.url).search === "") await (await caches.open(INBOX)).put(LAST, response);
}

/** @returns {[string, number]} the account of a page and when its session ends, in Unix seconds */
function who(response) {
  const [account = "", until = "0"] = (response.headers.get(ACCOUNT) ?? "").split(" ");
  return [account, Number(until)];
}

async function lastInbox() {
  const kept = await (await caches.open(INBOX)).match(LAST);
  if (!kept) return undefined;
  if (who(kept)[1] > Date.now() / 1000) return told(kept);
  await forget();
}

/** The page with the line that says that it is an old one; its own scripts are not here to say so. */
async function told(kept) {
  const line = /(id="connection" role="status") data-offline="([^"]*)" hidden>/;
  const html = (await kept.text()).replace(line, '$1 data-connection="reconnecting"><span class="connection__words">$2</span>');
  return new Response(html, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}

const forget = () => caches.delete(INBOX);

/** A page that came before this worker did asks for the inbox to be kept. */
async function keep() {
  const response = await fetch(LAST, { headers: { Accept: "text/html" } });
  if (!response.redirected) await note(response, LAST);
}

worker.addEventListener("message", (event) => {
  if (event.data === "keep") event.waitUntil(keep());
});

worker.addEventListener("push", (event) => event.waitUntil(show(event.data?.json() ?? {})));

/** One thing that happened; told twice, it stands once. */
function show({ id, title = "StayNest", at, url = "/notifications/" }) {
  const options = {
    body: "StayNest",
    tag: `staynest-${id}`,
    timestamp: at ? Date.parse(at) : Date.now(),
    icon: `${STATIC}core/icons/icon-192.png`,
    badge: `${STATIC}core/icons/badge-96.png`,
    data: { url },
  };
  return worker.registration.showNotification(title, options);
}

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(lead(new URL(event.notification.data?.url ?? "/", location.origin)));
});

/** To a tab that shows it already, else to any tab of ours, else to a new one. */
async function lead(url) {
  if (url.origin !== location.origin) return;
  const tabs = await worker.clients.matchAll({ type: "window" });
  const there = tabs.find((tab) => new URL(tab.url).pathname === url.pathname);
  if (there) await there.focus();
  else if (tabs[0]) await (await tabs[0].navigate(url.href))?.focus();
  else await worker.clients.openWindow(url.href);
}
