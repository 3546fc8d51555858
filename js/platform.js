import { openChannel } from "./channel.js";
import { watchLifecycle } from "./lifecycle.js";
import { openLocks } from "./locks.js";
import { createTimer } from "./timer.js";

const LOCKS = ["family", "attempt", "unsaved"];

/**
 * The web APIs of one engine that carry no secret. Locks and channel are named by
 * `lockScope`, apart from all others of the page's origin; `degraded` hears what is missing. Nothing
 * here throws.
 */
export function createPlatform(lockScope, degraded) {
  const scope = `evergrant:${lockScope}`;
  let engine;
  let channel;
  let unwatch;
  const locks = openLocks((error) => degraded("locks", error));
  const timer = createTimer(() => engine.tick());
  const name = (kind, id) =>
    kind ? `${scope}:${LOCKS[kind]}:${id}` : `${scope}:${LOCKS[kind]}`;

  return {
    start(started) {
      engine = started;
      channel = openChannel(
        scope,
        (seq) => engine.announced(seq),
        (error) => degraded("channel", error),
      );
      engine.start();
      unwatch = watchLifecycle({
        visible: (it) => engine.visible(it),
        online: (it) => engine.online(it),
        woke: () => engine.woke(),
      });
    },
    close() {
      unwatch();
      timer.set();
      channel.close();
      locks.close();
    },
    announce: (seq) => channel.announce(seq),
    wakeAt: timer.set,
    request: (kind, id) =>
      locks.request(
        name(kind, id),
        () => engine.granted(kind, id),
        () => engine.robbed(kind, id),
      ),
    release: (kind, id) => locks.release(name(kind, id)),
    async look(pairs) {
      const asked = [];
      for (let at = 0; at < pairs.length; at += 2) {
        asked.push([pairs[at], pairs[at + 1]]);
      }
      const holders = await locks.holders(asked.map((it) => name(...it)));
      // Whoever cannot see must not take a living sender for a dead one.
      const unseen = ([kind]) => (LOCKS[kind] === "attempt" ? 1 : 0);
      const seen = asked.flatMap((it, at) => [
        ...it,
        holders ? holders[at] : unseen(it),
      ]);
      engine.seen(new Float64Array(seen));
    },
  };
}
