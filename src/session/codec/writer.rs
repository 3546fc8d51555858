//! From the record to text.

use crate::oauth::RawAnswer;
use crate::session::time::UNKNOWN_MS;
use crate::session::{
    AccessGrant, Attempt, Ending, Error, Extra, Lineage, Record, RefreshGrant, Stalled,
};

/// Text under construction: an object whose members are added one by one.
struct Object {
    text: String,
}

impl Object {
    fn new() -> Self {
        Self {
            text: String::from("{"),
        }
    }

    fn name(&mut self, name: &str) {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        quote(&mut self.text, name);
        self.text.push(':');
    }

    fn raw(&mut self, name: &str, json: &str) {
        self.name(name);
        self.text.push_str(json);
    }

    fn number(&mut self, name: &str, value: u64) {
        self.name(name);
        digits(&mut self.text, value);
    }

    fn flag(&mut self, name: &str, value: bool) {
        self.raw(name, if value { "true" } else { "false" });
    }

    fn string(&mut self, name: &str, value: &str) {
        self.name(name);
        quote(&mut self.text, value);
    }

    fn maybe_number(&mut self, name: &str, value: Option<u64>) {
        if let Some(value) = value {
            self.number(name, value);
        }
    }

    fn maybe_string(&mut self, name: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.string(name, value);
        }
    }

    fn list<T>(&mut self, name: &str, items: &[T], write: impl Fn(&T) -> String) {
        self.name(name);
        self.text.push('[');
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.text.push(',');
            }
            self.text.push_str(&write(item));
        }
        self.text.push(']');
    }

    fn extra(&mut self, extra: &Extra) {
        for (name, json) in extra {
            self.raw(name, json);
        }
    }

    fn done(mut self) -> String {
        self.text.push('}');
        self.text
    }
}

/// Decimal digits. Our own, because the standard library's bring its whole formatting along.
fn digits(text: &mut String, value: u64) {
    if value > 9 {
        digits(text, value / 10);
    }
    text.push(char::from(b'0' + (value % 10) as u8));
}

/// A JSON string (RFC 8259 §7).
fn quote(text: &mut String, value: &str) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            c if c < ' ' => {
                const HEX: [char; 16] = [
                    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
                ];
                let code = c as usize;
                text.push_str("\\u00");
                text.extend(HEX.get(code >> 4));
                text.extend(HEX.get(code & 15));
            }
            c => text.push(c),
        }
    }
    text.push('"');
}

pub(super) fn record(record: &Record) -> String {
    let mut o = Object::new();
    o.number("version", u64::from(record.version));
    o.number("seq", record.seq);
    o.string("issuer", &record.issuer);
    if let Some(lineage) = &record.lineage {
        members_of(&mut o, lineage);
    }
    o.list("ended", &record.ended, ending);
    o.extra(&record.extra);
    o.done()
}

fn members_of(o: &mut Object, lineage: &Lineage) {
    o.number("lineage", lineage.id.0);
    o.number("generation", lineage.generation);
    o.number("received_at", lineage.received_at.0);
    o.flag("doubt", lineage.doubt);
    if let Some(retry) = &lineage.retry {
        o.number("retry_at", retry.at.0);
        o.number("retry_after_ms", retry.after_ms);
        o.string("retry_code", retry.code.as_str());
    }
    o.raw("tokens", &tokens(lineage));
    o.list("attempts", &lineage.attempts, attempt);
    if let Some(value) = &lineage.stalled {
        o.raw("stalled", &stalled(value));
    }
}

fn tokens(lineage: &Lineage) -> String {
    let mut o = Object::new();
    if let Some(grant) = &lineage.refresh {
        o.raw("refresh", &refresh(grant));
    }
    o.list("access", &lineage.access, access);
    if let Some(token) = &lineage.id_token {
        o.string("id_token", token.expose());
    }
    o.extra(&lineage.extra);
    o.done()
}

fn refresh(grant: &RefreshGrant) -> String {
    let mut o = Object::new();
    o.string("token", grant.token.expose());
    o.number("received_at", grant.received_at.0);
    o.maybe_number(
        "lifetime_ms",
        Some(grant.lifetime_ms).filter(|ms| *ms != UNKNOWN_MS),
    );
    o.done()
}

fn access(grant: &AccessGrant) -> String {
    let mut o = Object::new();
    o.string("token", grant.token.expose());
    o.number("generation", grant.generation);
    o.maybe_string("token_type", grant.token_type.as_ref());
    o.maybe_string("scope", grant.scope.as_ref());
    o.number("received_at", grant.received_at.0);
    o.maybe_number(
        "lifetime_ms",
        Some(grant.lifetime_ms).filter(|ms| *ms != UNKNOWN_MS),
    );
    o.maybe_string("resource", grant.target.resource.as_ref());
    o.maybe_string("for_scope", grant.target.scope.as_ref());
    o.done()
}

fn attempt(attempt: &Attempt) -> String {
    let mut o = Object::new();
    o.number("id", attempt.id.0);
    o.string("state", attempt.state.as_str());
    o.number("sent_at", attempt.sent_at.0);
    o.number("replays", u64::from(attempt.replays));
    o.maybe_string("resource", attempt.target.resource.as_ref());
    o.maybe_string("scope", attempt.target.scope.as_ref());
    if let Some((value, at)) = &attempt.answer {
        o.raw("answer", &answer(&value.raw));
        o.number("answered_at", at.0);
    }
    o.extra(&attempt.extra);
    o.done()
}

fn answer(raw: &RawAnswer) -> String {
    let mut o = Object::new();
    o.number("status", u64::from(raw.status));
    o.string("body", raw.body.expose());
    o.number("retry_after_ms", raw.retry_after_ms);
    o.done()
}

fn stalled(stalled: &Stalled) -> String {
    let mut o = Object::new();
    o.raw("error", &error(&stalled.error));
    o.number("at", stalled.at.0);
    o.number("tries", u64::from(stalled.tries));
    o.done()
}

fn error(error: &Error) -> String {
    let mut o = Object::new();
    o.string("code", error.code.as_str());
    let refusal = error.refusal.as_ref();
    o.maybe_string("oauth_error", refusal.and_then(|r| r.error.as_ref()));
    o.maybe_string("description", refusal.and_then(|r| r.description.as_ref()));
    o.maybe_number("status", error.status.map(u64::from));
    o.done()
}

fn ending(ending: &Ending) -> String {
    let mut o = Object::new();
    o.number("lineage", ending.lineage.0);
    o.string("reason", ending.reason.as_str());
    o.flag("replaced", ending.replaced);
    o.number("at", ending.at.0);
    if let Some(value) = &ending.error {
        o.raw("error", &error(value));
    }
    o.list("history", &ending.history, |entry| {
        let mut o = Object::new();
        o.number("at", entry.at.0);
        o.string("event", &entry.event);
        o.string("detail", &entry.detail);
        o.done()
    });
    o.done()
}
