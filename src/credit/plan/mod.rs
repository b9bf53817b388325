//! What a client asks a training to do: unchecked as it arrives, checked before it runs.

mod characteristic;
mod checks;
mod decision;
mod evidence;
mod number;
mod trees;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub use self::{
    characteristic::{CharacteristicPlan, ReasonTexts},
    decision::{CutoffPlan, DecisionPlan},
    evidence::{
        CalibrationPlan, EvidencePlan, NO_DATE, OutOfTimePlan, ReasonPlan, ShapleyPlan, date,
    },
    trees::{BoostingPlan, ForestPlan},
};
pub use super::estimator::{Penalty, SignConstraint};
use super::{
    binning::{BinningParams, CheckedBinningParams},
    estimator::Estimator,
    pairs::{CheckedPairParams, PairParams},
    schema::{MissingPolicy, UnseenPolicy},
    scorecard::CardParams,
};
use crate::stats::Solver;

/// The kinds of model there are names for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelType {
    /// Penalised logistic regression on standardised, one-hot encoded characteristics.
    LogisticRegression,
    /// Logistic regression on weight of evidence, told in points.
    Scorecard,
    /// Gradient boosting of trees.
    GradientBoosting,
    /// The same under another name.
    Xgboost,
    /// Random forest: averaged trees, each of other rows and characteristics.
    RandomForest,
    /// Least squares: predicts a number, not default.
    LinearRegression,
}

impl ModelType {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LogisticRegression => "logistic_regression",
            Self::Scorecard => "scorecard",
            Self::GradientBoosting => "gradient_boosting",
            Self::Xgboost => "xgboost",
            Self::RandomForest => "random_forest",
            Self::LinearRegression => "linear_regression",
        }
    }

    /// Whether it works on characteristics that are standardised.
    pub fn standardises(self) -> bool {
        matches!(self, Self::LogisticRegression | Self::LinearRegression)
    }

    /// Whether what it predicts is a number, not default.
    pub fn predicts_number(self) -> bool {
        self == Self::LinearRegression
    }

    /// Whether it is made of trees.
    pub fn has_trees(self) -> bool {
        match self {
            Self::LogisticRegression | Self::Scorecard | Self::LinearRegression => false,
            Self::GradientBoosting | Self::Xgboost | Self::RandomForest => true,
        }
    }
}

/// How rows are weighted in the fit.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClassWeight {
    /// Both classes carry the same total weight; the intercept is corrected
    /// afterwards, so that probabilities stay those of the population.
    Balanced,
}

/// How cells without a value are treated.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MissingHandling {
    /// Where the data set has gaps, a gap is a value of its own; elsewhere an
    /// application must have the value.
    #[default]
    Learned,
    /// A gap is read as the median or the most frequent level, everywhere; logistic regressions
    /// only.
    Impute,
    /// A gap is accepted everywhere; where the data set has none, a scorecard scores it as
    /// `binning.unseen_value` says, and trees send it with most applicants. Not for logistic
    /// regressions.
    Accept,
}

