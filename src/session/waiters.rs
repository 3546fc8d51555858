//! The callers of `getAccessToken` that wait.

use super::error::{Code, Error, Refusal};
use super::io::{CallId, Settled, Want};
use super::record::{Lineage, LineageId, Target};
use super::time::{Looks, Moment, Mono, Rebase, Shift};
use super::{Engine, tuning};
use crate::oauth::AccessToken;
use std::sync::Arc;

/// A caller, and what it knew when it called.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Waiter {
    call: CallId,
    want: Want,
    lineage: LineageId,
    generation: u64,
    looks: Looks,
}

/// Finds the outcome of a caller's wait, if it is over.
type Judge<'a> = dyn FnMut(&Engine, &mut Waiter) -> Option<Result<Settled, Error>> + 'a;

impl Waiter {
    /// When it next counts the time.
    pub(super) fn wake(&self) -> Mono {
        self.looks.next()
    }
}

impl Engine {
    pub(super) fn on_get_token(&mut self, now: &Moment, call: CallId, want: Want) {
        if self.closing {
            let error = Error::new(Code::Closed);
            self.settle(call, Err(error));
            return;
        }
        let Some(lineage) = self.view.lineage() else {
            // Nobody is signed in; or nobody can tell.
            let code = match self.opening {
                Some(_) => Code::Storage,
                None => Code::NotSignedIn,
            };
            let error = Error {
                reason: self.ended().map(|end| end.reason),
                ..Error::new(code)
            };
            self.settle(call, Err(error));
            return;
        };
        self.waiters.push(Waiter {
            call,
            want,
            lineage: lineage.id,
            generation: lineage.generation,
            looks: Looks::from(now),
        });
    }

    /// How long a token must live to be handed out where the caller did not say: never so long
    /// that calls would refresh before the schedule does.
    pub(super) fn default_validity_ms(&self, life_ms: u64) -> u64 {
        tuning::MIN_VALIDITY_MS
            .min(self.config.leeway_ms)
            .min(life_ms / 5)
    }

    /// The token this caller may have now.
    fn token_for(&self, now: &Moment, waiter: &Waiter) -> Option<AccessToken> {
        let want = &waiter.want;
        let (grant, _) = self.view.access(&want.target)?;
        if want.refused.as_ref() == Some(&grant.token) {
            return None;
        }
        let validity = if grant.generation > waiter.generation {
            // One refresh was made for it; what that brought has to do.
            0
        } else if want.force {
            return None;
        } else {
            let life = grant.life_ms();
            match want.min_validity_ms {
                Some(ms) => ms.min(life / 5 * 4),
                None => self.default_validity_ms(life),
            }
        };
        self.view
            .live(now, &want.target, validity)
            .map(|grant| grant.token.clone())
    }

    /// Hands out what can be handed out.
    pub(super) fn serve_waiters(&mut self, now: &Moment) {
        if !self.reads_first() {
            self.settle_waiters(&mut |engine, waiter| {
                engine.token_for(now, waiter).map(|t| Ok(Settled::Token(t)))
            });
        }
    }

    /// Goes through those who wait; for whom `judge` finds an outcome, that was it.
    fn settle_waiters(&mut self, judge: &mut Judge<'_>) {
        for mut waiter in std::mem::take(&mut self.waiters) {
            match judge(self, &mut waiter) {
                Some(outcome) => self.settle(waiter.call, outcome),
                None => self.waiters.push(waiter),
            }
        }
    }

    /// What the first caller without a token waits for.
    pub(super) fn next_waiting(&self, now: &Moment) -> Option<Target> {
        let unserved = |w: &&Waiter| self.token_for(now, w).is_none();
        self.waiters
            .iter()
            .find(unserved)
            .map(|w| w.want.target.clone())
    }

