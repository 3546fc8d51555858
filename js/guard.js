// A panic in the engine, or an exception that passes through it, leaves an instance that can do nothing
// any more. It is dropped and a fresh one started; the session is in the store.

import * as engine from "./evergrant.js";
import { mono } from "./timer.js";

/** Within this time after one failure, the next is not mended at once, in milliseconds. */
const CALM_MS = 60_000;

const listeners = new Set();
let depth = 0;
let broken;
let stale = false;
let last = -Infinity;

/**
 * Calls `entry` of the engine. Where it fails, all `listeners` hear of it with the exception and how
 * long to wait before they begin anew, as soon as nothing of the old instance is on the stack.
 */
export function enter(entry, ...args) {
  if (broken) throw broken.error;
  depth += 1;
  try {
    if (stale) renew();
    return entry(...args);
  } catch (error) {
    broken ??= { error };
    if (depth > 1) throw error;
  } finally {
    depth -= 1;
    if (broken && !depth) mend();
  }
}

/** Hears of failures; returns what ends that. */
export function onFailure(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function mend() {
  const { error } = broken;
  broken = undefined;
  try {
    renew();
  } catch {
    // No memory is left, perhaps. The next entry tries again, and may fail likewise.
  }
  const now = mono();
  const wait = now - last > CALM_MS ? 0 : CALM_MS;
  last = now;
  for (const listener of [...listeners]) listener(error, wait);
}

function renew() {
  stale = true;
  engine.__wbg_reset_state();
  stale = false;
}
