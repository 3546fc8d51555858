//! Random names, of at most 53 bits, which JavaScript reads as the same numbers.

use super::time::Moment;

/// Names a [`Lineage`](super::Lineage).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineageId(pub u64);

impl LineageId {
    /// Names none.
    pub const NONE: Self = Self(0);

    /// A new one's.
    #[must_use]
    pub fn random(now: &Moment) -> Self {
        Self(now.random >> 11 | 1)
    }
}

/// Names an [`Attempt`](super::Attempt).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId(pub u64);

impl AttemptId {
    /// A new one's: even, and of exactly 53 bits, so that no call has it.
    #[must_use]
    pub fn random(now: &Moment) -> Self {
        Self((now.random >> 12 | 1 << 52) & !1)
    }
}
