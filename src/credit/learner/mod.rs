//! Learners: from training rows to a fitted form, one file per kind of model.

mod candidate;
mod linear;
mod pairs;
mod sample;
mod scorecard;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) use self::scorecard::bin_one;
use self::{linear::LinearLearner, scorecard::ScorecardLearner};
use super::{
    CheckedPlan, Fault, LoanBook, ModelType, TrainingError,
    coefficients::{Coefficient, Column, associations, describe},
    model::{ModelForm, Scorer},
    value::Value,
};
use crate::stats::{LogisticFit, Matrix, Sign, SignVerdict, sign_report, variance_inflation};

/// What a learner works on.
pub(super) struct Task<'a> {
    pub book: &'a LoanBook,
    pub plan: &'a CheckedPlan,
    pub cancelled: &'a dyn Fn() -> bool,
}

/// The learner that a plan asks for, made once for all its fits.
pub(super) enum Learner {
    Linear(LinearLearner),
    Scorecard(ScorecardLearner),
}

/// A characteristic that a scorecard does without.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Excluded {
    /// The characteristic.
    pub characteristic: String,
    /// Why.
    pub reason: ExclusionReason,
    /// The same in words.
    pub detail: String,
}

/// Why a scorecard does without a characteristic.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExclusionReason {
    /// Its values cannot be cut into bins that keep to the rules.
    Infeasible,
    /// Beside the others it would have given better bins fewer points.
    WrongSign,
    /// The penalty left it no weight.
    NoWeight,
}

/// What came of a fit.
pub(super) struct Fitted {
    pub form: ModelForm,
    pub fit: LogisticFit,
    /// What undersampling or weights added to the log-odds of every applicant.
    pub excess_log_odds: f64,
    pub columns: Vec<Column>,
    pub excluded: Vec<Excluded>,
}

impl Learner {
    /// The learner of the task's plan.
    ///
    /// # Errors
    /// Every name of the plan that does not fit to the data.
    pub(super) fn new(task: &Task<'_>) -> Result<Self, Vec<Fault>> {
        match task.plan.plan().model_type {
            ModelType::LogisticRegression => LinearLearner::new(task).map(Self::Linear),
            ModelType::Scorecard => ScorecardLearner::new(task).map(Self::Scorecard),
            ModelType::Xgboost | ModelType::RandomForest => {
                Err(vec![Fault::at("/model_type", "not available")])
            }
        }
    }

    /// Fits the task's `rows`.
    ///
    /// # Errors
    /// [`TrainingError`] when the fit fails, does not converge or is cancelled.
    pub(super) fn fit(&self, task: &Task<'_>, rows: &[usize]) -> Result<Fitted, TrainingError> {
        if (task.cancelled)() {
            return Err(TrainingError::Cancelled);
        }
        match self {
            Self::Linear(learner) => learner.fit(task, rows),
            Self::Scorecard(learner) => learner.fit(task, rows),
        }
    }

    /// Whether the plan asked for something that `fitted` had to do without.
    ///
    /// # Errors
    /// One fault for each.
    pub(super) fn accept(&self, fitted: &Fitted) -> Result<(), Vec<Fault>> {
        match self {
            Self::Linear(_) => Ok(()),
            Self::Scorecard(learner) => learner.accept(&fitted.excluded),
        }
    }
}

impl Fitted {
    /// Log-odds of default of `rows`, by the tables that will score applications.
    pub(super) fn log_odds(&self, book: &LoanBook, rows: &[usize]) -> Vec<f64> {
        let scorer = Scorer::new(&self.form, book.schema());
        let (mut row, mut bins) = (Vec::<Value>::new(), Vec::new());
        let mut score = |at: &usize| {
            book.row(*at, &mut row);
            scorer.log_odds(&row, &mut bins)
        };
        rows.iter().map(&mut score).collect()
    }

    /// The intercept and the coefficients in words, with the variance inflation on `rows`.
    ///
    /// # Errors
    /// [`TrainingError::Fit`].
    pub(super) fn coefficients(
        &self,
        book: &LoanBook,
        rows: &[usize],
    ) -> Result<(Coefficient, Vec<Coefficient>), TrainingError> {
        let design = self.design(book, rows);
        let inflation = variance_inflation(&design)?;
        let expected = match &self.form {
            ModelForm::Linear(_) => {
                let events: Vec<bool> = rows.iter().map(|row| book.events()[*row]).collect();
                associations(&design, &events)
            }
            ModelForm::Scorecard(model) => {
                let mut expected = vec![Sign::NonPositive; model.card.entries().len()];
                expected.resize(self.columns.len(), Sign::NonNegative);
                expected
            }
        };
        let found = sign_report(&self.fit, &expected)?;
        let verdicts: Vec<SignVerdict> = found.into_iter().map(|it| it.verdict).collect();
        Ok(describe(
            &self.fit,
            &self.columns,
            &inflation,
            &verdicts,
            self.excess_log_odds,
        ))
    }

    /// The design matrix of `rows`.
    fn design(&self, book: &LoanBook, rows: &[usize]) -> Matrix {
        match &self.form {
            ModelForm::Linear(model) => model.features.design_matrix(book, rows),
            ModelForm::Scorecard(model) => scorecard::design(model, book, rows),
        }
    }
}
