//! Tabs die, fail, freeze and wake.

use super::World;
use super::order::Due;
use evergrant::session::{Config, Engine, Input, Lock};

impl World {
    /// The tab's process dies: its locks go, its requests are never answered to anybody.
    pub(crate) fn crash(&mut self, tab: usize) {
        self.tabs[tab].alive = false;
        let (stray, rest) = std::mem::take(&mut self.requests)
            .into_iter()
            .partition(|r| r.tab == tab && !r.carried);
        self.requests = rest;
        self.stray.extend::<Vec<_>>(stray);
        self.hung.retain(|(t, _)| *t != tab);
        for lock in self.locks.all() {
            self.release(tab, lock);
        }
        self.mourn(tab);
        self.settle();
    }

    /// The tab's engine fails, and a fresh one takes its place. The page keeps what it had sent, with
    /// its locks, and tells the fresh one what comes of it.
    pub(crate) fn fail_engine(&mut self, tab: usize, config: Config) {
        let (known, rest) = std::mem::take(&mut self.answered)
            .into_iter()
            .partition::<Vec<_>, _>(|(of, ..)| *of == tab);
        self.answered = rest;
        self.hung.retain(|(of, _)| *of != tab);
        let mut kept: Vec<_> = known.iter().map(|(_, id, _)| *id).collect();
        let timeout = self.now.mono.plus(config.timeout_ms);
        for request in self.requests.iter().filter(|r| r.tab == tab && !r.carried) {
            kept.push(request.attempt);
            self.orphans.push((timeout, tab, request.attempt));
        }
        let kept: Vec<_> = kept.into_iter().map(Lock::attempt).collect();
        for lock in self.locks.all() {
            if !kept.contains(&lock) {
                self.release(tab, lock);
            }
        }
        self.under_way
            .retain(|due| !matches!(due, Due::Tab(of, _) | Due::Word(of, _) if *of == tab));
        self.keeper.forget(tab);
        self.tabs[tab].engine = Engine::new(config);
        self.tabs[tab].timer = None;
        self.tabs[tab].ready = false;
        self.tabs[tab].degraded = false;
        self.tabs[tab].stuck = self.now.mono;
        self.start(tab, Input::Restarted(kept.len() as u32));
        for (_, id, reply) in known {
            self.send(tab, Input::Answered(id, reply));
        }
    }

    pub(crate) fn freeze(&mut self, tab: usize) {
        self.tabs[tab].frozen = true;
        self.tabs[tab].frozen_at = self.now.mono;
        self.tabs[tab].stuck = self.now.mono;
    }

    pub(crate) fn thaw(&mut self, tab: usize) {
        self.tabs[tab].frozen = false;
        let waiting = std::mem::take(&mut self.tabs[tab].waiting);
        let waiting = waiting.into_iter().map(|it| Due::Tab(tab, it));
        self.under_way.extend(waiting);
        self.settle();
        self.send(tab, Input::Woke);
    }
}
