//! The service worker that carries what is posted to it, by the table of tests/support/keeper.rs. Here is
//! what may become of it: it starts late, stands still, dies at work, and its store lets it down.

use super::errand::Errand;
use super::locks::KEEPER;
use super::order::Due;
use super::{Request, StoreMode, World};
use crate::keeper::{Deed, Phase, Seen};
use evergrant::session::time::Mono;
use evergrant::session::{AttemptId, Failure, Input, Lock, Reply};

/// The keeper; there may be none.
pub(crate) struct Keeper {
    /// Every tab hears of it when it starts, or every second; for 0 there is none.
    every: usize,
    /// How long it takes to start; none if it has to be told.
    pub(crate) delay_ms: Option<u64>,
    pub(crate) store: StoreMode,
    pub(crate) frozen: bool,
    /// Freezes once its next write is done, before it hears of it.
    pub(crate) freezes_after_write: bool,
    /// How often something was posted: each errand has a number of its own, by which it holds locks.
    posted: usize,
    /// When it was last seen frozen, or without a store that answers.
    pub(super) stuck: Mono,
    pub(super) errands: Vec<Errand>,
    /// What a freeze keeps from being heard.
    pub(super) waiting: Vec<Due>,
    pub(super) hung: Vec<(Errand, Deed)>,
}

/// What it hears of an attempt.
pub(super) enum Sign {
    Started,
    Granted,
    Stored(Seen),
    Replied(Reply),
    LetGo,
}

impl Default for Keeper {
    fn default() -> Self {
        Self {
            every: 0,
            delay_ms: Some(0),
            store: StoreMode::Works,
            frozen: false,
            freezes_after_write: false,
            posted: 0,
            stuck: Mono(0),
            errands: Vec::new(),
            waiting: Vec::new(),
            hung: Vec::new(),
        }
    }
}

impl Keeper {
    pub(super) fn serves(&self, tab: usize) -> bool {
        self.every > 0 && tab.is_multiple_of(self.every)
    }

    pub(super) fn errand(&mut self, number: usize) -> Option<&mut Errand> {
        self.errands.iter_mut().find(|it| it.number == number)
    }

    /// The one that has sent this attempt, which may have been posted twice.
    fn sender(&mut self, id: AttemptId) -> Option<&mut Errand> {
        let sent = |it: &&mut Errand| it.phase >= Some(Phase::Sending);
        let mut errands = self.errands.iter_mut().filter(sent);
        errands.find(|it| it.request.attempt == id)
    }

    /// What it tells this tab is not heard.
    pub(super) fn forget(&mut self, tab: usize) {
        for errand in &mut self.errands {
            errand.page = errand.page.filter(|page| *page != tab);
        }
    }

    /// Time has passed.
    pub(super) fn moved(&mut self, now: Mono) {
        if self.frozen || self.store != StoreMode::Works || !self.hung.is_empty() {
            self.stuck = now;
        }
    }

    /// A page has got an answer of it.
    pub(super) fn handed_over(&mut self, tab: usize, id: AttemptId) {
        if let Some(errand) = self.sender(id) {
            errand.handed_over |= errand.page == Some(tab);
        }
    }

    /// How far it has come with each attempt.
    pub(crate) fn phases(&self) -> Vec<Option<Phase>> {
        self.errands.iter().map(|it| it.phase).collect()
    }

    /// When it next has to look at the clock.
    pub(super) fn next(&self) -> Option<(Mono, usize)> {
        let due = self.errands.iter().map(|it| (it.due, it.number));
        due.filter(|(at, _)| *at != Mono::NEVER && !self.frozen)
            .min()
    }
}

impl World {
    /// There is a keeper from now on.
    pub(crate) fn employ_keeper(&mut self) {
        self.employ_keeper_of(1);
    }

    /// Likewise, for every tab, or every second: the others are of an earlier version.
    pub(crate) fn employ_keeper_of(&mut self, every: usize) {
        self.keeper.every = every;
        for tab in 0..self.tabs.len() {
            if self.keeper.serves(tab) {
                self.send(tab, Input::Keeper(true));
            }
        }
    }

