// Locks where the browser has none: an insecure page of a company's network, an old engine. They are
// leases in the store, which all tabs share: one item, of the holder and its beat by name. They come
// later than Web Locks, and may be wrong for a tab whose timers sleep; the record's compare-and-swap
// keeps the session safe, the leases save requests.

/** How often a holder says that it lives, and a waiter looks, in milliseconds. */
const BEAT_MS = 1000;

/** A store that takes longer hangs, in milliseconds. */
const HANG_MS = 5000;

/** After so many looks at the same beat its holder is gone. */
const PATIENCE = 10;

/** A lease that has stood still for so many of our own beats is taken away: pages die without letting
 * go, and nobody may ask for that lock again. Hidden ones may beat but once in a minute. */
const LIFE = 90;

/** A change that loses its swap so often in a row waits for the next beat. */
const SWAPS = 20;

/** Leases in the item `key` of `store`. The interface is that of locks.js. */
export function openLeases(store, key) {
  const self = crypto.getRandomValues(new Uint32Array(1))[0] + 2;
  /** Our requests by the lock's name; `held` once it is ours. */
  const requests = new Map();
  let timer;
  let beats = 0;
  /** What stands in the store, by name: as what, and since which of our beats. */
  let seen = {};

  /** Whether it is in the store; rejects where that fails. Nothing is tried again that is not `wanted`. */
  async function change(edit, wanted = () => true) {
    for (let swaps = 0; swaps < SWAPS && wanted(); swaps++) {
      const before = await store.getItem(key);
      const leases = parse(before);
      edit(leases);
      const after = JSON.stringify(leases);
      if (after === before) return true;
      if (await store.compareAndSwap(key, before, after)) return true;
    }
    return false;
  }

  /** Says that we live, and finds out what was taken from us. */
  async function beat() {
    // The next one waits for the store, but not for one that hangs.
    timer = setTimeout(beat, HANG_MS);
    const now = ++beats;
    let lost = [];
    const edit = (leases) => {
      const before = seen;
      seen = {};
      for (const name in leases) {
        const lease = JSON.stringify(leases[name]);
        const [was, since] = before[name] ?? [];
        seen[name] = [lease, was === lease ? since : now];
        if (now - seen[name][1] >= LIFE) delete leases[name];
      }
      lost = [];
      for (const [name, request] of requests) {
        if (!request.held) continue;
        if (leases[name]?.holder === self) leases[name].beat += 1;
        else lost.push([name, request]);
      }
    };
    await change(edit, () => now === beats).catch(() => {});
    if (now !== beats) return;
    clearTimeout(timer);
    timer = undefined;
    schedule();
    for (const [name, request] of lost) {
      if (requests.get(name) !== request) continue;
      requests.delete(name);
      request.robbed();
    }
  }

  function schedule() {
    if (requests.size) timer ??= setTimeout(beat, BEAT_MS);
  }

  async function take(name, granted, robbed, steal) {
    const request = { robbed, held: false };
    const current = () => requests.get(name) === request;
    requests.set(name, request);
    let looks = 0;
    let last;
    while (current()) {
      let taken;
      const written = await change((leases) => {
        const { holder, beat } = leases[name] ?? {};
        const seen = holder && `${holder}:${beat}`;
        const stays = seen === last;
        taken = steal || !seen || (stays && looks + 1 >= PATIENCE);
        if (taken) leases[name] = { holder: self, beat: 0 };
        else [looks, last] = [stays ? looks + 1 : 0, seen];
      }).catch(() => (taken = true)); // Without the store it can do no harm.
      if (taken && written) {
        if (!current()) return drop(name);
        request.held = true;
        schedule();
        return granted();
      }
      await new Promise((resolve) => setTimeout(resolve, BEAT_MS));
    }
  }

  function release(name) {
    const held = requests.get(name)?.held;
    requests.delete(name);
    if (held) drop(name);
  }

  function drop(name) {
    if (requests.get(name)?.held) return;
    change((leases) => {
      if (leases[name]?.holder === self) delete leases[name];
    }).catch(() => {});
  }

  return {
    request(name, granted, robbed, steal = false) {
      take(name, granted, robbed, steal);
    },
    release,
    async holders(names) {
      try {
        const leases = parse(await store.getItem(key));
        return names.map((name) => leases[name]?.holder ?? 0);
      } catch {
        return undefined;
      }
    },
    close(kept = []) {
      for (const name of requests.keys()) {
        if (!kept.includes(name)) release(name);
      }
      if (!requests.size) timer = clearTimeout(timer);
    },
  };
}

function parse(text) {
  try {
    const leases = JSON.parse(text);
    return Object(leases) === leases ? leases : {};
  } catch {
    return {};
  }
}
