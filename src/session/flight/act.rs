//! What a decision means for the flight.

use super::{Flight, Sent, Step, Then};
use crate::oauth::{Answer, Meaning};
use crate::session::changes;
use crate::session::decide::{Facts, Verdict, decide, refusal};
use crate::session::time::Moment;
use crate::session::{
    Attempt, AttemptState, Code, Effect, Ending, Engine, Error, Lineage, LineageId, Lock, Purpose,
    Record, Target, tuning,
};

impl Engine {
    /// Decides on the record in hand, and does it.
    pub(super) fn decide_next(&mut self, now: &Moment) {
        let Some(flight) = self.flight.as_deref_mut() else {
            return;
        };
        let Some(base) = flight.base.as_ref().filter(|base| flight.concerns(base)) else {
            return self.forget_late_answer(now);
        };
        let mut next = base.next();
        if flight.sent.as_ref().is_some_and(|s| {
            next.lineage
                .as_ref()
                .is_some_and(|l| l.generation > s.generation)
        }) {
            // Somebody has saved a later generation: ours is history, or it was a save of ours that
            // took too long.
            if flight.unsaved.is_some() {
                self.effects.push(Effect::Announce(base.seq));
            }
            flight.sent = None;
            flight.failure = None;
            flight.unsaved = None;
        }
        if flight.robbed && !flight.answered() {
            return self.land();
        }
        flight.decisions += 1;
        if flight.decisions > tuning::SWAPS {
            if flight.unsaved.is_some() {
                // A store that takes no swap is one that fails: what it will not save is not lost.
                flight.decisions = 0;
                flight.enter(now, Step::Watching);
            } else {
                self.fail(now, Code::Storage);
            }
            return;
        }
        flight.bring_home(&mut next);
        // After a robbery, whoever holds the family lock now commits what is brought home.
        let then = if flight.robbed {
            Some(Then::Done)
        } else {
            self.act(now, &mut next)
        };
        if let Some(then) = then {
            self.save(now, next, then);
        }
    }

    /// Decides, and does it or makes it of `next`; what follows its writing, if there is anything
    /// to write.
    fn act(&mut self, now: &Moment, next: &mut Record) -> Option<Then> {
        let verdict = self.decide_with(now, next.lineage.as_ref()?)?;
        let posts = self.posts();
        let discovers = self.config.discovers;
        let flight = self.flight.as_deref_mut()?;
        let lineage = next.lineage.as_mut()?;
        let prepares = discovers || lineage.binding.is_some();
        if let (Verdict::Mark { .. }, None, Some(lost)) =
            (&verdict, &flight.failure, flight.carried(lineage))
        {
            // The keeper is gone, or what it has brought is no answer.
            let answer = lost.answer.as_ref().map(|(answer, _)| answer);
            let error = answer.map_or_else(
                || Error::new(Code::Network),
                |answer| Error::answered(answer, &[]),
            );
            flight.asked_ms = answer.map_or(0, |answer| answer.raw.retry_after_ms);
            self.lose(now, error);
            return None;
        }
        match (verdict, &mut flight.failure) {
            // Our request was lost, and is not sent again at once: no tab sends for a while.
            (Verdict::Mark { .. } | Verdict::Leave | Verdict::Postpone, Some(error)) => {
                let replays = flight.sent.as_ref().map_or(0, |s| s.attempt.replays);
                let failures = self.failures.max(replays);
                changes::pause(lineage, now, failures, flight.asked_ms, error);
                Some(Then::Failed)
            }
            (Verdict::Mark { .. }, _) if flight.posts && !posts => {
                self.try_anew(now);
                None
            }
            (Verdict::Mark { .. }, _) if !flight.prepared && prepares => {
                flight.enter(now, Step::Preparing);
                // Nobody waits for what may take its time on the network.
                flight.family_held = false;
                let prepare = Effect::Prepare {
                    attempt: flight.id,
                    binding: lineage.binding.clone(),
                    late: flight.late,
                };
                self.effects.push(prepare);
                self.release(Lock::FAMILY);
                None
            }
            (
                Verdict::Mark {
                    evict,
                    replays,
                    again,
                },
                _,
            ) => {
                if let Some(id) = evict {
                    changes::take(lineage, id);
                }
                // It may be forgiven only as the same request.
                flight.target = again.unwrap_or_else(|| flight.target.clone());
                let attempt = Attempt {
                    id: flight.id,
                    state: if flight.posts {
                        AttemptState::Posted
                    } else {
                        AttemptState::Claimed
                    },
                    sent_at: now.wall,
                    replays,
                    target: flight.target.clone(),
                    answer: None,
                    extra: None,
                };
                changes::put(lineage, &attempt);
                flight.sent = Some(Sent {
                    attempt,
                    generation: lineage.generation,
                    mono: now.mono,
                });
                Some(Then::Send)
            }
            (Verdict::Leave, _) => {
                self.land();
                None
            }
            (Verdict::Postpone, _) => {
                self.view.postpone();
                self.note(
                    now,
                    "postponed",
                    "the lost answer is past the server's grace",
                );
                self.land();
                None
            }
            (Verdict::Look, _) => {
                self.look_at_locks(lineage);
                None
            }
            (Verdict::Watch, _) => {
                flight.step = Step::Watching;
                flight.decisions = 0;
                None
            }
            (Verdict::Yield(code), _) => {
                self.fail(now, code);
                None
            }
            (Verdict::Commit(id), _) => {
                changes::commit(lineage, id, &self.config)?;
                Some(Then::Done)
            }
            (Verdict::Withdraw(id), _) => {
                changes::take(lineage, id);
                Some(if id == flight.id {
                    Then::Anew
                } else {
                    Then::Again
                })
            }
            (Verdict::Heed(id), _) => {
                let attempt = changes::take(lineage, id)?;
                let (answer, _) = attempt.answer.as_ref()?;
                if flight.proofs < tuning::PROOFS && flight.proves_anew(lineage, answer) {
                    return Some(Then::Anew);
                }
                let mut error = Error::answered(answer, &self.config.secrets(lineage));
                match &answer.meaning {
                    Meaning::RateLimited => {
                        let asked_ms = answer.raw.retry_after_ms;
                        changes::pause(lineage, now, self.failures, asked_ms, &mut error);
                    }
                    // About this target only: nothing to remember.
                    Meaning::Refused(response)
                        if response.about_one_token() && attempt.target != Target::default() => {}
                    _ => changes::stall(lineage, error.clone(), now.wall),
                }
                flight.failure = Some(error);
                Some(Then::Failed)
            }
            (Verdict::Refuse, _) => {
                changes::refuse(lineage);
                Some(Then::Again)
            }
            (Verdict::End(reason), _) => {
                let refused = refusal(lineage).and_then(|attempt| attempt.answer.as_ref());
                let mut ending = Ending::new(lineage.id, reason, now.wall);
                ending.error = refused
                    .map(|(answer, _)| Error::answered(answer, &self.config.secrets(lineage)));
                ending.history = self.history.last_words();
                changes::bury(next, ending);
                Some(Then::Again)
            }
        }
    }

