//! A model's form, ready to score.

use super::{ModelForm, Scratch, linear::LinearScorer, scorecard::CardScorer, trees::TreesScorer};
use crate::credit::{inputs::Inputs, schema::Schema, value::Value};

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

    /// Log-odds of default of `rows` of a loan book.
    pub(in crate::credit) fn log_odds_of(&self, inputs: Inputs<'_>, rows: &[usize]) -> Vec<f64> {
        if let Self::Linear(scorer) = self {
            return scorer.log_odds_of(inputs, rows);
        }
        let (mut row, mut scratch) = (Vec::new(), Scratch::default());
        let mut score = |at: &usize| {
            inputs.row(*at, &mut row);
            self.log_odds(&row, &mut scratch)
        };
        rows.iter().map(&mut score).collect()
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
