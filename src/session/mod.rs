//! The engine: a state machine that keeps one session alive, and does nothing by itself.
//!
//! Whoever drives it hands in what happened ([`Input`]) with the time and some randomness
//! ([`time::Moment`]), and runs the [`Effect`]s that come back, in order; their answers are inputs
//! again. No clock, no network, no storage and no browser is named here, so every ordering of
//! tabs, crashes and late answers can be tried natively.
//!
//! | file | what |
//! |---|---|
//! | `io` | the vocabulary: inputs, effects, locks |
//! | `record`, `ids`, `codec` | the value that all tabs share, the names in it, and how it is written |
//! | `decide` | what the holder of the family lock does next; pure |
//! | `changes` | the changes a record goes through; pure |
//! | `flight` | the refresh transaction: from the locks to the saved answer |
//! | `unsaved` | an answer that the store would not take |
//! | `operations` | sign-out and setTokens, a storage that was cleared, what could not be saved |
//! | `reading` | looking at the record in order to know |
//! | `view`, `observe` | what this tab knows, and what is new in a record |
//! | `publish` | what the application can see at any time |
//! | `waiters` | the callers of `getAccessToken` |
//! | `schedule`, `tuning`, `time` | when, how long, and by which clock |
//! | `events`, `error`, `history` | what the application is told |

mod changes;
pub mod codec;
mod config;
mod decide;
mod error;
mod events;
mod flight;
mod history;
mod ids;
mod io;
mod observe;
mod operations;
mod publish;
mod reading;
mod record;
mod schedule;
pub mod time;
pub mod tuning;
mod unsaved;
mod view;
mod waiters;

pub use config::Config;
pub use error::{Code, Details, Error};
pub use events::{By, Degraded, Ended, Event, Live, Published, Session, Status};
pub use history::{Entry, History};
pub use io::{
    CallId, Durability, Effect, Failure, Holder, Input, Lock, LockKind, Purpose, Reply, Settled,
    StoreFailure, Swap, Want,
};
pub use record::{
    AccessGrant, Attempt, AttemptId, AttemptState, Binding, Ending, Lineage, LineageId, Reason,
    Record, RefreshGrant, Retry, Stalled, Stamp, Target,
};

use flight::Flight;
use operations::Operation;
use reading::Opening;
use std::sync::Arc;
use time::{Deadline, Moment, Mono, Rebase, Shift};
use view::View;
use waiters::Waiter;

/// One client's part in keeping a session alive.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Engine {
    config: Config,
    view: View,
    flight: Option<Box<Flight>>,
    waiters: Vec<Waiter>,
    operations: Vec<Operation>,
    /// The record as it would be, had the store taken it.
    detached: Option<Arc<Record>>,
    /// The lineage whose `…:unsaved` lock this tab has asked for, or none's.
    unsaved_lock: LineageId,
    history: History,
    end: Option<Ended>,
    /// Failures in a row that no record knows of, and until when they keep this tab quiet.
    failures: u64,
    pause: Deadline,
    last_error: Option<Error>,
    armed: Mono,
    hidden: bool,
    online: bool,
    /// The first reading, until it succeeds.
    opening: Option<Opening>,
    /// After a wake nothing is handed out before the record has been read; until when at most, or
    /// never, where nothing is waited for.
    reading_first: Mono,
    look_at_attempts: bool,
    /// There is a keeper.
    keeper: bool,
    /// How many requests of an engine before this one are not answered yet.
    inherited: u32,
    noticed: bool,
    served_newer: bool,
    closing: bool,
    closed: bool,
    /// The input at hand, then what this tab's memory answers in the store's place; empty between
    /// two calls of `handle`.
    inbox: Vec<Input>,
    /// Calls from before anything is known.
    early: Vec<Input>,
    /// Empty like the inbox.
    effects: Vec<Effect>,
}

