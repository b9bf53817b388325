//! Logistic regression on standardised features.

use super::{Estimate, Fitted, Task, sample::Sample};
use crate::{
    credit::{
        Fault, TrainingError,
        coefficients::{Column, signs},
        features::{Feature, FeatureBlocks, FeatureSet, layout},
        model::{LinearModel, ModelForm},
        schema::{Characteristic, Kind, Schema},
    },
    stats::{LogisticFit, PenaltyUnit, Sign, Vicinity},
};

/// Most features: the fit keeps a matrix of their square, and takes time in proportion to it.
const MOST_FEATURES: usize = 3_000;

/// Fits logistic regressions on the features of a plan.
pub(in crate::credit) struct LinearLearner {
    features: Vec<Feature>,
    /// The sign that each feature's coefficient must have; empty for none.
    signs: Vec<Sign>,
}

impl LinearLearner {
    pub(super) fn new(task: &Task<'_>) -> Result<Self, Vec<Fault>> {
        let plan = task.plan.plan();
        let features = layout(
            &task.book.schema().characteristics,
            plan.selected_features.as_deref(),
        )?;
        check_width(&features, &task.book.schema().characteristics)?;
        let signs = signs(&features, task.book.schema(), plan)?;
        Ok(Self { features, signs })
    }

    pub(super) fn fit(&self, task: &Task<'_>, rows: &[usize]) -> Result<Fitted, TrainingError> {
        let features = FeatureSet::learn(self.features.clone(), task.book.inputs(), rows);
        let estimator = task.plan.estimator();
        self.fit_by(task, rows, features, |blocks, signs| {
            if estimator.needs_matrix() {
                let design = blocks.set.design_matrix(blocks.inputs, blocks.rows);
                let FeatureBlocks {
                    events, weights, ..
                } = *blocks;
                return estimator.fit(&design, events, weights, signs, task.cancelled);
            }
            estimator.fit_blocks(blocks, signs, task.cancelled)
        })
    }

    /// As [`fit`](Self::fit), to score rows of the book alone, and begun where the fit of `whole` of
    /// much the same rows has ended.
    pub(super) fn fit_nearby(
        &self,
        task: &Task<'_>,
        rows: &[usize],
        whole: &FeatureSet,
        vicinity: &Vicinity,
    ) -> Result<Fitted, TrainingError> {
        let (inputs, estimator) = (task.book.inputs(), task.plan.estimator());
        // What is penalised are coefficients per deviation over all `rows`. Where each of them is fitted,
        // and counts the same, the fit knows these deviations itself, so that the columns need not be
        // divided by them: any scale will do that has digits enough.
        let plan = task.plan.plan();
        let is_plain =
            !plan.undersample && plan.class_weight.is_none() && task.book.weights().is_none();
        let (features, unit) = if is_plain && !whole.has_outliers(inputs, rows.len()) {
            let features = whole.with_medians_of(inputs, rows);
            (features, PenaltyUnit::Deviation)
        } else {
            let features = FeatureSet::learn(self.features.clone(), inputs, rows);
            (features, PenaltyUnit::Column)
        };
        self.fit_by(task, rows, features, |blocks, signs| {
            estimator.fit_nearby(blocks, signs, vicinity, unit, task.cancelled)
        })
    }

    fn fit_by(
        &self,
        task: &Task<'_>,
        rows: &[usize],
        features: FeatureSet,
        fit: impl FnOnce(&FeatureBlocks<'_>, Vec<Sign>) -> Result<LogisticFit, TrainingError>,
    ) -> Result<Fitted, TrainingError> {
        let Sample {
            rows: sampled,
            events,
            weights,
            excess_log_odds,
        } = Sample::draw(task, rows);
        let blocks = FeatureBlocks {
            set: &features,
            inputs: task.book.inputs(),
            rows: &sampled,
            events: &events,
            weights: weights.as_deref(),
        };
        let fit = fit(&blocks, self.signs.clone())?;
        Ok(fitted(fit, features, task.book.schema(), excess_log_odds))
    }

    /// The features, without medians and scale.
    pub(in crate::credit) fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The sign that each feature's coefficient must have; empty for none.
    pub(in crate::credit) fn signs(&self) -> &[Sign] {
        &self.signs
    }
}

/// What came of a fit on `features` to which weights or sampling added `excess_log_odds`.
pub(in crate::credit) fn fitted(
    fit: LogisticFit,
    features: FeatureSet,
    schema: &Schema,
    excess_log_odds: f64,
) -> Fitted {
    let deviations = features.features.iter().zip(&features.standard_deviation);
    let columns = deviations.map(|(feature, deviation)| Column {
        feature: feature.name.clone(),
        characteristic: schema.characteristics[feature.characteristic].name.clone(),
        per_deviation: 1.0,
        per_unit: 1.0 / deviation,
    });
    let columns = columns.collect();
    Fitted {
        form: ModelForm::Linear(LinearModel {
            intercept: fit.intercept - excess_log_odds,
            weights: fit.weights.clone(),
            features,
        }),
        estimate: Estimate::Coefficients {
            fit,
            excess_log_odds,
            columns,
        },
        excluded: Vec::new(),
    }
}

/// Refuses more features than can be fitted, at the characteristic that has the most levels.
pub(in crate::credit) fn check_width(
    features: &[Feature],
    characteristics: &[Characteristic],
) -> Result<(), Vec<Fault>> {
    if features.len() <= MOST_FEATURES {
        return Ok(());
    }
    let levels = |at: &usize| match &characteristics[*at].kind {
        Kind::Numeric { .. } => 1,
        Kind::Categorical { levels, .. } => levels.len(),
    };
    let widest = features
        .iter()
        .map(|it| it.characteristic)
        .max_by_key(levels);
    let detail = format!(
        "the data set makes {} features, more than {MOST_FEATURES}; exclude characteristics with \
         many levels, such as this one, or train a scorecard",
        features.len()
    );
    Err(vec![Fault {
        column: widest.map(|at| characteristics[at].name.clone()),
        ..Fault::at("", detail)
    }])
}
