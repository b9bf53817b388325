//! From a plan and a loan book to a model and its evidence.
//!
//! Split -> fit on the training rows -> cross-validate -> calibrate, and choose the cut-offs, on
//! out-of-fold scores -> find the applicants that reasons compare with -> measure. The model is
//! fitted on the training rows alone; cross-validation covers all rows but those kept out of time,
//! so the fold models behind the cut-off have seen test rows, though never the row they score.

mod error;
mod samples;
mod stages;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::{error::TrainingError, samples::ModelEvidence};
pub(super) use self::{samples::Sample, stages::begin};
use self::{
    samples::Samples,
    stages::{Calibrated, cross_validate, policy, reference},
};
use super::{
    CheckedPlan, CreditModel, LoanBook, ModelBody, TrainingPlan,
    coefficients::Coefficient,
    evaluation::ModelMetrics,
    learner::{Excluded, Fitted, Learner, Task, Told, TreesSummary},
    model::Scorer,
    plan::CalibrationPlan,
    progress::{Observer, Stage, Unwatched},
    schema::Characteristic,
};
use crate::stats::{Convergence, FitStatistics, SamplingError, Split, stratified_split};

/// A model and everything that was measured about it.
#[derive(Debug)]
pub struct Trained {
    /// The model, as it is stored.
    pub body: ModelBody,
    /// How good it is.
    pub metrics: ModelMetrics,
    /// How it fares on each sample.
    pub evidence: ModelEvidence,
    /// What was fitted, with its uncertainty.
    pub coefficients: Vec<Coefficient>,
    /// The intercept, with its uncertainty; trees have none.
    pub intercept: Option<Coefficient>,
    /// How much each feature matters: the absolute log-odds per standard deviation, or of trees its
    /// share in what the splits achieve.
    pub feature_importance: BTreeMap<String, f64>,
    /// Whether and how the solver got there, if one was at work.
    pub convergence: Option<Convergence>,
    /// How well the fitted model as a whole explains the training rows.
    pub statistics: Option<FitStatistics>,
    /// The trees, if it is made of them.
    pub trees: Option<TreesSummary>,
    /// Characteristics that a scorecard does without.
    pub excluded: Vec<Excluded>,
    /// What calibration did to the log-odds.
    pub calibration: CalibrationSummary,
    /// What the model was trained on.
    pub data: DataSummary,
    /// How rows were read that were not in memory; none where all were.
    pub streaming: Option<StreamingSummary>,
}

/// How a model was trained on more rows than the memory holds.
///
/// Bins and coefficients are of all training rows, test metrics of as many of the rows held back as
/// the memory does for. Cross-validation, calibration, cut-offs, reference applicants and the
/// evidence of other rows are of a sample, stratified by outcome and by whether rows are for
/// training, for testing or too new.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
pub struct StreamingSummary {
    /// Rows of the data set.
    pub rows: u64,
    /// Rows of the sample; all rows where they fit the memory, and then nothing differs from a
    /// training in memory.
    pub sampled_rows: u64,
    /// Rows held back that the test metrics and their evidence are of.
    pub tested_rows: u64,
    /// How many times the rows were gone through, once in the data set itself.
    pub passes: u64,
    /// Bytes put aside in a temporary file.
    pub spilled_bytes: u64,
    /// Memory that the training was given for its data, in bytes.
    pub memory_bytes: u64,
}

/// What calibration did to the log-odds of the fit.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct CalibrationSummary {
    /// How it was learnt.
    pub method: CalibrationPlan,
    /// What the log-odds were multiplied by.
    pub slope: f64,
    /// What was then added to them.
    pub intercept: f64,
    /// Steps of an isotonic map, which acts on what that gives; none for the other methods.
    pub steps: Option<u64>,
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
    /// Rows too new to learn from, measured on their own.
    pub out_of_time_rows: u64,
    /// Column that held the outcome.
    pub target: String,
    /// Value of the target that means default.
    pub event: String,
    /// The input variables and what was learnt about each.
    pub characteristics: Vec<Characteristic>,
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
    train_observed(book, plan, &Unwatched(cancelled))
}

/// As [`train`]; tells `observer` when a stage begins, and how far it is where it takes long.
///
/// # Errors
/// As [`train`].
pub fn train_observed(
    book: &LoanBook,
    plan: &CheckedPlan,
    observer: &dyn Observer,
) -> Result<Trained, TrainingError> {
    let task = Task {
        book,
        plan,
        cancelled: &|| observer.cancelled(),
    };
    let learner = Learner::new(&task).map_err(TrainingError::Faults)?;
    begin(observer, Stage::Splitting)?;
    let split = split(book.development(), book.events(), plan.plan())?;
    begin(observer, Stage::Fitting)?;
    let fitted = learner.fit(&task, &split.train)?;
    let told = fitted.told(book, &split.train)?;
    complete(
        &task,
        &learner,
        &split,
        (fitted, told),
        &|_| Ok(None),
        observer,
    )
}

