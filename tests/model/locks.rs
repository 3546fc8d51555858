//! Web Locks: each has its holder and, behind it, its queue of tabs; the keeper is one of them.

use evergrant::session::{Holder, Lock, LockKind};
use std::collections::VecDeque;

/// All locks that anybody holds, in an order of their own, so that equal tables are equal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Locks(Vec<(Lock, VecDeque<usize>)>);

impl Locks {
    /// Joins the queue; true if the lock is held now.
    pub(crate) fn request(&mut self, tab: usize, lock: Lock) -> bool {
        if let Some((_, queue)) = self.0.iter_mut().find(|(it, _)| *it == lock) {
            queue.push_back(tab);
            return false;
        }
        self.0.push((lock, VecDeque::from([tab])));
        self.0.sort_by_key(|(it, _)| key(*it));
        true
    }

    /// Leaves the queue, as holder or as one who waits; gives the next holder.
    pub(crate) fn release(&mut self, tab: usize, lock: Lock) -> Option<usize> {
        let at = self.0.iter().position(|(it, _)| *it == lock)?;
        let queue = &mut self.0[at].1;
        let held = queue.front() == Some(&tab);
        queue.retain(|it| *it != tab);
        let next = queue.front().copied().filter(|_| held);
        self.0.retain(|(_, queue)| !queue.is_empty());
        next
    }

    /// Everything a tab holds or waits for.
    pub(crate) fn of(&self, tab: usize) -> Vec<Lock> {
        let theirs = self.0.iter().filter(|(_, queue)| queue.contains(&tab));
        theirs.map(|(lock, _)| *lock).collect()
    }

    /// The first in the family lock's queue.
    pub(crate) fn thief(&self) -> Option<usize> {
        let (_, queue) = self.0.iter().find(|(it, _)| *it == Lock::FAMILY)?;
        queue.get(1).copied()
    }

    /// Takes a lock by force; gives the victim.
    pub(crate) fn steal(&mut self, thief: usize, lock: Lock) -> Option<usize> {
        let (_, queue) = self.0.iter_mut().find(|(it, _)| *it == lock)?;
        let victim = queue.pop_front()?;
        queue.retain(|it| *it != thief);
        queue.push_front(thief);
        Some(victim)
    }

    /// Whether this tab says that it has an answer it cannot save.
    pub(crate) fn unsaved(&self, tab: usize) -> bool {
        let held = |(lock, queue): &(Lock, VecDeque<usize>)| {
            lock.kind == LockKind::Unsaved && queue.front() == Some(&tab)
        };
        self.0.iter().any(held)
    }

    pub(crate) fn holder(&self, lock: Lock) -> Option<usize> {
        let (_, queue) = self.0.iter().find(|(it, _)| *it == lock)?;
        queue.front().copied()
    }

    /// What a look sees.
    pub(crate) fn seen(&self, lock: Lock) -> Option<Holder> {
        self.holder(lock).map(|tab| Holder(tab as u64 + 2))
    }
}

fn key(lock: Lock) -> (u8, u64) {
    (lock.kind as u8, lock.id)
}
