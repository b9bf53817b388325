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
    /// Which rows are events.
    events: Vec<bool>,
    /// How many rows are no events, and how many are.
    classes: [usize; 2],
    seed: u64,
}

/// How often a replicate has drawn each row.
#[derive(Clone, Debug, Default)]
pub struct Drawn {
    /// Of each class by itself, in the order of its rows: few bytes, as they are met at random.
    classes: [Vec<u8>; 2],
    times: Vec<u8>,
}

impl Drawn {
    /// How often each row is in the replicate, in the order of the rows.
    ///
    /// A byte is enough: a class of up to 255 rows draws no more often than that, and in a larger one
    /// the odds of a row to be drawn 256 times are below 1 in 256!, which is some 1e507.
    pub fn times(&self) -> &[u8] {
        &self.times
    }
}

impl Bootstrap {
    /// Samples of the rows that `events` describes.
    ///
    /// # Errors
    /// [`BootstrapError::OneClass`] unless both classes are there.
    pub fn new(events: &[bool], seed: u64) -> Result<Self, BootstrapError> {
        let count = events.iter().filter(|event| **event).count();
        let classes = [events.len() - count, count];
        if classes.contains(&0) {
            return Err(BootstrapError::OneClass);
        }
        Ok(Self {
            events: events.to_vec(),
            classes,
            seed,
        })
    }

    /// Draws one replicate with replacement within each class, in place of what was in `drawn`.
    pub fn draw(&self, replicate: u64, drawn: &mut Drawn) {
        let mut generator = ChaCha8Rng::seed_from_u64(self.seed);
        generator.set_stream(replicate);
        // Events first.
        for class in [1, 0] {
            let (rows, times) = (self.classes[class], &mut drawn.classes[class]);
            times.clear();
            times.resize(rows, 0);
            for _ in 0..rows {
                let times = &mut times[generator.random_range(0..rows)];
                *times = times.saturating_add(1);
            }
        }
        let mut next = [0; 2];
        drawn.times.clear();
        drawn.times.extend(self.events.iter().map(|event| {
            let class = usize::from(*event);
            let times = drawn.classes[class][next[class]];
            next[class] += 1;
            times
        }));
    }

    /// Percentile intervals of several statistics over the same `replicates`, 2 or more, at a
    /// confidence `level` such as 0.95.
    ///
    /// `statistics` is given how often a replicate has [each row](Drawn::times) and answers with one
    /// number per statistic, or `None` where it is undefined there. `cancelled` is asked before every
    /// replicate. A statistic that is defined in fewer than two replicates has no interval.
    ///
    /// # Errors
    /// [`BootstrapError`] for fewer than two replicates, a level out of range, or cancellation.
    pub fn intervals<const N: usize>(
        &self,
        replicates: u32,
        level: f64,
        mut statistics: impl FnMut(&[u8]) -> [Option<f64>; N],
        cancelled: &dyn Fn() -> bool,
    ) -> Result<[Option<BootstrapInterval>; N], BootstrapError> {
        if replicates < 2 {
            return Err(BootstrapError::Replicates(replicates));
        }
        tail_of(level).map_err(|_| BootstrapError::Level)?;
        let mut drawn = Drawn::default();
        let mut values: [Vec<f64>; N] = std::array::from_fn(|_| Vec::new());
        for replicate in 0..replicates {
            if cancelled() {
                return Err(BootstrapError::Cancelled);
            }
            self.draw(u64::from(replicate), &mut drawn);
            let found = statistics(drawn.times());
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
