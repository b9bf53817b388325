//! What stands in a card.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    CardSource, Certificate, FitSummary, SampleSection, limitations, policies, samples::of,
};
use crate::credit::{
    ModelType, TrainingPlan, TrainingResult,
    coefficients::Coefficient,
    evaluation::CrossValidation,
    evidence::Stability,
    learner::{Excluded, TreesSummary},
    model::ReferenceSummary,
    plan::{OutOfTimePlan, SignConstraint},
    policy::Policy,
    schema::{Characteristic, Kind},
    scorecard::export::CardDocument,
    training::CalibrationSummary,
};

/// What is known about a model, for those who own, validate or audit it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ModelCard {
    /// Which model this is.
    pub model: Identity,
    /// What it is for.
    pub purpose: Purpose,
    /// What it was made of.
    pub data: DataSection,
    /// The plan of the training, defaults filled in: split, seed, penalty, binning, criteria of the
    /// cut-offs.
    pub plan: TrainingPlan,
    /// What is done with missing, special, unseen and rare values, and with bins of one class.
    pub policies: Vec<ValuePolicy>,
    /// Bins, weight of evidence and points of a scorecard.
    pub scorecard: Option<CardDocument>,
    /// Log-odds of default of the average applicant; trees have none.
    pub intercept: Option<Coefficient>,
    /// The fitted coefficients, with a check of their signs.
    pub coefficients: Vec<CardCoefficient>,
    /// Whether the solver got there, if one was at work.
    pub convergence: Option<Certificate>,
    /// The trees, if it is made of them.
    pub trees: Option<TreesSummary>,
    /// How much each feature matters: absolute log-odds per standard deviation, or of trees the
    /// share in what the splits achieve.
    pub feature_importance: BTreeMap<String, f64>,
    /// Criteria and tests of the model as a whole; none when they cannot be had.
    pub statistics: Option<FitSummary>,
    /// Measures of each sample with their intervals; empty if the evidence is not stored.
    pub samples: Vec<SampleSection>,
    /// Measures of each fold of the cross-validation.
    pub cross_validation: CrossValidation,
    /// What calibration did to the log-odds.
    pub calibration: CalibrationSummary,
    /// The cut-offs and the version of the policy.
    pub policy: Policy,
    /// With whom reasons compare an applicant.
    pub reasons: ReferenceSummary,
    /// How the scores of later rows differ from those of the training rows.
    pub stability: StabilitySection,
    /// What to be wary of, each in a sentence that follows from the figures.
    pub limitations: Vec<String>,
    /// What is not known, and what would be needed to know it.
    pub not_known: Vec<Lacking>,
}

/// Which model a card is of.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = CardIdentity)]
pub struct Identity {
    /// Id under which the model is stored.
    pub model_id: String,
    /// Kind of model.
    pub model_type: ModelType,
    /// When the training ended, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Version of the program that trained it.
    pub software: String,
    /// Hex SHA-256 of the model's data.
    pub model_sha256: String,
}

/// What a model estimates, and of whom.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = CardPurpose)]
pub struct Purpose {
    /// What it estimates.
    pub statement: String,
    /// Column that held the outcome.
    pub target: String,
    /// Value of the target that means default.
    pub event: String,
    /// Default rate of the population that is scored, if the lender has stated it.
    pub population_default_rate: Option<f64>,
}

/// What a model was made of.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = CardData)]
pub struct DataSection {
    /// `sha256:` and the hex digest of the data set's bytes.
    pub digest: String,
    /// Rows of the data set.
    pub rows: u64,
    /// Rows that defaulted.
    pub events: u64,
    /// Share of the rows that defaulted.
    pub event_rate: f64,
    /// Rows the model was fitted on, before undersampling.
    pub train_rows: u64,
    /// Rows held back for the test metrics.
    pub test_rows: u64,
    /// Rows too new to learn from, measured on their own.
    pub out_of_time_rows: u64,
    /// Which rows these are, if any.
    pub out_of_time: Option<OutOfTimePlan>,
    /// Columns that the lender left out.
    pub excluded_columns: Vec<String>,
    /// Characteristics that a scorecard does without, and why.
    pub excluded: Vec<Excluded>,
    /// The characteristics of the data set and what was learnt about each.
    pub characteristics: Vec<Characteristic>,
}

/// A coefficient and whether its sign is what it must be.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CardCoefficient {
    /// The coefficient.
    #[serde(flatten)]
    pub coefficient: Coefficient,
    /// The check; none where nothing is demanded of the sign.
    pub sign: Option<SignCheck>,
}

/// What is demanded of a sign, and whether it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SignCheck {
    /// What is demanded: by the plan, or of every weight of evidence, as more of it is less risk.
    pub required: SignConstraint,
    /// Whether it holds.
    pub holds: bool,
}

