//! The settings of each method, their defaults and their ranges.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::credit::{Fault, binning::ZeroCells, fault::Faults};

/// Most features that `top_k` may ask for.
pub const MOST_TOP_K: u32 = 500;

/// The ensemble of trees whose importances are ranked.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TreeModel {
    /// Random forest: mean decrease of Gini impurity.
    #[default]
    RandomForest,
    /// Gradient boosting: gain of the splits.
    Xgboost,
}

impl TreeModel {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RandomForest => "random_forest",
            Self::Xgboost => "xgboost",
        }
    }
}

/// Settings of `tree_importance`.
///
/// `top_k` decides if it is given, else `threshold`, else every feature with an importance above 0
/// is selected.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TreeParams {
    /// The ensemble.
    pub model_type: TreeModel,
    /// Features to select, the most important first, 1..=500.
    #[schema(minimum = 1, maximum = 500)]
    pub top_k: Option<u32>,
    /// Least importance of a selected feature, 0..=1; all importances add up to 1.
    #[schema(minimum = 0.0, maximum = 1.0)]
    pub threshold: Option<f64>,
}

/// Settings of `lasso`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LassoParams {
    /// Inverse strength of the L1 penalty, as in scikit-learn, above 0 and at most 10.
    #[serde(rename = "C")]
    #[schema(default = 1.0, exclusive_minimum = 0.0, maximum = 10.0)]
    pub inverse_strength: f64,
    /// Most steps of the solver, 100..=5000.
    #[schema(default = 1000, minimum = 100, maximum = 5000)]
    pub max_iter: u32,
}

impl Default for LassoParams {
    fn default() -> Self {
        Self {
            inverse_strength: 1.0,
            max_iter: 1_000,
        }
    }
}

/// Settings of `woe_iv`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WoeIvParams {
    /// Quantile bins of a number, 5..=20; a level, and a missing value, is always a bin of its own.
    #[schema(default = 10, minimum = 5, maximum = 20)]
    pub n_bins: u32,
    /// Least information value of a selected characteristic, 0..=1.
    #[schema(default = 0.1, minimum = 0.0, maximum = 1.0)]
    pub iv_threshold: f64,
    /// Weight of evidence of a bin without goods or without bads.
    pub zero_cells: ZeroCells,
}

impl Default for WoeIvParams {
    fn default() -> Self {
        Self {
            n_bins: 10,
            iv_threshold: 0.1,
            zero_cells: ZeroCells::default(),
        }
    }
}

/// Settings of `boruta`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BorutaParams {
    /// Most forests to grow, 20..=500; fewer are grown once every feature is decided.
    #[schema(default = 100, minimum = 20, maximum = 500)]
    pub n_iterations: u32,
    /// One minus the level of each feature's test, Bonferroni's correction included, 0.8..=0.99.
    #[schema(default = 0.95, minimum = 0.8, maximum = 0.99)]
    pub confidence_level: f64,
    /// Whether features that stay undecided are selected.
    #[schema(default = false)]
    pub include_tentative: bool,
}

impl Default for BorutaParams {
    fn default() -> Self {
        Self {
            n_iterations: 100,
            confidence_level: 0.95,
            include_tentative: false,
        }
    }
}

/// Settings of `correlation`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CorrelationParams {
    /// Largest absolute correlation of two selected features, 0.1..=1.
    #[schema(default = 0.7, minimum = 0.1, maximum = 1.0)]
    pub max_correlation: f64,
    /// Largest variance inflation factor of a selected feature, 1.5..=1000.
    #[schema(default = 5.0, minimum = 1.5, maximum = 1000.0)]
    pub max_vif: f64,
}

impl Default for CorrelationParams {
    fn default() -> Self {
        Self {
            max_correlation: 0.7,
            max_vif: 5.0,
        }
    }
}

