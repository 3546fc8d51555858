const WAKES = ["pageshow", "focus", "resume"];

/**
 * The page's life: `visible` and `online` hear what changes, and at once what is out of the
 * ordinary; `woke` hears of everything after which clocks and record may be anywhere. Without a
 * document, in a worker, there is only the connection. Returns what ends it.
 */
export function watchLifecycle({ visible, online, woke }) {
  const controller = new AbortController();
  const listen = (event, listener) =>
    addEventListener(event, listener, {
      // On their way down, the document's events come here before any listener of the page. A
      // field's `focus` would, too.
      capture: event !== "focus",
      signal: controller.signal,
    });
  const shown = () => globalThis.document?.visibilityState !== "hidden";
  if (!shown()) visible(false);
  if (globalThis.navigator?.onLine === false) online(false);
  listen("visibilitychange", () => {
    visible(shown());
    if (shown()) woke();
  });
  listen("online", () => online(true));
  listen("offline", () => online(false));
  for (const event of WAKES) listen(event, woke);
  return () => controller.abort();
}
