//! What a decision means for the flight.

use super::{Step, Then};
use crate::oauth::Meaning;
use crate::session::changes::{self, End};
use crate::session::decide::{Facts, Verdict, decide};
use crate::session::schedule::backoff_ms;
use crate::session::time::{Looks, Moment};
use crate::session::{
    Attempt, AttemptId, AttemptState, Code, Durability, Effect, Engine, Error, Lineage, Lock,
    Reason, Record, Retry, tuning,
};
use std::sync::Arc;

impl Engine {
    /// Decides on the record in hand, and does it.
    pub(super) fn decide_next(&mut self, now: &Moment) {
        let Some((record, verdict)) = self.verdict(now) else {
            return;
        };
        let Some(flight) = &mut self.flight else {
            return;
        };
        flight.decisions = flight.decisions.saturating_add(1);
        if flight.decisions > tuning::SWAPS {
            return self.fail(now, Error::new(Code::Storage));
        }
        match verdict {
            Verdict::Mark { .. } | Verdict::Leave(_) | Verdict::Postpone
                if flight.failure.is_some() =>
            {
                self.back_off(now, &record);
            }
            Verdict::Leave(error) => self.land(now, error),
            Verdict::Postpone => {
                self.view.postpone();
                self.note(
                    now,
                    "postponed",
                    "the lost answer is past the server's grace",
                );
                self.land(now, None);
            }
            Verdict::Look => self.look_at_locks(&record),
            Verdict::Yield(error) => self.fail(now, error),
            Verdict::Watch => {
                flight.step = Step::Watching;
                flight.decisions = 0;
            }
            Verdict::Mark { evict, replays } => self.mark(now, &record, evict, replays),
            verdict => {
                if let Some((next, then)) = self.change(now, &record, verdict) {
                    self.save(now, next, then);
                }
            }
        }
    }

    /// The next record that a verdict asks for, and what follows its writing.
    fn change(
        &mut self,
        now: &Moment,
        record: &Record,
        verdict: Verdict,
    ) -> Option<(Arc<Record>, Then)> {
        let failures = self.failures;
        let flight = self.flight.as_mut()?;
        Some(match verdict {
            Verdict::Commit(id) => {
                flight.unsaved.get_or_insert_with(|| Looks::from(now));
                (changes::commit(record, id, &self.config)?, Then::Done)
            }
            Verdict::Withdraw(id) => (changes::withdraw(record, id), Then::Again),
            Verdict::CoolDown(id, asked, error) => {
                pause(now, record, Some(id), failures, (error, asked))
            }
            Verdict::Stall(id, error) => {
                let next = changes::stall(record, id, error.clone(), now.wall);
                (next, Then::Failed(error))
            }
            Verdict::Deny(id, error) => (changes::withdraw(record, id), Then::Failed(error)),
            Verdict::Refuse => (changes::refuse(record), Then::Again),
            Verdict::End(reason, error) => {
                let end = End {
                    lineage: flight.lineage,
                    reason,
                    error,
                    history: self.history.last_words(),
                    after: 0,
                };
                (
                    changes::end(Some(record), end, &self.config, now),
                    Then::Again,
                )
            }
            Verdict::Leave(_)
            | Verdict::Postpone
            | Verdict::Look
            | Verdict::Watch
            | Verdict::Yield(_)
            | Verdict::Mark { .. } => return None,
        })
    }

    /// Our request was lost, and is not sent again at once: no tab sends for a while.
    fn back_off(&mut self, now: &Moment, record: &Record) {
        let Some(flight) = &mut self.flight else {
            return;
        };
        if let Some(failure) = flight.failure.take() {
            let failures = flight.replays().max(self.failures);
            let (next, then) = pause(now, record, None, failures, failure);
            self.save(now, next, then);
        }
    }

    fn look_at_locks(&mut self, record: &Record) {
        let Some(flight) = &mut self.flight else {
            return;
        };
        flight.step = Step::Looking;
        let mut locks = Vec::new();
        if let Some(lineage) = &record.lineage {
            for attempt in &lineage.attempts {
                locks.push(Lock::Attempt(attempt.id));
            }
        }
        if self.unsaved_lock.is_none() {
            locks.push(Lock::Unsaved(flight.lineage));
        }
        self.effects.push(Effect::Look(locks));
    }

