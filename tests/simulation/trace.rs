//! What a schedule does, for people.

use crate::run::{quietly, violation, violation_in};
use crate::schedule::Schedule;
use crate::story::Story;

/// What happens in the schedule of a seed, line by line.
pub(crate) fn of(seed: u64) -> String {
    describe(seed, &Schedule::of(seed))
}

/// Likewise, of as few of its steps as break the same thing.
pub(crate) fn of_fewest_steps(seed: u64) -> String {
    describe(seed, &fewest(Schedule::of(seed)))
}

/// Leaves out what can be left out. Of the first words, what is broken is known.
fn fewest(mut schedule: Schedule) -> Schedule {
    let kind = |schedule: &Schedule| {
        let words = violation(schedule)?;
        Some(words.split(':').next().unwrap_or_default().to_owned())
    };
    quietly(|| {
        let broken = kind(&schedule);
        let mut length = schedule.steps.len().max(1);
        while length > 0 {
            let mut at = 0;
            while at < schedule.steps.len() {
                let mut shorter = schedule.clone();
                let end = (at + length).min(shorter.steps.len());
                shorter.steps.drain(at..end);
                if kind(&shorter) == broken {
                    schedule = shorter;
                } else {
                    at += length;
                }
            }
            length /= 2;
        }
        let orderly = schedule.in_order();
        if kind(&orderly) == broken {
            return orderly;
        }
        schedule
    })
}

fn describe(seed: u64, schedule: &Schedule) -> String {
    let mut story = Story::new(&schedule.setting, true);
    let broken = quietly(|| violation_in(&mut story, schedule));
    let lines = story.world.log.take().unwrap_or_default();
    let end = match broken {
        Some(broken) => format!("violation: {broken}"),
        None => "nothing is broken".into(),
    };
    format!(
        "seed {seed}: {:#?}\nsteps: {:?}\n{}\n{end}\n",
        schedule.setting,
        schedule.steps,
        lines.join("\n")
    )
}
