//! The principal reasons for a score.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    card::Card,
    cells::{BinKind, BinPoints},
    error::ScorecardError,
    reasons::Reference,
};
use crate::credit::binning::Scale;

/// Most reasons that an applicant is given: more are not likely to be helpful.
pub const MOST_REASONS: usize = 4;

/// Losses that differ by less are the same, and smaller ones are none: points.
const LOSS_GRID: f64 = 1e10;

/// Where a number lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ScorecardSide)]
pub enum Side {
    /// Above the reference bin: the number is too high.
    Above,
    /// Below the reference bin: the number is too low.
    Below,
}

/// One reason for a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reason {
    /// Position of the characteristic, counted from 0.
    pub characteristic: usize,
    /// Number of the bin that the value fell into.
    pub bin: u32,
    /// What sort of bin that is.
    pub kind: BinKind,
    /// On which side of the reference bin an ordinary number lies; `None` for any other value.
    ///
    /// The reference bin is the nearest one that is no worse than what the applicant is compared
    /// with; the lower one of two equally near.
    pub side: Option<Side>,
    /// Points by which the bin is worse than what the applicant is compared with, more than 0 and
    /// rounded to 1e-10.
    pub points_lost: f64,
    /// By how much that raises the log-odds of default: the bin's, coefficient times weight of
    /// evidence, less the reference's.
    pub contribution: f64,
}

/// The principal reasons for a score, the greatest loss first.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reasons {
    found: [Option<Reason>; MOST_REASONS],
}

impl Reasons {
    /// The greatest loss first; of equal ones the earlier characteristic.
    pub fn iter(&self) -> impl Iterator<Item = &Reason> {
        self.found.iter().flatten()
    }
}

/// What a bin means to an applicant.
#[derive(Clone, Copy, Debug)]
struct Effect {
    loss: f64,
    contribution: f64,
    side: Option<Side>,
}

/// Finds the reasons of a card's scores against one reference.
#[derive(Clone, Debug)]
pub struct Explainer {
    reference: Reference,
    base_log_odds: f64,
    effects: Vec<Effect>,
}

impl Explainer {
    /// An explainer of the scores of `card`.
    ///
    /// # Errors
    /// [`ScorecardError::Reference`] and [`ScorecardError::Window`] if the reference values cannot
    /// be those of this card.
    pub fn new(card: &Card, reference: Reference) -> Result<Self, ScorecardError> {
        reference.check(card)?;
        let sign = card.params().sense.sign();
        let mut effects = Vec::with_capacity(card.cells().len());
        for at in 0..card.entries().len() {
            let lost = |cell: &BinPoints| {
                let loss = sign * (reference.points[at] - cell.raw);
                (loss * LOSS_GRID).round() / LOSS_GRID
            };
            let cells = &card.cells()[card.range(at)];
            let losses: Vec<f64> = cells.iter().map(lost).collect();
            let clean = match card.entries()[at].binning.scale() {
                Scale::Numeric { .. } => card.entries()[at].binning.clean_bins(),
                Scale::Levels { .. } => 0,
            };
            effects.extend(
                losses
                    .iter()
                    .zip(cells)
                    .enumerate()
                    .map(|(bin, (&loss, cell))| Effect {
                        loss,
                        contribution: cell.log_odds - reference.log_odds[at],
                        side: side(&losses[..clean], bin),
                    }),
            );
        }
        Ok(Self {
            base_log_odds: reference
                .log_odds
                .iter()
                .fold(card.intercept(), |a, b| a + b),
            reference,
            effects,
        })
    }

    /// What applicants are compared with.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Log-odds of default of the reference, to which contributions are added.
    pub fn base_log_odds(&self) -> f64 {
        self.base_log_odds
    }

    /// The principal reasons for the score of the row with these `bins`: at most
    /// [`MOST_REASONS`], only what does harm.
    ///
    /// # Errors
    /// [`ScorecardError::RowLength`], [`ScorecardError::NoBin`], and [`ScorecardError::Reference`]
    /// if `card` is another one.
    pub fn reasons(&self, card: &Card, bins: &[u32]) -> Result<Reasons, ScorecardError> {
        self.check(card)?;
        let mut worst = [(0.0, 0, 0); MOST_REASONS];
        card.visit(bins, |characteristic, cell| {
            let loss = self.effects[cell].loss;
            let mut place = MOST_REASONS - 1;
            if loss > worst[place].0 {
                worst[place] = (loss, characteristic, cell);
                // Only past what is less, so that equal losses stay in their order.
                while place > 0 && worst[place - 1].0 < loss {
                    worst.swap(place - 1, place);
                    place -= 1;
                }
            }
        })?;
        let found = worst.map(|(loss, characteristic, cell)| {
            (loss > 0.0).then(|| Reason {
                characteristic,
                bin: bins[characteristic],
                kind: card.kinds()[cell],
                side: self.effects[cell].side,
                points_lost: loss,
                contribution: self.effects[cell].contribution,
            })
        });
        Ok(Reasons { found })
    }

    /// What each characteristic adds to the log-odds of default, written over `contributions`; with
    /// [`base_log_odds`](Self::base_log_odds) they add up to those of the row.
    ///
    /// # Errors
    /// [`ScorecardError::RowLength`], [`ScorecardError::NoBin`], and [`ScorecardError::Reference`]
    /// if `card` is another one.
    pub fn contributions(
        &self,
        card: &Card,
        bins: &[u32],
        contributions: &mut Vec<f64>,
    ) -> Result<(), ScorecardError> {
        self.check(card)?;
        contributions.clear();
        card.visit(bins, |_, cell| {
            contributions.push(self.effects[cell].contribution);
        })
    }

    /// Whether the tables are as long as those of `card`, so that no look-up fails.
    fn check(&self, card: &Card) -> Result<(), ScorecardError> {
        if self.effects.len() == card.cells().len() {
            Ok(())
        } else {
            Err(ScorecardError::Reference)
        }
    }
}

/// On which side of the nearest ordinary bin without loss `bin` lies; without such a bin, of the
/// one of least loss.
fn side(losses: &[f64], bin: usize) -> Option<Side> {
    if bin >= losses.len() {
        return None;
    }
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let enough = least.max(0.0);
    let fit = (0..losses.len()).filter(|&other| losses[other] <= enough);
    let nearest = fit.min_by_key(|&other| other.abs_diff(bin))?;
    match bin.cmp(&nearest) {
        std::cmp::Ordering::Greater => Some(Side::Above),
        std::cmp::Ordering::Less => Some(Side::Below),
        std::cmp::Ordering::Equal => None,
    }
}
