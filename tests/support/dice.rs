//! Cheap hostile input: what bytes choose. Proptest makes the bytes, and makes them fewer and smaller
//! when a test fails; bytes that are not there choose the plainest.

use std::io::Write;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

/// Bytes that choose.
pub(crate) struct Dice {
    bytes: Vec<u8>,
    at: usize,
}

/// Runs a test over so many inputs, and says how many there were; each is what at most `bytes` bytes
/// choose.
pub(crate) fn try_all(what: &str, cases: u32, bytes: usize, test: impl Fn(&mut Dice)) {
    let mut runner = TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let run = runner.run(&vec(any::<u8>(), 0..bytes), |bytes| {
        test(&mut Dice::of(bytes));
        Ok(())
    });
    if let Err(error) = run {
        panic!("{what}: {error}");
    }
    // Not by the macro, whose output the test runner keeps to itself.
    let _ = writeln!(std::io::stderr(), "{cases} {what} were tried");
}

/// Names that mean something to JavaScript.
const PROTOTYPES: &[&str] = &[
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "toJSON",
    "length",
    "",
];

impl Dice {
    pub(crate) fn of(bytes: Vec<u8>) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let byte = self.bytes.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        byte
    }

    /// One of `n`, the first of them where nothing is left.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::from(self.byte()) % n.max(1)
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// A whole number up to 2^53, from both ends and between.
    pub(crate) fn number(&mut self) -> u64 {
        const LAST: u64 = 1 << 53;
        match self.below(6) {
            0 => self.byte().into(),
            1 => u64::from(self.byte()) * 1_000,
            2 => LAST - u64::from(self.byte()),
            3 => 1_760_000_000_000 + u64::from(self.byte()) * 60_000,
            _ => {
                let bytes = [(); 8].map(|()| self.byte());
                u64::from_le_bytes(bytes) % LAST
            }
        }
    }

    pub(crate) fn text(&mut self) -> String {
        match self.below(8) {
            0 => self
                .pick(&[
                    "a",
                    "NaN",
                    "-Infinity",
                    "1e999",
                    "-0",
                    "invalid_grant",
                    "🔑\u{0}",
                ])
                .into(),
            1 => self.pick(PROTOTYPES).into(),
            2 => self.number().to_string(),
            3 => "x".repeat(self.below(400)),
            _ => {
                let bytes: Vec<u8> = (0..self.below(12)).map(|_| self.byte()).collect();
                String::from_utf8_lossy(&bytes).into_owned()
            }
        }
    }

    /// Any JSON value, sometimes a deep one.
    pub(crate) fn json(&mut self) -> Value {
        self.nested(3)
    }

    fn nested(&mut self, depth: usize) -> Value {
        match self.below(if depth > 0 { 16 } else { 12 }) {
            0 => Value::Null,
            1 => json!(true),
            2 => json!(-1),
            3 => json!(f64::MAX),
            4 => json!(f64::MIN_POSITIVE),
            5 => json!(u64::MAX),
            6 => json!(i64::MIN),
            7 => json!(1.5),
            8 | 9 => json!(self.number()),
            10 | 11 => json!(self.text()),
            12 => self.deep(),
            13 => (0..self.below(4)).map(|_| self.nested(depth - 1)).collect(),
            _ => {
                let members = (0..self.below(4)).map(|_| (self.text(), self.nested(depth - 1)));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }

    fn deep(&mut self) -> Value {
        let lists = self.below(2) == 0;
        (0..self.below(100)).fold(json!(1), |inner, _| {
            if lists {
                json!([inner])
            } else {
                json!({ "tokens": inner })
            }
        })
    }

    /// Replaces a member, at whatever depth, by garbage; or takes it out, or gives it another name, or
    /// an element twice.
    pub(crate) fn spoil(&mut self, value: &mut Value) {
        match value {
            Value::Object(members) if !members.is_empty() => {
                let at = self.below(members.len());
                let Some(name) = members.keys().nth(at).cloned() else {
                    return;
                };
                match self.below(16) {
                    15 => drop(members.remove(&name)),
                    14 => {
                        let value = members.remove(&name).unwrap_or_default();
                        members.insert(self.pick(PROTOTYPES).into(), value);
                    }
                    12 | 13 => drop(members.insert(name, self.json())),
                    _ => self.spoil(&mut members[&name]),
                }
            }
            Value::Array(items) if !items.is_empty() => {
                let at = self.below(items.len());
                match self.below(6) {
                    5 => drop(items.remove(at)),
                    4 => items.push(items[at].clone()),
                    3 => items[at] = self.json(),
                    _ => self.spoil(&mut items[at]),
                }
            }
            other => *other = self.json(),
        }
    }
}
