//! What the effects do to the world.

use std::sync::Arc;

use evergrant::session::time::Mono;
use evergrant::session::{
    Effect, Event, Failure, Input, LineageId, Lock, Record, Reply, Settled, Stamp, StoreFailure,
    Swap, Target,
};

use crate::errands::{Errand, KEEPER};
use crate::properties::Fault;
use crate::server;
use crate::world::{Request, Revocation, Shown, World};

impl World {
    pub(crate) fn run(&mut self, tab: usize, effect: Effect) {
        match effect {
            Effect::Read(purpose) => {
                let record = Ok(self.store.clone());
                self.later(tab, Input::Read(purpose, record));
            }
            Effect::Write {
                purpose,
                before,
                record,
                ..
            } => {
                let swap = self.swap(before.as_deref().map(Record::stamp), record);
                self.later(tab, Input::Written(purpose, swap));
            }
            Effect::Request(lock) => {
                if self.locks.request(tab, lock) {
                    self.later(tab, Input::Granted(lock));
                }
            }
            Effect::Release(lock) => {
                self.release(tab, lock);
                self.let_go(tab, lock);
            }
            Effect::Steal(lock) => {
                if let Some(victim) = self.locks.steal(tab, lock) {
                    self.later(victim, Input::Robbed(lock));
                    self.later(tab, Input::Granted(lock));
                }
            }
            Effect::Look(locks) => {
                let held = |it| Some((it, self.locks.seen(it)?));
                let seen = locks.into_iter().filter_map(held);
                let seen = seen.collect();
                let sights = |input: &Input| matches!(input, Input::Seen(_));
                self.tab(tab).inbox.retain(|(_, input)| !sights(input));
                self.later(tab, Input::Seen(seen));
            }
            Effect::Prepare { attempt, .. } => {
                self.later(tab, Input::Prepared(attempt, Ok(())));
            }
            Effect::Send {
                attempt,
                posted,
                refresh_token,
                target,
            } => {
                let request = Request {
                    sender: Some(tab),
                    attempt,
                    token: server::number(&refresh_token),
                    other: target != *Target::OWN,
                    outcome: None,
                };
                if posted {
                    self.errands.push(Errand::new(request));
                } else {
                    self.requests.push(request);
                }
            }
            Effect::Abort(attempt) => {
                let timeout = Reply::Failed(Failure::Timeout);
                self.later(tab, Input::Answered(attempt, timeout));
                self.abandon(|request| request.attempt == attempt);
            }
            Effect::Revoke(purpose, tokens) => self.revocations.push(Revocation {
                tab,
                purpose,
                tokens: tokens.iter().map(server::number).collect(),
            }),
            Effect::Announce(seq) => {
                let others = (0..self.tabs.len()).filter(|it| *it != tab);
                self.announce(others, seq);
            }
            Effect::WakeAt(at) => self.tab(tab).timer = (at != Mono::NEVER).then_some(at),
            Effect::Publish(published) => {
                if let Some(live) = &published.live {
                    self.handed_out(tab, false, &live.token);
                }
                let session = published.session.as_ref();
                self.tab(tab).shown = Some(Shown {
                    session: session.map(|s| (s.lineage, s.generation)),
                    ended: published.ended.as_ref().map(|end| end.reason),
                });
            }
            Effect::Emit(event) => self.told(&event),
            Effect::Settle(call, settled) => {
                let calls = &mut self.tab(tab).calls;
                match calls.iter().position(|it| it.id == call) {
                    Some(at) => {
                        let call = calls.remove(at);
                        self.settled(tab, call, &settled);
                    }
                    None => self.broken(Fault::SettledTwice),
                }
            }
            Effect::Closed => {}
        }
    }

