//! Learners: from training rows to a fitted form, one file per kind of model.

mod candidate;
pub(super) mod linear;
mod pairs;
pub(super) mod sample;
pub(super) mod scorecard;
mod trees;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) use self::scorecard::bin_one;
pub use self::trees::{OutOfBag, StoppingSummary, TreesSummary};
use self::{linear::LinearLearner, scorecard::ScorecardLearner, trees::TreesLearner};
use super::{
    CheckedPlan, Fault, LoanBook, ModelType, TrainingError,
    coefficients::{Coefficient, Column, describe, sign_of},
    features::FeatureBlocks,
    model::{ModelForm, Scorer},
    training::select,
};
use crate::stats::{
    Associations, Convergence, FitError, FitStatistics, LogisticFit, Sign, SignVerdict,
    sign_report, variance_inflation,
};

/// What is said of a kind of model that does not predict default.
const NO_EVENT: &str = "a linear regression predicts a number, not default";

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
    Trees(TreesLearner),
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
    pub estimate: Estimate,
    pub excluded: Vec<Excluded>,
}

/// What is known of a fit besides its form.
pub(super) enum Estimate {
    /// Of coefficients.
    Coefficients {
        fit: LogisticFit,
        /// What undersampling or weights added to the log-odds of every applicant.
        excess_log_odds: f64,
        columns: Vec<Column>,
    },
    /// Of trees.
    Trees {
        summary: TreesSummary,
        /// Share of each characteristic in what the splits achieve.
        importance: BTreeMap<String, f64>,
    },
}

/// A fit as its result tells it.
pub(super) struct Told {
    /// The intercept, with its uncertainty; trees have none.
    pub intercept: Option<Coefficient>,
    /// The coefficients, with theirs.
    pub coefficients: Vec<Coefficient>,
    /// Whether and how the solver got there, if one was at work.
    pub convergence: Option<Convergence>,
    /// How well the model as a whole explains the training rows.
    pub statistics: Option<FitStatistics>,
    /// The trees, if it is made of them.
    pub trees: Option<TreesSummary>,
    /// How much each feature matters.
    pub importance: BTreeMap<String, f64>,
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
            ModelType::LinearRegression => Err(vec![Fault::at("/model_type", NO_EVENT)]),
            ModelType::GradientBoosting | ModelType::Xgboost | ModelType::RandomForest => {
                TreesLearner::new(task).map(Self::Trees)
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
            Self::Trees(learner) => learner.fit(task, rows),
        }
    }

    /// Fits `rows`, which are much the same as those of `other`, to score rows of the task's book alone;
    /// what is known from there may be made use of.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub(super) fn fit_nearby(
        &self,
        task: &Task<'_>,
        rows: &[usize],
        other: &Fitted,
    ) -> Result<Fitted, TrainingError> {
        if let Self::Linear(learner) = self
            && let ModelForm::Linear(model) = &other.form
            && let Estimate::Coefficients { fit, .. } = &other.estimate
            && let Some(vicinity) = &fit.vicinity
        {
            return learner.fit_nearby(task, rows, &model.features, vicinity);
        }
        self.fit(task, rows)
    }

    /// Whether the plan asked for something that `fitted` had to do without.
    ///
    /// # Errors
    /// One fault for each.
    pub(super) fn accept(&self, fitted: &Fitted) -> Result<(), Vec<Fault>> {
        match self {
            Self::Linear(_) | Self::Trees(_) => Ok(()),
            Self::Scorecard(learner) => learner.accept(&fitted.excluded),
        }
    }
}

impl Fitted {
    /// Log-odds of default of `rows`, by the tables that will score applications.
    pub(super) fn log_odds(&self, book: &LoanBook, rows: &[usize]) -> Vec<f64> {
        Scorer::new(&self.form, book.schema()).log_odds_of(book.inputs(), rows)
    }

    /// The fit as its result tells it, with the variance inflation of its design on `rows`.
    ///
    /// # Errors
    /// [`TrainingError::Fit`].
    pub(super) fn told(&self, book: &LoanBook, rows: &[usize]) -> Result<Told, TrainingError> {
        match &self.form {
            ModelForm::Linear(model) => {
                let events = select(book.events(), rows);
                let blocks = FeatureBlocks {
                    set: &model.features,
                    inputs: book.inputs(),
                    rows,
                    events: &events,
                    weights: None,
                };
                let moments = model.features.standardised_moments();
                let found = Associations::of(&blocks, &moments).map_err(FitError::from)?;
                let signs = found.covariance.into_iter().map(sign_of);
                self.told_by(&found.inflation, || signs.collect())
            }
            ModelForm::Scorecard(model) => {
                let inflation = variance_inflation(&scorecard::design(model, book, rows))?;
                self.told_by(&inflation, Vec::new)
            }
            ModelForm::Trees(_) => self.told_by(&[], Vec::new),
        }
    }

    /// The same, by the variance inflation of each column and the sign of its own association with
    /// default.
    ///
    /// # Errors
    /// [`TrainingError::Fit`].
    pub(super) fn told_by(
        &self,
        inflation: &[Option<f64>],
        associations: impl FnOnce() -> Vec<Sign>,
    ) -> Result<Told, TrainingError> {
        let (fit, excess_log_odds, columns) = match &self.estimate {
            Estimate::Coefficients {
                fit,
                excess_log_odds,
                columns,
            } => (fit, *excess_log_odds, columns),
            Estimate::Trees {
                summary,
                importance,
            } => {
                return Ok(Told {
                    intercept: None,
                    coefficients: Vec::new(),
                    convergence: None,
                    statistics: None,
                    trees: Some(summary.clone()),
                    importance: importance.clone(),
                });
            }
        };
        let expected = match &self.form {
            ModelForm::Linear(_) | ModelForm::Trees(_) => associations(),
            ModelForm::Scorecard(model) => {
                let mut expected = vec![Sign::NonPositive; model.card.entries().len()];
                expected.resize(columns.len(), Sign::NonNegative);
                expected
            }
        };
        let found = sign_report(fit, &expected)?;
        let verdicts: Vec<SignVerdict> = found.into_iter().map(|it| it.verdict).collect();
        let (intercept, coefficients) =
            describe(fit, columns, inflation, &verdicts, excess_log_odds);
        let size = |c: &Coefficient| (c.feature.clone(), c.coefficient.abs());
        Ok(Told {
            intercept: Some(intercept),
            importance: coefficients.iter().map(size).collect(),
            coefficients,
            convergence: Some(fit.convergence.clone()),
            statistics: fit.statistics.clone(),
            trees: None,
        })
    }
}
