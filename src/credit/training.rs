//! From a plan and a loan book to a model and its evidence.
//!
//! Split -> cross-validate -> fit on the training rows -> choose the cut-off on
//! out-of-fold probabilities -> measure on the test rows. The model is fitted on
//! the training rows alone; cross-validation covers all rows, so the fold models
//! behind the cut-off have seen test rows, though never the row they score.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    CheckedPlan, CreditModel, Fault, LoanBook, ModelBody,
    coefficients::{Coefficient, Coefficients, signs},
    cutoff::{Cutoff, CutoffRule},
    evaluation::{CrossValidation, Fold, FoldMetrics, ModelMetrics},
    features::{Feature, FeatureSet, layout},
    model::Inconsistent,
    plan::ClassWeight,
    schema::Characteristic,
};
use crate::stats::{
    Convergence, FitError, FitStatistics, LogisticFit, MetricError, ParamsError, Roc,
    SamplingError, Sign, Split, sigmoid, stratified_folds, stratified_split, undersample,
    variance_inflation,
};

/// A model and everything that was measured about it.
#[derive(Debug)]
pub struct Trained {
    /// The model, as it is stored.
    pub body: ModelBody,
    /// How good it is.
    pub metrics: ModelMetrics,
    /// What was fitted, with its uncertainty.
    pub coefficients: Vec<Coefficient>,
    /// The intercept, with its uncertainty.
    pub intercept: Coefficient,
    /// Whether and how the solver got there.
    pub convergence: Convergence,
    /// How well the fitted model as a whole explains the training rows.
    pub statistics: Option<FitStatistics>,
    /// What the model was trained on.
    pub data: DataSummary,
}

/// What a model was trained on.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct DataSummary {
    /// `sha256:` and the hex digest of the data set's bytes.
    pub digest: String,
    /// Rows of the data set.
    pub rows: u64,
    /// Rows that defaulted.
    pub events: u64,
    /// Share of the rows that defaulted.
    pub event_rate: f64,
    /// Rows the model was fitted on, before undersampling.
    pub train_rows: u64,
    /// Rows held back for the test metrics.
    pub test_rows: u64,
    /// Column that held the outcome.
    pub target: String,
    /// Value of the target that means default.
    pub event: String,
    /// The input variables and what was learnt about each.
    pub characteristics: Vec<Characteristic>,
}

/// Why a training gave no model.
#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    /// The plan or the data is at fault.
    #[error("{} fault(s) in the plan or the data", .0.len())]
    Faults(Vec<Fault>),
    /// There are too few rows of a class for the split or the folds.
    #[error(transparent)]
    Sampling(#[from] SamplingError),
    /// The fit failed.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// The solver stopped before it converged.
    #[error(
        "the {:?} solver did not converge in {} iterations (gradient {:.1e}); raise max_iterations or lower C",
        .0.solver, .0.iterations, .0.gradient_sup_norm
    )]
    NotConverged(Convergence),
    /// A metric is undefined on these rows.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// The estimator was used wrongly.
    #[error(transparent)]
    Params(#[from] ParamsError),
    /// The fitted parts are no model.
    #[error(transparent)]
    Inconsistent(#[from] Inconsistent),
    /// The caller asked to stop.
    #[error("the training was cancelled")]
    Cancelled,
}

impl TrainingError {
    /// Whether the program is at fault, not the plan or the data.
    pub fn is_ours(&self) -> bool {
        match self {
            Self::Inconsistent(_)
            | Self::Params(_)
            | Self::Fit(
                FitError::NonFinite { .. }
                | FitError::ShapeMismatch { .. }
                | FitError::SignCount { .. }
                | FitError::StrengthOutOfRange { .. }
                | FitError::NoStrength
                | FitError::NoTest,
            ) => true,
            Self::Faults(_)
            | Self::Sampling(_)
            | Self::Fit(_)
            | Self::NotConverged(_)
            | Self::Metric(_)
            | Self::Cancelled => false,
        }
    }
}

/// Trains a model on `book` as `plan` says; asks `cancelled` between stages and
/// between solver steps.
///
/// # Errors
/// [`TrainingError`] says what is wrong with the plan or the data, or that the
/// solver did not converge, or that the training was cancelled.
pub fn train(
    book: &LoanBook,
    plan: &CheckedPlan,
    cancelled: &dyn Fn() -> bool,
) -> Result<Trained, TrainingError> {
    let features = layout(book.schema(), plan.plan().selected_features.as_deref())
        .map_err(TrainingError::Faults)?;
    let signs = signs(&features, book.schema(), plan.plan()).map_err(TrainingError::Faults)?;
    let split = stratified_split(book.events(), plan.plan().test_size, plan.seed())?;
    let trainer = Trainer {
        book,
        plan,
        features,
        signs,
        cancelled,
    };

    let (cross_validation, out_of_fold) = trainer.cross_validate()?;
    let fitted = trainer.fit(&split.train)?;
    let cutoff = Cutoff {
        threshold: threshold(&out_of_fold, book.events(), &split.train)?,
        rule: CutoffRule::YoudenJ,
    };
    let probabilities = fitted.score(book, &split.test);
    let events = select(book.events(), &split.test);
    let metrics =
        ModelMetrics::measure(&probabilities, &events, cutoff.threshold, cross_validation)?;
    fitted.into_trained(book, plan, &split, cutoff, metrics)
}

struct Trainer<'a> {
    book: &'a LoanBook,
    plan: &'a CheckedPlan,
    features: Vec<Feature>,
    /// The sign that each feature's coefficient must have; empty for none.
    signs: Vec<Sign>,
    cancelled: &'a dyn Fn() -> bool,
}

