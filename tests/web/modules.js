// Everything that the tests take from JavaScript, as one module that loads the others one after
// the other: the runner's server has been seen to starve a browser that opens many connections.

export const { openChannel } = await import("/channel.js");
export const { compareAndSwap, getItem } = await import("/idb.js");
const { fetch: exchange, openHttp } = await import("/http.js");
export const { watchLifecycle } = await import("/lifecycle.js");
export const { openLocks } = await import("/locks.js");
const { createPlatform } = await import("/platform.js");
const { openRecords } = await import("/records.js");
const { PUBLISH, REJECT, RESOLVE } = await import("/orders.js");
const signals = await import("/signals.js");
export const { createTimer } = await import("/timer.js");

/**
 * A platform that can do no more than send. Its engine's side: `prepared` sends; `answered` and `broken`
 * hear what came of it.
 */
export function sender(prepared, answered, broken) {
  const causes = {};
  const signal = (what, attempt, _, value) => {
    if (what === signals.PREPARED) sent(() => prepared(value));
    else if (what === signals.ANSWERED) answered(attempt, value);
    else broken(attempt, what, causes.network);
  };
  const page = openHttp(10_000, causes);
  page.serve(signal);
  const platform = { run: (what, ...args) => page[what](...args) };
  return platform;
}

/** Has the module's `fetch` be what it is in the package, whose glue names it. */
function sent(send) {
  const { fetch } = globalThis;
  globalThis.fetch = (request) => {
    globalThis.fetch = fetch;
    exchange(request);
    return new Promise(() => {});
  };
  send();
}

/** A platform that can do no more than draw random bits. */
export function clocks() {
  return createPlatform(
    "clocks",
    undefined,
    () => {},
    () => {},
  );
}

/** The platform of an engine that keeps its record under `key`; `told` hears what is settled. */
export function keeper(key, { signal, published }, told) {
  const idb = { getItem, compareAndSwap };
  const page = {
    ...openRecords(idb, key, {}, signal),
    [PUBLISH]: () => published(),
    [RESOLVE]: (id, _, value) => told(value),
    [REJECT]: (id, _, [code]) => told(code),
  };
  return {
    random: clocks().random,
    run: (what, ...args) => page[what]?.(...args),
  };
}

/** The number of a signal. */
export function signalNumber(name) {
  return signals[name];
}

/** Sends an event of this type to the window. */
export function dispatch(type) {
  dispatchEvent(new Event(type));
}

/** Takes a lock from whoever holds it. */
export function steal(name) {
  return navigator.locks.request(name, { steal: true }, async () => {});
}

/** Deletes the database, as the user might. */
export function deleteDatabase() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase("evergrant");
    request.onsuccess = resolve;
    request.onblocked = request.onerror = reject;
  });
}
