//! Generated problems and the fits that the tests repeat.

#[path = "../support/numbers.rs"]
#[expect(dead_code, reason = "not every test binary draws in every way")]
mod numbers;

pub use self::numbers::Numbers;

use credit_risk::stats::{
    FitError, LogisticFit, LogisticParams, LogisticSpec, Matrix, Penalty, Solver, sigmoid,
};

pub const L1: Penalty = Penalty::L1 {
    inverse_strength: 0.1,
};
pub const ELASTIC_NET: Penalty = Penalty::ElasticNet {
    inverse_strength: 0.1,
    l1_ratio: 0.5,
};
pub const L2: Penalty = Penalty::L2 {
    inverse_strength: 0.1,
};
pub const ALL: [Penalty; 5] = [Penalty::None, L2, L1, ELASTIC_NET, Penalty::Firth];

/// Rows whose events follow a logistic model; the intercept sets the prevalence.
pub fn generated(rows: usize, columns: usize, intercept: f64, seed: u64) -> (Matrix, Vec<bool>) {
    let mut numbers = Numbers(seed);
    let mut design = Matrix::new(rows, columns);
    let mut events = Vec::with_capacity(rows);
    for i in 0..rows {
        let mut log_odds = intercept;
        for (j, value) in design.row_mut(i).iter_mut().enumerate() {
            *value = 3.0 * numbers.uniform() - 1.5;
            log_odds += *value / (j as f64 + 1.0);
        }
        events.push(numbers.uniform() < sigmoid(log_odds));
    }
    (design, events)
}

/// Matrix of the given rows.
pub fn rows<const N: usize>(rows: &[[f64; N]]) -> Matrix {
    Matrix::from_vec(rows.len(), N, rows.as_flattened().to_vec()).unwrap()
}

pub fn unpenalised() -> LogisticParams {
    LogisticParams {
        inverse_strength: None,
        ..LogisticParams::default()
    }
}

pub fn lbfgs() -> LogisticParams {
    LogisticParams {
        solver: Solver::Lbfgs,
        ..LogisticParams::default()
    }
}

pub fn fit(
    params: LogisticParams,
    design: &Matrix,
    events: &[bool],
) -> Result<LogisticFit, FitError> {
    params.check().unwrap().fit(design, events, None, &|| false)
}

/// Intercept and weights in one list.
pub fn coefficients(fit: &LogisticFit) -> Vec<f64> {
    let mut all = vec![fit.intercept];
    all.extend(&fit.weights);
    all
}

/// Largest difference of two lists of equal length.
pub fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, f64::max)
}

/// One indicator column and the counts of (0, no event), (0, event), (1, no event), (1, event): the
/// maximum of the likelihood is the log odds ratio of this table.
pub fn two_by_two(cells: [usize; 4]) -> (Matrix, Vec<bool>) {
    let (mut values, mut events) = (Vec::new(), Vec::new());
    for (cell, count) in cells.into_iter().enumerate() {
        for _ in 0..count {
            values.push(f64::from(u8::from(cell >= 2)));
            events.push(cell % 2 == 1);
        }
    }
    (Matrix::from_vec(values.len(), 1, values).unwrap(), events)
}

/// Exactly zero, not nearly.
pub fn is_zero(value: f64) -> bool {
    value.abs().to_bits() == 0
}

/// A penalty, everything else as by default.
pub fn spec(penalty: Penalty) -> LogisticSpec {
    LogisticSpec {
        penalty,
        ..LogisticSpec::default()
    }
}

pub fn fit_spec(
    spec: LogisticSpec,
    design: &Matrix,
    events: &[bool],
) -> Result<LogisticFit, FitError> {
    spec.check().unwrap().fit(design, events, None, &|| false)
}
