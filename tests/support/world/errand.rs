//! What the keeper does about one attempt, by the table of tests/support/keeper.rs.

use super::keeper::Sign;
use super::locks::KEEPER;
use super::order::Due;
use super::{Request, StoreMode, World};
use crate::keeper::{self as rules, Claim, Deed, Home, Phase, Seen};
use evergrant::oauth::Answer;
use evergrant::session::time::{Moment, Mono, Wall};
use evergrant::session::{Failure, Input, Lock, Purpose, Record, Reply, Swap, tuning};
use std::sync::Arc;

/// How often it tries to save an answer.
const SAVES: u32 = 60;

/// An attempt that was posted to it.
#[derive(Clone)]
pub(super) struct Errand {
    /// By which it is known, and holds its attempt's lock.
    pub(super) number: usize,
    pub(super) request: Request,
    /// Who hears of it; nobody, where its engine has failed.
    pub(super) page: Option<usize>,
    pub(super) timeout_ms: u64,
    /// None before it has started.
    pub(super) phase: Option<Phase>,
    /// When it starts by itself, looks at the clock, or tries again.
    pub(super) due: Mono,
    pub(super) looked_ms: u64,
    pub(super) saves: u32,
    /// When it was about to claim.
    pub(super) began: Option<Moment>,
    pub(super) claim: Option<Claim>,
    pub(super) answer: Option<(Arc<Answer>, Wall)>,
    pub(super) written: Option<Arc<Record>>,
    /// The page has its answer.
    pub(super) handed_over: bool,
    /// The page has let go, whether or not that was to be heard yet.
    pub(super) let_go: bool,
}

impl World {
    pub(super) fn keeper_hears(&mut self, number: usize, sign: Sign) {
        if self.keeper.frozen {
            return self.keeper.waiting.push(Due::Keeper(number, sign));
        }
        let now = self.now;
        let Some(errand) = self.keeper.errand(number) else {
            return;
        };
        match (errand.phase, sign) {
            (None, Sign::Started) => {
                errand.phase = Some(Phase::Asking);
                errand.due = now.mono.plus(tuning::KEEPER_START_MS);
                let lock = Lock::attempt(errand.request.attempt);
                self.request(number, lock);
            }
            (Some(Phase::Asking), Sign::Granted) => {
                errand.began = Some(now);
                self.keeper_sees(number, Seen::Granted);
            }
            (Some(Phase::Claiming), Sign::Stored(Seen::Claimed)) => {
                let late = errand.began.is_none_or(|began| {
                    now.wall < began.wall
                        || now.wall.since(began.wall) > tuning::SEND_WINDOW_MS
                        || now.mono.since(began.mono) > tuning::SEND_WINDOW_MS
                });
                self.keeper_sees(
                    number,
                    if late {
                        Seen::ClaimedLate
                    } else {
                        Seen::Claimed
                    },
                );
            }
            (_, Sign::Stored(seen)) => self.keeper_sees(number, seen),
            (Some(Phase::Sending), Sign::Replied(Reply::Answer(answer))) => {
                errand.answer = Some((Arc::clone(&answer), now.wall));
                self.receives(&Reply::Answer(answer));
                self.keeper_sees(number, Seen::Answered);
            }
            (Some(Phase::Sending), Sign::Replied(Reply::Failed(_))) => {
                self.keeper_sees(number, Seen::Broken);
            }
            (phase, Sign::LetGo) => {
                errand.let_go = true;
                if phase == Some(Phase::Unsaved) {
                    self.keeper_sees(number, Seen::LetGo);
                }
            }
            _ => {}
        }
    }

    /// Its timer for an attempt fires.
    pub(super) fn keeper_ticks(&mut self, number: usize) {
        let next = self.now.mono.plus(tuning::LOOK_MS);
        self.at_once += 1;
        assert!(self.at_once < 20_000, "it never comes to rest");
        let Some(errand) = self.keeper.errand(number) else {
            return;
        };
        match errand.phase {
            None => {
                errand.due = Mono::NEVER;
                self.tell_keeper(number, Sign::Started);
            }
            Some(Phase::Asking) => self.keeper_sees(number, Seen::TooLate),
            Some(Phase::Sending) => {
                errand.due = next;
                errand.looked_ms += tuning::LOOK_MS;
                if errand.looked_ms >= errand.timeout_ms {
                    let id = errand.request.attempt;
                    self.drop_request(id);
                    self.judge_answer(id, &Reply::Failed(Failure::Timeout));
                    self.keeper_sees(number, Seen::TimedOut);
                }
            }
            Some(Phase::Saving) => self.keeper_sees(number, Seen::StoreFails),
            Some(Phase::Unsaved) if errand.saves < SAVES => self.keeper_sees(number, Seen::Second),
            // It gives up.
            Some(Phase::Unsaved) => self.keeper_sees(number, Seen::LetGo),
            Some(_) => errand.due = Mono::NEVER,
        }
        self.settle();
    }

    fn keeper_sees(&mut self, number: usize, seen: Seen) {
        let next_look = self.now.mono.plus(tuning::LOOK_MS);
        let Some(errand) = self.keeper.errand(number) else {
            return;
        };
        let Some(phase) = errand.phase else {
            return;
        };
        let (deeds, next) = rules::step(phase, seen);
        errand.phase = Some(next);
        errand.due = match next {
            Phase::Sending | Phase::Saving => next_look,
            // The second of its try is not over.
            Phase::Unsaved => errand.due,
            _ => Mono::NEVER,
        };
        let over = next == Phase::Unsaved && errand.let_go;
        let id = errand.request.attempt;
        self.log(KEEPER, || {
            format!("{:x}: {phase:?} {seen:?}, {deeds:?}", id.0 & 0xffff)
        });
        for deed in deeds {
            self.keeper_does(number, *deed, seen);
        }
        if next == Phase::Done {
            self.keeper.errands.retain(|it| it.number != number);
            self.release(number, Lock::attempt(id));
        } else if over {
            self.keeper_sees(number, Seen::LetGo);
        }
    }