    pub(crate) fn later(&mut self, tab: usize, input: Input) {
        let from = match &input {
            Input::Read(..) | Input::Written(..) => "store",
            Input::Granted(_) | Input::Robbed(_) => "lock",
            Input::Seen(_) => "look",
            Input::Announced(_) => "channel",
            Input::Answered(..) => "network",
            Input::Prepared(..) => "lookup",
            _ => "page",
        };
        self.tab(tab).receive(from, input);
    }

    /// Somebody else wrote the record.
    pub(crate) fn announce(&mut self, tabs: impl Iterator<Item = usize>, seq: u64) {
        for tab in tabs {
            // A tab that has not started reads the record anyway.
            let starts = |(_, input): &(_, Input)| *input == Input::Start;
            if !self.tabs[tab].inbox.iter().any(starts) {
                self.later(tab, Input::Announced(seq));
            }
        }
    }

    pub(crate) fn release(&mut self, tab: usize, lock: Lock) {
        // A request that was taken back is neither granted nor robbed.
        let about =
            |input: &Input| matches!(input, Input::Granted(l) | Input::Robbed(l) if *l == lock);
        self.tab(tab).inbox.retain(|(_, input)| !about(input));
        self.free(tab, lock);
    }

    /// Whoever waits for it is next.
    pub(crate) fn free(&mut self, who: usize, lock: Lock) {
        match self.locks.release(who, lock) {
            Some(KEEPER) => self.grant(lock),
            Some(next) => self.later(next, Input::Granted(lock)),
            None => {}
        }
    }

    fn swap(&mut self, expected: Option<Stamp>, record: Arc<Record>) -> Result<Swap, StoreFailure> {
        if std::mem::take(&mut self.refuses) {
            return Err(StoreFailure::Unavailable);
        }
        if self.store.as_deref().map(Record::stamp) != expected {
            return Ok(Swap::Lost);
        }
        self.put(record);
        Ok(Swap::Done)
    }

    /// A record takes the place of what is stored.
    pub(crate) fn put(&mut self, mut record: Arc<Record>) {
        let before = self.store.clone();
        let id = |r: &Record| r.lineage.as_ref().map(|l| l.id);
        let born = id(&record).filter(|new| before.as_deref().and_then(id) != Some(*new));
        if let Some(new) = born {
            self.remember_lineage(new, &record);
        }
        if let Some(before) = before {
            self.judge(&before, &record);
        }
        for access in record.lineage.iter().flat_map(|l| &l.access) {
            let number = server::number_of(access.token.expose());
            if !self.saved.contains(&number) {
                self.saved.push(number);
            }
        }
        // The flight recorder's last words bear witness, and decide nothing.
        if record.ended.iter().any(|ending| !ending.history.is_empty()) {
            for ending in &mut Arc::make_mut(&mut record).ended {
                ending.history.clear();
            }
        }
        self.store = Some(record);
    }

    fn remember_lineage(&mut self, id: LineageId, record: &Record) {
        let refresh = record.lineage.as_ref().and_then(|l| l.refresh.as_ref());
        if let Some(refresh) = refresh {
            let grant = self.server.grant_of(server::number(&refresh.token));
            self.lineages.push((id, grant));
        }
    }

    fn told(&mut self, event: &Event) {
        if let Event::SignedOut { end, .. } = event
            && !self.is_true(|_| true, end.reason)
        {
            self.broken(Fault::ToldOtherwise);
        }
    }

    fn settled(
        &mut self,
        tab: usize,
        call: crate::world::Call,
        settled: &Result<Settled, evergrant::session::Error>,
    ) {
        match settled {
            Ok(Settled::Token(token)) => {
                self.handed_out(tab, call.other, token);
                let number = server::number_of(token.expose());
                let grant = self.server.grant_of(number);
                let own = self
                    .lineages
                    .iter()
                    .find(|(id, _)| Some(*id) == call.lineage);
                if own.is_none_or(|(_, it)| *it != grant) {
                    self.broken(Fault::Mixed);
                }
            }
            Ok(_) => {}
            Err(error) => self.refused(call, error),
        }
    }
}
