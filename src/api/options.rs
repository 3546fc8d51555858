//! What `js/options.js` hands over, in its order. It was checked there; what is missing here
//! nevertheless is empty.

use super::facts::Facts;
use crate::browser::driver::Settings;
use crate::oauth::{ClientAuthentication, ClientSecret};
use crate::session::Config;

/// The engine's part and the driver's.
pub(super) fn read(mut options: Facts) -> (Config, Settings) {
    let (mut config, mut settings) = (Config::default(), Settings::default());
    settings.token_endpoint = options.text();
    settings.revocation_endpoint = options.text();
    settings.client.id = options.text();
    settings.client.authentication = match options.text().as_str() {
        "client_secret_basic" => ClientAuthentication::SecretBasic,
        "client_secret_post" => ClientAuthentication::SecretPost,
        _ => ClientAuthentication::None,
    };
    settings.client.secret = ClientSecret::new(options.text());
    settings.resource = options.list().texts();
    settings.extra = options.list().pairs();

    config.client_secret = settings.client.secret.clone();
    config.discovers = settings.token_endpoint.is_empty();
    config.issuer = options.text();
    config.automatic = options.flag();
    config.leeway_ms = options.number().unwrap_or_default();
    config.jitter_ms = options.number().unwrap_or_default();
    config.timeout_ms = options.number().unwrap_or_default();
    config.grace_ms = options.number().unwrap_or_default();
    config.refresh_lifetime_ms = options.number();
    config.pause_when_hidden = options.flag();
    (config, settings)
}
