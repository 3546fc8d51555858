//! The real engine, in every order in which tabs, store, locks, messages, network and server can
//! go: an exhaustive search with `stateright`, breadth first, so that what it finds is the shortest
//! way there.
//!
//! ```text
//! cargo test --test model -- --nocapture
//! ```
//!
//! prints a line for each scenario. A violation fails the test and prints the way to it.
#![allow(clippy::print_stdout, reason = "the states searched are the result")]
#![allow(missing_docs)]

mod actions;
mod effects;
#[path = "../support/json.rs"]
mod json;
mod locks;
mod properties;
mod scenario;
mod server;
mod world;

use properties::Reached;
use scenario::{End, Scenario};
use server::Reuse;
use world::{Left, Start};

/// Nothing happens but a round of automatic refreshing.
const ONE_ROUND: Left = Left {
    rounds: 1,
    calls: 0,
    forced: 0,
    sign_outs: 0,
    sign_ins: 0,
    crashes: 0,
    lost_requests: 0,
    lost_answers: 0,
    late_requests: 0,
    delays: 0,
    steals: 0,
    freezes: 0,
    naps: 0,
    withdrawals: 0,
};

macro_rules! scenarios {
    ($($(#[$doc:meta])* $test:ident: $name:literal, $tabs:literal $start:ident, $server:ident,
        { $($what:ident: $times:literal),* }, $end:ident, [$($reached:ident),*];)*) => {$(
        $(#[$doc])*
        #[test]
        fn $test() {
            Scenario {
                name: $name,
                tabs: $tabs,
                start: Start::$start,
                server: Reuse::$server,
                left: Left { $($what: $times,)* ..ONE_ROUND },
                end: End::$end,
                reaches: &[$(Reached::$reached),*],
            }
            .check();
        }
    )*};
}

scenarios! {
    // Nothing goes wrong.
    two_tabs_use_each_token_once: "2 tabs, 2 rounds", 2 Warm, Strict,
        { rounds: 2, calls: 2, forced: 2 }, SignOutOnly, [Adopted];
    three_tabs_use_each_token_once: "3 tabs", 3 Warm, Strict,
        { forced: 1 }, SignOutOnly, [Adopted];
    two_tabs_that_start_with_a_dead_token_use_it_once: "2 tabs, dead access token", 2 Cold, Strict,
        { rounds: 0, calls: 2, forced: 1 }, SignOutOnly, [Adopted];
    a_sign_out_ends_every_tab_for_good: "2 tabs, 2 sign-outs, in flight", 2 Warm, Strict,
        { sign_outs: 2 }, SignOutOnly, [Adopted, SwapLost, LateAnswerRevoked, SignedOut];
    set_tokens_mixes_no_sessions: "2 tabs, setTokens", 2 Warm, Strict,
        { forced: 1, sign_ins: 1 }, SignOutOnly, [Adopted, SwapLost, Replaced];
    set_tokens_beside_a_sign_out: "2 tabs, setTokens, sign-out", 2 Cold, Strict,
        { rounds: 0, sign_ins: 1, sign_outs: 1 }, SignOutOnly, [SwapLost, Replaced, SignedOut];
    a_withdrawn_grant_ends_as_rejected: "2 tabs, grant withdrawn", 2 Warm, Strict,
        { rounds: 2, forced: 1, withdrawals: 1 }, Any, [Rejected];

    // The network fails.
    a_lost_request_costs_nothing: "2 tabs, 2 lost requests", 2 Warm, Strict,
        { rounds: 2, forced: 1, lost_requests: 2 }, SignOutOnly, [Adopted, Replayed, Doubted];
    a_lost_answer_ends_as_rotation_lost: "2 tabs, 1 lost answer", 2 Warm, Strict,
        { rounds: 2, forced: 1, lost_answers: 1 }, Any, [Replayed, Refused, RotationLost];
    a_lost_answer_is_forgiven: "2 tabs, 1 lost answer, forgiving server", 2 Warm, Forgives,
        { rounds: 2, forced: 1, lost_answers: 1 }, SignOutOnly, [Adopted, Replayed, Doubted];
    a_lost_answer_is_refused: "2 tabs, 1 lost answer, refuse-only server", 2 Warm, Refuses,
        { rounds: 2, forced: 1, lost_answers: 1 }, Any, [Refused, RotationLost];
    a_late_request_ends_as_rotation_lost: "2 tabs, 1 late request", 2 Warm, Strict,
        { rounds: 2, forced: 1, late_requests: 1 }, Any, [Doubted, CameBack, RotationLost];
    timeouts_end_as_rotation_lost: "2 tabs, 2 timeouts", 2 Warm, Strict,
        { forced: 1, delays: 2 }, Any, [Replayed, Doubted, CameBack, RotationLost];
    everything_on_the_way_is_lost_once: "1 tab, 3 losses", 1 Warm, Strict,
        { rounds: 2, forced: 1, lost_requests: 1, lost_answers: 1, late_requests: 1 },
        Any, [Replayed, Refused, Doubted, RotationLost];
    a_sign_out_beside_a_lost_answer: "2 tabs, sign-out, 1 lost answer", 2 Warm, Strict,
        { sign_outs: 1, lost_answers: 1 }, Any, [Replayed, SignedOut, RotationLost];

    // Tabs die.
    a_crash_ends_as_rotation_lost_at_worst: "2 tabs, 1 crash", 2 Warm, Strict,
        { rounds: 2, forced: 1, crashes: 1 }, Any, [Replayed, Doubted, CameBack, RotationLost];
    a_crash_is_forgiven: "2 tabs, 1 crash, forgiving server", 2 Warm, Forgives,
        { rounds: 2, forced: 1, crashes: 1 }, SignOutOnly, [Replayed, Doubted, CameBack];
    two_crashes_end_as_rotation_lost_at_worst: "2 tabs, 2 crashes", 2 Warm, Strict,
        { forced: 1, crashes: 2 }, Any, [Replayed, RotationLost];
    a_crash_beside_a_lost_answer: "2 tabs, 1 lost answer, 1 crash", 2 Warm, Strict,
        { forced: 1, lost_answers: 1, crashes: 1 }, Any, [Replayed, Refused, RotationLost];
    a_crash_beside_a_sign_out: "2 tabs, sign-out, 1 crash", 2 Warm, Strict,
        { sign_outs: 1, crashes: 1 }, Any, [SwapLost, SignedOut, RotationLost];

    // A tab of a later version takes the family lock by force.
    a_robbed_sender_is_waited_for: "2 tabs, 1 steal", 2 Warm, Strict,
        { forced: 1, steals: 1 }, SignOutOnly, [Adopted, SwapLost, BroughtHome];
    a_robbed_sender_brings_its_answer_home: "2 tabs, 1 steal, 1 timeout", 2 Warm, Strict,
        { forced: 1, steals: 1, delays: 1 }, Any, [SwapLost, BroughtHome];
    a_frozen_sender_is_robbed: "2 tabs, 1 freeze, 1 steal", 2 Warm, Strict,
        { freezes: 1, naps: 4, steals: 1 }, Any, [SwapLost, BroughtHome];
}
