/**
 * Web Locks: held while the promise that their callback returned is pending. Where there are none,
 * `substitute` stands in for them; where they refuse, every request is granted at once: the store's
 * compare-and-swap keeps a session safe, the locks save requests. `missing` is told so, once, with
 * the exception if there was one.
 */
export function openLocks(missing, substitute) {
  const manager = globalThis.navigator?.locks;
  const requests = new Map();
  let told = false;
  const tell = (error) => {
    if (!told) missing(error);
    told = true;
  };
  if (!manager) {
    tell();
    return substitute();
  }

  /**
   * Queues for a lock: `granted` once it is ours, `robbed` if somebody steals it then. `steal` takes
   * it from its holder, whoever waits for it.
   */
  function request(name, granted, robbed, steal = false) {
    release(name);
    const controller = new AbortController();
    const request = { held: false, leave: () => controller.abort() };
    const current = () => requests.get(name) === request;
    const options = steal ? { steal } : { signal: controller.signal };
    requests.set(name, request);
    const hold = () => {
      if (!current()) return undefined;
      request.held = true;
      return new Promise((resolve) => {
        request.leave = resolve;
        granted();
      });
    };
    manager.request(name, options, hold).catch((error) => {
      if (!current()) return;
      requests.delete(name);
      if (request.held) return robbed();
      tell(error);
      granted();
    });
  }

  /** Lets a lock go, or leaves its queue. */
  function release(name) {
    const request = requests.get(name);
    requests.delete(name);
    request?.leave();
  }

  /**
   * Who holds each lock: 0 for nobody, else a number above 1 that differs from holder to holder;
   * undefined where that cannot be seen.
   */
  async function holders(names) {
    const seen = await manager.query().catch(() => undefined);
    return (
      seen &&
      names.map((name) => {
        const lock = seen.held.find((it) => it.name === name);
        return lock ? number(lock.clientId) : 0;
      })
    );
  }

  /** Lets all go but these. */
  function close(kept = []) {
    for (const name of requests.keys()) if (!kept.includes(name)) release(name);
  }

  return { request, release, holders, close };
}

function number(text) {
  let hash = 1;
  for (const char of text) hash = (hash * 31 + char.codePointAt(0)) % 2 ** 40;
  return hash + 2;
}
