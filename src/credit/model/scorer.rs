//! A model's form, ready to score.

use super::{ModelForm, linear::LinearScorer, scorecard::CardScorer};
use crate::credit::{schema::Schema, value::Value};

/// A model's form, ready to score.
#[derive(Debug)]
pub(in crate::credit) enum Scorer {
    Linear(LinearScorer),
    Scorecard(Box<CardScorer>),
}

impl Scorer {
    /// `form` must fit to `schema`.
    pub(in crate::credit) fn new(form: &ModelForm, schema: &Schema) -> Self {
        match form {
            ModelForm::Linear(model) => Self::Linear(LinearScorer::new(schema, model)),
            ModelForm::Scorecard(model) => {
                Self::Scorecard(Box::new(CardScorer::new(schema, model)))
            }
        }
    }

    /// Log-odds of default of an application; `bins` is overwritten.
    pub(in crate::credit) fn log_odds(&self, row: &[Value], bins: &mut Vec<u32>) -> f64 {
        match self {
            Self::Linear(scorer) => scorer.log_odds(row),
            Self::Scorecard(scorer) => scorer.score(row, bins).log_odds,
        }
    }
}
