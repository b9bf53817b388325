//! Predicted against observed frequency, bin by bin.

use super::MetricError;
use super::steps::{check_probabilities, ratio};

/// Observed frequency and mean prediction per bin; empty bins are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrationCurve {
    /// Share of events in each bin.
    pub prob_true: Vec<f64>,
    /// Mean predicted probability in each bin, ascending.
    pub prob_pred: Vec<f64>,
    /// Rows in each bin.
    pub count: Vec<u64>,
    /// Lower edge of each bin, which it does not take (the first bin does).
    pub low: Vec<f64>,
    /// Upper edge of each bin, which it takes.
    pub high: Vec<f64>,
    /// Bins asked for, empty ones included.
    pub n_bins: usize,
}

/// Brier score in three parts (Murphy 1973), for forecasts read as the means of their bins.
///
/// `reliability - resolution + uncertainty` is the Brier score when all predictions of a bin are
/// equal; otherwise the score differs by what the predictions vary within the bins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BrierDecomposition {
    /// Mean squared distance of prediction and observed frequency; 0 is best.
    pub reliability: f64,
    /// Mean squared distance of the bins' frequencies from the overall one; large is best.
    pub resolution: f64,
    /// Variance of the outcome, `ȳ (1 - ȳ)`, which no forecast can change.
    pub uncertainty: f64,
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
    let inner = (1..n_bins).map(|i| i as f64 * width);
    let edges: Vec<f64> = [0.0].into_iter().chain(inner).chain([1.0]).collect();
    Ok(binned(p, events, &edges))
}

/// Calibration curve over bins that hold as equal numbers of rows as ties allow.
///
/// The edges are the `i / n_bins` quantiles of the predictions (linear interpolation, as numpy's
/// `percentile`); a bin takes its upper edge and not its lower one, so that equal predictions share
/// a bin, and bins that lose all their rows that way are left out.
///
/// # Errors
/// [`MetricError`] for no rows, unequal lengths, scores that are not probabilities and no bins.
pub fn calibration_curve_by_quantile(
    p: &[f64],
    events: &[bool],
    n_bins: usize,
) -> Result<CalibrationCurve, MetricError> {
    check_probabilities(p, events)?;
    if n_bins == 0 {
        return Err(MetricError::NoBins);
    }
    Ok(binned(p, events, &quantile_edges(p, n_bins)))
}

/// The `i / n_bins` quantiles of finite values for `i` in `0..=n_bins`, ascending: the least value,
/// the inner edges, the greatest.
///
/// Quantiles interpolate linearly, as numpy's `percentile` does. Empty for no values or no bins.
pub fn quantile_edges(values: &[f64], n_bins: usize) -> Vec<f64> {
    if values.is_empty() || n_bins == 0 {
        return Vec::new();
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len() - 1;
    (0..=n_bins)
        .map(|i| {
            // In whole numbers: whether a quantile falls on a row must not depend on rounding.
            let (row, rest) = (i * last / n_bins, i * last % n_bins);
            let (low, high) = (sorted[row], sorted[(row + 1).min(last)]);
            low + (high - low) * (rest as f64 / n_bins as f64)
        })
        .collect()
}

/// The curve over the bins between ascending `edges`, the outermost of which enclose all.
fn binned(p: &[f64], events: &[bool], edges: &[f64]) -> CalibrationCurve {
    let n_bins = edges.len() - 1;
    let inner = &edges[1..n_bins];
    let mut bins = vec![(0_u64, 0_u64, 0.0); n_bins];
    for (p, event) in p.iter().zip(events) {
        let bin = &mut bins[inner.partition_point(|edge| edge < p)];
        bin.0 += 1;
        bin.1 += u64::from(*event);
        bin.2 += p;
    }
    let mut curve = CalibrationCurve {
        prob_true: Vec::new(),
        prob_pred: Vec::new(),
        count: Vec::new(),
        low: Vec::new(),
        high: Vec::new(),
        n_bins,
    };
    for (bin, (count, events, sum)) in bins.into_iter().enumerate() {
        if count > 0 {
            curve.prob_true.push(events as f64 / count as f64);
            curve.prob_pred.push(sum / count as f64);
            curve.count.push(count);
            curve.low.push(edges[bin]);
            curve.high.push(edges[bin + 1]);
        }
    }
    curve
}

impl CalibrationCurve {
    /// Expected calibration error: mean distance of prediction and frequency, bins by their rows, in
    /// `0..=1` (Naeini, Cooper and Hauskrecht 2015).
    pub fn expected_error(&self) -> f64 {
        self.mean_over_rows(|bin| (self.prob_true[bin] - self.prob_pred[bin]).abs())
    }

    /// Maximum calibration error: largest distance of prediction and frequency over the bins, in
    /// `0..=1`.
    pub fn maximum_error(&self) -> f64 {
        let bins = self.prob_true.iter().zip(&self.prob_pred);
        bins.map(|(observed, predicted)| (observed - predicted).abs())
            .fold(0.0, f64::max)
    }

    /// What the Brier score is made of: with `n` the rows of a bin among `N`, `p̄` its mean prediction
    /// and `ȳ` its frequency, `Σ (n / N)(p̄ − ȳ)²`, `Σ (n / N)(ȳ − overall)²` and the overall variance.
    pub fn brier_decomposition(&self) -> BrierDecomposition {
        let overall = self.mean_over_rows(|bin| self.prob_true[bin]);
        let square = |x: f64| x * x;
        BrierDecomposition {
            reliability: self
                .mean_over_rows(|bin| square(self.prob_pred[bin] - self.prob_true[bin])),
            resolution: self.mean_over_rows(|bin| square(self.prob_true[bin] - overall)),
            uncertainty: overall * (1.0 - overall),
        }
    }

    fn mean_over_rows(&self, value: impl Fn(usize) -> f64) -> f64 {
        let rows: u64 = self.count.iter().sum();
        let sum: f64 = (0..self.count.len())
            .map(|bin| self.count[bin] as f64 * value(bin))
            .sum();
        ratio(sum, rows as f64)
    }
}
