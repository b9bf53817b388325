//! From a plan and a data set to a regression and what was measured about it.
//!
//! Split -> fit on the training rows -> cross-validate -> measure.

use super::{
    ErrorMeasures, NumberCoefficient, NumberCrossValidation, NumberData, NumberFold,
    RegressionBody, RegressionBook, RegressionMetrics, RegressionModel, model::NumberScratch,
};
use crate::{
    credit::{
        CheckedPlan, Fault, TrainingError,
        features::{Feature, FeatureSet, layout},
        learner::linear::check_width,
        model::LinearModel,
        progress::{Observer, Progress, Stage},
        training::{begin, select},
    },
    stats::{
        LeastSquaresError, LeastSquaresFit, LeastSquaresStatistics, Split, least_squares,
        random_folds, random_split, student_p_value, student_quantile, variance_inflation,
    },
};

/// A regression and everything that was measured about it.
#[derive(Debug)]
pub struct TrainedRegression {
    /// The model, as it is stored.
    pub body: RegressionBody,
    /// How good it is.
    pub metrics: RegressionMetrics,
    /// The prediction at the average.
    pub intercept: NumberCoefficient,
    /// What was fitted, with its uncertainty.
    pub coefficients: Vec<NumberCoefficient>,
    /// How well the fit explains the training rows.
    pub statistics: LeastSquaresStatistics,
    /// What the model was trained on.
    pub data: NumberData,
}

/// Trains a regression on `book` as `plan` says; `observer` is told when a stage begins and asked
/// whether to stop.
///
/// # Errors
/// [`TrainingError`]: names of the plan that the data set does not have, fewer rows than folds or
/// than coefficients, or that the training was cancelled.
pub fn train(
    book: &RegressionBook,
    plan: &CheckedPlan,
    observer: &dyn Observer,
) -> Result<TrainedRegression, TrainingError> {
    let cancelled = || observer.cancelled();
    let work = Work {
        features: features(book, plan)?,
        book,
        cancelled: &cancelled,
    };
    begin(observer, Stage::Splitting)?;
    let split = split(book, plan)?;
    begin(observer, Stage::Fitting)?;
    let (set, fit) = work.fit(&split.train)?;
    if fit.statistics.degrees_of_freedom == 0 {
        let detail = format!(
            "{} rows to learn from and {} coefficients leave nothing to judge errors by; send more \
             rows or select fewer features",
            fit.statistics.rows,
            fit.statistics.rank + 1
        );
        return Err(TrainingError::Faults(vec![Fault::at("", detail)]));
    }
    let (intercept, coefficients) = work.described(&set, &fit, &split.train)?;
    let statistics = fit.statistics;
    let model = work.model(set, fit)?;
    let cross_validation = work.cross_validate(plan, observer)?;
    begin(observer, Stage::Measuring)?;
    let measured = |rows: &[usize]| (!rows.is_empty()).then(|| work.measure(&model, rows));
    let metrics = RegressionMetrics {
        test: measured(&split.test),
        train: work.measure(&model, &split.train),
        out_of_time: measured(&book.out_of_time),
        cross_validation,
    };
    Ok(TrainedRegression {
        body: model.body().clone(),
        metrics,
        intercept,
        coefficients,
        statistics,
        data: summary(book, &split),
    })
}

fn features(book: &RegressionBook, plan: &CheckedPlan) -> Result<Vec<Feature>, TrainingError> {
    let known = &book.characteristics;
    let features = layout(known, plan.plan().selected_features.as_deref());
    let features = features.and_then(|it| check_width(&it, known).map(|()| it));
    features.map_err(TrainingError::Faults)
}

fn split(book: &RegressionBook, plan: &CheckedPlan) -> Result<Split, TrainingError> {
    let rows = &book.development;
    let share = plan.plan().test_size;
    if share <= 0.0 {
        return Ok(Split {
            train: rows.clone(),
            test: Vec::new(),
        });
    }
    let Split { train, test } = random_split(rows.len(), share, plan.seed())?;
    Ok(Split {
        train: select(rows, &train),
        test: select(rows, &test),
    })
}

/// What all fits share.
struct Work<'a> {
    features: Vec<Feature>,
    book: &'a RegressionBook,
    cancelled: &'a dyn Fn() -> bool,
}

