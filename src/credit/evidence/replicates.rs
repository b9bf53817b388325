//! How far the numbers vary between samples like this one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{EvidenceError, EvidenceParams};
use crate::stats::{Bootstrap, BootstrapInterval, Interval, Roc, brier, gini, log_loss};

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
        let mut drawn = Sorted::default();
        let statistics = |rows: &[usize]| drawn.refill(&sorted, rows).statistics();
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
    p: Vec<f64>,
    events: Vec<bool>,
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
        for (p, event) in rows {
            sorted.p.push(p);
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

    /// Takes the given rows of `all` in place of its own.
    fn refill(&mut self, all: &Self, rows: &[usize]) -> &Self {
        fn take<T: Copy>(to: &mut Vec<T>, from: &[T], rows: &[usize]) {
            to.clear();
            to.extend(rows.iter().map(|&row| from[row]));
        }
        take(&mut self.p, &all.p, rows);
        take(&mut self.events, &all.events, rows);
        take(&mut self.brier, &all.brier, rows);
        take(&mut self.log_loss, &all.log_loss, rows);
        self
    }

    fn statistics(&self) -> [Option<f64>; 5] {
        let roc = Roc::new(&self.p, &self.events).ok();
        let auc = roc.as_ref().map(Roc::auc);
        let mean = |values: &[f64]| Some(values.iter().sum::<f64>() / values.len() as f64);
        [
            auc,
            auc.map(gini),
            roc.as_ref().map(Roc::kolmogorov_smirnov),
            mean(&self.brier),
            mean(&self.log_loss),
        ]
    }
}
