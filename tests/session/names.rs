//! Numbers and words that stand for something, here and in every other tab.

use crate::world::World;
use evergrant::session::time::Moment;
use evergrant::session::{AttemptId, By, LineageId, Purpose, Status};

/// Draws with which a name easily goes wrong.
const DRAWS: [u64; 6] = [0, 1, 1 << 11, 1 << 12, 1 << 63, u64::MAX];

fn drawing(random: u64) -> Moment {
    Moment {
        random,
        ..World::new(0).now
    }
}

#[test]
fn whatever_is_drawn_a_session_has_a_name_that_javascript_can_tell_from_others() {
    for random in DRAWS {
        let LineageId(name) = LineageId::random(&drawing(random));
        assert_ne!(LineageId(name), LineageId::NONE, "{random:#x}");
        assert!(name < 1 << 53, "{random:#x}");
    }
}

#[test]
fn whatever_is_drawn_an_attempt_is_not_taken_for_a_call_or_for_its_own_late_save() {
    for random in DRAWS {
        let attempt = AttemptId::random(&drawing(random));
        assert!(
            attempt.0 > u64::from(u32::MAX),
            "{random:#x}: calls end there"
        );
        assert!(attempt.0 < 1 << 53, "{random:#x}");
        assert_ne!(Purpose::saving(attempt), Purpose(attempt.0), "{random:#x}");
    }
}

#[test]
fn who_and_how_have_the_names_of_the_public_contract() {
    assert_eq!(By::ThisTab.as_str(), "this-tab");
    assert_eq!(By::AnotherTab.as_str(), "another-tab");
    assert_eq!(Status::Active.as_str(), "active");
    assert_eq!(Status::Refreshing.as_str(), "refreshing");
    assert_eq!(Status::Retrying.as_str(), "retrying");
    assert_eq!(Status::Expired.as_str(), "expired");
}