impl Engine {
    /// An engine that has seen nothing yet; the first input is [`Input::Start`].
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            view: View::default(),
            flight: None,
            waiters: Vec::new(),
            operations: Vec::new(),
            detached: None,
            unsaved_lock: LineageId::NONE,
            history: History::default(),
            end: None,
            failures: 0,
            pause: Deadline::NEVER,
            last_error: None,
            armed: Mono::NEVER,
            hidden: false,
            online: true,
            opening: None,
            reading_first: Mono::NEVER,
            look_at_attempts: false,
            keeper: false,
            inherited: 0,
            noticed: false,
            served_newer: false,
            closing: false,
            closed: false,
            inbox: Vec::new(),
            early: Vec::new(),
            effects: Vec::new(),
        }
    }

    /// Takes an input, and gives the effects to run, in order.
    pub fn handle(&mut self, now: &Moment, input: Input) -> Vec<Effect> {
        self.inbox.push(input);
        while let Some(input) = self.inbox.pop() {
            self.take(now, input);
            if self.view.known || self.closing {
                self.inbox.extend(self.early.drain(..).rev());
            }
        }
        self.serve_waiters(now);
        self.consider(now);
        self.give_notice(now);
        self.publish(now);
        self.arm(now);
        self.finish_closing();
        std::mem::take(&mut self.effects)
    }

    /// The flight recorder, oldest first.
    #[must_use]
    pub fn history(&self) -> &[Entry] {
        self.history.entries()
    }

    fn take(&mut self, now: &Moment, input: Input) {
        match input {
            Input::Start => self.open(now),
            Input::Restarted(inherited) => {
                self.inherited = inherited;
                self.note(now, "internal", "the engine failed; this is a fresh one");
                self.open(now);
            }
            Input::Keeper(there) => self.keeper = there,
            Input::Read(purpose, result) => self.on_read(now, purpose, result),
            Input::Written(purpose, result) => self.on_written(now, purpose, result),
            Input::Granted(lock) => self.on_granted(now, lock),
            Input::Robbed(lock) => self.on_robbed(now, lock),
            Input::Seen(seen) => self.on_seen(now, &seen),
            Input::Answered(id, reply) => self.on_answered(now, id, reply),
            Input::Prepared(id, result) => self.on_prepared(now, id, result),
            Input::Announced(seq) => self.on_announced(now, seq),
            Input::Tick => {
                self.armed = Mono::NEVER;
                self.tick(now);
            }
            Input::Woke => {
                self.wake(now);
                self.tick(now);
            }
            Input::Visible(visible) => self.hidden = !visible,
            Input::Online(online) => self.online = online,
            Input::Revoked(purpose, done) => self.on_revoked(now, purpose, done),
            Input::GetToken(..) | Input::SetTokens(..) | Input::SignOut(..)
                if !self.view.known && !self.closing =>
            {
                self.early.push(input);
            }
            Input::GetToken(call, want) => self.on_get_token(now, call, want),
            Input::SetTokens(call, tokens, at, binding) => {
                self.on_set_tokens(now, call, tokens, at, binding);
            }
            Input::SignOut(call, revoke) => self.on_sign_out(now, call, revoke),
            Input::Cancel(call) => {
                self.waiters.retain(|waiter| waiter.call != call);
                self.early
                    .retain(|input| !matches!(input, Input::GetToken(it, _) if *it == call));
            }
            Input::Close => self.close(),
        }
    }

    fn on_read(
        &mut self,
        now: &Moment,
        purpose: Purpose,
        result: Result<Option<Arc<Record>>, StoreFailure>,
    ) {
        if self.flies(purpose) {
            self.on_flight_read(now, result);
        } else if self.operation(purpose).is_some() {
            self.on_operation_read(now, purpose, result);
        } else if purpose == Purpose::VIEW {
            self.on_view_read(now, result);
        }
        // What a refresh or a call that is over has asked for may be older than what is known.
    }

    fn on_written(&mut self, now: &Moment, purpose: Purpose, result: Result<Swap, StoreFailure>) {
        if self.flies(purpose) {
            self.on_flight_written(now, result);
        } else if self.operation(purpose).is_some() {
            self.on_operation_written(now, purpose, result);
        } else {
            // It was given up; whether it was written is for the record to say.
            self.look_again();
        }
    }

    fn on_announced(&mut self, now: &Moment, seq: u64) {
        if self.view.record.as_ref().map(|r| r.seq) != Some(seq) {
            self.look_again();
        }
        self.stop_watching(now);
    }

    fn tick(&mut self, now: &Moment) {
        self.tick_reading(now);
        self.tick_flight(now);
        self.tick_operations(now);
        self.tick_waiters(now);
    }

    /// Callers are told at once; a request whose answer is under way is not abandoned.
    fn close(&mut self) {
        self.closing = true;
        self.end_waiters(&Error::new(Code::Closed));
        if self.flight.as_ref().is_some_and(|f| !f.airborne()) {
            self.land();
        }
    }

    fn finish_closing(&mut self) {
        let busy = self.flight.is_some()
            || self.inherited > 0
            || self.operations.iter().any(|o| !o.saves());
        if self.closing && !busy && !self.closed {
            self.closed = true;
            self.release_unsaved();
            self.effects.push(Effect::Closed);
        }
    }

    fn settle(&mut self, call: CallId, outcome: Result<Settled, Error>) {
        self.effects.push(Effect::Settle(call, outcome));
    }

    fn request(&mut self, lock: Lock) {
        self.effects.push(Effect::Request(lock));
    }

    fn release(&mut self, lock: Lock) {
        self.effects.push(Effect::Release(lock));
    }

    fn announce(&mut self, record: &Record) {
        self.effects.push(Effect::Announce(record.seq));
    }

    fn note(&mut self, now: &Moment, event: &str, detail: &str) {
        self.history.note(now.wall, event, detail);
    }

    fn emit(&mut self, event: Event) {
        if !self.closing {
            self.effects.push(Effect::Emit(event));
        }
    }
}

impl Rebase for Engine {
    fn rebase(&mut self, by: &Shift) {
        self.view.rebase(by);
        self.flight.rebase(by);
        self.waiters.rebase(by);
        self.operations.rebase(by);
        self.detached.rebase(by);
        self.history.rebase(by);
        if let Some(end) = &mut self.end {
            end.at.rebase(by);
        }
        self.pause.rebase(by);
        if let Some(error) = &mut self.last_error {
            error.rebase(by);
        }
        self.opening.rebase(by);
        self.reading_first.rebase(by);
        self.armed.rebase(by);
        for input in &mut self.early {
            if let Input::SetTokens(_, _, at, _) = input {
                at.rebase(by);
            }
        }
    }
}
