import { ABORT, PREPARE, REVOKE, REVOKED_ALL } from "./orders.js";
import { hear } from "./clock.js";
import { answer, post, text } from "./request.js";
import { ABORTED, ANSWERED, BROKEN, PREPARED, REVOKED } from "./signals.js";

/** The attempts that are sent by these requests. */
const exchanges = new WeakMap();

/**
 * The engine's `fetch`: what its glue calls by that name. Sends the request of an attempt, whose answer goes
 * its own way: nobody waits for it here.
 */
export const fetch = (request) => exchanges.get(request)();

/**
 * What is smaller here than in bindings, or must outlive an engine that fails: attempts and their
 * answers, read to their end, and revocations. `causes` keeps the exception of the last attempt, if it
 * failed. Nothing throws.
 */
export function openHttp(timeoutMs, causes) {
  const attempts = new Map();
  let revocations = [];
  let signal;

  // Nothing, if nobody waits for this attempt any more, or something came of it before.
  const finish = (id, attempt, error, what, facts) => {
    if (!attempt || attempts.get(id) !== attempt || attempt.outcome) return;
    causes.network = causes.timeout = error;
    // The engine uses its facts up; there may be another one.
    attempt.outcome = () => signal(what, id, 0, { ...facts });
    attempt.outcome();
  };

  return {
    /**
     * Whom to tell, as long as it `runs`: of attempts that one before it has sent, too, which it cannot
     * abort.
     */
    serve(engine, runs) {
      signal = engine;
      for (const [id, { outcome }] of attempts) {
        if (!runs()) return;
        const abort = () => this[ABORT](id);
        if (!outcome) {
          AbortSignal.timeout?.(timeoutMs).addEventListener("abort", abort);
        } else if (attempts.delete(id)) {
          // If that fails as well, it is not tried again.
          outcome();
        }
      }
    },

    /** The attempts whose answers are to come, or to be saved. */
    attempts: () => [...attempts.keys()],

    /** What came of this attempt is in the store, or nothing will come. */
    forget: (id) => attempts.delete(id),

    /** Makes the request of an attempt, which can be aborted from now on. */
    [PREPARE](id, _, facts) {
      const attempt = { controller: new AbortController() };
      attempts.set(id, attempt);
      const broken = (error) => finish(id, attempt, error, BROKEN);
      try {
        const request = post(facts, { signal: attempt.controller.signal });
        exchanges.set(request, async () => {
          attempt.sent = true;
          try {
            const response = await globalThis.fetch(request);
            hear(response.headers);
            finish(id, attempt, undefined, ANSWERED, await answer(response));
          } catch (error) {
            // A page that leaves may hear of its requests' end before its own: it is gone before it tells
            // (docs/adr/0013-when-a-broken-connection-is-told.md).
            setTimeout(broken, 1000, error);
          }
        });
        signal(PREPARED, id, 0, request);
      } catch (error) {
        // Not the request's failure, but the engine's: its answer is still to come.
        if (attempt.sent) throw error;
        broken(error);
      }
    },

    [ABORT](id) {
      const attempt = attempts.get(id);
      finish(id, attempt, undefined, ABORTED);
      attempt?.controller.abort();
    },

    /** Sends a revocation, which arrives even if the page goes; it may have to wait for where to. */
    [REVOKE](_, __, facts) {
      revocations.push(revoke(facts, AbortSignal.timeout?.(timeoutMs)));
    },

    /** That were all revocations of a call. */
    async [REVOKED_ALL](purpose) {
      const sent = revocations;
      revocations = [];
      const done = await Promise.all(sent);
      signal(REVOKED, purpose, done.length && done.every(Boolean));
    },
  };
}

async function revoke(facts, signal) {
  try {
    const request = post(await facts, { keepalive: true, signal });
    const response = await globalThis.fetch(request);
    await text(response.body);
    return response.ok;
  } catch {
    return false;
  }
}
