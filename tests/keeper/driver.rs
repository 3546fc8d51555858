//! Node, and in it the keeper: `driver.mjs`, told what happens line by line.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// A keeper in a Node of its own.
pub(crate) struct Keeper {
    node: Child,
    says: ChildStdin,
    hears: BufReader<ChildStdout>,
}

/// What it has done since, in words, and what it sees then.
pub(crate) struct Told {
    pub(crate) done: Vec<String>,
    pub(crate) stored: Option<String>,
    pub(crate) now: u64,
}

impl Keeper {
    pub(crate) fn start() -> Self {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let package = env::var_os("EVERGRANT_PACKAGE");
        let package = package.map_or_else(|| root.join("target/npm"), PathBuf::from);
        let mut node = Command::new("node")
            .arg(root.join("tests/keeper/driver.mjs"))
            .arg(package)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node.js is there");
        Self {
            says: node.stdin.take().unwrap(),
            hears: BufReader::new(node.stdout.take().unwrap()),
            node,
        }
    }

    /// Posts it an attempt: `message`, for the record `text`.
    pub(crate) fn open(&mut self, text: &str, message: &Value, now: u64) -> Told {
        self.happen(
            "Open",
            json!({ "record": text, "message": message, "now": now }),
        )
    }

    /// Something happens, and it does what it does then.
    pub(crate) fn happen(&mut self, what: &str, mut facts: Value) -> Told {
        facts["what"] = json!(what);
        writeln!(self.says, "{facts}").expect("the driver listens");
        let mut line = String::new();
        self.hears.read_line(&mut line).expect("the driver answers");
        let told: Value = serde_json::from_str(&line).expect("the driver has not failed");
        let done = told["done"].as_array().into_iter().flatten();
        Told {
            done: done
                .filter_map(|it| it.as_str().map(str::to_owned))
                .collect(),
            stored: told["stored"].as_str().map(str::to_owned),
            now: told["now"].as_u64().unwrap_or_default(),
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}
