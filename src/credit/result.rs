//! The answer to a training: what was asked, what came out, and the evidence.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    ModelType, Trained, TrainingPlan,
    coefficients::Coefficient,
    evaluation::ModelMetrics,
    learner::{Excluded, TreesSummary},
    model::ReferenceSummary,
    policy::{CutoffRule, Policy},
    scorecard::{ReasonMethod, export::CardDocument},
    training::{CalibrationSummary, DataSummary, ModelEvidence, StreamingSummary},
};
use crate::stats::{Convergence, FitStatistics};

/// Everything that is known about a trained model.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct TrainingResult {
    /// Id under which the model is stored.
    pub model_id: String,
    /// The scorecard whose bins were edited to make this one; none for a model of its own.
    #[serde(default)]
    pub base_model_id: Option<String>,
    /// Kind of model.
    pub model_type: ModelType,
    /// When the training ended, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Test and cross-validation metrics.
    pub metrics: ModelMetrics,
    /// How it fares on each sample; kept with the model and answered on its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(ignore)]
    pub evidence: Option<Box<ModelEvidence>>,
    /// Probability from which the model declines.
    pub optimal_threshold: f64,
    /// How the threshold was chosen.
    pub threshold_rule: CutoffRule,
    /// The cut-offs and the version of the policy.
    pub policy: Policy,
    /// How reasons are derived.
    pub reason_method: ReasonMethod,
    /// With whom reasons compare an applicant.
    pub reason_reference: ReferenceSummary,
    /// Absolute log-odds per standard deviation, by feature; of trees, each characteristic's share in
    /// what the splits achieve.
    pub feature_importance: BTreeMap<String, f64>,
    /// The plan, defaults filled in.
    pub training_config: TrainingPlan,
    /// Wall time of split, folds, fit and evaluation, in seconds.
    pub training_time_seconds: f64,
    /// Log-odds of default of the average applicant; trees have none.
    pub intercept: Option<Coefficient>,
    /// The fitted coefficients.
    pub coefficients: Vec<Coefficient>,
    /// Whether and how the solver got there, if one was at work.
    #[schema(value_type = Option<Object>)]
    pub convergence: Option<Convergence>,
    /// Log-likelihood criteria and tests of the model as a whole.
    #[schema(value_type = Object)]
    pub statistics: Option<FitStatistics>,
    /// What calibration did to the log-odds.
    pub calibration: CalibrationSummary,
    /// The trees, if it is made of them.
    #[serde(default)]
    pub trees: Option<TreesSummary>,
    /// Bins and points of a scorecard.
    pub scorecard: Option<CardDocument>,
    /// Characteristics that a scorecard does without.
    pub excluded: Vec<Excluded>,
    /// What the model was trained on.
    pub data: DataSummary,
    /// How rows were read that were not in memory; none where all were.
    #[serde(default)]
    pub streaming: Option<StreamingSummary>,
}

impl TrainingResult {
    /// Puts the result of a training together.
    pub fn new(
        model_id: String,
        plan: &TrainingPlan,
        trained: &Trained,
        created_at: Timestamp,
        seconds: f64,
    ) -> Self {
        Self {
            model_id,
            base_model_id: None,
            model_type: plan.model_type,
            created_at,
            metrics: trained.metrics.clone(),
            evidence: Some(Box::new(trained.evidence.clone())),
            optimal_threshold: trained.body.policy.decline.threshold,
            threshold_rule: trained.body.policy.decline.rule,
            policy: trained.body.policy.clone(),
            reason_method: trained.body.reference.summary.method,
            reason_reference: trained.body.reference.summary,
            feature_importance: trained.feature_importance.clone(),
            training_config: plan.clone(),
            training_time_seconds: (seconds * 1_000.0).round() / 1_000.0,
            intercept: trained.intercept.clone(),
            coefficients: trained.coefficients.clone(),
            convergence: trained.convergence.clone(),
            statistics: trained.statistics.clone(),
            calibration: trained.calibration.clone(),
            trees: trained.trees.clone(),
            scorecard: trained.body.form.card().map(CardDocument::from),
            excluded: trained.excluded.clone(),
            data: trained.data.clone(),
            streaming: trained.streaming,
        }
    }
}
