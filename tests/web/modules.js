// Everything that the tests take from JavaScript, as one module that loads the others one after
// the other: the runner's server has been seen to starve a browser that opens many connections.

export const { openChannel } = await import("/channel.js");
export const { compareAndSwap, getItem } = await import("/idb.js");
export const { watchLifecycle } = await import("/lifecycle.js");
export const { openLocks } = await import("/locks.js");
export const { read } = await import("/seal.js");
export const { createTimer } = await import("/timer.js");

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
