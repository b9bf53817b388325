//! The journey of a training: admit, announce, train, save, note.

use std::{convert::Infallible, sync::Arc, time::Instant};

use axum::{extract::FromRequestParts, http::request::Parts};
use serde_json::{Value, json};
use tokio::sync::watch;
use tracing::Instrument;

use super::{
    TrainAnswer,
    events::Reports,
    work::{Job, Outcome},
};
use crate::{
    audit::{AuditLog, Event, Outcome as AuditOutcome},
    compute::{Compute, blocking_io},
    credit::{
        DataConfig, Results,
        progress::{Observer, Progress},
        refit::RefitChanges,
    },
    http::{AppState, HttpSettings, error::ApiError, scope::RequestScope},
    model_store::{ModelId, ModelStore, ModelStoreError, Saved, Storage},
};

/// How often a new name is tried when the first is taken: names end in six
/// random hex digits, so a second try is rare and a fifth is a fault.
const NAMES_TRIED: usize = 5;

/// A model that has been trained and is kept.
pub(in crate::http::routes) struct Finished {
    pub answer: TrainAnswer,
    /// What the edits of a refit changed.
    pub changes: Option<RefitChanges>,
}

/// The handles a training uses.
#[derive(Clone)]
pub(in crate::http::routes) struct Trainer {
    models: ModelStore,
    compute: Compute,
    audit: AuditLog,
    data: Arc<DataConfig>,
    settings: Arc<HttpSettings>,
}

impl FromRequestParts<AppState> for Trainer {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let AppState {
            models,
            compute,
            audit,
            data,
            settings,
            ..
        } = state.clone();
        Ok(Self {
            models,
            compute,
            audit,
            data,
            settings,
        })
    }
}

impl Trainer {
    /// Runs a training to its end; the model is kept when this returns. The
    /// training stops when the future is dropped: the client has gone away, or
    /// the time is up.
    ///
    /// `report` is told how far it is.
    pub(in crate::http::routes) async fn run(
        &self,
        scope: &RequestScope,
        job: Job,
        report: Option<watch::Sender<Option<Progress>>>,
    ) -> Result<Finished, ApiError> {
        let place = self.compute.training.admit()?;
        let (job, digest) = blocking_io(move || {
            let digest = job.source.digest();
            (job, digest)
        })
        .await?;
        let (digest, Job { work, source }) = (digest?, job);
        work.accept(&digest)?;
        let config = serde_json::to_value(work.plan().plan()).unwrap_or(Value::Null);
        let started = Event::TrainingStarted {
            config: config.clone(),
            dataset_hash: digest,
        };
        // Before the announcement: a client may leave while it is being written.
        let mut unfinished = Unfinished {
            scope,
            config,
            over: false,
        };
        if let Err(error) = scope.announce(&self.audit, started).await {
            unfinished.over = true;
            return Err(error.into());
        }
        let (data, settings) = (Arc::clone(&self.data), Arc::clone(&self.settings));
        let clock = Instant::now();
        let outcome = place
            .run_while_awaited(move |cancelled| {
                let watched = Watched {
                    cancelled,
                    reports: report.map(Reports::new),
                };
                let uploads = &settings.http.upload;
                match source.beyond_memory(uploads) {
                    Ok(upload) => work.run_streamed(upload, &data, uploads, &watched),
                    Err(source) => work.run(source, &data, &watched),
                }
            })
            .await
            .map_err(ApiError::from)
            .flatten();
        let seconds = clock.elapsed().as_secs_f64();
        unfinished.over = true;
        let outcome = outcome.map_err(|error| unfinished.failed(error))?;
        // In a task of its own: a client that leaves now leaves a whole model and
        // its records behind.
        let ending = Ending {
            trainer: self.clone(),
            scope: scope.clone(),
            config: std::mem::take(&mut unfinished.config),
        };
        let ending = ending.save(outcome, seconds).in_current_span();
        tokio::spawn(ending)
            .await
            .unwrap_or(Err(ApiError::Internal))
    }

    /// Writes the notes of a failure, for an answer that is sent while the training goes on.
    pub(super) async fn settle(&self, scope: &RequestScope) -> Result<(), ApiError> {
        Ok(scope.settle(&self.audit, AuditOutcome::Failure).await?)
    }

    /// Writes whatever is noted of `scope` after its answer, once it is dropped.
    pub(super) fn late_notes(&self, scope: &RequestScope) -> LateNotes {
        LateNotes {
            scope: scope.clone(),
            audit: self.audit.clone(),
        }
    }

