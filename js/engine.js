import * as wasm from "./evergrant.js";
import { enter } from "./guard.js";
import { openHttp } from "./http.js";
import { createPlatform } from "./platform.js";
import { openRecords } from "./records.js";
import { history } from "./shapes.js";
import { FORGET } from "./signals.js";

/**
 * An engine on the page's APIs. `told` has what it says to the application, by the orders' numbers;
 * `degraded` hears what is missing; `causes` keeps the exceptions behind its errors.
 */
export function openEngine(
  { store, lockScope, storageKey, timeoutMs, forEngine },
  causes,
  degraded,
  told,
) {
  let number;
  let runs = true;
  // What still comes in for an engine that has stopped is for no other.
  const signal = (...args) => runs && enter(wasm.signal, number, ...args);
  const platform = createPlatform(lockScope, store, degraded, signal);
  const page = {
    ...platform,
    ...openRecords(store, storageKey, causes, signal),
    ...openHttp(timeoutMs, causes, signal),
    ...told,
    run: (what, a, b, facts) => page[what](a, b, facts),
  };
  return {
    signal,
    /** Begins; `how` is START or RESTARTED. */
    start(how) {
      // The engine uses its settings up; there may be another one.
      number = enter(wasm.create, structuredClone(forEngine), page);
      platform.start(how);
      // One that failed in between was stopped before it had all of this.
      if (!runs) platform.stop();
    },
    history: () => history(runs && enter(wasm.history, number)),
    /** Lets go of everything, and says nothing any more. */
    stop() {
      signal(FORGET);
      runs = false;
      platform.stop();
    },
  };
}
