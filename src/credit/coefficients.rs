//! What was fitted, in words: each coefficient with its uncertainty.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Fault, TrainingPlan,
    fault::Faults,
    features::{Encoding, Feature, FeatureSet},
    schema::Schema,
};
use crate::stats::{Inference, LogisticFit, Sign, two_sided_p_value};

/// One fitted number. Coefficients are log-odds of default per standard
/// deviation of the feature.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Coefficient {
    /// Name of the feature, or `intercept`.
    pub feature: String,
    /// The characteristic it was made from; none for the intercept.
    pub characteristic: Option<String>,
    /// Log-odds per standard deviation.
    pub coefficient: f64,
    /// Log-odds per unit of the feature.
    pub coefficient_per_unit: f64,
    /// Standard error of `coefficient`, from the inverse Hessian of the
    /// (penalised) objective; none when it cannot be had.
    pub std_error: Option<f64>,
    /// Coefficient over standard error.
    pub z: Option<f64>,
    /// Two-sided p-value of z under the normal distribution.
    pub p_value: Option<f64>,
    /// 95 % confidence interval.
    pub ci95: Option<[f64; 2]>,
    /// Variance inflation factor, 1 or more; none for the intercept, a constant
    /// feature, and a feature that others explain exactly.
    pub vif: Option<f64>,
}

/// A fit and what is needed to describe it.
pub(super) struct Coefficients<'a> {
    pub(super) fit: &'a LogisticFit,
    pub(super) set: &'a FeatureSet,
    pub(super) schema: &'a Schema,
    /// What undersampling or weights added to the fitted intercept.
    pub(super) intercept_shift: f64,
    /// Variance inflation of each feature.
    pub(super) inflation: Vec<Option<f64>>,
}

impl Coefficients<'_> {
    /// The intercept and every coefficient.
    pub(super) fn describe(&self) -> (Coefficient, Vec<Coefficient>) {
        let intercept = Coefficient {
            feature: "intercept".to_owned(),
            characteristic: None,
            ..self.number(0, self.fit.intercept - self.intercept_shift, 1.0)
        };
        let coefficients = self.set.features.iter().enumerate().map(|(at, feature)| {
            let sd = self.set.standard_deviation[at];
            let characteristic = &self.schema.characteristics[feature.characteristic];
            Coefficient {
                feature: feature.name.clone(),
                characteristic: Some(characteristic.name.clone()),
                vif: self.inflation[at].filter(|factor| factor.is_finite()),
                ..self.number(at + 1, self.fit.weights[at], sd)
            }
        });
        (intercept, coefficients.collect())
    }

    /// The number at `at` of the inference's order: the intercept first.
    fn number(&self, at: usize, coefficient: f64, sd: f64) -> Coefficient {
        let inference = self.fit.inference.as_ref();
        let std_error = inference.map(|it: &Inference| it.std_error[at]);
        // z of the corrected intercept; for every other number nothing was corrected.
        let z = std_error.map(|error| {
            if error > 0.0 {
                coefficient / error
            } else {
                0.0
            }
        });
        let shift = if at == 0 { self.intercept_shift } else { 0.0 };
        Coefficient {
            feature: String::new(),
            characteristic: None,
            coefficient,
            coefficient_per_unit: coefficient / sd,
            std_error,
            z,
            p_value: z.map(two_sided_p_value),
            ci95: inference.map(|it| [it.ci95_low[at] - shift, it.ci95_high[at] - shift]),
            vif: None,
        }
    }
}

/// The sign that each feature's coefficient must have; empty when nothing is imposed.
///
/// # Errors
/// One fault per name that is no numeric characteristic among the features.
pub(super) fn signs(
    features: &[Feature],
    schema: &Schema,
    plan: &TrainingPlan,
) -> Result<Vec<Sign>, Vec<Fault>> {
    if plan.signs.is_empty() {
        return Ok(Vec::new());
    }
    let mut signs = vec![Sign::Free; features.len()];
    let mut faults = Faults::default();
    for (name, constraint) in &plan.signs {
        let at = features.iter().position(|feature| {
            matches!(feature.encoding, Encoding::Value { .. })
                && schema.characteristics[feature.characteristic].name == *name
        });
        match at {
            Some(at) => signs[at] = Sign::from(*constraint),
            None => faults.push(Fault::at(
                format!("/signs/{}", name.replace('~', "~0").replace('/', "~1")),
                "not a numeric characteristic that the model uses",
            )),
        }
    }
    faults.into_result()?;
    Ok(signs)
}
