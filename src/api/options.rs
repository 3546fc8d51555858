//! What `js/options.js` hands over. It was checked there; what is missing here nevertheless is
//! empty.

use crate::browser::driver::Settings;
use crate::browser::json::JsJson;
use crate::oauth::{ClientAuthentication, Json};
use crate::session::Config;
use crate::session::codec::{Named, Tree, Visitor};
use crate::session::time::UNKNOWN_MS;

/// The engine's part and the driver's; `options` are used up.
pub(super) fn read(mut options: JsJson) -> (Config, Settings) {
    let (mut config, mut settings) = (Config::default(), Settings::default());
    let mut resources = options.take(Some("resource"));
    while let Some(resource) = next(&mut resources) {
        settings.resource.push(resource);
    }
    let mut extra = options.take(Some("extraTokenParams"));
    while let (Some(name), Some(value)) = (next(&mut extra), next(&mut extra)) {
        settings.extra.push((name, value));
    }

    let mut v = Visitor::reading(options);
    v.text("tokenEndpoint", &mut settings.token_endpoint);
    v.maybe_text("revocationEndpoint", &mut settings.revocation_endpoint);
    v.text("clientId", &mut settings.client.id);
    v.name("clientAuthentication", &mut settings.client.authentication);
    v.text("clientSecret", settings.client.secret.expose_mut());

    config.client_secret = settings.client.secret.clone();
    v.text("issuer", &mut config.issuer);
    v.flag("automatic", &mut config.automatic);
    v.number_or("leewayMs", 0, &mut config.leeway_ms);
    v.number_or("jitterMs", 0, &mut config.jitter_ms);
    v.number_or("timeoutMs", 0, &mut config.timeout_ms);
    v.number_or("graceMs", 0, &mut config.grace_ms);
    let mut lifetime_ms = UNKNOWN_MS;
    let known = v.maybe_number("refreshLifetimeMs", &mut lifetime_ms);
    config.refresh_lifetime_ms = known.then_some(lifetime_ms);
    v.flag("pauseWhenHidden", &mut config.pause_when_hidden);
    (config, settings)
}

impl Named for ClientAuthentication {
    const ALL: &'static [Self] = &[Self::None, Self::SecretBasic, Self::SecretPost];
    const NAMES: &'static [&'static str] = &["none", "client_secret_basic", "client_secret_post"];

    fn at(self) -> usize {
        self as usize
    }
}

fn next(texts: &mut JsJson) -> Option<String> {
    texts.take(None).as_str()
}
