import {
  ABORT,
  FAILED,
  PREPARE,
  RECEIVED,
  REVOKE,
  REVOKED_ALL,
} from "./orders.js";
import { ABORTED, ANSWERED, BROKEN, PREPARED, REVOKED } from "./signals.js";

/** The longest body that is read, in bytes. No token response comes near it; an error page might. */
const MAX_BODY = 256 * 1024;

/**
 * What is smaller here than in bindings: attempts but for their sending, and revocations. `signal`
 * hears what comes of them: answers are read to their end; `causes` keeps the exception of the last
 * attempt, if it failed. Nothing throws.
 */
export function openHttp(timeoutMs, causes, signal) {
  const attempts = new Map();
  let revocations = [];

  // False if nobody waits for this attempt any more.
  const finish = (attempt, error) => {
    if (!attempts.delete(attempt)) return false;
    causes.network = causes.timeout = error;
    return true;
  };
  const failed = (attempt, error) => {
    if (finish(attempt, error)) signal(BROKEN, attempt);
  };

  return {
    /** Makes the request of an attempt, which can be aborted from now on. */
    [PREPARE](attempt, _, facts) {
      const controller = new AbortController();
      attempts.set(attempt, controller);
      try {
        const request = post(facts, { signal: controller.signal });
        // A page may have a `fetch` of its own, which throws.
        signal(PREPARED, attempt, 0, request);
      } catch (error) {
        failed(attempt, error);
      }
    },

    async [RECEIVED](attempt, _, response) {
      const { status, headers } = response;
      let body;
      try {
        body = await text(response);
      } catch (error) {
        return failed(attempt, error);
      }
      if (!finish(attempt)) return;
      signal(ANSWERED, attempt, 0, {
        status,
        body,
        retryAfter: headers.get("retry-after"),
        date: headers.get("date"),
      });
    },

    /** Nothing was received, because of an exception of this name and with this message. */
    async [FAILED](attempt, _, [name, message]) {
      // This call comes from inside the engine, past its guard. Whatever fails there is mended by a
      // fresh instance, on which nothing of the old one may go on.
      await undefined;
      failed(attempt, Object.assign(new Error(message), { name }));
    },

    [ABORT](attempt) {
      const controller = attempts.get(attempt);
      if (!finish(attempt)) return;
      controller.abort();
      signal(ABORTED, attempt);
    },

    /** Sends a revocation, which arrives even if the page goes. */
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
    const response = await fetch(post(facts, { keepalive: true, signal }));
    await text(response);
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * A POST of a form: nothing of the user's but what the form says, and nothing that is not
 * CORS-simple unless the client has a secret.
 */
function post([url, body, authorization], options) {
  return new Request(url, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      ...(authorization && { authorization }),
    },
    redirect: "error",
    credentials: "omit",
    cache: "no-store",
    ...options,
  });
}

/** The body as text, read to its end; "" if it is longer than MAX_BODY. */
async function text({ body }) {
  if (!body) return "";
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let length = 0;
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.length;
    if (length > MAX_BODY) {
      reader.cancel().catch(() => {});
      return "";
    }
    text += decoder.decode(value, { stream: true });
  }
}
