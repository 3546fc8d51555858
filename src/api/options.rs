//! What `js/options.js` hands over, in its order. It was checked there; what is missing here
//! nevertheless is empty.

use crate::browser::driver::Settings;
use crate::browser::json::JsJson;
use crate::oauth::{ClientAuthentication, ClientSecret, Json};
use crate::session::Config;
use crate::session::codec::Tree;

/// The engine's part and the driver's; `options` are used up.
pub(super) fn read(mut options: JsJson) -> (Config, Settings) {
    let (mut config, mut settings) = (Config::default(), Settings::default());
    settings.token_endpoint = text(&mut options).unwrap_or_default();
    settings.revocation_endpoint = text(&mut options);
    settings.client.id = text(&mut options).unwrap_or_default();
    settings.client.authentication = match text(&mut options).as_deref() {
        Some("client_secret_basic") => ClientAuthentication::SecretBasic,
        Some("client_secret_post") => ClientAuthentication::SecretPost,
        _ => ClientAuthentication::None,
    };
    settings.client.secret = ClientSecret::new(text(&mut options).unwrap_or_default());
    let mut resources = options.take(None);
    while let Some(resource) = text(&mut resources) {
        settings.resource.push(resource);
    }
    let mut extra = options.take(None);
    while let (Some(name), Some(value)) = (text(&mut extra), text(&mut extra)) {
        settings.extra.push((name, value));
    }

    config.client_secret = settings.client.secret.clone();
    config.issuer = text(&mut options).unwrap_or_default();
    config.automatic = options.take(None).is_true();
    config.leeway_ms = number(&mut options).unwrap_or_default();
    config.jitter_ms = number(&mut options).unwrap_or_default();
    config.timeout_ms = number(&mut options).unwrap_or_default();
    config.grace_ms = number(&mut options).unwrap_or_default();
    config.refresh_lifetime_ms = number(&mut options);
    config.pause_when_hidden = options.take(None).is_true();
    (config, settings)
}

fn text(list: &mut JsJson) -> Option<String> {
    list.take(None).as_str()
}

fn number(list: &mut JsJson) -> Option<u64> {
    let number = list.take(None).as_f64();
    (number >= 0.0).then_some(number as u64)
}
