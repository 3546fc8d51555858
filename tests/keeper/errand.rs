//! One posted attempt, played by the rows of the table, with what the script must have done.

use std::sync::Arc;

use evergrant::oauth::{Answer, Body, RawAnswer};
use evergrant::session::codec;
use evergrant::session::time::Wall;
use evergrant::session::{
    Attempt, AttemptId, AttemptState, Ending, Lineage, LineageId, Reason, Record,
};
use serde_json::{Value, json};

use crate::driver::{Keeper, Told};
use crate::json::{TestJson, parse};
use crate::rules::{self, Claim, Deed, Home, Phase, Row, Seen};

const NOW: u64 = 1_800_000_000_000;
const LINEAGE: LineageId = LineageId(7);
const ATTEMPT: AttemptId = AttemptId(9);
pub(crate) const TIMEOUT_MS: u64 = 10_000;

/// Longer than the send window.
const LATE_MS: u64 = 2_001;

const TOKENS: &str = r#"{"access_token":"at","expires_in":60,"refresh_token":"rt 2"}"#;

/// A session with a posted attempt.
pub(crate) fn record() -> Record {
    let posted = |id, state| Attempt {
        id,
        state,
        sent_at: Wall(NOW - 300),
        ..Attempt::default()
    };
    Record {
        version: 1,
        seq: NOW - 100,
        issuer: "https://as.example".into(),
        lineage: Some(Lineage {
            id: LINEAGE,
            generation: 3,
            received_at: Wall(NOW - 60_000),
            attempts: vec![posted(ATTEMPT, AttemptState::Posted)],
            ..Lineage::default()
        }),
        ended: Vec::new(),
        extra: None,
    }
}

pub(crate) fn encoded(record: &Record) -> String {
    let tree: TestJson = codec::encode(record);
    tree.0.expect("it is an object").to_string()
}

fn decoded(text: &str) -> Record {
    let record = codec::decode(parse(text).expect("it is JSON"));
    Record::clone(&record.expect("it is a record"))
}

/// What a page asks of its keeper.
fn message() -> Value {
    json!({
        "evergrant": 1, "key": "k", "id": ATTEMPT.0, "lock": "the lock", "channel": "the channel",
        "timeoutMs": TIMEOUT_MS,
        "request": ["https://as.example/token", "refresh_token=rt"],
        "revocation": ["https://as.example/revoke", "token=&client_id=a"],
    })
}

pub(crate) struct Errand {
    keeper: Keeper,
    record: Option<Record>,
    now: u64,
    asked_at: u64,
    claim: Option<Claim>,
    answer: Option<(Arc<Answer>, Wall)>,
}

impl Errand {
    /// A keeper that has been told of a posted attempt.
    pub(crate) fn posted() -> Self {
        Self::of(&encoded(&record()))
    }

    /// Likewise, with this for a record.
    pub(crate) fn of(text: &str) -> Self {
        let mut keeper = Keeper::start();
        let told = keeper.open(text, &message(), NOW);
        assert_eq!(told.done, ["Ask the lock"]);
        Self {
            keeper,
            record: Some(record()),
            now: NOW,
            asked_at: NOW,
            claim: None,
            answer: None,
        }
    }

    pub(crate) fn happen(&mut self, what: &str, facts: Value) -> Told {
        let told = self.keeper.happen(what, facts);
        self.now = told.now;
        told
    }

    /// Has a row's event happen, and looks at what is done and stored.
    pub(crate) fn play(&mut self, row: &Row, variant: usize) {
        let (phase, seen, deeds, next) = *row;
        let told = self.see(phase, seen, variant);
        let what = format!("{phase:?} {seen:?} {variant}: {:?}", told.done);
        let stored = told.stored.as_deref().map(decoded);
        assert_eq!(stored, self.record, "{what}");
        let mut done = told.done.iter().map(String::as_str).collect::<Vec<_>>();
        let is_over = done.last() == Some(&"Done");
        assert_eq!(is_over, next == Phase::Done, "{what}");
        done.retain(|it| *it != "Done");
        let expected: Vec<_> = deeds.iter().flat_map(|deed| self.words(*deed)).collect();
        assert_eq!(done, expected, "{what}");
    }