impl Work<'_> {
    fn fit(&self, rows: &[usize]) -> Result<(FeatureSet, LeastSquaresFit), TrainingError> {
        let inputs = self.book.inputs();
        let set = FeatureSet::learn(self.features.clone(), inputs, rows);
        let design = set.design_matrix(inputs, rows);
        let numbers = select(&self.book.numbers, rows);
        let weights = self.book.weights.as_ref();
        let weights = weights.map(|weights| select(weights, rows));
        let fit = least_squares(&design, &numbers, weights.as_deref(), self.cancelled);
        let fit = fit.map_err(|error| match error {
            LeastSquaresError::Cancelled => TrainingError::Cancelled,
            LeastSquaresError::NoRows => TrainingError::Faults(vec![Fault::at(
                "/sample_weight",
                "no row to learn from counts: their weights are 0",
            )]),
            error => TrainingError::LeastSquares(error),
        })?;
        Ok((set, fit))
    }

    fn model(
        &self,
        set: FeatureSet,
        fit: LeastSquaresFit,
    ) -> Result<RegressionModel, TrainingError> {
        Ok(RegressionModel::new(RegressionBody {
            target: self.book.target.clone(),
            characteristics: self.book.characteristics.clone(),
            plane: LinearModel {
                features: set,
                intercept: fit.intercept(),
                weights: fit.weights,
            },
            centre: fit.centre,
            spread: fit.spread,
            degrees_of_freedom: fit.statistics.degrees_of_freedom,
        })?)
    }

    /// Predictions of `rows`, by the model as it will be served.
    fn predictions(&self, model: &RegressionModel, rows: &[usize]) -> Vec<f64> {
        let (mut values, mut scratch) = (Vec::new(), NumberScratch::default());
        let mut predict = |row: &usize| {
            self.book.inputs().row(*row, &mut values);
            model.value(&values, &mut scratch)
        };
        rows.iter().map(&mut predict).collect()
    }

    fn measure(&self, model: &RegressionModel, rows: &[usize]) -> ErrorMeasures {
        let predicted = self.predictions(model, rows);
        ErrorMeasures::of(&predicted, &select(&self.book.numbers, rows))
    }

    fn cross_validate(
        &self,
        plan: &CheckedPlan,
        observer: &dyn Observer,
    ) -> Result<NumberCrossValidation, TrainingError> {
        let rows = &self.book.development;
        let n_folds = plan.plan().cv_folds;
        let fold_of = random_folds(rows.len(), n_folds as usize, plan.seed())?;
        let (mut predicted, mut truth) = (Vec::new(), Vec::new());
        let mut folds = Vec::new();
        for (fold, number) in (1..=n_folds).enumerate() {
            observer.progress(Progress {
                stage: Stage::CrossValidation,
                pass: 1,
                fraction: fold as f64 / f64::from(n_folds),
                rows: (fold * rows.len()) as u64,
            });
            let placed = || rows.iter().zip(&fold_of);
            let chosen = |inside: bool| -> Vec<usize> {
                let rows = placed().filter(|(_, of)| (**of == fold) == inside);
                rows.map(|(row, _)| *row).collect()
            };
            let (held_out, rest) = (chosen(true), chosen(false));
            let (set, fit) = self.fit(&rest)?;
            let found = self.predictions(&self.model(set, fit)?, &held_out);
            let numbers = select(&self.book.numbers, &held_out);
            folds.push(NumberFold {
                fold: number,
                measures: ErrorMeasures::of(&found, &numbers),
            });
            predicted.extend(found);
            truth.extend(numbers);
        }
        Ok(NumberCrossValidation {
            n_folds,
            pooled: ErrorMeasures::of(&predicted, &truth),
            folds,
        })
    }

    /// The intercept and every coefficient with its uncertainty.
    #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^52")]
    fn described(
        &self,
        set: &FeatureSet,
        fit: &LeastSquaresFit,
        rows: &[usize],
    ) -> Result<(NumberCoefficient, Vec<NumberCoefficient>), TrainingError> {
        let inflation = variance_inflation(&set.design_matrix(self.book.inputs(), rows))?;
        let freedom = fit.statistics.degrees_of_freedom as f64;
        let t = student_quantile(0.05, freedom);
        let tested = |coefficient: f64, std_error: Option<f64>| {
            let ratio = std_error.map(|error| coefficient / error);
            let ratio = ratio.filter(|ratio| ratio.is_finite());
            let around = |error: f64| [coefficient - t * error, coefficient + t * error];
            NumberCoefficient {
                feature: "intercept".to_owned(),
                characteristic: None,
                coefficient,
                coefficient_per_unit: coefficient,
                std_error,
                t: ratio,
                p_value: ratio.map(|ratio| student_p_value(ratio, freedom)),
                ci95: std_error.map(around),
                vif: None,
            }
        };
        let scales = || fit.weights.iter().zip(&set.standard_deviation);
        let per_unit: Vec<f64> = scales()
            .map(|(weight, deviation)| weight / deviation)
            .collect();
        // At the means of the features, and where every feature is 0.
        let at_mean = fit.intercept();
        let leverage = fit.spread.leverage(|at| -fit.centre[at], &mut Vec::new());
        let error = fit
            .spread
            .variance
            .map(|variance| (variance * leverage).sqrt());
        let moved: f64 = per_unit.iter().zip(&set.mean).map(|(a, b)| a * b).sum();
        let intercept = NumberCoefficient {
            coefficient_per_unit: at_mean - moved,
            ..tested(at_mean, error)
        };
        let features = set.features.iter().enumerate();
        let coefficients = features.map(|(at, feature)| {
            let characteristic = &self.book.characteristics[feature.characteristic];
            NumberCoefficient {
                feature: feature.name.clone(),
                characteristic: Some(characteristic.name.clone()),
                coefficient_per_unit: per_unit[at],
                vif: inflation[at].filter(|factor| factor.is_finite()),
                ..tested(fit.weights[at], fit.std_error[at])
            }
        });
        Ok((intercept, coefficients.collect()))
    }
}

fn summary(book: &RegressionBook, split: &Split) -> NumberData {
    let smallest = book.numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = book
        .numbers
        .iter()
        .copied()
        .fold(f64::NEG_INFINITY, f64::max);
    NumberData {
        digest: book.digest.clone(),
        rows: book.numbers.len() as u64,
        train_rows: split.train.len() as u64,
        test_rows: split.test.len() as u64,
        out_of_time_rows: book.out_of_time.len() as u64,
        target: book.target.clone(),
        target_range: [smallest, largest],
        characteristics: book.characteristics.clone(),
    }
}
