//! What applicants are compared with when they ask for reasons.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{card::Card, cells::bounds, error::ScorecardError, scaling::Sense};

/// With whom an applicant is compared.
///
/// The official comment 9(b)(2)-5 to Regulation B (12 CFR 1002) names the two averages as examples;
/// it requires no particular method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ScorecardReasonMethod)]
pub enum ReasonMethod {
    /// With the best bin of each characteristic.
    MaxPointsLost,
    /// With the average of all applicants.
    BelowAverageAll,
    /// With the average of the applicants at the cut-off or slightly better.
    #[default]
    BelowAverageNearCutoff,
}

/// Scores at the cut-off or slightly better.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ScorecardWindow)]
pub struct Window {
    /// The worst raw score that is accepted.
    pub cutoff: f64,
    /// Points from there to the first score that is too good, more than 0.
    pub width: f64,
}

impl Window {
    /// Whether `score` is accepted, and less than the width better than the cut-off.
    pub fn contains(&self, score: f64, sense: Sense) -> bool {
        match sense {
            Sense::HigherIsBetter => score >= self.cutoff && score < self.cutoff + self.width,
            Sense::HigherIsRiskier => score <= self.cutoff && score > self.cutoff - self.width,
        }
    }

    fn check(&self) -> Result<(), ScorecardError> {
        if self.cutoff.is_finite() && self.width.is_finite() && self.width > 0.0 {
            Ok(())
        } else {
            Err(ScorecardError::Window)
        }
    }
}

/// What an applicant is compared with: a value for each characteristic, in the card's order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// With whom an applicant is compared.
    pub method: ReasonMethod,
    /// The scores of those averaged, if the method is about them.
    pub window: Option<Window>,
    /// Applicants averaged; 0 for the best bins.
    pub applicants: u64,
    /// Raw points of each characteristic.
    pub points: Vec<f64>,
    /// Log-odds of default of each characteristic, without the intercept.
    pub log_odds: Vec<f64>,
}

impl Reference {
    /// The best bin of each characteristic.
    pub fn best(card: &Card) -> Self {
        let characteristics = 0..card.entries().len();
        let best_points = |at| {
            let (least, most) = bounds(card.reachable(at).map(|cell| cell.raw));
            match card.params().sense {
                Sense::HigherIsBetter => most,
                Sense::HigherIsRiskier => least,
            }
        };
        let least_risk = |at| bounds(card.reachable(at).map(|cell| cell.log_odds)).0;
        Self {
            method: ReasonMethod::MaxPointsLost,
            window: None,
            applicants: 0,
            points: characteristics.clone().map(best_points).collect(),
            log_odds: characteristics.map(least_risk).collect(),
        }
    }

    /// The average of all applicants, each row given by the numbers of its bins.
    ///
    /// # Errors
    /// [`ScorecardError::NoApplicants`], and as [`Card::score`].
    pub fn average_of_all<'r>(
        card: &Card,
        rows: impl IntoIterator<Item = &'r [u32]>,
    ) -> Result<Self, ScorecardError> {
        Self::average(card, rows, None)
    }

    /// The average of the applicants whose raw score is in `window`, each row given by the numbers
    /// of its bins.
    ///
    /// # Errors
    /// [`ScorecardError::Window`], [`ScorecardError::NoApplicants`], and as [`Card::score`].
    pub fn average_near_cutoff<'r>(
        card: &Card,
        rows: impl IntoIterator<Item = &'r [u32]>,
        window: Window,
    ) -> Result<Self, ScorecardError> {
        window.check()?;
        Self::average(card, rows, Some(window))
    }

    /// Bins are counted before anything is added up, so that the order of rows does not matter.
    fn average<'r>(
        card: &Card,
        rows: impl IntoIterator<Item = &'r [u32]>,
        window: Option<Window>,
    ) -> Result<Self, ScorecardError> {
        let sense = card.params().sense;
        let mut counts = vec![0_u64; card.cells().len()];
        let mut applicants = 0_u64;
        for bins in rows {
            let score = card.score(bins)?.raw;
            if window.is_none_or(|window| window.contains(score, sense)) {
                applicants += 1;
                card.visit(bins, |_, cell| counts[cell] += 1)?;
            }
        }
        if applicants == 0 {
            return Err(ScorecardError::NoApplicants);
        }
        let mean = |values: &dyn Fn(usize) -> f64, at: usize| {
            let weighted = card
                .range(at)
                .map(|cell| counts[cell] as f64 * values(cell));
            weighted.sum::<f64>() / applicants as f64
        };
        let characteristics = 0..card.entries().len();
        let points = |at| mean(&|cell| card.cells()[cell].raw, at);
        let log_odds = |at| mean(&|cell| card.cells()[cell].log_odds, at);
        Ok(Self {
            method: match window {
                Some(_) => ReasonMethod::BelowAverageNearCutoff,
                None => ReasonMethod::BelowAverageAll,
            },
            window,
            applicants,
            points: characteristics.clone().map(points).collect(),
            log_odds: characteristics.map(log_odds).collect(),
        })
    }

    /// Whether these can be the reference values of `card`.
    pub(super) fn check(&self, card: &Card) -> Result<(), ScorecardError> {
        let expected = card.entries().len();
        let complete = |values: &[f64]| {
            values.len() == expected && values.iter().all(|value| value.is_finite())
        };
        let near = self.method == ReasonMethod::BelowAverageNearCutoff;
        if !complete(&self.points) || !complete(&self.log_odds) || near != self.window.is_some() {
            return Err(ScorecardError::Reference);
        }
        self.window.map_or(Ok(()), |window| window.check())
    }
}