/// A kind of values and what is done with them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ValuePolicy {
    /// The kind of values.
    pub values: String,
    /// What is done with them.
    pub policy: String,
}

/// Population stability of the scores; the bins' development shares are the baseline for later
/// samples.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = CardStability)]
pub struct StabilitySection {
    /// Test rows against training rows.
    pub test: Option<Stability>,
    /// Out-of-time rows against training rows.
    pub out_of_time: Option<Stability>,
}

/// Something that is not known about a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CardLacking)]
pub struct Lacking {
    /// What is not known.
    pub what: String,
    /// Why, and what would be needed.
    pub why: String,
}

impl ModelCard {
    /// The card of a model.
    pub fn new(source: &CardSource<'_>) -> Self {
        let result = source.result;
        let evidence = result.evidence.as_deref();
        let stability = StabilitySection {
            test: evidence.and_then(|it| it.test_stability.clone()),
            out_of_time: evidence.and_then(|it| it.out_of_time_stability.clone()),
        };
        let mut card = Self {
            model: Identity {
                model_id: result.model_id.clone(),
                model_type: result.model_type,
                created_at: result.created_at,
                software: source.written_by.to_owned(),
                model_sha256: source.model_sha256.to_owned(),
            },
            purpose: Purpose::of(result),
            data: DataSection::of(result),
            plan: result.training_config.clone(),
            policies: policies::of(result),
            scorecard: result.scorecard.clone(),
            intercept: result.intercept.clone(),
            coefficients: CardCoefficient::all(result),
            convergence: Certificate::of(result),
            trees: result.trees.clone(),
            feature_importance: result.feature_importance.clone(),
            statistics: FitSummary::of(result),
            samples: evidence.map(of).unwrap_or_default(),
            cross_validation: result.metrics.cross_validation.clone(),
            calibration: result.calibration.clone(),
            policy: result.policy.clone(),
            reasons: result.reason_reference,
            stability,
            limitations: Vec::new(),
            not_known: limitations::not_known(result),
        };
        card.limitations = limitations::of(&card);
        card
    }

    /// The sample of this name, if it is measured.
    pub fn sample(&self, name: &str) -> Option<&SampleSection> {
        self.samples.iter().find(|sample| sample.sample == name)
    }
}

impl Purpose {
    fn of(result: &TrainingResult) -> Self {
        let summary = &result.data;
        let (target, event) = (summary.target.clone(), summary.event.clone());
        Self {
            statement:
                "Estimates the probability that a loan like those of the data set defaults, \
                        and decides by it."
                    .to_owned(),
            target,
            event,
            population_default_rate: result.training_config.population_default_rate,
        }
    }
}

impl DataSection {
    fn of(result: &TrainingResult) -> Self {
        let summary = &result.data;
        Self {
            digest: summary.digest.clone(),
            rows: summary.rows,
            events: summary.events,
            event_rate: summary.event_rate,
            train_rows: summary.train_rows,
            test_rows: summary.test_rows,
            out_of_time_rows: summary.out_of_time_rows,
            out_of_time: result.training_config.out_of_time.clone(),
            excluded_columns: result.training_config.exclude.clone(),
            excluded: result.excluded.clone(),
            characteristics: summary.characteristics.clone(),
        }
    }
}

impl CardCoefficient {
    fn all(result: &TrainingResult) -> Vec<Self> {
        let with_check = |coefficient: &Coefficient| Self {
            sign: SignCheck::of(coefficient, result),
            coefficient: coefficient.clone(),
        };
        result.coefficients.iter().map(with_check).collect()
    }
}

impl SignCheck {
    fn of(coefficient: &Coefficient, result: &TrainingResult) -> Option<Self> {
        let required = if let Some(card) = &result.scorecard {
            // Terms of two characteristics are free.
            let mut names = card.characteristics.iter().map(|it| &it.name);
            names.find(|name| **name == coefficient.feature)?;
            SignConstraint::NonPositive
        } else {
            // The plan's signs are of numbers, whose features have the characteristic's name.
            let name = &coefficient.feature;
            let numeric =
                |it: &Characteristic| it.name == *name && matches!(it.kind, Kind::Numeric { .. });
            let is_number = result.data.characteristics.iter().any(numeric);
            let of_plan = result.training_config.signs.get(name);
            *of_plan.filter(|_| is_number)?
        };
        let holds = match required {
            SignConstraint::NonNegative => coefficient.coefficient >= 0.0,
            SignConstraint::NonPositive => coefficient.coefficient <= 0.0,
        };
        Some(Self { required, holds })
    }
}
