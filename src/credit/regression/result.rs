//! The answer to the training of a regression.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{RegressionMetrics, TrainedRegression};
use crate::{
    credit::{ModelType, TrainingPlan, schema::Characteristic},
    stats::LeastSquaresStatistics,
};

/// Everything that is known about a trained regression.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct RegressionResult {
    /// Id under which the model is stored.
    pub model_id: String,
    /// `linear_regression`.
    pub model_type: ModelType,
    /// When the training ended, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Errors of test rows, training rows and cross-validation.
    pub metrics: RegressionMetrics,
    /// Absolute change of the prediction per standard deviation, by feature.
    pub feature_importance: BTreeMap<String, f64>,
    /// The plan, defaults filled in.
    pub training_config: TrainingPlan,
    /// Wall time of split, folds, fit and evaluation, in seconds.
    pub training_time_seconds: f64,
    /// The prediction where every feature is at its mean; `coefficient_per_unit` is that where every
    /// feature is 0.
    pub intercept: NumberCoefficient,
    /// The fitted coefficients.
    pub coefficients: Vec<NumberCoefficient>,
    /// R², F, information criteria of the fit on the training rows.
    #[schema(value_type = Object)]
    pub statistics: LeastSquaresStatistics,
    /// Standard deviation of the residuals, their degrees of freedom counted; none without any.
    pub residual_std_error: Option<f64>,
    /// What the model was trained on.
    pub data: NumberData,
}

/// One fitted number, in the target's unit.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct NumberCoefficient {
    /// Name of the feature, or `intercept`.
    pub feature: String,
    /// The characteristic it was made from; none for the intercept.
    pub characteristic: Option<String>,
    /// Change of the prediction per standard deviation.
    pub coefficient: f64,
    /// Change of the prediction per unit of the feature.
    pub coefficient_per_unit: f64,
    /// Standard error of `coefficient`; none for a feature that others explain exactly.
    pub std_error: Option<f64>,
    /// Coefficient over standard error.
    pub t: Option<f64>,
    /// Two-sided p-value of t.
    pub p_value: Option<f64>,
    /// 95 % confidence interval.
    pub ci95: Option<[f64; 2]>,
    /// Variance inflation factor, 1 or more; none for the intercept, a constant feature, and one
    /// that others explain exactly.
    pub vif: Option<f64>,
}

/// What a regression was trained on.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct NumberData {
    /// `sha256:` and the hex digest of the data set's bytes.
    pub digest: String,
    /// Rows of the data set.
    pub rows: u64,
    /// Rows the model was fitted on.
    pub train_rows: u64,
    /// Rows held back for the test metrics.
    pub test_rows: u64,
    /// Rows too new to learn from, measured on their own.
    pub out_of_time_rows: u64,
    /// Column that is predicted.
    pub target: String,
    /// Its smallest and largest number.
    pub target_range: [f64; 2],
    /// The input variables and what was learnt about each.
    pub characteristics: Vec<Characteristic>,
}

impl RegressionResult {
    /// Puts the result of a training together.
    pub fn new(
        model_id: String,
        plan: &TrainingPlan,
        trained: &TrainedRegression,
        created_at: Timestamp,
        seconds: f64,
    ) -> Self {
        let size = |it: &NumberCoefficient| (it.feature.clone(), it.coefficient.abs());
        Self {
            model_id,
            model_type: plan.model_type,
            created_at,
            metrics: trained.metrics.clone(),
            feature_importance: trained.coefficients.iter().map(size).collect(),
            training_config: plan.clone(),
            training_time_seconds: (seconds * 1_000.0).round() / 1_000.0,
            intercept: trained.intercept.clone(),
            coefficients: trained.coefficients.clone(),
            statistics: trained.statistics,
            residual_std_error: trained.statistics.residual_variance.map(f64::sqrt),
            data: trained.data.clone(),
        }
    }
}
