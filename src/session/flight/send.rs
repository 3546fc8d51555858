//! From the written attempt to the answer.

use super::{Step, Then, Written, attempt_id};
use crate::oauth::Meaning;
use crate::session::time::{Looks, Moment};
use crate::session::{
    AttemptId, By, Code, Effect, Engine, Error, Failure, Lock, Record, Reply, changes, tuning,
};
use std::sync::Arc;

impl Engine {
    /// The attempt is written. Whoever was frozen in between must not send: it may count as lost.
    pub(super) fn marked(&mut self, now: &Moment, record: Arc<Record>, (wall, mono): Written) {
        let closing = self.closing;
        let Some(flight) = &mut self.flight else {
            return;
        };
        flight.base = Some(record.clone());
        let in_time = now.wall >= wall
            && now.wall.since(wall) <= tuning::SEND_WINDOW_MS
            && now.mono.since(mono) <= tuning::SEND_WINDOW_MS;
        let token = record
            .lineage
            .as_ref()
            .and_then(|l| l.refresh.as_ref())
            .map(|r| r.token.clone());
        match token {
            Some(refresh_token) if in_time && !flight.robbed && !closing => {
                flight.step = Step::Sending { aborted: false };
                flight.looks = Looks::from(now);
                let replay = flight.sent.as_ref().is_some_and(|(a, _)| a.replays > 0);
                let send = Effect::Send {
                    attempt: flight.id,
                    refresh_token,
                    target: flight.target.clone(),
                };
                self.effects.push(send);
                self.note(now, "sent", if replay { "a replay" } else { "" });
            }
            _ => {
                let id = flight.id;
                flight.sent = None;
                flight.restarts += 1;
                let then = if flight.restarts > tuning::SEND_RESTARTS || flight.robbed || closing {
                    Then::Failed(Error::new(Code::Storage))
                } else {
                    Then::Again
                };
                let next = changes::withdraw(&record, id);
                self.save(now, next, then);
                self.note(now, "withdrawn", "too late to be sent");
            }
        }
        self.observe(now, Some(record), By::ThisTab);
    }

    pub(in crate::session) fn on_answered(&mut self, now: &Moment, id: AttemptId, reply: Reply) {
        let online = self.online;
        let Some(flight) = self.flight.as_mut().filter(|f| f.id == id) else {
            return;
        };
        if !matches!(flight.step, Step::Sending { .. }) {
            return;
        }
        let (error, asked) = match reply {
            Reply::Answer(answer) => match &answer.meaning {
                Meaning::Tokens(_) => {
                    flight.answer = Some((answer, now.wall));
                    flight.unsaved = Some(Looks::from(now));
                    return if flight.robbed {
                        self.read_again(now);
                    } else {
                        self.decide_next(now);
                    };
                }
                // Before a refusal is believed, the record is read again.
                Meaning::Refused(_) | Meaning::RateLimited { .. } => {
                    flight.answer = Some((answer, now.wall));
                    return self.read_again(now);
                }
                Meaning::Unavailable {
                    retry_after_ms,
                    status,
                } => (Error::status(Code::Server, *status), *retry_after_ms),
                Meaning::Unreadable { status } => (Error::status(Code::BadResponse, *status), 0),
            },
            Reply::Failed(Failure::Network) => (Error::new(Code::Network), 0),
            Reply::Failed(Failure::Timeout) => (Error::new(Code::Timeout), 0),
        };
        let first = flight.sent.as_ref().is_some_and(|(a, _)| a.replays == 0);
        let replay = first && asked == 0 && online && !flight.robbed && !self.closing;
        flight.lost.push(id);
        if replay {
            flight.id = attempt_id(now);
            flight.sent = None;
            flight.own_held = false;
            flight.step = Step::Entering;
            flight.looks = Looks::from(now);
            let next = Effect::Request(Lock::Attempt(flight.id));
            self.release(Lock::Attempt(id));
            self.effects.push(next);
        } else {
            flight.failure = Some((error.clone(), asked));
            self.read_again(now);
        }
        self.note(now, "answer-lost", error.code.as_str());
    }
}
