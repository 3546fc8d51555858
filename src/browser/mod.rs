//! The platform: what JavaScript does for the engine, and the [`driver`] that runs the engine's
//! effects on it.
//!
//! It runs in a window and in a worker alike. No import throws, or it is `catch`: an exception that
//! passes through this module would leave it unusable. `cargo xtask lint` wants a word about each.
//!
//! | file | what |
//! |---|---|
//! | [`clock`] | both clocks, and fresh random bits |
//! | [`driver`] | inputs in, effects out |
//! | [`fetch`] | the token request |
//! | [`json`] | [`Json`](crate::oauth::Json) over what `JSON.parse` gives |
//! | [`order`] | what the platform does, by number |
//! | [`platform`] | all else, through `js/` |

mod allocator;
pub mod clock;
pub mod driver;
pub mod fetch;
pub mod json;
pub mod order;
pub mod platform;
