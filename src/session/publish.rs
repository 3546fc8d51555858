//! What can be seen from outside at any time.

use super::Engine;
use super::events::{Live, Published, Session, Status};
use super::io::Effect;
use super::record::Target;
use super::time::{Moment, Wall};

impl Engine {
    /// Publishes what can be seen from outside, changed or not.
    pub(super) fn publish(&mut self, now: &Moment) {
        if self.view.known {
            let published = Published {
                session: self.session(now),
                ended: self.end.clone(),
                live: self.live(now),
            };
            self.effects.push(Effect::Publish(Box::new(published)));
        }
    }

    fn session(&self, now: &Moment) -> Option<Session> {
        let lineage = self.view.lineage()?;
        let own = self.view.access(Target::OWN);
        let cooling = self.view.cooldown.pending(now);
        let mut next = self.view.due.wall;
        if !self.config.automatic || lineage.stuck() {
            next = Wall::NEVER;
        } else if cooling {
            let due = next.known().unwrap_or_default();
            next = due.max(self.view.cooldown.wall);
        }
        let pauses = cooling || self.pause.pending(now) || !self.online;
        let status = if self.flight.is_some() {
            Status::Refreshing
        } else if pauses && !lineage.stuck() {
            Status::Retrying
        } else if self.view.dead(now) {
            Status::Expired
        } else {
            Status::Active
        };
        Some(Session {
            lineage: lineage.id,
            status,
            generation: lineage.generation,
            scope: own.and_then(|(grant, _)| grant.scope.clone()),
            access_token_expires_at: self.view.own_until().wall,
            refresh_token_expires_at: self.view.refresh_until.wall,
            next_refresh_at: next,
            id_token: lineage.id_token.clone(),
            key: lineage.binding.as_ref().map(|it| it.key.clone()),
        })
    }

    fn live(&self, now: &Moment) -> Option<Live> {
        if self.reads_first() || self.closing {
            return None;
        }
        let (grant, until) = self.view.access(Target::OWN)?;
        let until = until.minus(self.config.validity_ms(grant.life_ms()));
        (!until.passed(now)).then(|| Live {
            token: grant.token.clone(),
            until,
        })
    }
}
