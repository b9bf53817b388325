//! The stages of a training after the fit: out-of-fold scores, calibration, cut-offs, reference.

use super::{CalibrationSummary, TrainingError, count_events, select};
use crate::{
    credit::{
        Fault, LoanBook,
        evaluation::{CrossValidation, Fold, FoldMetrics},
        learner::{Fitted, Learner, Task},
        model::{Development, ModelForm, ModelReference, Scorer, probability},
        plan::{CutoffPlan, DecisionPlan},
        policy::{Cutoff, Policy},
        progress::{Observer, Progress, Stage},
    },
    stats::{Calibrator, CutoffError, LogOddsLine, prior_shift, sigmoid, stratified_folds},
};

/// Reports the start of a stage, and asks whether to stop.
pub(in crate::credit) fn begin(observer: &dyn Observer, stage: Stage) -> Result<(), TrainingError> {
    observer.progress(Progress {
        stage,
        pass: 1,
        fraction: 0.0,
        rows: 0,
    });
    if observer.cancelled() {
        return Err(TrainingError::Cancelled);
    }
    Ok(())
}

/// Scores of rows by models that have not seen them.
pub(super) struct OutOfFold {
    /// Log-odds of default.
    pub log_odds: Vec<f64>,
    /// Which rows defaulted.
    pub events: Vec<bool>,
}

impl OutOfFold {
    /// Those of `rows` alone, where these are of all rows of `book`.
    pub(super) fn of(self, book: &LoanBook, rows: &[usize]) -> Self {
        Self {
            log_odds: select(&self.log_odds, rows),
            events: select(book.events(), rows),
        }
    }
}

/// Scores every row for development by a model fitted on the other folds; rows out of time have no
/// score. `whole` was fitted on the training rows, which are many of each.
pub(super) fn cross_validate(
    learner: &Learner,
    task: &Task<'_>,
    whole: &Fitted,
    observer: &dyn Observer,
) -> Result<(CrossValidation, OutOfFold), TrainingError> {
    let events = task.book.events();
    let rows = task.book.development();
    let count = task.plan.plan().cv_folds;
    let fold_of = stratified_folds(&select(events, rows), count as usize, task.plan.seed())?;
    let mut log_odds = vec![f64::NAN; events.len()];
    let mut folds = Vec::new();
    for (fold, number) in (1..=count).enumerate() {
        observer.progress(Progress {
            stage: Stage::CrossValidation,
            pass: 1,
            fraction: fold as f64 / f64::from(count),
            rows: (fold * rows.len()) as u64,
        });
        let part = |is_held_out: bool| -> Vec<usize> {
            let of_rows = rows.iter().zip(&fold_of);
            let wanted = of_rows.filter(|(_, of)| (**of == fold) == is_held_out);
            wanted.map(|(row, _)| *row).collect()
        };
        let (held_out, rest) = (part(true), part(false));
        let found = learner.fit_nearby(task, &rest, whole)?;
        let found = found.log_odds(task.book, &held_out);
        let outcomes = select(events, &held_out);
        let probabilities: Vec<f64> = found.iter().map(|log_odds| sigmoid(*log_odds)).collect();
        folds.push(Fold {
            fold: number,
            rows: outcomes.len() as u64,
            events: count_events(&outcomes),
            metrics: FoldMetrics::measure(&probabilities, &outcomes)?,
        });
        for (row, found) in held_out.iter().zip(found) {
            log_odds[*row] = found;
        }
    }
    let scores = OutOfFold {
        log_odds,
        events: events.to_vec(),
    };
    Ok((CrossValidation::of(folds), scores))
}

/// A form whose probabilities can be believed.
pub(super) struct Calibrated {
    pub form: ModelForm,
    pub calibrator: Option<Calibrator>,
    /// The out-of-fold scores as probabilities.
    pub probabilities: Vec<f64>,
    pub summary: CalibrationSummary,
}

