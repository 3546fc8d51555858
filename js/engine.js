import * as wasm from "./evergrant.js";
import { internal } from "./error.js";
import { enter } from "./guard.js";
import { openHttp } from "./http.js";
import { openKeeping } from "./keeping.js";
import { openLeases } from "./leases.js";
import { openLocks } from "./locks.js";
import { PREPARE, RELEASE, REVOKE } from "./orders.js";
import { openPreparing } from "./preparing.js";
import { createPlatform } from "./platform.js";
import { openRecords } from "./records.js";
import { history } from "./shapes.js";
import { FORGET } from "./signals.js";

/**
 * An engine on the page's APIs. `told` has what it says to the application, by the orders' numbers;
 * `degraded` hears what is missing; `causes` keeps the exceptions behind its errors. Attempts of one
 * that has `failed` before it keep their locks, and are answered to this one.
 */
export function openEngine(
  { store, lockScope, storageKey, timeoutMs, keeper, forEngine, ...server },
  causes,
  degraded,
  told,
  failed,
) {
  let number;
  let runs = true;
  const http = failed?.http ?? openHttp(timeoutMs, causes);
  const locks =
    failed?.locks ??
    openLocks(
      (error) => degraded("locks", error),
      () => openLeases(store, `${lockScope}:locks`),
    );
  // What still comes in for an engine that has stopped is for no other.
  const signal = (...args) => runs && enter(wasm.signal, number, ...args);
  const scope = `evergrant:${lockScope}`;
  const platform = createPlatform(scope, locks, degraded, signal);
  const records = openRecords(store, storageKey, causes, signal);
  const preparing = openPreparing(server, causes, signal);
  const keeping = openKeeping(
    { key: storageKey, channel: scope, timeoutMs },
    {
      causes,
      degraded,
      found: records.found,
      preparing,
      signal,
      send: (id, _, facts) =>
        http[PREPARE](id, _, preparing.request(id, facts)),
    },
  );
  const page = {
    ...platform,
    ...records,
    ...http,
    ...preparing,
    ...keeping,
    ...told,
    [REVOKE]: (_, __, facts) => http[REVOKE](_, __, preparing.revoking(facts)),
    [RELEASE](kind, id) {
      platform[RELEASE](kind, id);
      http.forget(id);
      keeping.letGo(id);
      preparing.letGo(id);
    },
    run: (what, a, b, facts) => page[what](a, b, facts),
  };
  const leave = (attempts) => {
    runs = false;
    platform.stop(attempts);
  };
  return {
    http,
    locks,
    signal,
    /** Asks the engine's rules: `flows.js`. */
    ask(step, ...facts) {
      const told = runs && enter(wasm.flow, number, step, facts);
      if (told) return told;
      throw internal();
    },
    /** Begins; `how` is START or RESTARTED. */
    start(how) {
      // The engine uses its settings up; there may be another one.
      number = enter(wasm.create, structuredClone(forEngine), page);
      platform.start(how, http.attempts().length);
      if (keeper) keeping.start(keeper);
      http.serve(signal, () => runs);
      // One that failed in between was stopped before it had all of this.
      if (!runs) this.fail();
    },
    history: () => history(runs && enter(wasm.history, number)),
    /** It has failed: lets go of everything but the attempts that are sent. */
    fail: () => leave(http.attempts()),
    /** Lets go of everything, and says nothing any more. */
    stop() {
      signal(FORGET);
      leave([]);
    },
  };
}
