import { openChannel } from "./channel.js";
import { watchLifecycle } from "./lifecycle.js";
import {
  ANNOUNCE,
  LOOK,
  QUERY,
  RELEASE,
  REQUEST,
  STEAL,
  WAKE_AT,
} from "./orders.js";
import {
  ANNOUNCED,
  GRANTED,
  LOOKED,
  ONLINE,
  ROBBED,
  SEEN,
  TICK,
  VISIBLE,
  WOKE,
} from "./signals.js";
import { createTimer } from "./timer.js";

const LOCKS = ["family", "attempt", "unsaved", "steal"];
const ATTEMPT = LOCKS.indexOf("attempt");

/**
 * The web APIs of one engine that carry no secret. `locks` and channel are named by `scope`, apart
 * from all others of the page's origin; `degraded` hears what is missing, `signal` what happens.
 * Nothing here throws.
 */
export function createPlatform(scope, locks, degraded, signal) {
  let channel;
  let unwatch;
  let asked = [];
  let latest;
  const timer = createTimer(() => signal(TICK));
  const name = (kind, id) => `${scope}:${LOCKS[kind]}${id ? `:${id}` : ""}`;
  const request = (steal) => (kind, id) =>
    locks.request(
      name(kind, id),
      () => signal(GRANTED, kind, id),
      () => signal(ROBBED, kind, id),
      steal,
    );

  return {
    start(how, inherited) {
      channel = openChannel(
        scope,
        (seq) => signal(ANNOUNCED, seq),
        (error) => degraded("channel", error),
      );
      signal(how, inherited);
      unwatch = watchLifecycle({
        visible: (it) => signal(VISIBLE, it),
        online: (it) => signal(ONLINE, it),
        // A message would throw the page out of the back/forward cache. It reads when it is back.
        left: channel.close,
        woke() {
          channel.open();
          signal(WOKE);
        },
      });
    },
    /** Lets go of everything but the locks of these attempts. */
    stop(attempts) {
      unwatch?.();
      timer.set();
      channel?.close();
      locks.close(attempts.map((id) => name(ATTEMPT, id)));
    },
    [ANNOUNCE]: (seq) => channel.announce(seq),
    [WAKE_AT]: (due) => timer.set(Number.isSafeInteger(due) ? due : undefined),
    [REQUEST]: request(false),
    [STEAL]: request(true),
    [RELEASE]: (kind, id) => locks.release(name(kind, id)),
    [LOOK]: (kind, id) => void asked.push([kind, id]),
    async [QUERY]() {
      const looked = (latest = asked);
      asked = [];
      const holders = await locks.holders(looked.map((it) => name(...it)));
      // What an older look saw says nothing of what a newer one asked for.
      if (looked !== latest) return;
      looked.forEach(([kind, id], at) => {
        // Whoever cannot see must not take a living sender for a dead one.
        const unseen = kind === ATTEMPT ? 1 : 0;
        const holder = holders ? holders[at] : unseen;
        if (holder) signal(SEEN, kind, id, holder);
      });
      signal(LOOKED);
    },
    /** 64 random bits, as a bigint. */
    random: () => crypto.getRandomValues(new BigUint64Array(1))[0],
  };
}
