//! What the platform does for the engine, by number: `js/orders.js` has the same list. With each go two
//! numbers (a lock is two) and facts.

/// Read the record; for a purpose.
pub const READ: u32 = 0;
/// Write the record; for a purpose. The record, whether it has to outlive a power cut, and the lineage
/// and `seq` of what it replaces, if anything.
pub const WRITE: u32 = 1;
/// Ask for a lock.
pub const REQUEST: u32 = 2;
/// Take a lock by force.
pub const STEAL: u32 = 3;
/// Let a lock go.
pub const RELEASE: u32 = 4;
/// A lock to look at.
pub const LOOK: u32 = 5;
/// Look at them all.
pub const QUERY: u32 = 6;
/// Prepare the request of an attempt, which can be aborted from now on.
pub const PREPARE: u32 = 7;
/// Abort an attempt.
pub const ABORT: u32 = 8;
/// Send this request.
pub const REVOKE: u32 = 9;
/// Those were all revocations of a call.
pub const REVOKED_ALL: u32 = 10;
/// Tell the other tabs this `seq`.
pub const ANNOUNCE: u32 = 11;
/// Wake the engine at this moment of the monotonic clock.
pub const WAKE_AT: u32 = 12;
/// What can be seen, and until when the live token in it is good, by both clocks.
pub const PUBLISH: u32 = 13;
/// An event.
pub const EMIT: u32 = 14;
/// A call, and its value.
pub const RESOLVE: u32 = 15;
/// A call, and its error.
pub const REJECT: u32 = 16;
/// Everything is let go.
pub const CLOSED: u32 = 17;
/// Post an attempt to the keeper: the request with which a token of its answer would be revoked, if there
/// can be one, and its own.
pub const POST: u32 = 18;
/// Get ready what the request of an attempt needs: the thumbprint of the key that signs its proof, if it needs
/// one; the server's nonce; whether a proof was refused for its time.
pub const READY: u32 = 19;
