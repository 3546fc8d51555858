//! Locks as the Web Locks API has them: a queue each; the first in it holds the lock.

use super::World;
use super::keeper::Sign;
use super::order::Due;
use evergrant::session::{Holder, Input, Lock};
use std::collections::{BTreeMap, VecDeque};

/// Stands in a queue for something that is no part of this world: a later version.
const OUTSIDE: usize = 1_000;

/// The keeper's first errand; each has a number of its own.
pub(super) const KEEPER: usize = 2_000;

/// The locks that are held or asked for, by their names.
#[derive(Default)]
pub(super) struct Locks(BTreeMap<(u8, u64), (Lock, VecDeque<usize>)>);

fn name(lock: Lock) -> (u8, u64) {
    (lock.kind as u8, lock.id)
}

impl Locks {
    fn queue(&mut self, lock: Lock) -> &mut VecDeque<usize> {
        let entry = self.0.entry(name(lock));
        &mut entry.or_insert_with(|| (lock, VecDeque::new())).1
    }

    pub(super) fn all(&self) -> Vec<Lock> {
        self.0.values().map(|(lock, _)| *lock).collect()
    }
}

impl World {
    pub(super) fn request(&mut self, tab: usize, lock: Lock) {
        let queue = self.locks.queue(lock);
        queue.push_back(tab);
        if queue.len() == 1 {
            self.grant(tab, lock);
        }
    }

    pub(super) fn steal(&mut self, tab: usize, lock: Lock) {
        let queue = self.locks.queue(lock);
        queue.retain(|t| *t != tab);
        let robbed = queue.pop_front().filter(|robbed| *robbed != OUTSIDE);
        queue.push_front(tab);
        self.due(tab, Input::Granted(lock));
        self.stolen += 1;
        if let Some(robbed) = robbed {
            let holder = &self.tabs[robbed];
            // Whoever waits for a keeper that stands still does no better than that.
            let stuck = match self.keeper.serves(robbed) {
                true => holder.stuck.max(self.keeper.stuck),
                false => holder.stuck,
            };
            let well_for = self.now.mono.since(stuck.max(holder.born));
            // One that has stood still, and now watches another sender or waits for its own answer,
            // may be robbed yet: its whole time counts, and it brings home what it has in hand.
            let bound = holder.watch_bound_ms;
            assert!(well_for <= bound, "robbed although well for {well_for} ms");
            self.due(robbed, Input::Robbed(lock));
        }
    }

    pub(super) fn release(&mut self, tab: usize, lock: Lock) {
        // What was taken back is neither granted nor robbed.
        self.under_way.retain(|due| match due {
            Due::Tab(of, Input::Granted(it) | Input::Robbed(it)) => *of != tab || *it != lock,
            _ => true,
        });
        let queue = self.locks.queue(lock);
        let held = queue.front() == Some(&tab);
        queue.retain(|t| *t != tab);
        let next = queue.front().copied();
        if next.is_none() {
            self.locks.0.remove(&name(lock));
        }
        if let Some(next) = next.filter(|t| held && *t != OUTSIDE) {
            self.grant(next, lock);
        }
    }

    fn grant(&mut self, to: usize, lock: Lock) {
        if to < KEEPER {
            self.due(to, Input::Granted(lock));
        } else {
            let sign = Due::Keeper(to, Sign::Granted);
            self.under_way.push_back(sign);
        }
    }

    pub(super) fn holder(&self, lock: Lock) -> Option<Holder> {
        let (_, queue) = self.locks.0.get(&name(lock))?;
        queue.front().map(|tab| Holder(*tab as u64 + 2))
    }

    /// Whether anybody holds `lock`.
    pub(crate) fn held(&self, lock: Lock) -> bool {
        self.holder(lock).is_some()
    }

    /// The lock is taken from its holder by force, as later versions do it, for the next in its
    /// queue; for somebody outside, if there is none.
    pub(crate) fn rob(&mut self, lock: Lock) {
        if let Some(robbed) = self.rob_unheard(lock) {
            self.send(robbed, Input::Robbed(lock));
        }
    }

    /// Likewise, but its holder has not heard of it yet; who that is.
    pub(crate) fn rob_unheard(&mut self, lock: Lock) -> Option<usize> {
        let queue = self.locks.queue(lock);
        let robbed = queue.pop_front().filter(|robbed| *robbed != OUTSIDE);
        match queue.front().copied() {
            Some(next) => self.due(next, Input::Granted(lock)),
            None => queue.push_back(OUTSIDE),
        }
        self.settle();
        robbed
    }

    /// Somebody outside takes a free lock.
    pub(crate) fn hold_from_outside(&mut self, lock: Lock) {
        let queue = self.locks.queue(lock);
        assert!(queue.is_empty(), "the lock is taken");
        queue.push_back(OUTSIDE);
    }

    pub(crate) fn release_from_outside(&mut self, lock: Lock) {
        self.release(OUTSIDE, lock);
        self.settle();
    }
}
