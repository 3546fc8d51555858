//! The invariants. What a step breaks is found in that step, against what the model knows and the
//! engines cannot: what the server did, and what was asked of whom.

use std::sync::Arc;

use evergrant::session::{
    Attempt, AttemptState, Code, Ending, Error, Input, Lineage, Purpose, Reason, Record, Swap,
};
use stateright::Property;

use crate::scenario::Scenario;
use crate::server::{self, Outcome};
use crate::world::{Call, Tab, World};

/// An invariant that a step has broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Fault {
    /// A token was shown or handed out that the store has never held.
    HandedOutUnsaved,
    /// `seq` or the generation went back.
    WentBack,
    /// A token of a generation was changed without a new generation.
    Overwritten,
    /// A lineage that has ended is in the record again.
    Revived,
    /// A token of one sign-in reached another one.
    Mixed,
    /// The record gives a reason that is not the true one.
    WrongReason(Reason),
    /// A session ended whose refresh token, or an answer on its way, was good.
    EndedAlive,
    /// A tab, or a call, was told another reason than the record gives.
    ToldOtherwise,
    /// A call was settled twice.
    SettledTwice,
    /// A call failed though nothing had gone wrong.
    Failed(Code),
}

impl World {
    pub(crate) fn broken(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    /// A token leaves the engine.
    pub(crate) fn handed_out(&mut self, number: usize) {
        if !self.saved.contains(&number) {
            self.broken(Fault::HandedOutUnsaved);
        }
    }

    /// A call of an application failed.
    pub(crate) fn refused(&mut self, call: Call, error: &Error) {
        if error.code == Code::SessionEnded {
            let stored = self.store.as_ref();
            let ending = stored.and_then(|r| call.lineage.and_then(|id| r.ending(id)));
            if ending.map(|ending| ending.reason) != error.reason {
                self.broken(Fault::ToldOtherwise);
            }
        } else if self.calm && error.code != Code::NotSignedIn {
            self.broken(Fault::Failed(error.code));
        }
    }

    /// A record takes another's place.
    pub(crate) fn judge(&mut self, before: &Record, after: &Record) {
        if after.seq <= before.seq {
            self.broken(Fault::WentBack);
        }
        if let Some(lineage) = &after.lineage {
            if after.ending(lineage.id).is_some() {
                self.broken(Fault::Revived);
            }
            self.judge_grants(lineage);
        }
        match (&before.lineage, &after.lineage) {
            (Some(old), Some(new)) if old.id == new.id => {
                if new.generation < old.generation {
                    self.broken(Fault::WentBack);
                }
                let same = new.refresh == old.refresh && new.access == old.access;
                if new.generation == old.generation && !same {
                    self.broken(Fault::Overwritten);
                }
            }
            (Some(old), _) => self.judge_end(old, after),
            (None, _) => {}
        }
    }

    /// All tokens of a lineage are of its own grant.
    fn judge_grants(&mut self, lineage: &Lineage) {
        let known = self.lineages.iter().find(|(id, _)| *id == lineage.id);
        let refresh = lineage.refresh.iter().map(|r| server::number(&r.token));
        let access = lineage.access.iter();
        let access = access.map(|a| server::number_of(a.token.expose()));
        let mut grants = refresh.chain(access).map(|n| self.server.grant_of(n));
        if known.is_none_or(|(_, own)| grants.any(|grant| grant != *own)) {
            self.broken(Fault::Mixed);
        }
    }

    /// A session is over: by the death rule, and for the true reason.
    fn judge_end(&mut self, old: &Lineage, after: &Record) {
        let Some(ending) = after.ending(old.id) else {
            return self.broken(Fault::ToldOtherwise);
        };
        let token = old.refresh.as_ref().map(|r| server::number(&r.token));
        let Some(token) = token else {
            return;
        };
        let grant = self.server.grant_of(token);
        let truth = &self.server.grants()[grant];
        let is_true = match ending.reason {
            Reason::SignedOut => ending.replaced || self.signed_out.contains(&old.id),
            Reason::RotationLost => truth.reused || (truth.withdrawn && !self.calm),
            Reason::RefreshTokenRejected => truth.withdrawn,
            _ => false,
        };
        if !is_true {
            self.broken(Fault::WrongReason(ending.reason));
        }
        let coming = self.requests.iter().any(|r| {
            let awake = r.tab.is_some_and(|tab| !self.tabs[tab].frozen);
            awake && matches!(r.outcome, Some(Outcome::Tokens(_)))
        });
        let asked_for = ending.reason == Reason::SignedOut;
        if !asked_for && (coming || self.server.accepts(token)) {
            self.broken(Fault::EndedAlive);
        }
    }
}

/// Refreshes under way, not counting those nobody waits for any more.
pub(crate) fn in_flight(world: &World) -> usize {
    world.requests.iter().filter(|r| r.tab.is_some()).count()
}

/// Whether every tab shows what the record says, and why a session ended. A tab that died before
/// it could tell the others leaves them behind until they read again.
pub(crate) fn agree(world: &World, may_lag: bool) -> bool {
    let Some(record) = &world.store else {
        return false;
    };
    let session = record.lineage.as_ref().map(|l| (l.id, l.generation));
    let last = record.ended.last().map(|ending| ending.reason);
    let ended = last.filter(|_| session.is_none());
    world.tabs.iter().all(|tab| {
        let shown = tab.shown.unwrap_or_default();
        let behind = may_lag && shown.session.is_some();
        behind || (shown.session == session && shown.ended == ended)
    })
}

/// Whether a signed-out session left no token behind, in the store or at the server.
pub(crate) fn nothing_left(world: &World) -> bool {
    let gone = world.lineages.iter().filter(|(id, _)| {
        let stored = world.store.as_ref();
        let ending = stored.and_then(|record| record.ending(*id));
        ending.is_some_and(|e| e.reason == Reason::SignedOut && !e.replaced)
    });
    gone.into_iter()
        .all(|(_, grant)| world.server.grants()[*grant].ended)
}

/// Why a session ended that nobody signed out.
pub(crate) fn ended_by_itself(world: &World) -> Option<Reason> {
    let mut reasons = endings(world).map(|ending| ending.reason);
    reasons.find(|reason| *reason != Reason::SignedOut)
}

/// What a search must come across, so that it is known to have looked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reached {
    /// All tabs show the one new generation there is.
    Adopted,
    /// A lost answer is asked for again.
    Replayed,
    /// A swap finds that another tab was faster.
    SwapLost,
    /// A replay was refused, and the living access token is served.
    Refused,
    /// A session is over because of a lost answer.
    RotationLost,
    /// A session is over because the server said so.
    Rejected,
    /// A session was signed out.
    SignedOut,
    /// A session was replaced by another one.
    Replaced,
    /// The tokens of an answer that came after a sign-out are taken back.
    LateAnswerRevoked,
    /// An answer waits in the record for another tab to commit it.
    BroughtHome,
    /// A generation is saved that may be the loser of a fork.
    Doubted,
    /// The server sees a spent token.
    CameBack,
}

