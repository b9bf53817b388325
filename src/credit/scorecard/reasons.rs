//! What applicants are compared with when they ask for reasons.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{card::Card, cells::bounds, error::ScorecardError, pair::Pair, scaling::Sense};

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
    /// Raw points of each characteristic, without its pairs.
    pub points: Vec<f64>,
    /// Log-odds of default of each characteristic, without the intercept and its pairs.
    pub log_odds: Vec<f64>,
    /// The same of each pair, in the card's order.
    pub pairs: Vec<PairReference>,
}

/// What an applicant's cell of a pair is compared with: log-odds of default.
///
/// For an average these are means over those averaged, as if the two characteristics were
/// independent of each other where only one is known; for the best bins they are those of the best
/// cell, and of the cells in its row and its column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairReference {
    /// With nothing known of the applicant.
    pub log_odds: f64,
    /// With the applicant's group of the first characteristic, for each such group.
    pub first: Vec<f64>,
    /// With the applicant's group of the second characteristic, for each such group.
    pub second: Vec<f64>,
}

impl Reference {
    /// The best bin of each characteristic, and the best cell of each pair, the first of several.
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
            pairs: (0..card.pairs().len())
                .map(|at| PairReference::best(card, at))
                .collect(),
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
                card.visit_pairs(bins, |_, cell| counts[cell] += 1);
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
            pairs: (0..card.pairs().len())
                .map(|at| PairReference::average(card, at, &counts, applicants))
                .collect(),
        })
    }

    /// Whether these can be the reference values of `card`.
    pub(super) fn check(&self, card: &Card) -> Result<(), ScorecardError> {
        let expected = card.entries().len();
        let complete = |values: &[f64]| {
            values.len() == expected && values.iter().all(|value| value.is_finite())
        };
        let near = self.method == ReasonMethod::BelowAverageNearCutoff;
        let pairs = self.pairs.len() == card.pairs().len()
            && self
                .pairs
                .iter()
                .zip(card.pairs())
                .all(|(of, pair)| of.fits(pair));
        if !complete(&self.points)
            || !complete(&self.log_odds)
            || !pairs
            || near != self.window.is_some()
        {
            return Err(ScorecardError::Reference);
        }
        self.window.map_or(Ok(()), |window| window.check())
    }
}

impl PairReference {
    fn best(card: &Card, at: usize) -> Self {
        let pair = &card.pairs()[at];
        let cells: Vec<f64> = card.pair_log_odds(at).collect();
        let reachable = pair.reachable(card.entries()).into_iter();
        let best = reachable.min_by(|&a, &b| cells[a].total_cmp(&cells[b]));
        let best = best.unwrap_or_default();
        let (rows, width) = pair.groups();
        Self {
            log_odds: cells[best],
            first: (0..rows)
                .map(|row| cells[row * width + best % width])
                .collect(),
            second: cells[best - best % width..]
                .iter()
                .copied()
                .take(width)
                .collect(),
        }
    }

    /// The average over the applicants counted in `counts`, bin by bin and cell by cell.
    fn average(card: &Card, at: usize, counts: &[u64], applicants: u64) -> Self {
        let pair = &card.pairs()[at];
        let cells: Vec<f64> = card.pair_log_odds(at).collect();
        let (rows, width) = pair.groups();
        let mean = |weighted: &mut dyn Iterator<Item = (u64, f64)>| {
            let sum: f64 = weighted.map(|(count, cell)| count as f64 * cell).sum();
            sum / applicants as f64
        };
        let of_groups = |characteristic: u32, groups: &[u32], number: usize| {
            let mut totals = vec![0_u64; number];
            let bins = &counts[card.range(characteristic as usize)];
            for (&count, &group) in bins.iter().zip(groups) {
                totals[group as usize] += count;
            }
            totals
        };
        let first = of_groups(pair.first, &pair.groups_first, rows);
        let second = of_groups(pair.second, &pair.groups_second, width);
        let row = |row: usize| {
            let cells = &cells[row * width..][..width];
            mean(&mut second.iter().copied().zip(cells.iter().copied()))
        };
        let column = |column: usize| {
            let cells = cells.iter().skip(column).step_by(width);
            mean(&mut first.iter().copied().zip(cells.copied()))
        };
        let joint = &counts[card.pair_range(at)];
        Self {
            log_odds: mean(&mut joint.iter().copied().zip(cells.iter().copied())),
            first: (0..rows).map(row).collect(),
            second: (0..width).map(column).collect(),
        }
    }

    fn fits(&self, pair: &Pair) -> bool {
        let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
        (self.first.len(), self.second.len()) == pair.groups()
            && self.log_odds.is_finite()
            && finite(&self.first)
            && finite(&self.second)
    }
}
