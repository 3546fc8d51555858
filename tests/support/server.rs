//! An authorization server for virtual time: one family of refresh tokens, rotated as told.

use evergrant::oauth::{RefreshToken, TokenResponse};
use evergrant::session::Reply;
use evergrant::session::time::Wall;
use std::collections::{BTreeMap, BTreeSet};

use crate::json::parse;
use crate::odd::Spelling;
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
    /// How long a refresh token really lives.
    pub(crate) refresh_ms: Option<u64>,
    /// How the next good answer is spelt.
    pub(crate) spelling: Spelling,
    issued: u32,
    signed_in: u32,
    /// When each token was issued last.
    issued_at: BTreeMap<String, Wall>,
    /// How long access tokens live, where their answers said so.
    lives: BTreeMap<String, Option<u64>>,
    /// Each family's first number.
    first: BTreeMap<u32, u32>,
    /// Spent tokens that came back and were refused.
    refused_again: BTreeSet<String>,
    /// Families that were ended from outside.
    withdrawn: BTreeSet<u32>,
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
            refresh_ms: None,
            spelling: Spelling::default(),
            issued: 0,
            signed_in: 0,
            issued_at: BTreeMap::new(),
            lives: BTreeMap::new(),
            first: BTreeMap::new(),
            refused_again: BTreeSet::new(),
            withdrawn: BTreeSet::new(),
            family_of: BTreeMap::new(),
            dead: BTreeSet::new(),
            used: Vec::new(),
        }
    }
}

impl Server {
    /// The answer of a sign-in: `at0` and `rt0` the first time.
    pub(crate) fn first_tokens(&mut self, now: Wall) -> TokenResponse {
        if self.signed_in > 0 {
            self.issued += 1;
        }
        self.signed_in += 1;
        read(&self.body(self.issued, self.signed_in, now))
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
        self.withdrawn.insert(self.signed_in);
        self.dead.insert(self.signed_in);
    }

    /// Whether a spent token of this family came back and was refused.
    pub(crate) fn saw_reuse(&self, family: u32) -> bool {
        let mut refused = self.refused_again.iter();
        refused.any(|token| self.family(token) == family)
    }

    /// Whether this token came back, spent, and was refused.
    pub(crate) fn refused_again(&self, token: &str) -> bool {
        self.refused_again.contains(token)
    }

    /// Whether this family was ended from outside.
    pub(crate) fn withdrew(&self, family: u32) -> bool {
        self.withdrawn.contains(&family)
    }

    /// Whether this refresh token has outlived its life.
    pub(crate) fn expired(&self, token: &str, now: Wall) -> bool {
        let issued = self.issued_at.get(token);
        let life = self.refresh_ms.zip(issued);
        life.is_some_and(|(life, issued)| now.since(*issued) >= life)
    }

    /// Whether this refresh token would bring another pair.
    pub(crate) fn accepts(&self, token: &str, now: Wall) -> bool {
        let family = self.family(token);
        let used = self.used.iter().find(|(it, _, _)| it == token);
        let forgiven = used.is_none_or(|(_, at, _)| self.forgives(*at, now));
        !self.dead.contains(&family) && !self.expired(token, now) && forgiven
    }

    /// Whether a successor of this refresh token has been used too.
    pub(crate) fn overtaken(&self, token: &str) -> bool {
        let family = self.family(token);
        let mut used = self.used.iter().map(|(it, _, _)| it);
        // What is left of it came later; nothing, where the token itself was never used.
        used.any(|it| it == token) && used.any(|it| self.family(it) == family)
    }

    /// Whether a refresh token that is given again lives anew.
    pub(crate) fn prolongs(&self) -> bool {
        self.refresh_lifetime_s.is_some() && !self.rotates
    }

    /// How long this access token lives, as its answer said.
    pub(crate) fn life_ms(&self, token: &str) -> Option<u64> {
        self.lives.get(token).copied().flatten()
    }

    fn forgives(&self, used_at: Wall, now: Wall) -> bool {
        match self.reuse {
            Reuse::ForgivesSame { grace_ms } | Reuse::ForgivesNew { grace_ms } => {
                now.since(used_at) <= grace_ms
            }
            Reuse::Strict | Reuse::Refuses => false,
        }
    }

    /// Gives every family its life back.
    pub(crate) fn revive(&mut self) {
        self.dead.clear();
    }

    fn body(&mut self, n: u32, family: u32, now: Wall) -> String {
        let first = *self.first.entry(family).or_insert(n);
        let rt = if self.rotates { n } else { first };
        self.family_of.insert(format!("at{n}"), family);
        self.family_of.insert(format!("rt{rt}"), family);
        self.issued_at.insert(format!("at{n}"), now);
        // One that is given again lives anew only where the answer says how long.
        let anew = self.prolongs();
        let issued = self.issued_at.entry(format!("rt{rt}")).or_insert(now);
        if anew {
            *issued = now;
        }
        // Of one that is given twice, nobody knows which answer has come.
        let said = self.lifetime_s * 1_000;
        let known = self.lives.entry(format!("at{n}")).or_insert(Some(said));
        if !self.spelling.says_how_long() {
            *known = None;
        }
        let life = self.lifetime_s;
        let refresh = self
            .refresh_lifetime_s
            .map(|s| format!(r#","refresh_token_expires_in":{s}"#))
            .unwrap_or_default();
        let spelling = std::mem::take(&mut self.spelling);
        if spelling != Spelling::default() {
            return spelling.body(n, rt, life, &refresh);
        }
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
            _ if self.dead.contains(&family) || self.expired(&token, now) => None,
            (None, _) => {
                self.issued += 1;
                if self.rotates {
                    self.used.push((token, now, self.issued));
                }
                Some(self.body(self.issued, family, now))
            }
            (Some((_, at, n)), Reuse::ForgivesSame { .. }) if self.forgives(at, now) => {
                Some(self.body(n, family, now))
            }
            (Some((_, at, _)), Reuse::ForgivesNew { .. }) if self.forgives(at, now) => {
                self.issued += 1;
                Some(self.body(self.issued, family, now))
            }
            (Some(_), reuse) => {
                self.reused += 1;
                self.refused_again.insert(token);
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
