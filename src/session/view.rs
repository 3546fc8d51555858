//! What this tab knows: the newest record it has seen, and its times on this tab's own clock.

use super::config::Config;
use super::record::{AccessGrant, Lineage, LineageId, Record, Target};
use super::time::{Deadline, Moment, Rebase, Shift, Wall};
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
    access_until: Vec<Option<Deadline>>,
    /// The refresh token's end, where known.
    pub(super) refresh_until: Option<Deadline>,
    /// When to refresh without being asked.
    pub(super) due: Option<Deadline>,
    /// No tab sends before this.
    pub(super) cooldown: Option<Deadline>,
    /// While a refusal stands: when it may be asked again, with a dead access token.
    pub(super) stalled: Option<Deadline>,
    /// When to give notice that the refresh token is about to end.
    pub(super) notice: Option<Deadline>,
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
    pub(super) fn access(&self, target: &Target) -> Option<(&AccessGrant, Option<Deadline>)> {
        let lineage = self.lineage()?;
        let at = lineage.access.iter().position(|a| a.target == *target)?;
        let until = self.access_until.get(at).copied().flatten();
        lineage.access.get(at).map(|grant| (grant, until))
    }

    /// The access token for `target`, if it lives `ms` more.
    pub(super) fn live(&self, now: &Moment, target: &Target, ms: u64) -> Option<&AccessGrant> {
        let (grant, until) = self.access(target)?;
        match until {
            Some(until) if until.minus(ms).passed(now) => None,
            _ => Some(grant),
        }
    }

    /// Whether the client's own access token is dead, or was never there.
    pub(super) fn dead(&self, now: &Moment) -> bool {
        self.live(now, &Target::default(), 0).is_none()
    }

    /// Whether the refresh token has reached its known end.
    pub(super) fn refresh_dead(&self, now: &Moment) -> bool {
        self.refresh_until
            .is_some_and(|until| until.surely_passed(now))
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
        self.access_until = lineage
            .access
            .iter()
            .map(|grant| {
                let known = before.access(&grant.target);
                match known {
                    Some((old, until)) if old.token == grant.token => until,
                    _ => grant
                        .life_ms()
                        .map(|life| Deadline::at(now, grant.received_at.plus(life), life)),
                }
            })
            .collect();
        self.cooldown = lineage.retry.map(|retry| {
            let same = |o: &Lineage| o.retry.is_some_and(|known| known.at == retry.at);
            match before.cooldown {
                Some(known) if before.lineage().is_some_and(same) => known,
                _ => Deadline::at(now, retry.at, retry.after_ms.min(tuning::COOLDOWN_CAP_MS)),
            }
        });
        self.stalled = lineage.stalled.as_ref().map(|stalled| {
            let same = before
                .lineage()
                .and_then(|o| o.stalled.as_ref())
                .is_some_and(|s| (s.at, s.tries) == (stalled.at, stalled.tries));
            match before.stalled {
                Some(known) if same => known,
                _ => Deadline::at(now, stalled.at.plus(stalled.pause_ms()), stalled.pause_ms()),
            }
        });
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
        let refresh = lineage.refresh.as_ref();
        let refresh_until = refresh.and_then(|grant| {
            let life = grant.lifetime_ms?;
            Some(Deadline::at(now, grant.received_at.plus(life), life))
        });
        let notice = refresh.and_then(|grant| {
            let life = grant.lifetime_ms?;
            Some(refresh_until?.minus(tuning::EXPIRY_NOTICE_MS.min(life / 5)))
        });
        // A refresh token that this answer brought is renewed before its own end as well: sessions
        // that slide would otherwise end wherever access tokens outlive refresh tokens.
        let renewable = refresh
            .filter(|grant| grant.received_at == lineage.received_at)
            .and_then(|grant| Some((grant.received_at, grant.lifetime_ms?)));
        let own = match lineage.access(&Target::default()) {
            // Use it now, it said; whoever needs another will ask.
            Some(grant) if grant.lifetime_ms == Some(0) => None,
            Some(grant) => Some(grant.lifetime_ms.map(|ms| (grant.received_at, ms))),
            None => Some(Some((lineage.received_at, 0))),
        };
        let plan = |(from, life): (Wall, u64)| {
            let delay = refresh_delay_ms(life, config, now.random);
            Deadline::at(now, from.plus(delay), delay)
        };
        let due = own.filter(|_| refresh.is_some()).and_then(|own| {
            let ends = [own, renewable].into_iter().flatten();
            ends.map(plan).min_by_key(|due| due.wake(now))
        });
        self.refresh_until = refresh_until;
        self.notice = notice;
        self.due = due;
    }

    /// Puts the automatic refresh off until the access token is dead.
    pub(super) fn postpone(&mut self) {
        self.due = self.access(&Target::default()).and_then(|(_, until)| until);
    }
}

/// How long after its receipt to replace a token that lives `life_ms`: before its end by the leeway,
/// a fifth of its life at most, less some jitter.
fn refresh_delay_ms(life_ms: u64, config: &Config, random: u64) -> u64 {
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
