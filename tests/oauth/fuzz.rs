//! Foreign text at scale: a corpus, mutated. Whatever comes of it is read without a panic, and what is
//! believed of it may be.
//!
//! `EVERGRANT_FUZZ=10000000 cargo test --release --test oauth fuzz` tries as many inputs, in minutes.
//! Each is made of its own number, which is told when it does harm: `EVERGRANT_FUZZ_FIRST` with
//! that number, and `EVERGRANT_FUZZ=1`, try it alone.

use std::env;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::Instant;

use evergrant::oauth::authorization::request_uri;
use evergrant::oauth::base64url::{decode, encode};
use evergrant::oauth::dpop::joined;
use evergrant::oauth::id_token::{Expected, check};
use evergrant::oauth::{
    Answer, Body, Callback, CallbackFault, ErrorResponse, Json, Jwt, Meaning, Metadata, RawAnswer,
    Subject, redact, well_known,
};
use serde_json::Value;

use crate::json::TestJson;
use crate::pairs;

const ISSUER: &str = "https://as.example";

/// The longest input. Nothing that is read here cares for more.
const MAX_LENGTH: usize = 4096;

/// How many inputs are tried where nobody says.
const INPUTS: u64 = 20_000;

#[test]
fn mutated_input_is_read_without_a_panic() {
    let count = number("EVERGRANT_FUZZ").unwrap_or(INPUTS);
    let first = number("EVERGRANT_FUZZ_FIRST").unwrap_or_default();
    let corpora = KINDS.map(|(name, read)| (name, corpus(name), read));
    let began = Instant::now();
    for at in first..first + count {
        let mut random = Random(at);
        let (name, corpus, read) = &corpora[random.below(corpora.len())];
        let input = random.mutated(corpus);
        let _told = Told { at, name };
        read(&mut random, &input);
    }
    // Not by the macro, whose output the test runner keeps to itself.
    let seconds = began.elapsed().as_secs();
    let _ = writeln!(std::io::stderr(), "{count} inputs were read in {seconds} s");
}

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().expect("a whole number"))
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/corpus");
    let entries = fs::read_dir(folder.join(name)).expect("a corpus");
    let mut paths: Vec<_> = entries.map(|it| it.expect("a file").path()).collect();
    paths.sort();
    let corpus = paths.iter().map(|path| fs::read(path).expect("a text"));
    corpus.collect()
}

/// Tells which input did harm.
struct Told<'a> {
    at: u64,
    name: &'a str,
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let Told { at, name } = self;
            let _ = writeln!(std::io::stderr(), "input {at}, of the {name}, did that");
        }
    }
}

type Reader = fn(&mut Random, &[u8]);

const KINDS: [(&str, Reader); 4] = [
    ("callbacks", callback),
    ("metadata", metadata),
    ("jwts", jwt),
    ("answers", answer),
];

fn callback(random: &mut Random, input: &[u8]) {
    let url = String::from_utf8_lossy(input);
    let query = url.split_once('?').map_or(url.as_ref(), |(_, query)| query);
    let pairs = pairs(query.split('#').next().unwrap_or_default());
    let Some(callback) = Callback::read(&pairs) else {
        return;
    };
    assert!(!callback.state.is_empty());
    let required = random.below(2) == 0;
    let has = |name: &str| pairs.iter().any(|(it, _)| it == name);
    match callback.check(Some(ISSUER), required) {
        Ok(code) => {
            assert!(!code.expose().is_empty());
            assert!(has("iss") || !required);
        }
        Err(CallbackFault::Refused(refused)) => believable(&refused),
        Err(CallbackFault::Iss) => assert!(has("iss") || required),
        Err(CallbackFault::Repeated | CallbackFault::NoCode) => {}
    }
}

fn metadata(_: &mut Random, input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let json = TestJson::parse(&text);
    let issuer = json.get("issuer").as_str().unwrap_or_default();
    for url in well_known(&issuer) {
        assert!(url.contains("/.well-known/"));
    }
    let Some(it) = Metadata::read(&json, &issuer) else {
        return;
    };
    let endpoints = [
        it.token,
        it.authorization,
        it.revocation,
        it.end_session,
        it.jwks,
    ];
    for url in endpoints.into_iter().flatten() {
        let host = url
            .strip_prefix("http://")
            .map(|it| it.split(['/', '?', ':']).next());
        if let Some(host) = host.flatten() {
            assert!(
                ["localhost", "127.0.0.1", "["].contains(&host) || host.ends_with(".localhost")
            );
        } else {
            assert!(url.starts_with("https://") || url.starts_with("http://["));
        }
        assert!(url.bytes().all(|it| it.is_ascii_graphic()) && !url.contains(['#', '\\']));
    }
}

