//! How far the numbers vary between samples like this one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{EvidenceError, EvidenceParams};
use crate::stats::{Bootstrap, BootstrapInterval, Interval, brier, gini, log_loss};

/// A confidence interval and the standard error that goes with it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceSpread)]
pub struct Spread {
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Standard error.
    pub std_error: f64,
}

impl Spread {
    pub(super) fn new(interval: Interval, std_error: f64) -> Self {
        Self {
            low: interval.low,
            high: interval.high,
            std_error,
        }
    }
}

impl From<BootstrapInterval> for Spread {
    fn from(found: BootstrapInterval) -> Self {
        Self::new(found.interval, found.std_error)
    }
}

/// What the bootstrap tells; nothing in a sample of one class.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Replicates {
    pub auc: Option<Spread>,
    pub gini: Option<Spread>,
    pub ks: Option<Spread>,
    pub brier: Option<Spread>,
    pub log_loss: Option<Spread>,
}

impl Replicates {
    /// Stratified replicates of checked probabilities.
    ///
    /// The rows are put in the order of their probabilities, bads first among equals: a replicate
    /// then comes out of the generator sorted, and the intervals do not depend on the order in which
    /// the rows were given.
    pub fn draw(
        p: &[f64],
        events: &[bool],
        params: &EvidenceParams,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Self, EvidenceError> {
        if params.replicates == 0 {
            return Ok(Self::default());
        }
        let sorted = Sorted::new(p, events);
        let Ok(bootstrap) = Bootstrap::new(&sorted.events, params.seed) else {
            return Ok(Self::default());
        };
        let statistics = |times: &[u8]| sorted.statistics(times);
        let found = bootstrap.intervals(params.replicates, params.level, statistics, cancelled)?;
        let [auc, gini, ks, brier, log_loss] = found.map(|found| found.map(Spread::from));
        Ok(Self {
            auc,
            gini,
            ks,
            brier,
            log_loss,
        })
    }
}

/// Rows in descending order of their probabilities, with what each adds to the losses.
#[derive(Default)]
struct Sorted {
    events: Vec<bool>,
    /// Whether the next row has another probability, or there is none.
    ends: Vec<bool>,
    brier: Vec<f64>,
    log_loss: Vec<f64>,
}

impl Sorted {
    fn new(p: &[f64], events: &[bool]) -> Self {
        let mut rows: Vec<(f64, bool)> = p
            .iter()
            .map(|p| p + 0.0)
            .zip(events.iter().copied())
            .collect();
        rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
        let mut sorted = Self::default();
        for (place, &(p, event)) in rows.iter().enumerate() {
            let next = rows.get(place + 1);
            sorted
                .ends
                .push(next.is_none_or(|next| next.0.total_cmp(&p).is_ne()));
            sorted.events.push(event);
            // A row's share in a mean is its loss as a sample of its own.
            let alone = ([p], [event]);
            sorted
                .brier
                .push(brier(&alone.0, &alone.1).unwrap_or_default());
            sorted
                .log_loss
                .push(log_loss(&alone.0, &alone.1).unwrap_or_default());
        }
        sorted
    }

    /// What [`Roc`](crate::stats::Roc) and the losses say of the sample that has each row so many
    /// times, in one pass: AUC, Gini coefficient, Kolmogorov-Smirnov distance, Brier score, log-loss.
    fn statistics(&self, times: &[u8]) -> [Option<f64>; 5] {
        let whole: [u64; 2] = self.counts(times);
        let [goods, bads] = whole;
        // Goods and bads down to here, and down to the probability before.
        let (mut met, mut before) = ([0_u64; 2], [0_u64; 2]);
        // Twice the pairs of a good and a bad that are in order, ties half; and the distance in such
        // pairs: whole numbers, so that nothing is rounded.
        let (mut ordered, mut distance) = (0_u64, 0_u64);
        let (mut brier, mut log_loss) = (0.0, 0.0);
        let rows = self.events.iter().zip(&self.ends);
        let losses = self.brier.iter().zip(&self.log_loss);
        for ((times, (event, ends)), losses) in times.iter().zip(rows).zip(losses) {
            let share = f64::from(*times);
            brier += share * losses.0;
            log_loss += share * losses.1;
            let times = u64::from(*times);
            let bad = u64::from(*event);
            met[0] += times * (1 - bad);
            met[1] += times * bad;
            if *ends {
                ordered += (met[0] - before[0]) * (met[1] + before[1]);
                distance = distance.max((met[1] * goods).abs_diff(met[0] * bads));
                before = met;
            }
        }
        let pairs = (goods * bads) as f64;
        let rows = (goods + bads) as f64;
        let of_both = |value: f64| (pairs > 0.0).then_some(value / pairs);
        let auc = of_both(0.5 * ordered as f64);
        [
            auc,
            auc.map(gini),
            of_both(distance as f64),
            Some(brier / rows),
            Some(log_loss / rows),
        ]
    }

    /// How many goods and bads there are in all.
    fn counts(&self, times: &[u8]) -> [u64; 2] {
        let mut counts = [0; 2];
        for (times, event) in times.iter().zip(&self.events) {
            counts[usize::from(*event)] += u64::from(*times);
        }
        counts
    }
}
