//! An answer that could not be saved: the session goes on in this tab's memory, and a lock tells
//! the others to keep their hands off, until the store takes it after all.

use super::Engine;
use super::events::By;
use super::io::{Durability, Input, Lock, Purpose, StoreFailure, Swap};
use super::record::{LineageId, Record};
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
    /// Reads the record for a refresh; that of a detached session reads its memory.
    pub(super) fn read(&mut self, purpose: Purpose) {
        match &self.detached {
            Some(detached) => {
                let record = detached.record.clone();
                self.inbox.push(Input::Read(purpose, Ok(Some(record))));
            }
            None => self.ask(purpose),
        }
    }

    /// Writes the record for a refresh, likewise.
    pub(super) fn write(
        &mut self,
        purpose: Purpose,
        before: Option<Arc<Record>>,
        record: Arc<Record>,
        durability: Durability,
    ) {
        match &mut self.detached {
            Some(detached) => {
                // There is one refresh at a time: nobody else has written here since it read.
                detached.record = record;
                self.inbox.push(Input::Written(purpose, Ok(Swap::Done)));
            }
            None => self.swap(purpose, before, record, durability),
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
            self.ask(Purpose::Unsaved);
        }
    }

    pub(super) fn on_unsaved_read(
        &mut self,
        now: &Moment,
        result: Result<Option<Arc<Record>>, StoreFailure>,
    ) {
        let (Some(detached), Ok(found)) = (&mut self.detached, result) else {
            return;
        };
        if detached.writing.is_some() {
            return;
        }
        let ours = &detached.record;
        let Some(stored) = found.as_deref().filter(|stored| behind(stored, ours)) else {
            // Signed out, replaced, cleared, or overtaken: what is stored is true.
            return self.reattach(now, found, By::AnotherTab);
        };
        let mut next = stored.next();
        next.seq = next.seq.max(ours.seq + 1);
        next.lineage = ours.lineage.clone();
        let next = Arc::new(next);
        detached.writing = Some((next.clone(), ours.seq));
        self.swap(Purpose::Unsaved, found, next, Durability::Strict);
    }

    pub(super) fn on_unsaved_written(&mut self, now: &Moment, result: Result<Swap, StoreFailure>) {
        if let Some(detached) = &mut self.detached
            && let Some((written, of)) = detached.writing.take()
            && result == Ok(Swap::Done)
            && of == detached.record.seq
        {
            self.announce(&written);
            self.note(now, "saved", "the store works again");
            self.reattach(now, Some(written), By::ThisTab);
        }
    }

    /// The session is in the store again, or over.
    fn reattach(&mut self, now: &Moment, stored: Option<Arc<Record>>, by: By) {
        self.detached = None;
        self.release_unsaved();
        self.observe(now, stored, by);
    }

    /// Lets the others send again.
    pub(super) fn release_unsaved(&mut self) {
        let lineage = std::mem::take(&mut self.unsaved_lock);
        if lineage != LineageId::NONE {
            self.release(Lock::Unsaved(lineage));
        }
    }
}

/// Whether `stored` may give way to `ours`, which goes on where it stands.
fn behind(stored: &Record, ours: &Record) -> bool {
    let (Some(theirs), Some(ours)) = (&stored.lineage, &ours.lineage) else {
        return false;
    };
    // A save of ours that came through late knows nothing of what was sent since.
    let late = theirs.generation == ours.generation && theirs.refresh == ours.refresh;
    theirs.id == ours.id && (theirs.generation < ours.generation || late)
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
