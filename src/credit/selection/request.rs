//! What a client asks a selection to do: unchecked as it arrives, checked before it runs.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::params::{
    BorutaParams, CorrelationParams, LassoParams, Params, StabilityParams, TreeParams, WoeIvParams,
};
use crate::credit::{Fault, ModelType, TrainingPlan, fault::Faults, plan::MissingHandling};

/// How features are judged.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FeatureSelectionMethod)]
pub enum SelectionMethod {
    /// Importance in an ensemble of trees.
    TreeImportance,
    /// Coefficient of a logistic regression with the L1 penalty.
    Lasso,
    /// Information value of each characteristic, binned.
    WoeIv,
    /// Boruta: importance in a random forest against that of shuffled copies.
    Boruta,
    /// Information value, with the weaker of correlated features left out, then those that the
    /// others explain.
    Correlation,
    /// Stability selection: how often half of the rows is enough to find a feature by L1.
    Stability,
}

impl SelectionMethod {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TreeImportance => "tree_importance",
            Self::Lasso => "lasso",
            Self::WoeIv => "woe_iv",
            Self::Boruta => "boruta",
            Self::Correlation => "correlation",
            Self::Stability => "stability",
        }
    }
}

/// A selection as a client describes it; every field but `method` has a default.
///
/// Only the settings of the chosen method may be given. The fields about the data mean what they
/// mean in a training.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FeatureSelectionRequest)]
pub struct SelectionRequest {
    /// How features are judged.
    pub method: SelectionMethod,
    /// Seed of everything random.
    #[serde(default = "default_random_state")]
    #[schema(default = 42)]
    pub random_state: i64,
    /// Settings of `tree_importance`.
    #[serde(default)]
    pub tree_params: Option<TreeParams>,
    /// Settings of `lasso`.
    #[serde(default)]
    pub lasso_params: Option<LassoParams>,
    /// Settings of `woe_iv`.
    #[serde(default)]
    pub woe_iv_params: Option<WoeIvParams>,
    /// Settings of `boruta`.
    #[serde(default)]
    pub boruta_params: Option<BorutaParams>,
    /// Settings of `correlation`.
    #[serde(default)]
    pub correlation_params: Option<CorrelationParams>,
    /// Settings of `stability`.
    #[serde(default)]
    pub stability_params: Option<StabilityParams>,
    /// Share of the rows that the selection must not see, 0.1..=0.5: the test rows of a training
    /// with the same `test_size` and `random_state`. All rows are used when absent, which makes
    /// the test metrics of a training on the selected features a little too good.
    #[serde(default)]
    #[schema(minimum = 0.1, maximum = 0.5)]
    pub test_size: Option<f64>,
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
}

fn default_random_state() -> i64 {
    42
}

/// A request whose every field is within its bounds; only this can be carried out.
#[derive(Clone, Debug)]
pub struct CheckedSelection {
    request: SelectionRequest,
    params: Params,
    seed: u64,
}

impl SelectionRequest {
    /// The default request for a method.
    pub fn new(method: SelectionMethod) -> Self {
        Self {
            method,
            random_state: default_random_state(),
            tree_params: None,
            lasso_params: None,
            woe_iv_params: None,
            boruta_params: None,
            correlation_params: None,
            stability_params: None,
            test_size: None,
            target: None,
            event: None,
            exclude: Vec::new(),
            categorical: Vec::new(),
            missing_values: Vec::new(),
            missing: MissingHandling::default(),
        }
    }

    /// The plan by which the data is read: that of a training with the same fields.
    pub fn reading_plan(&self) -> TrainingPlan {
        TrainingPlan {
            random_state: self.random_state,
            target: self.target.clone(),
            event: self.event.clone(),
            exclude: self.exclude.clone(),
            categorical: self.categorical.clone(),
            missing_values: self.missing_values.clone(),
            missing: self.missing,
            ..TrainingPlan::new(ModelType::LogisticRegression)
        }
    }

    /// Checks every field.
    ///
    /// # Errors
    /// Every fault of the request at once.
    pub fn check(self) -> Result<CheckedSelection, Vec<Fault>> {
        let mut faults = Faults::default();
        self.check_settings_belong(&mut faults);
        let params = self.params();
        params.check(&mut faults);
        let mut rule = |holds: bool, pointer: &str, detail: &str| {
            if !holds {
                faults.push(Fault::at(pointer, detail));
            }
        };
        rule(
            self.test_size
                .is_none_or(|share| (0.1..=0.5).contains(&share)),
            "/test_size",
            "expected 0.1 to 0.5, or null for all rows",
        );
        rule(
            !matches!(self.event, Some(Value::Array(_) | Value::Object(_))),
            "/event",
            "expected a text, a number, true or false",
        );
        if let Some(target) = &self.target {
            rule(
                !self.exclude.contains(target),
                "/exclude",
                "the target cannot be excluded",
            );
        }
        faults.into_result()?;
        let seed = self.random_state.cast_unsigned();
        Ok(CheckedSelection {
            request: self,
            params,
            seed,
        })
    }

    /// Settings of another method would be ignored; better to say so.
    fn check_settings_belong(&self, faults: &mut Faults) {
        use SelectionMethod as M;
        let given = [
            ("tree_params", M::TreeImportance, self.tree_params.is_some()),
            ("lasso_params", M::Lasso, self.lasso_params.is_some()),
            ("woe_iv_params", M::WoeIv, self.woe_iv_params.is_some()),
            ("boruta_params", M::Boruta, self.boruta_params.is_some()),
            (
                "correlation_params",
                M::Correlation,
                self.correlation_params.is_some(),
            ),
            (
                "stability_params",
                M::Stability,
                self.stability_params.is_some(),
            ),
        ];
        for (name, method, _) in given
            .into_iter()
            .filter(|(_, method, given)| *given && *method != self.method)
        {
            let detail = format!(
                "these are the settings of {}, the method is {}",
                method.as_str(),
                self.method.as_str()
            );
            faults.push(Fault::at(format!("/{name}"), detail));
        }
    }

    fn params(&self) -> Params {
        match self.method {
            SelectionMethod::TreeImportance => Params::Tree(self.tree_params.unwrap_or_default()),
            SelectionMethod::Lasso => Params::Lasso(self.lasso_params.unwrap_or_default()),
            SelectionMethod::WoeIv => Params::WoeIv(self.woe_iv_params.unwrap_or_default()),
            SelectionMethod::Boruta => Params::Boruta(self.boruta_params.unwrap_or_default()),
            SelectionMethod::Correlation => {
                Params::Correlation(self.correlation_params.unwrap_or_default())
            }
            SelectionMethod::Stability => {
                Params::Stability(self.stability_params.unwrap_or_default())
            }
        }
    }
}

impl CheckedSelection {
    /// The request as the client gave it, defaults filled in.
    pub fn request(&self) -> &SelectionRequest {
        &self.request
    }

    pub(super) fn params(&self) -> &Params {
        &self.params
    }

    /// The seed of everything random.
    pub fn seed(&self) -> u64 {
        self.seed
    }
}
