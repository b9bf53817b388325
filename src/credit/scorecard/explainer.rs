//! The principal reasons for a score.
//!
//! # Pairs
//! Reasons name characteristics, so what a pair adds is shared between its two. A cell's log-odds
//! `v(a, b)`, compared with `v₀`, `v₁(a)` and `v₂(b)` of the reference ([`PairReference`]: nothing,
//! the first or the second known of the applicant), are shared as Shapley's value of a game of two
//! shares them:
//!
//! ```text
//! first:  ½ [v(a, b) − v₂(b)] + ½ [v₁(a) − v₀]
//! second: ½ [v(a, b) − v₁(a)] + ½ [v₂(b) − v₀]
//! ```
//!
//! The two add up to `v(a, b) − v₀`, whatever the reference. Halves alone would do so too, but blame
//! a value that most applicants have as much as the rare one that makes the cell a bad one; to blame
//! the member of the worse value only would say that the other does not matter, and a small change
//! could move the whole loss from one to the other.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    card::Card,
    cells::{BinKind, BinPoints},
    error::ScorecardError,
    pair::Pair,
    ranking::{MOST_REASONS, Ranking, Worst},
    reasons::{PairReference, Reference},
};
use crate::credit::binning::Scale;

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
    /// with; the lower one of two equally near. Pairs are counted as the other values of the applicant
    /// have it.
    pub side: Option<Side>,
    /// Points by which the bin is worse than what the applicant is compared with, shares of pairs
    /// included, more than 0 and rounded to 1e-10.
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

/// A pair that a characteristic is in.
#[derive(Clone, Copy, Debug)]
struct Membership {
    pair: usize,
    /// The other characteristic.
    other: usize,
    is_first: bool,
}

/// Finds the reasons of a card's scores against one reference.
#[derive(Clone, Debug)]
pub struct Explainer {
    reference: Reference,
    base_log_odds: f64,
    /// Of every bin of a characteristic, without its pairs.
    effects: Vec<Effect>,
    /// What every cell of a pair adds to the contributions of its two characteristics.
    shares: Vec<[f64; 2]>,
    /// The two characteristics of each pair.
    members: Vec<(u32, u32)>,
    /// Pairs of each characteristic.
    memberships: Vec<Vec<Membership>>,
    /// Points lost for each unit of log-odds.
    points: f64,
    ranking: Ranking,
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
        let (mut effects, mut lost_by) = (Vec::new(), Vec::new());
        for at in 0..card.entries().len() {
            let lost = |cell: &BinPoints| on_grid(sign * (reference.points[at] - cell.raw));
            let cells = &card.cells()[card.range(at)];
            let losses: Vec<f64> = cells.iter().map(lost).collect();
            lost_by.extend(losses.iter().map(|&loss| (at, loss)));
            let clean = ordered_bins(card, at);
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
        let mut memberships = vec![Vec::new(); card.entries().len()];
        for (pair, Pair { first, second, .. }) in card.pairs().iter().enumerate() {
            for (own, other, is_first) in [(first, second, true), (second, first, false)] {
                memberships[*own as usize].push(Membership {
                    pair,
                    other: *other as usize,
                    is_first,
                });
            }
        }
        let pairs = reference.pairs.iter().map(|pair| pair.log_odds);
        let averages = reference.log_odds.iter().copied().chain(pairs);
        Ok(Self {
            base_log_odds: averages.fold(card.intercept(), |a, b| a + b),
            shares: (0..card.pairs().len())
                .flat_map(|at| shares(card, at, &reference.pairs[at]))
                .collect(),
            members: (card.pairs().iter().map(|pair| (pair.first, pair.second))).collect(),
            points: card.line().factor.abs(),
            ranking: Ranking::new(&lost_by),
            reference,
            effects,
            memberships,
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
        if self.members.is_empty() {
            self.reasons_of_bins(card, bins)
        } else {
            self.reasons_with_pairs(card, bins)
        }
    }

    /// Without pairs, a bin's loss is known beforehand.
    fn reasons_of_bins(&self, card: &Card, bins: &[u32]) -> Result<Reasons, ScorecardError> {
        let mut worst = Worst::default();
        card.visit(bins, |_, cell| self.ranking.add(cell, &mut worst))?;
        let reason = |characteristic: usize| {
            let bin = bins[characteristic];
            let cell = card.range(characteristic).start + bin as usize;
            let effect = self.effects[cell];
            Reason {
                characteristic,
                bin,
                kind: card.kinds()[cell],
                side: effect.side,
                points_lost: effect.loss,
                contribution: effect.contribution,
            }
        };
        let found = worst.characteristics().map(|found| found.map(reason));
        Ok(Reasons { found })
    }

    /// With pairs, a loss depends on the other values as well.
    fn reasons_with_pairs(&self, card: &Card, bins: &[u32]) -> Result<Reasons, ScorecardError> {
        // Every bin exists before any pair is looked up.
        card.visit(bins, |_, _| ())?;
        let mut worst = [(0.0, 0, 0); MOST_REASONS];
        card.visit(bins, |characteristic, cell| {
            let loss = self.loss(card, bins, characteristic, cell, bins[characteristic]);
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
                side: self.side(card, bins, characteristic, cell),
                points_lost: loss,
                contribution: self.contribution(card, bins, characteristic, cell),
            })
        });
        Ok(Reasons { found })
    }

