//! The two models and their numbers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::stats::{MetricError, Roc, brier, gini, log_loss};

/// A model's probabilities of default for the rows of a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored<'a> {
    /// Name of the model.
    pub name: &'a str,
    /// Probability of default of every row, 0..=1.
    pub probabilities: &'a [f64],
    /// Probability from which the model declines.
    pub threshold: f64,
}

/// One of the two models.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = ComparisonModel)]
pub struct ModelMeasures {
    /// Name of the model.
    pub name: String,
    /// Probability from which it declines.
    pub threshold: f64,
    /// Its numbers on the rows.
    pub measures: Measures,
}

/// Numbers of a model, or the differences of two.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = ComparisonMeasures)]
pub struct Measures {
    /// Area under the ROC curve; `None` for one class.
    pub auc: Option<f64>,
    /// 2 AUC - 1; `None` for one class.
    pub gini: Option<f64>,
    /// Kolmogorov-Smirnov distance; `None` for one class.
    pub ks: Option<f64>,
    /// Mean squared error of the probabilities.
    pub brier: f64,
    /// Mean negative log-likelihood, in nats per row.
    pub log_loss: f64,
}

impl Scored<'_> {
    pub(super) fn measure(&self, events: &[bool]) -> Result<ModelMeasures, MetricError> {
        // The losses check the rows; what the curve then refuses is undefined for them.
        let (brier, log_loss) = (
            brier(self.probabilities, events)?,
            log_loss(self.probabilities, events)?,
        );
        let roc = Roc::new(self.probabilities, events).ok();
        let auc = roc.as_ref().map(Roc::auc);
        Ok(ModelMeasures {
            name: self.name.to_owned(),
            threshold: self.threshold,
            measures: Measures {
                auc,
                gini: auc.map(gini),
                ks: roc.as_ref().map(Roc::kolmogorov_smirnov),
                brier,
                log_loss,
            },
        })
    }
}

impl Measures {
    /// These less the other's.
    pub(super) fn less(&self, other: &Self) -> Self {
        let less = |a: Option<f64>, b: Option<f64>| a.zip(b).map(|(a, b)| a - b);
        Self {
            auc: less(self.auc, other.auc),
            gini: less(self.gini, other.gini),
            ks: less(self.ks, other.ks),
            brier: self.brier - other.brier,
            log_loss: self.log_loss - other.log_loss,
        }
    }
}
