//! Whatever the store holds and the server answers, the engine lives on: it starts, is asked for a
//! token, waits, is signed out and closed, and each call is settled in bounded time.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock};

use evergrant::oauth::ClientSecret;
use evergrant::session::codec::{decode, encode};
use evergrant::session::time::{Moment, Mono, Wall};
use evergrant::session::{
    CallId, Config, Effect, Engine, Failure, Holder, Input, Lock, LockKind, Record, Reply,
    StoreFailure, Swap,
};
use serde_json::{Value, json};

use crate::dice::{Dice, try_all};
use crate::json::TestJson;
use crate::world::{START, config, forced, reply};

/// Records as they are written: one that lives, one in the middle of trouble, one whose session is over.
static RECORDS: LazyLock<[Value; 3]> = LazyLock::new(|| {
    let error = json!({"code": "oauth", "oauth_error": "invalid_client", "description": "d", "status": 401});
    let issuer = "https://as.example/token";
    let tokens = json!({
        "refresh": {"token": "rt", "received_at": START, "lifetime_ms": 86_400_000},
        "access": [
            {"token": "at", "generation": 4, "token_type": "Bearer", "scope": "a", "received_at": START,
             "lifetime_ms": 60_000},
            {"token": "at", "received_at": START, "resource": "r", "for_scope": "s"},
        ],
        "id_token": "x.y.z",
    });
    let answer = json!({"status": 200, "body": "{\"access_token\":\"a\",\"refresh_token\":\"b\"}",
        "retry_after_ms": 0});
    [
        json!({"version": 1, "seq": START, "issuer": issuer, "lineage": 123, "generation": 4,
            "received_at": START, "doubt": false, "tokens": tokens, "attempts": [], "ended": []}),
        json!({"version": 1, "seq": START, "issuer": issuer, "lineage": 123, "generation": 4,
        "received_at": START, "doubt": true, "retry_at": START + 5_000, "retry_after_ms": 9_000,
        "retry_code": "network", "tokens": tokens, "ended": [], "stalled": {"error": error, "at": START, "tries": 1},
        "attempts": [
            {"id": 1, "state": "claimed", "sent_at": START, "replays": 0, "resource": "r", "scope": "s"},
            {"id": 2, "state": "posted", "sent_at": START, "replays": 1},
            {"id": 3, "state": "answered", "sent_at": START, "replays": 0, "answer": answer,
             "answered_at": START},
        ]}),
        json!({"version": 1, "seq": START, "issuer": issuer, "ended": [
            {"lineage": 12, "reason": "signed-out", "replaced": false, "at": START, "error": error,
             "history": [{"at": START, "event": "e", "detail": "d"}]}]}),
    ]
});

/// A record with one member spoilt, or two, or three; or anything.
fn stored(dice: &mut Dice) -> Option<Value> {
    match dice.below(16) {
        0 => None,
        1 => Some(dice.json()),
        _ => {
            let mut record = RECORDS[dice.pick(&[0, 0, 1, 1, 1, 2])].clone();
            for _ in 0..dice.pick(&[1, 1, 2, 2, 3]) {
                dice.spoil(&mut record);
            }
            Some(record)
        }
    }
}

fn answer(dice: &mut Dice) -> Reply {
    match dice.below(8) {
        1 => reply(400, r#"{"error":"invalid_grant"}"#),
        2 => reply(dice.pick(&[200, 400, 401, 403, 429, 503]), &dice.text()),
        3 => Reply::Failed(Failure::Network),
        4 => {
            let mut tokens = json!({"access_token": "at9", "expires_in": 60, "refresh_token": "rt9",
                "refresh_token_expires_in": 9});
            dice.spoil(&mut tokens);
            reply(200, &tokens.to_string())
        }
        _ => reply(
            200,
            r#"{"access_token":"at1","expires_in":60,"refresh_token":"rt1"}"#,
        ),
    }
}

/// Options as `js/options.js` hands them over: whole milliseconds up to 2^53.
fn options(dice: &mut Dice) -> Config {
    let lifetime = dice.number();
    Config {
        issuer: dice
            .pick(&["https://as.example/token", "", "https://other.example"])
            .into(),
        client_secret: ClientSecret::default(),
        automatic: dice.below(4) != 1,
        leeway_ms: dice.number(),
        jitter_ms: dice.number(),
        timeout_ms: dice.number(),
        grace_ms: dice.number(),
        refresh_lifetime_ms: (dice.below(2) == 1).then_some(lifetime),
        discovers: dice.below(4) == 1,
        pause_when_hidden: dice.below(4) == 1,
    }
}

/// More inputs than anything needs at one moment.
const STORM: usize = 400;

/// More timers than a caller's patience has, of a second each at most.
const PATIENCE: usize = 400;

/// What lets the engine down, for as long as it lives.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Fair,
    /// Somebody holds the attempts' locks.
    AttemptsHeld,
    /// Somebody holds all locks; they can be taken by force.
    LocksHeld,
    /// The server says nothing.
    ServerSilent,
    /// Nothing comes back from the store; or nothing once it was read.
    StoreHangs,
    StoreHangsLater,
}

const MOODS: &[Mood] = &[
    Mood::Fair,
    Mood::Fair,
    Mood::Fair,
    Mood::AttemptsHeld,
    Mood::LocksHeld,
    Mood::ServerSilent,
    Mood::StoreHangs,
    Mood::StoreHangsLater,
];

/// One engine, alone with a store and a server.
struct Life<'a> {
    dice: &'a mut Dice,
    engine: Engine,
    now: Moment,
    store: Option<Value>,
    mood: Mood,
    timer: Option<Mono>,
    inputs: VecDeque<Input>,
    settled: Vec<CallId>,
    published: bool,
    closed: bool,
}