    fn keeper_does(&mut self, number: usize, deed: Deed, seen: Seen) {
        let Some(errand) = self.keeper.errand(number) else {
            return;
        };
        let (page, request) = (errand.page, errand.request.clone());
        let id = request.attempt;
        let answer = errand.answer.as_ref().map(|(answer, _)| Arc::clone(answer));
        match (deed, answer) {
            (Deed::Claim | Deed::Withdraw, _) => self.keeper_stores(number, deed),
            (Deed::Save, _) => {
                errand.saves += 1;
                self.keeper_stores(number, deed);
            }
            (Deed::Send, _) => self.transmit(request),
            (Deed::TellRecord, _) => {
                if let Some(record) = errand.written.take() {
                    let seq = record.seq;
                    let purpose = Purpose(id.0);
                    self.tell_page(page, Input::Read(purpose, Ok(Some(record))));
                    self.announce(number, seq);
                }
            }
            (Deed::TellNone, _) => {
                let failure = match seen {
                    Seen::TimedOut => Failure::Timeout,
                    _ => Failure::Network,
                };
                self.tell_page(page, Input::Answered(id, Reply::Failed(failure)));
            }
            // Once is enough.
            (Deed::HandOver, Some(answer)) if errand.saves == 1 => {
                self.tell_page(page, Input::Answered(id, Reply::Answer(answer)));
            }
            (Deed::Revoke, Some(answer)) => {
                if let Some(token) = answer.refresh_token() {
                    self.server.revoke(token);
                    self.revoked.push(token.clone());
                }
            }
            _ => {}
        }
    }

    fn tell_page(&mut self, page: Option<usize>, input: Input) {
        if let Some(page) = page {
            self.under_way.push_back(Due::Word(page, input));
        }
    }

    /// It edits the record, if the store lets it; what came of it is heard later.
    pub(super) fn keeper_stores(&mut self, number: usize, deed: Deed) {
        let saves = deed == Deed::Save;
        // An answer is sealed with a key that cannot be read.
        let mode = match self.keeper.store {
            StoreMode::Works if self.unreadable && saves => StoreMode::Fails,
            mode => mode,
        };
        let Some(errand) = self.keeper.errand(number).cloned() else {
            return;
        };
        if saves && mode != StoreMode::Works {
            self.disturb(errand.request.attempt);
        }
        let seen = match (mode, deed) {
            (StoreMode::Hangs | StoreMode::WritesHang, _) => {
                return self.keeper.hung.push((errand, deed));
            }
            (StoreMode::Fails | StoreMode::WritesFail, _) => Seen::StoreFails,
            (_, Deed::Claim) => self.claim(&errand),
            (_, Deed::Withdraw) => self.withdraw(&errand),
            _ => self.bring_home(&errand),
        };
        if std::mem::take(&mut self.keeper.freezes_after_write) {
            self.keeper_freezes();
        }
        self.tell_keeper(number, Sign::Stored(seen));
    }

    fn claim(&mut self, errand: &Errand) -> Seen {
        let id = errand.request.attempt;
        let claimed = self.found().zip(errand.began).and_then(|(record, began)| {
            let (next, claim) = rules::claim(&record, id, began.wall)?;
            self.put(&record, next);
            Some(claim)
        });
        let Some(claim) = claimed else {
            return Seen::NotPosted;
        };
        if let Some(errand) = self.keeper.errand(errand.number) {
            errand.claim = Some(claim);
        }
        Seen::Claimed
    }

    fn withdraw(&mut self, errand: &Errand) -> Seen {
        let id = errand.request.attempt;
        let Some(record) = self.found() else {
            return Seen::NotPosted;
        };
        let Some(next) = rules::withdraw(&record, id) else {
            return Seen::NotPosted;
        };
        self.wrote(errand.number, &record, next);
        Seen::Withdrawn
    }

    pub(super) fn bring_home(&mut self, errand: &Errand) -> Seen {
        let id = errand.request.attempt;
        let (Some(claim), Some((answer, at))) = (&errand.claim, &errand.answer) else {
            return Seen::Forgotten;
        };
        let record = self.found();
        let home = rules::bring_home(record.as_ref(), claim, answer, *at);
        let seen = home.seen();
        if let (Home::Written(next), Some(record)) = (home, record) {
            self.wrote(errand.number, &record, *next);
            self.is_home(id);
        }
        seen
    }

    /// The record, if what is stored is one.
    fn found(&self) -> Option<Record> {
        self.store.clone().filter(|_| !self.garbage)
    }

    fn wrote(&mut self, number: usize, before: &Record, record: Record) {
        let told = Arc::new(record.clone());
        self.put(before, record);
        if let Some(errand) = self.keeper.errand(number) {
            errand.written = Some(told);
        }
    }

    fn put(&mut self, before: &Record, record: Record) {
        let swap = self.write(Some(before.stamp()), record);
        assert_eq!(swap, Swap::Done, "it reads and writes in one transaction");
    }
}
