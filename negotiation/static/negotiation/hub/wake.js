/** Calls `wake` when the page comes back to life. Returns how to stop. Harmless where there is no page. */
export function onWake(wake, page = globalThis) {
  if (typeof page.addEventListener !== "function") return () => {};
  const visible = () => {
    if (page.document?.visibilityState === "visible") wake();
  };
  const targets = [
    [page.document, "visibilitychange", visible],
    [page, "pageshow", wake],
    [page, "online", wake],
  ];
  targets.forEach(([target, event, handler]) => target?.addEventListener(event, handler));
  return () => targets.forEach(([target, event, handler]) => target?.removeEventListener(event, handler));
}

/** Calls `cut` when the browser says that the network is gone. Returns how to stop. Harmless where there is no page. */
export function onOffline(cut, page = globalThis) {
  if (typeof page.addEventListener !== "function") return () => {};
  page.addEventListener("offline", cut);
  return () => page.removeEventListener("offline", cut);
}
