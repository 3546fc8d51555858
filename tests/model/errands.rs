//! The keeper at work: each errand goes by the table of `js/keeper.js`, one step at a time.
//!
//! What it asks of the store takes effect in the step that asks for it, as with a tab; what it then
//! sees is a step of its own, and so is the coming of its message.

use std::sync::Arc;

use evergrant::oauth::{Answer, Meaning};
use evergrant::session::time::{Mono, Rebase, Shift, Wall};
use evergrant::session::{
    AttemptId, Failure, Input, Lineage, Lock, LockKind, Purpose, Record, Reply, tuning,
};

use crate::keeper::{self, Claim, Deed, Home, Phase, Seen};
use crate::server::{Server, number};
use crate::world::{NOW, Request, Revocation, TIMEOUT_MS, World};

/// Its number among those who hold locks and send requests; its errands' timers count from here.
pub(crate) const KEEPER: usize = 9;

/// Whether there is a keeper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Keeping {
    Off,
    /// A tab knows of it from the start.
    On,
    /// A tab hears of it at some time.
    Late,
}

/// An attempt that was posted to the keeper.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Errand {
    /// Who hears of it, unless that page is gone.
    pub(crate) page: Option<usize>,
    request: Request,
    pub(crate) phase: Phase,
    next: Next,
    pub(crate) timer: Option<Mono>,
    pub(crate) claim: Option<Claim>,
    answer: Option<(Arc<Answer>, Wall)>,
    /// As it has written it.
    record: Option<Arc<Record>>,
    /// It has handed the answer over; it does so once.
    handed: bool,
    /// The page does not need it any more.
    let_go: bool,
}

/// The next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Next {
    /// The message is on its way.
    Message,
    /// It sees something.
    See(Seen),
    /// It waits.
    Nothing,
}

impl Errand {
    pub(crate) fn new(request: Request) -> Self {
        Self {
            page: request.sender,
            request,
            phase: Phase::Asking,
            next: Next::Message,
            timer: None,
            claim: None,
            answer: None,
            record: None,
            handed: false,
            let_go: false,
        }
    }

    /// Whether it goes on by itself.
    pub(crate) fn busy(&self) -> bool {
        self.next != Next::Nothing
    }

    /// Whether it waits for its lock.
    pub(crate) fn queues(&self) -> bool {
        self.phase == Phase::Asking && self.next == Next::Nothing
    }

    pub(crate) fn sees(&self, seen: Seen) -> bool {
        self.next == Next::See(seen)
    }

    /// Whether it has a good answer for this generation that the store would not take.
    pub(crate) fn cannot_save(&self, lineage: &Lineage, server: &Server) -> bool {
        let good = |(answer, _): &(Arc<Answer>, _)| match answer.refresh_token() {
            Some(token) => server.accepts(number(token)),
            None => matches!(answer.meaning, Meaning::Tokens(_)),
        };
        let of_this =
            |claim: &Claim| (claim.lineage, claim.generation) == (lineage.id, lineage.generation);
        self.phase == Phase::Unsaved
            && self.answer.as_ref().is_some_and(good)
            && self.claim.as_ref().is_some_and(of_this)
    }

    fn lock(&self) -> Lock {
        Lock::attempt(self.request.attempt)
    }

    /// Whether the claim is older than the send window.
    fn late(&self) -> bool {
        let claimed = self.claim.as_ref().map(|claim| claim.attempt.sent_at);
        claimed.is_some_and(|at| Wall(NOW).since(at) > tuning::SEND_WINDOW_MS)
    }
}

impl World {
    /// Whether the keeper is about to take a step.
    pub(crate) fn keeper_is_slow(&self) -> bool {
        !self.hangs && self.errands.iter().any(Errand::busy)
    }

