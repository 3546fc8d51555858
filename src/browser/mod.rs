//! The platform: what JavaScript does for the engine, and the [`driver`] that runs the engine's
//! effects on it.
//!
//! It runs in a window and in a worker alike. An exception that passes through this module could leave
//! it unusable, so no import throws, but for a `fetch` that a page has made its own, which
//! `js/http.js` catches.
//!
//! | file | what |
//! |---|---|
//! | [`clock`] | both clocks, and fresh random bits |
//! | [`driver`] | inputs in, effects out |
//! | [`fetch`] | the token request |
//! | [`json`] | [`Json`](crate::oauth::Json) over what `JSON.parse` gives |
//! | [`order`] | what the platform does, by number |
//! | [`platform`] | all else, through `js/` |
//! | [`task`] | runs futures |

mod allocator;
pub mod clock;
pub mod driver;
pub mod fetch;
pub mod json;
pub mod order;
pub mod platform;
pub mod task;
