//! What is to be trained: a plan from the start, or a scorecard with edited bins.

use std::sync::Arc;

use crate::{
    credit::{
        CheckedPlan, CreditModel, DataConfig, LoanBook, TrainedModel, TrainingError,
        TrainingResult,
        progress::Observer,
        refit::{Base, Refit, RefitChanges, RefitPlan, refit},
        regression::{self, RegressionBook},
        streaming::{self, MemoryBudget, StreamingError},
        table::TableError,
        training::train_observed,
    },
    http::{UploadConfig, error::ApiError, routes::dataset::Source, upload::Upload},
};

/// A training and where its data is.
pub(in crate::http::routes) struct Job {
    pub work: Work,
    pub source: Source,
}

/// What is to be trained.
pub(in crate::http::routes) enum Work {
    /// A plan.
    Train(Box<CheckedPlan>),
    /// A scorecard with edited bins.
    Refit(Box<Editing>),
}

/// A scorecard whose bins are edited.
pub(in crate::http::routes) struct Editing {
    /// What is edited.
    pub edits: RefitPlan,
    /// The plan of the base with the edits in it.
    pub plan: CheckedPlan,
    /// The model.
    pub base: Arc<CreditModel>,
    /// The result of its training.
    pub result: TrainingResult,
}

/// What came of it.
pub(super) struct Outcome {
    pub plan: CheckedPlan,
    pub trained: TrainedModel,
    pub changes: Option<RefitChanges>,
}

impl Work {
    /// The plan to be followed.
    pub(super) fn plan(&self) -> &CheckedPlan {
        match self {
            Self::Train(plan) => plan,
            Self::Refit(editing) => &editing.plan,
        }
    }

    /// Whether the data set with this digest will do.
    pub(super) fn accept(&self, digest: &str) -> Result<(), ApiError> {
        match self {
            Self::Refit(editing) if editing.result.data.digest != digest => {
                let detail = "this is not the data set that the model was trained on: its digest \
                              differs; send the same bytes again";
                Err(ApiError::invalid("", detail))
            }
            _ => Ok(()),
        }
    }

    /// Does it in passes over a file that is larger than the memory; this is CPU and file work.
    pub(super) fn run_streamed(
        self,
        upload: Upload,
        data: &DataConfig,
        settings: &UploadConfig,
        observer: &dyn Observer,
    ) -> Result<Outcome, ApiError> {
        let Self::Train(plan) = self else {
            let detail = "the data set is larger than the memory of a training, and only a \
                          training in memory fits edited bins; raise CREDIT_RISK_TRAINING_MEMORY";
            return Err(ApiError::invalid("", detail));
        };
        let budget = MemoryBudget::new(settings.training_memory.as_u64())?;
        let format = upload.format();
        let refused = |error| ApiError::from(TableError::of(error, format));
        let mut source = upload.into_source().map_err(refused)?;
        let directory = settings.folder.clone().unwrap_or_else(std::env::temp_dir);
        let trained = streaming::train(source.as_mut(), &plan, data, budget, &directory, observer);
        let trained = trained.map_err(|error| match error {
            StreamingError::Read(error) => refused(error),
            error => error.into(),
        })?;
        Ok(Outcome {
            plan: *plan,
            trained: TrainedModel::Credit(Box::new(trained)),
            changes: None,
        })
    }

    /// Reads the data set and does it; this is CPU and file work.
    pub(super) fn run(
        self,
        source: Source,
        data: &DataConfig,
        observer: &dyn Observer,
    ) -> Result<Outcome, ApiError> {
        match self {
            Self::Train(plan) if plan.plan().model_type.predicts_number() => {
                let book = source.numbers(plan.plan(), data)?;
                Ok(regress(*plan, &book, observer)?)
            }
            work => {
                let book = source.book(work.plan().plan(), data)?;
                Ok(work.fit(&book, observer)?)
            }
        }
    }

    /// Fits a model of default; this is CPU work.
    fn fit(self, book: &LoanBook, observer: &dyn Observer) -> Result<Outcome, TrainingError> {
        match self {
            Self::Train(plan) => {
                let trained = train_observed(book, &plan, observer)?;
                Ok(Outcome {
                    plan: *plan,
                    trained: TrainedModel::Credit(Box::new(trained)),
                    changes: None,
                })
            }
            Self::Refit(editing) => {
                let base = Base {
                    body: editing.base.body(),
                    result: &editing.result,
                };
                let Refit {
                    plan,
                    trained,
                    changes,
                } = refit(book, base, &editing.edits, editing.plan, &|| {
                    observer.cancelled()
                })?;
                Ok(Outcome {
                    plan,
                    trained: TrainedModel::Credit(Box::new(trained)),
                    changes: Some(changes),
                })
            }
        }
    }
}

/// Fits a regression; this is CPU work.
fn regress(
    plan: CheckedPlan,
    book: &RegressionBook,
    observer: &dyn Observer,
) -> Result<Outcome, TrainingError> {
    let trained = regression::train(book, &plan, observer)?;
    Ok(Outcome {
        plan,
        trained: TrainedModel::Regression(Box::new(trained)),
        changes: None,
    })
}
