//! Everything that can happen next: the steps of what is under way, and the deeds of users,
//! networks and operating systems.

use evergrant::session::{Effect, Failure, Input, Lock, Reply, Want};

use crate::errands::KEEPER;
use crate::world::World;

/// One thing that happens. Numbers are those of tabs or, for requests, places in the list of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    /// An input reaches its engine.
    Deliver(usize, usize, &'static str),
    /// The keeper goes on with an errand.
    Keep(usize),
    /// Time passes, by so many milliseconds, and a timer fires.
    Tick(usize, u64),
    /// A refresh request reaches the server.
    Arrive(usize),
    /// The server's answer reaches the tab.
    Answer(usize),
    /// A revocation reaches the server, and its answer the tab.
    Revoke(usize),
    /// A frozen tab goes on, or the keeper.
    Thaw(usize),
    /// `getAccessToken`, `forceRefresh` or not.
    GetToken(usize, bool),
    /// `getAccessToken` for another resource.
    GetOther(usize),
    /// `signOut`.
    SignOut(usize),
    /// `setTokens`.
    SetTokens(usize),
    /// A tab dies, and starts again.
    Crash(usize),
    /// A request fails and never reaches the server.
    LoseRequest(usize),
    /// A request fails after the server has answered.
    LoseAnswer(usize),
    /// A request fails, and is still under way.
    Disconnect(usize),
    /// The family lock is taken from its holder by the first who waits for it.
    Steal,
    /// A tab stops.
    Freeze(usize),
    /// The server ends the grant.
    Withdraw,
    /// The keeper stops.
    Hang,
    /// The keeper dies with an errand.
    Kill(usize),
    /// The storage is cleared.
    Clear,
    /// The store refuses the write that this begins with.
    Refused(Box<Action>),
}

impl World {
    /// What goes on by itself. Where there is nothing of it, all is quiet.
    pub(crate) fn steps(&self, actions: &mut Vec<Action>) {
        for (number, tab) in self.tabs.iter().enumerate() {
            if tab.frozen {
                actions.push(Action::Thaw(number));
                continue;
            }
            for (at, (from, _)) in tab.inbox.iter().enumerate() {
                // What comes from one source comes in order.
                let mut earlier = tab.inbox.iter().take(at);
                if !earlier.any(|(it, _)| it == from) {
                    actions.push(Action::Deliver(number, at, from));
                }
            }
        }
        if self.hangs {
            actions.push(Action::Thaw(KEEPER));
        }
        let errands = self.errands.iter().enumerate();
        let busy = errands.filter(|(_, errand)| errand.busy() && !self.hangs);
        actions.extend(busy.map(|(at, _)| Action::Keep(at)));
        for (at, request) in self.requests.iter().enumerate() {
            match (request.sender, request.outcome) {
                (Some(_), None) => actions.push(Action::Arrive(at)),
                (Some(who), Some(_)) if self.awake(who) => actions.push(Action::Answer(at)),
                _ => {}
            }
        }
        let revocations = self.revocations.iter().enumerate();
        let awake = revocations.filter(|(_, r)| self.awake(r.tab));
        actions.extend(awake.map(|(at, _)| Action::Revoke(at)));
        self.ticks(actions, false);
    }

    fn ticks(&self, actions: &mut Vec<Action>, long: bool) {
        let Some((ms, whose)) = self.next_timer() else {
            return;
        };
        let left = &self.left;
        let frozen = self.frozen();
        let held_up = self.busy(ms)
            || (self.waits_for_server() && left.delays == 0)
            || (self.keeper_is_slow() && left.slow == 0)
            || (frozen && left.naps == 0)
            || (World::long(ms) && left.rounds == 0);
        if World::long(ms) == long && (ms == 0 || !held_up) {
            actions.extend(whose.into_iter().map(|who| Action::Tick(who, ms)));
        }
    }

    /// What somebody, or something, does to it.
    pub(crate) fn deeds(&self, actions: &mut Vec<Action>) {
        let left = &self.left;
        self.ticks(actions, true);
        for (number, tab) in self.tabs.iter().enumerate() {
            let Some(shown) = tab.shown.filter(|_| !tab.frozen) else {
                continue;
            };
            let signed_in = shown.session.is_some();
            let mut may = |left: u8, action| {
                if left > 0 {
                    actions.push(action);
                }
            };
            may(left.calls, Action::GetToken(number, false));
            may(left.forced, Action::GetToken(number, true));
            may(left.others, Action::GetOther(number));
            may(left.sign_ins, Action::SetTokens(number));
            if signed_in {
                may(left.sign_outs, Action::SignOut(number));
            }
            // The tabs are alike: the first to die or to freeze may as well be the first.
            if number == 0 || left.crashes > 1 {
                may(left.crashes, Action::Crash(number));
            }
            if number == 0 {
                may(left.freezes, Action::Freeze(number));
            }
        }
        for (at, request) in self.requests.iter().enumerate() {
            let mut may = |left: u8, action| {
                if left > 0 {
                    actions.push(action);
                }
            };
            match (request.sender, request.outcome) {
                (Some(_), None) => {
                    may(left.lost_requests, Action::LoseRequest(at));
                    may(left.late_requests, Action::Disconnect(at));
                }
                (Some(_), Some(_)) => may(left.lost_answers, Action::LoseAnswer(at)),
                (None, _) => actions.push(Action::Arrive(at)),
            }
        }
        if left.steals > 0 && self.locks.thief().is_some() {
            actions.push(Action::Steal);
        }
        if left.withdrawals > 0 {
            actions.push(Action::Withdraw);
        }
        if left.kills > 0 {
            actions.extend((0..self.errands.len()).map(Action::Kill));
        }
        if left.hangs > 0 && !self.errands.is_empty() {
            actions.push(Action::Hang);
        }
        if left.clears > 0 && self.store.is_some() {
            actions.push(Action::Clear);
        }
        if left.failed_writes > 0 {
            let mut writes = actions.clone();
            writes.retain(Action::may_write);
            let refused = writes.into_iter().map(|it| Action::Refused(Box::new(it)));
            actions.extend(refused);
        }
    }

