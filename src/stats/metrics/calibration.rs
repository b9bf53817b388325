//! Predicted against observed frequency.

use super::{MetricError, check_probabilities};

/// Observed frequency and mean prediction per bin; empty bins are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrationCurve {
    /// Share of events in each bin.
    pub prob_true: Vec<f64>,
    /// Mean predicted probability in each bin, ascending.
    pub prob_pred: Vec<f64>,
    /// Rows in each bin.
    pub count: Vec<u64>,
    /// Bins asked for, empty ones included.
    pub n_bins: usize,
}

/// Calibration curve over `n_bins` equal bins of `0..=1`.
///
/// A bin takes its upper edge and not its lower one, `(low, high]`; the first takes 0 too.
///
/// # Errors
/// [`MetricError`] for no rows, unequal lengths, scores that are not probabilities and no bins.
pub fn calibration_curve(
    p: &[f64],
    events: &[bool],
    n_bins: usize,
) -> Result<CalibrationCurve, MetricError> {
    check_probabilities(p, events)?;
    if n_bins == 0 {
        return Err(MetricError::NoBins);
    }
    let width = 1.0 / n_bins as f64;
    // The inner edges as numpy's linspace rounds them: a probability that sits on an edge, such as
    // 0.3, must fall on the same side as it does there.
    let edges: Vec<f64> = (1..n_bins).map(|i| i as f64 * width).collect();
    let mut bins = vec![(0_u64, 0_u64, 0.0); n_bins];
    for (p, event) in p.iter().zip(events) {
        let bin = &mut bins[edges.partition_point(|edge| edge < p)];
        bin.0 += 1;
        bin.1 += u64::from(*event);
        bin.2 += p;
    }
    bins.retain(|(count, ..)| *count > 0);
    Ok(CalibrationCurve {
        prob_true: bins.iter().map(|b| b.1 as f64 / b.0 as f64).collect(),
        prob_pred: bins.iter().map(|b| b.2 / b.0 as f64).collect(),
        count: bins.iter().map(|b| b.0).collect(),
        n_bins,
    })
}
