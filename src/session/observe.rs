//! Taking in a record: what has changed since the last one, for whoever waits or listens.

use super::Engine;
use super::error::Error;
use super::events::{By, Degraded, Ended, Event};
use super::record::{Lineage, LineageId, Reason, Record, Stalled, Target};
use super::time::{Deadline, Moment, Wall};
use super::tuning;
use std::sync::Arc;

impl Engine {
    /// Takes in a record, as read or as written by this tab.
    pub(super) fn observe(&mut self, now: &Moment, record: Option<Arc<Record>>, by: By) {
        let was_known = self.opening.take().is_none() || by == By::ThisTab;
        let seen = self.view.record.clone();
        let old = seen.as_ref().and_then(|r| r.lineage.as_ref());
        let mut new = record.as_ref().and_then(|r| r.lineage.as_ref());
        if let (Some(seen), Some(record)) = (&seen, &record)
            && let (Some(old), Some(new)) = (old, new)
            && old.id == new.id
            && (record.seq < seen.seq || new.generation < old.generation)
        {
            // An older reading that comes late, or one from behind an answer kept in memory.
            return;
        }
        if old.is_none() && new.is_some_and(|new| self.burying() == Some(new.id)) {
            // Its end is not in the store yet.
            return;
        }
        // What another issuer's client wrote is none of this one's business, and never sent.
        let issuer = &self.config.issuer;
        let foreign = new.is_some() && record.as_ref().is_some_and(|r| r.issuer != *issuer);
        // Nor is what had come to its known end before it was first seen; but the clock that says so may
        // be wrong, so that it stays where it is.
        let known = old.map(|lineage| lineage.id);
        let late = new
            .filter(|l| known != Some(l.id))
            .and_then(|l| l.past(now));
        new = new.filter(|_| !foreign && late.is_none());
        let ours = record.clone().filter(|_| !foreign && late.is_none());
        self.view.take(now, ours, &self.config);
        match (old, new) {
            (Some(old), Some(new)) if old.id == new.id => self.continued(now, old, new, by),
            _ => {
                if let Some(old) = old {
                    self.ended_now(now, old.id, record.as_deref(), foreign, by);
                } else if new.is_none() {
                    self.found_ended(now, record.as_deref(), foreign, was_known);
                }
                if let Some(at) = late {
                    self.end = Some(Ended::new(at, Reason::RefreshTokenExpired));
                }
                if let Some(new) = new {
                    self.began(now, new, old, was_known, by);
                }
            }
        }
        match (&seen, old, &record) {
            (Some(seen), Some(old), None) => self.on_cleared(now, old.id, seen.seq),
            (_, _, Some(record)) if record.newer() && !self.served_newer => {
                self.served_newer = true;
                self.emit(Event::Degraded {
                    what: Degraded::Version,
                });
            }
            _ => {}
        }
    }

    fn continued(&mut self, now: &Moment, old: &Lineage, new: &Lineage, by: By) {
        if new.generation > old.generation {
            self.forgive();
            let at_once = |it: &&Stalled| it.at == new.received_at;
            if let Some(stalled) = new.stalled.as_ref().filter(at_once) {
                // It brought nothing that may be handed out.
                let error = stalled.error.clone();
                self.note(now, "refresh-failed", error.code.as_str());
                self.emit(Event::RefreshFailed {
                    error: error.clone(),
                });
                self.fail_waiters(now, Target::OWN, &error);
            } else {
                self.note(now, "refreshed", by.as_str());
                self.emit(Event::Refreshed { by });
            }
        }
        let pause = |lineage: &Lineage| lineage.retry.map_or(Wall::NEVER, |retry| retry.at);
        if pause(new) != Wall::NEVER && pause(new) != pause(old) {
            // Whichever tab it was: the next pause is longer.
            self.failures = self.failures.saturating_add(1);
        }
        if new.refused() && !old.refused() {
            self.note(
                now,
                "rotation-lost",
                "served to the end of the access token",
            );
            let at = self.view.own_until().wall;
            if at != Wall::NEVER {
                self.emit(Event::SessionExpiring { at });
            }
        }
    }

    /// The session that was known is not in the record any more.
    fn ended_now(
        &mut self,
        now: &Moment,
        id: LineageId,
        record: Option<&Record>,
        foreign: bool,
        by: By,
    ) {
        let end = match record.and_then(|r| r.ending(id)) {
            Some(ending) => Ended::from(ending),
            None => {
                let reason = match record {
                    Some(_) if foreign => Reason::IssuerChanged,
                    Some(record) if record.ended.len() >= tuning::ENDINGS => Reason::SignedOut,
                    // It would be remembered: the record was lost, and another one begun.
                    _ => Reason::StorageCleared,
                };
                Ended::new(now.wall, reason)
            }
        };
        self.detached = None;
        self.has_saved();
        self.last_error = None;
        self.note(now, "signed-out", end.reason.as_str());
        self.end_waiters(&Error::ended(end.reason));
        if self.flight.as_ref().is_some_and(|f| !f.airborne()) {
            self.land();
        }
        self.end = Some(end.clone());
        self.emit(Event::SignedOut { end, by });
    }

    /// An end from before this client's time, or one that another tab reached while this one had
    /// no session.
    fn found_ended(
        &mut self,
        now: &Moment,
        record: Option<&Record>,
        foreign: bool,
        was_known: bool,
    ) {
        if foreign && !was_known {
            self.end = Some(Ended::new(now.wall, Reason::IssuerChanged));
        } else if let Some(ending) = record.and_then(|r| r.ended.last()) {
            self.end = Some(Ended::from(ending));
            if !was_known {
                self.history.recall(&ending.history);
            }
        }
    }

    fn began(
        &mut self,
        now: &Moment,
        new: &Lineage,
        old: Option<&Lineage>,
        was_known: bool,
        by: By,
    ) {
        self.end = None;
        self.noticed = false;
        self.forgive();
        self.look_at_attempts = !new.attempts.is_empty();
        if was_known {
            self.note(now, "signed-in", by.as_str());
            let previous = old.and_then(|l| l.id_token.clone());
            self.emit(Event::SignedIn { by, previous });
        } else {
            self.note(now, "restored", "");
        }
    }

    /// Tokens came: what failed before them does not count.
    fn forgive(&mut self) {
        self.failures = 0;
        self.pause = Deadline::NEVER;
        self.last_error = None;
    }

    /// Gives notice, once, that the refresh token is about to end.
    pub(super) fn give_notice(&mut self, now: &Moment) {
        let due = self.view.notice.passed(now);
        if due && !self.noticed {
            let at = self.view.refresh_until.wall;
            self.emit(Event::SessionExpiring { at });
        }
        self.noticed = due;
    }
}
