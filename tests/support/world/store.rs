//! The store: a compare-and-swap on lineage and `seq`, and the ways in which it lets a tab down.

use super::World;
use super::network::answer;
use crate::json::{TestJson, parse};
use evergrant::oauth::Answer;
use evergrant::session::codec::{decode, encode};
use evergrant::session::{
    Attempt, AttemptId, AttemptState, Effect, Input, Lineage, Lock, Record, Stamp, StoreFailure,
    Swap, Target,
};
use std::sync::Arc;

/// How the store treats a tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreMode {
    Works,
    Fails,
    /// It is full.
    WritesFail,
    /// Nothing comes back, until [`World::unhang`].
    Hangs,
    WritesHang,
    /// Every swap is lost, though nobody else has written.
    TakesNothing,
}

impl World {
    /// Treats every tab so.
    pub(crate) fn store_mode(&mut self, mode: StoreMode) {
        for tab in &mut self.tabs {
            tab.store = mode;
        }
    }

    pub(super) fn access(&mut self, tab: usize, effect: Effect) {
        let writes = matches!(effect, Effect::Write { .. });
        let fails = match self.tabs[tab].store {
            StoreMode::TakesNothing if writes => {
                return self.due(tab, refused(&effect));
            }
            StoreMode::Hangs => return self.hung.push((tab, effect)),
            StoreMode::WritesHang if writes => return self.hung.push((tab, effect)),
            StoreMode::Fails => true,
            StoreMode::WritesFail => writes,
            StoreMode::Works | StoreMode::WritesHang | StoreMode::TakesNothing => false,
        };
        self.carry_out(tab, effect, fails);
    }

    fn carry_out(&mut self, tab: usize, effect: Effect, fails: bool) {
        let input = match effect {
            Effect::Read(purpose) if fails => Input::Read(purpose, Err(StoreFailure::Unavailable)),
            Effect::Read(purpose) => Input::Read(purpose, self.read()),
            Effect::Write { purpose, .. } if fails => {
                Input::Written(purpose, Err(StoreFailure::Unavailable))
            }
            Effect::Write {
                purpose,
                before,
                record,
                ..
            } => {
                let swap = self.write(before.as_deref().map(Record::stamp), Record::clone(&record));
                let freezes = std::mem::take(&mut self.tabs[tab].freezes_after_write);
                if freezes {
                    self.freeze(tab);
                }
                Input::Written(purpose, Ok(swap))
            }
            other => unreachable!("no access: {other:?}"),
        };
        self.due(tab, input);
    }

    /// Treats a tab so from now on.
    pub(crate) fn now_in_mode(&mut self, tab: usize, mode: StoreMode) {
        self.tabs[tab].store = mode;
        if mode != StoreMode::Works {
            self.tabs[tab].stuck = self.now.mono;
        }
    }

    /// The store answers the oldest of what hangs, if anything does.
    pub(crate) fn write_oldest(&mut self) {
        if !self.hung.is_empty() {
            self.write_one();
        }
    }

    /// The store answers the oldest of what hangs.
    pub(crate) fn write_one(&mut self) {
        let (tab, effect) = self.hung.remove(0);
        self.carry_out(tab, effect, false);
        self.settle();
    }

    /// The store answers, at last, in order.
    pub(crate) fn unhang(&mut self) {
        self.store_mode(StoreMode::Works);
        for (tab, effect) in std::mem::take(&mut self.hung) {
            self.carry_out(tab, effect, false);
        }
        self.unhang_keeper();
        self.settle();
    }

    fn read(&mut self) -> Result<Option<Arc<Record>>, StoreFailure> {
        if self.garbage || self.unreadable {
            return Err(StoreFailure::Unreadable);
        }
        let Some(record) = &self.store else {
            return Ok(None);
        };
        if self.read.as_deref() != Some(record) {
            // Through text and back, as every store does it.
            let read = decode(text_and_back(record)).expect("a record is read");
            assert_eq!(&*read, record, "the codec changed the record");
            self.read = Some(read);
        }
        Ok(self.read.clone())
    }

