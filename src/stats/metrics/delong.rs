//! Variance of the area under a ROC curve, and the paired test of two scores.
//!
//! The placement of an event is the number of non-events it outscores, ties half; that of a
//! non-event the number of events that outscore it. Both come out of one sort, which makes the
//! whole `O(n log n)`. The estimator is that of Biometrics 44 (1988), 837-845; the fast computation
//! that of Sun and Xu, IEEE Signal Processing Letters 21 (2014), 1389-1393.

use super::super::distributions::normal_upper_quantile;
use super::super::two_sided_p_value;
use super::steps::{check, check_both_classes};
use super::{Interval, MetricError, tail_of};

/// Rows of each class that a variance takes.
const SMALLEST_CLASS: usize = 2;

/// Area under the ROC curve and its variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeLong {
    /// Area under the ROC curve, in `0..=1`, ties half.
    pub auc: f64,
    /// Estimate of its variance; 0 when the classes do not overlap at all.
    ///
    /// With `P` events and `N` non-events, the sample variance (ddof 1) of the events' placements over
    /// `N² P` plus that of the non-events' over `P² N`.
    pub variance: f64,
}

impl DeLong {
    /// Standard error of the area.
    pub fn std_error(&self) -> f64 {
        self.variance.sqrt()
    }

    /// Two-sided normal interval of the area at a confidence level such as 0.95, cut to `0..=1`.
    ///
    /// # Errors
    /// [`MetricError::Level`] for a level that is not strictly between 0 and 1.
    pub fn interval(&self, level: f64) -> Result<Interval, MetricError> {
        let reach = normal_upper_quantile(tail_of(level)?) * self.std_error();
        Ok(Interval {
            low: (self.auc - reach).max(0.0),
            high: (self.auc + reach).min(1.0),
        })
    }
}

/// Comparison of the areas of two scores on the same rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeLongTest {
    /// The first score's area.
    pub first: DeLong,
    /// The second score's area.
    pub second: DeLong,
    /// Covariance of the two areas, which share their rows.
    pub covariance: f64,
    /// First area minus second.
    pub difference: f64,
    /// Variance of the difference: both variances less twice the covariance.
    pub variance: f64,
    /// Difference over its standard error; `None` when the variance is 0, as it is for two scores
    /// that rank the rows alike.
    pub z: Option<f64>,
    /// Two-sided normal p-value of `z`.
    pub p_value: Option<f64>,
}

impl DeLongTest {
    /// Two-sided normal interval of the difference at a confidence level such as 0.95.
    ///
    /// # Errors
    /// [`MetricError::Level`] for a level that is not strictly between 0 and 1.
    pub fn interval(&self, level: f64) -> Result<Interval, MetricError> {
        let reach = normal_upper_quantile(tail_of(level)?) * self.variance.sqrt();
        Ok(Interval {
            low: self.difference - reach,
            high: self.difference + reach,
        })
    }
}

/// Area under the ROC curve with its variance, see [`DeLong`].
///
/// # Errors
/// [`MetricError`]; [`MetricError::OneClass`] unless both classes are there,
/// [`MetricError::ClassTooSmall`] unless each has two rows.
pub fn delong(scores: &[f64], events: &[bool]) -> Result<DeLong, MetricError> {
    Ok(Placements::new(scores, events)?.estimate())
}

/// Paired test of two scores on the same rows, see [`DeLongTest`].
///
/// `first`, `second` and `events` have one entry for each row.
///
/// # Errors
/// [`MetricError`] as for [`delong`].
pub fn delong_test(
    first: &[f64],
    second: &[f64],
    events: &[bool],
) -> Result<DeLongTest, MetricError> {
    let a = Placements::new(first, events)?;
    let b = Placements::new(second, events)?;
    let [first, second] = [a.estimate(), b.estimate()];
    let difference = first.auc - second.auc;
    // Placements are whole or half numbers, so that their differences are exact: scores of one
    // ranking give a variance of exactly 0, which the sum of the three terms would miss.
    let gap = a.minus(&b);
    let variance = gap.covariance(&gap);
    let z = (variance > 0.0).then(|| difference / variance.sqrt());
    Ok(DeLongTest {
        first,
        second,
        covariance: a.covariance(&b),
        difference,
        variance,
        z,
        p_value: z.map(two_sided_p_value),
    })
}

/// Placements of both classes, each in the order of the rows.
struct Placements {
    events: Vec<f64>,
    non_events: Vec<f64>,
}

impl Placements {
    fn new(scores: &[f64], events: &[bool]) -> Result<Self, MetricError> {
        check(scores, events)?;
        check_both_classes(events)?;
        let positives = events.iter().filter(|event| **event).count();
        if positives.min(events.len() - positives) < SMALLEST_CLASS {
            return Err(MetricError::ClassTooSmall {
                needed: SMALLEST_CLASS,
            });
        }
        let mut order: Vec<(f64, usize)> = scores
            .iter()
            .enumerate()
            .map(|(row, score)| (score + 0.0, row))
            .collect();
        order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut placed = vec![0.0; scores.len()];
        let (mut events_below, mut non_events_below) = (0, 0);
        for tied in order.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
            let tied_events = tied.iter().filter(|(_, row)| events[*row]).count();
            let tied_non_events = tied.len() - tied_events;
            let outscored = non_events_below as f64 + 0.5 * tied_non_events as f64;
            let outscoring = (positives - events_below) as f64 - 0.5 * tied_events as f64;
            for (_, row) in tied {
                placed[*row] = if events[*row] { outscored } else { outscoring };
            }
            events_below += tied_events;
            non_events_below += tied_non_events;
        }
        let of = |class: bool| {
            let rows = placed.iter().zip(events);
            rows.filter(|(_, event)| **event == class)
                .map(|(place, _)| *place)
                .collect()
        };
        Ok(Self {
            events: of(true),
            non_events: of(false),
        })
    }

    fn estimate(&self) -> DeLong {
        let pairs = self.events.len() as f64 * self.non_events.len() as f64;
        DeLong {
            auc: self.events.iter().sum::<f64>() / pairs,
            variance: self.covariance(self),
        }
    }

    /// Covariance of two areas: each class's mean placements vary independently.
    fn covariance(&self, other: &Self) -> f64 {
        let (events, non_events) = (self.events.len() as f64, self.non_events.len() as f64);
        covariance(&self.events, &other.events) / (non_events * non_events * events)
            + covariance(&self.non_events, &other.non_events) / (events * events * non_events)
    }

    fn minus(&self, other: &Self) -> Self {
        let subtracted = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect();
        Self {
            events: subtracted(&self.events, &other.events),
            non_events: subtracted(&self.non_events, &other.non_events),
        }
    }
}

/// Sample covariance, divided by `n - 1`.
fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let count = a.len() as f64;
    let mean_a = a.iter().sum::<f64>() / count;
    let mean_b = b.iter().sum::<f64>() / count;
    let products = a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b));
    products.sum::<f64>() / (count - 1.0)
}
