//! A trained model: data that is stored, and the tables made from it to score.

mod assessment;
mod engine;
mod linear;
mod reference;
mod scorecard;
mod scorer;
mod shapley;
mod trees;
mod watch;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use self::engine::Engine;
pub use self::{
    assessment::{Assessment, Flag, FlagKind},
    linear::LinearModel,
    reference::{ModelReference, ReferenceSummary},
    scorecard::{Points, ScorecardModel},
    trees::{Trees, TreesModel},
};
pub(super) use self::{
    reference::Development, scorecard::CardScorer, scorer::Scorer, watch::Watch,
};
use super::{
    ModelType,
    application::Expected,
    plan::ReasonTexts,
    policy::{Policy, Thresholds},
    reasons::Texts,
    schema::Schema,
    scorecard::{Card, ScorecardError},
    value::Value,
};
use crate::stats::{Calibrator, LineError, LogOddsLine, sigmoid};

/// Everything a model is, as it is stored: data, never code.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ModelBody {
    /// Kind of model.
    pub model_type: ModelType,
    /// What an application looks like.
    pub schema: Schema,
    /// How log-odds follow from an application.
    pub form: ModelForm,
    /// How probabilities follow from log-odds, where not by 1 / (1 + exp(-x)).
    pub calibrator: Option<Calibrator>,
    /// What applicants are compared with when they are given reasons.
    pub reference: ModelReference,
    /// The boundaries the model's own decisions use.
    pub policy: Policy,
    /// The lender's texts of reasons, by characteristic.
    pub texts: BTreeMap<String, ReasonTexts>,
}

/// How log-odds of default follow from an application.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub enum ModelForm {
    /// By features of its characteristics.
    Linear(LinearModel),
    /// By bins of its characteristics.
    Scorecard(ScorecardModel),
    /// By trees over its characteristics.
    Trees(TreesModel),
}

impl ModelForm {
    /// Features of a linear model, or characteristics of a scorecard or of trees.
    pub fn width(&self) -> usize {
        match self {
            Self::Linear(model) => model.features.features.len(),
            Self::Scorecard(model) => model.card.entries().len(),
            Self::Trees(model) => model.width(),
        }
    }

    /// Roughly the bytes it takes, ready for use.
    pub fn weight(&self) -> usize {
        const CELL: usize = 256;
        match self {
            Self::Linear(model) => model.features.features.len() * CELL,
            Self::Scorecard(model) => {
                let entries = model.card.entries().iter();
                let bins: usize = entries.map(|it| it.binning.table().rows.len()).sum();
                bins * CELL
            }
            Self::Trees(model) => model.weight(),
        }
    }

    /// Log-odds of default where every feature, or every weight of evidence, is 0; trees have none.
    pub fn intercept(&self) -> Option<f64> {
        match self {
            Self::Linear(model) => Some(model.intercept),
            Self::Scorecard(model) => Some(model.card.intercept()),
            Self::Trees(_) => None,
        }
    }

    /// The scorecard, if it is one.
    pub fn card(&self) -> Option<&Card> {
        match self {
            Self::Linear(_) | Self::Trees(_) => None,
            Self::Scorecard(model) => Some(&model.card),
        }
    }

    /// The same with its log-odds moved along `line`.
    ///
    /// # Errors
    /// [`RecalibrationError`] when that puts a number out of range.
    pub(super) fn recalibrated(self, line: &LogOddsLine) -> Result<Self, RecalibrationError> {
        Ok(match self {
            Self::Linear(model) => Self::Linear(LinearModel {
                intercept: line.log_odds(model.intercept),
                weights: model.weights.iter().map(|it| it * line.slope()).collect(),
                features: model.features,
            }),
            Self::Scorecard(ScorecardModel { card, positions }) => {
                Self::Scorecard(ScorecardModel {
                    card: card.recalibrated(line)?,
                    positions,
                })
            }
            Self::Trees(model) => Self::Trees(model.recalibrated(line)?),
        })
    }

    fn check(&self, schema: &Schema) -> Result<(), Inconsistent> {
        match self {
            Self::Linear(model) => model.check(schema.characteristics.len()),
            Self::Scorecard(model) => model.check(schema),
            Self::Trees(model) => model.check(schema),
        }
    }
}

/// A model ready to assess applications.
#[derive(Debug)]
pub struct CreditModel {
    body: ModelBody,
    engine: Engine,
    watch: Watch,
    positions: HashMap<String, usize>,
    used: Vec<bool>,
    texts: Vec<Texts>,
}

