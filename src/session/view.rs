//! What this tab knows: the newest record it has seen, and its times on this tab's own clock.

use super::config::Config;
use super::record::{AccessGrant, Lineage, LineageId, Record, Target};
use super::time::{Deadline, Moment, Rebase, Shift, UNKNOWN_MS};
use super::tuning;
use std::sync::Arc;

/// The newest record this tab has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct View {
    /// Whether the store has been read at all.
    pub(super) known: bool,
    /// The record; none where the store is empty.
    pub(super) record: Option<Arc<Record>>,
    /// The ends of the access tokens, in the record's order.
    access_until: Vec<Deadline>,
    /// The refresh token's end.
    pub(super) refresh_until: Deadline,
    /// When to refresh without being asked.
    pub(super) due: Deadline,
    /// No tab sends before this.
    pub(super) cooldown: Deadline,
    /// While a refusal stands: when it may be asked again, with a dead access token.
    pub(super) stalled: Deadline,
    /// When to give notice that the refresh token is about to end.
    pub(super) notice: Deadline,
}

impl View {
    /// The living session.
    pub(super) fn lineage(&self) -> Option<&Lineage> {
        self.record.as_ref()?.lineage.as_ref()
    }

    /// The living session's name.
    pub(super) fn lineage_id(&self) -> Option<LineageId> {
        self.lineage().map(|l| l.id)
    }

    /// The access token for `target` and its end, live or dead.
    pub(super) fn access(&self, target: &Target) -> Option<(&AccessGrant, Deadline)> {
        let lineage = self.lineage()?;
        let at = lineage.access.iter().position(|a| a.target == *target)?;
        Some((lineage.access.get(at)?, *self.access_until.get(at)?))
    }

    /// The access token for `target`, if it lives `ms` more.
    pub(super) fn live(&self, now: &Moment, target: &Target, ms: u64) -> Option<&AccessGrant> {
        let (grant, until) = self.access(target)?;
        (!until.minus(ms).passed(now)).then_some(grant)
    }

    /// Whether the client's own access token is dead, or was never there.
    pub(super) fn dead(&self, now: &Moment) -> bool {
        self.live(now, &Target::default(), 0).is_none()
    }

    /// Whether the refresh token has reached its known end.
    pub(super) fn refresh_dead(&self, now: &Moment) -> bool {
        self.refresh_until.surely_passed(now)
    }

    /// Takes in a record. Times that were known keep their place on this tab's clock.
    pub(super) fn take(&mut self, now: &Moment, record: Option<Arc<Record>>, config: &Config) {
        let before = std::mem::take(self);
        self.known = true;
        self.record = record;
        let Some(lineage) = self.record.as_ref().and_then(|r| r.lineage.as_ref()) else {
            return;
        };
        let old = before
            .lineage()
            .filter(|o| o.id == lineage.id && o.generation == lineage.generation);
        for grant in &lineage.access {
            self.access_until.push(match before.access(&grant.target) {
                Some((old, until)) if old.token == grant.token => until,
                _ => Deadline::ending(now, grant.received_at, grant.life_ms()),
            });
        }
        if let Some(retry) = lineage.retry {
            let known = before.lineage().and_then(|o| o.retry);
            self.cooldown = if known.is_some_and(|known| known.at == retry.at) {
                before.cooldown
            } else {
                Deadline::at(now, retry.at, retry.after_ms.min(tuning::COOLDOWN_CAP_MS))
            };
        }
        if let Some(stalled) = &lineage.stalled {
            let known = before.lineage().and_then(|o| o.stalled.as_ref());
            self.stalled = if known.is_some_and(|s| (s.at, s.tries) == (stalled.at, stalled.tries))
            {
                before.stalled
            } else {
                Deadline::ending(now, stalled.at, stalled.pause_ms())
            };
        }
        if old.is_some() {
            self.refresh_until = before.refresh_until;
            self.due = before.due;
            self.notice = before.notice;
        } else {
            self.plan(now, config);
        }
    }

    /// Plans a new generation.
    fn plan(&mut self, now: &Moment, config: &Config) {
        let Some(lineage) = self.lineage() else {
            return;
        };
        // Use it now, said an answer that gives its token no life; whoever needs another will ask.
        let (mut from, mut life) = (lineage.received_at, 0);
        if let Some(own) = lineage.access(&Target::default()) {
            (from, life) = (own.received_at, own.lifetime_ms);
            if life == 0 {
                life = UNKNOWN_MS;
            }
        }
        let Some(refresh) = &lineage.refresh else {
            return;
        };
        let renewal = refresh.lifetime_ms;
        let refresh_until = Deadline::ending(now, refresh.received_at, renewal);
        let plan =
            |from, life| Deadline::ending(now, from, refresh_delay_ms(life, config, now.random));
        let mut due = plan(from, life);
        // A refresh token that this answer brought is renewed before its own end as well: sessions
        // that slide would otherwise end wherever access tokens outlive refresh tokens.
        if refresh.received_at == lineage.received_at {
            let other = plan(refresh.received_at, renewal);
            if other.wake(now) < due.wake(now) {
                due = other;
            }
        }
        self.refresh_until = refresh_until;
        self.notice = refresh_until.minus(tuning::EXPIRY_NOTICE_MS.min(renewal / 5));
        self.due = due;
    }

    /// Puts the automatic refresh off until the access token is dead.
    pub(super) fn postpone(&mut self) {
        let own = self.access(&Target::default());
        self.due = own.map_or(Deadline::NEVER, |(_, until)| until);
    }
}

/// How long after its receipt to replace a token that lives `life_ms`: before its end by the leeway,
/// a fifth of its life at most, less some jitter.
fn refresh_delay_ms(life_ms: u64, config: &Config, random: u64) -> u64 {
    if life_ms == UNKNOWN_MS {
        return life_ms;
    }
    let lead = config.leeway_ms.min(life_ms / 5);
    let jitter = random % (config.jitter_ms.min(lead / 2) + 1);
    (life_ms - (lead - jitter)).max(tuning::REFRESH_FLOOR_MS)
}

impl Rebase for View {
    fn rebase(&mut self, by: &Shift) {
        if let Some(record) = &mut self.record {
            record.rebase(by);
        }
        self.access_until.rebase(by);
        self.refresh_until.rebase(by);
        self.due.rebase(by);
        self.cooldown.rebase(by);
        self.stalled.rebase(by);
        self.notice.rebase(by);
    }
}
