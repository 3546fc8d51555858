//! The client and how it proves to the server who it is (RFC 6749 §2).

use super::secret::ClientSecret;

/// How a client authenticates at the token and the revocation endpoint. The names are those of
/// the registry that RFC 7591 §2 opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ClientAuthentication {
    /// `none`: a public client, which only says its name.
    #[default]
    None,
    /// `client_secret_basic`: HTTP Basic (RFC 6749 §2.3.1).
    SecretBasic,
    /// `client_secret_post`: the secret in the form (RFC 6749 §2.3.1).
    SecretPost,
}

/// A client as it was registered with the authorization server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Client {
    /// The client identifier (RFC 6749 §2.2).
    pub id: String,
    /// How it authenticates.
    pub authentication: ClientAuthentication,
    /// Its secret; empty where it has none.
    pub secret: ClientSecret,
}
