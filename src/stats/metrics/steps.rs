//! Checked samples and their cumulative counts, which every curve is drawn from.

use super::MetricError;

/// Largest weight of a row: beyond it sums of weights could overflow.
const LARGEST_WEIGHT: f64 = 1e100;

/// What is called an event at one distinct score, in rows or in weight.
pub(in super::super) struct Step {
    pub(in super::super) score: f64,
    pub(in super::super) true_positives: f64,
    pub(in super::super) false_positives: f64,
}

/// Cumulative counts at every distinct score, highest score first; rows of weight 0 are left out.
///
/// Without weights the counts are whole numbers, exact in `f64`.
pub(in super::super) fn descending_steps(
    scores: &[f64],
    events: &[bool],
    weights: Option<&[f64]>,
) -> Vec<Step> {
    // Adding zero turns -0.0 into 0.0, so that the total order agrees with `==`.
    let mut rows: Vec<(f64, bool, f64)> = scores
        .iter()
        .zip(events)
        .enumerate()
        .map(|(row, (score, event))| (score + 0.0, *event, weight_of(weights, row)))
        .filter(|(.., weight)| *weight > 0.0)
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut true_positives, mut false_positives) = (0.0, 0.0);
    rows.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq())
        .map(|tied| {
            for (_, event, weight) in tied {
                if *event {
                    true_positives += weight;
                } else {
                    false_positives += weight;
                }
            }
            Step {
                score: tied[0].0,
                true_positives,
                false_positives,
            }
        })
        .collect()
}

/// Events and non-events in all.
pub(super) fn totals(steps: &[Step]) -> (f64, f64) {
    steps.last().map_or((0.0, 0.0), |last| {
        (last.true_positives, last.false_positives)
    })
}

/// Weight of a row; 1 without weights.
pub(super) fn weight_of(weights: Option<&[f64]>, row: usize) -> f64 {
    weights.map_or(1.0, |weights| weights[row])
}

/// `part / whole`, and 0 of nothing.
pub(super) fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// Weighted mean of one value per row.
pub(super) fn mean(values: impl Iterator<Item = f64>, weights: Option<&[f64]>) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    for (row, value) in values.enumerate() {
        let weight = weight_of(weights, row);
        sum += weight * value;
        total += weight;
    }
    sum / total
}

pub(in super::super) fn check(scores: &[f64], events: &[bool]) -> Result<(), MetricError> {
    if scores.len() != events.len() {
        Err(MetricError::LengthMismatch)
    } else if scores.is_empty() {
        Err(MetricError::Empty)
    } else if scores.iter().any(|score| !score.is_finite()) {
        Err(MetricError::NonFinite)
    } else {
        Ok(())
    }
}

pub(super) fn check_probabilities(p: &[f64], events: &[bool]) -> Result<(), MetricError> {
    check(p, events)?;
    if p.iter().all(|p| (0.0..=1.0).contains(p)) {
        Ok(())
    } else {
        Err(MetricError::NotAProbability)
    }
}

pub(super) fn check_weights(weights: &[f64], rows: usize) -> Result<(), MetricError> {
    if weights.len() != rows {
        Err(MetricError::WeightMismatch)
    } else if !weights.iter().all(|w| (0.0..=LARGEST_WEIGHT).contains(w)) {
        Err(MetricError::WeightOutOfRange)
    } else if weights.iter().all(|weight| *weight <= 0.0) {
        Err(MetricError::Empty)
    } else {
        Ok(())
    }
}

/// Refuses a sample that lacks a class.
pub(super) fn check_both_classes(events: &[bool]) -> Result<(), MetricError> {
    if events.contains(&true) && events.contains(&false) {
        Ok(())
    } else {
        Err(MetricError::OneClass)
    }
}
