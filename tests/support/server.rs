//! An authorization server for virtual time: one family of refresh tokens, rotated as told.

use evergrant::oauth::{RefreshToken, TokenResponse};
use evergrant::session::Reply;
use evergrant::session::time::Wall;
use std::collections::{BTreeMap, BTreeSet};

use crate::json::parse;
use crate::world::{Request, reply};

/// What the server does with a refresh token that was used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reuse {
    /// Refuses it and kills the family.
    Strict,
    /// Refuses it, and the family lives on.
    Refuses,
    /// Gives the same pair once more while its grace lasts, then kills the family.
    ForgivesSame { grace_ms: u64 },
    /// Gives a new pair while its grace lasts, then kills the family.
    ForgivesNew { grace_ms: u64 },
}

/// The server.
pub(crate) struct Server {
    pub(crate) reuse: Reuse,
    /// Whether a refresh brings a new refresh token.
    pub(crate) rotates: bool,
    pub(crate) lifetime_s: u64,
    /// `refresh_token_expires_in`, where it says so.
    pub(crate) refresh_lifetime_s: Option<u64>,
    /// Answers given instead of its own, without acting.
    pub(crate) instead: Vec<Reply>,
    /// Refresh tokens seen, in order.
    pub(crate) seen: Vec<String>,
    /// How often a token came back that had been used up.
    pub(crate) reused: u32,
    issued: u32,
    signed_in: u32,
    family_of: BTreeMap<String, u32>,
    dead: BTreeSet<u32>,
    used: Vec<(String, Wall, u32)>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            reuse: Reuse::Strict,
            rotates: true,
            lifetime_s: 60,
            refresh_lifetime_s: None,
            instead: Vec::new(),
            seen: Vec::new(),
            reused: 0,
            issued: 0,
            signed_in: 0,
            family_of: BTreeMap::new(),
            dead: BTreeSet::new(),
            used: Vec::new(),
        }
    }
}

impl Server {
    /// The answer of a sign-in: `at0` and `rt0` the first time.
    pub(crate) fn first_tokens(&mut self) -> TokenResponse {
        if self.signed_in > 0 {
            self.issued += 1;
        }
        self.signed_in += 1;
        read(&self.body(self.issued, self.signed_in))
    }

    /// The family of a token it has issued.
    pub(crate) fn family(&self, token: &str) -> u32 {
        self.family_of.get(token).copied().unwrap_or_default()
    }

    /// Whether the newest family lives.
    pub(crate) fn alive(&self) -> bool {
        !self.dead.contains(&self.signed_in)
    }

    /// Ends the newest family.
    pub(crate) fn kill(&mut self) {
        self.dead.insert(self.signed_in);
    }

    /// Gives every family its life back.
    pub(crate) fn revive(&mut self) {
        self.dead.clear();
    }

    fn body(&mut self, n: u32, family: u32) -> String {
        let rt = if self.rotates { n } else { 0 };
        self.family_of.insert(format!("at{n}"), family);
        self.family_of.insert(format!("rt{rt}"), family);
        let life = self.lifetime_s;
        let refresh = self
            .refresh_lifetime_s
            .map(|s| format!(r#","refresh_token_expires_in":{s}"#))
            .unwrap_or_default();
        format!(
            r#"{{"access_token":"at{n}","token_type":"Bearer","expires_in":{life},"refresh_token":"rt{rt}"{refresh}}}"#
        )
    }

    /// A refresh request arrives.
    pub(crate) fn act(&mut self, request: &Request, now: Wall) -> Reply {
        let token = request.token.expose().to_owned();
        self.seen.push(token.clone());
        if !self.instead.is_empty() {
            return self.instead.remove(0);
        }
        let family = self.family(&token);
        let used = self.used.iter().find(|(t, _, _)| *t == token).cloned();
        let body = match (used, self.reuse) {
            _ if self.dead.contains(&family) => None,
            (None, _) => {
                self.issued += 1;
                if self.rotates {
                    self.used.push((token, now, self.issued));
                }
                Some(self.body(self.issued, family))
            }
            (Some((_, at, n)), Reuse::ForgivesSame { grace_ms }) if now.since(at) <= grace_ms => {
                Some(self.body(n, family))
            }
            (Some((_, at, _)), Reuse::ForgivesNew { grace_ms }) if now.since(at) <= grace_ms => {
                self.issued += 1;
                Some(self.body(self.issued, family))
            }
            (Some(_), reuse) => {
                self.reused += 1;
                if reuse != Reuse::Refuses {
                    self.dead.insert(family);
                }
                None
            }
        };
        if let Some(body) = body {
            return reply(200, &body);
        }
        reply(400, r#"{"error":"invalid_grant"}"#)
    }

    pub(crate) fn revoke(&mut self, token: &RefreshToken) {
        let family = self.family(token.expose());
        self.dead.insert(family);
    }
}

/// Tokens as a test needs them.
pub(crate) fn read(body: &str) -> TokenResponse {
    parse(body)
        .and_then(|json| TokenResponse::read(&json))
        .expect("the test's tokens are tokens")
}
