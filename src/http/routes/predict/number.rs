//! The answer of a regression to the applications of a request.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{
    AnyResponse,
    answer::{Answer, Contributions, Flag},
    request::PredictRequest,
};
use crate::{
    credit::{
        Fault, ModelType,
        application::Reader,
        fault::Faults,
        regression::{NumberScratch, Prediction, RegressionModel},
    },
    http::error::ApiError,
};

/// Share of cases that intervals hold unless the request says otherwise.
const USUAL_LEVEL: f64 = 0.95;

/// The numbers of a list of applications.
#[derive(Serialize, ToSchema)]
pub(super) struct NumberResponse<'a> {
    model_id: &'a str,
    /// `linear_regression`.
    model_type: ModelType,
    /// The column that is predicted.
    target: &'a str,
    /// The prediction where every feature is at its mean; contributions are added to it.
    base: f64,
    /// Share of cases that the intervals are meant to hold.
    interval_level: f64,
    /// One per application, in the order of the request.
    predictions: Vec<NumberPrediction<'a>>,
    /// When the answer was made, UTC.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    total_applications: usize,
}

/// The number of one application.
#[derive(Serialize, ToSchema)]
struct NumberPrediction<'a> {
    /// The application as it was sent.
    #[schema(value_type = Object)]
    application: &'a RawValue,
    /// The number, in the target's unit.
    prediction: f64,
    /// Standard error of the mean of applications like this one.
    std_error: Option<f64>,
    /// Where that mean lies.
    confidence_interval: Option<[f64; 2]>,
    /// Where the number of a single such application lies.
    prediction_interval: Option<[f64; 2]>,
    /// What every characteristic adds to `base`, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, f64>>)]
    contributions: Option<Contributions<'a>>,
    /// What is unusual about the application.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<Flag<'a>>,
}

/// Reads every application and predicts its number.
pub(super) fn answer(
    request: &PredictRequest,
    model: &RegressionModel,
    now: Timestamp,
) -> Result<Answer, ApiError> {
    let mut faults = Faults::default();
    for (asked, pointer) in [
        (request.threshold.is_some(), "/threshold"),
        (!request.include_probabilities, "/include_probabilities"),
    ] {
        if asked {
            let detail = "a linear regression has no probabilities and decides nothing";
            faults.push(Fault::at(pointer, detail));
        }
    }
    let intervals = model.intervals(request.interval_level.unwrap_or(USUAL_LEVEL));
    let mut scratch = NumberScratch::default();
    let mut reader = Reader::new(model.expected());
    let total = request.applications.len();
    let mut predictions = Vec::with_capacity(total);
    for (index, application) in request.applications.iter().enumerate() {
        let row = reader.read(application.get(), index, &mut faults);
        if !faults.is_empty() {
            continue;
        }
        let found = model.predict(row, intervals, &mut scratch);
        let all = request.include_contributions;
        let contributions = all.then(|| scratch.contributions.clone());
        predictions.push(told(model, application, found, contributions));
    }
    faults.into_result().map_err(ApiError::Invalid)?;
    let response = AnyResponse::Number(NumberResponse {
        model_id: request.model_id.as_str(),
        model_type: ModelType::LinearRegression,
        target: &model.body().target,
        base: model.base(),
        interval_level: intervals.level,
        predictions,
        timestamp: now,
        total_applications: total,
    });
    let mut body = Vec::with_capacity(512 + total * 512);
    serde_json::to_writer(&mut body, &response).map_err(|_| ApiError::Internal)?;
    Ok(Answer {
        body,
        n_samples: total as u64,
        decided: None,
    })
}

fn told<'a>(
    model: &'a RegressionModel,
    application: &'a RawValue,
    found: Prediction,
    contributions: Option<Vec<f64>>,
) -> NumberPrediction<'a> {
    let known = &model.body().characteristics;
    let flags = found.flags.iter().map(|flag| Flag {
        characteristic: &known[flag.characteristic].name,
        flag: flag.kind,
    });
    NumberPrediction {
        application,
        prediction: found.value,
        std_error: found.std_error,
        confidence_interval: found.confidence_interval,
        prediction_interval: found.prediction_interval,
        contributions: contributions.map(|values| Contributions {
            expected: model.expected(),
            values,
        }),
        flags: flags.collect(),
    }
}
