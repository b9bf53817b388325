//! Stratified bootstrap: how far any statistic varies between samples like this one.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Interval, MetricError, tail_of};

/// Replicates that an interval takes at least.
const FEWEST_REPLICATES: usize = 2;

/// Why there are no bootstrap intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BootstrapError {
    /// Only one class is there, or none.
    #[error("the rows hold only one class")]
    OneClass,
    /// Fewer than two replicates were asked for.
    #[error("there must be at least 2 replicates, got {0}")]
    Replicates(u32),
    /// The confidence level is not strictly between 0 and 1.
    #[error("the confidence level must be between 0 and 1, both excluded")]
    Level,
    /// The caller withdrew.
    #[error("the bootstrap was cancelled")]
    Cancelled,
}

/// What the replicates tell about one statistic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BootstrapInterval {
    /// Ends of the percentile interval.
    ///
    /// A statistic that resampling pushes to one side, as it does the Kolmogorov-Smirnov distance,
    /// may lie outside its own percentile interval.
    pub interval: Interval,
    /// Standard deviation of the replicates (divided by their number less one).
    pub std_error: f64,
    /// Replicates in which the statistic was defined.
    pub replicates: u32,
}

/// Seeded bootstrap samples that keep the number of rows of each class.
///
/// Every replicate draws from its own stream of a `ChaCha8` generator: a replicate is the same
/// whichever others were drawn before it or beside it, on every machine.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    events: Vec<usize>,
    non_events: Vec<usize>,
    seed: u64,
}

impl Bootstrap {
    /// Samples of the rows that `events` describes.
    ///
    /// # Errors
    /// [`BootstrapError::OneClass`] unless both classes are there.
    pub fn new(events: &[bool], seed: u64) -> Result<Self, BootstrapError> {
        let (with, without): (Vec<usize>, Vec<usize>) = (0..events.len()).partition(|&i| events[i]);
        if with.is_empty() || without.is_empty() {
            return Err(BootstrapError::OneClass);
        }
        Ok(Self {
            events: with,
            non_events: without,
            seed,
        })
    }

    /// Rows of one replicate, ascending, drawn with replacement within each class.
    ///
    /// Ascending, so that statistics over a sample sorted by score find it nearly sorted.
    pub fn rows(&self, replicate: u64) -> Vec<usize> {
        let mut generator = ChaCha8Rng::seed_from_u64(self.seed);
        generator.set_stream(replicate);
        let mut times = vec![0_u32; self.events.len() + self.non_events.len()];
        for class in [&self.events, &self.non_events] {
            for _ in 0..class.len() {
                times[class[generator.random_range(0..class.len())]] += 1;
            }
        }
        let mut rows = Vec::with_capacity(times.len());
        for (row, times) in times.into_iter().enumerate() {
            rows.extend((0..times).map(|_| row));
        }
        rows
    }

    /// Percentile intervals of several statistics over the same `replicates`, 2 or more, at a
    /// confidence `level` such as 0.95.
    ///
    /// `statistics` is given the rows of a replicate and answers with one number per statistic, or
    /// `None` where it is undefined there. `cancelled` is asked before every replicate. A statistic
    /// that is defined in fewer than two replicates has no interval.
    ///
    /// # Errors
    /// [`BootstrapError`] for fewer than two replicates, a level out of range, or cancellation.
    pub fn intervals<const N: usize>(
        &self,
        replicates: u32,
        level: f64,
        mut statistics: impl FnMut(&[usize]) -> [Option<f64>; N],
        cancelled: &dyn Fn() -> bool,
    ) -> Result<[Option<BootstrapInterval>; N], BootstrapError> {
        if replicates < 2 {
            return Err(BootstrapError::Replicates(replicates));
        }
        tail_of(level).map_err(|_| BootstrapError::Level)?;
        let mut values: [Vec<f64>; N] = std::array::from_fn(|_| Vec::new());
        for replicate in 0..replicates {
            if cancelled() {
                return Err(BootstrapError::Cancelled);
            }
            let found = statistics(&self.rows(u64::from(replicate)));
            for (values, value) in values.iter_mut().zip(found) {
                values.extend(value);
            }
        }
        Ok(values.map(|values| percentile_interval(values, level).ok().flatten()))
    }
}

/// Percentile interval of one statistic's replicates, in any order (Efron and Tibshirani 1993).
///
/// The quantiles interpolate linearly between the sorted values, as numpy's do. Values that are not
/// finite are left out; `None` when fewer than two are left.
///
/// # Errors
/// [`MetricError::Level`] for a level that is not strictly between 0 and 1.
pub fn percentile_interval(
    mut values: Vec<f64>,
    level: f64,
) -> Result<Option<BootstrapInterval>, MetricError> {
    let tail = tail_of(level)?;
    values.retain(|value| value.is_finite());
    if values.len() < FEWEST_REPLICATES {
        return Ok(None);
    }
    // Sorted before anything is summed: the order of the replicates must not show.
    values.sort_unstable_by(f64::total_cmp);
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    Ok(Some(BootstrapInterval {
        interval: Interval {
            low: quantile(&values, tail),
            high: quantile(&values, 1.0 - tail),
        },
        std_error: (squares / (count - 1.0)).sqrt(),
        replicates: u32::try_from(values.len()).unwrap_or(u32::MAX),
    }))
}

/// Quantile of ascending values by linear interpolation.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len() - 1;
    let place = share * last as f64;
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let (low, high) = (sorted[below], sorted[above]);
    (low + (high - low) * (place - below as f64)).min(high)
}
