//! A fitted plane: what is stored, and how it predicts.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::{
    credit::{
        application::Expected,
        features::imputed,
        model::{Flag, Inconsistent, LinearModel, Watch},
        schema::{Characteristic, Kind},
        value::Value,
    },
    stats::{Spread, student_quantile},
};

/// Most that a standardised value may be, so that sums with others stay numbers.
const MOST_DEVIATIONS: f64 = 1e100;

/// Everything a regression is, as it is stored: data, never code.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct RegressionBody {
    /// The column that is predicted.
    pub target: String,
    /// What an application looks like.
    pub characteristics: Vec<Characteristic>,
    /// The plane: its intercept is the prediction where every feature is at its mean, its weights are
    /// in the target's unit per standard deviation.
    pub plane: LinearModel,
    /// The weighted mean of each feature, in standard deviations; 0 where rows count alike.
    pub centre: Vec<f64>,
    /// What the uncertainty of a prediction follows from.
    pub spread: Spread,
    /// Degrees of freedom of the residuals.
    pub degrees_of_freedom: u64,
}

/// A regression ready to predict.
#[derive(Debug)]
pub struct RegressionModel {
    body: RegressionBody,
    positions: HashMap<String, usize>,
    used: Vec<bool>,
    watch: Watch,
}

/// Room for the work on one application after the other.
#[derive(Debug, Default)]
pub struct NumberScratch {
    deviations: Vec<f64>,
    solved: Vec<f64>,
    /// What each characteristic adds to the prediction, in the schema's order.
    pub contributions: Vec<f64>,
}

/// How wide intervals are.
#[derive(Clone, Copy, Debug)]
pub struct Intervals {
    /// Share of cases that an interval is meant to hold, between 0 and 1.
    pub level: f64,
    /// Student's t of that share.
    t: f64,
}

/// What is predicted of one application.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// The number.
    pub value: f64,
    /// Standard error of the mean of applications like this one; none where it is unknown.
    pub std_error: Option<f64>,
    /// Where that mean lies.
    pub confidence_interval: Option<[f64; 2]>,
    /// Where the number of a single such application lies.
    pub prediction_interval: Option<[f64; 2]>,
    /// What is unusual about the application.
    pub flags: Vec<Flag>,
}

impl RegressionModel {
    /// Makes a model of its stored body.
    ///
    /// # Errors
    /// [`Inconsistent`] when the parts do not fit together.
    pub fn new(body: RegressionBody) -> Result<Self, Inconsistent> {
        let known = &body.characteristics;
        let width = body.plane.features.features.len();
        body.plane.check(known.len())?;
        let is_number = |it: &f64| it.is_finite();
        if body.centre.len() != width
            || !body.centre.iter().all(is_number)
            || !body.spread.is_sound(width)
        {
            return Err(Inconsistent);
        }
        let mut used = vec![false; known.len()];
        for feature in &body.plane.features.features {
            used[feature.characteristic] = true;
        }
        Ok(Self {
            positions: known.iter().map(|it| it.name.clone()).zip(0..).collect(),
            watch: Watch::of(known),
            used,
            body,
        })
    }

    /// The stored part.
    pub fn body(&self) -> &RegressionBody {
        &self.body
    }

    /// What it expects of an application.
    pub fn expected(&self) -> Expected<'_> {
        Expected {
            characteristics: &self.body.characteristics,
            positions: &self.positions,
            used: &self.used,
        }
    }

    /// Whether the model uses the characteristic at `position`.
    pub fn uses(&self, position: usize) -> bool {
        self.used[position]
    }

    /// The prediction where every feature is at its mean, where contributions start.
    pub fn base(&self) -> f64 {
        self.body.plane.intercept
    }

    /// Intervals that are meant to hold this share of cases.
    #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^52")]
    pub fn intervals(&self, level: f64) -> Intervals {
        let freedom = self.body.degrees_of_freedom as f64;
        Intervals {
            level,
            t: student_quantile(1.0 - level, freedom),
        }
    }

    /// The number of an application, one value per characteristic. Base and the `contributions` that
    /// this leaves in `scratch` add up to it.
    pub fn value(&self, row: &[Value], scratch: &mut NumberScratch) -> f64 {
        let NumberScratch {
            deviations,
            contributions,
            ..
        } = scratch;
        let plane = &self.body.plane;
        deviations.clear();
        contributions.clear();
        contributions.resize(row.len(), 0.0);
        for (at, feature) in plane.features.features.iter().enumerate() {
            let characteristic = &self.body.characteristics[feature.characteristic];
            let raw = match (row[feature.characteristic], &characteristic.kind) {
                (Value::Number(number), _) => feature.encoding.number(Some(number)),
                (Value::Level(level), _) => feature.encoding.level(Some(level)),
                (Value::Missing, Kind::Numeric { .. }) => feature.encoding.number(None),
                (Value::Missing, Kind::Categorical { .. }) => {
                    feature.encoding.level(imputed(characteristic))
                }
                // As the average application.
                (Value::Unseen | Value::Unused, _) => plane.features.mean[at],
            };
            let deviation = (raw - plane.features.mean[at]) / plane.features.standard_deviation[at];
            let deviation = deviation.clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS);
            deviations.push(deviation);
            contributions[feature.characteristic] += plane.weights[at] * deviation;
        }
        contributions
            .iter()
            .fold(plane.intercept, |sum, it| sum + it)
    }

    /// Predicts the number of an application, one value per characteristic.
    pub fn predict(
        &self,
        row: &[Value],
        intervals: Intervals,
        scratch: &mut NumberScratch,
    ) -> Prediction {
        let value = self.value(row, scratch);
        let NumberScratch {
            deviations, solved, ..
        } = scratch;
        let deviation = |at: usize| deviations[at] - self.body.centre[at];
        let leverage = self.body.spread.leverage(deviation, solved);
        let error = |share: f64| {
            let variance = self.body.spread.variance? * share;
            Some(variance.sqrt()).filter(|error| error.is_finite())
        };
        let around = |error: Option<f64>| {
            let half = error? * intervals.t;
            Some([value - half, value + half]).filter(|_| half.is_finite())
        };
        Prediction {
            value,
            std_error: error(leverage),
            confidence_interval: around(error(leverage)),
            prediction_interval: around(error(1.0 + leverage)),
            flags: self.watch.flags(row, &[]),
        }
    }
}
