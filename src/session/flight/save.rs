//! Saving what a decision changes; above all, a good answer.

use super::{Step, Then};
use crate::session::operations::Kind;
use crate::session::time::{Looks, Moment};
use crate::session::{
    By, Code, Degraded, Durability, Engine, Event, Lineage, LineageId, Lock, Purpose, Record,
    StoreFailure, Swap, changes, tuning,
};
use std::sync::Arc;

impl Engine {
    pub(super) fn save(&mut self, now: &Moment, next: Record, then: Then) {
        if let Some(flight) = self.flight.as_deref_mut() {
            let next = Arc::new(next);
            flight.enter(now, Step::Saving(next.clone(), then));
            if then == Then::Done {
                flight.unsaved.get_or_insert_with(|| Looks::from(now));
            }
            let before = flight.base.clone();
            let purpose = flight.purpose();
            // A failure that is forgotten in a power cut is only found out again.
            let durability = match then {
                Then::Failed => Durability::Relaxed,
                _ => Durability::Strict,
            };
            self.write(now, purpose, before, next, durability);
        }
    }

    pub(in crate::session) fn on_flight_written(
        &mut self,
        now: &Moment,
        result: Result<Swap, StoreFailure>,
    ) {
        let Some(flight) = self.flight.as_deref_mut() else {
            return;
        };
        let Step::Saving(record, then) = &flight.step else {
            // The late end of a write that was given up.
            return;
        };
        let then = *then;
        match result {
            Ok(Swap::Done) => {
                let record = record.clone();
                self.saved(now, record, then);
            }
            Ok(Swap::Lost) => {
                if then == Then::Failed {
                    flight.failure = None;
                }
                self.read_again(now);
            }
            Err(_) if flight.unsaved.is_some() => self.ask_for_unsaved(now),
            Err(_) if then == Then::Failed => self.back_off(now),
            Err(_) => self.fail(now, Code::Storage),
        }
    }

    fn saved(&mut self, now: &Moment, record: Arc<Record>, then: Then) {
        let Some(flight) = self.flight.as_deref_mut() else {
            return;
        };
        flight.base = Some(record.clone());
        flight.step = Step::Reading;
        if then == Then::Send {
            self.send(now, &record);
            return self.observe(now, Some(record), By::ThisTab);
        }
        let over = then == Then::Done || flight.robbed;
        let by = if then == Then::Done && self.keeper && !flight.answered() {
            By::Keeper
        } else {
            By::ThisTab
        };
        if record.lineage.as_ref().is_some_and(Lineage::refused) {
            // What came back is written down, and not to be judged again.
            flight.sent = None;
        }
        self.announce(&record);
        if over {
            self.land();
        }
        self.observe(now, Some(record), by);
        match then {
            _ if over => {}
            Then::Anew => self.try_anew(now),
            Then::Failed => self.report(now),
            _ => self.decide_next(now),
        }
    }

    pub(super) fn ask_for_unsaved(&mut self, now: &Moment) {
        if let Some(flight) = self.flight.as_deref()
            && self.unsaved_lock == LineageId::NONE
        {
            let lineage = flight.lineage;
            self.unsaved_lock = lineage;
            self.request(Lock::unsaved(lineage));
            self.note(now, "save-failed", "trying again");
        }
    }

    /// A good answer is not saved yet: keep others from replaying it, and try again; past the
    /// timeout, go on in memory.
    pub(super) fn save_late(&mut self, now: &Moment, waited: u64) {
        let living = self.view.lineage();
        if let Some(flight) = self.flight.as_deref_mut()
            && living.is_none_or(|l| l.id != flight.lineage)
        {
            // The session ended meanwhile, by this tab's own knowledge.
            flight.base = self.view.record.clone();
            return self.forget_late_answer(now);
        }
        self.ask_for_unsaved(now);
        let Some(flight) = self.flight.as_deref() else {
            return;
        };
        if waited < self.config.timeout_ms.max(tuning::ATTEMPT_SLACK_MS) || flight.robbed {
            return if waited > self.config.patience_ms() {
                self.fail(now, Code::Storage);
            } else {
                self.read_again(now);
            };
        }
        let Some(base) = &flight.base else {
            return;
        };
        let mut next = base.next();
        flight.bring_home(&mut next);
        let lineage = next.lineage.as_mut();
        let committed = lineage.and_then(|l| changes::commit(l, flight.id, &self.config));
        if committed.is_none() {
            return self.fail(now, Code::Storage);
        }
        let purpose = Purpose::saving(flight.id);
        let record = Arc::new(next);
        self.detached = Some(record.clone());
        self.note(now, "in-memory", "the store fails");
        self.emit(Event::Degraded {
            what: Degraded::Storage,
        });
        self.land();
        self.operate(now, purpose, Kind::Save(0));
        self.observe(now, Some(record), By::ThisTab);
    }
}
