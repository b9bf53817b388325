//! What a model scores and explains applications with.

use super::{
    Inconsistent, ModelBody, ModelForm, Points, Scratch, linear::LinearScorer,
    scorecard::CardScorer, shapley::TreesExplainer, trees::TreesScorer,
};
use crate::credit::{reasons::Reasons, scorecard::Explainer, value::Value};

/// A scorer together with what its scores are explained by.
#[derive(Debug)]
pub(super) enum Engine {
    Linear {
        scorer: LinearScorer,
        /// What each characteristic of the reference adds to the log-odds.
        reference: Vec<f64>,
        base_log_odds: f64,
    },
    Scorecard {
        scorer: Box<CardScorer>,
        explainer: Box<Explainer>,
    },
    Trees {
        scorer: Box<TreesScorer>,
        explainer: Box<TreesExplainer>,
    },
}

impl Engine {
    /// The engine of `body`, whose form fits to its schema.
    pub(super) fn new(body: &ModelBody) -> Result<Self, Inconsistent> {
        match &body.form {
            ModelForm::Linear(model) => {
                let terms = body.schema.characteristics.len();
                body.reference.check(terms, false)?;
                let scorer = LinearScorer::new(&body.schema.characteristics, model);
                let reference = body.reference.log_odds.clone();
                Ok(Self::Linear {
                    base_log_odds: reference
                        .iter()
                        .fold(scorer.intercept(), |sum, term| sum + term),
                    scorer,
                    reference,
                })
            }
            ModelForm::Scorecard(model) => {
                body.reference.check(model.positions.len(), true)?;
                let reference = body
                    .reference
                    .of_card(&model.card, body.policy.thresholds());
                let explainer = Explainer::new(&model.card, reference);
                Ok(Self::Scorecard {
                    scorer: Box::new(CardScorer::new(&body.schema, model)),
                    explainer: Box::new(explainer.map_err(|_| Inconsistent)?),
                })
            }
            ModelForm::Trees(model) => {
                body.reference.check(0, false)?;
                let scorer = TreesScorer::new(&body.schema, model);
                let explainer = TreesExplainer::new(&body.schema, model, &scorer, &body.reference)?;
                Ok(Self::Trees {
                    scorer: Box::new(scorer),
                    explainer: Box::new(explainer),
                })
            }
        }
    }

    pub(super) fn uses(&self, position: usize) -> bool {
        match self {
            Self::Linear { scorer, .. } => scorer.uses(position),
            Self::Scorecard { scorer, .. } => scorer.entry(position).is_some(),
            Self::Trees { scorer, .. } => scorer.uses(position),
        }
    }

    pub(super) fn base_log_odds(&self) -> f64 {
        match self {
            Self::Linear { base_log_odds, .. } => *base_log_odds,
            Self::Scorecard { explainer, .. } => explainer.base_log_odds(),
            Self::Trees { explainer, .. } => explainer.base_log_odds(),
        }
    }

    pub(super) fn log_odds(&self, row: &[Value], scratch: &mut Scratch) -> f64 {
        match self {
            Self::Linear { scorer, .. } => scorer.log_odds(row),
            Self::Scorecard { scorer, .. } => scorer.score(row, &mut scratch.bins).log_odds,
            Self::Trees { scorer, .. } => {
                scorer.read(row, &mut scratch.numbers);
                scorer.log_odds(&scratch.numbers)
            }
        }
    }

    /// Log-odds, points and reasons of an application.
    pub(super) fn explain(
        &self,
        row: &[Value],
        scratch: &mut Scratch,
    ) -> (f64, Option<Points>, Reasons) {
        match self {
            Self::Linear { scorer, .. } => {
                self.contributions(row, scratch);
                let direction = |at: usize| scorer.direction(at, row[at]);
                let reasons = Reasons::principal(&scratch.contributions, direction);
                (scorer.log_odds(row), None, reasons)
            }
            Self::Scorecard { scorer, explainer } => {
                let score = scorer.score(row, &mut scratch.bins);
                // The explainer was made for this card, and the bins are the card's.
                let found = explainer.reasons(&scorer.card, &scratch.bins);
                let reasons = Reasons::of_card(&found.unwrap_or_default(), &scorer.positions);
                (score.log_odds, Some(Points::from(score)), reasons)
            }
            Self::Trees { scorer, explainer } => {
                self.contributions(row, scratch);
                let (numbers, found) = (&scratch.numbers, &scratch.contributions);
                let reasons = explainer.reasons(scorer, row, numbers, found);
                (scorer.log_odds(numbers), None, reasons)
            }
        }
    }

    /// What each characteristic adds to the log-odds, written over the scratch's contributions.
    pub(super) fn contributions(&self, row: &[Value], scratch: &mut Scratch) {
        let Scratch {
            bins,
            numbers,
            contributions,
        } = scratch;
        contributions.clear();
        match self {
            Self::Linear {
                scorer, reference, ..
            } => {
                let terms = row.iter().zip(reference).enumerate();
                contributions.extend(terms.map(|(position, (value, reference))| {
                    scorer.contribution(position, *value) - reference
                }));
            }
            Self::Scorecard { scorer, explainer } => {
                scorer.find_bins(row, bins);
                let mut own = Vec::with_capacity(bins.len());
                // The explainer was made for this card, and the bins are the card's.
                if explainer
                    .contributions(&scorer.card, bins, &mut own)
                    .is_ok()
                {
                    contributions.resize(row.len(), 0.0);
                    for (position, contribution) in scorer.positions.iter().zip(own) {
                        contributions[*position as usize] = contribution;
                    }
                }
            }
            Self::Trees { scorer, explainer } => {
                scorer.read(row, numbers);
                contributions.resize(row.len(), 0.0);
                explainer.explain(scorer, numbers, contributions);
            }
        }
    }
}
