//! What applicants are compared with when they are given reasons.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Inconsistent, ModelForm, Scorer};
use crate::{
    credit::{
        plan::{ReasonPlan, ShapleyPlan},
        policy::Thresholds,
        schema::Schema,
        scorecard::{Card, PairReference, ReasonMethod, Reference, ScorecardError, Window},
        value::Value,
    },
    stats::logit,
};

/// Fewest applicants near the cut-off that an average is taken over, if there are as many approved.
const FEWEST_NEAR_CUTOFF: usize = 30;

/// Most applicants that trees compare with one by one.
const MOST_BACKGROUND: usize = 100;

/// How often the window is squared to find them: 2, 4, 16, …, 2^128 times the odds.
const WIDENINGS: u32 = 7;

/// What applicants are compared with: what each characteristic of the reference adds to the
/// log-odds.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ModelReference {
    /// The method, and those it averages.
    pub summary: ReferenceSummary,
    /// Log-odds of default: one per characteristic of the schema, or of the card.
    pub log_odds: Vec<f64>,
    /// Raw points, one per characteristic of the card; none without a card.
    pub points: Vec<f64>,
    /// What cells of a card's pairs are compared with.
    pub pairs: Vec<PairReference>,
    /// Applicants that trees compare with, one number per column of theirs; none for those of
    /// training, along the paths.
    pub background: Vec<Vec<Option<f64>>>,
}

/// With whom applicants are compared.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = ReasonReference)]
pub struct ReferenceSummary {
    /// With whom an applicant is compared.
    pub method: ReasonMethod,
    /// Approved applicants were averaged whose odds of being repaid are less than this many times
    /// those at the cut-off; none for the other methods, and if all approved had to be taken.
    pub odds_window: Option<f64>,
    /// Applicants averaged, of trees at most 100 of them; 0 for the best bins.
    pub applicants: u64,
}

/// Development rows and how they are decided.
pub(in crate::credit) struct Development<'a> {
    /// The rows, one value per characteristic.
    pub rows: &'a dyn Fn(usize, &mut Vec<Value>),
    /// Probability of default of each.
    pub probabilities: &'a [f64],
    /// What they are decided by.
    pub thresholds: Thresholds,
}

impl ModelReference {
    /// The reference of `plan` among the development rows.
    ///
    /// Where fewer than 30 of the approved are within the window, it is widened until there are as
    /// many, or all approved are in it; where nobody is approved, all applicants are averaged. The
    /// summary says what was done.
    pub(in crate::credit) fn learn(
        form: &ModelForm,
        schema: &Schema,
        plan: &ReasonPlan,
        development: &Development<'_>,
    ) -> Result<Self, ScorecardError> {
        let scorer = Scorer::new(form, schema);
        let (mut summary, chosen) = match (&scorer, plan.method) {
            (Scorer::Trees(_), _) if plan.shapley == ShapleyPlan::PathDependent => {
                everybody(development)
            }
            (_, ReasonMethod::MaxPointsLost) => return Ok(Self::best(&scorer, schema)),
            (_, ReasonMethod::BelowAverageAll) => everybody(development),
            (_, ReasonMethod::BelowAverageNearCutoff) => near_cutoff(development, plan.odds_window),
        };
        let mut row = Vec::new();
        match &scorer {
            Scorer::Scorecard(scorer) => {
                let mut bins = vec![Vec::new(); chosen.len()];
                for (at, bins) in chosen.into_iter().zip(&mut bins) {
                    (development.rows)(at, &mut row);
                    scorer.find_bins(&row, bins);
                }
                let rows = bins.iter().map(Vec::as_slice);
                let found = Reference::average_of_all(&scorer.card, rows)?;
                Ok(Self::of(summary, found))
            }
            Scorer::Linear(scorer) => {
                let mut log_odds = vec![0.0; schema.characteristics.len()];
                for at in chosen {
                    (development.rows)(at, &mut row);
                    for (position, sum) in log_odds.iter_mut().enumerate() {
                        *sum += scorer.contribution(position, row[position]);
                    }
                }
                let applicants = summary.applicants as f64;
                log_odds.iter_mut().for_each(|sum| *sum /= applicants);
                Ok(Self::of_log_odds(summary, log_odds))
            }
            Scorer::Trees(scorer) => {
                let mut reference = Self::of_log_odds(summary, Vec::new());
                if plan.shapley == ShapleyPlan::Interventional {
                    let mut numbers = Vec::new();
                    for at in spread(&chosen, MOST_BACKGROUND) {
                        (development.rows)(at, &mut row);
                        scorer.read(&row, &mut numbers);
                        let known = numbers.iter().map(|it| (!it.is_nan()).then_some(*it));
                        reference.background.push(known.collect());
                    }
                    summary.applicants = reference.background.len() as u64;
                    reference.summary = summary;
                }
                Ok(reference)
            }
        }
    }