impl Calibrated {
    /// Learns what the plan asks for from out-of-fold scores.
    ///
    /// Whatever is a line over the log-odds becomes part of the form, so that coefficients, points
    /// and reasons speak of the same log-odds as the probability.
    pub(super) fn learn(
        task: &Task<'_>,
        form: ModelForm,
        scores: &OutOfFold,
        train: &[usize],
    ) -> Result<Self, TrainingError> {
        let plan = task.plan.plan();
        let weights = task.book.weights().map(|weights| select(weights, train));
        let weights = weights.as_deref();
        let fitted = plan
            .calibration
            .method()
            .map(|method| Calibrator::fit(method, &scores.log_odds, &scores.events, weights))
            .transpose()?;
        let (line, calibrator) = match fitted {
            Some(Calibrator::Platt(line) | Calibrator::Logistic(line)) => (Some(line), None),
            other => (None, other),
        };
        let (mut intercept, slope) =
            line.map_or((0.0, 1.0), |line| (line.intercept(), line.slope()));
        if let Some(rate) = plan.population_default_rate {
            intercept += prior_shift(rate, default_rate(&scores.events, weights))?;
        }
        let moved = line.is_some() || plan.population_default_rate.is_some();
        let line = LogOddsLine::new(intercept, slope).map_err(|_| TrainingError::NothingToTell)?;
        let steps = match &calibrator {
            Some(Calibrator::Isotonic(map)) => Some(map.thresholds().len() as u64),
            _ => None,
        };
        let log_odds = scores.log_odds.iter().map(|it| line.log_odds(*it));
        let probabilities = log_odds.map(|it| probability(calibrator.as_ref(), it));
        Ok(Self {
            probabilities: probabilities.collect(),
            form: if moved {
                form.recalibrated(&line)?
            } else {
                form
            },
            calibrator,
            summary: CalibrationSummary {
                method: plan.calibration,
                slope,
                intercept,
                steps,
            },
        })
    }
}

/// Share of events, by weight where rows have some.
#[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^52")]
fn default_rate(events: &[bool], weights: Option<&[f64]>) -> f64 {
    let Some(weights) = weights else {
        return count_events(events) as f64 / events.len() as f64;
    };
    let bads = events.iter().zip(weights).filter(|(event, _)| **event);
    bads.map(|(_, weight)| weight).sum::<f64>() / weights.iter().sum::<f64>()
}

/// The policy of `plan`, its cut-offs chosen on out-of-fold probabilities.
pub(super) fn policy(
    plan: &DecisionPlan,
    probabilities: &[f64],
    events: &[bool],
) -> Result<Policy, TrainingError> {
    let choose = |cutoff: &CutoffPlan, pointer: &'static str| {
        let criterion = cutoff.criterion();
        let point = criterion.and_then(|criterion| criterion.choose(probabilities, events));
        let fault = |error: CutoffError| vec![Fault::at(pointer, error.to_string())];
        let point = point.map_err(|error| TrainingError::Faults(fault(error)))?;
        Ok::<_, TrainingError>(Cutoff {
            // To approve everybody, a threshold may lie beyond the last probability.
            threshold: point.threshold.clamp(0.0, 1.0),
            rule: cutoff.rule(),
        })
    };
    let decline = choose(&plan.cutoff, "/decision/cutoff")?;
    let refer = plan.refer.as_ref();
    let refer = refer
        .map(|refer| choose(refer, "/decision/refer"))
        .transpose()?;
    if let Some(refer) = refer
        && refer.threshold > decline.threshold
    {
        let (refer, decline) = (refer.threshold, decline.threshold);
        let detail = format!("referring would begin at {refer}, above the cut-off {decline}");
        return Err(TrainingError::Faults(vec![Fault::at(
            "/decision/refer",
            detail,
        )]));
    }
    Ok(Policy {
        version: plan.policy_version.clone(),
        decline,
        refer,
    })
}

/// What applicants are compared with, among the training rows.
pub(super) fn reference(
    task: &Task<'_>,
    form: &ModelForm,
    calibrator: Option<&Calibrator>,
    policy: &Policy,
    train: &[usize],
) -> Result<ModelReference, TrainingError> {
    let scorer = Scorer::new(form, task.book.schema());
    let log_odds = scorer.log_odds_of(task.book.inputs(), train).into_iter();
    let probabilities: Vec<f64> = log_odds.map(|it| probability(calibrator, it)).collect();
    let development = Development {
        rows: &|at, row| task.book.row(train[at], row),
        probabilities: &probabilities,
        thresholds: policy.thresholds(),
    };
    let plan = &task.plan.plan().reasons;
    Ok(ModelReference::learn(
        form,
        task.book.schema(),
        plan,
        &development,
    )?)
}
