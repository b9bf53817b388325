//! A model's form, ready to score.

use super::{ModelForm, Scratch, linear::LinearScorer, scorecard::CardScorer, trees::TreesScorer};
use crate::credit::{schema::Schema, value::Value};

/// A model's form, ready to score.
#[derive(Debug)]
pub(in crate::credit) enum Scorer {
    Linear(LinearScorer),
    Scorecard(Box<CardScorer>),
    Trees(Box<TreesScorer>),
}

impl Scorer {
    /// `form` must fit to `schema`.
    pub(in crate::credit) fn new(form: &ModelForm, schema: &Schema) -> Self {
        match form {
            ModelForm::Linear(model) => {
                Self::Linear(LinearScorer::new(&schema.characteristics, model))
            }
            ModelForm::Scorecard(model) => {
                Self::Scorecard(Box::new(CardScorer::new(schema, model)))
            }
            ModelForm::Trees(model) => Self::Trees(Box::new(TreesScorer::new(schema, model))),
        }
    }

    /// Log-odds of default of an application.
    pub(in crate::credit) fn log_odds(&self, row: &[Value], scratch: &mut Scratch) -> f64 {
        match self {
            Self::Linear(scorer) => scorer.log_odds(row),
            Self::Scorecard(scorer) => scorer.score(row, &mut scratch.bins).log_odds,
            Self::Trees(scorer) => {
                scorer.read(row, &mut scratch.numbers);
                scorer.log_odds(&scratch.numbers)
            }
        }
    }
}
