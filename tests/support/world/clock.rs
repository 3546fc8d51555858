//! Virtual time: two clocks, and the timers.

use super::{START, StoreMode, World};
use evergrant::session::Input;
use evergrant::session::time::{Mono, Wall};

impl World {
    /// Lets time pass; timers fire in order.
    pub(crate) fn pass(&mut self, ms: u64) {
        self.drain();
        let end = self.now.mono.plus(ms);
        while self.fires(end) {}
        self.move_to(end);
    }

    /// Likewise, but for so many timers at most; if they do not reach, the machine sleeps the rest.
    pub(crate) fn pass_in(&mut self, ms: u64, timers: usize) {
        self.drain();
        let end = self.now.mono.plus(ms);
        for _ in 0..timers {
            if !self.fires(end) {
                return self.move_to(end);
            }
        }
        self.sleep(end.since(self.now.mono), true);
    }

    /// What comes next, if it comes until then: a timer of an engine, or the end of the page's
    /// patience with what a failed one had sent.
    fn fires(&mut self, end: Mono) -> bool {
        let orphan = self.orphans.iter().min().copied();
        let timer = self.next_timer();
        let keeper = self.keeper.next();
        if let Some((at, id)) = keeper
            && at <= end
            && timer.is_none_or(|(timer, _)| at < timer)
            && orphan.is_none_or(|(orphan, ..)| at <= orphan)
        {
            self.move_to(at);
            self.keeper_ticks(id);
        } else if let Some((at, tab, attempt)) = orphan
            && at <= end
            && timer.is_none_or(|(timer, _)| at < timer)
        {
            self.move_to(at);
            self.orphans.retain(|it| *it != (at, tab, attempt));
            if self.requests.iter().any(|r| r.attempt == attempt) {
                self.abort(tab, attempt);
            }
        } else if let Some((at, tab)) = timer.filter(|(at, _)| *at <= end) {
            self.move_to(at);
            self.tabs[tab].timer = None;
            self.send(tab, Input::Tick);
        } else {
            return false;
        }
        // What it sets off is over before the next one.
        self.drain();
        true
    }

    /// The timer that fires next, and whose it is.
    pub(crate) fn next_timer(&self) -> Option<(Mono, usize)> {
        (0..self.tabs.len())
            .filter(|t| !self.tabs[*t].closed && self.tabs[*t].alive && !self.tabs[*t].frozen)
            .filter_map(|t| Some((self.tabs[t].timer?, t)))
            .min()
    }

    fn move_to(&mut self, mono: Mono) {
        let step = mono.since(self.now.mono);
        if step > 0 {
            self.at_once = 0;
        }
        self.now.mono = self.now.mono.plus(step);
        self.keeper.moved(self.now.mono);
        let unreadable = self.garbage || self.unreadable;
        for (at, tab) in self.tabs.iter_mut().enumerate() {
            let hangs = self.hung.iter().any(|(tab, _)| *tab == at);
            if tab.frozen {
                tab.frozen_at = self.now.mono;
            }
            if tab.frozen || hangs || unreadable || !matches!(tab.store, StoreMode::Works) {
                tab.stuck = self.now.mono;
            }
        }
        self.now.wall = self.now.wall.plus(step);
    }

    /// Moves the wall clock alone.
    pub(crate) fn set_wall(&mut self, by_ms: i64) {
        self.now.wall = Wall(self.now.wall.0.saturating_add_signed(by_ms));
    }

    /// The machine sleeps: no timer fires, and the tabs' own clocks stand still, or do not.
    pub(crate) fn sleep(&mut self, ms: u64, counts: bool) {
        self.drain();
        if counts {
            let end = self.now.mono.plus(ms);
            self.move_to(end);
            for tab in &mut self.tabs {
                tab.stuck = end;
                tab.frozen_at = end;
            }
        } else {
            self.slept += ms;
            self.now.wall = self.now.wall.plus(ms);
        }
        for tab in 0..self.tabs.len() {
            self.send(tab, Input::Woke);
        }
    }

    /// The time it really is, whatever the clocks say.
    pub(crate) fn truth(&self) -> Wall {
        Wall(START + self.slept + self.now.mono.0)
    }
}
