//! What this tab knows: the newest record it has seen, and its times on this tab's own clock.

use super::config::Config;
use super::record::{AccessGrant, Lineage, LineageId, Record, Target};
use super::time::{Deadline, Moment, Rebase, Shift, UNKNOWN_MS, Wall};
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

    /// The living session's name, or nobody's.
    pub(super) fn lineage_id(&self) -> LineageId {
        let record = self.record.as_deref();
        record.map_or(LineageId::NONE, Record::lineage_id)
    }

    /// The access token for `target` and its end, live or dead.
    pub(super) fn access(&self, target: &Target) -> Option<(&AccessGrant, &Deadline)> {
        let lineage = self.lineage()?;
        let at = lineage.access.iter().position(|a| a.target == *target)?;
        Some((lineage.access.get(at)?, self.access_until.get(at)?))
    }

    /// The access token for `target`, if it lives `ms` more.
    pub(super) fn live(&self, now: &Moment, target: &Target, ms: u64) -> Option<&AccessGrant> {
        let (grant, until) = self.access(target)?;
        (!until.minus(ms).passed(now)).then_some(grant)
    }

    /// The end of the client's own access token, where it is known.
    pub(super) fn own_until(&self) -> Deadline {
        let own = self.access(Target::OWN);
        own.map_or(Deadline::NEVER, |(_, until)| *until)
    }

    /// Whether the client's own access token is dead, or was never there.
    pub(super) fn dead(&self, now: &Moment) -> bool {
        self.live(now, Target::OWN, 0).is_none()
    }

    /// Whether the refresh token has reached its known end.
    pub(super) fn refresh_dead(&self, now: &Moment) -> bool {
        self.refresh_until.surely_passed(now)
    }

    /// Takes in a record. Times that were known keep their place on this tab's clock.
    pub(super) fn take(&mut self, now: &Moment, record: Option<Arc<Record>>, config: &Config) {
        if let Some(lineage) = record.as_ref().and_then(|r| r.lineage.as_ref()) {
            self.time(now, lineage, config);
        } else {
            *self = Self::default();
        }
        self.known = true;
        self.record = record;
    }

    fn time(&mut self, now: &Moment, lineage: &Lineage, config: &Config) {
        let mut access_until = Vec::new();
        for grant in &lineage.access {
            access_until.push(match self.access(&grant.target) {
                Some((old, until)) if old.token == grant.token => *until,
                _ => Deadline::ending(now, grant.received_at, grant.life_ms()),
            });
        }
        let old = self.lineage();
        let same = |old: &Lineage| old.id == lineage.id && old.generation == lineage.generation;
        let kept = old.is_some_and(|old| old.refresh == lineage.refresh);
        if !old.is_some_and(same) {
            let until = kept.then_some(self.refresh_until);
            *self = Self::default();
            self.plan(now, lineage, until, config);
        }
        self.access_until = access_until;
        let (mut at, mut at_most) = (Wall::NEVER, 0);
        if let Some(retry) = &lineage.retry {
            (at, at_most) = (retry.at, retry.after_ms.min(tuning::COOLDOWN_CAP_MS));
        }
        self.cooldown.move_to(now, at, at_most);
        (at, at_most) = (Wall::NEVER, 0);
        if let Some(stalled) = &lineage.stalled {
            at_most = stalled.pause_ms();
            at = stalled.at.plus(at_most);
        }
        self.stalled.move_to(now, at, at_most);
    }

    /// Plans a new generation, whose refresh token has this end, if it is the one of the old.
    fn plan(&mut self, now: &Moment, lineage: &Lineage, until: Option<Deadline>, config: &Config) {
        let Some(refresh) = &lineage.refresh else {
            return;
        };
        let (mut from, mut life) = (lineage.received_at, 0);
        if let Some(own) = lineage.access(Target::OWN) {
            (from, life) = (own.received_at, own.lifetime_ms);
            // Use it now, said such an answer; whoever needs another will ask.
            if life == 0 {
                life = UNKNOWN_MS;
            }
        }
        let renewal = refresh.lifetime_ms;
        self.refresh_until = until.unwrap_or_else(|| Deadline {
            // How much of it is over is the wall clock's word alone: the other one waits for all of
            // it.
            mono: now.mono.plus(renewal),
            ..Deadline::ending(now, refresh.received_at, renewal)
        });
        self.notice = self
            .refresh_until
            .minus(tuning::EXPIRY_NOTICE_MS.min(renewal / 5));
        self.due = Deadline::ending(now, from, refresh_delay_ms(life, config, now.random));
        // A refresh token that this answer brought is renewed before its own end as well: sessions
        // that slide would otherwise end wherever access tokens outlive refresh tokens.
        if refresh.received_at == lineage.received_at {
            let delay = refresh_delay_ms(renewal, config, now.random);
            let renewed = Deadline::ending(now, refresh.received_at, delay);
            self.due = self.due.or(&renewed);
        }
    }

    /// Puts the automatic refresh off until the access token is dead.
    pub(super) fn postpone(&mut self) {
        self.due = self.own_until();
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