    /// Stores the model under a new name and notes what happened.
    async fn save(
        &self,
        scope: &RequestScope,
        outcome: Outcome,
        seconds: f64,
    ) -> Result<Finished, ApiError> {
        let Outcome {
            plan,
            trained,
            changes,
        } = outcome;
        let plan = plan.plan();
        let mut results = trained.results(plan, scope.now(), seconds);
        if let (Results::Credit(result), Some(changes)) = (&mut results, &changes) {
            result.base_model_id = Some(changes.base_model_id.clone());
        }
        for _ in 0..NAMES_TRIED {
            let mut suffix = [0; 3];
            getrandom::fill(&mut suffix).map_err(|_| ApiError::Internal)?;
            let id = ModelId::for_model(plan, &trained, suffix);
            results = results.named(id.to_string());
            let created = self.models.create(id, trained.data(), results.clone());
            match created.await {
                Ok(saved) => {
                    let storage = saved.storage;
                    note_success(scope, &results, saved);
                    return Ok(Finished {
                        answer: TrainAnswer::new(results, storage),
                        changes,
                    });
                }
                Err(ModelStoreError::AlreadyExists(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ApiError::ModelExists)
    }
}

fn note_success(scope: &RequestScope, results: &Results, saved: Saved) {
    metrics::counter!("creditrisk_trainings_total", "outcome" => "completed").increment(1);
    scope.note(Event::TrainingCompleted {
        model_id: results.model_id().to_owned(),
        metrics: noted(results),
        duration_seconds: results.training_time_seconds(),
    });
    // What is pending is recorded when it has arrived.
    if saved.storage == Storage::Stored {
        scope.note(Event::ModelPersisted {
            model_id: results.model_id().to_owned(),
            path: saved.location,
            sha256: saved.sha256,
        });
    }
}

/// What the trail is told of how good a model is.
fn noted(results: &Results) -> Value {
    match results {
        Results::Credit(result) => {
            let metrics = &result.metrics;
            json!({
                "roc_auc": metrics.roc_auc,
                "accuracy": metrics.accuracy,
                "gini": metrics.gini,
                "cross_validation_roc_auc": metrics.cross_validation.mean.roc_auc,
            })
        }
        Results::Regression(result) => {
            let metrics = &result.metrics;
            json!({
                "rmse": metrics.test.map(|test| test.rmse),
                "r2": metrics.test.and_then(|test| test.r2),
                "cross_validation_rmse": metrics.cross_validation.pooled.rmse,
                "cross_validation_r2": metrics.cross_validation.pooled.r2,
            })
        }
    }
}

/// Stops a training that nobody waits for, and passes on how far it is.
struct Watched<'a> {
    cancelled: &'a dyn Fn() -> bool,
    reports: Option<Reports>,
}

impl Observer for Watched<'_> {
    fn cancelled(&self) -> bool {
        (self.cancelled)()
    }

    fn progress(&self, progress: Progress) {
        if let Some(reports) = &self.reports {
            reports.tell(progress);
        }
    }
}

/// Writes what is noted of a request that has been answered, when it is dropped.
pub(super) struct LateNotes {
    scope: RequestScope,
    audit: AuditLog,
}

impl Drop for LateNotes {
    fn drop(&mut self) {
        self.scope
            .settle_detached(&self.audit, AuditOutcome::Abandoned);
    }
}

/// A training that has been announced and must therefore be reported, also when
/// its future is dropped.
struct Unfinished<'a> {
    scope: &'a RequestScope,
    config: Value,
    over: bool,
}

impl Unfinished<'_> {
    fn failed(&mut self, error: ApiError) -> ApiError {
        note_failure(
            self.scope,
            described(&error),
            std::mem::take(&mut self.config),
        );
        error
    }
}

/// What the trail says of a failure: what the client is told.
fn described(error: &ApiError) -> String {
    format!("{}: {}", error.code(), error.detail(""))
}

fn note_failure(scope: &RequestScope, error: String, config: Value) {
    metrics::counter!("creditrisk_trainings_total", "outcome" => "failed").increment(1);
    scope.note(Event::TrainingFailed { error, config });
}

/// The end of a training, which no longer depends on its request.
struct Ending {
    trainer: Trainer,
    scope: RequestScope,
    config: Value,
}

impl Ending {
    async fn save(self, outcome: Outcome, seconds: f64) -> Result<Finished, ApiError> {
        let Self {
            trainer,
            scope,
            config,
        } = self;
        let saving = Box::pin(trainer.save(&scope, outcome, seconds));
        let result = saving.await;
        let outcome = match &result {
            Ok(_) => AuditOutcome::Success,
            Err(error) => {
                note_failure(&scope, described(error), config);
                AuditOutcome::Failure
            }
        };
        scope.settle(&trainer.audit, outcome).await?;
        result
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if !self.over {
            let error = "CANCELLED: the client went away or the time was up".to_owned();
            note_failure(self.scope, error, std::mem::take(&mut self.config));
        }
    }
}