fn jwt(random: &mut Random, input: &[u8]) {
    let mut text = String::from_utf8_lossy(input).into_owned();
    // What is inside is reached by few mutations of what is outside.
    if random.below(4) > 0 {
        let parts = text.split('.').map(|part| match decode(part) {
            Some(bytes) => encode(&random.mutated(&[bytes])),
            None => part.into(),
        });
        text = parts.collect::<Vec<_>>().join(".");
    }
    let Some(jwt) = Jwt::<TestJson>::read(&text) else {
        return;
    };
    assert_eq!(joined(&jwt.signing_input, &jwt.signature), text);
    assert!(jwt.claims.0.as_ref().is_some_and(Value::is_object));
    let expected = Expected {
        issuer: Some(ISSUER),
        client_id: "app",
        nonce: (random.below(2) == 0).then_some("n-0S6"),
        at_hash: (random.below(2) == 0).then_some("77QmUPtjPfzWtF2AnpK9RQ"),
        max_age_s: (random.below(2) == 0).then_some(60),
        now_s: 1_311_281_000,
    };
    if let Ok(alg) = check(&jwt, &expected) {
        assert_eq!(alg.as_str(), jwt.alg);
        assert!(Subject::read::<TestJson>(&text).is_some());
        assert!(jwt.claims.get("exp").as_f64() > 1_311_280_940.0);
    }
}

fn answer(random: &mut Random, input: &[u8]) {
    const STATUSES: [u16; 10] = [200, 200, 201, 400, 400, 401, 403, 429, 500, 0];
    let body = String::from_utf8_lossy(input);
    let raw = RawAnswer {
        status: STATUSES[random.below(STATUSES.len())],
        body: Body::new(body.clone()),
        retry_after_ms: 0,
        dpop_nonce: Some(body.chars().take(random.below(600)).collect()),
    };
    if let Some(nonce) = raw.nonce() {
        assert!(nonce.bytes().all(|it| it.is_ascii_graphic()) && nonce.len() <= 512);
    }
    let uri = request_uri::<TestJson>(&raw);
    assert!(uri.is_err() || raw.status < 300);
    match Answer::read::<TestJson>(raw).meaning {
        Meaning::Tokens(tokens) => assert!(!tokens.access_token.expose().is_empty()),
        Meaning::Refused(refused) => believable(&refused),
        Meaning::RateLimited | Meaning::Unavailable | Meaning::Unreadable => {}
    }
}

fn believable(refused: &ErrorResponse) {
    assert!(refused.error.len() <= 64 && refused.error.is_ascii());
    assert!(refused.description.chars().count() <= 300);
    assert!(!refused.description.contains(char::is_control));
    assert!(!redact(&refused.description, "active").contains("active"));
    assert!(!(refused.wants_nonce() && refused.doubts_proof()));
}

/// SplitMix64: every number makes a sequence of its own.
struct Random(u64);

/// What means something to one of the readers, or to something that it calls.
const PIECES: &[&str] = &[
    "&",
    "=",
    "?",
    "#",
    "%",
    "%00",
    "%FF",
    "+",
    ".",
    "..",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "-1",
    "1e999",
    "0.5",
    "\0",
    "\u{7f}",
    "\u{feff}",
    "é",
    "🔑",
    "state=",
    "&code=",
    "&error=",
    "&iss=https%3A%2F%2Fas.example",
    "state=a&",
    "https://",
    "http://",
    "localhost",
    "127.0.0.1",
    "[::1]",
    ".localhost",
    "@",
    ":80",
    "/",
    "none",
    "HS256",
    "ES256",
    "\"crit\":[\"exp\"],",
    "\"aud\":[\"app\"],",
    "\"azp\":\"app\",",
    "\"error\":\"x\",",
    "eyJ",
    "e30",
    "AA",
    "_",
    "-",
    "=",
    "999999999999999999999",
];

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        it ^ (it >> 31)
    }

    /// One of `n`.
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    /// A stretch of at most so many bytes.
    fn stretch(&mut self, length: usize, most: usize) -> std::ops::Range<usize> {
        let at = self.below(length + 1);
        at..at + self.below(most.min(length - at) + 1)
    }

    /// One of a corpus, with up to five mutations; one in six has none.
    fn mutated(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut it = corpus[self.below(corpus.len())].clone();
        for _ in 0..self.below(6) {
            let range = self.stretch(it.len(), 24);
            match self.below(8) {
                0 => it[range]
                    .iter_mut()
                    .for_each(|byte| *byte = self.next() as u8),
                1 => drop(it.drain(range)),
                2 => {
                    let copy = it[range.clone()].to_vec();
                    let at = self.below(it.len() + 1);
                    it.splice(at..at, copy);
                }
                3 => it.truncate(range.start),
                4 => {
                    let other = &corpus[self.below(corpus.len())];
                    let from = self.below(other.len() + 1);
                    it.splice(range.start.., other[from..].iter().copied());
                }
                5 => {
                    if let Some(byte) = it.get_mut(range.start) {
                        *byte ^= 1 << self.below(8);
                    }
                }
                _ => {
                    let piece = PIECES[self.below(PIECES.len())];
                    let end = if self.below(2) == 0 {
                        range.start
                    } else {
                        range.end
                    };
                    it.splice(range.start..end, piece.bytes());
                }
            }
            it.truncate(MAX_LENGTH);
        }
        it
    }
}