    /// The keeper goes on with an errand.
    pub(crate) fn keep(&mut self, at: usize) {
        let errand = &mut self.errands[at];
        match std::mem::replace(&mut errand.next, Next::Nothing) {
            Next::Message => {
                errand.timer = Some(Mono(NOW).plus(tuning::KEEPER_START_MS));
                let lock = errand.lock();
                if self.locks.request(KEEPER, lock) {
                    self.grant(lock);
                }
            }
            Next::See(Seen::Claimed) if errand.late() => self.see(at, Seen::ClaimedLate),
            Next::See(seen) => self.see(at, seen),
            Next::Nothing => {}
        }
    }

    /// It has the lock that it has asked for.
    pub(crate) fn grant(&mut self, lock: Lock) {
        for errand in self.errands.iter_mut().filter(|it| it.lock() == lock) {
            errand.timer = None;
            errand.next = Next::See(Seen::Granted);
        }
    }

    /// The page lets go of an attempt, if its answer was handed to it.
    pub(crate) fn let_go(&mut self, tab: usize, lock: Lock) {
        let inbox = &self.tabs[tab].inbox;
        let comes = |id| {
            let reply =
                |(_, input): &(_, Input)| matches!(input, Input::Answered(it, _) if *it == id);
            inbox.iter().any(reply)
        };
        let posted = |it: &&mut Errand| {
            let has_it = it.handed && !comes(it.request.attempt);
            has_it && it.page == Some(tab) && it.lock() == lock
        };
        if lock.kind == LockKind::Attempt
            && let Some(errand) = self.errands.iter_mut().find(posted)
        {
            errand.let_go = true;
            if errand.phase == Phase::Unsaved {
                errand.next = Next::See(Seen::LetGo);
            }
        }
    }

    /// The server's answer has come.
    pub(crate) fn keeper_gets(&mut self, attempt: AttemptId, answer: Arc<Answer>) {
        if let Some(at) = self.errand(attempt) {
            self.errands[at].answer = Some((answer, Wall(NOW)));
            self.see(at, Seen::Answered);
        }
    }

    /// The connection broke.
    pub(crate) fn keeper_loses(&mut self, attempt: AttemptId) {
        if let Some(at) = self.errand(attempt) {
            self.see(at, Seen::Broken);
        }
    }

    /// An errand's timer fires.
    pub(crate) fn keeper_tick(&mut self, at: usize) {
        let errand = &self.errands[at];
        let seen = match errand.phase {
            Phase::Asking => Seen::TooLate,
            Phase::Sending => Seen::TimedOut,
            _ => Seen::Second,
        };
        if seen == Seen::TimedOut {
            let attempt = errand.request.attempt;
            self.abandon(|request| request.attempt == attempt);
        }
        self.see(at, seen);
    }

    /// It dies; what it has sent goes on without it.
    pub(crate) fn kill(&mut self, at: usize) {
        let errand = self.errands.remove(at);
        self.free(KEEPER, errand.lock());
        self.abandon(|request| request.attempt == errand.request.attempt);
    }

    fn errand(&self, attempt: AttemptId) -> Option<usize> {
        let mut errands = self.errands.iter();
        errands.position(|it| it.request.attempt == attempt)
    }

    fn see(&mut self, at: usize, seen: Seen) {
        let errand = &mut self.errands[at];
        let (deeds, phase) = keeper::step(errand.phase, seen);
        errand.phase = phase;
        errand.timer = match phase {
            Phase::Sending => Some(Mono(NOW).plus(TIMEOUT_MS)),
            Phase::Unsaved => Some(Mono(NOW).plus(tuning::SAVE_MS)),
            _ => None,
        };
        for deed in deeds {
            self.do_deed(at, *deed, seen);
        }
        let errand = &mut self.errands[at];
        match phase {
            Phase::Unsaved if errand.let_go => errand.next = Next::See(Seen::LetGo),
            Phase::Done => {
                let errand = self.errands.remove(at);
                self.free(KEEPER, errand.lock());
            }
            _ => {}
        }
    }

