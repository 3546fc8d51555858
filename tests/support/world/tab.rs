//! One client: its engine, what it has been told, and how it fares.

use super::StoreMode;
use evergrant::session::time::Mono;
use evergrant::session::{CallId, Config, Engine, Error, Event, Input, Published, Settled, tuning};
use std::collections::VecDeque;

/// One client.
pub(crate) struct Tab {
    pub(crate) engine: Engine,
    pub(crate) alive: bool,
    pub(crate) frozen: bool,
    /// Freezes once its next write has left, before it hears of its end.
    pub(crate) freezes_after_write: bool,
    pub(crate) store: StoreMode,
    /// When it was last seen frozen, or without a store that answers.
    pub(crate) stuck: Mono,
    /// When it was last seen frozen.
    pub(crate) frozen_at: Mono,
    /// It has been told to close.
    pub(crate) closing: bool,
    /// It has said that it goes on in memory.
    pub(crate) degraded: bool,
    /// What a freeze keeps from being heard.
    pub(super) waiting: VecDeque<Input>,
    pub(super) timer: Option<Mono>,
    pub(crate) settled: Vec<(CallId, Result<Settled, Error>)>,
    pub(crate) events: Vec<Event>,
    pub(crate) published: Published,
    /// Whether anything was published, as `createClient` waits for.
    pub(crate) ready: bool,
    pub(crate) closed: bool,
    /// It was asked to sign out before it knew of what.
    pub(super) signing_out: bool,
    /// For how long it may hold the family lock and write nothing, because it watches a sender.
    pub(super) watch_bound_ms: u64,
    /// How long it waits for an answer.
    pub(super) timeout_ms: u64,
    pub(super) born: Mono,
    pub(super) calls: u32,
    /// Those that ask for a token.
    pub(super) asked: Vec<CallId>,
}

impl Tab {
    pub(super) fn new(config: Config, store: StoreMode, born: Mono) -> Self {
        Self {
            watch_bound_ms: (config.attempt_bound_ms() + tuning::LAST_CHANCE_MS)
                .max(config.hold_bound_ms()),
            timeout_ms: config.timeout_ms,
            engine: Engine::new(config),
            alive: true,
            frozen: false,
            freezes_after_write: false,
            store,
            born,
            stuck: Mono(0),
            frozen_at: Mono(0),
            closing: false,
            signing_out: false,
            degraded: false,
            waiting: VecDeque::new(),
            timer: None,
            settled: Vec::new(),
            events: Vec::new(),
            published: Published::default(),
            ready: false,
            closed: false,
            calls: 0,
            asked: Vec::new(),
        }
    }
}
