//! `js/keeper.js`, as it is packed, does what the table says by which the model check and the simulation play:
//! each row of it, step by step, in Node.
#![allow(clippy::unwrap_used)]

mod driver;
mod errand;
#[path = "../support/json.rs"]
mod json;
#[allow(dead_code, reason = "the rows are played, not looked up")]
#[path = "../support/keeper.rs"]
mod rules;

use std::collections::{BTreeMap, VecDeque};

use errand::{Errand, TIMEOUT_MS, encoded, record};
use rules::{Phase, Row, Seen, TABLE};
use serde_json::{Value, json};

/// The shortest way to each phase.
fn ways() -> BTreeMap<Phase, Vec<Row>> {
    let mut ways = BTreeMap::from([(Phase::Asking, Vec::new())]);
    let mut queue = VecDeque::from([Phase::Asking]);
    while let Some(phase) = queue.pop_front() {
        for row in TABLE.iter().filter(|row| row.0 == phase) {
            if !ways.contains_key(&row.3) {
                let mut way = ways[&phase].clone();
                way.push(*row);
                ways.insert(row.3, way);
                queue.push_back(row.3);
            }
        }
    }
    ways
}

/// The ways in which a thing can happen.
fn variants(phase: Phase, seen: Seen) -> usize {
    match (phase, seen) {
        (Phase::Saving, Seen::Forgotten) => 4,
        (Phase::Saving, Seen::StoreFails | Seen::Written) | (_, Seen::ClaimedLate) => 2,
        (Phase::Claiming, Seen::NotPosted) => 6,
        _ => 1,
    }
}

#[test]
fn each_row_of_the_table_is_what_the_script_does() {
    let ways = ways();
    for row in TABLE {
        for variant in 0..variants(row.0, row.1) {
            let mut errand = Errand::posted();
            for before in &ways[&row.0] {
                errand.play(before, 0);
            }
            errand.play(row, variant);
        }
    }
}

#[test]
fn an_answer_that_could_not_be_written_is_tried_again_each_second_and_given_up_in_the_end() {
    let mut errand = Errand::posted();
    for row in &ways()[&Phase::Unsaved] {
        errand.play(row, 0);
    }
    let mut saves = 1;
    loop {
        let told = errand.happen("Passed", json!({ "ms": 1000 }));
        if told.done.contains(&"Done".to_owned()) {
            break;
        }
        assert_eq!(told.done, ["Edit"], "it hands the answer over once");
        errand.happen("StoreFails", json!({}));
        saves += 1;
    }
    assert_eq!(saves, 60);
}

#[test]
fn a_store_that_hangs_takes_the_answer_when_it_comes_back() {
    let mut errand = Errand::posted();
    for row in &ways()[&Phase::Saving] {
        errand.play(row, 0);
    }
    let told = errand.happen("Passed", json!({ "ms": 1000 }));
    assert_eq!(told.done, ["HandOver", "Edit"]);
    let told = errand.happen("Edited", json!({}));
    assert!(told.done.contains(&"TellRecord".to_owned()));
    let stored: Value = serde_json::from_str(&told.stored.unwrap()).unwrap();
    assert_eq!(stored["attempts"][0]["state"], "answered");
}

#[test]
fn a_clock_that_was_set_back_since_the_claim_is_as_good_as_a_freeze() {
    let mut errand = Errand::posted();
    errand.happen("Granted", json!({}));
    errand.happen("SetBack", json!({ "ms": 1 }));
    let told = errand.happen("Edited", json!({}));
    assert_eq!(told.done, ["Edit"], "it takes the attempt out again");
    let told = errand.happen("Edited", json!({}));
    let stored: Value = serde_json::from_str(&told.stored.unwrap()).unwrap();
    assert_eq!(stored["attempts"], json!([]));
}

#[test]
fn members_that_it_does_not_know_stay_where_they_are() {
    let mut text: Value = serde_json::from_str(&encoded(&record())).unwrap();
    text["of_later"] = json!({ "a": [1] });
    text["attempts"][0]["of_later"] = json!(true);
    let mut errand = Errand::of(&text.to_string());
    errand.happen("Granted", json!({}));
    errand.happen("Edited", json!({}));
    errand.happen("Answered", json!({ "status": 200, "body": "{}" }));
    let told = errand.happen("Edited", json!({}));
    let stored: Value = serde_json::from_str(&told.stored.unwrap()).unwrap();
    assert_eq!(stored["of_later"], text["of_later"]);
    assert_eq!(stored["tokens"], text["tokens"]);
    assert_eq!(stored["attempts"][0]["of_later"], true);
    assert_eq!(stored["attempts"][0]["state"], "answered");
}

#[test]
fn a_request_gets_the_pages_timeout_counted_in_seconds_that_it_was_awake() {
    let mut errand = Errand::posted();
    for row in &ways()[&Phase::Sending] {
        errand.play(row, 0);
    }
    // The laptop sleeps, and the answer may be in the socket.
    let slept = json!({ "ms": 10 * TIMEOUT_MS });
    assert_eq!(errand.happen("Frozen", slept).done, Vec::<String>::new());
    let awake = json!({ "ms": 1 });
    assert_eq!(errand.happen("Passed", awake).done, Vec::<String>::new());
    let told = errand.happen("Answered", json!({ "status": 200, "body": "{}" }));
    assert_eq!(told.done, ["Edit"]);
}

#[test]
fn an_attempt_of_a_record_that_is_none_is_not_claimed() {
    for text in ["", "<html>", "null", "5", "[]", "{}", r#"{"attempts":{}}"#] {
        let mut errand = Errand::of(text);
        errand.happen("Granted", json!({}));
        let told = errand.happen("Edited", json!({}));
        assert_eq!(told.stored.as_deref(), Some(text), "{text}");
        assert!(
            told.done.iter().all(|it| it == "Done"),
            "{text} {:?}",
            told.done
        );
    }
}