    pub(super) fn write(&mut self, expected: Option<Stamp>, record: Record) -> Swap {
        if expected.is_none() && self.unreadable {
            // It is replaced as if nothing stood there.
            self.clear();
        }
        if self.store.as_ref().map(Record::stamp) != expected {
            return Swap::Lost;
        }
        if let Some(before) = &self.store {
            assert!(record.seq > before.seq, "seq went back");
            if let (Some(old), Some(new)) = (&before.lineage, &record.lineage)
                && old.id == new.id
            {
                assert!(new.generation >= old.generation, "a generation went back");
                let same = new.refresh == old.refresh && new.access == old.access;
                assert!(
                    same || new.generation > old.generation,
                    "a token was overwritten"
                );
            }
        }
        if let Some(lineage) = &record.lineage {
            let tokens = lineage.access.iter().map(|a| a.token.expose().to_owned());
            self.saved.extend(tokens);
        }
        let living = record.lineage.as_ref().map(|l| l.id);
        assert!(
            living.is_none_or(|id| !self.over.contains(&id)),
            "a session was revived"
        );
        let before = self.store.as_ref().and_then(|r| r.lineage.as_ref());
        self.over
            .extend(before.map(|l| l.id).filter(|id| Some(*id) != living));
        self.judge_write(&record);
        self.garbage = false;
        self.writes += 1;
        self.store = Some(record);
        Swap::Done
    }

    /// The living session in the store.
    pub(crate) fn lineage(&self) -> &Lineage {
        let record = self.store.as_ref().expect("the store holds a record");
        record.lineage.as_ref().expect("the record is no tombstone")
    }

    /// The attempts in the store, in the order in which they came in.
    pub(super) fn attempt_ids(&self) -> Vec<AttemptId> {
        let lineage = self.store.as_ref().and_then(|r| r.lineage.as_ref());
        lineage.map_or_else(Vec::new, |l| l.attempts.iter().map(|a| a.id).collect())
    }

    /// The states of the attempts in the store.
    pub(crate) fn attempts(&self) -> Vec<AttemptState> {
        self.lineage().attempts.iter().map(|a| a.state).collect()
    }

    pub(crate) fn refresh_token(&self) -> Option<&str> {
        let refresh = self.lineage().refresh.as_ref();
        refresh.map(|grant| grant.token.expose())
    }

    /// Somebody else writes the record: the keeper, or a later version.
    pub(crate) fn edit(&mut self, how: impl FnOnce(&mut Record)) {
        let record = self.store.as_mut().expect("the store holds a record");
        record.seq += 1;
        how(record);
    }

    /// Likewise, the living session in it.
    pub(crate) fn edit_lineage(&mut self, how: impl FnOnce(&mut Lineage)) {
        self.edit(|record| how(record.lineage.as_mut().expect("the record is no tombstone")));
    }

    /// Somebody else's attempt stands in the record; the lock that its sender would hold.
    pub(crate) fn attempted(&mut self, id: u64, state: AttemptState) -> Lock {
        let attempt = Attempt {
            id: AttemptId(id),
            state,
            sent_at: self.now.wall,
            replays: 0,
            target: Target::default(),
            answer: None,
            extra: None,
        };
        self.edit_lineage(|lineage| lineage.attempts.push(attempt));
        Lock::attempt(AttemptId(id))
    }

    /// The keeper, or a robbed sender, writes an answer into an attempt.
    pub(crate) fn answered(&mut self, id: u64, status: u16, body: &str) {
        self.answered_by(id, answer(status, body, None));
    }

    pub(crate) fn answered_by(&mut self, id: u64, answer: Answer) {
        let (at, answer) = (self.now.wall, Arc::new(answer));
        self.edit_lineage(|lineage| lineage.attempts.retain(|a| a.id != AttemptId(id)));
        self.attempted(id, AttemptState::Answered);
        self.edit_lineage(|lineage| {
            for attempt in &mut lineage.attempts {
                if attempt.id == AttemptId(id) {
                    attempt.answer = Some((answer.clone(), at));
                }
            }
        });
    }
}

fn refused(write: &Effect) -> Input {
    let Effect::Write { purpose, .. } = write else {
        unreachable!("no write: {write:?}");
    };
    Input::Written(*purpose, Ok(Swap::Lost))
}

fn text_and_back(record: &Record) -> TestJson {
    let TestJson(json) = encode(record);
    parse(&json.expect("a record is JSON").to_string()).expect("what was written is JSON")
}
