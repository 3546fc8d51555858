//! The stored record: what is written is read again, what is unknown is kept, what is garbage
//! harms nobody.

use crate::json::{TestJson, parse};
use crate::world::{World, config, reply};
use evergrant::oauth::{AccessToken, Answer, Body, IdToken, RawAnswer, RefreshToken, Subject};
use evergrant::session::codec::{Extra, decode, encode};
use evergrant::session::time::{UNKNOWN_MS, Wall};
use evergrant::session::{
    AccessGrant, Attempt, AttemptId, AttemptState, Binding, Code, Degraded, Details, Ending, Entry,
    Error, Event, Lineage, LineageId, Reason, Record, RefreshGrant, Retry, Stalled, Target,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0..10_u64, 0..(1_u64 << 53)]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{0,6}", any::<String>()]
}

fn wall() -> impl Strategy<Value = Wall> {
    number().prop_map(Wall)
}

/// Members of a later version; their names are nobody's here.
fn extra() -> impl Strategy<Value = Extra> {
    vec(("x_[a-z]{1,4}", value()), 0..3).prop_map(|members| {
        let members: Map<_, _> = members.into_iter().collect();
        (!members.is_empty()).then(|| Value::from(members).to_string())
    })
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec(("[a-z]{1,4}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn target() -> impl Strategy<Value = Target> {
    (option::of(text()), option::of(text()))
        .prop_map(|(resource, scope)| Target { resource, scope })
}

fn error() -> impl Strategy<Value = Error> {
    let codes = [Code::OAuth, Code::Network, Code::Server, Code::Storage];
    (
        proptest::sample::select(codes.to_vec()),
        option::of(text()),
        option::of(text()),
        option::of(any::<u16>()),
    )
        .prop_map(|(code, oauth_error, description, status)| {
            let details = Details {
                oauth_error,
                description,
                status,
                ..code.into()
            };
            details.into()
        })
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let states = [
        AttemptState::Posted,
        AttemptState::Claimed,
        AttemptState::Answered,
        AttemptState::Refused,
    ];
    let answered = (200..600_u16, text(), number(), option::of(text()), wall());
    (
        number(),
        proptest::sample::select(states.to_vec()),
        wall(),
        number(),
        target(),
        option::of(answered),
        extra(),
    )
        .prop_map(
            |(id, state, sent_at, replays, target, answered, extra)| Attempt {
                id: AttemptId(id),
                state,
                sent_at,
                replays,
                target,
                answer: answered.map(|(status, body, retry_after_ms, dpop_nonce, at)| {
                    let body = Body::new(body);
                    let raw = RawAnswer {
                        status,
                        body,
                        retry_after_ms,
                        dpop_nonce,
                    };
                    (Answer::read::<TestJson>(raw).into(), at)
                }),
                extra,
            },
        )
}

fn access() -> impl Strategy<Value = AccessGrant> {
    (
        (target(), number(), text()),
        (
            option::of(text()),
            option::of(text()),
            wall(),
            option::of(number()),
        ),
    )
        .prop_map(
            |((target, generation, token), (token_type, scope, received_at, lifetime_ms))| {
                AccessGrant {
                    target,
                    generation,
                    token: AccessToken::new(token),
                    token_type,
                    scope,
                    received_at,
                    lifetime_ms: lifetime_ms.unwrap_or(UNKNOWN_MS),
                }
            },
        )
}

fn refresh() -> impl Strategy<Value = RefreshGrant> {
    (text(), wall(), option::of(number())).prop_map(|(token, received_at, lifetime_ms)| {
        RefreshGrant {
            token: RefreshToken::new(token),
            received_at,
            lifetime_ms: lifetime_ms.unwrap_or(UNKNOWN_MS),
        }
    })
}

fn lineage() -> impl Strategy<Value = Lineage> {
    (
        (
            number(),
            number(),
            wall(),
            any::<bool>(),
            option::of(wall()),
        ),
        (
            option::of(refresh()),
            vec(access(), 0..3),
            option::of(text()),
            option::of((text(), text())),
            option::of((text(), option::of(text()))),
        ),
        (
            vec(attempt(), 0..4),
            option::of((error(), wall(), number())),
            extra(),
        ),
    )
        .prop_map(|(head, tokens, tail)| Lineage {
            id: LineageId(head.0 | 1),
            generation: head.1,
            received_at: head.2,
            doubt: head.3,
            retry: head.4.map(|at| Retry {
                at,
                after_ms: 5_000,
                code: Code::Network,
            }),
            refresh: tokens.0,
            access: tokens.1,
            id_token: tokens.2.map(IdToken::new),
            subject: tokens.3.map(|(issuer, sub)| Subject { issuer, sub }),
            binding: tokens.4.map(|(key, nonce)| Binding { key, nonce }),
            attempts: tail.0,
            stalled: tail
                .1
                .map(|(error, at, tries)| Stalled { error, at, tries }),
            extra: tail.2,
        })
}

fn ending() -> impl Strategy<Value = Ending> {
    let reasons = [
        Reason::SignedOut,
        Reason::RotationLost,
        Reason::StorageCleared,
    ];
    let entry =
        (wall(), text(), text()).prop_map(|(at, event, detail)| Entry { at, event, detail });
    (
        number(),
        proptest::sample::select(reasons.to_vec()),
        any::<bool>(),
        wall(),
        option::of(error()),
        vec(entry, 0..3),
    )
        .prop_map(|(id, reason, replaced, at, error, history)| Ending {
            lineage: LineageId(id),
            reason,
            replaced,
            at,
            error,
            history,
        })
}

fn record() -> impl Strategy<Value = Record> {
    (
        number(),
        text(),
        option::of(lineage()),
        vec(ending(), 0..3),
        extra(),
    )
        .prop_map(|(seq, issuer, lineage, ended, extra)| Record {
            version: 1,
            seq,
            issuer,
            lineage,
            ended,
            extra,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn what_is_written_is_read_again(record in record()) {
        let json = parse(&written(&record).to_string());
        prop_assert!(json.is_some(), "it is JSON");
        let read = json.and_then(decode);
        prop_assert_eq!(read.as_deref(), Some(&record));
    }

    #[test]
    fn whatever_is_found_is_read_or_refused_without_a_panic(found in value()) {
        let _ = read(found);
    }

    #[test]
    fn a_record_with_one_member_replaced_is_read_or_refused_without_a_panic(
        record in record(),
        at in any::<proptest::sample::Index>(),
        with in value(),
    ) {
        let mut json = written(&record);
        let members = json.as_object_mut().expect("an object");
        let name = members.keys().nth(at.index(members.len())).cloned();
        members.insert(name.expect("a member"), with);
        let _ = read(json);
    }
}

fn written(record: &Record) -> Value {
    let TestJson(json) = encode(record);
    json.expect("a record is JSON")
}

fn read(json: Value) -> Option<Record> {
    decode(TestJson(Some(json))).map(|record| Record::clone(&record))
}

fn stored(world: &World) -> Value {
    written(world.store.as_ref().expect("a record"))
}

/// The record in the store, as another version would edit it.
fn edit(world: &mut World, how: impl FnOnce(&mut Map<String, Value>)) {
    let mut json = stored(world);
    how(json.as_object_mut().expect("an object"));
    world.store = read(json);
    assert!(world.store.is_some(), "it is still a record");
}

#[test]
fn members_of_a_later_version_survive_a_refresh() {
    let mut world = World::signed_in(1);
    world.crash(0);
    edit(&mut world, |record| {
        record.insert("later".into(), json!({"a": [1, "b", null]}));
        record["tokens"]["dpop"] = json!({"key": 7});
    });
    let tab = world.open(config());
    world.force(tab);
    world.server.instead = vec![reply(400, "")];
    world.force(tab);
    let json = stored(&world);
    assert_eq!(json["later"], json!({"a": [1, "b", null]}));
    assert_eq!(json["tokens"]["dpop"], json!({"key": 7}));
    assert_eq!(json["generation"], 2);
}

#[test]
fn members_of_a_later_version_in_an_attempt_survive_until_it_goes() {
    let mut world = World::signed_in(1);
    world.crash(0);
    edit(&mut world, |record| {
        record["attempts"] = json!([{"id": 9, "state": "claimed", "sent_at": 1, "later": true}]);
    });
    world.hold = true;
    let tab = world.open(config());
    world.force(tab);
    let json = stored(&world);
    assert_eq!(json["attempts"][0]["later"], true);
    assert_eq!(json["attempts"].as_array().map(Vec::len), Some(2));
}

#[test]
fn members_of_a_later_version_survive_the_end() {
    let mut world = World::signed_in(1);
    world.crash(0);
    edit(&mut world, |record| {
        record.insert("later".into(), json!(1));
    });
    let tab = world.open(config());
    world.sign_out(tab);
    let json = stored(&world);
    assert_eq!(json["later"], 1);
    assert!(json.get("tokens").is_none());
}

#[test]
fn a_reason_or_a_code_that_a_later_version_brought_is_still_an_end_or_an_error() {
    let mut world = World::signed_in(1);
    world.sign_out(0);
    world.crash(0);
    edit(&mut world, |record| {
        record["ended"][0]["reason"] = json!("brand-new");
        record["ended"][0]["error"] = json!({"code": "brand-new"});
    });
    let tab = world.open(config());
    assert!(world.ended(tab).is_some());
}

/// A value with a member that nobody knows in each of its objects.
fn grown(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, it)| (name, grown(it)));
            let later = ("of_later".to_owned(), json!({"a": [1, null]}));
            Value::Object(members.chain([later]).collect())
        }
        Value::Array(items) => items.into_iter().map(grown).collect(),
        other => other,
    }
}

