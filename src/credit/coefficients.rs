//! What was fitted, in words: each coefficient with its uncertainty.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Fault, TrainingPlan,
    fault::Faults,
    features::{Encoding, Feature},
    schema::Schema,
};
use crate::stats::{Inference, LogisticFit, Sign, SignVerdict, two_sided_p_value};

/// One fitted number. Coefficients are log-odds of default per standard
/// deviation of the feature; a scorecard's features are weights of evidence.
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
    /// Whether its sign is that of the feature's own association with default on the training
    /// rows, or in a scorecard the one that gives better bins more points: `as_expected`,
    /// `opposite`, `zero`, or `nothing_expected`; none for the intercept.
    #[schema(value_type = Option<String>)]
    pub sign: Option<SignVerdict>,
}

/// A column of the design, and what its fitted coefficient is to be multiplied by.
pub(super) struct Column {
    /// Name of the feature.
    pub(super) feature: String,
    /// The characteristic it was made from.
    pub(super) characteristic: String,
    /// To get log-odds per standard deviation.
    pub(super) per_deviation: f64,
    /// To get log-odds per unit.
    pub(super) per_unit: f64,
}

/// The intercept and every coefficient of `fit`. `inflation` and `verdicts` are each column's;
/// `intercept_shift` is what undersampling or weights added to the fitted intercept.
pub(super) fn describe(
    fit: &LogisticFit,
    columns: &[Column],
    inflation: &[Option<f64>],
    verdicts: &[SignVerdict],
    intercept_shift: f64,
) -> (Coefficient, Vec<Coefficient>) {
    let intercept = Coefficient {
        feature: "intercept".to_owned(),
        characteristic: None,
        ..number(fit, 0, fit.intercept, [1.0, 1.0], intercept_shift)
    };
    let coefficients = columns.iter().zip(inflation).zip(&fit.weights).enumerate();
    let coefficients = coefficients.map(|(at, ((column, factor), weight))| {
        let scale = [column.per_deviation, column.per_unit];
        Coefficient {
            feature: column.feature.clone(),
            characteristic: Some(column.characteristic.clone()),
            vif: factor.filter(|factor| factor.is_finite()),
            sign: verdicts.get(at).copied(),
            ..number(fit, at + 1, *weight, scale, 0.0)
        }
    });
    (intercept, coefficients.collect())
}

/// The number at `at` of the inference's order, the intercept first, less `shift`.
fn number(
    fit: &LogisticFit,
    at: usize,
    fitted: f64,
    [per_deviation, per_unit]: [f64; 2],
    shift: f64,
) -> Coefficient {
    let inference = fit.inference.as_ref();
    let error = inference.map(|it: &Inference| it.std_error[at]);
    let corrected = fitted - shift;
    // z of the corrected intercept; for every other number nothing was corrected.
    let z = error.map(|error| if error > 0.0 { corrected / error } else { 0.0 });
    let bound = |bound: f64| (bound - shift) * per_deviation;
    Coefficient {
        feature: String::new(),
        characteristic: None,
        coefficient: corrected * per_deviation,
        coefficient_per_unit: corrected * per_unit,
        std_error: error.map(|error| error * per_deviation),
        z,
        p_value: z.map(two_sided_p_value),
        ci95: inference.map(|it| [bound(it.ci95_low[at]), bound(it.ci95_high[at])]),
        vif: None,
        sign: None,
    }
}

/// The sign of a column's covariance with default.
pub(super) fn sign_of(covariance: f64) -> Sign {
    match covariance.partial_cmp(&0.0) {
        Some(Ordering::Greater) => Sign::NonNegative,
        Some(Ordering::Less) => Sign::NonPositive,
        _ => Sign::Free,
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
