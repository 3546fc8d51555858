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
mod errands;
#[path = "../support/json.rs"]
mod json;
#[path = "../support/keeper.rs"]
mod keeper;
mod left;
mod locks;
mod properties;
mod scenario;
mod server;
mod world;

use errands::Keeping;
use left::Left;
use properties::Reached;
use scenario::{End, Scenario};
use server::Reuse;
use world::Start;

/// Nothing happens but a round of automatic refreshing.
const ONE_ROUND: Left = Left {
    rounds: 1,
    calls: 0,
    forced: 0,
    others: 0,
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
    slow: 0,
    hangs: 0,
    kills: 0,
    failed_writes: 0,
    clears: 0,
};

macro_rules! scenarios {
    ($keeping:ident; $($(#[$doc:meta])* $test:ident: $name:literal, $tabs:literal $start:ident, $server:ident,
        { $($what:ident: $times:literal),* }, $end:ident, [$($reached:ident),*];)*) => {$(
        $(#[$doc])*
        #[test]
        fn $test() {
            Scenario {
                name: $name,
                tabs: $tabs,
                start: Start::$start,
                server: Reuse::$server,
                keeping: Keeping::$keeping,
                left: Left { $($what: $times,)* ..ONE_ROUND },
                end: End::$end,
                reaches: &[$(Reached::$reached),*],
            }
            .check();
        }
    )*};
}

scenarios! { Off;
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

scenarios! { Off;
    // The store fails.
    a_write_that_fails_costs_nothing: "2 tabs, 1 failed write", 2 Warm, Strict,
        { forced: 1, failed_writes: 1 }, SignOutOnly, [Unsaved, Adopted];
    a_store_that_fails_costs_nothing: "2 tabs, 2 failed writes", 2 Warm, Strict,
        { failed_writes: 2 }, SignOutOnly, [Unsaved, Adopted];
    a_failed_write_beside_a_sign_out: "2 tabs, sign-out, 1 failed write", 2 Warm, Strict,
        { sign_outs: 1, failed_writes: 1 }, SignOutOnly, [Unsaved, SignedOut, LateAnswerRevoked];
    a_failed_write_beside_set_tokens: "2 tabs, setTokens, 1 failed write", 2 Warm, Strict,
        { sign_ins: 1, failed_writes: 1 }, SignOutOnly, [Unsaved, Replaced];
    a_failed_write_beside_a_crash: "2 tabs, 1 crash, 1 failed write", 2 Warm, Strict,
        { crashes: 1, failed_writes: 1 }, Any, [Unsaved, RotationLost];
    a_failed_write_beside_a_lost_answer: "2 tabs, 1 lost answer, 1 failed write", 2 Warm, Strict,
        { lost_answers: 1, failed_writes: 1 }, Any, [Refused, RotationLost];
    a_cleared_storage_ends_as_such: "2 tabs, storage cleared", 2 Warm, Strict,
        { forced: 1, clears: 1 }, SignOutOnly, [SwapLost, Cleared];
    a_cleared_storage_beside_set_tokens: "2 tabs, setTokens, storage cleared", 2 Warm, Strict,
        { sign_ins: 1, clears: 1 }, SignOutOnly, [SwapLost, Cleared];
    a_cleared_storage_beside_a_failed_write: "2 tabs, storage cleared, 1 failed write", 2 Warm,
        Strict, { clears: 1, failed_writes: 1 }, SignOutOnly, [Unsaved, Cleared];

    a_robbed_sender_whose_write_fails: "2 tabs, 1 steal, 1 failed write", 2 Warm, Strict,
        { steals: 1, failed_writes: 1 }, SignOutOnly, [Robbed, Unsaved, BroughtHome];
    a_frozen_holder_is_robbed_in_the_end: "2 tabs, dead access token, 1 freeze", 2 Cold, Strict,
        { rounds: 0, freezes: 1, naps: 12 }, Any, [Robbed, BroughtHome, RotationLost];

    // Two resources, and other servers.
    two_resources_have_tokens_of_their_own: "2 tabs, 2 resources", 2 Warm, Strict,
        { forced: 1, others: 2 }, SignOutOnly, [Adopted, Other];
    a_lost_answer_about_one_of_two_resources: "2 tabs, 2 resources, 1 lost answer", 2 Warm,
        Forgives, { others: 1, forced: 1, lost_answers: 1 }, SignOutOnly, [Replayed, Other];
    a_server_that_repeats_its_answer: "2 tabs, 1 lost answer, same pair again", 2 Warm, Repeats,
        { rounds: 2, forced: 1, lost_answers: 1 }, SignOutOnly, [Adopted, Replayed, CameBack];
    a_late_request_is_forgiven: "2 tabs, 1 late request, same pair again", 2 Warm, Repeats,
        { rounds: 2, forced: 1, late_requests: 1 }, SignOutOnly, [Replayed, Doubted, CameBack];
    a_server_that_does_not_rotate: "2 tabs, losses, no rotation", 2 Warm, Keeps,
        { rounds: 2, forced: 1, lost_answers: 1, lost_requests: 1, crashes: 1 },
        SignOutOnly, [Replayed];
}

scenarios! { On;
    // The keeper carries.
    a_keeper_carries_for_two_tabs: "keeper, 2 tabs", 2 Warm, Strict,
        { forced: 1, calls: 1 }, SignOutOnly, [Carried, BroughtHome, Adopted];
    a_keeper_carries_for_three_tabs: "keeper, 3 tabs", 3 Warm, Strict,
        {}, SignOutOnly, [Carried, BroughtHome, Adopted];
    a_crash_while_the_keeper_carries_loses_nothing: "keeper, 2 tabs, 1 crash", 2 Warm, Strict,
        { crashes: 1 }, SignOutOnly, [Carried, BroughtHomeAlone, Adopted];
    reloads_while_the_keeper_carries_lose_nothing: "keeper, 1 tab, 2 crashes", 1 Warm, Strict,
        { rounds: 2, forced: 1, crashes: 2 }, SignOutOnly, [BroughtHomeAlone, Adopted];
    a_start_while_the_keeper_carries_loses_nothing: "keeper, 2 tabs, dead access token, 1 crash",
        2 Cold, Strict, { rounds: 0, calls: 1, crashes: 1 }, SignOutOnly, [BroughtHomeAlone];
    a_slow_keeper_sends_nothing_twice: "keeper, 1 tab, slow", 1 Warm, Strict,
        { forced: 1, slow: 3 }, SignOutOnly, [ComesLate, TakenOut, Reposted, SentItself];
    a_late_keeper_beside_a_crash_loses_nothing: "keeper, 1 tab, late, 1 crash", 1 Warm, Strict,
        { slow: 1, crashes: 1 }, SignOutOnly, [ComesLate, Reposted, BroughtHomeAlone];
    a_slow_keeper_beside_a_crash: "keeper, 1 tab, slow, 1 crash", 1 Warm, Strict,
        { slow: 3, crashes: 1 }, Any, [ComesLate, TakenOut, BroughtHomeAlone];
    a_slow_keeper_of_two_tabs: "keeper, 2 tabs, slow", 2 Warm, Strict,
        { slow: 2 }, SignOutOnly, [ComesLate, SentItself];
    a_killed_keeper_ends_as_rotation_lost_at_worst: "keeper, 2 tabs, killed", 2 Warm, Strict,
        { forced: 1, kills: 1 }, Any, [Dropped, Replayed, Doubted, RotationLost];
    a_killed_keeper_is_forgiven: "keeper, 2 tabs, killed, forgiving server", 2 Warm, Forgives,
        { forced: 1, kills: 1 }, SignOutOnly, [Dropped, Replayed, Doubted];
    a_killed_keeper_beside_a_crash: "keeper, 1 tab, killed, 1 crash", 1 Warm, Strict,
        { forced: 1, kills: 1, crashes: 1 }, Any, [Dropped, Replayed, RotationLost];

    a_keeper_that_hangs_past_its_bound: "keeper, 1 tab, hangs", 1 Warm, Strict,
        { hangs: 1, naps: 12 }, Any, [ComesLate, Replayed, Forgotten, RotationLost];
    a_keeper_that_hangs_past_its_bound_is_forgiven: "keeper, 1 tab, hangs, forgiving server", 1
        Warm, Forgives, { rounds: 2, hangs: 1, naps: 12 }, SignOutOnly, [Replayed, Forgotten];

    // Its network fails.
    a_request_that_the_keeper_loses_costs_nothing: "keeper, 2 tabs, 2 lost requests", 2 Warm,
        Strict, { forced: 1, lost_requests: 2 }, SignOutOnly, [Replayed, Doubted];
    an_answer_that_the_keeper_loses: "keeper, 2 tabs, 1 lost answer", 2 Warm, Strict,
        { rounds: 2, forced: 1, lost_answers: 1 }, Any, [Replayed, Refused, RotationLost];
    an_answer_that_the_keeper_loses_is_refused: "keeper, 2 tabs, 1 lost answer, refuse-only server",
        2 Warm, Refuses, { rounds: 2, lost_answers: 1 }, Any, [Refused, RotationLost];
    an_answer_that_the_keeper_loses_is_forgiven: "keeper, 2 tabs, 1 lost answer, forgiving server",
        2 Warm, Forgives, { rounds: 2, lost_answers: 1 }, SignOutOnly, [Replayed, Doubted];
    an_answer_that_the_keeper_loses_comes_again: "keeper, 2 tabs, 1 lost answer, same pair again",
        2 Warm, Repeats, { rounds: 2, lost_answers: 1 }, SignOutOnly, [Replayed, Doubted];
    a_keeper_without_rotation: "keeper, 2 tabs, 1 lost answer, no rotation", 2 Warm, Keeps,
        { lost_answers: 1, kills: 1 }, SignOutOnly, [Replayed];
    a_late_request_of_the_keeper: "keeper, 2 tabs, 1 late request", 2 Warm, Strict,
        { rounds: 2, late_requests: 1 }, Any, [Doubted, CameBack, RotationLost];
    timeouts_of_the_keeper: "keeper, 1 tab, 2 timeouts", 1 Warm, Strict,
        { forced: 1, delays: 2 }, Any, [Replayed, Doubted, CameBack, RotationLost];

    // The store fails.
    a_keeper_that_cannot_save: "keeper, 1 tab, 2 failed writes", 1 Warm, Strict,
        { forced: 1, failed_writes: 2 }, SignOutOnly, [HandedOver, LetGo, Unsaved, Adopted];
    a_keeper_that_cannot_save_for_two_tabs: "keeper, 2 tabs, 1 failed write", 2 Warm, Strict,
        { failed_writes: 1 }, SignOutOnly, [HandedOver, LetGo, Adopted];
    a_keeper_that_cannot_save_beside_a_crash: "keeper, 1 tab, 1 failed write, 1 crash", 1 Warm,
        Strict, { failed_writes: 1, crashes: 1 }, Any, [HandedOver, LetGo];
    a_cleared_storage_while_the_keeper_carries: "keeper, 2 tabs, storage cleared", 2 Warm, Strict,
        { clears: 1 }, SignOutOnly, [Forgotten, Cleared];

    // What users and other tabs do.
    a_sign_out_while_the_keeper_carries: "keeper, 2 tabs, sign-out", 2 Warm, Strict,
        { sign_outs: 1 }, SignOutOnly, [TakenBack, SignedOut];
    a_sign_out_of_a_tab_beside_a_crash: "keeper, 1 tab, sign-out, 1 crash", 1 Warm, Strict,
        { sign_outs: 1, crashes: 1 }, SignOutOnly, [TakenBack, SignedOut];
    set_tokens_while_the_keeper_carries: "keeper, 2 tabs, setTokens", 2 Warm, Strict,
        { sign_ins: 1 }, SignOutOnly, [Forgotten, Replaced];
    two_resources_by_the_keeper: "keeper, 2 tabs, 2 resources", 2 Warm, Strict,
        { others: 1 }, SignOutOnly, [Carried, Other];
    a_withdrawn_grant_by_the_keeper: "keeper, 2 tabs, grant withdrawn", 2 Warm, Strict,
        { forced: 1, withdrawals: 1 }, Any, [BroughtHome, Rejected];
    a_robbed_page_of_the_keeper: "keeper, 2 tabs, 1 steal", 2 Warm, Strict,
        { steals: 1 }, SignOutOnly, [SwapLost, BroughtHome];
    a_robbed_page_that_is_handed_an_answer: "keeper, 2 tabs, 1 steal, 1 failed write", 2 Warm,
        Strict, { steals: 1, failed_writes: 1 }, SignOutOnly, [Robbed, HandedOver, LetGo];
    a_frozen_page_of_the_keeper: "keeper, 2 tabs, 1 freeze", 2 Warm, Strict,
        { freezes: 1, naps: 3 }, SignOutOnly, [Carried, BroughtHome, Adopted];
}

scenarios! { Late;
    a_keeper_that_is_found_late: "2 tabs, keeper found late", 2 Cold, Strict,
        { rounds: 0, calls: 1 }, SignOutOnly, [Carried, SentItself, Adopted];
    a_keeper_that_is_found_late_beside_a_crash: "1 tab, keeper found late, 1 crash", 1 Warm, Strict,
        { forced: 1, crashes: 1 }, SignOutOnly, [Carried, SentItself, BroughtHomeAlone];
}
