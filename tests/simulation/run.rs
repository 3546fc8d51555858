//! Runs schedules, on every core.

use crate::schedule::Schedule;
use crate::story::Story;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

/// How many seeds a thread takes at a time.
const CHUNK: u64 = 64;

/// What came of many schedules.
pub(crate) struct Outcome {
    /// The seeds of those that broke something, in order.
    pub(crate) violations: Vec<u64>,
    pub(crate) per_second: u64,
}

pub(crate) fn all(first: u64, seeds: u64) -> Outcome {
    let begin = Instant::now();
    let next = AtomicU64::new(0);
    let violations = Mutex::new(Vec::new());
    let work = || {
        loop {
            let from = next.fetch_add(CHUNK, Ordering::Relaxed);
            if from >= seeds {
                return;
            }
            for seed in from..seeds.min(from + CHUNK) {
                let seed = first + seed;
                if violation(&Schedule::of(seed)).is_some() {
                    violations.lock().expect("no thread dies").push(seed);
                }
            }
        }
    };
    quietly(|| {
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(work);
            }
        });
    });
    let mut violations = violations.into_inner().expect("no thread dies");
    violations.sort_unstable();
    let ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    Outcome {
        violations,
        per_second: seeds * 1_000 / ms.max(1),
    }
}

/// What a schedule breaks, if it does.
pub(crate) fn violation(schedule: &Schedule) -> Option<String> {
    violation_in(&mut Story::new(&schedule.setting, false), schedule)
}

/// Likewise, in this story.
pub(crate) fn violation_in(story: &mut Story, schedule: &Schedule) -> Option<String> {
    let broken = panic::catch_unwind(AssertUnwindSafe(|| story.runs(&schedule.steps))).err()?;
    let text = broken.downcast_ref::<String>().cloned();
    let word = || broken.downcast_ref::<&str>().map(|it| (*it).to_owned());
    Some(text.or_else(word).unwrap_or_default())
}

/// A violation is a panic that is caught; nobody wants to read each of them.
pub(crate) fn quietly<T>(work: impl FnOnce() -> T) -> T {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let done = work();
    panic::set_hook(hook);
    done
}
