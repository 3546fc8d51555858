//! The authorization server: grants, their refresh tokens, and what became of each.

use evergrant::oauth::{Answer, Body, RawAnswer, RefreshToken, TokenResponse};

use crate::json::{TestJson, parse};
use crate::world::LIFE_S;

/// What the server does with a refresh token that was used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reuse {
    /// Refuses it and ends the grant.
    Strict,
    /// Refuses it, and the grant lives on.
    Refuses,
    /// Gives another pair, as often as it is asked.
    Forgives,
    /// Gives the same pair again, until that is used.
    Repeats,
    /// Never rotates: each answer brings an access token alone.
    Keeps,
}

/// The server. Tokens are numbers, in the order they were issued, whatever grant they are of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Server {
    reuse: Reuse,
    tokens: Vec<Issued>,
    grants: Vec<Grant>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Issued {
    grant: usize,
    /// The latest token it was exchanged for.
    successor: Option<usize>,
    /// Its access token is the other resource's.
    other: bool,
}

/// One sign-in, as the server sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Grant {
    /// No token of it is good any more.
    pub(crate) ended: bool,
    /// A spent token of it came back.
    pub(crate) reused: bool,
    /// The server ended it of its own accord.
    pub(crate) withdrawn: bool,
}

/// What the server says to a refresh request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Outcome {
    /// A new pair, of this number.
    Tokens(usize),
    /// A new access token of this number.
    Access(usize),
    /// `invalid_grant`.
    Refused,
}

impl Server {
    pub(crate) fn new(reuse: Reuse) -> Self {
        Self {
            reuse,
            tokens: Vec::new(),
            grants: Vec::new(),
        }
    }

    /// A user signs in: a new grant's first pair.
    pub(crate) fn sign_in(&mut self) -> TokenResponse {
        self.grants.push(Grant::default());
        let first = self.issue(self.grants.len() - 1, false);
        parse(&body(first))
            .and_then(|json| TokenResponse::read(&json))
            .expect("the server's answer is an answer")
    }

    /// A refresh request arrives.
    pub(crate) fn act(&mut self, token: usize, other: bool) -> Outcome {
        let Issued {
            grant, successor, ..
        } = self.tokens[token];
        if successor.is_some() {
            self.grants[grant].reused = true;
            self.grants[grant].ended |= self.reuse == Reuse::Strict;
        }
        if !self.accepts(token) {
            return Outcome::Refused;
        }
        match (self.reuse, successor) {
            (Reuse::Repeats, Some(same)) => Outcome::Tokens(same),
            (Reuse::Keeps, _) => Outcome::Access(self.issue(grant, other)),
            _ => {
                let next = self.issue(grant, other);
                self.tokens[token].successor = Some(next);
                Outcome::Tokens(next)
            }
        }
    }

    /// A revocation arrives (RFC 7009). Of a spent token the server knows nothing any more.
    pub(crate) fn revoke(&mut self, token: usize) {
        if self.tokens[token].successor.is_none() {
            self.grants[self.tokens[token].grant].ended = true;
        }
    }

    /// The server ends the newest grant of its own accord.
    pub(crate) fn withdraw(&mut self) {
        if let Some(grant) = self.grants.last_mut() {
            grant.ended = true;
            grant.withdrawn = true;
        }
    }

    /// Whether `token` would bring a new pair now.
    pub(crate) fn accepts(&self, token: usize) -> bool {
        let issued = &self.tokens[token];
        let fresh = match (self.reuse, issued.successor) {
            (_, None) | (Reuse::Forgives, _) => true,
            (Reuse::Repeats, Some(same)) => self.tokens[same].successor.is_none(),
            _ => false,
        };
        fresh && !self.grants[issued.grant].ended
    }

    /// Whether this answer brings a token with which the session goes on.
    pub(crate) fn is_good(&self, outcome: Outcome) -> bool {
        match outcome {
            Outcome::Tokens(number) => self.accepts(number),
            Outcome::Access(number) => !self.grants[self.tokens[number].grant].ended,
            Outcome::Refused => false,
        }
    }

    /// Whether a request with `token` would come later than a whole generation: no client can know
    /// what it does then. One that changes nothing is none to wait for, either.
    pub(crate) fn too_late(&self, token: usize) -> bool {
        if self.reuse == Reuse::Keeps {
            return true;
        }
        let successor = self.tokens[token].successor;
        successor.is_some_and(|s| self.tokens[s].successor.is_some())
    }

    /// The grant of `token`.
    pub(crate) fn grant_of(&self, token: usize) -> usize {
        self.tokens[token].grant
    }

    /// Whether the access token of this number is the other resource's.
    pub(crate) fn is_other(&self, number: usize) -> bool {
        self.tokens[number].other
    }

    /// How many pairs it has issued.
    pub(crate) fn issued(&self) -> usize {
        self.tokens.len()
    }

    pub(crate) fn grants(&self) -> &[Grant] {
        &self.grants
    }

    fn issue(&mut self, grant: usize, other: bool) -> usize {
        self.tokens.push(Issued {
            grant,
            successor: None,
            other,
        });
        self.tokens.len() - 1
    }
}

impl Outcome {
    /// The answer on the wire, as a tab receives it.
    pub(crate) fn answer(self) -> Answer {
        let (status, text) = match self {
            Self::Tokens(number) => (200, body(number)),
            Self::Access(number) => {
                let spare = format!(r#","refresh_token":"rt{number}""#);
                (200, body(number).replace(&(spare + "\""), ""))
            }
            Self::Refused => (400, r#"{"error":"invalid_grant"}"#.into()),
        };
        let raw = RawAnswer {
            status,
            body: Body::new(text),
            ..RawAnswer::default()
        };
        Answer::read::<TestJson>(raw)
    }
}

fn body(number: usize) -> String {
    format!(
        r#"{{"access_token":"at{number}","token_type":"Bearer","expires_in":{LIFE_S},"refresh_token":"rt{number}"}}"#
    )
}

/// The number of a refresh token.
pub(crate) fn number(token: &RefreshToken) -> usize {
    number_of(token.expose())
}

/// The number of a token of either kind, by its text.
pub(crate) fn number_of(text: &str) -> usize {
    text[2..].parse().expect("the server's tokens are numbered")
}
