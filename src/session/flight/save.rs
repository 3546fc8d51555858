//! Saving what a decision changes; above all, a good answer.

use super::{Step, Then};
use crate::session::time::{Looks, Moment};
use crate::session::unsaved::Detached;
use crate::session::{
    AttemptId, By, Code, Degraded, Durability, Engine, Error, Event, Lineage, Lock, Purpose,
    Record, StoreFailure, Swap, changes,
};
use std::sync::Arc;

impl Engine {
    pub(super) fn save(&mut self, now: &Moment, next: Arc<Record>, then: Then) {
        if let Some(flight) = &mut self.flight {
            // A failure that is forgotten in a power cut is only found out again.
            let durability = match then {
                Then::Failed(_) => Durability::Relaxed,
                Then::Done | Then::Again => Durability::Strict,
            };
            flight.step = Step::Saving(next.clone(), then);
            flight.looks = Looks::from(now);
            self.write_flight(next, durability);
        }
    }

    pub(super) fn write_flight(&mut self, record: Arc<Record>, durability: Durability) {
        if let Some(flight) = &self.flight {
            let expected = flight.base.as_ref().map(|r| r.stamp());
            self.write(Purpose::Refresh(flight.id), expected, record, durability);
        }
    }

    pub(in crate::session) fn on_flight_written(
        &mut self,
        now: &Moment,
        id: AttemptId,
        result: Result<Swap, StoreFailure>,
    ) {
        let Some(flight) = self.flight.as_mut().filter(|f| f.id == id) else {
            return;
        };
        let step = std::mem::replace(&mut flight.step, Step::Reading);
        match (step, result) {
            (Step::Marking(record, at), Ok(Swap::Done)) => self.marked(now, record, at),
            (Step::Marking(..) | Step::Saving(..), Ok(Swap::Lost)) => self.read_again(now),
            (Step::Marking(..), Err(_)) => self.fail(now, Error::new(Code::Storage)),
            (Step::Saving(record, then), Ok(Swap::Done)) => self.saved(now, record, then),
            (step @ Step::Saving(..), Err(_)) if flight.unsaved.is_some() => {
                flight.step = step;
                self.ask_for_unsaved(now);
            }
            (Step::Saving(_, Then::Failed(error)), Err(_)) => self.fail(now, error),
            (Step::Saving(..), Err(_)) => self.fail(now, Error::new(Code::Storage)),
            // The late end of a write that was given up.
            (step, _) => flight.step = step,
        }
    }

    pub(super) fn saved(&mut self, now: &Moment, record: Arc<Record>, then: Then) {
        self.announce(&record);
        let Some(flight) = &mut self.flight else {
            return;
        };
        flight.base = Some(record.clone());
        if flight.robbed {
            // The answer is home; whoever holds the family lock now commits it.
            self.observe(now, Some(record), By::ThisTab);
            self.land(now, None);
            return;
        }
        match then {
            Then::Done => {
                self.land(now, None);
                self.failures = 0;
                self.observe(now, Some(record), By::ThisTab);
            }
            Then::Again => {
                if record.lineage.as_ref().is_some_and(Lineage::refused) {
                    // What came back is written down, and not to be judged again.
                    flight.sent = None;
                    flight.answer = None;
                }
                self.observe(now, Some(record), By::ThisTab);
                self.decide_next(now);
            }
            Then::Failed(error) => {
                self.observe(now, Some(record), By::ThisTab);
                self.report(now, error);
            }
        }
    }

    pub(super) fn ask_for_unsaved(&mut self, now: &Moment) {
        if let Some(flight) = &self.flight
            && self.unsaved_lock.is_none()
        {
            let lineage = flight.lineage;
            self.unsaved_lock = Some(lineage);
            self.request(Lock::Unsaved(lineage));
            self.note(now, "save-failed", "trying again");
        }
    }

    /// A good answer is not saved yet: keep others from replaying it, and try again; past the
    /// timeout, go on in memory.
    pub(super) fn save_late(&mut self, now: &Moment, waited: u64) {
        let living = self.view.lineage_id();
        if let Some(flight) = self.flight.as_mut().filter(|f| Some(f.lineage) != living) {
            // The session ended meanwhile, by this tab's own knowledge.
            flight.base = self.view.record.clone();
            return self.forget_late_answer(now);
        }
        self.ask_for_unsaved(now);
        let timeout = self.config.timeout_ms;
        let Some(flight) = &self.flight else {
            return;
        };
        if waited < timeout || flight.robbed {
            return if waited > self.config.patience_ms() {
                self.fail(now, Error::new(Code::Storage));
            } else {
                self.read_again(now);
            };
        }
        let committed = flight.base.as_ref().and_then(|base| {
            let (attempt, _) = flight.sent.as_ref()?;
            let (answer, at) = flight.answer.clone()?;
            let home = changes::bring_home(base, attempt, answer, at);
            changes::commit(&home, attempt.id, &self.config)
        });
        let Some(record) = committed else {
            return self.fail(now, Error::new(Code::Storage));
        };
        self.detached = Some(Detached::new(record.clone(), now));
        self.note(now, "in-memory", "the store fails");
        self.emit(Event::Degraded {
            what: Degraded::Storage,
        });
        self.land(now, None);
        self.observe(now, Some(record), By::ThisTab);
    }
}
