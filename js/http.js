// The two ends of a token request that a web API does in fewer bytes than a binding would.

/** The longest body that is read, in bytes. No token response comes near it; an error page might. */
const MAX_BODY = 256 * 1024;

/**
 * A POST of a form: nothing of the user's but what the form says, and nothing that is not
 * CORS-simple unless the client has a secret.
 */
export function prepare(url, form, authorization, keepalive, signal) {
  return new Request(url, {
    method: "POST",
    body: form,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      ...(authorization && { authorization }),
    },
    redirect: "error",
    credentials: "omit",
    cache: "no-store",
    keepalive,
    signal,
  });
}

/** The body as text, read to its end; "" if it is longer than MAX_BODY. */
export async function text(stream) {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
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

/** A signal that fires after so many milliseconds. */
export function deadline(ms) {
  return AbortSignal.timeout(ms);
}
