//! What the effects do to the world.

use std::sync::Arc;

use evergrant::session::time::Mono;
use evergrant::session::{
    Effect, Event, Failure, Input, LineageId, Lock, Record, Reply, Settled, Stamp, Swap,
};

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
                self.later(tab, Input::Written(purpose, Ok(swap)));
            }
            Effect::Request(lock) => {
                if self.locks.request(tab, lock) {
                    self.later(tab, Input::Granted(lock));
                }
            }
            Effect::Release(lock) => self.release(tab, lock),
            Effect::Steal(_) => unreachable!("no time passes here"),
            Effect::Look(locks) => {
                let held = |it| Some((it, self.locks.seen(it)?));
                let seen = locks.into_iter().filter_map(held);
                let seen = seen.collect();
                let sights = |input: &Input| matches!(input, Input::Seen(_));
                self.tab(tab).inbox.retain(|input| !sights(input));
                self.later(tab, Input::Seen(seen));
            }
            Effect::Send {
                attempt,
                refresh_token,
                ..
            } => self.requests.push(Request {
                tab: Some(tab),
                attempt,
                token: server::number(&refresh_token),
                outcome: None,
            }),
            Effect::Abort(attempt) => {
                let timeout = Reply::Failed(Failure::Timeout);
                self.later(tab, Input::Answered(attempt, timeout));
                self.requests
                    .retain(|r| r.attempt != attempt || r.outcome.is_none());
                for request in &mut self.requests {
                    request.tab = request.tab.filter(|_| request.attempt != attempt);
                }
                self.forget_late();
            }
            Effect::Revoke(purpose, tokens) => self.revocations.push(Revocation {
                tab,
                purpose,
                tokens: tokens.iter().map(server::number).collect(),
            }),
            Effect::Announce(seq) => {
                for other in (0..self.tabs.len()).filter(|it| *it != tab) {
                    // A tab that has not started reads the record anyway.
                    if !self.tabs[other].inbox.contains(&Input::Start) {
                        self.later(other, Input::Announced(seq));
                    }
                }
            }
            Effect::WakeAt(at) => self.tab(tab).timer = (at != Mono::NEVER).then_some(at),
            Effect::Publish(published) => {
                if let Some(live) = &published.live {
                    self.handed_out(server::number_of(live.token.expose()));
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
                        self.settled(call, &settled);
                    }
                    None => self.broken(Fault::SettledTwice),
                }
            }
            Effect::Closed => {}
        }
    }

    fn later(&mut self, tab: usize, input: Input) {
        self.tab(tab).inbox.push(input);
    }

    pub(crate) fn release(&mut self, tab: usize, lock: Lock) {
        // A request that was taken back is neither granted nor robbed.
        let about =
            |input: &Input| matches!(input, Input::Granted(l) | Input::Robbed(l) if *l == lock);
        self.tab(tab).inbox.retain(|input| !about(input));
        if let Some(next) = self.locks.release(tab, lock) {
            self.later(next, Input::Granted(lock));
        }
    }

    fn swap(&mut self, expected: Option<Stamp>, mut record: Arc<Record>) -> Swap {
        let before = self.store.clone();
        if before.as_deref().map(Record::stamp) != expected {
            return Swap::Lost;
        }
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
        Swap::Done
    }

    fn remember_lineage(&mut self, id: LineageId, record: &Record) {
        let refresh = record.lineage.as_ref().and_then(|l| l.refresh.as_ref());
        if let Some(refresh) = refresh {
            let grant = self.server.grant_of(server::number(&refresh.token));
            self.lineages.push((id, grant));
        }
    }

    fn told(&mut self, event: &Event) {
        if let Event::SignedOut { end, .. } = event {
            let stored = self.store.as_ref();
            let reasons = stored.iter().flat_map(|record| &record.ended);
            if !reasons
                .map(|ending| ending.reason)
                .any(|it| it == end.reason)
            {
                self.broken(Fault::ToldOtherwise);
            }
        }
    }

    fn settled(
        &mut self,
        call: crate::world::Call,
        settled: &Result<Settled, evergrant::session::Error>,
    ) {
        match settled {
            Ok(Settled::Token(token)) => {
                let number = server::number_of(token.expose());
                self.handed_out(number);
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