    /// What each characteristic adds to the log-odds of default, its shares of pairs included,
    /// written over `contributions`; with [`base_log_odds`](Self::base_log_odds) they add up to
    /// those of the row.
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
        card.visit(bins, |_, _| ())?;
        card.visit(bins, |characteristic, cell| {
            contributions.push(self.contribution(card, bins, characteristic, cell));
        })
    }

    /// Whether the tables are as long as those of `card`, so that no look-up fails.
    fn check(&self, card: &Card) -> Result<(), ScorecardError> {
        let cells = self.effects.len() + self.shares.len();
        let members = card.pairs().iter().map(|pair| (pair.first, pair.second));
        if self.memberships.len() == card.entries().len()
            && members.eq(self.members.iter().copied())
            && self.effects.len() == card.kinds().len()
            && cells == card.cells().len()
        {
            Ok(())
        } else {
            Err(ScorecardError::Reference)
        }
    }

    /// What a characteristic's shares of pairs add to its contribution if it has `bin` and the
    /// others what they have in `bins`.
    fn shared(&self, card: &Card, bins: &[u32], characteristic: usize, bin: u32) -> f64 {
        let memberships = self.memberships[characteristic].iter();
        let shares = memberships.map(|of| {
            let cell = if of.is_first {
                card.pair_cell(of.pair, bin, bins[of.other])
            } else {
                card.pair_cell(of.pair, bins[of.other], bin)
            };
            self.shares[cell - self.effects.len()][usize::from(!of.is_first)]
        });
        shares.sum()
    }

    fn contribution(&self, card: &Card, bins: &[u32], characteristic: usize, cell: usize) -> f64 {
        let own = self.effects[cell].contribution;
        if self.memberships[characteristic].is_empty() {
            own
        } else {
            own + self.shared(card, bins, characteristic, bins[characteristic])
        }
    }

    /// Points lost if a characteristic has `bin`, which is at `cell`, and the others what they have
    /// in `bins`.
    fn loss(&self, card: &Card, bins: &[u32], characteristic: usize, cell: usize, bin: u32) -> f64 {
        let own = self.effects[cell].loss;
        if self.memberships[characteristic].is_empty() {
            own
        } else {
            let shared = self.shared(card, bins, characteristic, bin);
            on_grid(own + self.points * shared)
        }
    }

    fn side(&self, card: &Card, bins: &[u32], characteristic: usize, cell: usize) -> Option<Side> {
        if self.memberships[characteristic].is_empty() {
            return self.effects[cell].side;
        }
        let start = card.range(characteristic).start;
        let clean = 0..ordered_bins(card, characteristic);
        let losses: Vec<f64> = clean
            .map(|bin| self.loss(card, bins, characteristic, start + bin, bin as u32))
            .collect();
        side(&losses, cell - start)
    }
}

/// Losses that differ by rounding only are the same.
fn on_grid(loss: f64) -> f64 {
    (loss * LOSS_GRID).round() / LOSS_GRID
}

/// How many of a characteristic's bins are ordinary numbers, which come first.
fn ordered_bins(card: &Card, characteristic: usize) -> usize {
    let binning = &card.entries()[characteristic].binning;
    match binning.scale() {
        Scale::Numeric { .. } => binning.clean_bins(),
        Scale::Levels { .. } => 0,
    }
}

/// What each cell of a pair adds to the contributions of its two characteristics.
fn shares(card: &Card, at: usize, reference: &PairReference) -> Vec<[f64; 2]> {
    let width = reference.second.len();
    let share = |(cell, value): (usize, f64)| {
        let [first, second] = [
            reference.first[cell / width],
            reference.second[cell % width],
        ];
        let with =
            |known: f64, other: f64| 0.5 * (value - other) + 0.5 * (known - reference.log_odds);
        [with(first, second), with(second, first)]
    };
    card.pair_log_odds(at).enumerate().map(share).collect()
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
