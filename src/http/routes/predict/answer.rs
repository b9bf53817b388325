//! What a client gets for its applications.

use jiff::Timestamp;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{AnyResponse, request::PredictRequest};
use crate::{
    credit::{
        Assessment, CreditModel, ModelType,
        application::{Expected, Reader},
        fault::Faults,
        model::{FlagKind, Scratch},
        policy::{Decision, Thresholds},
        reasons::{self, Direction, PointsLost},
        scorecard::ReasonMethod,
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
    /// Probability from which they were referred to a person; absent if nobody was.
    #[serde(skip_serializing_if = "Option::is_none")]
    refer_threshold: Option<f64>,
    /// Version of the policy that every decision follows; `request` if the request brought its
    /// own threshold.
    policy_version: &'a str,
    /// How the reasons were derived.
    reason_method: ReasonMethod,
    /// Log-odds of default of the applicants that reasons compare with, where contributions start.
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
    /// Number of them that were referred to a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    predicted_referrals: Option<u64>,
}

/// The answer to one application.
#[derive(Serialize, ToSchema)]
pub(super) struct Prediction<'a> {
    /// The application as it was sent.
    #[schema(value_type = Object)]
    application: &'a RawValue,
    /// Whether the probability of default reaches the threshold.
    predicted_default: bool,
    /// `approve`, `refer` or `decline`.
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
    /// Points of a scorecard, rounded.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<i64>,
    /// Points of a scorecard as they come from the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_score: Option<f64>,
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
    /// Points by which it is worse than the reference; of scorecards.
    #[serde(skip_serializing_if = "Option::is_none")]
    points_lost: Option<f64>,
    /// The bin that the value fell into; of scorecards.
    #[serde(skip_serializing_if = "Option::is_none")]
    bin: Option<String>,
}

/// Something unusual about one characteristic.
#[derive(Serialize, ToSchema)]
pub(super) struct Flag<'a> {
    /// The characteristic.
    pub characteristic: &'a str,
    /// What is unusual.
    pub flag: FlagKind,
}

pub(super) struct Contributions<'a> {
    pub expected: Expected<'a>,
    /// In the schema's order.
    pub values: Vec<f64>,
}

impl Serialize for Contributions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let Expected {
            characteristics,
            used,
            ..
        } = self.expected;
        for ((characteristic, value), used) in characteristics.iter().zip(&self.values).zip(used) {
            if *used {
                map.serialize_entry(&characteristic.name, value)?;
            }
        }
        map.end()
    }
}

/// A request's own threshold is no policy of the lender's.
const OWN_THRESHOLD: &str = "request";

/// The response body and what the audit trail wants to know about it.
pub(super) struct Answer {
    pub body: Vec<u8>,
    pub n_samples: u64,
    /// None of a regression.
    pub decided: Option<Decided>,
}

/// How applications were decided.
pub(super) struct Decided {
    pub threshold: f64,
    pub policy_version: String,
    pub predicted_defaults: u64,
}