/// A training as a client describes it; every field but `model_type` has a default.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TrainingConfig)]
pub struct TrainingPlan {
    /// Kind of model to train.
    pub model_type: ModelType,
    /// Share of the rows held back for the test metrics, 0.1..=0.5.
    #[serde(default = "default_test_size")]
    #[schema(default = 0.2, minimum = 0.1, maximum = 0.5)]
    pub test_size: f64,
    /// Seed of the split, the folds and the undersampling.
    #[serde(default = "default_random_state")]
    #[schema(default = 42)]
    pub random_state: i64,
    /// Train on as many goods as bads; the intercept is corrected afterwards.
    #[serde(default)]
    #[schema(default = false)]
    pub undersample: bool,
    /// Number of cross-validation folds, 2..=10.
    #[serde(default = "default_cv_folds")]
    #[schema(default = 5, minimum = 2, maximum = 10)]
    pub cv_folds: u32,
    /// Characteristics or encoded features (`characteristic_level`) to use; all
    /// of them when absent.
    #[serde(default)]
    pub selected_features: Option<Vec<String>>,
    /// Column that holds the outcome; detected when absent.
    #[serde(default)]
    pub target: Option<String>,
    /// Value of the target that means default; detected when absent.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    pub event: Option<Value>,
    /// Columns that are no input, such as identifiers.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Columns whose numbers are codes of levels.
    #[serde(default)]
    pub categorical: Vec<String>,
    /// Texts that mean "no value" in a CSV, besides the empty cell.
    #[serde(default)]
    pub missing_values: Vec<String>,
    /// How cells without a value are treated.
    #[serde(default)]
    pub missing: MissingHandling,
    /// What a level outside the training data means when scoring.
    #[serde(default)]
    pub unseen: UnseenPolicy,
    /// Inverse strength of the penalty, as in scikit-learn, 1e-6..=1e6.
    #[serde(default = "default_c", rename = "C")]
    #[schema(default = 1.0)]
    pub inverse_strength: f64,
    /// What keeps coefficients small.
    #[serde(default)]
    pub penalty: Penalty,
    /// Share of the L1 penalty in `elastic_net`, 0..=1.
    #[serde(default = "default_l1_ratio")]
    #[schema(default = 0.5, minimum = 0.0, maximum = 1.0)]
    pub l1_ratio: f64,
    /// Signs that the coefficients of numeric characteristics must have; for boosted trees, how the
    /// risk may move with them at all.
    #[serde(default)]
    pub signs: BTreeMap<String, SignConstraint>,
    /// How characteristics are binned; scorecards only.
    #[serde(default)]
    pub binning: BinningParams,
    /// Terms of two characteristics that a scorecard may add where they tell more together; none
    /// when absent.
    #[serde(default)]
    pub pairs: Option<PairParams>,
    /// How log-odds are told in points; scorecards only.
    #[serde(default)]
    pub points: CardParams,
    /// How boosted trees are grown.
    #[serde(default)]
    pub boosting: BoostingPlan,
    /// How a random forest is grown.
    #[serde(default)]
    pub forest: ForestPlan,
    /// What is laid down for single characteristics: bins, special codes, texts of reasons.
    #[serde(default)]
    pub characteristics: BTreeMap<String, CharacteristicPlan>,
    /// How reasons are derived.
    #[serde(default)]
    pub reasons: ReasonPlan,
    /// The policy that decisions follow.
    #[serde(default)]
    pub decision: DecisionPlan,
    /// How log-odds become probabilities, learnt from out-of-fold scores of the training rows.
    #[serde(default)]
    pub calibration: CalibrationPlan,
    /// Default rate of the population that will be scored, 0 < r < 1, where it differs from that of
    /// the data set: log-odds are shifted by the difference.
    #[serde(default)]
    pub population_default_rate: Option<f64>,
    /// Rows from a date on are kept out of split, folds and fit, and measured on their own.
    #[serde(default)]
    pub out_of_time: Option<OutOfTimePlan>,
    /// What is measured besides the metrics.
    #[serde(default)]
    pub evidence: EvidencePlan,
    /// Column that says how much each row counts in binning, fit and calibration, 0 or
    /// 1e-9..=1e9; it is no input. Metrics, evidence and cut-offs count every row once.
    #[serde(default)]
    pub sample_weight: Option<String>,
    /// How rows are weighted in the fit.
    #[serde(default)]
    pub class_weight: Option<ClassWeight>,
    /// `newton` (default) or `lbfgs`.
    #[serde(default = "default_solver")]
    #[schema(value_type = String, default = "newton")]
    pub solver: Solver,
    /// Most steps of the solver, 1..=10000.
    #[serde(default = "default_max_iterations")]
    #[schema(default = 100)]
    pub max_iterations: u32,
    /// Largest accepted gradient of the objective per row (sup norm), 0 < t <= 0.01.
    #[serde(default = "default_tolerance")]
    #[schema(default = 1e-8)]
    pub tolerance: f64,
}

