//! Both clocks, and fresh random bits.

use super::platform::Platform;
use crate::session::time::{Moment, Mono, Wall};

/// The moment of an input.
#[must_use]
pub fn moment(platform: &Platform) -> Moment {
    let [wall, mono, high, low] = platform.now();
    Moment {
        wall: Wall(wall as u64),
        mono: Mono(mono as u64),
        random: (high as u64) << 32 | low as u64,
    }
}
