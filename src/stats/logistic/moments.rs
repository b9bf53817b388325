//! The first pass over the rows: their checks, and what centres and scales the columns.

use super::blocks::DesignBlocks;
use super::fit::FitError;
use super::groups::{Group, each_group};
use super::panels::{LANES, Lanes, Panels, add};

/// Largest magnitude of a value or a weight: squares and their sums stay finite.
pub(super) const LARGEST: f64 = 1e100;

/// Weights of the classes, and location and spread of every column over the rows of positive weight.
pub(super) struct Moments {
    pub(super) event_weight: f64,
    pub(super) other_weight: f64,
    pub(super) mean: Vec<f64>,
    /// Divided by the sum of the weights; exactly 0 for a constant column.
    pub(super) deviation: Vec<f64>,
    pub(super) smallest: Vec<f64>,
    pub(super) largest: Vec<f64>,
}

/// One pass over the rows; `see` is shown every group that passed the checks.
pub(super) fn over_rows(
    source: &dyn DesignBlocks,
    cancelled: &dyn Fn() -> bool,
    see: &mut dyn FnMut(Group<'_>),
) -> Result<Moments, FitError> {
    let mut pass = Pass::new(source.columns());
    each_group(source, cancelled, &mut |group| {
        pass.take(group)?;
        see(group);
        Ok(())
    })?;
    Ok(pass.finish())
}

/// Moments of four columns.
#[derive(Clone, Copy)]
struct Column {
    mean: Lanes,
    /// Sum of squared deviations from the mean.
    spread: Lanes,
    smallest: Lanes,
    largest: Lanes,
}

struct Pass {
    columns: usize,
    panels: Panels,
    origin: Vec<Lanes>,
    moments: Vec<Column>,
    event_weight: f64,
    other_weight: f64,
}

impl Pass {
    fn new(columns: usize) -> Self {
        let panels = columns.div_ceil(LANES);
        let none = Column {
            mean: [0.0; LANES],
            spread: [0.0; LANES],
            smallest: [f64::INFINITY; LANES],
            largest: [f64::NEG_INFINITY; LANES],
        };
        Self {
            columns,
            panels: Panels::new(columns),
            origin: vec![[0.0; LANES]; panels],
            moments: vec![none; panels],
            event_weight: 0.0,
            other_weight: 0.0,
        }
    }

    fn take(&mut self, group: Group<'_>) -> Result<(), FitError> {
        self.check_weights(&group)?;
        let before = self.event_weight + self.other_weight;
        let (mut events, mut others) = (0.0, 0.0);
        for (place, event) in group.events.iter().enumerate() {
            let class = if *event { &mut events } else { &mut others };
            *class += group.weight(place);
        }
        let weight: f64 = events + others;
        self.event_weight += events;
        self.other_weight += others;
        self.panels.load(group.values, &self.origin);
        let mut sound = true;
        for (panel, total) in self.panels.each(group.events.len()).zip(&mut self.moments) {
            let part = match group.weights {
                None => plain(panel),
                Some(weights) => weighted(panel, weights, weight),
            };
            sound &= part.is_sound();
            total.join(before, &part, weight);
        }
        // Values of rows that do not count leave no trace in the moments.
        if !sound || group.weights.is_some() {
            self.check_values(&group)?;
        }
        Ok(())
    }

    fn check_weights(&self, group: &Group<'_>) -> Result<(), FitError> {
        let out_of_range = |value: &f64| !(0.0..=LARGEST).contains(value);
        let weights = group.weights.unwrap_or_default();
        match weights.iter().position(out_of_range) {
            Some(place) => Err(FitError::WeightOutOfRange {
                row: group.first + place,
            }),
            None => Ok(()),
        }
    }

    fn check_values(&self, group: &Group<'_>) -> Result<(), FitError> {
        let out_of_range = |value: &f64| !(-LARGEST..=LARGEST).contains(value);
        match group.values.iter().position(out_of_range) {
            Some(position) => Err(FitError::NonFinite {
                row: group.first + position / self.columns,
                column: position % self.columns,
            }),
            None => Ok(()),
        }
    }

    fn finish(self) -> Moments {
        let total = self.event_weight + self.other_weight;
        let each = |of: fn(&Column) -> &Lanes| -> Vec<f64> {
            let lanes = self.moments.iter().flat_map(of).copied();
            lanes.take(self.columns).collect()
        };
        let (smallest, largest) = (each(|c| &c.smallest), each(|c| &c.largest));
        let mut deviation = each(|c| &c.spread);
        for ((value, low), high) in deviation.iter_mut().zip(&smallest).zip(&largest) {
            *value = if low < high {
                (*value / total).sqrt()
            } else {
                0.0
            };
        }
        Moments {
            event_weight: self.event_weight,
            other_weight: self.other_weight,
            mean: each(|c| &c.mean),
            deviation,
            smallest,
            largest,
        }
    }
}

impl Column {
    /// Whether every value is finite and in range.
    fn is_sound(&self) -> bool {
        let ends = self.smallest.iter().zip(&self.largest).zip(&self.mean);
        // Written so that NaN fails; it is seen in the mean only.
        ends.into_iter()
            .all(|((low, high), mean)| *low >= -LARGEST && *high <= LARGEST && mean.is_finite())
    }

    /// Joins the moments of further rows (Chan, Golub and `LeVeque` 1979).
    fn join(&mut self, before: f64, part: &Self, weight: f64) {
        if weight <= 0.0 {
            return;
        }
        let share = weight / (before + weight);
        for lane in 0..LANES {
            let gap = if before > 0.0 {
                part.mean[lane] - self.mean[lane]
            } else {
                self.mean[lane] = part.mean[lane];
                0.0
            };
            self.mean[lane] += gap * share;
            self.spread[lane] += part.spread[lane] + gap * gap * before * share;
            self.smallest[lane] = self.smallest[lane].min(part.smallest[lane]);
            self.largest[lane] = self.largest[lane].max(part.largest[lane]);
        }
    }
}

/// Moments of the rows of a panel, all of weight 1.
///
/// Deviations from the first row, not the values themselves: a large common offset (a year, an
/// account number) would otherwise cost the mean its last digits.
#[inline(never)]
fn plain(rows: &[Lanes]) -> Column {
    let first = rows.first().copied().unwrap_or_default();
    let mut sums = [0.0; LANES];
    let (mut smallest, mut largest) = (first, first);
    for x in rows {
        for lane in 0..LANES {
            sums[lane] += x[lane] - first[lane];
            smallest[lane] = if x[lane] < smallest[lane] {
                x[lane]
            } else {
                smallest[lane]
            };
            largest[lane] = if x[lane] > largest[lane] {
                x[lane]
            } else {
                largest[lane]
            };
        }
    }
    let mut mean = first;
    add(&mut mean, &sums.map(|sum| sum / rows.len() as f64));
    let mut spread = [0.0; LANES];
    for x in rows {
        for lane in 0..LANES {
            let deviation = x[lane] - mean[lane];
            spread[lane] += deviation * deviation;
        }
    }
    Column {
        mean,
        spread,
        smallest,
        largest,
    }
}

/// As [`plain`], with weights that sum to `total`; rows of weight 0 are as good as absent.
fn weighted(rows: &[Lanes], weights: &[f64], total: f64) -> Column {
    let first = rows.first().copied().unwrap_or_default();
    let mut sums = [0.0; LANES];
    let (mut smallest, mut largest) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    for (x, weight) in rows
        .iter()
        .zip(weights)
        .filter(|(_, weight)| **weight > 0.0)
    {
        for lane in 0..LANES {
            sums[lane] += weight * (x[lane] - first[lane]);
            smallest[lane] = smallest[lane].min(x[lane]);
            largest[lane] = largest[lane].max(x[lane]);
        }
    }
    let mut mean = first;
    add(&mut mean, &sums.map(|sum| sum / total));
    let mut spread = [0.0; LANES];
    for (x, weight) in rows.iter().zip(weights) {
        for lane in 0..LANES {
            let deviation = x[lane] - mean[lane];
            spread[lane] += weight * deviation * deviation;
        }
    }
    Column {
        mean,
        spread,
        smallest,
        largest,
    }
}
