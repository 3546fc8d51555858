//! The platform: one file per web API, and the [`driver`] that runs the engine's effects on them.
//!
//! It runs in a window and in a worker alike. Every import that may throw is `catch`: an exception that passes through this
//! module would leave it unusable.
//!
//! | file | what |
//! |---|---|
//! | [`clock`] | both clocks, and fresh random bits |
//! | [`driver`] | inputs in, effects out |
//! | [`fetch`] | a POST with an abort and a bound on the answer |
//! | [`json`] | JSON trees over what `JSON.parse` gives |
//! | [`platform`] | locks, timer, channel, life cycle: through `js/` |
//! | [`promise`] | what becomes of a promise |
//! | [`store`] | the record in IndexedDB or in memory: through `js/` |

mod allocator;
pub mod clock;
pub mod driver;
pub mod fetch;
pub mod json;
pub mod platform;
pub mod promise;
pub mod store;
