//! The record's members, each described once, for reading and for writing.

use std::sync::Arc;

use super::visitor::{Members, Tree, Visitor};
use crate::oauth::{Answer, IdToken, RawAnswer, Subject};
use crate::session::time::{UNKNOWN_MS, Wall};
use crate::session::{
    AccessGrant, Attempt, Binding, Code, Details, Ending, Entry, Error, Lineage, LineageId, Record,
    RefreshGrant, Retry, Stalled, tuning,
};

impl Members for Record {
    fn visit<T: Tree>(&mut self, v: &mut Visitor<T>) {
        v.begin(&self.extra);
        v.number("version", &mut self.version);
        v.number("seq", &mut self.seq);
        v.text("issuer", &mut self.issuer);
        v.list("ended", &mut self.ended);
        living(v, &mut self.lineage);
        v.end(&mut self.extra);
    }
}

/// The lineage's members stand beside the record's own. In a tombstone they say nothing.
fn living<T: Tree>(v: &mut Visitor<T>, it: &mut Option<Lineage>) {
    let lives = it.is_some() || v.has("lineage");
    if lives || v.reads() {
        let sound = v.if_sound(|v| it.get_or_insert_default().visit(v));
        v.require(sound || !lives);
    }
    if !lives {
        *it = None;
    }
}

impl Members for Lineage {
    fn visit<T: Tree>(&mut self, v: &mut Visitor<T>) {
        v.number("lineage", &mut self.id.0);
        v.require(self.id != LineageId::NONE);
        v.number("generation", &mut self.generation);
        v.number("received_at", &mut self.received_at.0);
        v.flag("doubt", &mut self.doubt);
        retry(v, &mut self.retry);
        let there = v.object("tokens", |v| tokens(v, self));
        v.require(there);
        v.maybe("dpop", &mut self.binding);
        v.list("attempts", &mut self.attempts);
        v.maybe("stalled", &mut self.stalled);
    }
}

fn tokens<T: Tree>(v: &mut Visitor<T>, it: &mut Lineage) {
    v.begin(&it.extra);
    v.maybe("refresh", &mut it.refresh);
    v.list("access", &mut it.access);
    let mut id_token = it.id_token.as_ref().map(|it| it.expose().to_owned());
    v.maybe_text("id_token", &mut id_token);
    it.id_token = id_token.map(IdToken::new);
    v.maybe("subject", &mut it.subject);
    v.end(&mut it.extra);
}

fn retry<T: Tree>(v: &mut Visitor<T>, it: &mut Option<Retry>) {
    let mut at = it.map_or(Wall::NEVER, |it| it.at);
    if v.maybe_number("retry_at", &mut at.0) {
        let retry = it.get_or_insert(Retry {
            at,
            after_ms: 0,
            code: Code::Server,
        });
        v.number_or(
            "retry_after_ms",
            tuning::COOLDOWN_CAP_MS,
            &mut retry.after_ms,
        );
        v.if_sound(|v| v.name("retry_code", &mut retry.code));
    }
}

impl Members for Subject {
    fn visit<T: Tree>(&mut self, v: &mut Visitor<T>) {
        v.text("iss", &mut self.issuer);
        v.text("sub", &mut self.sub);
    }
}

impl Members for Binding {
    fn visit<T: Tree>(&mut self, v: &mut Visitor<T>) {
        v.text("key", &mut self.key);
        v.maybe_text("nonce", &mut self.nonce);
    }
}

impl Members for RefreshGrant {
    fn visit<T: Tree>(&mut self, v: &mut Visitor<T>) {
        v.text("token", self.token.expose_mut());
        v.number("received_at", &mut self.received_at.0);
        v.maybe_number("lifetime_ms", &mut self.lifetime_ms);
    }
}

impl Members for AccessGrant {
    fn visit<T: Tree>(&mut self, v: &mut Visitor<T>) {
        v.text("token", self.token.expose_mut());
        v.number_or("generation", 0, &mut self.generation);
        v.maybe_text("token_type", &mut self.token_type);
        v.maybe_text("scope", &mut self.scope);
        v.number("received_at", &mut self.received_at.0);
        v.maybe_number("lifetime_ms", &mut self.lifetime_ms);
        v.maybe_text("resource", &mut self.target.resource);
        v.maybe_text("for_scope", &mut self.target.scope);
    }
}

impl Members for Attempt {
    fn visit<T: Tree>(&mut self, v: &mut Visitor<T>) {
        v.begin(&self.extra);
        v.number("id", &mut self.id.0);
        v.name("state", &mut self.state);
        v.number("sent_at", &mut self.sent_at.0);
        v.number_or("replays", 0, &mut self.replays);
        v.maybe_text("resource", &mut self.target.resource);
        v.maybe_text("scope", &mut self.target.scope);
        answer(v, &mut self.answer);
        v.end(&mut self.extra);
    }
}

/// An answer whose time is unknown is none: nobody could tell how long its tokens live.
fn answer<T: Tree>(v: &mut Visitor<T>, it: &mut Option<(Arc<Answer>, Wall)>) {
    let (mut raw, mut at) = match it {
        Some((answer, at)) => (answer.raw.clone(), *at),
        None => (RawAnswer::default(), Wall::NEVER),
    };
    if v.maybe_number("answered_at", &mut at.0) && v.object("answer", |v| raw.visit(v)) && v.reads()
    {
        // What it means is not stored: it is judged again, by the time at which it came.
        *it = Some((Arc::new(Answer::read::<T>(raw)), at));
    }
}

impl Members for RawAnswer {
    fn visit<T: Tree>(&mut self, v: &mut Visitor<T>) {
        let mut status = self.status.into();
        v.number("status", &mut status);
        let status = u16::try_from(status);
        v.require(status.is_ok());
        self.status = status.unwrap_or_default();
        v.text("body", self.body.expose_mut());
        v.number_or("retry_after_ms", 0, &mut self.retry_after_ms);
        v.maybe_text("dpop_nonce", &mut self.dpop_nonce);
    }
}

impl Members for Stalled {
    fn visit<T: Tree>(&mut self, v: &mut Visitor<T>) {
        let there = v.object("error", |v| self.error.visit(v));
        v.require(there);
        v.number("at", &mut self.at.0);
        v.number_or("tries", 1, &mut self.tries);
    }
}

impl Members for Error {
    fn visit<T: Tree>(&mut self, v: &mut Visitor<T>) {
        let mut it = Details::clone(self);
        v.name("code", &mut it.code);
        v.maybe_text("oauth_error", &mut it.oauth_error);
        v.maybe_text("description", &mut it.description);
        let mut status = it.status.map_or(UNKNOWN_MS, u64::from);
        v.maybe_number("status", &mut status);
        it.status = u16::try_from(status).ok();
        *self = it.into();
    }
}

impl Members for Ending {
    fn visit<T: Tree>(&mut self, v: &mut Visitor<T>) {
        v.number("lineage", &mut self.lineage.0);
        v.name("reason", &mut self.reason);
        v.flag("replaced", &mut self.replaced);
        v.number("at", &mut self.at.0);
        // An end is an end, whether or not its error can be read.
        if !v.if_sound(|v| v.maybe("error", &mut self.error)) {
            self.error = None;
        }
        v.list("history", &mut self.history);
    }
}

impl Members for Entry {
    fn visit<T: Tree>(&mut self, v: &mut Visitor<T>) {
        v.number("at", &mut self.at.0);
        v.text("event", &mut self.event);
        v.if_sound(|v| v.text("detail", &mut self.detail));
    }
}