impl<'a> Life<'a> {
    fn new(dice: &'a mut Dice, store: Option<Value>, config: Config, mood: Mood) -> Self {
        Self {
            mood,
            dice,
            engine: Engine::new(config),
            now: Moment {
                wall: Wall(START + 1_000),
                mono: Mono(5_000),
                random: 1,
            },
            store,
            timer: None,
            inputs: VecDeque::new(),
            settled: Vec::new(),
            published: false,
            closed: false,
        }
    }

    fn live(mut self) {
        self.send(Input::Start);
        for _ in 0..PATIENCE {
            if self.published {
                break;
            }
            self.tick();
        }
        assert!(self.published, "createClient hangs");
        self.call(1, |call| Input::GetToken(call, Box::new(forced())));
        self.tick();
        self.send(Input::Woke);
        self.call(2, |call| Input::SignOut(call, true));
        self.call(3, |call| Input::GetToken(call, Box::default()));
        self.send(Input::Close);
        assert!(self.closed);
    }

    fn call(&mut self, number: u32, input: impl FnOnce(CallId) -> Input) {
        let call = CallId(number);
        self.send(input(call));
        for _ in 0..PATIENCE {
            if self.settled.contains(&call) {
                return;
            }
            self.tick();
        }
        panic!("call {number} hangs");
    }

    /// Time passes until the timer fires; a second, where it is far away, for another tab may act.
    fn tick(&mut self) {
        let far = self.now.mono.plus(1_000);
        let due = self.timer.filter(|due| *due <= far);
        let ms = due.unwrap_or(far).since(self.now.mono);
        self.now.mono = self.now.mono.plus(ms);
        self.now.wall = self.now.wall.plus(ms);
        if due.is_some() {
            self.timer = None;
            self.send(Input::Tick);
        }
    }

    fn send(&mut self, input: Input) {
        self.inputs.push_back(input);
        let mut storm = 0;
        while let Some(input) = self.inputs.pop_front() {
            storm += 1;
            assert!(storm < STORM, "the engine spins: {input:?}");
            self.now.random = self.now.random.wrapping_mul(6_364_136_223_846_793_005) + 1;
            for effect in self.engine.handle(&self.now, input) {
                self.run(effect);
            }
        }
    }

    fn run(&mut self, effect: Effect) {
        let input = match effect {
            Effect::Read(_) | Effect::Write { .. } if self.store_hangs() => return,
            Effect::Request(_) if self.mood == Mood::LocksHeld => return,
            Effect::Send { .. } if self.mood == Mood::ServerSilent => return,
            Effect::Read(purpose) => Input::Read(purpose, self.read()),
            Effect::Write {
                purpose,
                before,
                record,
                ..
            } => {
                let there = self.read().ok().flatten();
                let expected = before.as_deref().map(Record::stamp);
                let swaps = there.as_deref().map(Record::stamp) == expected;
                if swaps {
                    self.store = encode::<TestJson>(&record).0;
                }
                let swap = if swaps { Swap::Done } else { Swap::Lost };
                Input::Written(purpose, Ok(swap))
            }
            Effect::Request(lock) | Effect::Steal(lock) => Input::Granted(lock),
            Effect::Look(locks) => {
                let held = |lock: &Lock| match self.mood {
                    Mood::AttemptsHeld => lock.kind == LockKind::Attempt,
                    mood => mood == Mood::LocksHeld,
                };
                let held = locks.into_iter().filter(held);
                Input::Seen(held.map(|lock| (lock, Holder(7))).collect())
            }
            Effect::Prepare { attempt, .. } => Input::Prepared(attempt, Ok(())),
            Effect::Send { attempt, .. } => Input::Answered(attempt, answer(self.dice)),
            Effect::Abort(attempt) => Input::Answered(attempt, Reply::Failed(Failure::Timeout)),
            Effect::Revoke(purpose, _) => Input::Revoked(purpose, true),
            Effect::WakeAt(at) => {
                self.timer = (at != Mono::NEVER).then_some(at);
                return;
            }
            Effect::Publish(_) => {
                self.published = true;
                return;
            }
            Effect::Settle(call, _) => {
                assert!(!self.settled.contains(&call), "settled twice");
                return self.settled.push(call);
            }
            Effect::Closed => {
                self.closed = true;
                return;
            }
            Effect::Release(_) | Effect::Announce(_) | Effect::Emit(_) => return,
        };
        self.inputs.push_back(input);
    }

    fn store_hangs(&self) -> bool {
        match self.mood {
            Mood::StoreHangs => true,
            Mood::StoreHangsLater => self.published,
            _ => false,
        }
    }

    fn read(&self) -> Result<Option<Arc<Record>>, StoreFailure> {
        let Some(value) = &self.store else {
            return Ok(None);
        };
        let read = decode(TestJson(Some(value.clone())));
        read.map(Some).ok_or(StoreFailure::Unreadable)
    }
}

#[test]
fn a_record_of_any_kind_is_lived_with() {
    try_all("records, each with a life", 200_000, 64, |dice| {
        let store = stored(dice);
        let mood = dice.pick(MOODS);
        Life::new(dice, store, config(), mood).live();
    });
}

#[test]
fn options_of_any_kind_are_lived_with() {
    try_all("options, each with a life", 50_000, 60, |dice| {
        let config = options(dice);
        let store = Some(RECORDS[dice.below(3)].clone());
        Life::new(dice, store, config, Mood::Fair).live();
    });
}