    fn look_at_locks(&mut self, lineage: &Lineage) {
        // What it had tried to save, another tab has saved, which may have gone further.
        self.has_saved();
        let Some(flight) = self.flight.as_deref_mut() else {
            return;
        };
        flight.unsaved = None;
        flight.step = Step::Looking;
        let mut locks = Vec::new();
        for attempt in &lineage.attempts {
            locks.push(Lock::attempt(attempt.id));
        }
        if self.unsaved_lock == LineageId::NONE {
            locks.push(Lock::unsaved(flight.lineage));
        }
        self.effects.push(Effect::Look(locks));
    }

    fn decide_with(&self, now: &Moment, lineage: &Lineage) -> Option<Verdict> {
        let flight = self.flight.as_deref()?;
        let dead = self.useless(now, lineage);
        let urgent = self.next_waiting(now).is_some();
        Some(decide(&Facts {
            now,
            lineage,
            lost: &flight.lost,
            locks: flight.looked.then_some(flight.watched.as_slice()),
            attempt_bound_ms: self.config.attempt_bound_ms(),
            forgiveness_ms: self.config.grace_ms.max(tuning::FORGIVENESS_MS),
            needed: urgent || self.due(now),
            urgent,
            dead,
            refresh_dead: self.view.refresh_dead(now),
            refresh_past: self.view.refresh_until.passed(now),
            sendable: self.sendable(now, lineage),
        }))
    }

    /// The lineage is over and an answer for it may be in hand. After a sign-out its tokens are
    /// taken back; after a replacement they may be of the new grant, and are only forgotten.
    pub(super) fn forget_late_answer(&mut self, now: &Moment) {
        if let Some(flight) = self.flight.as_deref()
            && let Some(base) = &flight.base
            && let Some(ending) = base.ending(flight.lineage)
            && ending.takes_back()
            && let Some(sent) = &flight.sent
            && let Some((answer, _)) = &sent.attempt.answer
            && let Some(token) = answer.refresh_token()
        {
            let tokens = vec![token.clone()];
            self.effects.push(Effect::Revoke(Purpose::VIEW, tokens));
            self.note(now, "revoked", "an answer that came after the sign-out");
        }
        let base = self
            .flight
            .as_ref()
            .and_then(|flight| flight.base.as_deref());
        if base.is_some_and(Record::newer) {
            return self.fail(now, Code::Storage);
        }
        self.land();
    }
}

impl Flight {
    /// Whether `record` still holds this flight's lineage, and may be changed.
    fn concerns(&self, record: &Record) -> bool {
        !record.newer()
            && record
                .lineage
                .as_ref()
                .is_some_and(|l| l.id == self.lineage)
    }

    /// Whether the server has done nothing but refuse the DPoP proof, and a better one can be made
    /// (RFC 9449 §8).
    fn proves_anew(&mut self, lineage: &mut Lineage, answer: &Answer) -> bool {
        let (Meaning::Refused(response), Some(binding)) = (&answer.meaning, &mut lineage.binding)
        else {
            return false;
        };
        if let Some(nonce) = answer.raw.nonce() {
            binding.nonce = Some(nonce.into());
        }
        self.proofs += 1;
        if response.doubts_proof() {
            return !std::mem::replace(&mut self.late, true);
        }
        response.wants_nonce() && answer.raw.nonce().is_some()
    }

    /// Its attempt as the keeper has left it, if that is still there.
    fn carried<'a>(&self, lineage: &'a Lineage) -> Option<&'a Attempt> {
        let carried = |attempt: &&Attempt| attempt.id == self.id && self.listens();
        lineage.attempts.iter().find(carried)
    }

    /// Puts this tab's answer into the record, if there is one.
    pub(super) fn bring_home(&self, record: &mut Record) {
        if let Some(lineage) = &mut record.lineage
            && let Some(sent) = &self.sent
            && sent.attempt.answer.is_some()
        {
            changes::put(lineage, &sent.attempt);
        }
    }
}
