//! The refresh transaction of this tab: from the locks to the saved answer.
//!
//! ```text
//! Entering ─ both locks ─► Reading ─► decide ─► Saving ─► Sending ─► Saving ─► done
//!                             ▲          │ Look / Watch / Prepare │       │
//!                             └──────────┴─── lost, or the swap lost ─────┘
//! ```

mod act;
mod land;
mod save;
mod send;
mod steal;

use super::decide::Watched;
use super::time::{Looks, Moment, Mono, Rebase, Shift};
use super::{
    Attempt, AttemptId, By, Code, Effect, Engine, Error, Holder, LineageId, Lock, Purpose, Record,
    StoreFailure, Target, tuning,
};
use std::sync::Arc;

/// A refresh under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Flight {
    /// The attempt it makes, once it makes one; names its lock.
    pub(super) id: AttemptId,
    lineage: LineageId,
    target: Target,
    family_held: bool,
    own_held: bool,
    /// The family lock was taken from it: it commits nothing and sends nothing more.
    robbed: bool,
    /// The record as last read or written here.
    base: Option<Arc<Record>>,
    /// What it sent, or is about to send.
    sent: Option<Sent>,
    /// Why it fails, or its last try did.
    failure: Option<Error>,
    /// How long the server asked to wait then.
    asked_ms: u64,
    lost: Vec<AttemptId>,
    watched: Vec<Watched>,
    /// The record's `seq` at the last look at the gate.
    seq: u64,
    /// Since it queues for the thieves' lock.
    queued: Option<Looks>,
    /// It holds that lock.
    turn: bool,
    looked: bool,
    restarts: u8,
    /// What its request needs is there.
    prepared: bool,
    /// How often the server did not like its proof, and whether that was for the time in it.
    proofs: u8,
    late: bool,
    /// Its attempt is the keeper's to send; nobody queues for that one's lock.
    posts: bool,
    /// How often it has posted one.
    posted: u8,
    /// How often it has decided without waiting for anybody.
    decisions: u8,
    /// Since it began this step.
    looks: Looks,
    /// Since a good answer waits to be saved.
    unsaved: Option<Looks>,
    step: Step,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    /// Waits for its locks.
    Entering,
    /// Waits for the record.
    Reading,
    /// Waits to see who holds which lock.
    Looking,
    /// Waits for another sender.
    Watching,
    /// Waits for what its request needs.
    Preparing,
    /// Waits for the answer; whether it has stopped listening.
    Sending { aborted: bool },
    /// Waits for a write.
    Saving(Arc<Record>, Then),
}

/// What follows a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Then {
    /// Send the attempt that was written.
    Send,
    /// Nothing: an answer was saved.
    Done,
    /// Make another attempt: this one was not claimed, or not sent in time.
    Anew,
    /// Decide again.
    Again,
    /// It is over, with its failure for those who wait.
    Failed,
}

/// An attempt of this flight.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Sent {
    /// As written; and what came back.
    attempt: Attempt,
    /// The generation it was written in.
    generation: u64,
    /// When it was written, by this tab's own clock.
    mono: Mono,
}

impl Flight {
    /// Whether it has an answer to come or to save: it must not be dropped.
    pub(super) fn airborne(&self) -> bool {
        self.answered() || matches!(self.step, Step::Sending { .. } | Step::Saving(..))
    }

    fn answered(&self) -> bool {
        let attempt = self.sent.as_ref().map(|sent| &sent.attempt);
        attempt.is_some_and(|attempt| attempt.answer.is_some())
    }

    /// Whether its attempt is the keeper's, which may say something at any time.
    fn listens(&self) -> bool {
        self.posts && self.sent.is_some() && !matches!(self.step, Step::Saving(..))
    }
}

impl Sent {
    fn in_time(&self, now: &Moment) -> bool {
        now.wall >= self.attempt.sent_at
            && now.wall.since(self.attempt.sent_at) <= tuning::SEND_WINDOW_MS
            && now.mono.since(self.mono) <= tuning::SEND_WINDOW_MS
    }
}

impl Engine {
    /// Whether it is the refresh under way that asked the store.
    pub(super) fn flies(&self, purpose: Purpose) -> bool {
        self.flight.as_ref().is_some_and(|f| f.purpose() == purpose)
    }

    /// Asks for the two locks.
    pub(super) fn take_off(&mut self, now: &Moment, lineage: LineageId, target: Target) {
        let id = AttemptId::random(now);
        let posts = self.posts();
        self.note(now, "refresh", "");
        self.request(Lock::FAMILY);
        if !posts {
            self.request(Lock::attempt(id));
        }
        self.flight = Some(Box::new(Flight {
            id,
            lineage,
            target,
            family_held: false,
            own_held: posts,
            robbed: false,
            base: None,
            sent: None,
            failure: None,
            asked_ms: 0,
            lost: Vec::new(),
            watched: Vec::new(),
            seq: 0,
            queued: None,
            turn: false,
            looked: false,
            restarts: 0,
            prepared: false,
            proofs: 0,
            late: false,
            posts,
            posted: 0,
            decisions: 0,
            looks: Looks::from(now),
            unsaved: None,
            step: Step::Entering,
        }));
    }

    pub(super) fn on_granted(&mut self, now: &Moment, lock: Lock) {
        let Some(flight) = self.flight.as_deref_mut() else {
            return;
        };
        flight.family_held |= lock == Lock::FAMILY;
        flight.own_held |= lock == Lock::attempt(flight.id);
        let (family, own, posts) = (flight.family_held, flight.own_held, flight.posts);
        if lock == Lock::STEAL {
            // Look once more before the family's is taken.
            flight.turn = true;
            self.look_again();
        } else if family && self.at_the_gate() {
            self.leave_thieves();
            if posts != self.posts() {
                // The keeper has come, or gone, since.
                self.try_anew(now);
            } else if own {
                self.read_again(now);
            }
        }
    }

