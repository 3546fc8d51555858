//! The invariants. What a step breaks is found in that step, against what the model knows and the
//! engines cannot: what the server did, and what was asked of whom.

use std::sync::Arc;

use evergrant::oauth::AccessToken;
use evergrant::session::{
    Attempt, AttemptState, Code, Ending, Error, Input, Lineage, LineageId, Purpose, Reason, Record,
    Reply, Swap,
};
use stateright::Property;

use crate::errands::KEEPER;
use crate::keeper::{Phase, Seen};
use crate::scenario::Scenario;
use crate::server;
use crate::world::{Call, Request, Tab, World};

/// An invariant that a step has broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Fault {
    /// A token was shown or handed out that the store has never held.
    HandedOutUnsaved,
    /// `seq` or the generation went back.
    WentBack,
    /// A saved token gave way to an older one.
    Older,
    /// A token of a generation was changed without a new generation.
    Overwritten,
    /// A token of one resource was handed out for the other.
    WrongResource,
    /// An attempt of an earlier generation is still in the record.
    LeftOver,
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

    /// A token leaves the engine of `tab`.
    pub(crate) fn handed_out(&mut self, tab: usize, other: bool, token: &AccessToken) {
        let number = server::number_of(token.expose());
        if !self.saved.contains(&number) && !self.locks.unsaved(tab) {
            self.broken(Fault::HandedOutUnsaved);
        }
        if self.server.is_other(number) != other {
            self.broken(Fault::WrongResource);
        }
    }

    /// Whether one of these sessions has ended for this reason.
    pub(crate) fn is_true(&self, which: impl Fn(LineageId) -> bool, reason: Reason) -> bool {
        let stored = self.store.iter().flat_map(|record| &record.ended);
        let mut ended = stored.map(|it| (it.lineage, it.reason));
        // Whoever does not find a session in a record that was begun anew knows that as well.
        let cleared = self.cleared.as_ref();
        let gone = cleared.is_some_and(|ended| {
            let mut ended = ended.iter();
            reason == Reason::StorageCleared || ended.any(|it| which(it.0) && it.1 == reason)
        });
        gone || ended.any(|(lineage, it)| which(lineage) && it == reason)
    }

    /// A call of an application failed.
    pub(crate) fn refused(&mut self, call: Call, error: &Error) {
        if error.code == Code::SessionEnded {
            let own = |it| Some(it) == call.lineage;
            if !error.reason.is_some_and(|it| self.is_true(own, it)) {
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
                let number = |lineage: &Lineage| {
                    let grant = lineage.refresh.as_ref();
                    grant.map(|grant| server::number(&grant.token))
                };
                let known = |it: &Attempt| old.attempts.iter().any(|known| known.id == it.id);
                if new.generation > old.generation && new.attempts.iter().any(known) {
                    self.broken(Fault::LeftOver);
                }
                if number(new) < number(old) {
                    self.broken(Fault::Older);
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
            let awake = r.sender.is_some_and(|who| self.awake(who));
            awake && r.outcome.is_some_and(|it| self.server.is_good(it))
        }) || (!self.hangs
            && self
                .errands
                .iter()
                .any(|it| it.cannot_save(old, &self.server)));
        let asked_for = ending.reason == Reason::SignedOut;
        if !asked_for && (coming || self.server.accepts(token)) {
            self.broken(Fault::EndedAlive);
        }
    }
}

/// Refreshes under way, not counting those nobody waits for any more.
pub(crate) fn in_flight(world: &World) -> usize {
    world.requests.iter().filter(|r| r.sender.is_some()).count()
}

