// What time it is for the server. A user's clock may be wrong by an hour, which costs nothing but where a
// time is written, or read, that the server's clock has to agree with: in DPoP proofs and in ID tokens.

import { mono } from "./timer.js";

/** How long ago a time may have been heard to be better than to ask, in milliseconds. */
const FRESH_MS = 300_000;

/** How long the page's own server is waited for, in milliseconds. */
const ASK_MS = 5000;

let offset = 0;
let heard;

/** The server's time, as far as it is known, in whole seconds since 1970. */
export const now = () => Math.floor((Date.now() + offset) / 1000);

/** By how much the server's clock is ahead of ours, in milliseconds; and sets it, where it was learnt before. */
export const ahead = (learnt) => (offset = learnt ?? offset);

/** A server has said what time it is, if it has: so long ago, if what it says was kept by a cache (RFC 9111 §5.1). */
export function hear(headers) {
  const said = Date.parse(headers.get("date")) + headers.get("age") * 1000;
  if (said) heard = { said, at: mono() };
}

/** Learns the offset: from what a server has just said, or else from the page's own. */
export async function learn() {
  if (!(mono() - heard?.at < FRESH_MS)) {
    try {
      const { headers } = await fetch(location.origin, {
        method: "HEAD",
        cache: "no-store",
        signal: AbortSignal.timeout?.(ASK_MS),
      });
      hear(headers);
    } catch {
      // What was heard longer ago is better than nothing.
    }
  }
  if (heard) offset = heard.said + mono() - heard.at - Date.now();
  return offset;
}
