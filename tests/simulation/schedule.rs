//! What a seed draws: a world, and what happens in it.

use crate::dice::Dice;
use crate::odd::{ELSE, GARBLED, SPELLINGS};
use crate::server::Reuse;
use crate::story::{Setting, Step};
use crate::world::{Channel, StoreMode, config};
use evergrant::session::{Code, Config};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// What the store may do to a tab.
const MODES: &[StoreMode] = &[
    StoreMode::Works,
    StoreMode::Fails,
    StoreMode::WritesFail,
    StoreMode::Hangs,
    StoreMode::WritesHang,
    StoreMode::TakesNothing,
];

/// A world, and what happens in it.
#[derive(Clone)]
pub(crate) struct Schedule {
    pub(crate) setting: Setting,
    pub(crate) steps: Vec<Step>,
}

impl Schedule {
    pub(crate) fn of(seed: u64) -> Self {
        let mut dice = Dice::of(bytes(seed));
        let setting = setting(&mut dice, seed);
        let rough = dice.below(3);
        let steps = 4 + dice.below(40);
        let steps = (0..steps).map(|_| step(&mut dice, &setting, rough));
        Self {
            steps: steps.collect(),
            setting,
        }
    }

    /// The same steps, with everything arriving as it was sent.
    pub(crate) fn in_order(&self) -> Self {
        let mut schedule = self.clone();
        schedule.setting.order = 0;
        schedule
    }
}

/// More than any schedule draws.
fn bytes(seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        // Splitmix64: seeds that are neighbours have nothing in common.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)).to_le_bytes()
    };
    (0..48).flat_map(|_| next()).collect()
}

fn setting(dice: &mut Dice, seed: u64) -> Setting {
    let grace_ms = dice.pick(&[3_000, 5_000, 30_000, 60_000, 10 * MINUTE]);
    let timeout_ms = dice.pick(&[5_000, 1_000, 10_000, 30_000]);
    let lifetime_s = dice.pick(&[60, 300, 3_600, 8 * 3_600]);
    let refresh_s = match dice.below(4) {
        0 => {
            let lives = [lifetime_s * 3, lifetime_s * 40, 84_600, lifetime_s / 2 + 40];
            Some((dice.pick(&lives), dice.below(2) == 0))
        }
        _ => None,
    };
    let believed = refresh_s.filter(|_| dice.below(4) > 0);
    let blind = dice.below(12) == 0;
    let leeway_ms = dice.pick(&[60_000, 5_000, 0, 600_000]);
    Setting {
        tabs: dice.pick(&[2, 3, 2, 1, 3, 4, 2, 5, 6, 12]),
        reuse: match dice.below(6) {
            0 | 1 => Reuse::Strict,
            2 => Reuse::Refuses,
            3 => Reuse::ForgivesNew { grace_ms },
            _ => Reuse::ForgivesSame { grace_ms },
        },
        rotates: dice.below(8) > 0,
        lifetime_s,
        refresh_s,
        blind,
        // It needs Web Locks.
        keeper: if blind {
            0
        } else {
            dice.pick(&[0, 1, 0, 1, 2])
        },
        aborted_arrive: dice.below(4) == 0,
        order: if dice.below(3) == 0 { 0 } else { seed | 1 },
        config: Config {
            automatic: dice.below(8) > 0,
            leeway_ms,
            jitter_ms: dice.pick(&[0, 0, 10_000]),
            timeout_ms,
            grace_ms: dice.pick(&[0, 0, grace_ms]),
            refresh_lifetime_ms: believed.map(|(life, _)| life * 1_000),
            discovers: dice.below(3) == 0,
            pause_when_hidden: dice.below(6) == 0,
            ..config()
        },
    }
}

