//! An answer that could not be saved: the session goes on in this tab's memory, and a lock tells
//! the others to keep their hands off, until the store takes it after all.

use super::Engine;
use super::changes;
use super::io::{Durability, Input, Lock, Purpose, Swap};
use super::operations::{Kind, Operation};
use super::record::{AttemptId, Ending, LineageId, Record};
use super::time::Moment;
use std::mem::replace;
use std::sync::Arc;

impl Engine {
    /// Reads the record for a refresh; that of a detached session reads its memory.
    pub(super) fn read(&mut self, purpose: Purpose) {
        match &self.detached {
            Some(record) => {
                let record = record.clone();
                self.inbox.push(Input::Read(purpose, Ok(Some(record))));
            }
            None => self.ask(purpose),
        }
    }

    /// Writes the record for a refresh, likewise.
    pub(super) fn write(
        &mut self,
        now: &Moment,
        purpose: Purpose,
        before: Option<Arc<Record>>,
        record: Arc<Record>,
        durability: Durability,
    ) {
        match &mut self.detached {
            Some(detached) => {
                // There is one refresh at a time: nobody else has written here since it read.
                let before = replace(detached, record.clone());
                if let (None, Some(ending)) = (&record.lineage, record.ended.last()) {
                    // The others have to know: the store still says that it lives.
                    let end = Kind::Bury(before, Box::new(ending.clone()));
                    self.operate(now, Purpose::saving(AttemptId(purpose.0)), end);
                }
                self.inbox.push(Input::Written(purpose, Ok(Swap::Done)));
            }
            None => self.swap(purpose, before, record, durability),
        }
    }

    /// The session is in the store again, or over.
    pub(super) fn reattach(&mut self) {
        self.detached = None;
        self.release_unsaved();
    }

    /// Lets the others send again.
    pub(super) fn release_unsaved(&mut self) {
        let lineage = std::mem::take(&mut self.unsaved_lock);
        if lineage != LineageId::NONE {
            self.release(Lock::unsaved(lineage));
        }
    }

    /// Likewise, unless something lives in memory, or its end is known to this tab alone.
    pub(super) fn has_saved(&mut self) {
        if self.detached.is_none() && self.burying().is_none() {
            self.release_unsaved();
        }
    }

    /// The lineage that has ended in memory, and in the store not yet.
    pub(super) fn burying(&self) -> Option<LineageId> {
        self.operations.iter().find_map(Operation::buries)
    }
}

/// The record that puts `ours` in the place of `stored`; none if what is stored is true: signed out,
/// replaced, or overtaken.
pub(super) fn over(stored: &Record, ours: &Record) -> Option<Record> {
    let (theirs, lineage) = (stored.lineage.as_ref()?, ours.lineage.as_ref()?);
    // A save of ours that came through late knows nothing of what was sent since. Another's of the same
    // generation came at another time, or has another token, even where the server does not rotate.
    let late = theirs.generation == lineage.generation
        && theirs.received_at == lineage.received_at
        && theirs.access.last().map(|it| &it.token) == lineage.access.last().map(|it| &it.token);
    let behind = theirs.id == lineage.id && (theirs.generation < lineage.generation || late);
    if !behind {
        return None;
    }
    let mut next = stored.next();
    next.seq = next.seq.max(ours.seq + 1);
    next.lineage.clone_from(&ours.lineage);
    Some(next)
}

/// The tombstone over `stored` of what has ended in memory as `ours`; none if what is stored has gone on, or
/// holds an answer that may be a good one.
pub(super) fn bury(stored: &Record, ours: &Record, ending: &Ending) -> Option<Record> {
    let mut next = over(stored, ours)?;
    let lineage = stored.lineage.as_ref()?;
    if lineage.attempts.iter().any(|it| it.answer.is_some()) {
        return None;
    }
    changes::bury(&mut next, ending.clone());
    Some(next)
}
