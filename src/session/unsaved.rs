//! An answer that could not be saved: the session goes on in this tab's memory, and a lock tells
//! the others to keep their hands off, until the store takes it after all.

use super::Engine;
use super::events::By;
use super::io::{Durability, Effect, Input, Lock, Purpose, StoreFailure, Swap};
use super::record::{Record, Stamp};
use super::time::{Looks, Moment, Mono, Rebase, Shift};
use std::sync::Arc;

/// The record as it would be, had the store taken it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Detached {
    pub(super) record: Arc<Record>,
    looks: Looks,
    /// What is being written, and the `seq` of what it was made of.
    writing: Option<(Arc<Record>, u64)>,
}

impl Detached {
    pub(super) fn new(record: Arc<Record>, now: &Moment) -> Self {
        Self {
            record,
            looks: Looks::from(now),
            writing: None,
        }
    }

    /// When to try the store again.
    pub(super) fn wake(&self) -> Mono {
        self.looks.next()
    }
}

impl Engine {
    /// Reads the record for `purpose`: a refresh of a detached session reads its memory.
    pub(super) fn read(&mut self, purpose: Purpose) {
        match (&self.detached, purpose) {
            (Some(detached), Purpose::Refresh(_)) => {
                let record = Ok(Some(detached.record.clone()));
                self.inbox.push(Input::Read(purpose, record));
            }
            _ => self.effects.push(Effect::Read(purpose)),
        }
    }

    /// Writes the record for `purpose`, likewise.
    pub(super) fn write(
        &mut self,
        purpose: Purpose,
        expected: Option<Stamp>,
        record: Arc<Record>,
        durability: Durability,
    ) {
        match (&mut self.detached, purpose) {
            (Some(detached), Purpose::Refresh(_)) => {
                let swap = if expected == Some(detached.record.stamp()) {
                    detached.record = record;
                    Swap::Done
                } else {
                    Swap::Lost
                };
                self.inbox.push(Input::Written(purpose, Ok(swap)));
            }
            _ => self.effects.push(Effect::Write {
                purpose,
                expected,
                record,
                durability,
            }),
        }
    }

    /// Tries the store again.
    pub(super) fn tick_detached(&mut self, now: &Moment) {
        let Some(detached) = self.detached.as_mut().filter(|d| d.wake() <= now.mono) else {
            return;
        };
        detached.looks.look(now);
        // One write at a time: the end of one must not be taken for another's.
        if detached.writing.is_none() {
            self.effects.push(Effect::Read(Purpose::Unsaved));
        }
    }

    pub(super) fn on_unsaved_read(
        &mut self,
        now: &Moment,
        result: Result<Option<Arc<Record>>, StoreFailure>,
    ) {
        let (Some(detached), Ok(stored)) = (&mut self.detached, result) else {
            return;
        };
        if detached.writing.is_some() {
            return;
        }
        let ours = detached.record.lineage.as_ref();
        let same = stored
            .as_ref()
            .and_then(|r| r.lineage.as_ref())
            .zip(ours)
            .filter(|(theirs, ours)| {
                // A save of ours that came through late knows nothing of what was sent since.
                let late = theirs.generation == ours.generation && theirs.refresh == ours.refresh;
                theirs.id == ours.id && (theirs.generation < ours.generation || late)
            });
        match (&stored, same) {
            (Some(stored), Some(_)) => {
                let next = Arc::new(Record {
                    seq: stored.seq.max(detached.record.seq) + 1,
                    lineage: detached.record.lineage.clone(),
                    ..Record::clone(stored)
                });
                detached.writing = Some((next.clone(), detached.record.seq));
                self.effects.push(Effect::Write {
                    purpose: Purpose::Unsaved,
                    expected: Some(stored.stamp()),
                    record: next,
                    durability: Durability::Strict,
                });
            }
            _ => {
                // Signed out, replaced, cleared, or overtaken: what is stored is true.
                self.detached = None;
                self.release_unsaved();
                self.observe(now, stored, By::AnotherTab);
            }
        }
    }

    pub(super) fn on_unsaved_written(&mut self, now: &Moment, result: Result<Swap, StoreFailure>) {
        let Some(detached) = &mut self.detached else {
            return;
        };
        let written = detached.writing.take();
        let Some((written, of)) = written.filter(|_| matches!(result, Ok(Swap::Done))) else {
            return;
        };
        if of == detached.record.seq {
            self.detached = None;
            self.release_unsaved();
            self.announce(&written);
            self.note(now, "saved", "the store works again");
            self.observe(now, Some(written), By::ThisTab);
        }
    }

    /// Lets the others send again.
    pub(super) fn release_unsaved(&mut self) {
        if let Some(lineage) = self.unsaved_lock.take() {
            self.release(Lock::Unsaved(lineage));
        }
    }
}

impl Rebase for Detached {
    fn rebase(&mut self, by: &Shift) {
        self.record.rebase(by);
        self.looks.rebase(by);
        if let Some((writing, of)) = &mut self.writing {
            writing.rebase(by);
            *of = of.saturating_sub(by.seq);
        }
    }
}
