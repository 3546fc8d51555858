// What the engine orders: `run(what, a, b, facts)`. `src/browser/order.rs` has the same list, and says
// what goes with each.

export const READ = 0;
export const WRITE = 1;
export const REQUEST = 2;
export const STEAL = 3;
export const RELEASE = 4;
export const LOOK = 5;
export const QUERY = 6;
export const PREPARE = 7;
export const ABORT = 8;
export const REVOKE = 9;
export const REVOKED_ALL = 10;
export const ANNOUNCE = 11;
export const WAKE_AT = 12;
export const PUBLISH = 13;
export const EMIT = 14;
export const RESOLVE = 15;
export const REJECT = 16;
export const CLOSED = 17;
export const POST = 18;
export const READY = 19;