/// Settings of `stability`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StabilityParams {
    /// Half-samples, drawn in complementary pairs, 20..=500.
    #[schema(default = 100, minimum = 20, maximum = 500)]
    pub n_subsamples: u32,
    /// Least share of the half-samples that a selected feature is found in, 0.6..=0.99.
    #[schema(default = 0.9, minimum = 0.6, maximum = 0.99)]
    pub threshold: f64,
    /// Bound on the expected number of falsely selected features, 0.05..=50; it limits how many
    /// features are looked for in a half-sample.
    #[schema(default = 1.0, minimum = 0.05, maximum = 50.0)]
    pub max_false_selections: f64,
    /// Strengths of the penalty between the first feature's entry and a thousandth of it, 10..=200.
    #[schema(default = 50, minimum = 10, maximum = 200)]
    pub n_strengths: u32,
}

impl Default for StabilityParams {
    fn default() -> Self {
        Self {
            n_subsamples: 100,
            threshold: 0.9,
            max_false_selections: 1.0,
            n_strengths: 50,
        }
    }
}

/// The settings of one method, whichever it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Params {
    Tree(TreeParams),
    Lasso(LassoParams),
    WoeIv(WoeIvParams),
    Boruta(BorutaParams),
    Correlation(CorrelationParams),
    Stability(StabilityParams),
}

impl Params {
    /// Adds a fault for each field out of range, under the pointer of its object.
    pub(super) fn check(&self, faults: &mut Faults) {
        match self {
            Self::Tree(params) => {
                let top_k = params.top_k.unwrap_or(1);
                let place = "/tree_params/top_k";
                within(faults, place, top_k.into(), 1.0, MOST_TOP_K.into());
                let threshold = params.threshold.unwrap_or_default();
                within(faults, "/tree_params/threshold", threshold, 0.0, 1.0);
            }
            Self::Lasso(params) => {
                let strength = params.inverse_strength;
                if !(strength > 0.0 && strength <= 10.0) {
                    let detail = "expected more than 0 and at most 10";
                    faults.push(Fault::at("/lasso_params/C", detail));
                }
                let steps = params.max_iter.into();
                within(faults, "/lasso_params/max_iter", steps, 100.0, 5_000.0);
            }
            Self::WoeIv(params) => {
                let bins = params.n_bins.into();
                within(faults, "/woe_iv_params/n_bins", bins, 5.0, 20.0);
                let least = params.iv_threshold;
                within(faults, "/woe_iv_params/iv_threshold", least, 0.0, 1.0);
            }
            Self::Boruta(params) => {
                let forests = params.n_iterations.into();
                within(faults, "/boruta_params/n_iterations", forests, 20.0, 500.0);
                let level = params.confidence_level;
                within(faults, "/boruta_params/confidence_level", level, 0.8, 0.99);
            }
            Self::Correlation(params) => {
                let most = params.max_correlation;
                let place = "/correlation_params/max_correlation";
                within(faults, place, most, 0.1, 1.0);
                let most = params.max_vif;
                within(faults, "/correlation_params/max_vif", most, 1.5, 1_000.0);
            }
            Self::Stability(params) => params.check(faults),
        }
    }
}

impl StabilityParams {
    fn check(&self, faults: &mut Faults) {
        let halves = self.n_subsamples.into();
        within(
            faults,
            "/stability_params/n_subsamples",
            halves,
            20.0,
            500.0,
        );
        let place = "/stability_params/threshold";
        within(faults, place, self.threshold, 0.6, 0.99);
        let place = "/stability_params/max_false_selections";
        within(faults, place, self.max_false_selections, 0.05, 50.0);
        let strengths = self.n_strengths.into();
        let place = "/stability_params/n_strengths";
        within(faults, place, strengths, 10.0, 200.0);
    }
}

fn within(faults: &mut Faults, pointer: &str, value: f64, least: f64, most: f64) {
    if !(least..=most).contains(&value) {
        faults.push(Fault::at(pointer, format!("expected {least} to {most}")));
    }
}
