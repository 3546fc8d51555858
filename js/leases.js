// Locks where the browser has none: an insecure page of a company's network, an old engine. They are
// leases in the store, which all tabs share: one item, of the holder and its beat by name. They come
// later than Web Locks, and may be wrong for a tab whose timers sleep; the record's compare-and-swap
// keeps the session safe, the leases save requests.

/** How often a holder says that it lives, and a waiter looks, in milliseconds. */
const BEAT_MS = 1000;

/** After so many looks at the same beat its holder is gone. */
const PATIENCE = 10;

/** Leases in the item `key` of `store`. The interface is that of locks.js. */
export function openLeases(store, key) {
  const self = crypto.getRandomValues(new Uint32Array(1))[0] + 2;
  /** Our requests by the lock's name; `held` once it is ours. */
  const requests = new Map();
  let timer;

  // Whoever cannot reach the store has the lock as well: it cannot do any harm there.
  async function change(edit) {
    try {
      for (;;) {
        const before = await store.getItem(key);
        const leases = parse(before);
        edit(leases);
        const after = JSON.stringify(leases);
        if (after === before) return;
        if (await store.compareAndSwap(key, before, after)) return;
      }
    } catch {
      edit({});
    }
  }

  /** Says that we live, and finds out what was taken from us. */
  async function beat() {
    const lost = [];
    await change((leases) => {
      lost.length = 0;
      for (const [name, { held }] of requests) {
        if (!held) continue;
        if (leases[name]?.holder === self) leases[name].beat += 1;
        else lost.push(name);
      }
    });
    for (const name of lost) {
      const { robbed } = requests.get(name) ?? {};
      requests.delete(name);
      robbed?.();
    }
    timer = undefined;
    schedule();
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
      await change((leases) => {
        const { holder, beat } = leases[name] ?? {};
        const seen = holder && `${holder}:${beat}`;
        const stays = seen === last;
        taken = steal || !seen || (stays && looks + 1 >= PATIENCE);
        if (taken) leases[name] = { holder: self, beat: 0 };
        else [looks, last] = [stays ? looks + 1 : 0, seen];
      });
      if (taken) {
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
    });
  }

  return {
    request(name, granted, robbed, steal = false) {
      take(name, granted, robbed, steal);
    },
    release,
    async holders(names) {
      let seen;
      await change((leases) => {
        seen = names.map((name) => leases[name]?.holder ?? 0);
      });
      return seen;
    },
    close() {
      clearTimeout(timer);
      for (const name of requests.keys()) release(name);
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
