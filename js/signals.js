// What the engine is told: `signal(engine, what, a, b, value)`. `src/api/signal.rs` has the same
// list. A lock is two numbers, a purpose is one, as the engine gave them.

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
/** A lock that is held; the value is its holder's number: 1 for one that cannot be seen. */
export const SEEN = 8;
export const LOOKED = 9;
/** A purpose; the value is the record, parsed and unsealed. Refused if it is none. */
export const FOUND = 10;
/** A purpose: what was found is no record. */
export const UNREADABLE = 11;
/** A purpose: nothing is there; the store failed; the swap was done; it was lost; it failed. */
export const MISSING = 12;
export const UNREAD = 13;
export const WRITTEN = 14;
export const LOST = 15;
export const UNWRITTEN = 16;
/** An attempt; the value is its request; its answer. */
export const PREPARED = 17;
export const ANSWERED = 18;
/** An attempt to which no answer comes: the connection broke; it was aborted. */
export const BROKEN = 19;
export const ABORTED = 20;
/** A purpose, and whether the server took all tokens back. */
export const REVOKED = 21;
/** A call; how long the token must live, or NaN; the one that was refused, its resource and its scope, if any. */
export const GET_TOKEN = 22;
export const GET_NEW_TOKEN = 23;
/**
 * A call; when the response came; the response, and what its tokens are bound to, if they are: the key, and the
 * server's nonce, if there is one. Refused if there is no token in it.
 */
export const SET_TOKENS = 24;
/** A call, and whether to revoke. */
export const SIGN_OUT = 25;
/** A call. */
export const CANCEL = 26;
export const CLOSE = 27;
/** After `closed`: nothing will be said any more. */
export const FORGET = 28;
/**
 * In the place of START, for an engine that stands in for one that failed; how many attempts that one
 * had sent.
 */
export const RESTARTED = 29;
/** Whether there is a keeper. */
export const KEEPER = 30;
/** An attempt: its request can be sent; or not, and the value is the error's code. */
export const READY = 31;
export const UNREADY = 32;