/// Makes a model of what was fitted on the training rows, or on rows that these are a sample of, and
/// described with its intercept first.
///
/// `tested` may give other rows to judge the model by than those of the split.
pub(super) fn complete(
    task: &Task<'_>,
    learner: &Learner,
    split: &Split,
    (fitted, told): (Fitted, Told),
    tested: &dyn Fn(&CreditModel) -> Result<Option<Sample>, TrainingError>,
    observer: &dyn Observer,
) -> Result<Trained, TrainingError> {
    let Task { book, plan, .. } = *task;
    learner.accept(&fitted).map_err(TrainingError::Faults)?;
    let (cross_validation, out_of_fold) = cross_validate(learner, task, &fitted, observer)?;
    begin(observer, Stage::Calibration)?;
    let out_of_fold = out_of_fold.of(book, &split.train);
    let Fitted { form, excluded, .. } = fitted;
    let Calibrated {
        form,
        calibrator,
        probabilities,
        summary: calibration,
    } = Calibrated::learn(task, form, &out_of_fold, &split.train)?;
    let policy = policy(&plan.plan().decision, &probabilities, &out_of_fold.events)?;
    let reference = reference(task, &form, calibrator.as_ref(), &policy, &split.train)?;
    let texts = plan.plan().characteristics.iter();
    let texts = texts.map(|(name, own)| (name.clone(), own.texts.clone()));
    let body = ModelBody {
        model_type: plan.plan().model_type,
        schema: book.schema().clone(),
        form,
        calibrator,
        reference,
        policy,
        texts: texts.collect(),
    };
    let model = CreditModel::new(body)?;
    let threshold = model.body().policy.decline.threshold;
    begin(observer, Stage::Measuring)?;
    let sample = |rows: &[usize]| Sample {
        probabilities: probabilities_of(&model, book, rows),
        events: select(book.events(), rows),
    };
    let samples = Samples {
        train: sample(&split.train),
        out_of_fold: Sample {
            probabilities,
            events: out_of_fold.events,
        },
        test: match tested(&model)? {
            Some(tested) => tested,
            None => sample(&split.test),
        },
        out_of_time: sample(book.out_of_time()),
    };
    let metrics = ModelMetrics::measure(
        &samples.test.probabilities,
        &samples.test.events,
        threshold,
        cross_validation,
    )?;
    let evidence = samples.measure(task, threshold)?;
    Ok(Trained {
        body: model.into_body(),
        metrics,
        evidence,
        coefficients: told.coefficients,
        intercept: told.intercept,
        feature_importance: told.importance,
        convergence: told.convergence,
        statistics: told.statistics,
        trees: told.trees,
        excluded,
        calibration,
        data: summary(book, split),
        streaming: None,
    })
}

/// Divides the `rows` for development into those to learn from and those to judge by; `events` are
/// those of all rows.
///
/// # Errors
/// [`SamplingError`] when there are too few rows of a class.
pub(super) fn split(
    rows: &[usize],
    events: &[bool],
    plan: &TrainingPlan,
) -> Result<Split, SamplingError> {
    let events = select(events, rows);
    let Split { train, test } = stratified_split(&events, plan.test_size, plan.seed())?;
    Ok(Split {
        train: select(rows, &train),
        test: select(rows, &test),
    })
}

/// Probabilities of default of `rows`, by the model as it will be served.
fn probabilities_of(model: &CreditModel, book: &LoanBook, rows: &[usize]) -> Vec<f64> {
    let scorer = Scorer::new(&model.body().form, book.schema());
    let log_odds = scorer.log_odds_of(book.inputs(), rows).into_iter();
    log_odds.map(|it| model.probability(it)).collect()
}

impl DataSummary {
    /// Puts the counts of all rows in the place of those of a sample: rows, events, and rows to
    /// learn from, to judge by and too new for either.
    pub(super) fn recount(&mut self, [rows, events, train, test, newer]: [u64; 5]) {
        self.rows = rows;
        self.events = events;
        self.event_rate = events as f64 / rows as f64;
        self.train_rows = train;
        self.test_rows = test;
        self.out_of_time_rows = newer;
    }
}

pub(super) fn select<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|row| values[*row]).collect()
}

fn count_events(events: &[bool]) -> u64 {
    events.iter().filter(|event| **event).count() as u64
}

#[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^52")]
fn summary(book: &LoanBook, split: &Split) -> DataSummary {
    let (rows, events) = (book.events().len() as u64, count_events(book.events()));
    DataSummary {
        digest: book.digest().to_owned(),
        rows,
        events,
        event_rate: events as f64 / rows as f64,
        train_rows: split.train.len() as u64,
        test_rows: split.test.len() as u64,
        out_of_time_rows: book.out_of_time().len() as u64,
        target: book.schema().target.clone(),
        event: book.schema().event.clone(),
        characteristics: book.schema().characteristics.clone(),
    }
}
