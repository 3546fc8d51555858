//! What `js/options.js` hands over, read by typed getters. It was checked there; what is missing
//! here nevertheless is empty.

use crate::browser::driver::Settings;
use crate::browser::json::JsJson;
use crate::oauth::{Client, ClientAuthentication, ClientSecret, Json};
use crate::session::Config;

/// The engine's part.
pub(super) fn config(options: &JsJson) -> Config {
    Config {
        issuer: required(options, "issuer"),
        automatic: flag(options, "automatic"),
        leeway_ms: number(options, "leewayMs").unwrap_or_default(),
        jitter_ms: number(options, "jitterMs").unwrap_or_default(),
        timeout_ms: number(options, "timeoutMs").unwrap_or_default(),
        grace_ms: number(options, "graceMs").unwrap_or_default(),
        refresh_lifetime_ms: number(options, "refreshLifetimeMs"),
        pause_when_hidden: flag(options, "pauseWhenHidden"),
    }
}

/// The driver's part.
pub(super) fn settings(options: &JsJson) -> Settings {
    let secret = || ClientSecret::new(required(options, "clientSecret"));
    let authentication = match text(options, "clientAuthentication").as_deref() {
        Some("client_secret_basic") => ClientAuthentication::SecretBasic(secret()),
        Some("client_secret_post") => ClientAuthentication::SecretPost(secret()),
        _ => ClientAuthentication::None,
    };
    let resource = options.get("resource").map(|it| it.items());
    let extra = options.get("extraTokenParams").map(|it| pairs(&it));
    Settings {
        key: required(options, "storageKey"),
        token_endpoint: required(options, "tokenEndpoint"),
        revocation_endpoint: text(options, "revocationEndpoint"),
        client: Client {
            id: required(options, "clientId"),
            authentication,
        },
        resource: resource.iter().flatten().filter_map(Json::as_str).collect(),
        extra: extra.unwrap_or_default(),
    }
}

fn pairs(object: &JsJson) -> Vec<(String, String)> {
    let names = object.keys().into_iter();
    let pair = |name: String| text(object, &name).map(|value| (name, value));
    names.filter_map(pair).collect()
}

/// A member's text, if it is one.
fn text(options: &JsJson, name: &str) -> Option<String> {
    options.get(name)?.as_str()
}

fn required(options: &JsJson, name: &str) -> String {
    text(options, name).unwrap_or_default()
}

fn number(options: &JsJson, name: &str) -> Option<u64> {
    Some(options.get(name)?.as_f64()? as u64)
}

fn flag(options: &JsJson, name: &str) -> bool {
    options.get(name).and_then(|it| it.as_bool()) == Some(true)
}
