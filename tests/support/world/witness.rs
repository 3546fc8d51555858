//! What no engine can know and a test can: who has spent which token and what became of it, which
//! sessions ended and why. It judges each step against that.

use super::damage::FOREIGN;
use super::{Request, World};
use evergrant::oauth::Meaning;
use evergrant::session::time::{Mono, Wall};
use evergrant::session::{
    AttemptId, CallId, Code, Degraded, Error, Event, LineageId, Published, Reason, Record, Reply,
    Settled,
};
use std::collections::{BTreeMap, BTreeSet};

/// What it has seen.
#[derive(Default)]
pub(crate) struct Witness {
    spent: Vec<Spent>,
    /// Refresh tokens whose successor has been in the store.
    superseded: BTreeSet<String>,
    pub(super) families: BTreeMap<LineageId, u32>,
    ends: BTreeMap<LineageId, Reason>,
    signed_out: BTreeSet<LineageId>,
    pub(super) cleared: BTreeSet<LineageId>,
    /// Over whose record another issuer's client has written.
    pub(super) overwritten: BTreeSet<LineageId>,
    /// When a tab was handed each access token by the network.
    received: BTreeMap<String, Wall>,
    /// Families in which a request came later than a whole generation: nobody can tell its refusal
    /// from one that is meant.
    late: BTreeSet<u32>,
    /// The wall clock has been moved: what a restart reads off it may be wrong.
    pub(crate) clock_moved: bool,
}

/// A request that was sent.
struct Spent {
    attempt: AttemptId,
    token: String,
    tab: usize,
    /// By the keeper, and whether that was killed, stood still, or could not save, before the answer was
    /// in the record.
    carried: bool,
    disturbed: bool,
    /// By a tab that went on in memory: nobody else knows of it.
    in_memory: bool,
    at: Mono,
    fate: Fate,
}

impl Spent {
    /// Whether its answer may be lost: what a well keeper carries comes home, whatever becomes of the page.
    fn may_be_lost(&self) -> bool {
        !self.carried || self.disturbed || self.fate == Fate::Lost
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Somebody waits for its answer.
    Open,
    /// No answer came, or one after which the token may be sent again.
    Lost,
    /// Tokens, or `invalid_grant`.
    Final(Mono),
    /// Likewise, and the keeper has written that down.
    Home,
}

impl World {
    /// A token is sent once, unless its answer was lost: it never came, or its tab has died, stood
    /// still, or had no store since.
    pub(super) fn judge_sending(&mut self, request: &Request) {
        let ids = self.attempt_ids();
        let Some(witness) = &mut self.witness else {
            return;
        };
        let token = request.token.expose();
        assert_ne!(token, FOREIGN, "a token was sent to another's server");
        assert!(
            !witness.superseded.contains(token),
            "a token was sent whose successor is stored: {token}"
        );
        let family = self.server.family(token);
        // Claimed before that one's answer came in, and about to be sent.
        let place = |id| ids.iter().position(|it| *it == id);
        let overtaken = |by| place(request.attempt).is_some_and(|at| Some(at) < place(by));
        for spent in &witness.spent {
            let tab = &self.tabs[spent.tab];
            // A robbed sender that thawed may have brought home what is saved by now.
            let rightly = self.stolen == 0 || ids.contains(&spent.attempt);
            let well_since = |at: Mono| match spent.carried {
                true => !spent.disturbed && rightly,
                false => tab.alive && tab.stuck < at,
            };
            match spent.fate {
                Fate::Open if self.server.family(&spent.token) == family => {
                    assert!(!well_since(spent.at), "two requests at once: {token}");
                }
                Fate::Final(at) if spent.token == token && self.server.rotates => {
                    assert!(!well_since(at), "a token was spent twice: {token}");
                }
                Fate::Home if self.server.rotates && spent.token == token => {
                    assert!(overtaken(spent.attempt), "its answer is there: {token}");
                }
                _ => {}
            }
        }
        witness.spent.push(Spent {
            attempt: request.attempt,
            token: token.to_owned(),
            tab: request.tab,
            carried: request.carried,
            disturbed: false,
            in_memory: !request.carried && self.tabs[request.tab].degraded,
            at: self.now.mono,
            fate: Fate::Open,
        });
    }

    /// A request reaches the server.
    pub(super) fn judge_arrival(&mut self, request: &Request) {
        let token = request.token.expose();
        if let Some(witness) = &mut self.witness
            && self.server.overtaken(token)
        {
            witness.late.insert(self.server.family(token));
        }
    }

