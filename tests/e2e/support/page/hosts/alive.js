// What a page has in hand, counted from before its first import: timers, channels, listeners of the
// window. For tests that look for what is left behind.
{
  const timers = new Map();
  const { setTimeout: start, clearTimeout: stop } = globalThis;
  globalThis.setTimeout = (callback, ms, ...args) => {
    const fire = () => {
      timers.delete(id);
      callback(...args);
    };
    const id = start(fire, ms);
    timers.set(id, { ms, fire });
    return id;
  };
  globalThis.clearTimeout = (id) => {
    timers.delete(id);
    stop(id);
  };

  const channels = new Set();
  globalThis.BroadcastChannel = class extends BroadcastChannel {
    constructor(name) {
      super(name);
      channels.add(this);
    }
    close() {
      channels.delete(this);
      super.close();
    }
  };

  let listeners = 0;
  const listen = globalThis.addEventListener;
  globalThis.addEventListener = (type, listener, options) => {
    if (options?.signal) {
      listeners += 1;
      options.signal.addEventListener("abort", () => (listeners -= 1));
    }
    listen.call(globalThis, type, listener, options);
  };

  globalThis.alive = {
    async count() {
      const { held, pending } = await navigator.locks.query();
      return {
        timers: timers.size,
        channels: channels.size,
        listeners,
        locks: held.length + pending.length,
      };
    },

    delays: () => [...timers.values()].map(({ ms }) => ms),

    /** Lets the timers of this length fire now; returns how many there were. */
    pass(ms) {
      const due = [...timers].filter(([, timer]) => timer.ms === ms);
      for (const [id, { fire }] of due) {
        stop(id);
        fire();
      }
      return due.length;
    },
  };
}
