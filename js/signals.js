// What the engine is told in numbers alone: `signal(engine, what, a, b, c)`. `src/api/signal.rs` has
// the same list. A lock is two numbers, a purpose is one, as the engine gave them.

export const START = 0;
export const TICK = 1;
export const WOKE = 2;
/** Whether the page is visible; whether there is a connection. */
export const VISIBLE = 3;
export const ONLINE = 4;
/** The record's `seq`, by another tab. */
export const ANNOUNCED = 5;
/** A lock. */
export const GRANTED = 6;
export const ROBBED = 7;
/** A lock that is held, and its holder's number: 1 for one that cannot be seen. */
export const SEEN = 8;
export const LOOKED = 9;
/** A purpose: nothing is there; the store failed; the swap was done; it was lost; it failed. */
export const MISSING = 10;
export const UNREAD = 11;
export const WRITTEN = 12;
export const LOST = 13;
export const UNWRITTEN = 14;
/** An attempt to which no answer comes: the connection broke; it was aborted. */
export const BROKEN = 15;
export const ABORTED = 16;
/** A purpose, and whether the server took all tokens back. */
export const REVOKED = 17;
/** A call, and whether to revoke. */
export const SIGN_OUT = 18;
/** A call. */
export const CANCEL = 19;
export const CLOSE = 20;
/** After `closed`: nothing will be said any more. */
export const FORGET = 21;
