//! Time is an argument: two clocks, read by whoever drives the engine.
//!
//! The wall clock is shared by all tabs and may be wrong or jump; the monotonic clock belongs to one
//! tab, never goes back, and may stand still while the machine sleeps. What is shared is written in
//! wall time; what is waited for is counted on both, and whichever is ahead decides.

use std::sync::Arc;

/// Milliseconds since the Unix epoch, by a clock that may be wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wall(pub u64);

/// Milliseconds since some moment in this tab's past, by a clock that never goes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mono(pub u64);

/// The moment of an input, and 64 fresh random bits to go with it.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The wall clock.
    pub wall: Wall,
    /// The monotonic clock.
    pub mono: Mono,
    /// Uniformly random; never used twice.
    pub random: u64,
}

impl Wall {
    /// Later than any other: the end of what is not known to end.
    pub const NEVER: Self = Self(u64::MAX);

    /// This time, unless it never comes.
    #[must_use]
    pub fn known(self) -> Option<Self> {
        (self != Self::NEVER).then_some(self)
    }

    /// This time, `ms` later.
    #[must_use]
    pub fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this; 0 if the clock went back between them.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl Mono {
    /// Later than any other.
    pub const NEVER: Self = Self(u64::MAX);

    /// This time, `ms` later.
    #[must_use]
    pub fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

pub use crate::oauth::token_response::UNKNOWN_MS;

/// A deadline on both clocks; it has passed as soon as either says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Deadline {
    /// By the shared clock.
    pub wall: Wall,
    /// By this tab's own.
    pub mono: Mono,
}

impl Default for Deadline {
    fn default() -> Self {
        Self::NEVER
    }
}

impl Deadline {
    /// Does not pass.
    pub const NEVER: Self = Self {
        wall: Wall::NEVER,
        mono: Mono::NEVER,
    };

    /// `ms` from now.
    #[must_use]
    pub fn after(now: &Moment, ms: u64) -> Self {
        Self {
            wall: now.wall.plus(ms),
            mono: now.mono.plus(ms),
        }
    }

    /// At `wall` by the shared clock, and, so that a clock set back cannot stretch it, `at_most_ms`
    /// from now by our own; where `wall` never comes, never.
    #[must_use]
    pub fn at(now: &Moment, wall: Wall, at_most_ms: u64) -> Self {
        if wall == Wall::NEVER {
            return Self::NEVER;
        }
        Self {
            wall,
            mono: now.mono.plus(wall.since(now.wall).min(at_most_ms)),
        }
    }

    /// The end of what began at `from` and lives `life_ms`, or [`UNKNOWN_MS`].
    #[must_use]
    pub fn ending(now: &Moment, from: Wall, life_ms: u64) -> Self {
        Self::at(now, from.plus(life_ms), life_ms)
    }

    /// This deadline, `ms` earlier.
    #[must_use]
    pub fn minus(&self, ms: u64) -> Self {
        if self.wall == Wall::NEVER {
            return *self;
        }
        Self {
            wall: Wall(self.wall.0.saturating_sub(ms)),
            mono: Mono(self.mono.0.saturating_sub(ms)),
        }
    }

    /// Moves it to `wall`; one that is there already keeps its place on our own clock.
    pub fn move_to(&mut self, now: &Moment, wall: Wall, at_most_ms: u64) {
        if self.wall != wall {
            *self = Self::at(now, wall, at_most_ms);
        }
    }

    /// The nearer of the two, by each clock.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self {
            wall: self.wall.min(other.wall),
            mono: self.mono.min(other.mono),
        }
    }

    /// Whether either clock has reached it.
    #[must_use]
    pub fn passed(&self, now: &Moment) -> bool {
        now.wall >= self.wall || now.mono >= self.mono
    }

    /// Whether it is still to come.
    #[must_use]
    pub fn pending(&self, now: &Moment) -> bool {
        self.wall != Wall::NEVER && !self.passed(now)
    }

    /// Whether both clocks have reached it: what cannot be undone is not left to one that jumps.
    #[must_use]
    pub fn surely_passed(&self, now: &Moment) -> bool {
        now.wall >= self.wall && now.mono >= self.mono
    }

    /// When to look again, by the monotonic clock: when the first of the two comes to it; then, for
    /// what waits for both, when the second does; then never.
    #[must_use]
    pub fn wake(&self, now: &Moment) -> Mono {
        if self.wall == Wall::NEVER || self.surely_passed(now) {
            return Mono::NEVER;
        }
        let wall = now.mono.plus(self.wall.since(now.wall));
        if self.passed(now) {
            self.mono.max(wall)
        } else {
            self.mono.min(wall)
        }
    }
}

/// How long something has been watched: counted in one's own looks, each a second at most, so that
/// neither a clock that jumps nor a laptop that wakes can make it longer than it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Looks {
    /// Milliseconds counted so far.
    pub counted: u64,
    last: Mono,
}

impl Looks {
    /// Begins to watch.
    #[must_use]
    pub fn from(now: &Moment) -> Self {
        Self {
            counted: 0,
            last: now.mono,
        }
    }

    /// Looks once more, and says how long it has been.
    pub fn look(&mut self, now: &Moment) -> u64 {
        self.counted += now.mono.since(self.last).min(super::tuning::LOOK_MS);
        self.last = now.mono;
        self.counted
    }

    /// When the next look is due.
    #[must_use]
    pub fn next(&self) -> Mono {
        self.last.plus(super::tuning::LOOK_MS)
    }
}

/// Moves a state's clocks, so that states that differ only by when they were reached become equal.
pub trait Rebase {
    /// Takes `by` off every time in it.
    fn rebase(&mut self, by: &Shift);
}

/// What [`Rebase`] takes off.
#[derive(Clone, Copy, Debug)]
pub struct Shift {
    /// Off every wall time, in milliseconds.
    pub wall: u64,
    /// Off every monotonic time, in milliseconds.
    pub mono: u64,
    /// Off every `seq`.
    pub seq: u64,
}

impl Rebase for Wall {
    fn rebase(&mut self, by: &Shift) {
        if *self != Self::NEVER {
            self.0 = self.0.saturating_sub(by.wall);
        }
    }
}

impl Rebase for Mono {
    fn rebase(&mut self, by: &Shift) {
        if *self != Self::NEVER {
            self.0 = self.0.saturating_sub(by.mono);
        }
    }
}

impl Rebase for Deadline {
    fn rebase(&mut self, by: &Shift) {
        self.wall.rebase(by);
        self.mono.rebase(by);
    }
}

impl Rebase for Looks {
    fn rebase(&mut self, by: &Shift) {
        self.last.rebase(by);
    }
}

impl<T: Rebase + Clone> Rebase for Arc<T> {
    fn rebase(&mut self, by: &Shift) {
        Self::make_mut(self).rebase(by);
    }
}

impl<T: Rebase> Rebase for Box<T> {
    fn rebase(&mut self, by: &Shift) {
        (**self).rebase(by);
    }
}

impl<T: Rebase> Rebase for Option<T> {
    fn rebase(&mut self, by: &Shift) {
        if let Some(inner) = self {
            inner.rebase(by);
        }
    }
}

impl<T: Rebase> Rebase for Vec<T> {
    fn rebase(&mut self, by: &Shift) {
        for item in self {
            item.rebase(by);
        }
    }
}