    pub(super) fn on_robbed(&mut self, now: &Moment, lock: Lock) {
        if lock != Lock::FAMILY {
            return;
        }
        let Some(flight) = self.flight.as_deref_mut() else {
            return;
        };
        flight.robbed = true;
        if !flight.airborne() {
            self.land();
        }
        self.note(now, "robbed", "another tab took the lock");
    }

    fn read_again(&mut self, now: &Moment) {
        if let Some(flight) = self.flight.as_deref_mut() {
            flight.enter(now, Step::Reading);
            flight.looked = false;
            let purpose = flight.purpose();
            self.read(purpose);
        }
    }

    pub(super) fn on_flight_read(
        &mut self,
        now: &Moment,
        result: Result<Option<Arc<Record>>, StoreFailure>,
    ) {
        if let Ok(record) = &result {
            self.observe(now, record.clone(), By::AnotherTab);
        }
        let told = result.is_ok();
        let reads = |f: &&mut Flight| matches!(f.step, Step::Reading) || (told && f.listens());
        let Some(flight) = self.flight.as_deref_mut().filter(reads) else {
            return;
        };
        match result {
            Ok(record) => {
                // Whoever was seen with a lock was seen before this.
                flight.looked = false;
                flight.base = record;
                self.decide_next(now);
            }
            // An answer in hand is not let go for a store that may recover: it is read again, for a
            // while.
            Err(_) if flight.answered() && flight.decisions < tuning::SWAPS => {
                flight.decisions += 1;
                flight.step = Step::Watching;
            }
            Err(_) => self.fail(now, Code::Storage),
        }
    }

    pub(super) fn on_seen(&mut self, now: &Moment, seen: &[(Lock, Holder)]) {
        let seq = self.view.record.as_ref().map_or(0, |record| record.seq);
        let gate = self.at_the_gate();
        let Some(flight) = self.flight.as_deref_mut() else {
            return;
        };
        if !gate && !matches!(flight.step, Step::Looking) {
            return;
        }
        let moved = std::mem::replace(&mut flight.seq, seq) != seq;
        let before = std::mem::take(&mut flight.watched);
        for &(lock, holder) in seen {
            // A holder of the family lock that has written since begins anew.
            let stands = |w: &&Watched| {
                w.lock == lock && w.holder == holder && !(moved && lock == Lock::FAMILY)
            };
            let known = before.iter().find(stands);
            let mut looks = known.map_or_else(|| Looks::from(now), |known| known.looks);
            looks.look(now);
            flight.watched.push(Watched {
                lock,
                holder,
                looks,
            });
        }
        if gate {
            return self.consider_theft(now);
        }
        flight.looked = true;
        self.decide_next(now);
    }

    /// Time has passed.
    pub(super) fn tick_flight(&mut self, now: &Moment) {
        let patience = self.config.patience_ms();
        let timeout = self.config.timeout_ms;
        let Some(flight) = self.flight.as_deref_mut().filter(|f| f.wake() <= now.mono) else {
            return;
        };
        if let Some(looks) = &mut flight.unsaved {
            let waited = looks.look(now);
            if waited >= tuning::SAVE_MS {
                return self.save_late(now, waited);
            }
        }
        let Some(flight) = self.flight.as_deref_mut() else {
            return;
        };
        let waited = flight.looks.look(now);
        match &mut flight.step {
            Step::Sending { aborted } if waited >= timeout && !*aborted => {
                *aborted = true;
                let id = flight.id;
                self.effects.push(Effect::Abort(id));
            }
            // The answer comes, or the abort's end does.
            Step::Sending { .. } => {}
            Step::Watching => self.read_again(now),
            Step::Preparing if waited >= timeout => self.fail(now, Code::Timeout),
            // Whoever has its turn to steal coming does not begin to count anew.
            _ if waited >= patience && flight.queued.is_none() => self.fail(now, Code::Timeout),
            Step::Entering => self.look_again(),
            _ => {}
        }
    }

    /// Another tab wrote: what is waited for may be there. A keeper gets its time to start.
    pub(super) fn stop_watching(&mut self, now: &Moment) {
        if self
            .flight
            .as_ref()
            .is_some_and(|f| matches!(f.step, Step::Watching) && !f.listens())
        {
            self.read_again(now);
        }
    }
}

impl Flight {
    /// As which it asks the store.
    pub(super) fn purpose(&self) -> Purpose {
        Purpose(self.id.0)
    }

    fn enter(&mut self, now: &Moment, step: Step) {
        self.step = step;
        self.looks = Looks::from(now);
    }

    /// How many lost answers came before its attempt.
    fn replays(&self) -> u64 {
        self.sent.as_ref().map_or(0, |sent| sent.attempt.replays)
    }

    /// When it next has to look at the clock.
    pub(super) fn wake(&self) -> Mono {
        match &self.unsaved {
            Some(looks) => looks.next().min(self.looks.next()),
            None => self.looks.next(),
        }
    }
}

impl Rebase for Flight {
    fn rebase(&mut self, by: &Shift) {
        if let Some(base) = &mut self.base {
            base.rebase(by);
        }
        if let Some(sent) = &mut self.sent {
            sent.mono.rebase(by);
            sent.attempt.rebase(by);
        }
        for watched in &mut self.watched {
            watched.looks.rebase(by);
        }
        self.seq = self.seq.saturating_sub(by.seq);
        self.queued.rebase(by);
        self.looks.rebase(by);
        self.unsaved.rebase(by);
        if let Step::Saving(record, _) = &mut self.step {
            record.rebase(by);
        }
    }
}