    /// Gives an engine its first input, and word of the keeper before it has read anything; or, where things
    /// arrive by chance, after that.
    pub(super) fn start(&mut self, tab: usize, start: Input) {
        self.due(tab, start);
        if self.keeper.serves(tab) {
            self.due(tab, Input::Keeper(true));
        }
        self.settle();
    }

    /// A tab posts an attempt.
    pub(super) fn post(&mut self, request: Request) {
        let page = request.tab;
        let number = KEEPER + self.keeper.posted;
        self.keeper.posted += 1;
        let delay = self.keeper.delay_ms;
        self.keeper.errands.push(Errand {
            number,
            timeout_ms: self.tabs[page].timeout_ms,
            request,
            page: Some(page),
            phase: None,
            due: delay.map_or(Mono::NEVER, |ms| self.now.mono.plus(ms)),
            looked_ms: 0,
            saves: 0,
            began: None,
            claim: None,
            answer: None,
            written: None,
            handed_over: false,
            let_go: false,
        });
        if delay == Some(0) {
            self.tell_keeper(number, Sign::Started);
        }
    }

    pub(super) fn tell_keeper(&mut self, number: usize, sign: Sign) {
        self.under_way.push_back(Due::Keeper(number, sign));
    }

    /// What has come of a request reaches it.
    pub(super) fn keeper_gets(&mut self, id: AttemptId, reply: Reply) {
        if let Some(number) = self.keeper.sender(id).map(|it| it.number) {
            self.tell_keeper(number, Sign::Replied(reply));
        }
    }

    /// Starts with what has been posted.
    pub(crate) fn keeper_starts(&mut self) {
        for errand in self.keeper.errands.clone() {
            self.tell_keeper(errand.number, Sign::Started);
        }
        self.settle();
    }

    /// The browser ends it at work. What it has written stays.
    pub(crate) fn keeper_dies(&mut self) {
        let dead = std::mem::take(&mut self.keeper.errands);
        for errand in &dead {
            let id = errand.request.attempt;
            self.disturb(id);
            self.judge_answer(id, &Reply::Failed(Failure::Network));
            self.release(errand.number, Lock::attempt(id));
        }
        let (stray, rest) = std::mem::take(&mut self.requests)
            .into_iter()
            .partition(|r| r.carried);
        self.requests = rest;
        self.stray.extend::<Vec<_>>(stray);
        self.under_way.retain(|due| !matches!(due, Due::Keeper(..)));
        self.keeper.waiting.clear();
        self.keeper.hung.clear();
        self.keeper.frozen = false;
        self.settle();
    }

    pub(crate) fn keeper_freezes(&mut self) {
        self.keeper.frozen = true;
        self.keeper.stuck = self.now.mono;
        for errand in self.keeper.errands.clone() {
            self.disturb(errand.request.attempt);
        }
    }

    pub(crate) fn keeper_thaws(&mut self) {
        self.keeper.frozen = false;
        let waiting = std::mem::take(&mut self.keeper.waiting);
        self.under_way.extend(waiting);
        self.settle();
    }

    /// Its store answers, at last. Nobody waits for a save that took too long.
    pub(super) fn unhang_keeper(&mut self) {
        self.keeper.store = StoreMode::Works;
        for (errand, deed) in std::mem::take(&mut self.keeper.hung) {
            let number = errand.number;
            let (phase, saves) = (errand.phase, errand.saves);
            let awaited = |now: &mut Errand| now.phase == phase && now.saves == saves;
            if self.keeper.errand(number).is_some_and(awaited) {
                self.keeper_stores(number, deed);
            } else if let Some(errand) = Some(errand).filter(|_| deed == Deed::Save) {
                let _ = self.bring_home(&errand);
            }
        }
    }

    /// The page has let go of an attempt's lock; the keeper heeds that once it has handed over.
    pub(super) fn keeper_let_go(&mut self, tab: usize, lock: Lock) {
        let id = AttemptId(lock.id);
        if lock == Lock::attempt(id)
            && let Some(errand) = self.keeper.sender(id)
            && errand.page == Some(tab)
            && errand.handed_over
        {
            let number = errand.number;
            self.tell_keeper(number, Sign::LetGo);
        }
    }
}
