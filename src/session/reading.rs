//! Looking at the record in order to know: at the start, after a wake, after another tab's word.

use super::Engine;
use super::events::{By, Degraded, Ended, Event};
use super::io::{Durability, Effect, Purpose, StoreFailure};
use super::record::{Reason, Record};
use super::time::{Looks, Moment, Mono, Rebase, Shift};
use super::tuning;
use std::sync::Arc;

/// The first reading, which the application waits for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Opening {
    looks: Looks,
    failed: bool,
}

impl Engine {
    /// The start.
    pub(super) fn open(&mut self, now: &Moment) {
        self.opening = Some(Opening {
            looks: Looks::from(now),
            failed: false,
        });
        self.look_again();
    }

    /// Clocks and record may be anywhere: for a moment, nothing is handed out before the record has
    /// been read.
    pub(super) fn wake(&mut self, now: &Moment) {
        if self.view.known {
            self.reading_first = now.mono.plus(tuning::LOOK_MS);
        }
        self.look_again();
    }

    /// Reads the record because something may have happened to it.
    pub(super) fn look_again(&mut self) {
        self.ask(Purpose::VIEW);
    }

    /// Reads the record for `purpose`.
    pub(super) fn ask(&mut self, purpose: Purpose) {
        self.effects.push(Effect::Read(purpose));
    }

    /// Writes `record` in the place of `before`.
    pub(super) fn swap(
        &mut self,
        purpose: Purpose,
        before: Option<Arc<Record>>,
        record: Arc<Record>,
        durability: Durability,
    ) {
        self.effects.push(Effect::Write {
            purpose,
            before,
            record,
            durability,
        });
    }

    /// The answer to a reading that only wanted to know.
    pub(super) fn on_view_read(
        &mut self,
        now: &Moment,
        result: Result<Option<Arc<Record>>, StoreFailure>,
    ) {
        self.reading_first = Mono::NEVER;
        match result {
            Ok(record) => {
                self.observe(now, record, By::AnotherTab);
                self.look_at_the_gate(now);
            }
            // What lives is not given up for a reading that may be better the next time.
            Err(StoreFailure::Unreadable) if self.view.lineage().is_some() => {
                self.note(now, "unreadable", "the record, for now");
            }
            Err(StoreFailure::Unreadable) => {
                self.observe(now, None, By::AnotherTab);
                // Whatever it was, the key to it is gone, or somebody has written over it.
                let gone = Ended::new(now.wall, Reason::StorageCleared);
                self.end.get_or_insert(gone);
            }
            Err(StoreFailure::Unavailable) => {
                if let Some(opening) = &mut self.opening {
                    opening.failed = true;
                }
                self.go_without_store(now);
            }
        }
    }

    /// Counts the time of a reading that is waited for.
    pub(super) fn tick_reading(&mut self, now: &Moment) {
        if self.reading_first <= now.mono {
            self.reading_first = Mono::NEVER;
        }
        let timeout = self.config.timeout_ms;
        let Some(opening) = &mut self.opening else {
            return;
        };
        if opening.looks.next() > now.mono {
            return;
        }
        let waited = opening.looks.look(now);
        if std::mem::take(&mut opening.failed) {
            self.look_again();
        }
        if waited >= timeout {
            self.go_without_store(now);
        }
    }

    /// When to count next.
    pub(super) fn reading_wake(&self) -> Mono {
        match &self.opening {
            Some(o) if o.looks.counted < tuning::OPENING_MS || !self.view.known => {
                o.looks.next().min(self.reading_first)
            }
            _ => self.reading_first,
        }
    }

    /// Whether nothing is handed out before the record has been read.
    pub(super) fn reads_first(&self) -> bool {
        self.reading_first != Mono::NEVER
    }

    /// The store says nothing: the application is told, and not kept waiting.
    fn go_without_store(&mut self, now: &Moment) {
        if !self.view.known {
            self.view.known = true;
            self.note(now, "store-failed", "nothing is known of a session");
            self.emit(Event::Degraded {
                what: Degraded::Storage,
            });
        }
    }
}

impl Rebase for Opening {
    fn rebase(&mut self, by: &Shift) {
        self.looks.rebase(by);
    }
}
