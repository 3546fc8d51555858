//! How a flight ends, or begins anew.

use super::Step;
use crate::session::schedule::backoff_ms;
use crate::session::time::{Deadline, Moment};
use crate::session::{AttemptId, Code, Engine, Error, Event, Lock, tuning};

impl Engine {
    /// Whether the next attempt is the keeper's to send: it is there, it has not failed twice, and what it
    /// works on lies in the store.
    pub(super) fn posts(&self) -> bool {
        let posted = self.flight.as_ref().map_or(0, |flight| flight.posted);
        self.keeper && self.detached.is_none() && posted < tuning::POSTS
    }

    /// Makes another attempt, under the family lock it holds.
    pub(super) fn try_anew(&mut self, now: &Moment) {
        let posts = self.posts();
        if let Some(flight) = self.flight.as_deref_mut() {
            let before = Lock::attempt(flight.id);
            flight.id = AttemptId::random(now);
            flight.sent = None;
            flight.posts = posts;
            flight.prepared = false;
            flight.own_held = flight.posts;
            flight.enter(now, Step::Entering);
            let (posts, next) = (flight.posts, Lock::attempt(flight.id));
            self.release(before);
            if posts {
                self.read_again(now);
            } else {
                self.request(next);
            }
        }
    }

    /// It failed before anything was written about it.
    pub(in crate::session) fn fail(&mut self, now: &Moment, code: Code) {
        if let Some(flight) = self.flight.as_deref_mut() {
            flight.failure = Some(Error::new(code));
        }
        self.back_off(now);
    }

    /// Nothing can be written about its failure: the back-off is this tab's own.
    pub(super) fn back_off(&mut self, now: &Moment) {
        let pause = backoff_ms(self.failures, now.random);
        self.failures = self.failures.saturating_add(1);
        self.pause = Deadline::after(now, pause);
        if let Some(flight) = self.flight.as_deref_mut()
            && let Some(error) = &mut flight.failure
        {
            *error = error.retrying_at(self.pause.wall);
        }
        self.report(now);
    }

    /// Tells why it failed, and lands.
    pub(super) fn report(&mut self, now: &Moment) {
        if let Some(flight) = self.flight.as_deref_mut()
            && let Some(error) = flight.failure.take()
        {
            let target = flight.target.clone();
            self.note(now, "refresh-failed", error.code.as_str());
            self.last_error = Some(error.clone());
            self.emit(Event::RefreshFailed {
                error: error.clone(),
            });
            self.land();
            self.fail_waiters(now, &target, &error);
        }
    }

    /// Lets the locks go.
    pub(in crate::session) fn land(&mut self) {
        self.leave_thieves();
        if let Some(flight) = self.flight.take() {
            self.release(Lock::FAMILY);
            self.release(Lock::attempt(flight.id));
            self.has_saved();
        }
    }
}