    pub(crate) fn act(&mut self, action: Action) {
        match action {
            Action::Deliver(tab, at, _) => self.deliver(tab, at),
            Action::Tick(tab, ms) => self.tick(tab, ms),
            Action::Arrive(at) => self.arrive(at),
            Action::Answer(at) => {
                let request = self.requests.remove(at);
                if let (Some(who), Some(outcome)) = (request.sender, request.outcome) {
                    let answer = std::sync::Arc::new(outcome.answer());
                    if who == KEEPER {
                        self.keeper_gets(request.attempt, answer);
                    } else {
                        let reply = Reply::Answer(answer);
                        self.hand(who, Input::Answered(request.attempt, reply));
                    }
                }
            }
            Action::Revoke(at) => {
                let revocation = self.revocations.remove(at);
                for token in revocation.tokens {
                    self.server.revoke(token);
                }
                if revocation.tab != KEEPER {
                    let input = Input::Revoked(revocation.purpose, true);
                    self.hand(revocation.tab, input);
                }
            }
            Action::Thaw(KEEPER) => self.hangs = false,
            Action::Thaw(tab) => {
                self.tab(tab).frozen = false;
                self.later(tab, Input::Woke);
            }
            Action::GetToken(tab, force) => {
                let left = if force {
                    &mut self.left.forced
                } else {
                    &mut self.left.calls
                };
                *left -= 1;
                let want = Want {
                    force,
                    ..Want::default()
                };
                self.call(tab, |call| Input::GetToken(call, Box::new(want)));
            }
            Action::GetOther(tab) => {
                self.left.others -= 1;
                let mut want = Want::default();
                want.target.resource = Some("other".into());
                self.call(tab, |call| Input::GetToken(call, Box::new(want)));
            }
            Action::SignOut(tab) => {
                self.left.sign_outs -= 1;
                let session = self.tabs[tab].shown.and_then(|shown| shown.session);
                self.signed_out.extend(session.map(|(lineage, _)| lineage));
                self.call(tab, |call| Input::SignOut(call, true));
            }
            Action::SetTokens(tab) => {
                self.left.sign_ins -= 1;
                self.sign_in(tab);
            }
            Action::Crash(tab) => {
                self.left.crashes -= 1;
                self.crash(tab);
            }
            Action::LoseRequest(at) => {
                self.left.lost_requests -= 1;
                self.fail(at);
                self.requests.remove(at);
            }
            Action::LoseAnswer(at) => {
                self.left.lost_answers -= 1;
                self.fail(at);
                self.requests.remove(at);
            }
            Action::Disconnect(at) => {
                self.left.late_requests -= 1;
                self.fail(at);
                self.requests[at].sender = None;
                self.forget_late();
            }
            Action::Steal => {
                self.left.steals -= 1;
                if let Some(thief) = self.locks.thief() {
                    self.run(thief, Effect::Steal(Lock::FAMILY));
                }
            }
            Action::Freeze(tab) => {
                self.left.freezes -= 1;
                self.tab(tab).frozen = true;
            }
            Action::Withdraw => {
                self.left.withdrawals -= 1;
                self.server.withdraw();
            }
            Action::Keep(at) => self.keep(at),
            Action::Hang => {
                self.left.hangs -= 1;
                self.hangs = true;
            }
            Action::Kill(at) => {
                self.left.kills -= 1;
                self.kill(at);
            }
            Action::Clear => {
                self.left.clears -= 1;
                let record = self.store.take();
                let ended = record.iter().flat_map(|record| &record.ended);
                self.cleared = Some(ended.map(|it| (it.lineage, it.reason)).collect());
            }
            Action::Refused(action) => {
                self.left.failed_writes -= 1;
                self.refuses = true;
                self.act(*action);
            }
        }
    }

    fn tick(&mut self, who: usize, ms: u64) {
        if ms > 0 {
            let frozen = self.frozen();
            self.left.delays -= u8::from(self.waits_for_server());
            self.left.naps -= u8::from(frozen);
            self.left.rounds -= u8::from(World::long(ms));
            self.left.slow -= u8::from(self.keeper_is_slow());
            self.pass(ms);
        }
        if let Some(at) = who.checked_sub(KEEPER) {
            return self.keeper_tick(at);
        }
        self.tab(who).timer = None;
        self.hand(who, Input::Tick);
    }

    fn arrive(&mut self, at: usize) {
        let request = &self.requests[at];
        let outcome = self.server.act(request.token, request.other);
        if request.sender.is_some() {
            self.requests[at].outcome = Some(outcome);
        } else {
            self.requests.remove(at);
        }
        self.forget_late();
    }

    /// The browser reports that a request failed.
    fn fail(&mut self, at: usize) {
        let request = &self.requests[at];
        let attempt = request.attempt;
        match request.sender {
            Some(KEEPER) => self.keeper_loses(attempt),
            Some(tab) => {
                let reply = Reply::Failed(Failure::Network);
                self.later(tab, Input::Answered(attempt, reply));
            }
            None => {}
        }
    }
}

impl Action {
    /// Whether the store may be asked to write.
    fn may_write(&self) -> bool {
        matches!(
            self,
            Self::Deliver(..) | Self::Keep(_) | Self::Tick(..) | Self::Answer(_)
        )
    }
}
