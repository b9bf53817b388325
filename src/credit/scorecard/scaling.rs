//! From log-odds to scores and back.

use std::f64::consts::LN_2;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    credit::binning::ParamFault,
    stats::{logit, sigmoid},
};

/// Which scores belong to which odds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = ScorecardScaling)]
pub enum Scaling {
    /// Points to double the odds: `factor = pdo / ln 2`,
    /// `offset = base_score − factor × ln(base_odds)`, `score = offset + factor × ln(odds)`
    /// (Siddiqi, *Credit Risk Scorecards*, 2006).
    Odds {
        /// Points that double the odds, 0.001 to 10,000.
        pdo: f64,
        /// Score at the base odds, −1,000,000 to 1,000,000.
        base_score: f64,
        /// Good-to-bad odds at the base score, 0.000001 to 1,000,000.
        base_odds: f64,
    },
    /// Lowest and highest score that any applicant can have, `from` and `to`:
    /// `factor = (to − from) / (riskiest − safest)` over the log-odds of default that bins can add up
    /// to.
    Range {
        /// Lowest score, −1,000,000 to 1,000,000.
        from: f64,
        /// Highest score, at least 1 more, at most 2,000,000.
        to: f64,
    },
}

/// Which end of the scores is the good one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ScorecardSense)]
pub enum Sense {
    /// Higher scores are better.
    #[default]
    HigherIsBetter,
    /// Higher scores are riskier; `pdo` points more halve the odds.
    HigherIsRiskier,
}

impl Sense {
    /// `1` if higher scores are better, `-1` if they are riskier.
    pub fn sign(self) -> f64 {
        match self {
            Self::HigherIsBetter => 1.0,
            Self::HigherIsRiskier => -1.0,
        }
    }
}

/// Where the points go that no bin decides about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ScorecardAllocation)]
pub enum Allocation {
    /// Evenly to all characteristics; there are no base points.
    #[default]
    Spread,
    /// To the base points; a weight of evidence of 0 has 0 points.
    Base,
    /// To the base points, so that the lowest points of each characteristic are 0.
    ZeroFloor,
}

/// How a card tells log-odds in points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ScorecardParams)]
pub struct CardParams {
    /// Which scores belong to which odds.
    pub scaling: Scaling,
    /// Which end of the scores is the good one.
    pub sense: Sense,
    /// Where the points go that no bin decides about.
    pub allocation: Allocation,
}

impl Default for CardParams {
    /// 600 points at 50:1, 20 points double the odds; higher is better; no base points.
    fn default() -> Self {
        Self {
            scaling: Scaling::Odds {
                pdo: 20.0,
                base_score: 600.0,
                base_odds: 50.0,
            },
            sense: Sense::default(),
            allocation: Allocation::default(),
        }
    }
}

impl Scaling {
    /// Whether every setting is in range.
    ///
    /// # Errors
    /// Every field out of range, `NaN` included.
    pub fn check(&self) -> Result<(), Vec<ParamFault>> {
        let mut faults = Vec::new();
        let mut within = |field, value: f64, least, most| {
            if !(least..=most).contains(&value) {
                faults.push(ParamFault { field, least, most });
            }
        };
        match *self {
            Self::Odds {
                pdo,
                base_score,
                base_odds,
            } => {
                within("scaling.odds.pdo", pdo, 1e-3, 1e4);
                within("scaling.odds.base_score", base_score, -1e6, 1e6);
                within("scaling.odds.base_odds", base_odds, 1e-6, 1e6);
            }
            Self::Range { from, to } => {
                within("scaling.range.from", from, -1e6, 1e6);
                let least = if from.is_finite() { from + 1.0 } else { -1e6 };
                within("scaling.range.to", to, least, 2e6);
            }
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults)
        }
    }

    /// The line of this scaling for log-odds of default in `safest..=riskiest`; `None` if there is
    /// no such line because both are the same.
    pub(super) fn line(&self, sense: Sense, safest: f64, riskiest: f64) -> Option<ScoreLine> {
        match *self {
            Self::Odds {
                pdo,
                base_score,
                base_odds,
            } => {
                let factor = sense.sign() * pdo / LN_2;
                Some(ScoreLine {
                    factor,
                    offset: base_score - factor * libm::log(base_odds),
                })
            }
            Self::Range { from, to } => {
                let width = riskiest - safest;
                let factor = sense.sign() * (to - from) / width;
                let lowest = match sense {
                    Sense::HigherIsBetter => riskiest,
                    Sense::HigherIsRiskier => safest,
                };
                let offset = from + factor * lowest;
                (width > 0.0 && factor.is_finite() && offset.is_finite())
                    .then_some(ScoreLine { factor, offset })
            }
        }
    }
}

/// The line between log-odds and scores: `score = offset − factor × log-odds of default`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreLine {
    /// Points for each unit of log-odds of a good outcome; negative if higher scores are riskier.
    pub factor: f64,
    /// Score at even odds.
    pub offset: f64,
}

impl ScoreLine {
    /// Score of log-odds of default.
    pub fn score(&self, log_odds: f64) -> f64 {
        self.offset - self.factor * log_odds
    }

    /// Log-odds of default of a score.
    pub fn log_odds(&self, score: f64) -> f64 {
        (self.offset - score) / self.factor
    }

    /// Probability of default of a score, `1 / (1 + e^((score − offset) / factor))`.
    pub fn pd(&self, score: f64) -> f64 {
        sigmoid(self.log_odds(score))
    }

    /// Score of a probability of default; infinite for 0 and 1, `NaN` outside `0..=1`.
    pub fn score_of_pd(&self, pd: f64) -> f64 {
        self.score(logit(pd))
    }
}
