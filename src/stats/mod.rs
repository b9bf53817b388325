//! Numbers only: matrices, logistic regression, least squares, trees, metrics of a score, calibrators, cut-offs,
//! seeded sampling.
//!
//! Everything here is synchronous and deterministic: the same input and seed give the same bytes,
//! whatever the machine or the number of threads around it. Transcendental functions come from
//! `libm`, or are sums and products of our own, not from the platform, for the same reason.
//!
//! An *event* is the outcome whose probability is modelled; `events[i] == true` marks it.

pub mod calibrators;
pub mod cutoffs;
pub mod distributions;
mod exponential;
pub mod least_squares;
pub mod logistic;
pub mod matrix;
pub mod metrics;
pub mod sampling;
pub mod trees;

pub use calibrators::{
    CalibrationError, CalibrationMethod, Calibrator, Isotonic, LineError, LogOddsLine, prior_shift,
};
pub use cutoffs::{Costs, CutoffCriterion, CutoffError, LoanTerms, StrategyCurve, StrategyPoint};
pub use distributions::{
    chi_square_p_value, f_p_value, normal_upper_quantile, student_p_value, student_quantile,
};
pub use least_squares::{
    LeastSquaresError, LeastSquaresFit, LeastSquaresStatistics, Spread, least_squares,
};
pub use logistic::{
    Associations, Block, BlockError, CheckedParams, CheckedSpec, Convergence, DesignBlocks,
    FitError, FitStatistics, Inference, LikelihoodRatio, LogisticFit, LogisticParams, LogisticSpec,
    MatrixBlocks, NarrowBlocks, ParamsError, PathPoint, Penalty, PenaltyUnit, Sign, SignFinding,
    SignVerdict, Solver, Vicinity, inflation_of_correlations, sign_report, strength_grid,
    variance_inflation,
};
pub use matrix::{Cholesky, ColumnMoments, Matrix, NotPositiveDefinite, ShapeError};
pub use matrix::{column_moments, weighted_column_moments};
pub use metrics::{
    Band, Bootstrap, BootstrapError, BootstrapInterval, BrierDecomposition, CalibrationCurve,
    CalibrationLine, Confusion, DeLong, DeLongTest, Drawn, GainsTable, HosmerLemeshow, Interval,
    MetricError, PrecisionRecall, Roc, Spiegelhalter, Tally,
};
pub use metrics::{
    average_precision, brier, calibration_curve, calibration_curve_by_quantile,
    calibration_in_the_large, calibration_line, delong, delong_test, gini, hosmer_lemeshow,
    log_loss, observed_to_expected, percentile_interval, quantile_edges, rank_correlation,
    spiegelhalter, weighted_average_precision, weighted_brier, weighted_log_loss,
};
pub use sampling::{
    SamplingError, Split, balance, divide, random_folds, random_split, stratified_folds,
    stratified_split, undersample,
};

/// Probability of log-odds, `1 / (1 + e^-x)`, accurate in both tails.
///
/// The result is in `0..=1`; `NaN` stays `NaN`.
pub fn sigmoid(log_odds: f64) -> f64 {
    let small = libm::exp(-log_odds.abs());
    if log_odds >= 0.0 {
        1.0 / (1.0 + small)
    } else {
        small / (1.0 + small)
    }
}

/// Log-odds of a probability, `ln(p / (1 - p))`.
///
/// `0` gives minus infinity, `1` plus infinity, anything outside `0..=1` `NaN`.
pub fn logit(p: f64) -> f64 {
    libm::log(p) - libm::log1p(-p)
}

/// Softplus, `ln(1 + e^x)`, without overflow for large `x` or loss for very negative `x`.
pub fn log1p_exp(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

/// Two-sided p-value of a standard normal statistic, `P(|Z| >= |z|)`.
pub fn two_sided_p_value(z: f64) -> f64 {
    libm::erfc(z.abs() / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tails_keep_their_digits() {
        assert!((sigmoid(-700.0) / libm::exp(-700.0) - 1.0).abs() < 1e-15);
        assert!((sigmoid(-40.0) + sigmoid(40.0) - 1.0).abs() < 1e-16);
        assert!((log1p_exp(-700.0) / libm::exp(-700.0) - 1.0).abs() < 1e-15);
        assert!((log1p_exp(800.0) - 800.0).abs() < 1e-12);
        assert!((logit(sigmoid(-30.0)) + 30.0).abs() < 1e-12);
        assert!(sigmoid(f64::NAN).is_nan());
    }

    #[test]
    fn p_value_of_the_usual_quantile_is_five_percent() {
        assert!((two_sided_p_value(-1.959_963_984_540_054) - 0.05).abs() < 1e-15);
        assert!((two_sided_p_value(0.0) - 1.0).abs() < 1e-16);
    }
}