#[test]
fn a_record_of_a_newer_version_is_served_and_kept_whatever_members_it_has() {
    let mut world = World::signed_in(1);
    world.crash(0);
    edit(&mut world, |record| {
        record.insert("version".into(), json!(2));
        record["attempts"] = json!([{"id": 9, "state": "later", "sent_at": 1}]);
        record["ended"] = json!([{"lineage": 1, "reason": "later", "at": 1, "history": []}]);
        *record = match grown(Value::Object(record.clone())) {
            Value::Object(members) => members,
            other => panic!("{other}"),
        };
    });
    let (before, writes) = (world.store.clone(), world.writes);
    let tab = world.open(config());
    assert_eq!(world.served(tab).as_deref(), Some("at0"));
    for call in [world.force(tab), world.sign_in(tab), world.sign_out(tab)] {
        assert_eq!(world.code(tab, call), Some(Code::Storage));
    }
    world.pass(3_600_000);
    assert_eq!((world.sent, world.writes), (0, writes));
    assert_eq!(world.store, before);
    let what = Degraded::Version;
    assert_eq!(world.tabs[tab].events, [Event::Degraded { what }]);
}

#[test]
fn a_number_that_is_not_whole_and_a_lineage_that_is_none_make_no_record() {
    let world = World::signed_in(1);
    assert!(read(stored(&world)).is_some());
    for (member, value) in [
        ("seq", json!(1.5)),
        ("lineage", json!(7.25)),
        ("lineage", json!(0)),
        ("generation", json!(-1)),
    ] {
        let mut record = stored(&world);
        record[member] = value.clone();
        assert_eq!(read(record), None, "{member}: {value}");
    }
}