impl Answer {
    /// Reads and assesses every application.
    pub(super) fn to(
        request: &PredictRequest,
        model: &CreditModel,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        let policy = &model.body().policy;
        let (thresholds, policy_version) = match request.threshold {
            Some(threshold) => (Thresholds::single(threshold), OWN_THRESHOLD),
            None => (policy.thresholds(), policy.version.as_str()),
        };
        let (mut scratch, mut faults) = (Scratch::default(), Faults::default());
        let total = request.applications.len();
        let mut predictions = Vec::with_capacity(total);
        let mut reader = Reader::new(model.expected());
        for (index, application) in request.applications.iter().enumerate() {
            let row = reader.read(application.get(), index, &mut faults);
            if faults.is_empty() {
                let assessment = model.assess(row, thresholds, &mut scratch);
                let all = request.include_probabilities && request.include_contributions;
                let answer = Answered {
                    application,
                    assessment,
                    contributions: all.then(|| model.contributions(row, &mut scratch).to_vec()),
                };
                predictions.push(Prediction::new(request, model, answer));
            }
        }
        faults.into_result().map_err(ApiError::Invalid)?;
        let decided = |decision| {
            let decisions = predictions.iter().map(|it: &Prediction<'_>| it.decision);
            decisions.filter(|it| *it == decision).count() as u64
        };
        let predicted_defaults = decided(Decision::Decline);
        let predicted_approvals = decided(Decision::Approve);
        let refers = thresholds.refer < thresholds.decline;
        let response = AnyResponse::Credit(PredictionResponse {
            model_id: request.model_id.as_str(),
            model_type: model.body().model_type,
            threshold: thresholds.decline,
            refer_threshold: refers.then_some(thresholds.refer),
            policy_version,
            reason_method: model.body().reference.summary.method,
            base_log_odds: request
                .include_probabilities
                .then_some(model.base_log_odds()),
            predicted_referrals: refers.then(|| decided(Decision::Refer)),
            predictions,
            timestamp: now,
            total_applications: total,
            predicted_defaults,
            predicted_approvals,
        });
        let mut body = Vec::with_capacity(512 + total * 1024);
        serde_json::to_writer(&mut body, &response).map_err(|_| ApiError::Internal)?;
        Ok(Self {
            body,
            n_samples: total as u64,
            decided: Some(Decided {
                threshold: thresholds.decline,
                policy_version: policy_version.to_owned(),
                predicted_defaults,
            }),
        })
    }
}

/// An application, read and assessed.
struct Answered<'a> {
    application: &'a RawValue,
    assessment: Assessment,
    /// The contribution of every characteristic, in the schema's order, if asked for.
    contributions: Option<Vec<f64>>,
}

impl<'a> Prediction<'a> {
    /// Without probabilities, nothing is answered that they could be computed from.
    fn new(request: &PredictRequest, model: &'a CreditModel, of: Answered<'a>) -> Self {
        let Answered {
            application,
            assessment,
            contributions,
        } = of;
        let open = request.include_probabilities;
        let reasons = assessment.reasons.iter().zip(1..);
        let reasons = reasons.map(|(reason, rank)| Reason::new(reason, rank, model, open));
        let named = assessment.reasons.iter().map(|it| it.contribution);
        let other = assessment.log_odds - model.base_log_odds() - named.sum::<f64>();
        let flags = assessment.flags.iter().map(|flag| Flag {
            characteristic: name(model, flag.characteristic),
            flag: flag.kind,
        });
        let points = assessment.points.filter(|_| open);
        Self {
            application,
            predicted_default: assessment.decision == Decision::Decline,
            decision: assessment.decision,
            default_probability: open.then_some(assessment.probability_of_default),
            confidence: open.then_some(assessment.confidence),
            log_odds: open.then_some(assessment.log_odds),
            score: points.map(|points| points.rounded),
            raw_score: points.map(|points| points.raw),
            reasons: reasons.collect(),
            other_contributions: open.then_some(other),
            contributions: contributions.map(|values| Contributions {
                expected: model.expected(),
                values,
            }),
            flags: flags.collect(),
        }
    }
}

impl<'a> Reason<'a> {
    fn new(reason: &reasons::Reason, rank: usize, model: &'a CreditModel, open: bool) -> Self {
        let points = reason.points.filter(|_| open);
        Self {
            rank,
            characteristic: name(model, reason.characteristic),
            direction: reason.direction,
            text: model.texts(reason.characteristic).get(reason.direction),
            contribution: open.then_some(reason.contribution),
            points_lost: points.map(|points| points.lost),
            bin: points.and_then(|PointsLost { entry, bin, .. }| model.bin_label(entry, bin)),
        }
    }
}

fn name(model: &CreditModel, position: usize) -> &str {
    &model.schema().characteristics[position].name
}
