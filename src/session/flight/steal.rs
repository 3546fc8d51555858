//! Taking the family lock from a tab that has stopped: frozen, or stuck in a hang.
//!
//! Its time is counted in this tab's own looks, from the last change of holder or record. Looking and
//! stealing happen under a lock of their own, so that of several that have waited one steals, and the
//! others see a new holder.

use super::Step;
use crate::session::time::{Looks, Moment};
use crate::session::{Effect, Engine, Lock, LockKind};

impl Engine {
    /// The record has just been read: whoever cannot tell that the holder makes progress must not
    /// take it for stopped. With a living token there is no hurry.
    pub(in crate::session) fn look_at_the_gate(&mut self, now: &Moment) {
        if self.at_the_gate()
            && self.view.dead(now)
            && let (Some(flight), Some(lineage)) = (&self.flight, self.view.lineage())
        {
            let mut locks = vec![Lock::FAMILY, Lock::unsaved(flight.lineage)];
            // Senders are watched from here on: their time runs as well.
            for attempt in &lineage.attempts {
                locks.push(Lock::attempt(attempt.id));
            }
            self.effects.push(Effect::Look(locks));
        }
    }

    /// Steals, if the holder has had its time.
    pub(super) fn consider_theft(&mut self, now: &Moment) {
        let (bound, timeout) = (self.config.hold_bound_ms(), self.config.timeout_ms);
        let Some(flight) = self.flight.as_deref_mut() else {
            return;
        };
        if flight.family_held {
            return;
        }
        let holds = |kind| flight.watched.iter().find(|w| w.lock.kind == kind);
        let stopped = holds(LockKind::Family).is_some_and(|w| w.looks.counted >= bound)
            // Whoever cannot save what it has is ahead of the record.
            && holds(LockKind::Unsaved).is_none();
        match &mut flight.queued {
            Some(queued) if stopped => {
                // One that is frozen in its turn does not keep the others waiting for ever.
                if queued.look(now) >= timeout || flight.turn {
                    self.effects.push(Effect::Steal(Lock::FAMILY));
                    // Not once more, from whoever is next.
                    flight.watched.retain(|w| w.lock != Lock::FAMILY);
                }
            }
            None if stopped => {
                flight.queued = Some(Looks::from(now));
                self.request(Lock::STEAL);
            }
            _ => self.leave_thieves(),
        }
    }

    /// Nothing is to be stolen any more.
    pub(super) fn leave_thieves(&mut self) {
        if let Some(flight) = self.flight.as_deref_mut()
            && flight.queued.take().is_some()
        {
            flight.turn = false;
            self.release(Lock::STEAL);
        }
    }

    /// Whether the refresh under way waits for its locks.
    pub(super) fn at_the_gate(&self) -> bool {
        let flight = self.flight.as_ref();
        flight.is_some_and(|f| matches!(f.step, Step::Entering))
    }
}
