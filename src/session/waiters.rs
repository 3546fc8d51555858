//! The callers of `getAccessToken` that wait.

use super::Engine;
use super::config::Config;
use super::error::{Code, Details, Error};
use super::io::{CallId, Effect, Settled, Want};
use super::record::{Lineage, Target};
use super::time::{Looks, Moment, Mono, Rebase, Shift};
use super::view::View;
use crate::oauth::AccessToken;

/// A caller, and what it knew when it called.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Waiter {
    pub(super) call: CallId,
    want: Box<Want>,
    generation: u64,
    looks: Looks,
}

impl Waiter {
    /// When it next counts the time.
    pub(super) fn wake(&self) -> Mono {
        self.looks.next()
    }

    /// The token it may have now; once it has waited in vain, any that lives, unless it asked for
    /// another one.
    fn token(
        &self,
        now: &Moment,
        view: &View,
        config: &Config,
        in_vain: bool,
    ) -> Option<AccessToken> {
        let want = &self.want;
        let (grant, until) = view.access(&want.target)?;
        let life = grant.life_ms();
        let validity = match want.min_validity_ms {
            // One refresh was made for it; what that brought has to do.
            _ if grant.generation > self.generation => 0,
            _ if want.force || want.refuses(&grant.token) => return None,
            _ if in_vain => 0,
            Some(ms) => ms.min(life / 5 * 4),
            None => config.validity_ms(life),
        };
        (!until.minus(validity).passed(now)).then(|| grant.token.clone())
    }
}

impl Engine {
    pub(super) fn on_get_token(&mut self, now: &Moment, call: CallId, want: Box<Want>) {
        if let Some(lineage) = self.view.lineage().filter(|_| !self.closing) {
            self.waiters.push(Waiter {
                call,
                want,
                generation: lineage.generation,
                looks: Looks::from(now),
            });
            return;
        }
        let error = if self.closing {
            Error::new(Code::Closed)
        } else {
            self.nobody()
        };
        self.settle(call, Err(error));
    }

    /// Nobody is signed in; or nobody can tell.
    fn nobody(&self) -> Error {
        let code = match self.opening {
            Some(_) => Code::Storage,
            None => Code::NotSignedIn,
        };
        let details = Details {
            reason: self.end.as_ref().map(|end| end.reason),
            ..code.into()
        };
        details.into()
    }

    /// Hands out what can be handed out.
    pub(super) fn serve_waiters(&mut self, now: &Moment) {
        if !self.reads_first() {
            self.settle_waiters(now, None, &mut |_| true);
        }
    }

    /// Gives those it concerns the token they may have; if there is none, the error, if it is one.
    fn settle_waiters(
        &mut self,
        now: &Moment,
        error: Option<&Error>,
        concerns: &mut dyn FnMut(&mut Waiter) -> bool,
    ) {
        let Self {
            waiters,
            effects,
            view,
            config,
            ..
        } = self;
        waiters.retain_mut(|waiter| {
            if !concerns(waiter) {
                return true;
            }
            let outcome = match (waiter.token(now, view, config, error.is_some()), error) {
                (Some(token), _) => Ok(Settled::Token(token)),
                (None, Some(error)) => Err(error.clone()),
                (None, None) => return true,
            };
            effects.push(Effect::Settle(waiter.call, outcome));
            false
        });
    }

    /// What the first caller without a token waits for.
    pub(super) fn next_waiting(&self, now: &Moment) -> Option<&Target> {
        let unserved = |w: &&Waiter| w.token(now, &self.view, &self.config, false).is_none();
        self.waiters.iter().find(unserved).map(|w| &w.want.target)
    }

    /// Whether an API has refused the token in `lineage`, by a caller's word.
    pub(super) fn refused_by_api(&self, lineage: &Lineage) -> bool {
        let Some(own) = lineage.access(Target::OWN) else {
            return false;
        };
        self.waiters.iter().any(|w| w.want.refuses(&own.token))
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
        let mut code = Code::Storage;
        if lineage.refresh.is_none() || self.view.refresh_dead(now) {
            code = Code::NoRefreshToken;
        } else if lineage.refused() {
            let details = Details {
                oauth_error: Some("invalid_grant".into()),
                ..Code::OAuth.into()
            };
            return details.into();
        } else if let Some(stalled) = lineage.stalled.as_ref().filter(|_| !self.insists(now)) {
            return stalled.error.clone().retrying_at(self.view.stalled.wall);
        } else if self.view.cooldown.pending(now) {
            let standing = || Error::new(lineage.retry.map_or(Code::Server, |retry| retry.code));
            let error = self.last_error.clone().unwrap_or_else(standing);
            return error.retrying_at(self.view.cooldown.wall);
        } else if !self.online {
            code = Code::Offline;
        }
        Error::new(code)
    }

    /// The refresh for `target` failed. A caller that can live with the token there is gets it.
    pub(super) fn fail_waiters(&mut self, now: &Moment, target: &Target, error: &Error) {
        let all = error.oauth_error.is_none() || *target == Target::default();
        self.settle_waiters(now, Some(error), &mut |waiter| {
            all || waiter.want.target == *target
        });
    }

    /// It is over for all of them: the client is closed, or the session ended, and nobody gets
    /// the next one's token.
    pub(super) fn end_waiters(&mut self, error: &Error) {
        for waiter in std::mem::take(&mut self.waiters) {
            self.settle(waiter.call, Err(error.clone()));
        }
    }

    /// Counts the time of those who wait; nobody waits for ever.
    pub(super) fn tick_waiters(&mut self, now: &Moment) {
        let patience = self.config.patience_ms();
        let error = Error::new(Code::Timeout);
        self.settle_waiters(now, Some(&error), &mut |waiter| {
            waiter.wake() <= now.mono && waiter.looks.look(now) >= patience
        });
    }
}

impl Want {
    fn refuses(&self, token: &AccessToken) -> bool {
        self.refused.as_ref() == Some(token)
    }
}

impl Rebase for Waiter {
    fn rebase(&mut self, by: &Shift) {
        self.looks.rebase(by);
    }
}
