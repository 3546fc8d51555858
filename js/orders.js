// What the engine orders: `run(what, a, b, facts)`. `src/browser/order.rs` has the same list, and says
// what goes with each.

export const READ = 0;
export const WRITE = 1;
export const REQUEST = 2;
export const RELEASE = 3;
export const LOOK = 4;
export const QUERY = 5;
export const PREPARE = 6;
export const RECEIVED = 7;
export const FAILED = 8;
export const ABORT = 9;
export const REVOKE = 10;
export const REVOKED_ALL = 11;
export const ANNOUNCE = 12;
export const WAKE_AT = 13;
export const PUBLISH = 14;
export const EMIT = 15;
export const RESOLVE = 16;
export const REJECT = 17;
export const CLOSED = 18;
export const STEAL = 19;