struct Fitted {
    set: FeatureSet,
    fit: LogisticFit,
    /// What undersampling or weights added to the log-odds of every applicant.
    excess_log_odds: f64,
}

impl Trainer<'_> {
    /// Scores every row by a model fitted on the other folds.
    fn cross_validate(&self) -> Result<(CrossValidation, Vec<f64>), TrainingError> {
        let events = self.book.events();
        let count = self.plan.plan().cv_folds;
        let fold_of = stratified_folds(events, count as usize, self.plan.seed())?;
        let mut out_of_fold = vec![f64::NAN; events.len()];
        let mut folds = Vec::new();
        for (fold, number) in (1..=count).enumerate() {
            let (held_out, rest): (Vec<usize>, Vec<usize>) =
                (0..events.len()).partition(|row| fold_of[*row] == fold);
            let probabilities = self.fit(&rest)?.score(self.book, &held_out);
            let outcomes = select(events, &held_out);
            folds.push(Fold {
                fold: number,
                rows: outcomes.len() as u64,
                events: count_events(&outcomes),
                metrics: FoldMetrics::measure(&probabilities, &outcomes)?,
            });
            for (row, probability) in held_out.iter().zip(probabilities) {
                out_of_fold[*row] = probability;
            }
        }
        Ok((CrossValidation::of(folds), out_of_fold))
    }

    fn fit(&self, rows: &[usize]) -> Result<Fitted, TrainingError> {
        if (self.cancelled)() {
            return Err(TrainingError::Cancelled);
        }
        let plan = self.plan.plan();
        let events = self.book.events();
        let set = FeatureSet::learn(self.features.clone(), self.book, rows);
        let sampled;
        let fit_rows = if plan.undersample {
            sampled = undersample(rows, events, self.plan.seed());
            &sampled
        } else {
            rows
        };
        let outcomes = select(events, fit_rows);
        let weights = plan
            .class_weight
            .map(|ClassWeight::Balanced| balanced(&outcomes));
        let design = set.design_matrix(self.book, fit_rows);
        let fit = self.plan.estimator().fit(
            &design,
            &outcomes,
            weights.as_deref(),
            self.signs.clone(),
            self.cancelled,
        )?;
        // King and Zeng 2001: sampling or weighting by outcome shifts the
        // intercept by the change of the log-odds of the prior, and nothing else.
        let population = log_odds_of(&select(events, rows), None);
        let excess_log_odds = log_odds_of(&outcomes, weights.as_deref()) - population;
        let corrected = plan.undersample || weights.is_some();
        Ok(Fitted {
            set,
            fit,
            excess_log_odds: if corrected { excess_log_odds } else { 0.0 },
        })
    }
}

