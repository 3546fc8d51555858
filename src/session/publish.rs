//! What can be seen from outside at any time, and when it has changed.

use super::Engine;
use super::events::{Live, Published, Session, Status};
use super::io::Effect;
use super::record::{Lineage, Stamp, Target};
use super::time::{Deadline, Moment, Rebase, Shift, Wall};

/// Tells one publication from the next, without its texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Mark {
    record: Option<Stamp>,
    status: Option<Status>,
    next_refresh_at: Wall,
    live: Option<Deadline>,
    ended: Wall,
}

impl Engine {
    /// Publishes what can be seen from outside, if it has changed.
    pub(super) fn publish(&mut self, now: &Moment) {
        if !self.view.known {
            return;
        }
        let published = Published {
            session: self.session(now),
            ended: self.ended().cloned(),
            live: self.live(now),
        };
        let session = published.session.as_ref();
        let mark = Mark {
            record: self.view.record.as_ref().map(|record| record.stamp()),
            status: session.map(|s| s.status),
            next_refresh_at: session.map_or(Wall::NEVER, |s| s.next_refresh_at),
            live: published.live.as_ref().map(|live| live.until),
            ended: published.ended.as_ref().map_or(Wall::NEVER, |end| end.at),
        };
        if self.published != Some(mark) {
            self.published = Some(mark);
            self.effects.push(Effect::Publish(Box::new(published)));
        }
    }

    fn session(&self, now: &Moment) -> Option<Session> {
        let lineage = self.view.lineage()?;
        let own = self.view.access(&Target::default());
        let plans = self.config.automatic
            && lineage.refresh.is_some()
            && lineage.stalled.is_none()
            && !lineage.refused();
        let (due, later) = (self.view.due.wall, self.view.cooldown);
        let next = match due.known() {
            _ if !plans => Wall::NEVER,
            Some(due) if later.pending(now) => due.max(later.wall),
            None if later.pending(now) => later.wall,
            _ => due,
        };
        Some(Session {
            lineage: lineage.id,
            status: self.status(now, lineage),
            generation: lineage.generation,
            scope: own.and_then(|(grant, _)| grant.scope.clone()),
            access_token_expires_at: own.map_or(Wall::NEVER, |(_, until)| until.wall),
            refresh_token_expires_at: self.view.refresh_until.wall,
            next_refresh_at: next,
            id_token: lineage.id_token.clone(),
        })
    }

    fn status(&self, now: &Moment, lineage: &Lineage) -> Status {
        let waits = |until: Deadline| until.pending(now);
        let stuck = lineage.stalled.is_some() || lineage.refused() || lineage.refresh.is_none();
        if self.flight.is_some() {
            Status::Refreshing
        } else if !stuck && (waits(self.view.cooldown) || waits(self.pause) || !self.online) {
            Status::Retrying
        } else if self.view.dead(now) {
            Status::Expired
        } else {
            Status::Active
        }
    }

    fn live(&self, now: &Moment) -> Option<Live> {
        if self.reads_first() || self.closing {
            return None;
        }
        let own = Target::default();
        let (grant, until) = self.view.access(&own)?;
        let validity = self.config.validity_ms(grant.life_ms());
        self.view.live(now, &own, validity).map(|grant| Live {
            token: grant.token.clone(),
            until: until.minus(validity),
        })
    }
}

impl Rebase for Mark {
    fn rebase(&mut self, by: &Shift) {
        if let Some(stamp) = &mut self.record {
            stamp.seq = stamp.seq.saturating_sub(by.seq);
        }
        self.next_refresh_at.rebase(by);
        self.live.rebase(by);
        self.ended.rebase(by);
    }
}
