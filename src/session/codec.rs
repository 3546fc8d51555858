//! The record as JSON: what the store holds.
//!
//! ```json
//! { "version": 1, "seq": 1760000000000, "issuer": "https://as.example",
//!   "lineage": 123, "generation": 4, "received_at": 1760000000000, "doubt": false,
//!   "retry_at": 1760000000000, "retry_after_ms": 0, "retry_code": "network",
//!   "tokens": { "refresh": { "token": "…", "received_at": 0, "lifetime_ms": 0 },
//!               "access": [{ "token": "…", "generation": 4, "token_type": "Bearer",
//!                            "scope": "…", "received_at": 0, "lifetime_ms": 0, "resource": "…", "for_scope": "…" }],
//!               "id_token": "…", "subject": { "iss": "…", "sub": "…" } },
//!   "dpop": { "key": "…", "nonce": "…" },
//!   "attempts": [{ "id": 456, "state": "claimed", "sent_at": 0, "replays": 0, "resource": "…",
//!                  "scope": "…", "answer": { "status": 200, "body": "…",
//!                  "retry_after_ms": 0 }, "answered_at": 0 }],
//!   "stalled": { "error": { "code": "oauth", … }, "at": 0, "tries": 1 },
//!   "ended": [{ "lineage": 12, "reason": "signed-out", "replaced": false, "at": 0,
//!               "error": { … }, "history": [{ "at": 0, "event": "…", "detail": "…" }] }] }
//! ```
//!
//! Absent members are none; times are milliseconds. `tokens` and an attempt's `answer` may also be
//! sealed, as `{ "iv": "…", "ciphertext": "…" }`: the platform opens them before this module reads.

mod members;
mod visitor;

pub use visitor::{Extra, Members, Named, Tree, Visitor};

use std::sync::Arc;

use super::record::Record;

/// Writes a record.
#[must_use]
pub fn encode<T: Tree>(record: &Record) -> T {
    let mut visitor = Visitor::writing();
    record.clone().visit(&mut visitor);
    visitor.written()
}

/// Reads a record; none if it is not one.
pub fn decode<T: Tree>(tree: T) -> Option<Arc<Record>> {
    let mut visitor = Visitor::reading(tree);
    let mut record = Record::default();
    record.visit(&mut visitor);
    visitor.sound().then(|| Arc::new(record))
}
