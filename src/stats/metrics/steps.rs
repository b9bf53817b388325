//! Checked samples and their cumulative counts, which every curve is drawn from.

use super::MetricError;

/// Largest weight of a row: beyond it sums of weights could overflow.
const LARGEST_WEIGHT: f64 = 1e100;

/// What is called an event at one distinct score, in rows or in weight.
#[derive(Clone, Debug, PartialEq)]
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
    let Some(weights) = weights else {
        return descending_counts(scores, events);
    };
    let mut rows = Vec::with_capacity(scores.len());
    let given = scores.iter().zip(events).zip(weights);
    let given =
        given.map(|((score, event), weight)| (without_sign_of_zero(*score), *event, *weight));
    rows.extend(given.filter(|(.., weight)| *weight > 0.0));
    // Sums of weights depend on their order, so that the order of equal scores is kept.
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut steps = Steps::with_capacity(rows.len());
    for (score, event, weight) in rows {
        steps.add(score, event, weight);
    }
    steps.0
}

/// As [`descending_steps`], in rows; rows that are in order already are not copied.
fn descending_counts(scores: &[f64], events: &[bool]) -> Vec<Step> {
    let mut steps = Steps::with_capacity(scores.len());
    let is_ascending = |a: &f64, b: &f64| {
        without_sign_of_zero(*a)
            .total_cmp(&without_sign_of_zero(*b))
            .is_le()
    };
    let rows = scores.iter().zip(events);
    let rows = rows.map(|(score, event)| (without_sign_of_zero(*score), *event));
    if scores.is_sorted_by(is_ascending) {
        for (score, event) in rows.rev() {
            steps.add(score, event, 1.0);
        }
    } else {
        let mut rows: Vec<(f64, bool)> = rows.collect();
        rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        for (score, event) in rows {
            steps.add(score, event, 1.0);
        }
    }
    steps.0
}

/// Turns -0.0 into 0.0, so that the total order agrees with `==`.
fn without_sign_of_zero(score: f64) -> f64 {
    score + 0.0
}

/// Steps so far.
struct Steps(Vec<Step>);

impl Steps {
    fn with_capacity(steps: usize) -> Self {
        Self(Vec::with_capacity(steps))
    }

    /// Adds a row whose score is none of those before the last step.
    fn add(&mut self, score: f64, event: bool, weight: f64) {
        let (true_positives, false_positives) = totals(&self.0);
        match self.0.last_mut() {
            Some(last) if last.score.total_cmp(&score).is_eq() => {}
            _ => self.0.push(Step {
                score,
                true_positives,
                false_positives,
            }),
        }
        if let Some(last) = self.0.last_mut() {
            if event {
                last.true_positives += weight;
            } else {
                last.false_positives += weight;
            }
        }
    }
}

/// The points of a curve that begins with `first`, with room for `more`.
pub(super) fn starting_with(first: f64, more: usize) -> Vec<f64> {
    let mut points = Vec::with_capacity(more + 1);
    points.push(first);
    points
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
