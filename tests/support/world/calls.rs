//! What an application does with a client, and what it is told.

use super::{Tab, World};
use evergrant::oauth::{AccessToken, TokenResponse};
use evergrant::session::time::Wall;
use evergrant::session::{
    By, CallId, Code, Error, Event, Input, Reason, Session, Settled, Status, Target, Want,
};

impl World {
    /// Signs in with the server's first pair.
    pub(crate) fn sign_in(&mut self, tab: usize) -> CallId {
        let tokens = self.server.first_tokens(self.truth());
        self.set_tokens(tab, tokens)
    }

    pub(crate) fn set_tokens(&mut self, tab: usize, tokens: TokenResponse) -> CallId {
        self.set_received(tab, tokens, self.now.wall)
    }

    pub(crate) fn set_received(&mut self, tab: usize, tokens: TokenResponse, at: Wall) -> CallId {
        let call = self.call(tab);
        self.send(tab, Input::SetTokens(call, Box::new(tokens), at, None));
        call
    }

    pub(crate) fn sign_out(&mut self, tab: usize) -> CallId {
        let call = self.call(tab);
        self.send(tab, Input::SignOut(call, true));
        call
    }

    pub(crate) fn get_token(&mut self, tab: usize) -> CallId {
        self.ask(tab, Want::default())
    }

    pub(crate) fn force(&mut self, tab: usize) -> CallId {
        self.ask(tab, forced())
    }

    pub(crate) fn ask(&mut self, tab: usize, want: Want) -> CallId {
        let call = self.call(tab);
        self.tabs[tab].asked.push(call);
        self.send(tab, Input::GetToken(call, Box::new(want)));
        call
    }

    /// Whether this call asks for a token.
    pub(super) fn asked(&self, tab: usize, call: CallId) -> bool {
        self.tabs[tab].asked.contains(&call)
    }

    fn call(&mut self, tab: usize) -> CallId {
        self.tabs[tab].calls += 1;
        CallId(self.tabs[tab].calls)
    }

    pub(super) fn settled_with(
        &mut self,
        tab: usize,
        call: CallId,
        settled: Result<Settled, Error>,
    ) {
        if let Ok(Settled::Token(token)) = &settled
            && !self.saved.contains(token.expose())
        {
            self.unsaved.push(token.expose().into());
        }
        self.judge_settled(tab, call, &settled);
        self.tabs[tab].settled.push((call, settled));
    }

    /// What a call was settled with, if it was.
    pub(crate) fn settled(&self, tab: usize, call: CallId) -> Option<Result<Settled, Error>> {
        let settled = &self.tabs[tab].settled;
        let found: Vec<_> = settled.iter().filter(|(c, _)| *c == call).collect();
        assert!(found.len() <= 1, "a call was settled twice: {found:?}");
        found.first().map(|(_, s)| s.clone())
    }

    /// The token a call was settled with; none while it waits.
    pub(crate) fn token(&self, tab: usize, call: CallId) -> Option<String> {
        match self.settled(tab, call)? {
            Ok(Settled::Token(token)) => Some(token.expose().to_owned()),
            other => panic!("not a token: {other:?}"),
        }
    }

    /// The error a call was settled with; none while it waits.
    pub(crate) fn error(&self, tab: usize, call: CallId) -> Option<Error> {
        match self.settled(tab, call)? {
            Err(error) => Some(error),
            Ok(settled) => panic!("no error: {settled:?}"),
        }
    }

    /// Likewise, its code.
    pub(crate) fn code(&self, tab: usize, call: CallId) -> Option<Code> {
        self.error(tab, call).map(|error| error.code)
    }

    /// The token that a call would get at once.
    pub(crate) fn served(&mut self, tab: usize) -> Option<String> {
        let call = self.get_token(tab);
        self.token(tab, call)
    }

    pub(crate) fn session(&self, tab: usize) -> Option<&Session> {
        self.tabs[tab].published.session.as_ref()
    }

    pub(crate) fn status(&self, tab: usize) -> Option<Status> {
        self.session(tab).map(|s| s.status)
    }

    /// Why there is no session in this tab.
    pub(crate) fn ended(&self, tab: usize) -> Option<Reason> {
        self.tabs[tab].published.ended.as_ref().map(|e| e.reason)
    }
}

impl Tab {
    /// The sessions' ends that the listeners heard of.
    pub(crate) fn signed_out(&self) -> Vec<(Reason, By)> {
        let ends = self.events.iter().filter_map(|event| match event {
            Event::SignedOut { end, by } => Some((end.reason, *by)),
            _ => None,
        });
        ends.collect()
    }

    /// The failures that the listeners heard of.
    pub(crate) fn failures(&self) -> Vec<Code> {
        let failures = self.events.iter().filter_map(|event| match event {
            Event::RefreshFailed { error, .. } => Some(error.code),
            _ => None,
        });
        failures.collect()
    }

    /// The events by their names in the contract.
    pub(crate) fn heard(&self) -> Vec<&'static str> {
        let name = |event: &Event| match event {
            Event::SignedIn { .. } => "signed-in",
            Event::Refreshed { .. } => "refreshed",
            Event::RefreshFailed { .. } => "refresh-failed",
            Event::SessionExpiring { .. } => "session-expiring",
            Event::SignedOut { .. } => "signed-out",
            Event::Degraded { .. } => "degraded",
        };
        self.events.iter().map(name).collect()
    }
}

/// `forceRefresh`.
pub(crate) fn forced() -> Want {
    Want {
        force: true,
        ..Want::default()
    }
}

/// `minValiditySeconds`, in milliseconds.
pub(crate) fn living(ms: u64) -> Want {
    Want {
        min_validity_ms: Some(ms),
        ..Want::default()
    }
}

/// `refusedToken`.
pub(crate) fn refused(token: &str) -> Want {
    Want {
        refused: Some(AccessToken::new(token)),
        ..Want::default()
    }
}

/// `resource`.
pub(crate) fn resource(name: &str) -> Want {
    Want {
        target: target(name),
        ..Want::default()
    }
}

pub(crate) fn target(resource: &str) -> Target {
    Target {
        resource: Some(resource.into()),
        scope: None,
    }
}
