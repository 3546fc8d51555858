//! In which order what is under way arrives: as it was sent, or in any in which it could.

use super::World;
use evergrant::session::Input;
use std::collections::VecDeque;

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

    pub(super) fn next(&mut self, inputs: &mut VecDeque<(usize, Input)>) -> Option<(usize, Input)> {
        if self.seed == 0 || inputs.is_empty() {
            return inputs.pop_front();
        }
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005);
        self.seed = self.seed.wrapping_add(1_442_695_040_888_963_407);
        let drawn = usize::try_from(self.seed >> 33).unwrap_or_default();
        if !self.drains && drawn.is_multiple_of(16) {
            return None;
        }
        let (tab, input) = &inputs[drawn / 16 % inputs.len()];
        let first = inputs
            .iter()
            .position(|(other, it)| other == tab && source(it) == source(input))?;
        inputs.remove(first)
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

/// Where an input comes from.
fn source(input: &Input) -> u8 {
    match input {
        Input::Read(..) | Input::Written(..) => 0,
        Input::Granted(_) | Input::Robbed(_) => 1,
        Input::Seen(_) => 2,
        Input::Announced(_) => 3,
        Input::Answered(..) => 4,
        _ => 5,
    }
}