    fn mark(&mut self, now: &Moment, record: &Record, evict: Option<AttemptId>, replays: u64) {
        let Some(flight) = &mut self.flight else {
            return;
        };
        let attempt = Attempt {
            id: flight.id,
            state: AttemptState::Claimed,
            sent_at: now.wall,
            replays,
            target: flight.target.clone(),
            answer: None,
            extra: None,
        };
        let generation = record.lineage.as_ref().map_or(0, |l| l.generation);
        flight.sent = Some((attempt.clone(), generation));
        let next = changes::mark(record, attempt, evict);
        flight.step = Step::Marking(next.clone(), (now.wall, now.mono));
        flight.looks = Looks::from(now);
        self.write_flight(next, Durability::Strict);
    }

    /// The record with this tab's answer in it, and what to do about it; none when the flight is
    /// over already.
    pub(super) fn verdict(&mut self, now: &Moment) -> Option<(Arc<Record>, Verdict)> {
        let flight = self.flight.as_mut()?;
        let standing = flight.base.clone().filter(|record| {
            let ours = |l: &Lineage| l.id == flight.lineage;
            record.version <= tuning::RECORD_VERSION && record.lineage.as_ref().is_some_and(ours)
        });
        let Some(mut record) = standing else {
            self.forget_late_answer(now);
            return None;
        };
        let generation = record.lineage.as_ref().map_or(0, |l| l.generation);
        if flight.sent.as_ref().is_some_and(|(_, g)| *g < generation) {
            // Somebody has saved a later generation: ours is history, or it was a save of ours that
            // took too long.
            if flight.unsaved.is_some() {
                self.effects.push(Effect::Announce(record.seq));
            }
            flight.sent = None;
            flight.answer = None;
            flight.failure = None;
            flight.unsaved = None;
        }
        if let (Some((attempt, _)), Some((answer, at))) = (&flight.sent, &flight.answer) {
            let home = changes::bring_home(&record, attempt, answer.clone(), *at);
            if flight.robbed {
                flight.unsaved.get_or_insert_with(|| Looks::from(now));
                self.save(now, home, Then::Again);
                return None;
            }
            record = home;
        }
        if flight.robbed {
            self.land(now, None);
            return None;
        }
        let verdict = self.decide_with(now, record.lineage.as_ref()?)?;
        Some((record, verdict))
    }

    pub(super) fn decide_with(&self, now: &Moment, lineage: &Lineage) -> Option<Verdict> {
        let flight = self.flight.as_ref()?;
        let dead = self.view.dead(now) || self.refused_by_api(lineage);
        Some(decide(&Facts {
            now,
            lineage,
            lost: &flight.lost,
            locks: flight.looked.then_some(flight.watched.as_slice()),
            attempt_bound_ms: self.config.attempt_bound_ms(),
            forgiveness_ms: self.config.grace_ms.max(tuning::FORGIVENESS_MS),
            needed: self.needed(now),
            urgent: self.next_waiting(now).is_some(),
            dead,
            refresh_dead: self.view.refresh_dead(now),
            refresh_past: self.view.refresh_until.passed(now),
            insist: self.insists(now),
            cooldown: self.view.cooldown,
            online: self.online,
        }))
    }

    /// The lineage is over and an answer for it may be in hand. After a sign-out its tokens are
    /// taken back; after a replacement they may be of the new grant, and are only forgotten.
    pub(super) fn forget_late_answer(&mut self, now: &Moment) {
        if let Some(flight) = &self.flight {
            let signed_out = flight
                .base
                .as_ref()
                .and_then(|r| r.ending(flight.lineage))
                .is_some_and(|e| e.reason == Reason::SignedOut && !e.replaced);
            let late = match flight.answer.as_ref().map(|(a, _)| &a.meaning) {
                Some(Meaning::Tokens(tokens)) => tokens.refresh_token.clone(),
                _ => None,
            };
            if let Some(token) = late.filter(|_| signed_out) {
                self.effects.push(Effect::Revoke(None, vec![token]));
                self.note(now, "revoked", "an answer that came after the sign-out");
            }
        }
        self.land(now, None);
    }
}

/// The record with a pause for all tabs: the back-off's, or what the server asked for.
fn pause(
    now: &Moment,
    record: &Record,
    attempt: Option<AttemptId>,
    failures: u32,
    (error, asked): (Error, u64),
) -> (Arc<Record>, Then) {
    let after_ms = backoff_ms(failures, now.random).max(asked);
    let at = now.wall.plus(after_ms);
    let retry = Retry {
        at,
        after_ms,
        code: error.code,
    };
    let next = changes::cool_down(record, attempt, retry);
    (next, Then::Failed(error.retrying_at(at)))
}