    /// Whether an API has refused the token in `lineage`, by a caller's word.
    pub(super) fn refused_by_api(&self, lineage: &Lineage) -> bool {
        let current = lineage.access(&Target::default()).map(|a| &a.token);
        current.is_some()
            && self
                .waiters
                .iter()
                .any(|w| w.want.refused.as_ref() == current)
    }

    /// Whether a refusal that ends nothing may be asked again: somebody insists, or the access
    /// token is dead and the pause is over.
    pub(super) fn insists(&self, now: &Moment) -> bool {
        self.waiters.iter().any(|w| w.want.force)
            || (self.view.dead(now) && self.view.stalled.passed(now))
    }

    /// Why nothing can be sent now.
    pub(super) fn closed_because(&self, now: &Moment) -> Error {
        let Some(lineage) = self.view.lineage() else {
            return Error::new(Code::NotSignedIn);
        };
        let later = self.view.cooldown;
        match &lineage.stalled {
            _ if lineage.refresh.is_none() || self.view.refresh_dead(now) => {
                Error::new(Code::NoRefreshToken)
            }
            _ if lineage.refused() => Error {
                refusal: Some(Arc::new(Refusal {
                    error: Some("invalid_grant".into()),
                    description: None,
                })),
                ..Error::new(Code::OAuth)
            },
            Some(stalled) if !self.insists(now) => {
                stalled.error.clone().retrying_at(self.view.stalled.wall)
            }
            _ if later.pending(now) => self
                .last_error
                .clone()
                .unwrap_or_else(|| Error::new(lineage.retry.map_or(Code::Server, |r| r.code)))
                .retrying_at(later.wall),
            _ if !self.online => Error::new(Code::Offline),
            _ => Error::new(Code::Storage),
        }
    }

    /// The refresh for `target` failed. A caller that can live with the token there is gets it.
    pub(super) fn fail_waiters(&mut self, now: &Moment, target: &Target, error: &Error) {
        let one = error.refusal.is_some() && *target != Target::default();
        self.settle_waiters(&mut |engine, waiter| {
            let concerned = !one || waiter.want.target == *target;
            concerned.then(|| engine.fallback(now, waiter, error))
        });
    }

    /// The living token, for a caller that did not ask for another one; else the error.
    fn fallback(&self, now: &Moment, waiter: &Waiter, error: &Error) -> Result<Settled, Error> {
        self.view
            .live(now, &waiter.want.target, 0)
            .filter(|_| !waiter.want.force)
            .filter(|grant| waiter.want.refused.as_ref() != Some(&grant.token))
            .map(|grant| Settled::Token(grant.token.clone()))
            .ok_or_else(|| error.clone())
    }

    /// The lineage is over: its callers are told, and get nobody else's token.
    pub(super) fn end_waiters(&mut self, lineage: LineageId, error: &Error) {
        self.settle_waiters(&mut |_, waiter| {
            (waiter.lineage == lineage).then(|| Err(error.clone()))
        });
    }

    /// The client is closed.
    pub(super) fn close_waiters(&mut self) {
        self.settle_waiters(&mut |_, _| Some(Err(Error::new(Code::Closed))));
    }

    /// A caller has had enough.
    pub(super) fn cancel(&mut self, call: CallId) {
        if let Some(at) = self.waiters.iter().position(|w| w.call == call) {
            self.waiters.remove(at);
            let error = Error::new(Code::Aborted);
            self.settle(call, Err(error));
        }
    }

    /// Counts the time of those who wait; nobody waits for ever.
    pub(super) fn tick_waiters(&mut self, now: &Moment) {
        let patience = self.config.patience_ms();
        self.settle_waiters(&mut |engine, waiter| {
            let over = waiter.wake() <= now.mono && waiter.looks.look(now) >= patience;
            over.then(|| engine.fallback(now, waiter, &Error::new(Code::Timeout)))
        });
    }
}

impl Rebase for Waiter {
    fn rebase(&mut self, by: &Shift) {
        self.looks.rebase(by);
    }
}