    fn do_deed(&mut self, at: usize, deed: Deed, seen: Seen) {
        match deed {
            Deed::Claim | Deed::Withdraw | Deed::Save => {
                let seen = self.edit(at, deed);
                self.errands[at].next = Next::See(seen);
            }
            Deed::Send => {
                let sender = Some(KEEPER);
                let request = self.errands[at].request.clone();
                self.requests.push(Request { sender, ..request });
            }
            Deed::TellRecord => {
                let errand = &self.errands[at];
                if let Some(record) = errand.record.clone() {
                    let (purpose, seq) = (Purpose(errand.request.attempt.0), record.seq);
                    self.tell(at, Input::Read(purpose, Ok(Some(record))));
                    // The channel's messages reach the page as well.
                    self.announce(0..self.tabs.len(), seq);
                }
            }
            Deed::TellNone => {
                let failure = match seen {
                    Seen::TimedOut => Failure::Timeout,
                    _ => Failure::Network,
                };
                self.tell_reply(at, Reply::Failed(failure));
            }
            Deed::HandOver => {
                let errand = &mut self.errands[at];
                let first = !std::mem::replace(&mut errand.handed, true);
                let answer = errand.answer.clone().filter(|_| first);
                if let Some((answer, _)) = answer {
                    self.tell_reply(at, Reply::Answer(answer));
                }
            }
            Deed::Revoke => {
                let answer = self.errands[at].answer.as_ref();
                let token = answer.and_then(|(answer, _)| answer.refresh_token());
                self.revocations.extend(token.map(|token| Revocation {
                    tab: KEEPER,
                    purpose: Purpose::VIEW,
                    tokens: vec![number(token)],
                }));
            }
        }
    }

    /// Edits the record, in one transaction; what it sees then.
    fn edit(&mut self, at: usize, deed: Deed) -> Seen {
        let errand = &mut self.errands[at];
        let id = errand.request.attempt;
        let (seen, record) = match (deed, &self.store, &errand.claim, &errand.answer) {
            (Deed::Claim, Some(record), ..) => match keeper::claim(record, id, Wall(NOW)) {
                Some((record, claim)) => {
                    if !self.refuses {
                        errand.claim = Some(claim);
                    }
                    (Seen::Claimed, Some(record))
                }
                None => (Seen::NotPosted, None),
            },
            (Deed::Withdraw, Some(record), ..) => match keeper::withdraw(record, id) {
                Some(record) => (Seen::Withdrawn, Some(record)),
                None => (Seen::NotPosted, None),
            },
            (Deed::Save, record, Some(claim), Some((answer, at))) => {
                let home = keeper::bring_home(record.as_deref(), claim, answer, *at);
                let seen = home.seen();
                match home {
                    Home::Written(record) => (seen, Some(*record)),
                    _ => (seen, None),
                }
            }
            _ => (Seen::NotPosted, None),
        };
        let Some(record) = record else {
            return seen;
        };
        if std::mem::take(&mut self.refuses) {
            return Seen::StoreFails;
        }
        let record = Arc::new(record);
        errand.record = Some(record.clone());
        self.put(record);
        seen
    }

    fn tell_reply(&mut self, at: usize, reply: Reply) {
        let id = self.errands[at].request.attempt;
        self.tell(at, Input::Answered(id, reply));
    }

    /// A message to the page, if that still lives.
    fn tell(&mut self, at: usize, input: Input) {
        if let Some(page) = self.errands[at].page {
            self.tab(page).receive("keeper", input);
        }
    }
}

impl Rebase for Errand {
    fn rebase(&mut self, by: &Shift) {
        self.timer.rebase(by);
        if let Some(claim) = &mut self.claim {
            claim.attempt.rebase(by);
        }
        if let Some((_, at)) = &mut self.answer {
            at.rebase(by);
        }
        self.record.rebase(by);
    }
}
