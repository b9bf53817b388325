//! Gains table: events, lift and Kolmogorov-Smirnov distance band by band.

use super::MetricError;
use super::steps::{Step, check, check_both_classes, descending_steps, ratio, totals};

/// One band of scores; cumulative numbers run from the highest score to the end of this band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// Lowest score the band takes; `None` when it is open below.
    pub low: Option<f64>,
    /// In a table by count the highest score in the band, which it takes; in a table by edges its
    /// upper edge, which it does not take, or `None` when it is open above.
    pub high: Option<f64>,
    /// Rows in the band.
    pub count: u64,
    /// Events among them.
    pub events: u64,
    /// Non-events among them.
    pub non_events: u64,
    /// Share of events in the band; `None` when it is empty.
    pub event_rate: Option<f64>,
    /// Share of all rows up to here.
    pub cumulative_count: f64,
    /// Share of all events up to here (gain, capture rate).
    pub cumulative_events: f64,
    /// Share of all non-events up to here.
    pub cumulative_non_events: f64,
    /// Event rate of the band over that of all rows; `None` when it is empty.
    pub lift: Option<f64>,
    /// Event rate up to here over that of all rows; `None` when there are no rows up to here.
    pub cumulative_lift: Option<f64>,
    /// Distance of the two cumulative shares, without its sign.
    pub ks: f64,
}

/// Bands from the highest score to the lowest.
#[derive(Clone, Debug, PartialEq)]
pub struct GainsTable {
    /// The bands, highest scores first.
    pub bands: Vec<Band>,
    /// Share of events among all rows.
    pub event_rate: f64,
}

impl GainsTable {
    /// Table of as many bands of as equal size as ties allow: ten for deciles.
    ///
    /// Rows of one score are never divided: they all belong to the band of the first of them, which
    /// without ties is `⌊rank · bands / n⌋`, the rank counted from 0 and from the highest score. A
    /// band that loses all its rows that way is left out.
    ///
    /// # Errors
    /// [`MetricError`]; [`MetricError::NoBins`] for no bands, [`MetricError::OneClass`] unless both
    /// classes are there.
    pub fn by_count(scores: &[f64], events: &[bool], bands: usize) -> Result<Self, MetricError> {
        let steps = steps_of(scores, events)?;
        if bands == 0 {
            return Err(MetricError::NoBins);
        }
        let rows = scores.len() as u128;
        let mut before = 0;
        let band_of_step: Vec<u128> = steps
            .iter()
            .map(|step| {
                // Whole numbers: a row on the border must not depend on rounding.
                let band = before * bands as u128 / rows;
                before = (step.true_positives + step.false_positives) as u128;
                band
            })
            .collect();
        let mut table = Builder::new(&steps);
        let mut from = 0;
        for group in band_of_step.chunk_by(|a, b| a == b) {
            let to = from + group.len();
            let bounds = (Some(steps[to - 1].score), Some(steps[from].score));
            table.push(bounds, Some(&steps[to - 1]));
            from = to;
        }
        Ok(table.finish())
    }

    /// Table of the score bands between given `edges`, empty ones included.
    ///
    /// A band takes its lower edge and not its upper one, `[low, high)`, as a cut-off does; the
    /// first and the last band are open.
    ///
    /// # Errors
    /// [`MetricError`]; [`MetricError::Edges`] unless the edges are finite and strictly ascending,
    /// [`MetricError::OneClass`] unless both classes are there.
    pub fn by_edges(scores: &[f64], events: &[bool], edges: &[f64]) -> Result<Self, MetricError> {
        let steps = steps_of(scores, events)?;
        let ascending = edges.is_sorted_by(|a, b| a < b);
        if edges.is_empty() || !ascending || edges.iter().any(|edge| !edge.is_finite()) {
            return Err(MetricError::Edges);
        }
        let mut table = Builder::new(&steps);
        let mut high = None;
        let lows = edges.iter().rev().copied().map(Some).chain([None]);
        for low in lows {
            let to = low.map_or(steps.len(), |low| {
                steps.partition_point(|step| step.score >= low)
            });
            table.push((low, high), to.checked_sub(1).map(|last| &steps[last]));
            high = low;
        }
        Ok(table.finish())
    }

    /// Largest distance at the end of a band, in `0..=1`.
    ///
    /// Never above the Kolmogorov-Smirnov distance of the scores, which looks between the ends too.
    pub fn kolmogorov_smirnov(&self) -> f64 {
        self.bands
            .iter()
            .fold(0.0, |largest, band| band.ks.max(largest))
    }
}

fn steps_of(scores: &[f64], events: &[bool]) -> Result<Vec<Step>, MetricError> {
    check(scores, events)?;
    check_both_classes(events)?;
    Ok(descending_steps(scores, events, None))
}

/// Bands so far, and the counts at the end of the last one.
struct Builder {
    bands: Vec<Band>,
    totals: (f64, f64),
    before: (f64, f64),
}

impl Builder {
    fn new(steps: &[Step]) -> Self {
        Self {
            bands: Vec::new(),
            totals: totals(steps),
            before: (0.0, 0.0),
        }
    }

    fn event_rate(&self) -> f64 {
        self.totals.0 / (self.totals.0 + self.totals.1)
    }

    /// Adds the band that ends with the step `last`; `None` when nothing has been scored yet.
    fn push(&mut self, (low, high): (Option<f64>, Option<f64>), last: Option<&Step>) {
        let after = last.map_or((0.0, 0.0), |step| {
            (step.true_positives, step.false_positives)
        });
        let (events, non_events) = (after.0 - self.before.0, after.1 - self.before.1);
        let rate = |events: f64, rows: f64| (rows > 0.0).then(|| events / rows);
        let overall = self.event_rate();
        let event_rate = rate(events, events + non_events);
        let cumulative_events = ratio(after.0, self.totals.0);
        let cumulative_non_events = ratio(after.1, self.totals.1);
        self.bands.push(Band {
            low,
            high,
            count: (events + non_events) as u64,
            events: events as u64,
            non_events: non_events as u64,
            event_rate,
            cumulative_count: ratio(after.0 + after.1, self.totals.0 + self.totals.1),
            cumulative_events,
            cumulative_non_events,
            lift: event_rate.map(|rate| rate / overall),
            cumulative_lift: rate(after.0, after.0 + after.1).map(|rate| rate / overall),
            ks: (cumulative_events - cumulative_non_events).abs(),
        });
        self.before = after;
    }

    fn finish(self) -> GainsTable {
        GainsTable {
            event_rate: self.event_rate(),
            bands: self.bands,
        }
    }
}
