//! A model of either sort, of default or of a number: trained, as it is stored, ready for use, and
//! what its training found.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    CreditModel, ModelBody, ModelType, Trained, TrainingPlan, TrainingResult,
    model::Inconsistent,
    regression::{RegressionBody, RegressionModel, RegressionResult, TrainedRegression},
};

/// What came of a training.
#[derive(Debug)]
pub enum TrainedModel {
    /// A model of default.
    Credit(Box<Trained>),
    /// A regression.
    Regression(Box<TrainedRegression>),
}

/// A model as it is stored: data, never code.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub enum ModelData {
    /// A model of default.
    Credit(Box<ModelBody>),
    /// A regression.
    Regression(Box<RegressionBody>),
}

/// A model ready for use. Cloning is shallow.
#[derive(Clone, Debug)]
pub enum Model {
    /// A model of default.
    Credit(Arc<CreditModel>),
    /// A regression.
    Regression(Arc<RegressionModel>),
}

/// Everything that is known about a trained model.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Results {
    /// Of a model of default.
    Credit(Box<TrainingResult>),
    /// Of a regression.
    Regression(Box<RegressionResult>),
}

impl TrainedModel {
    /// Features of a regression, or characteristics of a scorecard or of trees.
    pub fn width(&self) -> usize {
        match self {
            Self::Credit(trained) => trained.body.form.width(),
            Self::Regression(trained) => trained.body.plane.features.features.len(),
        }
    }

    /// The model, as it is stored.
    pub fn data(&self) -> ModelData {
        match self {
            Self::Credit(trained) => trained.body.clone().into(),
            Self::Regression(trained) => trained.body.clone().into(),
        }
    }

    /// What is told of a training of `plan` that took so many `seconds`; it has no name yet.
    pub fn results(&self, plan: &TrainingPlan, created_at: Timestamp, seconds: f64) -> Results {
        let unnamed = String::new();
        match self {
            Self::Credit(trained) => {
                TrainingResult::new(unnamed, plan, trained, created_at, seconds).into()
            }
            Self::Regression(trained) => {
                RegressionResult::new(unnamed, plan, trained, created_at, seconds).into()
            }
        }
    }
}

impl Model {
    /// Makes a model of its stored data.
    ///
    /// # Errors
    /// [`Inconsistent`] when the parts do not fit together.
    pub fn new(data: ModelData) -> Result<Self, Inconsistent> {
        Ok(match data {
            ModelData::Credit(body) => Self::Credit(Arc::new(CreditModel::new(*body)?)),
            ModelData::Regression(body) => Self::Regression(Arc::new(RegressionModel::new(*body)?)),
        })
    }

    /// The model of default, if it is one.
    pub fn credit(&self) -> Option<&Arc<CreditModel>> {
        match self {
            Self::Credit(model) => Some(model),
            Self::Regression(_) => None,
        }
    }
}

impl Results {
    /// Id under which the model is stored.
    pub fn model_id(&self) -> &str {
        match self {
            Self::Credit(result) => &result.model_id,
            Self::Regression(result) => &result.model_id,
        }
    }

    /// The same under this id.
    pub fn named(mut self, model_id: String) -> Self {
        match &mut self {
            Self::Credit(result) => result.model_id = model_id,
            Self::Regression(result) => result.model_id = model_id,
        }
        self
    }

    /// Kind of model.
    pub fn model_type(&self) -> ModelType {
        match self {
            Self::Credit(result) => result.model_type,
            Self::Regression(result) => result.model_type,
        }
    }

    /// When the training ended, UTC.
    pub fn created_at(&self) -> Timestamp {
        match self {
            Self::Credit(result) => result.created_at,
            Self::Regression(result) => result.created_at,
        }
    }

    /// Wall time of the training in seconds.
    pub fn training_time_seconds(&self) -> f64 {
        match self {
            Self::Credit(result) => result.training_time_seconds,
            Self::Regression(result) => result.training_time_seconds,
        }
    }

    /// The results of a model of default, if they are.
    pub fn credit(&self) -> Option<&TrainingResult> {
        match self {
            Self::Credit(result) => Some(result),
            Self::Regression(_) => None,
        }
    }
}

impl From<ModelBody> for ModelData {
    fn from(body: ModelBody) -> Self {
        Self::Credit(Box::new(body))
    }
}

impl From<RegressionBody> for ModelData {
    fn from(body: RegressionBody) -> Self {
        Self::Regression(Box::new(body))
    }
}

impl From<TrainingResult> for Results {
    fn from(result: TrainingResult) -> Self {
        Self::Credit(Box::new(result))
    }
}

impl From<RegressionResult> for Results {
    fn from(result: RegressionResult) -> Self {
        Self::Regression(Box::new(result))
    }
}
