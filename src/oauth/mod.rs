//! What the OAuth specifications say: pure data and rules, without network, clock or wasm.
//!
//! Building a request and reading its answer are two steps; between them stands whoever sends.
//!
//! | file | what | from |
//! |---|---|---|
//! | [`metadata`] | where it is found, and what the server says of itself | RFC 8414, OpenID Connect Discovery |
//! | [`client`] | the client and how it authenticates | RFC 6749 §2.3 |
//! | [`authorization`] | the authorization request, by URL or pushed | RFC 6749 §4.1.1, RFC 9126 |
//! | [`callback`] | the authorization response | RFC 6749 §4.1.2, RFC 9207 |
//! | [`request`] | a POST ready to be sent, with its form and its `Authorization` | RFC 6749 §2.3.1, §3.2 |
//! | [`parameters`] | parameters of a form or a query, and which are not the app's | RFC 6749 §3.1, appendix B |
//! | [`code`] | the token request for a code | RFC 6749 §4.1.3, RFC 7636 §4.5 |
//! | [`refresh`] | the refresh request | RFC 6749 §6, RFC 8707 §2 |
//! | [`revocation`] | the revocation request | RFC 7009 §2.1 |
//! | [`answer`] | what an answer of the token endpoint means | RFC 6749 §5 |
//! | [`token_response`] | the tokens of a good answer | RFC 6749 §5.1 |
//! | [`error_response`] | the error of a bad one, and its redaction | RFC 6749 §5.2 |
//! | [`jwt`] | a signed token, taken apart | RFC 7519 §7.2, RFC 7515 §5.2 |
//! | [`id_token`] | what an ID token must say | OpenID Connect Core §3.1.3.7, §12.2 |
//! | [`dpop`] | the proof of a key, and the nonce | RFC 9449, RFC 7638 |
//! | [`logout`] | the logout request | OpenID Connect RP-Initiated Logout §2 |
//! | [`base64url`] | bytes as text | RFC 4648 §5 |
//! | [`seconds`] | numbers of seconds as servers write them | RFC 6749 §5.1 |
//! | [`secret`] | one type per secret; prints redacted | |
//! | [`json`] | how a parsed JSON value is read | |

pub mod answer;
pub mod authorization;
pub mod base64url;
pub mod callback;
pub mod client;
pub mod code;
pub mod dpop;
pub mod error_response;
pub mod id_token;
pub mod json;
pub mod jwt;
pub mod logout;
pub mod metadata;
pub mod parameters;
pub mod refresh;
pub mod request;
pub mod revocation;
pub mod seconds;
pub mod secret;
pub mod token_response;

pub use answer::{Answer, Failure, Meaning, RawAnswer};
pub use authorization::AuthorizationRequest;
pub use callback::{Callback, CallbackFault};
pub use client::{Client, ClientAuthentication};
pub use code::CodeRequest;
pub use dpop::{Proof, PublicKey};
pub use error_response::{ErrorResponse, redact};
pub use id_token::Subject;
pub use json::Json;
pub use jwt::Jwt;
pub use logout::LogoutRequest;
pub use metadata::{Metadata, well_known};
pub use refresh::RefreshRequest;
pub use request::HttpRequest;
pub use revocation::RevocationRequest;
pub use secret::{
    AccessToken, Authorization, Body, ClientSecret, Code, Form, IdToken, RefreshToken, Verifier,
};
pub use token_response::TokenResponse;
