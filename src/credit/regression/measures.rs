//! How far predictions are from what came.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The errors of the predictions of some rows; error is prediction less truth, in the target's unit.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct ErrorMeasures {
    /// Rows measured.
    pub rows: u64,
    /// Root of the mean squared error.
    pub rmse: f64,
    /// Mean absolute error.
    pub mae: f64,
    /// Mean error: above 0, predictions are too high.
    pub mean_error: f64,
    /// 1 less the sum of squared errors over that about the rows' own mean; may be below 0. None
    /// where the target does not vary, as of one row.
    pub r2: Option<f64>,
}

/// How good a regression is.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct RegressionMetrics {
    /// The rows held back; none when the plan holds none back.
    pub test: Option<ErrorMeasures>,
    /// The rows it was fitted on.
    pub train: ErrorMeasures,
    /// The rows too new to learn from, if the plan names any.
    pub out_of_time: Option<ErrorMeasures>,
    /// Every row predicted by a model that has not seen it.
    pub cross_validation: NumberCrossValidation,
}

/// Cross-validation of a regression.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct NumberCrossValidation {
    /// Number of folds.
    pub n_folds: u32,
    /// All rows together.
    #[serde(flatten)]
    pub pooled: ErrorMeasures,
    /// Each fold.
    pub folds: Vec<NumberFold>,
}

/// One fold.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct NumberFold {
    /// Number of the fold, from 1.
    pub fold: u32,
    /// Of the rows held out.
    #[serde(flatten)]
    pub measures: ErrorMeasures,
}

impl ErrorMeasures {
    /// Measures `predicted` against `truth`, of which there is at least one.
    #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^52")]
    pub(super) fn of(predicted: &[f64], truth: &[f64]) -> Self {
        let rows = truth.len() as f64;
        let errors = || predicted.iter().zip(truth).map(|(a, b)| a - b);
        let centre = truth.iter().sum::<f64>() / rows;
        let squares: f64 = errors().map(|error| error * error).sum();
        let total: f64 = truth.iter().map(|it| (it - centre).powi(2)).sum();
        let varies = truth.windows(2).any(|it| it[0].total_cmp(&it[1]).is_ne());
        Self {
            rows: truth.len() as u64,
            rmse: (squares / rows).sqrt(),
            mae: errors().map(f64::abs).sum::<f64>() / rows,
            mean_error: errors().sum::<f64>() / rows,
            r2: (varies && total > 0.0).then(|| 1.0 - squares / total),
        }
    }
}