    fn see(&mut self, phase: Phase, seen: Seen, variant: usize) -> Told {
        let none = json!({});
        match seen {
            Seen::Granted => {
                self.asked_at = self.now;
                self.happen("Granted", none)
            }
            Seen::TooLate => self.happen("TooLate", none),
            Seen::Claimed | Seen::ClaimedLate => {
                if seen == Seen::ClaimedLate {
                    // Frozen; or the wall clock alone has moved.
                    let ms = json!({ "ms": LATE_MS });
                    self.happen(["Frozen", "SetBack"][variant], ms);
                }
                let record = self.record.take().unwrap();
                let (record, claim) = rules::claim(&record, ATTEMPT, Wall(self.asked_at)).unwrap();
                self.record = Some(record);
                self.claim = Some(claim);
                self.happen("Edited", none)
            }
            Seen::NotPosted if phase == Phase::Withdrawing => {
                self.change(|_, lineage| lineage.attempts.clear());
                assert!(rules::withdraw(self.record.as_ref().unwrap(), ATTEMPT).is_none());
                self.happen("Edited", none)
            }
            Seen::NotPosted => {
                let changed = self.change(|record, lineage| {
                    let attempt = &mut lineage.attempts[0];
                    match variant {
                        0 => attempt.state = AttemptState::Claimed,
                        1 => attempt.state = AttemptState::Answered,
                        2 => attempt.id = AttemptId(10),
                        3 => lineage.attempts.clear(),
                        4 => lineage.attempts.push(Attempt {
                            id: AttemptId(11),
                            state: AttemptState::Answered,
                            ..Attempt::default()
                        }),
                        _ => record.version = 2,
                    }
                });
                assert!(rules::claim(&changed, ATTEMPT, Wall(self.now)).is_none());
                self.happen("Edited", none)
            }
            Seen::Withdrawn => {
                self.record = rules::withdraw(self.record.as_ref().unwrap(), ATTEMPT);
                self.happen("Edited", none)
            }
            Seen::StoreFails if variant > 0 => {
                let told = self.happen("Passed", json!({ "ms": 1000 }));
                // A save that hangs is tried again at once: its second is over.
                let done = told.done.into_iter().filter(|it| it != "Edit").collect();
                Told { done, ..told }
            }
            Seen::StoreFails => self.happen("StoreFails", none),
            Seen::Answered => {
                let raw = RawAnswer {
                    status: 200,
                    body: Body::new(TOKENS),
                    retry_after_ms: 3_000,
                    ..RawAnswer::default()
                };
                let answer = Arc::new(Answer::read::<TestJson>(raw));
                self.answer = Some((answer, Wall(self.now)));
                let headers = json!({ "Retry-After": "3" });
                let facts = json!({ "status": 200, "body": TOKENS, "headers": headers });
                self.happen("Answered", facts)
            }
            Seen::Broken => self.happen("Broken", none),
            Seen::TimedOut => self.happen("Passed", json!({ "ms": TIMEOUT_MS })),
            Seen::Written | Seen::SignedOut | Seen::Forgotten => {
                self.find(seen, variant);
                let (claim, (answer, at)) = (self.claim.as_ref(), self.answer.as_ref().unwrap());
                let record = self.record.as_ref();
                let home = rules::bring_home(record, claim.unwrap(), answer, *at);
                assert_eq!(home.seen(), seen, "{phase:?} {variant}");
                if let Home::Written(record) = home {
                    self.record = Some(*record);
                }
                let mut told = self.happen("Edited", none);
                if seen == Seen::SignedOut {
                    let answered = self.happen("Answered", json!({ "status": 200, "body": "" }));
                    told.done.extend(answered.done);
                }
                told
            }
            Seen::LetGo => self.happen("LetGo", none),
            Seen::Second => self.happen("Passed", json!({ "ms": 1000 })),
        }
    }

    /// What somebody else has made of the record while the request was out.
    fn find(&mut self, seen: Seen, variant: usize) {
        let over = |reason, replaced| {
            let mut ending = Ending::new(LINEAGE, reason, Wall(NOW));
            ending.replaced = replaced;
            ending
        };
        match (seen, variant) {
            // Somebody took it for lost, and nothing has come of that yet.
            (Seen::Written, 1) => {
                self.change(|_, lineage| lineage.attempts.clear());
            }
            (Seen::Forgotten, 0) => {
                self.record = None;
                self.happen("Stored", json!({ "record": null }));
            }
            (Seen::Forgotten, 1) => {
                self.change(|_, lineage| lineage.generation += 1);
            }
            (Seen::Forgotten, 2) => {
                self.change(|record, lineage| {
                    record.ended = vec![over(Reason::SignedOut, true)];
                    lineage.id = LineageId(8);
                });
            }
            (Seen::Forgotten, _) => self.bury(over(Reason::RotationLost, false)),
            (Seen::SignedOut, _) => self.bury(over(Reason::SignedOut, false)),
            _ => {}
        }
    }

    fn change(&mut self, edit: impl FnOnce(&mut Record, &mut Lineage)) -> Record {
        let mut record = self.record.take().unwrap();
        record.seq += 1;
        let mut lineage = record.lineage.take().unwrap();
        edit(&mut record, &mut lineage);
        record.lineage = Some(lineage);
        self.store(record.clone());
        record
    }

    fn bury(&mut self, ending: Ending) {
        let mut record = self.record.take().unwrap();
        record.seq += 1;
        record.lineage = None;
        record.ended = vec![ending];
        self.store(record);
    }

    fn store(&mut self, record: Record) {
        self.happen("Stored", json!({ "record": encoded(&record) }));
        self.record = Some(record);
    }

    /// A deed in the driver's words.
    fn words(&self, deed: Deed) -> Vec<String> {
        match deed {
            Deed::Claim | Deed::Withdraw | Deed::Save => vec!["Edit".into()],
            Deed::Send => vec!["Fetch /token refresh_token=rt".into()],
            Deed::Revoke => vec!["Fetch /revoke token=rt+2&client_id=a".into()],
            Deed::TellRecord => {
                let seq = self.record.as_ref().unwrap().seq;
                vec!["TellRecord".into(), format!("Announce the channel {seq}")]
            }
            Deed::TellNone => vec!["TellNone".into()],
            Deed::HandOver => vec!["HandOver".into()],
        }
    }
}
