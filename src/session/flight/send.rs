//! From the written attempt to the answer.

use super::{Flight, Step, Then};
use crate::oauth::Meaning;
use crate::session::time::{Looks, Moment};
use crate::session::{
    AttemptId, AttemptState, Code, Effect, Ending, Engine, Error, Failure, Lock, Reason, Record,
    Reply, changes, tuning,
};

impl Engine {
    /// The attempt is written. Whoever was frozen in between must not send: it may count as lost.
    pub(super) fn send(&mut self, now: &Moment, record: &Record) {
        let Some(flight) = self.flight.as_deref_mut() else {
            return;
        };
        let in_time = flight.sent.as_ref().is_some_and(|sent| sent.in_time(now));
        let wanted = !flight.robbed && !self.closing;
        let refresh = record.lineage.as_ref().and_then(|l| l.refresh.as_ref());
        if in_time
            && wanted
            && let Some(grant) = refresh
        {
            let send = Effect::Send {
                attempt: flight.id,
                posted: flight.posts,
                refresh_token: grant.token.clone(),
                target: flight.target.clone(),
            };
            let replay = flight.replays() > 0;
            // What comes of it is waited for.
            flight.decisions = 0;
            let (step, event) = if flight.posts {
                flight.posted += 1;
                (Step::Watching, "posted")
            } else {
                (Step::Sending { aborted: false }, "sent")
            };
            flight.enter(now, step);
            self.effects.push(send);
            self.note(now, event, if replay { "a replay" } else { "" });
            return;
        }
        flight.sent = None;
        flight.restarts += 1;
        // Under another number: whoever has watched this one's lock may have given it up.
        let mut then = Then::Anew;
        if flight.restarts > tuning::SEND_RESTARTS || !wanted {
            flight.failure = Some(Error::new(Code::Storage));
            then = Then::Failed;
        }
        let mut next = record.next();
        // One that was sent before stays: its answer is lost.
        if let Some(lineage) = &mut next.lineage
            && !flight.lost.contains(&flight.id)
        {
            changes::take(lineage, flight.id);
        }
        self.save(now, next, then);
        self.note(now, "withdrawn", "too late to be sent");
    }

    /// What the request needs is there, or not to be had; that took time.
    pub(in crate::session) fn on_prepared(
        &mut self,
        now: &Moment,
        id: AttemptId,
        result: Result<(), Code>,
    ) {
        let prepares = |f: &&mut Box<Flight>| f.id == id && matches!(f.step, Step::Preparing);
        let Some(flight) = self.flight.as_mut().filter(prepares) else {
            return;
        };
        match result {
            Ok(()) => {
                flight.prepared = true;
                flight.enter(now, Step::Entering);
                self.request(Lock::FAMILY);
            }
            Err(Code::SessionEnded) => {
                if let Some(base) = &flight.base {
                    let mut next = base.next();
                    let mut ending = Ending::new(flight.lineage, Reason::StorageCleared, now.wall);
                    ending.history = self.history.last_words();
                    changes::bury(&mut next, ending);
                    self.save(now, next, Then::Again);
                }
            }
            Err(code) => self.fail(now, code),
        }
    }

    pub(in crate::session) fn on_answered(&mut self, now: &Moment, id: AttemptId, reply: Reply) {
        let Some(flight) = self.flight.as_deref_mut().filter(|f| f.id == id) else {
            return self.on_inherited(now, id, reply);
        };
        if flight.posts && !flight.listens() {
            return self.on_inherited(now, id, reply);
        }
        let awaited = flight.posts || matches!(flight.step, Step::Sending { .. });
        let Some(sent) = flight.sent.as_mut().filter(|_| awaited) else {
            return;
        };
        flight.asked_ms = 0;
        let error = match reply {
            Reply::Answer(answer) => match &answer.meaning {
                Meaning::Unavailable => {
                    flight.asked_ms = answer.raw.retry_after_ms;
                    Error::answered(&answer, &[])
                }
                Meaning::Unreadable => Error::answered(&answer, &[]),
                meaning => {
                    let good = matches!(meaning, Meaning::Tokens(_));
                    sent.attempt.state = AttemptState::Answered;
                    sent.attempt.answer = Some((answer, now.wall));
                    if good {
                        flight.unsaved = Some(Looks::from(now));
                    }
                    // Before a refusal is believed, the record is read again.
                    return if good && !flight.robbed {
                        self.decide_next(now);
                    } else {
                        self.read_again(now);
                    };
                }
            },
            Reply::Failed(failure) => Error::new(match failure {
                Failure::Network => Code::Network,
                Failure::Timeout => Code::Timeout,
            }),
        };
        self.lose(now, error);
    }

    /// The answer is lost: it is replayed at once, the first time.
    pub(super) fn lose(&mut self, now: &Moment, error: Error) {
        self.note(now, "answer-lost", error.code.as_str());
        let Some(flight) = self.flight.as_deref_mut() else {
            return;
        };
        flight.lost.push(flight.id);
        let first = flight.replays() == 0;
        if first && flight.asked_ms == 0 && self.online && !flight.robbed && !self.closing {
            self.try_anew(now);
        } else {
            flight.failure = Some(error);
            self.read_again(now);
        }
    }
}
