//! Evergrant keeps a browser app signed in. This crate decides; the modules in `js/` are what
//! JavaScript sees of it.
//!
//! Imports point one way: [`api`] → [`browser`] → [`session`] → [`oauth`]. The last two know no
//! browser, and are compiled and tested natively.

pub mod oauth;
pub mod session;

#[cfg(target_arch = "wasm32")]
pub mod api;
#[cfg(target_arch = "wasm32")]
pub mod browser;
