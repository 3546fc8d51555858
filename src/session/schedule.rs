//! When something has to happen by itself: the one timer, the automatic refresh, the back-off.

use super::io::Effect;
use super::record::Target;
use super::time::{Deadline, Moment, Mono};
use super::{Engine, tuning};

/// The pause after the `failures`-th failure in a row: capped exponential, full jitter.
pub(super) fn backoff_ms(failures: u64, random: u64) -> u64 {
    let ceiling = (tuning::BACKOFF_BASE_MS << failures.min(16)).min(tuning::BACKOFF_CAP_MS);
    (random % (ceiling + 1)).max(tuning::BACKOFF_FLOOR_MS)
}

impl Engine {
    /// Whether the automatic refresh is due.
    pub(super) fn due(&self, now: &Moment) -> bool {
        let paused = self.hidden && self.config.pause_when_hidden;
        self.config.automatic && !paused && self.view.due.passed(now)
    }

    /// Whether a refresh is wanted, whatever may keep it from being sent.
    pub(super) fn needed(&self, now: &Moment) -> bool {
        self.next_waiting(now).is_some() || self.due(now)
    }

    /// Whether the session has reached an end that only needs to be written down.
    fn over(&self, now: &Moment) -> bool {
        self.view.lineage().is_some_and(|lineage| {
            let lost = lineage.refused() || self.view.refresh_dead(now);
            lost && lineage.refresh.is_some()
                && (self.view.dead(now) || self.refused_by_api(lineage))
        })
    }

    /// Whether the server may be asked for anything at all, but for an application that insists.
    pub(super) fn sendable(&self, now: &Moment) -> bool {
        let Some(lineage) = self.view.lineage() else {
            return false;
        };
        self.online
            && lineage.refresh.is_some()
            && !lineage.refused()
            && !self.view.refresh_dead(now)
            && !self.view.cooldown.pending(now)
            && (lineage.stalled.is_none() || self.insists(now))
    }

    /// Starts a refresh if one is wanted and possible, and tells those who wait if it is not.
    pub(super) fn consider(&mut self, now: &Moment) {
        let record = self.view.record.as_ref();
        let newer = record.is_some_and(|r| r.version > tuning::RECORD_VERSION);
        let Some(lineage) = self.view.lineage_id().filter(|_| !self.reads_first()) else {
            return;
        };
        if self.flight.is_some() || self.closing {
            return;
        }
        let waiting = self.next_waiting(now).cloned();
        // An answer in the record is saved whether or not anything may be sent.
        let unfinished = !newer && std::mem::take(&mut self.look_at_attempts);
        let possible = !newer && (self.sendable(now) || self.over(now));
        if waiting.is_some() && !possible && !unfinished {
            let error = self.closed_because(now);
            // Whichever token they wait for: nothing is sent.
            return self.fail_waiters(now, &Target::default(), &error);
        }
        let by_itself = (self.due(now) || self.over(now)) && !self.pause.pending(now);
        if unfinished || (possible && (waiting.is_some() || by_itself)) {
            self.take_off(now, lineage, waiting.unwrap_or_default());
        }
    }

    /// Sets the one timer for whatever comes first.
    pub(super) fn arm(&mut self, now: &Moment) {
        let mut next = Mono::NEVER;
        let mut at = |mono: Mono| next = next.min(mono);
        let mut coming = |until: Deadline| {
            if until.pending(now) {
                at(until.wake(now));
            }
        };
        if !self.closing && self.view.lineage().is_some() {
            if self.config.automatic {
                coming(self.view.due);
                coming(self.view.cooldown);
                coming(self.view.stalled);
                coming(self.pause);
            }
            coming(self.view.notice);
            coming(self.view.refresh_until);
            if let Some((_, until)) = self.view.access(&Target::default()) {
                coming(until);
            }
        }
        at(self.reading_wake());
        if let Some(flight) = &self.flight {
            at(flight.wake());
        }
        for waiter in &self.waiters {
            at(waiter.wake());
        }
        for operation in &self.operations {
            at(operation.wake());
        }
        if let Some(detached) = &self.detached {
            at(detached.wake());
        }
        if next != Mono::NEVER {
            next = next.min(now.mono.plus(tuning::LONGEST_TIMER_MS));
        }
        if self.armed != next {
            self.armed = next;
            self.effects.push(Effect::WakeAt(next));
        }
    }
}
