//! Scorecards: what is stored, and the finders of bins made of it for fast scoring.

use serde::{Deserialize, Serialize};

use super::Inconsistent;
use crate::credit::{
    binning::{Binning, Scale},
    schema::{Kind, Schema},
    scorecard::{Card, Score},
    value::Value,
};

/// A logistic regression on weight of evidence, told in points.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ScorecardModel {
    /// Bins and their points.
    pub card: Card,
    /// Position in the schema of each of the card's characteristics.
    pub positions: Vec<u32>,
}

impl ScorecardModel {
    /// Whether its parts fit together and to `schema`.
    pub(super) fn check(&self, schema: &Schema) -> Result<(), Inconsistent> {
        let entries = self.card.entries();
        let mut used = vec![false; schema.characteristics.len()];
        let fits = entries.len() == self.positions.len()
            && entries
                .iter()
                .zip(&self.positions)
                .all(|(entry, position)| {
                    let position = *position as usize;
                    let fits = schema.characteristics.get(position).is_some_and(|it| {
                        let kinds = (&it.kind, entry.binning.scale());
                        it.name == entry.name
                            && matches!(
                                kinds,
                                (Kind::Numeric { .. }, Scale::Numeric { .. })
                                    | (Kind::Categorical { .. }, Scale::Levels { .. })
                            )
                    });
                    // No characteristic twice.
                    fits && !std::mem::replace(&mut used[position], true)
                });
        if fits { Ok(()) } else { Err(Inconsistent) }
    }
}

/// Scores applications by a card.
#[derive(Debug)]
pub(in crate::credit) struct CardScorer {
    pub(super) card: Card,
    /// Position in the schema of each of the card's characteristics.
    pub(super) positions: Vec<u32>,
    finders: Vec<Finder>,
    /// The card's characteristic at each position of the schema.
    entries: Vec<Option<usize>>,
}

/// Finds the bin of a value.
#[derive(Debug)]
enum Finder {
    Numeric {
        /// Breaks between bins, each belonging to the bin above.
        breaks: Vec<f64>,
        /// Special codes, ascending, with their bins.
        special: Vec<(f64, u32)>,
        missing: u32,
    },
    Levels {
        /// Bin of each level of the schema.
        bins: Vec<u32>,
        missing: u32,
        unseen: u32,
    },
}

impl CardScorer {
    pub(in crate::credit) fn new(schema: &Schema, model: &ScorecardModel) -> Self {
        let ScorecardModel { card, positions } = model.clone();
        let mut entries = vec![None; schema.characteristics.len()];
        for (at, position) in positions.iter().enumerate() {
            entries[*position as usize] = Some(at);
        }
        let found = card.entries().iter().zip(&positions);
        let finders = found.map(|(entry, position)| {
            let kind = &schema.characteristics[*position as usize].kind;
            Finder::new(&entry.binning, kind)
        });
        Self {
            finders: finders.collect(),
            entries,
            positions,
            card,
        }
    }

    /// The card's characteristic at `position` of the schema.
    pub(super) fn entry(&self, position: usize) -> Option<usize> {
        self.entries[position]
    }

    /// Numbers of the bins of `row`, one for each of the card's characteristics, written over
    /// `bins`.
    pub(in crate::credit) fn find_bins(&self, row: &[Value], bins: &mut Vec<u32>) {
        bins.clear();
        let values = self.positions.iter().map(|at| row[*at as usize]);
        let found = self.finders.iter().zip(values);
        bins.extend(found.map(|(finder, value)| finder.bin(value)));
    }

    /// The score of `row`; `bins` is overwritten.
    pub(super) fn score(&self, row: &[Value], bins: &mut Vec<u32>) -> Score {
        self.find_bins(row, bins);
        // The finders' bins are the card's, so that no look-up fails.
        self.card.score(bins).unwrap_or(Score {
            raw: f64::NAN,
            rounded: 0,
            log_odds: f64::NAN,
        })
    }
}

impl Finder {
    fn new(binning: &Binning, kind: &Kind) -> Self {
        let missing = binning.bin_of_missing() as u32;
        match (binning.scale(), kind) {
            (Scale::Levels { unseen, .. }, Kind::Categorical { levels, .. }) => Self::Levels {
                bins: levels
                    .iter()
                    .map(|level| binning.bin_of_level(Some(level)) as u32)
                    .collect(),
                missing,
                unseen: *unseen,
            },
            (Scale::Levels { unseen, .. }, Kind::Numeric { .. }) => Self::Levels {
                bins: Vec::new(),
                missing,
                unseen: *unseen,
            },
            (Scale::Numeric { breaks, special }, _) => Self::Numeric {
                breaks: breaks.clone(),
                special: special.clone(),
                missing,
            },
        }
    }

    fn bin(&self, value: Value) -> u32 {
        match (self, value) {
            (
                Self::Numeric {
                    breaks, special, ..
                },
                Value::Number(number),
            ) => {
                if !special.is_empty() {
                    let at = special.partition_point(|(code, _)| *code < number);
                    if let Some((code, bin)) = special.get(at)
                        && *code <= number
                    {
                        return *bin;
                    }
                }
                // Counting all is quicker than a search: there are few, and no branch to miss.
                breaks.iter().map(|at| u32::from(*at <= number)).sum()
            }
            (Self::Levels { bins, unseen, .. }, Value::Level(level)) => {
                bins.get(level as usize).copied().unwrap_or(*unseen)
            }
            (Self::Levels { unseen, .. }, Value::Unseen) => *unseen,
            (Self::Numeric { missing, .. } | Self::Levels { missing, .. }, _) => *missing,
        }
    }
}

/// The score of an application in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Points {
    /// Whole number of points.
    pub rounded: i64,
    /// Points as they come from the model.
    pub raw: f64,
}

impl From<Score> for Points {
    fn from(score: Score) -> Self {
        Self {
            rounded: score.rounded,
            raw: score.raw,
        }
    }
}
