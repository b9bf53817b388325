//! What each characteristic adds to the log-odds of trees: Shapley values (Lundberg et al. 2020).
//!
//! Boosted trees add up to log-odds, and so do their Shapley values. A forest averages
//! probabilities: its Shapley values are of the probability, and are told in log-odds by the slope of
//! the line from the expected probability to the applicant's own. Order and sign stay, and the sum
//! is exact.

use super::{
    Inconsistent, ModelReference,
    trees::{Trees, TreesModel, TreesScorer, bounded_logit},
};
use crate::{
    credit::{
        reasons::{Direction, Reasons},
        schema::{Kind, Schema},
        value::Value,
    },
    stats::trees::{BackgroundExplainer, Contributions},
};

/// Difference of probabilities below which a chord is taken as the tangent.
const TANGENT: f64 = 1e-12;

/// Explains the log-odds of trees.
#[derive(Debug)]
pub(super) struct TreesExplainer {
    /// By those that an applicant is compared with; none for those of training, along the paths.
    background: Option<BackgroundExplainer>,
    /// Quartiles of each column among those compared with; NaN where it has no numbers.
    quartiles: Vec<[f64; 3]>,
    base_log_odds: f64,
}

impl TreesExplainer {
    pub(super) fn new(
        schema: &Schema,
        model: &TreesModel,
        scorer: &TreesScorer,
        reference: &ModelReference,
    ) -> Result<Self, Inconsistent> {
        let width = model.positions.len();
        let rows = reference.background.iter();
        if rows.clone().any(|row| row.len() != width) {
            return Err(Inconsistent);
        }
        let rows: Vec<Vec<f64>> = rows
            .map(|row| row.iter().map(|it| it.unwrap_or(f64::NAN)).collect())
            .collect();
        let quartiles = model.positions.iter().enumerate().map(|(column, at)| {
            match schema.characteristics[*at as usize].kind {
                Kind::Numeric { median, .. } => quartiles(&rows, column).unwrap_or([median; 3]),
                Kind::Categorical { .. } => [f64::NAN; 3],
            }
        });
        let mut explainer = Self {
            quartiles: quartiles.collect(),
            background: (!rows.is_empty())
                .then(|| BackgroundExplainer::new(model.trees.ensemble(), &rows)),
            base_log_odds: 0.0,
        };
        // What is expected does not depend on the row.
        let expected = explainer.shapley(scorer, &vec![f64::NAN; width]).expected;
        explainer.base_log_odds = scorer.line.log_odds(match &scorer.trees {
            Trees::Boosting(_) => expected,
            Trees::Forest(_) => bounded_logit(expected),
        });
        Ok(explainer)
    }

    pub(super) fn base_log_odds(&self) -> f64 {
        self.base_log_odds
    }

    /// What each characteristic adds to the log-odds of `numbers`, written at its position among
    /// `contributions`, one per characteristic of the schema.
    pub(super) fn explain(&self, scorer: &TreesScorer, numbers: &[f64], contributions: &mut [f64]) {
        let found = self.shapley(scorer, numbers);
        let scale = match &scorer.trees {
            Trees::Boosting(_) => 1.0,
            Trees::Forest(forest) => chord(found.expected, forest.probability(numbers)),
        };
        let scale = scale * scorer.line.slope();
        for (position, value) in scorer.positions.iter().zip(found.values) {
            contributions[*position as usize] = value * scale;
        }
    }

    /// The principal reasons among `contributions` to the log-odds of `row`.
    pub(super) fn reasons(
        &self,
        scorer: &TreesScorer,
        row: &[Value],
        numbers: &[f64],
        contributions: &[f64],
    ) -> Reasons {
        Reasons::principal(contributions, |position| match row[position] {
            Value::Missing => Direction::Missing,
            Value::Unseen => Direction::Unseen,
            Value::Number(number) => {
                let places = scorer.positions.iter();
                let column = places.zip(0..).find(|(at, _)| **at as usize == position);
                match column.and_then(|(_, column)| self.better(scorer, numbers, column)) {
                    Some(better) if number > better => Direction::High,
                    Some(better) if number < better => Direction::Low,
                    _ => Direction::Level,
                }
            }
            Value::Level(_) | Value::Unused => Direction::Level,
        })
    }

    /// The quartile of a column with which the row would do best, if it would do better than with
    /// its own number.
    fn better(&self, scorer: &TreesScorer, numbers: &[f64], column: usize) -> Option<f64> {
        let mut other = numbers.to_vec();
        let mut best = (scorer.log_odds(numbers), None);
        for quartile in self.quartiles[column] {
            other[column] = quartile;
            let log_odds = scorer.log_odds(&other);
            if log_odds < best.0 {
                best = (log_odds, Some(quartile));
            }
        }
        best.1
    }

    fn shapley(&self, scorer: &TreesScorer, numbers: &[f64]) -> Contributions {
        let Some(background) = &self.background else {
            let rows: Option<&[&[f64]]> = None;
            return match &scorer.trees {
                Trees::Boosting(model) => model.contributions(numbers, rows),
                Trees::Forest(model) => model.contributions(numbers, rows),
            };
        };
        let mut values = vec![0.0; numbers.len()];
        background.explain(numbers, &mut values);
        match &scorer.trees {
            Trees::Boosting(model) => Contributions {
                expected: model.base() + background.expected(),
                values,
            },
            Trees::Forest(model) => {
                let share = 1.0 / model.ensemble().trees().len() as f64;
                values.iter_mut().for_each(|value| *value *= share);
                Contributions {
                    expected: background.expected() * share,
                    values,
                }
            }
        }
    }
}

/// Slope of the log-odds between two probabilities.
fn chord(from: f64, to: f64) -> f64 {
    if (to - from).abs() < TANGENT {
        let there = from.clamp(1e-6, 1.0 - 1e-6);
        1.0 / (there * (1.0 - there))
    } else {
        (bounded_logit(to) - bounded_logit(from)) / (to - from)
    }
}

/// Quartiles of the numbers that the rows have in a column, each one of them.
fn quartiles(rows: &[Vec<f64>], column: usize) -> Option<[f64; 3]> {
    let numbers = rows.iter().map(|row| row[column]);
    let mut numbers: Vec<f64> = numbers.filter(|it| !it.is_nan()).collect();
    numbers.sort_unstable_by(f64::total_cmp);
    let last = numbers.len().checked_sub(1)?;
    Some([1, 2, 3].map(|quarter| numbers[last * quarter / 4]))
}
