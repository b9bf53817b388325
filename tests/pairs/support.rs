//! Applicants whose risk is known.

#[path = "../support/numbers.rs"]
#[expect(dead_code, reason = "not every test binary draws in every way")]
mod numbers;

pub use self::numbers::Numbers;

use credit_risk::{
    credit::{
        binning::{
            Binner, Binning, BinningParams, NumericRules, Prebins, Target, Trend, UserBreak,
        },
        pairs::{FoundPair, PairParams, PairRows, find_pairs},
    },
    stats::{LogisticFit, LogisticSpec, Matrix, sigmoid},
};

/// Values of a characteristic: 0 to 5, each a bin of its own.
pub const VALUES: usize = 6;

/// Applicants with their bins, and the log-odds that a model of the main effects gives them.
pub struct Book {
    pub binnings: Vec<Binning>,
    pub bins: Vec<Vec<u32>>,
    pub events: Vec<bool>,
    pub log_odds: Vec<f64>,
    pub weights: Option<Vec<f64>>,
}

impl Book {
    /// Applicants with these values, a column for each characteristic, and these outcomes; the
    /// model is fitted on weight of evidence.
    pub fn new(values: &[Vec<u32>], events: Vec<bool>) -> Self {
        let binnings: Vec<Binning> = values.iter().map(|of| binning(of, &events)).collect();
        let log_odds = main_effects(&binnings, values, &events);
        Self {
            binnings,
            bins: values.to_vec(),
            events,
            log_odds,
            weights: None,
        }
    }

    /// So many applicants with even values of so many characteristics, whose log-odds of default
    /// `risk` gives.
    pub fn drawn(
        seed: u64,
        rows: usize,
        characteristics: usize,
        risk: impl Fn(&[u32]) -> f64,
    ) -> Self {
        let mut numbers = Numbers(seed);
        let mut values = vec![Vec::new(); characteristics];
        let mut events = Vec::new();
        for _ in 0..rows {
            let row: Vec<u32> = (0..characteristics)
                .map(|_| numbers.below(VALUES) as u32)
                .collect();
            events.push(numbers.uniform() < sigmoid(risk(&row)));
            for (column, value) in values.iter_mut().zip(row) {
                column.push(value);
            }
        }
        Self::new(&values, events)
    }

    pub fn find(&self, params: PairParams) -> Vec<FoundPair> {
        let binnings: Vec<&Binning> = self.binnings.iter().collect();
        let rows = self.rows(&binnings);
        find_pairs(&rows, &params.check().unwrap(), &|| false).unwrap()
    }

    pub fn rows<'a>(&'a self, binnings: &'a [&'a Binning]) -> PairRows<'a> {
        PairRows {
            binnings,
            bins: &self.bins,
            log_odds: &self.log_odds,
            events: &self.events,
            weights: self.weights.as_deref(),
        }
    }
}

/// Positions of the pairs' characteristics.
pub fn members(found: &[FoundPair]) -> Vec<(u32, u32)> {
    let pairs = found.iter().map(|found| &found.pair);
    pairs.map(|pair| (pair.first, pair.second)).collect()
}

/// A bin for each of the values, then that of missing ones.
pub fn binning(values: &[u32], events: &[bool]) -> Binning {
    let breaks: Vec<f64> = (1..VALUES).map(|value| value as f64).collect();
    let params = BinningParams {
        prebins: Prebins::Quantile { bins: 20 },
        trend: Trend::None,
        max_bins: 256,
        min_share: 0.0,
        min_goods: 0,
        min_bads: 0,
        ..BinningParams::default()
    };
    let rules = NumericRules {
        breaks: UserBreak::all_fixed(&breaks),
        ..NumericRules::default()
    };
    let target = Target::new(events, None).unwrap();
    let values: Vec<f64> = values.iter().map(|&value| value.into()).collect();
    Binner::new(target, params.check().unwrap())
        .numeric(&values, &rules)
        .unwrap()
}

/// Log-odds of each row by a model on the weights of evidence.
fn main_effects(binnings: &[Binning], bins: &[Vec<u32>], events: &[bool]) -> Vec<f64> {
    let columns = || binnings.iter().zip(bins);
    let row = |row: usize| columns().map(move |(binning, bins)| binning.woe(bins[row] as usize));
    let cells = (0..events.len()).flat_map(row).collect();
    let design = Matrix::from_vec(events.len(), binnings.len(), cells).unwrap();
    log_odds(&fit(&design, events), &design)
}

/// The ridge fit that the service makes by default.
pub fn fit(design: &Matrix, events: &[bool]) -> LogisticFit {
    let spec = LogisticSpec::default().check().unwrap();
    spec.fit(design, events, None, &|| false).unwrap()
}

/// Log-odds of each row.
pub fn log_odds(fit: &LogisticFit, design: &Matrix) -> Vec<f64> {
    let of_row = |row| {
        let cells = design.row(row).iter().zip(&fit.weights);
        fit.intercept + cells.map(|(cell, weight)| cell * weight).sum::<f64>()
    };
    (0..design.rows()).map(of_row).collect()
}