impl Reached {
    /// The state that shows it.
    pub(crate) fn property(self) -> Property<Scenario> {
        let (name, shows): (_, fn(&Scenario, &World) -> bool) = match self {
            Self::Adopted => ("all tabs adopted one answer", |_, world| {
                let issued = world.server.issued() as u64;
                let newest = |tab: &Arc<Tab>| {
                    let session = tab.shown.and_then(|shown| shown.session);
                    session.is_some_and(|(_, generation)| generation == issued)
                };
                issued > 1 && world.tabs.iter().all(newest)
            }),
            Self::Replayed => ("replayed", |_, world| {
                attempts(world).any(|attempt| attempt.replays > 0)
            }),
            Self::SwapLost => ("a swap was lost", |_, world| {
                let lost = |input: &Input| matches!(input, Input::Written(_, Ok(Swap::Lost)));
                world.tabs.iter().any(|tab| tab.inbox.iter().any(lost))
            }),
            Self::Refused => ("a replay was refused", |_, world| {
                attempts(world).any(|attempt| attempt.state == AttemptState::Refused)
            }),
            Self::RotationLost => ("rotation-lost", |_, world| {
                ended_by_itself(world) == Some(Reason::RotationLost)
            }),
            Self::Rejected => ("refresh-token-rejected", |_, world| {
                ended_by_itself(world) == Some(Reason::RefreshTokenRejected)
            }),
            Self::SignedOut => ("signed out", |_, world| {
                endings(world).any(|it| it.reason == Reason::SignedOut && !it.replaced)
            }),
            Self::Replaced => ("replaced", |_, world| endings(world).any(|it| it.replaced)),
            Self::LateAnswerRevoked => ("late answer revoked", |_, world| {
                world
                    .revocations
                    .iter()
                    .any(|it| it.purpose == Purpose::VIEW)
            }),
            Self::BroughtHome => ("an answer brought home", |_, world| {
                attempts(world).any(|attempt| attempt.answer.is_some())
            }),
            Self::Doubted => ("in doubt", |_, world| {
                let stored = world.store.iter();
                let mut lineages = stored.filter_map(|record| record.lineage.as_ref());
                lineages.any(|lineage| lineage.doubt)
            }),
            Self::CameBack => ("a spent token came back", |_, world| {
                world.server.grants().iter().any(|grant| grant.reused)
            }),
        };
        Property::sometimes(name, shows)
    }
}

fn attempts(world: &World) -> impl Iterator<Item = &Attempt> {
    let lineages = world
        .store
        .iter()
        .filter_map(|record| record.lineage.as_ref());
    lineages.flat_map(|lineage| &lineage.attempts)
}

fn endings(world: &World) -> impl Iterator<Item = &Ending> {
    world.store.iter().flat_map(|record| &record.ended)
}