/// Room for the work on one application after the other.
#[derive(Debug, Default)]
pub struct Scratch {
    bins: Vec<u32>,
    numbers: Vec<f64>,
    contributions: Vec<f64>,
}

/// Why a form cannot be moved along a line.
#[derive(Debug, thiserror::Error)]
pub enum RecalibrationError {
    /// The points of a scorecard are out of range.
    #[error(transparent)]
    Scorecard(#[from] ScorecardError),
    /// The line of the trees is out of range.
    #[error(transparent)]
    Line(#[from] LineError),
}

/// Why a stored body is no model.
#[derive(Debug, thiserror::Error)]
#[error("the model's parts do not fit together")]
pub struct Inconsistent;

impl CreditModel {
    /// Makes a model of its stored body.
    ///
    /// # Errors
    /// [`Inconsistent`] when the parts do not fit together.
    pub fn new(body: ModelBody) -> Result<Self, Inconsistent> {
        body.form.check(&body.schema)?;
        if !body.policy.is_sound() {
            return Err(Inconsistent);
        }
        let engine = Engine::new(&body)?;
        let known = &body.schema.characteristics;
        let used = (0..known.len()).map(|position| engine.uses(position));
        let names = known.iter().map(|c| c.name.clone());
        let texts = known.iter().map(|c| Texts::of(c, body.texts.get(&c.name)));
        Ok(Self {
            used: used.collect(),
            positions: names.zip(0..).collect(),
            texts: texts.collect(),
            watch: Watch::new(&body),
            engine,
            body,
        })
    }

    /// The stored part.
    pub fn body(&self) -> &ModelBody {
        &self.body
    }

    /// The stored part alone.
    pub fn into_body(self) -> ModelBody {
        self.body
    }

    /// What an application looks like.
    pub fn schema(&self) -> &Schema {
        &self.body.schema
    }

    /// Whether the model uses the characteristic at `position`.
    pub fn uses(&self, position: usize) -> bool {
        self.used[position]
    }

    /// What it expects of an application.
    pub fn expected(&self) -> Expected<'_> {
        Expected {
            characteristics: &self.body.schema.characteristics,
            positions: &self.positions,
            used: &self.used,
        }
    }

    /// What a bin of a scorecard's characteristic holds, for people to read.
    pub fn bin_label(&self, entry: usize, bin: u32) -> Option<String> {
        let entry = self.body.form.card()?.entries().get(entry)?;
        let row = entry.binning.table().rows.get(bin as usize)?;
        Some(row.label.to_string())
    }

    /// What can be said about the characteristic at `position`.
    pub fn texts(&self, position: usize) -> &Texts {
        &self.texts[position]
    }

    /// Log-odds of default of the reference, where contributions start.
    pub fn base_log_odds(&self) -> f64 {
        self.engine.base_log_odds()
    }

    /// Probability of default of these log-odds, 0..=1.
    pub fn probability(&self, log_odds: f64) -> f64 {
        probability(self.body.calibrator.as_ref(), log_odds)
    }

    /// Log-odds of default of an application, one value per characteristic of the schema.
    pub fn log_odds(&self, row: &[Value], scratch: &mut Scratch) -> f64 {
        self.engine.log_odds(row, scratch)
    }

    /// Assesses one application, one value per characteristic of the schema.
    pub fn assess(
        &self,
        row: &[Value],
        thresholds: Thresholds,
        scratch: &mut Scratch,
    ) -> Assessment {
        let (log_odds, points, reasons) = self.engine.explain(row, scratch);
        let probability_of_default = self.probability(log_odds);
        Assessment {
            log_odds,
            probability_of_default,
            points,
            decision: thresholds.decide(probability_of_default),
            confidence: thresholds.confidence(probability_of_default),
            reasons,
            flags: self.watch.flags(row, &scratch.bins),
        }
    }

    /// What each characteristic of `row` adds to the log-odds, in the schema's order; with
    /// [`base_log_odds`](Self::base_log_odds) they add up to the log-odds within 1e-9.
    pub fn contributions<'s>(&self, row: &[Value], scratch: &'s mut Scratch) -> &'s [f64] {
        self.engine.contributions(row, scratch);
        &scratch.contributions
    }
}

/// Probability of default of log-odds.
pub(super) fn probability(calibrator: Option<&Calibrator>, log_odds: f64) -> f64 {
    calibrator.map_or_else(|| sigmoid(log_odds), |it| it.apply(log_odds))
}
