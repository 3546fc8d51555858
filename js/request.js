// Requests of the token and the revocation endpoint, and their answers, alike for the page and its
// keeper.

/** The longest body that is read, in bytes. No token response comes near it; an error page might. */
const MAX_BODY = 256 * 1024;

/**
 * The longest wait that is obeyed, in milliseconds. Longer than rate limits and maintenance pages ask for,
 * and short enough that a nonsense value, or a date read by a wrong clock, does not keep a session without
 * tokens for the rest of the day.
 */
const MAX_WAIT_MS = 3_600_000;

/** The headers of a form: nothing that is not CORS-simple unless the client has a secret, or a key. */
export function headersOf(authorization, dpop) {
  return {
    "content-type": "application/x-www-form-urlencoded",
    ...(authorization && { authorization }),
    ...(dpop && { dpop }),
  };
}

/** A POST: nothing of the user's but what it says. */
export function post([url, body, headers], options) {
  return new Request(url, {
    method: "POST",
    body,
    headers,
    redirect: "error",
    credentials: "omit",
    cache: "no-store",
    ...options,
  });
}

/** What the record keeps of an answer, read to its end. */
export async function answer({ status, headers, body }) {
  const retry_after_ms = wait(headers);
  const dpop_nonce = headers.get("dpop-nonce") ?? undefined;
  return { status, body: await text(body), retry_after_ms, dpop_nonce };
}

/** The body as text, read to its end; "" if it is longer than MAX_BODY. */
export async function text(body) {
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

/**
 * `Retry-After` (RFC 9110 §10.2.3): the wait in whole milliseconds from the receipt, at most MAX_WAIT_MS; 0
 * for a moment that has passed, and for what is neither seconds nor a date. A date counts from the
 * answer's own, since the server's clock wrote both; where that cannot be read, from ours.
 */
function wait(headers) {
  const header = headers.get("retry-after") ?? "";
  const seconds = /^-?\d+(?=(\.\d*)?$)/.exec(header)?.[0];
  const ms = seconds
    ? seconds * 1000
    : read(header) - (read(headers.get("date")) || Date.now());
  return Math.min(Math.max(ms, 0), MAX_WAIT_MS) || 0;
}

/**
 * A date like `Sun, 06 Nov 1994 08:49:37 GMT`, the only format that servers may send (RFC 9110 §5.6.7); NaN
 * for what is none. A browser's parser takes much more for one, even `soon 7`.
 */
function read(date) {
  return /^.{5}\d.* GMT$/.test(date) ? Date.parse(date) : NaN;
}