/// Whether every tab shows what the record says, and why a session ended. A tab that died before
/// it could tell the others leaves them behind until they read again.
pub(crate) fn agree(world: &World, may_lag: bool) -> bool {
    let Some(record) = &world.store else {
        // Nobody has looked since it was cleared: whoever does leaves a tombstone.
        return world.cleared.is_some();
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

/// Why a session ended that nobody signed out, and whose storage nobody cleared.
pub(crate) fn ended_by_itself(world: &World) -> Option<Reason> {
    let mut reasons = endings(world).map(|ending| ending.reason);
    let asked_for = [Reason::SignedOut, Reason::StorageCleared];
    reasons.find(|reason| !asked_for.contains(reason))
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
    /// The family lock is taken by force.
    Robbed,
    /// An answer waits in the record for another tab to commit it.
    BroughtHome,
    /// A generation is saved that may be the loser of a fork.
    Doubted,
    /// The server sees a spent token.
    CameBack,
    /// The keeper carries an attempt.
    Carried,
    /// The keeper comes too late: its attempt has been withdrawn.
    ComesLate,
    /// The keeper was frozen after its claim, and takes the attempt out again.
    TakenOut,
    /// An attempt was posted a second time.
    Reposted,
    /// A page that has a keeper sends by itself.
    SentItself,
    /// The keeper brings an answer home whose page is gone.
    BroughtHomeAlone,
    /// Nobody carries an attempt any more that the keeper has claimed.
    Dropped,
    /// The keeper hands an answer to the page.
    HandedOver,
    /// The page has saved what it was handed, and lets go.
    LetGo,
    /// The keeper's answer comes too late to be of use.
    Forgotten,
    /// The keeper takes an answer back that came after a sign-out.
    TakenBack,
    /// A tab has an answer that it cannot save.
    Unsaved,
    /// A session is over because the storage was cleared.
    Cleared,
    /// A token of the other resource is in the record.
    Other,
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
                let lost =
                    |(_, input): &(_, Input)| matches!(input, Input::Written(_, Ok(Swap::Lost)));
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
            Self::Robbed => ("robbed", |_, world| {
                let robbed = |(_, input): &(_, Input)| matches!(input, Input::Robbed(_));
                world.tabs.iter().any(|tab| tab.inbox.iter().any(robbed))
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
            Self::Carried => ("carried", |_, world| {
                world.requests.iter().any(|it| it.sender == Some(KEEPER))
            }),
            Self::ComesLate => ("comes late", |_, world| {
                let mut errands = world.errands.iter();
                errands.any(|it| it.phase == Phase::Claiming && it.sees(Seen::NotPosted))
            }),
            Self::TakenOut => ("taken out", |_, world| sees(world, Seen::Withdrawn)),
            Self::Reposted => ("reposted", |_, world| {
                let pages = || world.errands.iter().filter_map(|it| it.page);
                pages().any(|page| pages().filter(|it| *it == page).count() > 1)
            }),
            Self::SentItself => ("sent itself", |_, world| {
                let by_page = |it: &Request| it.sender.is_some_and(|who| who != KEEPER);
                world.requests.iter().any(by_page)
            }),
            Self::BroughtHomeAlone => ("brought home alone", |_, world| {
                let mut errands = world.errands.iter();
                errands.any(|it| it.page.is_none() && it.sees(Seen::Written))
            }),
            Self::Dropped => ("dropped", |model, world| {
                let left = attempts(world).any(|it| it.state == AttemptState::Claimed);
                left && world.errands.is_empty() && world.left.kills < model.left.kills
            }),
            Self::HandedOver => ("handed over", |_, world| {
                let handed = |(from, input): &(&str, Input)| {
                    *from == "keeper" && matches!(input, Input::Answered(_, Reply::Answer(_)))
                };
                world.tabs.iter().any(|tab| tab.inbox.iter().any(handed))
            }),
            Self::LetGo => ("let go", |_, world| sees(world, Seen::LetGo)),
            Self::Forgotten => ("forgotten", |_, world| sees(world, Seen::Forgotten)),
            Self::TakenBack => ("taken back", |_, world| sees(world, Seen::SignedOut)),
            Self::Unsaved => ("unsaved", |_, world| {
                (0..world.tabs.len()).any(|tab| world.locks.unsaved(tab))
            }),
            Self::Cleared => ("storage-cleared", |_, world| {
                endings(world).any(|it| it.reason == Reason::StorageCleared)
            }),
            Self::Other => ("another resource's token", |_, world| {
                let mut saved = world.saved.iter();
                saved.any(|number| world.server.is_other(*number))
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

fn sees(world: &World, seen: Seen) -> bool {
    world.errands.iter().any(|errand| errand.sees(seen))
}

fn endings(world: &World) -> impl Iterator<Item = &Ending> {
    world.store.iter().flat_map(|record| &record.ended)
}