    /// The best value of each characteristic.
    fn best(scorer: &Scorer, schema: &Schema) -> Self {
        let summary = ReferenceSummary {
            method: ReasonMethod::MaxPointsLost,
            odds_window: None,
            applicants: 0,
        };
        match scorer {
            Scorer::Scorecard(scorer) => Self::of(summary, Reference::best(&scorer.card)),
            Scorer::Linear(scorer) => {
                let positions = 0..schema.characteristics.len();
                let least = positions.map(|at| scorer.least(schema, at));
                Self::of_log_odds(summary, least.collect())
            }
            // A plan for trees that asks for it is refused.
            Scorer::Trees(_) => Self::of_log_odds(summary, Vec::new()),
        }
    }

    fn of(summary: ReferenceSummary, reference: Reference) -> Self {
        Self {
            summary,
            log_odds: reference.log_odds,
            points: reference.points,
            pairs: reference.pairs,
            background: Vec::new(),
        }
    }

    fn of_log_odds(summary: ReferenceSummary, log_odds: Vec<f64>) -> Self {
        Self {
            summary,
            log_odds,
            points: Vec::new(),
            pairs: Vec::new(),
            background: Vec::new(),
        }
    }

    /// The same as a scorecard's explainer knows it.
    pub(super) fn of_card(&self, card: &Card, thresholds: Thresholds) -> Reference {
        let line = card.line();
        let near = self.summary.method == ReasonMethod::BelowAverageNearCutoff;
        let window = near.then(|| Window {
            cutoff: line.score_of_pd(thresholds.refer.clamp(1e-12, 1.0 - 1e-12)),
            width: line.factor.abs() * libm::log(self.summary.odds_window.unwrap_or(f64::MAX)),
        });
        Reference {
            method: self.summary.method,
            window,
            applicants: self.summary.applicants,
            points: self.points.clone(),
            log_odds: self.log_odds.clone(),
            pairs: self.pairs.clone(),
        }
    }

    /// Whether it has as many numbers as the model has `terms`.
    pub(super) fn check(&self, terms: usize, with_points: bool) -> Result<(), Inconsistent> {
        let points = if with_points { terms } else { 0 };
        let finite = |numbers: &[f64]| numbers.iter().all(|number| number.is_finite());
        let fits = self.log_odds.len() == terms
            && self.points.len() == points
            && finite(&self.log_odds)
            && finite(&self.points);
        if fits { Ok(()) } else { Err(Inconsistent) }
    }
}

/// At most `most` of `rows`, evenly spread over them.
fn spread(rows: &[usize], most: usize) -> impl Iterator<Item = usize> {
    let count = rows.len().min(most);
    (0..count).map(move |at| rows[at * rows.len() / count])
}

fn everybody(development: &Development<'_>) -> (ReferenceSummary, Vec<usize>) {
    let rows: Vec<usize> = (0..development.probabilities.len()).collect();
    let summary = ReferenceSummary {
        method: ReasonMethod::BelowAverageAll,
        odds_window: None,
        applicants: rows.len() as u64,
    };
    (summary, rows)
}

/// Those who are approved, and at less than `window` times the odds at the cut-off.
fn near_cutoff(development: &Development<'_>, window: f64) -> (ReferenceSummary, Vec<usize>) {
    let passing = development.thresholds.refer;
    let approved: Vec<(usize, f64)> = development
        .probabilities
        .iter()
        .enumerate()
        .filter(|(_, probability)| **probability < passing)
        .map(|(row, probability)| (row, logit(*probability)))
        .collect();
    if approved.is_empty() {
        return everybody(development);
    }
    let within = |window: f64| -> Vec<usize> {
        let lowest = logit(passing) - libm::log(window);
        let near = approved.iter().filter(|(_, log_odds)| *log_odds > lowest);
        near.map(|(row, _)| *row).collect()
    };
    let needed = FEWEST_NEAR_CUTOFF.min(approved.len());
    let windows = (0..=WIDENINGS).map(|times| libm::pow(window, f64::from(1_u32 << times)));
    let found = windows
        .filter(|window| window.is_finite())
        .map(|window| (window, within(window)))
        .find(|(_, rows)| rows.len() >= needed);
    let (odds_window, rows) = match found {
        Some((window, rows)) => (Some(window), rows),
        None => (None, approved.iter().map(|(row, _)| *row).collect()),
    };
    let summary = ReferenceSummary {
        method: ReasonMethod::BelowAverageNearCutoff,
        odds_window,
        applicants: rows.len() as u64,
    };
    (summary, rows)
}