    pub(super) fn judge_answer(&mut self, attempt: AttemptId, reply: &Reply) {
        let now = self.now.mono;
        let Some(witness) = &mut self.witness else {
            return;
        };
        let mut fate = Fate::Lost;
        if let Reply::Answer(answer) = reply {
            match &answer.meaning {
                Meaning::Tokens(_) => fate = Fate::Final(now),
                Meaning::Refused(response) if response.is_invalid_grant() => {
                    fate = Fate::Final(now);
                }
                _ => {}
            }
        }
        for spent in &mut witness.spent {
            if spent.attempt == attempt && spent.fate == Fate::Open {
                spent.fate = fate;
            }
        }
    }

    /// An answer reaches its engine: from here on, as far as anybody can tell, its token lives.
    pub(super) fn receives(&mut self, reply: &Reply) {
        let truth = self.truth();
        if let Some(witness) = &mut self.witness
            && let Reply::Answer(answer) = reply
            && let Meaning::Tokens(tokens) = &answer.meaning
        {
            let token = tokens.access_token.expose().to_owned();
            witness.received.insert(token, truth);
        }
    }

    /// A tab has died: nobody waits for what it had sent.
    pub(super) fn mourn(&mut self, tab: usize) {
        if let Some(witness) = &mut self.witness {
            for spent in &mut witness.spent {
                if spent.tab == tab && !spent.carried && spent.fate == Fate::Open {
                    spent.fate = Fate::Lost;
                }
            }
        }
    }

    /// The keeper was killed with this attempt, or stands still, or cannot save what came of it.
    pub(super) fn disturb(&mut self, attempt: AttemptId) {
        if let Some(witness) = &mut self.witness {
            for spent in witness.of(attempt) {
                spent.disturbed |= spent.fate != Fate::Home;
            }
        }
    }

    /// The keeper has written down what came of it.
    pub(super) fn is_home(&mut self, attempt: AttemptId) {
        if let Some(witness) = &mut self.witness {
            for spent in witness.of(attempt) {
                if matches!(spent.fate, Fate::Final(_)) {
                    spent.fate = Fate::Home;
                }
            }
        }
    }

    pub(super) fn judge_write(&mut self, record: &Record) {
        let mut about = Vec::new();
        if let Some(lineage) = &record.lineage {
            about.push(format!("generation {}", lineage.generation));
            about.push(lineage.secret().to_owned());
            for attempt in &lineage.attempts {
                about.push(format!("{:?} {:x}", attempt.state, attempt.id.0 & 0xffff));
            }
        }
        self.log(usize::MAX, || {
            format!("the store holds {}", about.join(", "))
        });
        let (truth, before) = (self.truth(), self.store.take());
        if let Some(witness) = &mut self.witness {
            let old = before.as_ref().and_then(|r| r.lineage.as_ref());
            if let Some(new) = &record.lineage {
                let grants = new.access.iter().map(|grant| grant.token.expose());
                let families: BTreeSet<_> = grants
                    .chain([new.secret()])
                    .map(|token| self.server.family(token))
                    .collect();
                let family = *families.first().unwrap_or(&0);
                let own = *witness.families.entry(new.id).or_insert(family);
                assert!(families.len() == 1 && own == family, "lineages mixed");
                if let Some(old) =
                    old.filter(|old| old.id == new.id && old.secret() != new.secret())
                {
                    witness.superseded.insert(old.secret().to_owned());
                }
            }
            if let Some(old) = old.filter(|old| old.id != record.lineage_id()) {
                let ending = record.ending(old.id).expect("an end has its reason");
                witness.ends.insert(old.id, ending.reason);
                let token = old.secret();
                let family = self.server.family(token);
                let expired = self.server.expired(token, truth);
                let withdrawn = self.server.withdrew(family);
                let lost = |spent: &Spent| {
                    self.server.family(&spent.token) == family && spent.fate != Fate::Open
                };
                let is_true = match ending.reason {
                    Reason::SignedOut => ending.replaced || witness.signed_out.contains(&old.id),
                    Reason::StorageCleared => witness.cleared.contains(&old.id),
                    // A lost answer may have said that it lives on.
                    Reason::RefreshTokenExpired => {
                        expired
                            || (self.server.prolongs() && witness.spent.iter().any(lost))
                            // A wrong clock gives the server's refusal a wrong cause.
                            || (withdrawn && witness.clock_moved)
                    }
                    Reason::RefreshTokenRejected => {
                        let alone = |it: &Spent| it.in_memory || self.tabs[it.tab].degraded;
                        let in_memory = |it: &Spent| lost(it) && !it.carried && alone(it);
                        withdrawn
                            || expired
                            || witness.late.contains(&family)
                            || (self.server.saw_reuse(family)
                                && witness.spent.iter().any(in_memory))
                    }
                    // A lost answer, and a grant that ended meanwhile: nobody can tell them apart.
                    Reason::RotationLost => {
                        (self.server.saw_reuse(family)
                            && witness
                                .spent
                                .iter()
                                .any(|it| self.server.refused_again(&it.token) && it.may_be_lost()))
                            || ((withdrawn || expired) && witness.spent.iter().any(lost))
                    }
                    Reason::IssuerChanged => false,
                };
                assert!(is_true, "no cause for {:?}", ending.reason);
                let by_server = matches!(
                    ending.reason,
                    Reason::RefreshTokenRejected | Reason::RotationLost
                );
                let awaited = |spent: &Spent| {
                    let tab = &self.tabs[spent.tab];
                    let well = tab.alive && tab.stuck < spent.at;
                    let well = if spent.carried {
                        !spent.disturbed
                    } else {
                        well
                    };
                    well && spent.fate == Fate::Open && self.server.family(&spent.token) == family
                };
                assert!(
                    !by_server || !witness.spent.iter().any(awaited),
                    "a session ended while an answer was awaited: {:?}",
                    ending.reason
                );
                assert!(
                    !by_server || !self.server.accepts(token, truth),
                    "a living session ended: {:?}",
                    ending.reason
                );
            }
        }
        self.store = before;
    }