impl Fitted {
    fn intercept(&self) -> f64 {
        self.fit.intercept - self.excess_log_odds
    }

    /// Probabilities of default of `rows`.
    fn score(&self, book: &LoanBook, rows: &[usize]) -> Vec<f64> {
        let design = self.set.design_matrix(book, rows);
        let log_odds = |row: usize| -> f64 {
            let terms = design.row(row).iter().zip(&self.fit.weights);
            self.intercept() + terms.map(|(x, weight)| x * weight).sum::<f64>()
        };
        (0..rows.len()).map(|row| sigmoid(log_odds(row))).collect()
    }

    fn into_trained(
        self,
        book: &LoanBook,
        plan: &CheckedPlan,
        rows: &Split,
        cutoff: Cutoff,
        metrics: ModelMetrics,
    ) -> Result<Trained, TrainingError> {
        let design = self.set.design_matrix(book, &rows.train);
        let (intercept, coefficients) = Coefficients {
            fit: &self.fit,
            set: &self.set,
            schema: book.schema(),
            intercept_shift: self.excess_log_odds,
            inflation: variance_inflation(&design)?,
        }
        .describe();
        let body = ModelBody {
            model_type: plan.plan().model_type,
            schema: book.schema().clone(),
            intercept: self.intercept(),
            weights: self.fit.weights.clone(),
            features: self.set.clone(),
            cutoff,
        };
        CreditModel::new(body.clone())?;
        let LogisticFit {
            convergence,
            statistics,
            ..
        } = self.fit;
        Ok(Trained {
            body,
            metrics,
            coefficients,
            intercept,
            convergence,
            statistics,
            data: summary(book, rows.train.len(), rows.test.len()),
        })
    }
}

impl Trained {
    /// Size of each feature's effect: the absolute log-odds per standard deviation.
    pub fn feature_importance(&self) -> BTreeMap<String, f64> {
        let size = |c: &Coefficient| (c.feature.clone(), c.coefficient.abs());
        self.coefficients.iter().map(size).collect()
    }
}

fn threshold(probabilities: &[f64], events: &[bool], rows: &[usize]) -> Result<f64, MetricError> {
    Ok(Roc::new(&select(probabilities, rows), &select(events, rows))?.youden_threshold())
}

fn select<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|row| values[*row]).collect()
}

fn count_events(events: &[bool]) -> u64 {
    events.iter().filter(|event| **event).count() as u64
}

/// n / (2 n of the row's class), as scikit-learn's `class_weight="balanced"`.
#[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^52")]
fn balanced(events: &[bool]) -> Vec<f64> {
    let (all, bads) = (events.len() as f64, count_events(events) as f64);
    let weight = |event: &bool| all / (2.0 * if *event { bads } else { all - bads });
    events.iter().map(weight).collect()
}

/// Log-odds of default of the (weighted) sample as a whole.
fn log_odds_of(events: &[bool], weights: Option<&[f64]>) -> f64 {
    let (mut bads, mut goods) = (0.0, 0.0);
    for (row, event) in events.iter().enumerate() {
        let weight = weights.map_or(1.0, |weights| weights[row]);
        *(if *event { &mut bads } else { &mut goods }) += weight;
    }
    libm::log(bads / goods)
}

#[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^52")]
fn summary(book: &LoanBook, train_rows: usize, test_rows: usize) -> DataSummary {
    let (rows, events) = (book.events().len() as u64, count_events(book.events()));
    DataSummary {
        digest: book.digest().to_owned(),
        rows,
        events,
        event_rate: events as f64 / rows as f64,
        train_rows: train_rows as u64,
        test_rows: test_rows as u64,
        target: book.schema().target.clone(),
        event: book.schema().event.clone(),
        characteristics: book.schema().characteristics.clone(),
    }
}
