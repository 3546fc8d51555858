//! What may become of the stored record by other hands.

use super::World;
use evergrant::oauth::RefreshToken;
use evergrant::session::time::UNKNOWN_MS;
use evergrant::session::{Lineage, LineageId, Reason, Record, RefreshGrant};

/// Another issuer, and the one token of its session.
pub(super) const FOREIGN: &str = "https://other.example/token";

impl World {
    /// Somebody clears the storage.
    pub(crate) fn clear(&mut self) {
        self.store = None;
        self.garbage = false;
        self.becomes_unreadable(false);
        if let Some(witness) = &mut self.witness {
            witness.cleared.extend(witness.families.keys());
        }
    }

    /// Somebody writes something else over the record.
    pub(crate) fn scribble(&mut self) {
        self.clear();
        self.garbage = true;
    }

    /// The record cannot be read, or can be again.
    pub(crate) fn becomes_unreadable(&mut self, unreadable: bool) {
        if unreadable || self.unreadable {
            self.unreadable = unreadable && self.store.is_some();
            for tab in &mut self.tabs {
                tab.stuck = self.now.mono;
            }
        }
    }

    /// Whether this tab may give this reason for an end, whatever the record says: it is on its own; or it
    /// takes what it cannot read for cleared, as who signs out does, or could not the moment before.
    pub(super) fn excuses(&self, tab: usize, reason: Reason) -> bool {
        let unread = self.unreadable || self.tabs[tab].stuck == self.now.mono;
        self.tabs[tab].degraded || (reason == Reason::StorageCleared && unread)
    }

    /// Another issuer's client, which knows nothing of this one, signs in under the same key.
    pub(crate) fn write_foreign(&mut self) {
        let mut record = Record::after(self.store.as_ref(), FOREIGN, self.now.wall);
        let lineage = record.lineage.insert(Lineage::default());
        lineage.id = LineageId(record.seq);
        lineage.generation = 1;
        lineage.refresh = Some(RefreshGrant {
            token: RefreshToken::new(FOREIGN),
            received_at: self.now.wall,
            lifetime_ms: UNKNOWN_MS,
        });
        record.ended.clear();
        record.issuer = FOREIGN.into();
        let before = self.store.take().and_then(|record| record.lineage);
        if let Some(before) = before {
            self.over.insert(before.id);
        }
        if let Some(witness) = &mut self.witness {
            witness.overwritten.extend(witness.families.keys());
        }
        self.garbage = false;
        self.unreadable = false;
        self.store = Some(record);
    }
}