    /// What can be seen from outside is in the store, or in the memory of a tab that says so.
    pub(super) fn shown(&mut self, tab: usize, published: &Published) {
        let Some(witness) = &mut self.witness else {
            return;
        };
        if std::mem::take(&mut self.tabs[tab].signing_out)
            && let Some(session) = &published.session
        {
            witness.signed_out.insert(session.lineage);
        }
        if let Some(live) = &published.live {
            let stored = self.saved.contains(live.token.expose());
            assert!(
                stored || self.tabs[tab].degraded,
                "shown before it was saved"
            );
        }
    }

    pub(super) fn told(&mut self, tab: usize, event: &Event) {
        if let Event::Degraded {
            what: Degraded::Storage,
        } = event
        {
            self.tabs[tab].degraded = true;
        }
        if let Some(witness) = &self.witness
            && let Event::SignedOut { end, .. } = event
            && let Some(session) = &self.tabs[tab].published.session
        {
            let excused = self.excuses(tab, end.reason);
            witness.agrees(session.lineage, end.reason, excused);
        }
    }

    pub(super) fn judge_settled(
        &mut self,
        tab: usize,
        call: CallId,
        settled: &Result<Settled, Error>,
    ) {
        let Some(witness) = &self.witness else {
            return;
        };
        match settled {
            Ok(Settled::Token(token)) => {
                let token = token.expose();
                let stored = self.saved.contains(token);
                assert!(
                    stored || self.tabs[tab].degraded,
                    "handed out unsaved: {token}"
                );
                if let Some(at) = witness.received.get(token)
                    && !witness.clock_moved
                    && let Some(life) = self.server.life_ms(token)
                {
                    let age = self.truth().since(*at);
                    let late = self.now.mono.since(self.tabs[tab].frozen_at);
                    assert!(age <= life + late.max(1_000), "handed out dead: {token}");
                }
            }
            // `setTokens` says so of the session that is there before it.
            Err(error) if error.code == Code::SessionEnded && self.asked(tab, call) => {
                let session = self.tabs[tab].published.session.as_ref();
                if let (Some(session), Some(reason)) = (session, error.reason) {
                    witness.agrees(session.lineage, reason, self.excuses(tab, reason));
                }
            }
            _ => {}
        }
    }

    /// This tab is asked to sign out of what it knows; or of what it will, once it knows something.
    pub(super) fn signs_out(&mut self, tab: usize) {
        self.tabs[tab].signing_out = true;
        if self.tabs[tab].ready {
            let published = self.tabs[tab].published.clone();
            self.shown(tab, &published);
        }
    }
}

impl Witness {
    fn of(&mut self, attempt: AttemptId) -> impl Iterator<Item = &mut Spent> {
        let spent = self.spent.iter_mut();
        spent.filter(move |it| it.attempt == attempt)
    }

    /// What a tab says of an end is what the record says; one that cannot read it, or whose record
    /// has been cleared away, says what it knows.
    fn agrees(&self, lineage: LineageId, reason: Reason, excused: bool) {
        let is_true = match self.ends.get(&lineage) {
            Some(end) => *end == reason,
            None => false,
        };
        let cleared = reason == Reason::StorageCleared && self.cleared.contains(&lineage);
        // Whoever comes later finds a record that does not remember it.
        let overwritten = matches!(reason, Reason::IssuerChanged | Reason::StorageCleared)
            && self.overwritten.contains(&lineage);
        assert!(
            is_true || cleared || overwritten || excused,
            "a tab was told of {reason:?} instead of {:?}",
            self.ends.get(&lineage)
        );
    }
}
