//! The plan of an evaluation: the file's fields, and above them the command line's.

use serde_json::{Map, Value};

use super::{Evaluate, EvaluateError, read};
use crate::{
    credit::{Fault, ModelType, TrainingPlan, plan::CalibrationPlan},
    http::{
        error::ApiError,
        extract::{parse_json, parse_value},
    },
};

/// What data sets usually write where there is no value.
const MISSING_VALUES: [&str; 7] = ["NA", "N/A", "NaN", "nan", "NULL", "null", "None"];

/// A kind of model by its name in a plan.
pub(super) fn model_type(name: &str) -> Result<ModelType, String> {
    serde_json::from_value(Value::from(name)).map_err(|error| error.to_string())
}

/// The plan that the options ask for; every field is within its bounds.
pub(super) fn of(options: &Evaluate) -> Result<TrainingPlan, EvaluateError> {
    let path = options.plan.as_ref();
    let place = path.map_or_else(|| "plan".to_owned(), |path| path.display().to_string());
    let refused = |faults| EvaluateError::Faults {
        place: place.clone(),
        faults,
    };
    let mut fields: Map<String, Value> = match path {
        Some(path) => parse_json(&read(path)?).map_err(|error| refused(faults(error)))?,
        None => Map::new(),
    };
    if let Some(model_type) = options.model {
        fields.insert("model_type".to_owned(), model_type.as_str().into());
    } else {
        let usual = || ModelType::Scorecard.as_str().into();
        fields.entry("model_type").or_insert_with(usual);
    }
    let plan = parse_value(Value::Object(fields)).map_err(|error| refused(faults(error)))?;
    let plan = with_options(plan, options);
    plan.clone().check().map_err(refused)?;
    Ok(plan)
}

fn with_options(mut plan: TrainingPlan, options: &Evaluate) -> TrainingPlan {
    if let Some(target) = &options.target {
        plan.target = Some(target.clone());
    }
    if let Some(event) = &options.event {
        plan.event = Some(event.as_str().into());
    }
    plan.exclude.extend_from_slice(&options.exclude);
    if let Some(texts) = &options.missing_values {
        plan.missing_values.clone_from(texts);
    } else if plan.missing_values.is_empty() {
        plan.missing_values = MISSING_VALUES.map(str::to_owned).to_vec();
    }
    plan
}

/// What the figures leave out of `plan`, if anything.
pub(super) fn unused(plan: &TrainingPlan) -> Option<&'static str> {
    let calibrated =
        plan.calibration != CalibrationPlan::None || plan.population_default_rate.is_some();
    calibrated.then_some(
        "calibration and population_default_rate are not used: \
         probabilities are those of the fits",
    )
}

/// What a reader of requests found wrong.
fn faults(error: ApiError) -> Vec<Fault> {
    match error {
        ApiError::Invalid(faults) => faults,
        other => vec![Fault::at("", other.detail(""))],
    }
}