fn default_test_size() -> f64 {
    0.2
}
fn default_random_state() -> i64 {
    42
}
fn default_cv_folds() -> u32 {
    5
}
fn default_c() -> f64 {
    1.0
}
fn default_l1_ratio() -> f64 {
    0.5
}
fn default_solver() -> Solver {
    Solver::Newton
}
fn default_max_iterations() -> u32 {
    100
}
fn default_tolerance() -> f64 {
    1e-8
}

/// A plan whose every field is within its bounds; only this can be trained.
#[derive(Clone, Debug)]
pub struct CheckedPlan {
    plan: TrainingPlan,
    estimator: Estimator,
    /// Settings of each characteristic that has its own, and those of all others.
    binning: CheckedBinningParams,
    own_binning: BTreeMap<String, CheckedBinningParams>,
    pairs: Option<CheckedPairParams>,
    seed: u64,
}

impl TrainingPlan {
    /// The default plan for a kind of model.
    pub fn new(model_type: ModelType) -> Self {
        Self {
            model_type,
            test_size: default_test_size(),
            random_state: default_random_state(),
            undersample: false,
            cv_folds: default_cv_folds(),
            selected_features: None,
            target: None,
            event: None,
            exclude: Vec::new(),
            categorical: Vec::new(),
            missing_values: Vec::new(),
            missing: MissingHandling::default(),
            unseen: UnseenPolicy::default(),
            inverse_strength: default_c(),
            penalty: Penalty::default(),
            l1_ratio: default_l1_ratio(),
            signs: BTreeMap::new(),
            binning: BinningParams::default(),
            pairs: None,
            points: CardParams::default(),
            boosting: BoostingPlan::default(),
            forest: ForestPlan::default(),
            characteristics: BTreeMap::new(),
            reasons: ReasonPlan::default(),
            decision: DecisionPlan::default(),
            calibration: CalibrationPlan::default(),
            population_default_rate: None,
            out_of_time: None,
            evidence: EvidencePlan::default(),
            sample_weight: None,
            class_weight: None,
            solver: default_solver(),
            max_iterations: default_max_iterations(),
            tolerance: default_tolerance(),
        }
    }

    /// The seed of everything random.
    pub fn seed(&self) -> u64 {
        self.random_state.cast_unsigned()
    }

    /// What a gap in a characteristic means, given whether the data set has any.
    pub fn missing_policy(&self, has_gaps: bool) -> MissingPolicy {
        match (self.missing, has_gaps) {
            (MissingHandling::Impute, _) => MissingPolicy::Impute,
            (MissingHandling::Learned, true) | (MissingHandling::Accept, _) => {
                MissingPolicy::Learned
            }
            (MissingHandling::Learned, false) => MissingPolicy::Reject,
        }
    }
}

impl CheckedPlan {
    /// The plan as the client gave it, defaults filled in.
    pub fn plan(&self) -> &TrainingPlan {
        &self.plan
    }

    /// How coefficients are estimated.
    pub(super) fn estimator(&self) -> &Estimator {
        &self.estimator
    }

    /// How a characteristic is binned.
    pub(super) fn binning(&self, characteristic: &str) -> CheckedBinningParams {
        let own = self.own_binning.get(characteristic);
        own.copied().unwrap_or(self.binning)
    }

    /// How pairs are sought, if at all.
    pub(super) fn pairs(&self) -> Option<&CheckedPairParams> {
        self.pairs.as_ref()
    }

    /// What is laid down for a characteristic, if anything.
    pub(super) fn characteristic(&self, name: &str) -> Option<&CharacteristicPlan> {
        self.plan.characteristics.get(name)
    }

    /// The seed of everything random.
    pub fn seed(&self) -> u64 {
        self.seed
    }
}
