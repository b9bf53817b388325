//! The rows that a fit sees, and what that does to the prior.

use super::Task;
use crate::{credit::plan::ClassWeight, stats::undersample};

/// The rows that a fit sees.
pub(super) struct Sample {
    pub rows: Vec<usize>,
    pub events: Vec<bool>,
    pub weights: Option<Vec<f64>>,
    /// What undersampling or weights add to the log-odds of every applicant.
    pub excess_log_odds: f64,
}

impl Sample {
    /// The sample of `rows` that the plan asks for.
    pub(super) fn draw(task: &Task<'_>, rows: &[usize]) -> Self {
        let plan = task.plan.plan();
        let all = task.book.events();
        let rows_fitted = if plan.undersample {
            undersample(rows, all, task.plan.seed())
        } else {
            rows.to_vec()
        };
        let events: Vec<bool> = rows_fitted.iter().map(|row| all[*row]).collect();
        let own = task.book.weights();
        let own = |rows: &[usize]| own.map(|own| rows.iter().map(|row| own[*row]).collect());
        let weights: Option<Vec<f64>> = match plan.class_weight {
            Some(ClassWeight::Balanced) => Some(balanced(&events, own(&rows_fitted))),
            None => own(&rows_fitted),
        };
        // King and Zeng 2001: sampling or weighting by outcome shifts the
        // intercept by the change of the log-odds of the prior, and nothing else.
        let excess_log_odds = if plan.undersample || plan.class_weight.is_some() {
            let population: Vec<bool> = rows.iter().map(|row| all[*row]).collect();
            let before = log_odds_of(&population, own(rows).as_deref());
            log_odds_of(&events, weights.as_deref()) - before
        } else {
            0.0
        };
        Self {
            rows: rows_fitted,
            events,
            weights,
            excess_log_odds,
        }
    }
}

/// `own` times n / (2 n of the row's class), as scikit-learn's `class_weight="balanced"`; n counts
/// weights where rows have some.
fn balanced(events: &[bool], own: Option<Vec<f64>>) -> Vec<f64> {
    let own = own.unwrap_or_else(|| vec![1.0; events.len()]);
    let (mut bads, mut all) = (0.0, 0.0);
    for (event, weight) in events.iter().zip(&own) {
        all += weight;
        bads += if *event { *weight } else { 0.0 };
    }
    let [good, bad] = class_factors(bads, all);
    let rows = events.iter().zip(own);
    rows.map(|(event, own)| own * if *event { bad } else { good })
        .collect()
}

/// What goods and bads are multiplied by so that both weigh half of `all`, `bads` of it being bad.
pub(in crate::credit) fn class_factors(bads: f64, all: f64) -> [f64; 2] {
    [all - bads, bads].map(|class| all / (2.0 * class))
}

/// Log-odds of default of the (weighted) sample as a whole.
fn log_odds_of(events: &[bool], weights: Option<&[f64]>) -> f64 {
    let (mut bads, mut goods) = (0.0, 0.0);
    for (row, event) in events.iter().enumerate() {
        let weight = weights.map_or(1.0, |weights| weights[row]);
        *(if *event { &mut bads } else { &mut goods }) += weight;
    }
    libm::log(bads / goods)
}
