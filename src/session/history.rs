//! The flight recorder: what happened to the session and why, without secrets.

use super::time::{Rebase, Shift, Wall};
use super::tuning;
use std::hash::{Hash, Hasher};

/// One thing that happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Entry {
    /// When.
    pub at: Wall,
    /// What: a short stable name.
    pub event: String,
    /// Why, or with what; may be empty.
    pub detail: String,
}

/// The last entries, oldest first. It bears witness and decides nothing: two engines that differ
/// only in it are the same state.
#[derive(Clone, Debug, Default)]
pub struct History {
    entries: Vec<Entry>,
}

impl History {
    /// Adds an entry; the oldest gives way.
    pub fn note(&mut self, at: Wall, event: &str, detail: impl Into<String>) {
        if self.entries.len() >= tuning::HISTORY {
            self.entries.remove(0);
        }
        self.entries.push(Entry {
            at,
            event: event.into(),
            detail: detail.into(),
        });
    }

    /// Puts what an ended session left behind before everything else.
    pub fn recall(&mut self, earlier: &[Entry]) {
        let mut entries = earlier.to_vec();
        entries.append(&mut self.entries);
        self.entries = entries;
    }

    /// All entries, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What an ended session leaves behind.
    #[must_use]
    pub fn last_words(&self) -> Vec<Entry> {
        let skip = self.entries.len().saturating_sub(tuning::LAST_WORDS);
        self.entries.get(skip..).unwrap_or_default().to_vec()
    }
}

impl PartialEq for History {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for History {}

impl Hash for History {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Rebase for History {
    fn rebase(&mut self, _: &Shift) {}
}
