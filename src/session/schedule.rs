//! When something has to happen by itself: the one timer, the automatic refresh, the back-off.

use super::io::Effect;
use super::record::{Lineage, Target};
use super::time::{Moment, Mono};
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

    /// Whether the client's own access token is of no use: dead, or refused by an API.
    pub(super) fn useless(&self, now: &Moment, lineage: &Lineage) -> bool {
        self.view.dead(now) || self.refused_by_api(lineage)
    }

    /// Whether the refresh token is of no use: its end only needs to be written down, once the
    /// access token is of none either.
    fn spent(&self, now: &Moment, lineage: &Lineage) -> bool {
        lineage.refused() || self.view.refresh_dead(now)
    }

    /// Whether the server may be asked now.
    pub(super) fn sendable(&self, now: &Moment, lineage: &Lineage) -> bool {
        self.online
            && lineage.refresh.is_some()
            && !self.spent(now, lineage)
            && !self.view.cooldown.pending(now)
            && (lineage.stalled.is_none() || self.insists(now))
    }

    /// Starts a refresh if one is wanted and possible, and tells those who wait if it is not.
    pub(super) fn consider(&mut self, now: &Moment) {
        let Some(record) = &self.view.record else {
            return;
        };
        let Some(lineage) = &record.lineage else {
            return;
        };
        if self.flight.is_some() || self.closing || self.reads_first() {
            return;
        }
        let spent = lineage.refresh.is_some() && self.spent(now, lineage);
        let possible = !record.newer()
            && (self.sendable(now, lineage) || (spent && self.useless(now, lineage)));
        let by_itself = (spent || self.due(now)) && !self.pause.pending(now);
        let waiting = self.next_waiting(now);
        let id = lineage.id;
        // An answer in the record is saved whether or not anything may be sent.
        let unfinished = !record.newer() && self.look_at_attempts;
        if unfinished || (possible && (waiting.is_some() || by_itself)) {
            let target = waiting.unwrap_or(Target::OWN).clone();
            self.look_at_attempts = false;
            self.take_off(now, id, target);
        } else if waiting.is_some() {
            let error = self.closed_because(now);
            // Whichever token they wait for: nothing is sent.
            self.fail_waiters(now, Target::OWN, &error);
        }
    }

    /// Sets the one timer for whatever comes first.
    pub(super) fn arm(&mut self, now: &Moment) {
        let mut next = self.reading_wake();
        let mut at = |mono: Mono| next = next.min(mono);
        let view = &self.view;
        if !self.closing && view.lineage().is_some() {
            at(view.own_until().wake(now));
            at(view.refresh_until.wake(now));
            at(view.notice.wake(now));
            at(view.due.wake(now));
            at(view.cooldown.wake(now));
            at(view.stalled.wake(now));
            at(self.pause.wake(now));
        }
        if let Some(flight) = &self.flight {
            at(flight.wake());
        }
        for waiter in &self.waiters {
            at(waiter.wake());
        }
        for operation in &self.operations {
            at(operation.wake());
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
