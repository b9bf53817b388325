//! Words of the answers, as they are in the answers to single applications.

use crate::credit::{
    CreditModel,
    model::{Flag, FlagKind},
    policy::Decision,
    reasons::{Direction, Reason},
};

const DIRECTIONS: [Direction; 6] = [
    Direction::High,
    Direction::Low,
    Direction::Level,
    Direction::Missing,
    Direction::Special,
    Direction::Unseen,
];

const FLAGS: [FlagKind; 4] = [
    FlagKind::Missing,
    FlagKind::Special,
    FlagKind::Unseen,
    FlagKind::OutOfRange,
];

/// Everything that can be said of a characteristic, written once and copied ever after.
#[derive(Debug)]
pub(super) struct Phrases {
    reasons: Vec<[Vec<u8>; DIRECTIONS.len()]>,
    flags: Vec<[Vec<u8>; FLAGS.len()]>,
}

impl Phrases {
    /// `reason` and `flag` write a characteristic's name and a word.
    pub(super) fn new(
        model: &CreditModel,
        reason: impl Fn(&str, &'static str) -> Vec<u8>,
        flag: impl Fn(&str, &'static str) -> Vec<u8>,
    ) -> Self {
        let known = &model.schema().characteristics;
        let of_reason = |name: &str| DIRECTIONS.map(|it| reason(name, direction_word(it)));
        let of_flag = |name: &str| FLAGS.map(|it| flag(name, flag_word(it)));
        Self {
            reasons: known.iter().map(|it| of_reason(&it.name)).collect(),
            flags: known.iter().map(|it| of_flag(&it.name)).collect(),
        }
    }

    pub(super) fn reason(&self, reason: &Reason) -> &[u8] {
        let word = DIRECTIONS.iter().position(|it| *it == reason.direction);
        &self.reasons[reason.characteristic][word.unwrap_or_default()]
    }

    pub(super) fn flag(&self, flag: &Flag) -> &[u8] {
        let word = FLAGS.iter().position(|it| *it == flag.kind);
        &self.flags[flag.characteristic][word.unwrap_or_default()]
    }
}

/// The phrases with `;` between them, written over `cell`.
pub(super) fn join<'c, 'p>(
    cell: &'c mut Vec<u8>,
    phrases: impl Iterator<Item = &'p [u8]>,
) -> &'c str {
    cell.clear();
    for phrase in phrases {
        if !cell.is_empty() {
            cell.push(b';');
        }
        cell.extend_from_slice(phrase);
    }
    // Phrases are made of texts.
    std::str::from_utf8(cell).unwrap_or_default()
}

pub(super) fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Approve => "approve",
        Decision::Refer => "refer",
        Decision::Decline => "decline",
    }
}

fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::High => "high",
        Direction::Low => "low",
        Direction::Level => "level",
        Direction::Missing => "missing",
        Direction::Special => "special",
        Direction::Unseen => "unseen",
    }
}

fn flag_word(flag: FlagKind) -> &'static str {
    match flag {
        FlagKind::Missing => "missing",
        FlagKind::Special => "special",
        FlagKind::Unseen => "unseen",
        FlagKind::OutOfRange => "out_of_range",
    }
}
