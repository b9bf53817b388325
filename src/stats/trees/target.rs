//! Outcomes and weights, checked and put into the form that trees learn from.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{TreeError, require};

/// How much a row counts for the class it is of, on top of its own weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeight {
    /// The same for both classes.
    #[default]
    None,
    /// Inversely to the class's weight, `W / (2 W_class)`: both classes count alike, and the mean
    /// weight does not change.
    Balanced,
    /// As given; both positive.
    Given {
        /// Factor of the events' weights.
        event: f64,
        /// Factor of the non-events' weights.
        non_event: f64,
    },
}

/// Rows to learn from.
#[derive(Debug)]
pub(super) struct Target<'a> {
    pub events: &'a [bool],
    /// Weight of every row, the class's factor included; 0 for rows to leave out.
    pub weights: Vec<f64>,
    /// Rows of positive weight, ascending.
    pub rows: Vec<u32>,
    /// Weighted share of events.
    pub rate: f64,
}

impl<'a> Target<'a> {
    pub(super) fn new(
        rows: usize,
        events: &'a [bool],
        weights: Option<&[f64]>,
        class_weight: ClassWeight,
    ) -> Result<Self, TreeError> {
        if events.len() != rows || weights.is_some_and(|weights| weights.len() != rows) {
            return Err(TreeError::ShapeMismatch {
                rows,
                events: events.len(),
                weights: weights.map(<[f64]>::len),
            });
        }
        let mut weights = match weights {
            Some(given) => checked(given)?,
            None => vec![1.0; rows],
        };
        let kept: Vec<u32> = (0..rows as u32)
            .filter(|&row| weights[row as usize] > 0.0)
            .collect();
        if kept.is_empty() {
            return Err(TreeError::NoRows);
        }
        let of = |class: bool| {
            let rows = weights
                .iter()
                .zip(events)
                .filter(move |(_, event)| **event == class);
            rows.map(|(weight, _)| *weight).sum::<f64>()
        };
        let (with, without) = (of(true), of(false));
        if with <= 0.0 || without <= 0.0 {
            return Err(TreeError::OneClass);
        }
        let (event, non_event) = class_weight.factors(with, without)?;
        for (row, (weight, is_event)) in weights.iter_mut().zip(events).enumerate() {
            *weight *= if *is_event { event } else { non_event };
            // Balancing classes of weights that lie 100 digits apart.
            if *weight > 1e200 {
                return Err(TreeError::WeightOutOfRange { row });
            }
        }
        let (with, without) = (with * event, without * non_event);
        Ok(Self {
            events,
            weights,
            rows: kept,
            rate: with / (with + without),
        })
    }
}

fn checked(weights: &[f64]) -> Result<Vec<f64>, TreeError> {
    match weights
        .iter()
        .position(|weight| !(0.0..=1e100).contains(weight))
    {
        Some(row) => Err(TreeError::WeightOutOfRange { row }),
        None => Ok(weights.to_vec()),
    }
}

impl ClassWeight {
    /// Factors of the two classes, given their weights.
    fn factors(self, with: f64, without: f64) -> Result<(f64, f64), TreeError> {
        match self {
            Self::None => Ok((1.0, 1.0)),
            Self::Balanced => {
                let half = 0.5 * (with + without);
                Ok((half / with, half / without))
            }
            Self::Given { event, non_event } => {
                for factor in [event, non_event] {
                    let range = "above 0 and at most 1e6";
                    require(factor > 0.0 && factor <= 1e6, "class_weight", range, factor)?;
                }
                Ok((event, non_event))
            }
        }
    }
}
