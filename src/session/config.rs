//! What the application has asked for, checked and in milliseconds.

use super::record::Lineage;
use crate::oauth::ClientSecret;

/// The engine's settings for one session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Config {
    /// The issuer identifier, or, without one, the origin of the token endpoint: a record of another
    /// one is never sent here.
    pub issuer: String,
    /// The client's secret, which the server may quote; empty where it has none.
    pub client_secret: ClientSecret,
    /// Whether to refresh ahead of expiry without being asked.
    pub automatic: bool,
    /// How long before expiry to refresh; at most a fifth of a token's life.
    pub leeway_ms: u64,
    /// How much of that lead is random, at most.
    pub jitter_ms: u64,
    /// A token request's bound, headers and body.
    pub timeout_ms: u64,
    /// For how long the server promises to forgive the reuse of a rotated token.
    pub grace_ms: u64,
    /// How long a refresh token lives where the server does not say.
    pub refresh_lifetime_ms: Option<u64>,
    /// Whether the token endpoint is not known yet when the first refresh begins.
    pub discovers: bool,
    /// Whether a hidden page leaves automatic refreshing to others.
    pub pause_when_hidden: bool,
}

impl Config {
    /// What a server may quote of what it was sent.
    pub(super) fn secrets<'a>(&'a self, lineage: &'a Lineage) -> [&'a str; 2] {
        [lineage.secret(), self.client_secret.expose()]
    }

    /// How long a token that lives `life_ms` must live on to be handed out, where the caller did
    /// not say: never so long that calls would refresh before the schedule does.
    #[must_use]
    pub fn validity_ms(&self, life_ms: u64) -> u64 {
        super::tuning::MIN_VALIDITY_MS
            .min(self.leeway_ms)
            .min(life_ms / 5)
    }

    /// The whole time another sender's attempt may take before it counts as lost.
    #[must_use]
    pub fn attempt_bound_ms(&self) -> u64 {
        super::tuning::SEND_WINDOW_MS + self.timeout_ms + super::tuning::ATTEMPT_SLACK_MS
    }

    /// The whole time a holder of the family lock may stand still, before a tab that has no living
    /// token takes it: longer than two requests.
    #[must_use]
    pub fn hold_bound_ms(&self) -> u64 {
        self.attempt_bound_ms() + self.timeout_ms.max(super::tuning::LAST_CHANCE_MS * 2)
    }

    /// The whole time a caller waits for a token before it gets `timeout`: a lost answer's bound, its
    /// replay, and the last chance between them.
    #[must_use]
    pub fn patience_ms(&self) -> u64 {
        2 * self.attempt_bound_ms() + super::tuning::LAST_CHANCE_MS
    }
}