/// One thing: the rougher, the worse.
fn step(dice: &mut Dice, setting: &Setting, rough: usize) -> Step {
    let part = dice.below(setting.tabs);
    if setting.keeper > 0 && dice.below(8) == 0 {
        return to_the_keeper(dice, part, rough);
    }
    if rough > 1 && dice.below(64) == 0 {
        return to_the_record(dice);
    }
    match dice.below(if rough > 0 { 108 } else { 84 }) {
        0..=5 => Step::Get(part),
        6..=11 => Step::Force(part),
        12 => Step::Resource(part),
        13 => Step::Refused(part),
        14 => Step::Living(part, dice.pick(&[10_000, 50_000, HOUR])),
        15 => Step::Cancel,
        16 => Step::SignOut(part),
        17 => Step::SignIn(part),
        18 => Step::Close(part),
        19..=29 => time(dice, setting),
        30..=43 => Step::Answer,
        44..=46 => Step::Spelt(1 + dice.below(SPELLINGS - 1)),
        47..=49 => Step::LoseRequest,
        50..=52 => Step::Else(dice.below(ELSE.len())),
        53..=56 => Step::Store(part, dice.pick(MODES)),
        57 => Step::StoreOfAll(dice.pick(MODES)),
        58..=60 => Step::Unhang,
        61 => Step::WriteOne,
        62 | 63 => Step::Freeze(part),
        64..=66 => Step::FreezeAfterWrite(part),
        67..=70 => Step::Thaw(part),
        71 => Step::Wake(part),
        72 => Step::Visible(part, dice.below(2) == 0),
        73 | 74 => Step::Online(part, dice.below(2) == 0),
        75 => Step::Wall(dice.pick(&[-3_600_000, 3_600_000, -86_400_000, 1_500, -1])),
        76 | 77 => Step::Channel(dice.pick(&[Channel::Works, Channel::Drops, Channel::Doubles])),
        78..=81 => Step::Store(part, StoreMode::Works),
        82 => Step::Sleep(
            dice.pick(&[MINUTE, HOUR, 9 * HOUR, 3 * DAY]),
            dice.below(2) == 0,
        ),
        83 => Step::Pass(dice.pick(&[1, 300])),
        84..=87 => Step::LoseAnswer,
        88 => Step::Garble(dice.below(GARBLED.len())),
        89 | 100..=102 => Step::Disconnect,
        90 | 103..=106 => Step::Arrive,
        91 => Step::Prepares(dice.pick(&[Some(Ok(())), Some(Err(Code::Network)), None])),
        92 => Step::Vanish,
        93 | 94 => Step::Reload(part, dice.below(2) == 0),
        95 => Step::Crash(part),
        96 => Step::Rob,
        97 => Step::Fail(part),
        98 if rough > 1 => Step::Clear,
        99 if rough > 1 => Step::Withdraw,
        _ => Step::Reload(part, true),
    }
}

/// While the keeper is well, no page need be.
fn to_the_keeper(dice: &mut Dice, part: usize, rough: usize) -> Step {
    match dice.below(if rough > 0 { 16 } else { 5 }) {
        0 | 1 => Step::Reload(part, dice.below(2) == 0),
        2 => Step::Crash(part),
        3 => Step::Close(part),
        4 => Step::KeeperDelay(dice.pick(&[0, 500, 999, 1_001, 3_000, 8_000])),
        5 | 6 => Step::KeeperDies,
        7 => Step::KeeperFreeze,
        8 | 9 => Step::KeeperFreezeAfterWrite,
        10..=12 => Step::KeeperThaw,
        13 | 14 => Step::KeeperStore(dice.pick(MODES)),
        _ => Step::KeeperStore(StoreMode::Works),
    }
}

/// What the record may come to.
fn to_the_record(dice: &mut Dice) -> Step {
    match dice.below(8) {
        0..=2 => Step::Unreadable(true),
        3..=5 => Step::Unreadable(false),
        6 => Step::Scribble,
        _ => Step::Foreign,
    }
}

fn time(dice: &mut Dice, setting: &Setting) -> Step {
    let life = setting.lifetime_s * 1_000;
    match dice.below(40) {
        // A day costs a moment where tokens live for hours.
        0 if life >= HOUR => Step::Days(DAY),
        0 | 1 => Step::Days(life * 3),
        2..=5 => Step::Pass(life),
        6..=11 => Step::Pass(life / 5 * 4 + 1),
        12..=17 => Step::Pass(12_000),
        18..=21 => Step::Pass(30_000),
        22..=27 => Step::Pass(5_000),
        28..=33 => Step::Pass(2_500),
        _ => Step::Pass(dice.pick(&[1, 300, 1_000])),
    }
}
