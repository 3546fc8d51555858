//! What a scenario has in store.

/// What may still happen, and how often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Left {
    /// Waits for the next automatic refresh.
    pub(crate) rounds: u8,
    /// `getAccessToken`.
    pub(crate) calls: u8,
    /// `getAccessToken` with `forceRefresh`.
    pub(crate) forced: u8,
    /// `getAccessToken` for another resource.
    pub(crate) others: u8,
    /// `signOut`, with revocation.
    pub(crate) sign_outs: u8,
    /// `setTokens`, each with a new grant.
    pub(crate) sign_ins: u8,
    /// A tab's process dies, and the tab starts again.
    pub(crate) crashes: u8,
    /// A request fails before it reaches the server.
    pub(crate) lost_requests: u8,
    /// A request fails after it reached the server.
    pub(crate) lost_answers: u8,
    /// A request fails, and reaches the server afterwards.
    pub(crate) late_requests: u8,
    /// Timers that fire while a request is on the network.
    pub(crate) delays: u8,
    /// The family lock is taken by force, as later versions do.
    pub(crate) steals: u8,
    /// A tab freezes.
    pub(crate) freezes: u8,
    /// Timers that fire elsewhere while a tab is frozen, or the keeper hangs.
    pub(crate) naps: u8,
    /// The server ends the grant of its own accord.
    pub(crate) withdrawals: u8,
    /// Timers that fire before the keeper takes its next step.
    pub(crate) slow: u8,
    /// The keeper stops, and goes on at some time.
    pub(crate) hangs: u8,
    /// The keeper dies with an errand.
    pub(crate) kills: u8,
    /// The store refuses a write.
    pub(crate) failed_writes: u8,
    /// Somebody clears the storage.
    pub(crate) clears: u8,
}

impl Left {
    /// Whether nothing goes wrong but what the applications ask for.
    pub(crate) fn calm(&self) -> bool {
        let Self {
            lost_requests,
            steals,
            slow,
            ..
        } = self;
        self.fair()
            && [lost_requests, steals, slow]
                .into_iter()
                .all(|left| *left == 0)
    }

    /// Whether somebody may be robbed, or stand still for longer than anybody waits.
    pub(crate) fn passes_bounds(&self) -> bool {
        self.steals > 0 || self.hangs > 0 || self.naps > 8
    }

    /// Whether every answer of the server's reaches whoever asked, and can be kept.
    pub(crate) fn fair(&self) -> bool {
        let unfair = [
            self.crashes,
            self.lost_answers,
            self.late_requests,
            self.delays,
            self.freezes,
            self.withdrawals,
            self.hangs,
            self.kills,
            self.failed_writes,
            self.clears,
        ];
        unfair.into_iter().all(|left| left == 0)
    }
}
