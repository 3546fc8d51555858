//! What the OAuth specifications say: pure data and rules, without network, clock or wasm.
//!
//! Building a request and reading its answer are two steps; between them stands whoever sends.
//!
//! | file | what | from |
//! |---|---|---|
//! | [`client`] | the client and how it authenticates | RFC 6749 §2.3 |
//! | [`request`] | a POST ready to be sent, with its form and its `Authorization` | RFC 6749 §2.3.1, §3.2 |
//! | [`refresh`] | the refresh request | RFC 6749 §6, RFC 8707 §2 |
//! | [`revocation`] | the revocation request | RFC 7009 §2.1 |
//! | [`answer`] | what an answer of the token endpoint means | RFC 6749 §5 |
//! | [`token_response`] | the tokens of a good answer | RFC 6749 §5.1 |
//! | [`error_response`] | the error of a bad one, and its redaction | RFC 6749 §5.2 |
//! | [`seconds`] | numbers of seconds as servers write them | RFC 6749 §5.1 |
//! | [`secret`] | one type per secret; prints redacted | |
//! | [`json`] | how a parsed JSON value is read | |

pub mod answer;
pub mod client;
pub mod error_response;
pub mod json;
pub mod refresh;
pub mod request;
pub mod revocation;
pub mod seconds;
pub mod secret;
pub mod token_response;

pub use answer::{Answer, Meaning, RawAnswer};
pub use client::{Client, ClientAuthentication};
pub use error_response::{ErrorResponse, redact};
pub use json::Json;
pub use refresh::RefreshRequest;
pub use request::HttpRequest;
pub use revocation::RevocationRequest;
pub use secret::{AccessToken, Authorization, Body, ClientSecret, Form, IdToken, RefreshToken};
pub use token_response::TokenResponse;
