//! Logistic regression on standardised features.

use super::{Fitted, Task, sample::Sample};
use crate::{
    credit::{
        Fault, TrainingError,
        coefficients::{Column, signs},
        features::{Feature, FeatureSet, layout},
        model::{LinearModel, ModelForm},
    },
    stats::Sign,
};

/// Fits logistic regressions on the features of a plan.
pub(in crate::credit) struct LinearLearner {
    features: Vec<Feature>,
    /// The sign that each feature's coefficient must have; empty for none.
    signs: Vec<Sign>,
}

impl LinearLearner {
    pub(super) fn new(task: &Task<'_>) -> Result<Self, Vec<Fault>> {
        let plan = task.plan.plan();
        let features = layout(task.book.schema(), plan.selected_features.as_deref())?;
        let signs = signs(&features, task.book.schema(), plan)?;
        Ok(Self { features, signs })
    }

    pub(super) fn fit(&self, task: &Task<'_>, rows: &[usize]) -> Result<Fitted, TrainingError> {
        let features = FeatureSet::learn(self.features.clone(), task.book, rows);
        let Sample {
            rows: sampled,
            events,
            weights,
            excess_log_odds,
        } = Sample::draw(task, rows);
        let design = features.design_matrix(task.book, &sampled);
        let fit = task.plan.estimator().fit(
            &design,
            &events,
            weights.as_deref(),
            self.signs.clone(),
            task.cancelled,
        )?;
        let known = &task.book.schema().characteristics;
        let deviations = features.features.iter().zip(&features.standard_deviation);
        let columns = deviations.map(|(feature, deviation)| Column {
            feature: feature.name.clone(),
            characteristic: known[feature.characteristic].name.clone(),
            per_deviation: 1.0,
            per_unit: 1.0 / deviation,
        });
        Ok(Fitted {
            columns: columns.collect(),
            form: ModelForm::Linear(LinearModel {
                intercept: fit.intercept - excess_log_odds,
                weights: fit.weights.clone(),
                features,
            }),
            fit,
            excess_log_odds,
            excluded: Vec::new(),
        })
    }
}
