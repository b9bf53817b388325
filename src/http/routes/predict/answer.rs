//! What a client gets for its applications.

use jiff::Timestamp;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::request::PredictRequest;
use crate::{
    credit::{
        Assessment, CreditModel, ModelType, Value,
        application::Reader,
        cutoff::Decision,
        fault::Faults,
        model::FlagKind,
        reasons::{self, Direction},
    },
    http::error::ApiError,
};

/// One answer per application.
#[derive(Serialize, ToSchema)]
pub(super) struct PredictionResponse<'a> {
    /// Id of the model.
    model_id: &'a str,
    /// Kind of model.
    model_type: ModelType,
    /// Probability from which applications were declined.
    threshold: f64,
    /// How the reasons were derived.
    reason_method: &'static str,
    /// Log-odds of default of the average applicant, where contributions start.
    #[serde(skip_serializing_if = "Option::is_none")]
    base_log_odds: Option<f64>,
    /// The answers, in the order of the request.
    predictions: Vec<Prediction<'a>>,
    /// When the answers were given, UTC.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    /// Number of applications.
    total_applications: usize,
    /// Number of them that were declined.
    predicted_defaults: u64,
    /// Number of them that were approved.
    predicted_approvals: u64,
}

/// The answer to one application.
#[derive(Serialize, ToSchema)]
pub(super) struct Prediction<'a> {
    /// The application as it was sent.
    #[schema(value_type = Object)]
    application: &'a RawValue,
    /// Whether the probability of default reaches the threshold.
    predicted_default: bool,
    /// `approve` or `decline`.
    decision: Decision,
    /// Probability of default, 0..=1.
    #[serde(skip_serializing_if = "Option::is_none")]
    default_probability: Option<f64>,
    /// |p - t| / max(t, 1 - t), 0..=1.
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f64>,
    /// Log-odds of default.
    #[serde(skip_serializing_if = "Option::is_none")]
    log_odds: Option<f64>,
    /// What raised the risk most, at most four, largest first.
    reasons: Vec<Reason<'a>>,
    /// Sum of the contributions that are not among the reasons.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_contributions: Option<f64>,
    /// The contribution of every characteristic, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, f64>>)]
    contributions: Option<Contributions<'a>>,
    /// What is unusual about the application.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<Flag<'a>>,
}

/// A characteristic that raised the risk.
#[derive(Serialize, ToSchema)]
pub(super) struct Reason<'a> {
    /// 1 for the largest contribution.
    rank: usize,
    /// The characteristic.
    characteristic: &'a str,
    /// In which way its value is unfavourable.
    direction: Direction,
    /// The same in words an applicant can read.
    text: &'a str,
    /// What it adds to the log-odds of default.
    #[serde(skip_serializing_if = "Option::is_none")]
    contribution: Option<f64>,
}

/// Something unusual about one characteristic.
#[derive(Serialize, ToSchema)]
pub(super) struct Flag<'a> {
    /// The characteristic.
    characteristic: &'a str,
    /// What is unusual.
    flag: FlagKind,
}

pub(super) struct Contributions<'a> {
    model: &'a CreditModel,
    values: Vec<f64>,
}

impl Serialize for Contributions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (position, value) in self.values.iter().enumerate() {
            if self.model.uses(position) {
                map.serialize_entry(name(self.model, position), value)?;
            }
        }
        map.end()
    }
}

/// The response body and what the audit trail wants to know about it.
pub(super) struct Answer {
    pub body: Vec<u8>,
    pub n_samples: u64,
    pub threshold: f64,
    pub predicted_defaults: u64,
}

impl Answer {
    /// Reads and assesses every application.
    pub(super) fn to(
        request: &PredictRequest,
        model: &CreditModel,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        let threshold = request.threshold.unwrap_or(model.body().cutoff.threshold);
        let (mut contributions, mut faults) = (Vec::new(), Faults::default());
        let total = request.applications.len();
        let mut predictions = Vec::with_capacity(total);
        let mut reader = Reader::new(model);
        for (index, application) in request.applications.iter().enumerate() {
            let row = reader.read(application.get(), index, &mut faults);
            if faults.is_empty() {
                let assessment = model.assess(row, threshold, &mut contributions);
                let answer = Answered {
                    application,
                    row,
                    assessment,
                    all: &contributions,
                };
                predictions.push(Prediction::new(request, model, &answer));
            }
        }
        faults.into_result().map_err(ApiError::Invalid)?;
        let predicted_defaults = predictions
            .iter()
            .filter(|prediction| prediction.predicted_default)
            .count() as u64;
        let response = PredictionResponse {
            model_id: request.model_id.as_str(),
            model_type: model.body().model_type,
            threshold,
            reason_method: reasons::METHOD,
            base_log_odds: request
                .include_probabilities
                .then_some(model.base_log_odds()),
            predictions,
            timestamp: now,
            total_applications: total,
            predicted_defaults,
            predicted_approvals: total as u64 - predicted_defaults,
        };
        let mut body = Vec::with_capacity(512 + total * 1024);
        serde_json::to_writer(&mut body, &response).map_err(|_| ApiError::Internal)?;
        Ok(Self {
            body,
            n_samples: total as u64,
            threshold,
            predicted_defaults,
        })
    }
}

/// An application, read and assessed.
struct Answered<'a, 'b> {
    application: &'a RawValue,
    row: &'b [Value],
    assessment: Assessment,
    /// The contribution of every characteristic, in the schema's order.
    all: &'b [f64],
}

impl<'a> Prediction<'a> {
    /// Without probabilities, nothing is answered that they could be computed from.
    fn new(request: &PredictRequest, model: &'a CreditModel, of: &Answered<'a, '_>) -> Self {
        let Answered {
            application,
            row,
            assessment,
            all,
        } = of;
        let open = request.include_probabilities;
        let reasons = assessment
            .reasons
            .iter()
            .zip(1..)
            .map(|((position, contribution), rank)| {
                let direction = model.direction(position, row[position]);
                Reason {
                    rank,
                    characteristic: name(model, position),
                    direction,
                    text: model.texts(position).get(direction),
                    contribution: open.then_some(contribution),
                }
            });
        let explained: f64 = assessment
            .reasons
            .iter()
            .map(|(_, contribution)| contribution)
            .sum();
        let flags = assessment.flags.iter();
        Self {
            application,
            predicted_default: assessment.decision == Decision::Decline,
            decision: assessment.decision,
            default_probability: open.then_some(assessment.probability_of_default),
            confidence: open.then_some(assessment.confidence),
            log_odds: open.then_some(assessment.log_odds),
            reasons: reasons.collect(),
            other_contributions: open
                .then_some(assessment.log_odds - model.base_log_odds() - explained),
            contributions: (open && request.include_contributions).then(|| Contributions {
                model,
                values: all.to_vec(),
            }),
            flags: flags
                .map(|flag| Flag {
                    characteristic: name(model, flag.characteristic),
                    flag: flag.kind,
                })
                .collect(),
        }
    }
}

fn name(model: &CreditModel, position: usize) -> &str {
    &model.schema().characteristics[position].name
}
