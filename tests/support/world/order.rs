//! In which order what is under way arrives: as it was sent, or in any in which it could.

use super::World;
use super::keeper::Sign;
use evergrant::session::Input;
use std::collections::VecDeque;

/// Something under way.
pub(super) enum Due {
    /// To a tab's engine.
    Tab(usize, Input),
    /// Likewise, from the keeper.
    Word(usize, Input),
    /// To the keeper, about one of its errands.
    Keeper(usize, Sign),
}

/// As it was sent; or, with a seed, by chance: what comes from one source to one tab comes in order,
/// and the rest as it likes, some of it only after the next thing has happened.
#[derive(Clone, Copy, Default)]
pub(crate) struct Order {
    seed: u64,
    /// Nothing is put off.
    drains: bool,
}

impl Order {
    pub(crate) fn by_chance(seed: u64) -> Self {
        Self {
            seed: seed | 1,
            drains: false,
        }
    }

    pub(super) fn next(&mut self, under_way: &mut VecDeque<Due>) -> Option<Due> {
        if self.seed == 0 || under_way.is_empty() {
            return under_way.pop_front();
        }
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005);
        self.seed = self.seed.wrapping_add(1_442_695_040_888_963_407);
        let drawn = usize::try_from(self.seed >> 33).unwrap_or_default();
        if !self.drains && drawn.is_multiple_of(16) {
            return None;
        }
        let lane = under_way[drawn / 16 % under_way.len()].lane();
        let first = under_way.iter().position(|due| due.lane() == lane)?;
        under_way.remove(first)
    }
}

impl World {
    /// From here on, by chance.
    pub(crate) fn shuffle(&mut self, seed: u64) {
        self.order = Order::by_chance(seed);
    }

    /// Everything arrives that is under way.
    pub(crate) fn drain(&mut self) {
        self.order.drains = true;
        self.settle();
        self.order.drains = false;
    }
}

impl Due {
    /// What comes in order: to whom, and where from.
    fn lane(&self) -> (usize, u64) {
        match self {
            Self::Tab(tab, input) => (*tab, source(input)),
            Self::Word(tab, _) => (*tab, 6),
            Self::Keeper(errand, _) => (*errand, 0),
        }
    }
}

/// Where a tab's input comes from.
fn source(input: &Input) -> u64 {
    match input {
        Input::Read(..) | Input::Written(..) => 0,
        Input::Granted(_) | Input::Robbed(_) => 1,
        Input::Seen(_) => 2,
        Input::Announced(_) => 3,
        Input::Answered(..) => 4,
        _ => 5,
    }
}
