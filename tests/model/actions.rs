//! Everything that can happen next: the steps of what is under way, and the deeds of users,
//! networks and operating systems.

use evergrant::session::{Failure, Input, Lock, Reply, Want};

use crate::world::World;

/// One thing that happens. Numbers are those of tabs or, for requests, places in the list of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    /// An input reaches its engine.
    Deliver(usize, usize, &'static str),
    /// Time passes, by so many milliseconds, and a timer fires.
    Tick(usize, u64),
    /// A refresh request reaches the server.
    Arrive(usize),
    /// The server's answer reaches the tab.
    Answer(usize),
    /// A revocation reaches the server, and its answer the tab.
    Revoke(usize),
    /// A frozen tab goes on.
    Thaw(usize),
    /// `getAccessToken`, `forceRefresh` or not.
    GetToken(usize, bool),
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
}

impl World {
    /// What goes on by itself. Where there is nothing of it, all is quiet.
    pub(crate) fn steps(&self, actions: &mut Vec<Action>) {
        for (number, tab) in self.tabs.iter().enumerate() {
            if tab.frozen {
                actions.push(Action::Thaw(number));
                continue;
            }
            for (at, input) in tab.inbox.iter().enumerate() {
                // What comes from one source comes in order.
                let earlier = tab.inbox.iter().take(at);
                if !earlier.clone().any(|it| source(it) == source(input)) {
                    actions.push(Action::Deliver(number, at, source(input)));
                }
            }
        }
        for (at, request) in self.requests.iter().enumerate() {
            match (request.tab, request.outcome) {
                (Some(_), None) => actions.push(Action::Arrive(at)),
                (Some(tab), Some(_)) if !self.tabs[tab].frozen => actions.push(Action::Answer(at)),
                _ => {}
            }
        }
        let revocations = self.revocations.iter().enumerate();
        let awake = revocations.filter(|(_, r)| !self.tabs[r.tab].frozen);
        actions.extend(awake.map(|(at, _)| Action::Revoke(at)));
        self.ticks(actions, false);
    }

    fn ticks(&self, actions: &mut Vec<Action>, long: bool) {
        let Some((ms, whose)) = self.next_timer() else {
            return;
        };
        let left = &self.left;
        let frozen = self.tabs.iter().any(|tab| tab.frozen);
        let held_up = self.busy(ms)
            || (self.waits_for_server() && left.delays == 0)
            || (frozen && left.naps == 0)
            || (World::long(ms) && left.rounds == 0);
        if World::long(ms) == long && (ms == 0 || !held_up) {
            actions.extend(whose.into_iter().map(|tab| Action::Tick(tab, ms)));
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
            match (request.tab, request.outcome) {
                (Some(_), None) => {
                    may(left.lost_requests, Action::LoseRequest(at));
                    may(left.late_requests, Action::Disconnect(at));
                }
                (Some(_), Some(_)) => may(left.lost_answers, Action::LoseAnswer(at)),
                (None, _) => actions.push(Action::Arrive(at)),
            }
        }
        if left.steals > 0 && self.locks.clone().steal().is_some() {
            actions.push(Action::Steal);
        }
        if left.withdrawals > 0 {
            actions.push(Action::Withdraw);
        }
    }

    pub(crate) fn act(&mut self, action: Action) {
        match action {
            Action::Deliver(tab, at, _) => self.deliver(tab, at),
            Action::Tick(tab, ms) => self.tick(tab, ms),
            Action::Arrive(at) => self.arrive(at),
            Action::Answer(at) => {
                let request = self.requests.remove(at);
                if let (Some(tab), Some(outcome)) = (request.tab, request.outcome) {
                    let reply = Reply::Answer(std::sync::Arc::new(outcome.answer()));
                    self.hand(tab, Input::Answered(request.attempt, reply));
                }
            }
            Action::Revoke(at) => {
                let revocation = self.revocations.remove(at);
                for token in revocation.tokens {
                    self.server.revoke(token);
                }
                let input = Input::Revoked(revocation.purpose, true);
                self.hand(revocation.tab, input);
            }
            Action::Thaw(tab) => {
                self.tab(tab).frozen = false;
                self.tab(tab).inbox.push(Input::Woke);
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
                self.requests[at].tab = None;
                self.forget_late();
            }
            Action::Steal => {
                self.left.steals -= 1;
                if let Some((victim, thief)) = self.locks.steal() {
                    self.tab(victim).inbox.push(Input::Robbed(Lock::FAMILY));
                    self.tab(thief).inbox.push(Input::Granted(Lock::FAMILY));
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
        }
    }

    fn tick(&mut self, tab: usize, ms: u64) {
        if ms > 0 {
            let frozen = self.tabs.iter().any(|tab| tab.frozen);
            self.left.delays -= u8::from(self.waits_for_server());
            self.left.naps -= u8::from(frozen);
            self.left.rounds -= u8::from(World::long(ms));
            self.pass(ms);
        }
        self.tab(tab).timer = None;
        self.hand(tab, Input::Tick);
    }

    fn arrive(&mut self, at: usize) {
        let outcome = self.server.act(self.requests[at].token);
        if self.requests[at].tab.is_some() {
            self.requests[at].outcome = Some(outcome);
        } else {
            self.requests.remove(at);
        }
        self.forget_late();
    }

    /// The browser reports that a request failed.
    fn fail(&mut self, at: usize) {
        let request = &self.requests[at];
        if let Some(tab) = request.tab {
            let reply = Reply::Failed(Failure::Network);
            let input = Input::Answered(request.attempt, reply);
            self.tab(tab).inbox.push(input);
        }
    }
}

/// Where an input comes from.
fn source(input: &Input) -> &'static str {
    match input {
        Input::Read(..) | Input::Written(..) => "store",
        Input::Granted(_) | Input::Robbed(_) => "lock",
        Input::Seen(_) => "look",
        Input::Announced(_) => "channel",
        Input::Answered(..) => "network",
        _ => "page",
    }
}
