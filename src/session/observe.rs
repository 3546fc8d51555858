//! Taking in a record: what has changed since the last one, for whoever waits or listens.

use super::Engine;
use super::error::Error;
use super::events::{By, Degraded, Ended, Event};
use super::record::{Ending, Lineage, Reason, Record, Target};
use super::time::{Deadline, Moment};
use super::tuning;
use std::sync::Arc;

impl Engine {
    /// Takes in a record, as read or as written by this tab.
    pub(super) fn observe(&mut self, now: &Moment, record: Option<Arc<Record>>, by: By) {
        // What another issuer's client wrote is none of this one's business, and never sent.
        let foreign = record
            .as_ref()
            .is_some_and(|r| r.lineage.is_some() && r.issuer != self.config.issuer);
        let was_known = self.opening.take().is_none() || by == By::ThisTab;
        let before = self.view.lineage().cloned();
        if let (Some(seen), Some(new)) = (&self.view.record, &record)
            && let (Some(old), Some(lineage)) = (&before, &new.lineage)
            && old.id == lineage.id
            && (new.seq < seen.seq || lineage.generation < old.generation)
        {
            // An older reading that comes late, or one from behind an answer kept in memory.
            return;
        }
        let cleared = record.is_none() && before.is_some();
        let seq = self.view.record.as_ref().map_or(0, |r| r.seq);
        let ending = self.find_ending(now, before.as_ref(), record.as_deref(), foreign, was_known);
        let record = if foreign {
            record.map(stranger)
        } else {
            record
        };
        self.view.take(now, record, &self.config);
        let after = self.view.lineage().cloned();
        match (&before, &after) {
            (Some(old), Some(new)) if old.id == new.id => self.continued(now, old, new, by),
            (old, new) => {
                if old.is_some() {
                    self.ended_now(now, ending.as_ref(), by);
                } else if let Some(end) = ending.as_ref().filter(|_| new.is_none()) {
                    self.found_ended(end, was_known);
                }
                if let Some(new) = new {
                    self.began(now, new, old.as_ref(), was_known, by);
                }
            }
        }
        if let Some(old) = before.filter(|_| cleared) {
            self.on_cleared(now, old.id, seq);
        }
        let newer = |r: &Record| r.version > tuning::RECORD_VERSION;
        if self.view.record.as_deref().is_some_and(newer) && !self.served_newer {
            self.served_newer = true;
            self.emit(Event::Degraded {
                what: Degraded::Version,
            });
        }
    }

    /// How the session that was known ended, or the last one before this client.
    fn find_ending(
        &self,
        now: &Moment,
        before: Option<&Lineage>,
        record: Option<&Record>,
        foreign: bool,
        was_known: bool,
    ) -> Option<Ending> {
        let made_up = |lineage, reason| {
            Some(Ending {
                lineage,
                reason,
                replaced: false,
                at: now.wall,
                error: None,
                history: self.history.last_words(),
            })
        };
        let remembered = |id| record.and_then(|r| r.ending(id)).cloned();
        match (before, record) {
            (Some(old), None) => made_up(old.id, Reason::StorageCleared),
            (Some(old), Some(new)) => remembered(old.id).or_else(|| {
                let reason = if foreign {
                    Reason::IssuerChanged
                } else if new.ended.len() < tuning::ENDINGS {
                    // It would be remembered: the record was lost, and another one begun.
                    Reason::StorageCleared
                } else {
                    Reason::SignedOut
                };
                made_up(old.id, reason)
            }),
            (None, Some(record)) if foreign && !was_known => {
                let id = record.lineage.as_ref().map(|l| l.id)?;
                made_up(id, Reason::IssuerChanged)
            }
            (None, Some(record)) => record.ended.last().cloned(),
            (None, None) => None,
        }
    }

    fn continued(&mut self, now: &Moment, old: &Lineage, new: &Lineage, by: By) {
        if new.generation > old.generation {
            self.last_error = None;
            self.failures = 0;
            self.pause = Deadline::NEVER;
            self.note(now, "refreshed", by.as_str());
            self.emit(Event::Refreshed { by });
        }
        let pause = |lineage: &Lineage| lineage.retry.map(|retry| retry.at);
        if pause(new).is_some() && pause(new) != pause(old) {
            // Whichever tab it was: the next pause is longer.
            self.failures = self.failures.saturating_add(1);
        }
        if new.refused() && !old.refused() {
            self.note(
                now,
                "rotation-lost",
                "served to the end of the access token",
            );
            let own = self.view.access(&Target::default());
            if let Some(at) = own.and_then(|(_, until)| until.wall.known()) {
                self.emit(Event::SessionExpiring { at });
            }
        }
    }

    fn ended_now(&mut self, now: &Moment, ending: Option<&Ending>, by: By) {
        let Some(ending) = ending else {
            return;
        };
        self.detached = None;
        self.release_unsaved();
        self.last_error = None;
        self.end = Some(Ended::from(ending));
        self.note(now, "signed-out", ending.reason.as_str());
        self.end_waiters(&Error::ended(ending.reason));
        if self.flight.as_ref().is_some_and(|f| !f.airborne()) {
            self.land();
        }
        self.emit(Event::SignedOut {
            end: Ended::from(ending),
            by,
        });
    }

    /// An end from before this client's time, or one that another tab reached while this one had
    /// no session.
    fn found_ended(&mut self, ending: &Ending, was_known: bool) {
        self.end = Some(Ended::from(ending));
        if !was_known {
            self.history.recall(&ending.history);
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
        self.failures = 0;
        self.pause = Deadline::NEVER;
        self.look_at_attempts = !new.attempts.is_empty();
        if was_known {
            self.note(now, "signed-in", by.as_str());
            let previous = old.and_then(|l| l.id_token.clone());
            self.emit(Event::SignedIn { by, previous });
        } else {
            self.note(now, "restored", "");
        }
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

    /// How the last session ended, while none lives.
    pub(super) fn ended(&self) -> Option<&Ended> {
        self.end.as_ref().filter(|_| self.view.lineage().is_none())
    }
}

/// What is seen of another issuer's record: that there is one, and none of its tokens.
fn stranger(record: Arc<Record>) -> Arc<Record> {
    Arc::new(Record {
        lineage: None,
        ..Record::clone(&record)
    })
}
