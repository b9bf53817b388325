//! Generated problems and the fits that the tests repeat.

use credit_risk::stats::{FitError, LogisticFit, LogisticParams, Matrix, Solver, sigmoid};

/// Plain linear congruential generator: the tests' numbers must not depend on a crate's version.
pub struct Numbers(pub u64);

impl Numbers {
    /// Next number in `0..1`.
    pub fn uniform(&mut self) -> f64 {
        let Self(state) = self;
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

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
