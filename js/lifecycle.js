/**
 * The page's life: `visible` and `online` hear what changes, and at once what is out of the
 * ordinary; `left` hears that the page is gone, though it may come back, and `woke` hears of everything
 * after which clocks and record may be anywhere. Without a document, in a worker, there is only the
 * connection. Returns what ends it.
 */
export function watchLifecycle({ visible, online, left, woke }) {
  const controller = new AbortController();
  const listen = (event, listener) =>
    addEventListener(event, listener, {
      // On their way down, the document's events come here before any listener of the page. A
      // field's `focus` would, too.
      capture: event !== "focus",
      signal: controller.signal,
    });
  const hidden = () => globalThis.document?.hidden;
  if (hidden()) visible(false);
  if (globalThis.navigator?.onLine === false) online(false);
  listen("visibilitychange", () => {
    visible(!hidden());
    if (!hidden()) woke();
  });
  listen("online", () => online(true));
  listen("offline", () => online(false));
  listen("pagehide", left);
  listen("pageshow", woke);
  listen("focus", woke);
  listen("resume", woke);
  return () => controller.abort();
}
