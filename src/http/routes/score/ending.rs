//! The end of a batch in the audit trail: exactly one record, however it ends.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use crate::{
    audit::{AuditError, AuditLog, Event, Outcome, Record},
    credit::batch::Totals,
    http::scope::RequestScope,
    model_store::ModelId,
};

/// What the trail says when a client leaves, or the service stops before it has finished.
const CANCELLED: &str = "CANCELLED: the client went away, or the service stopped";

/// What the trail will say of a batch that has been announced. Dropping it says that the client
/// has gone.
pub(super) struct Ending {
    scope: RequestScope,
    audit: AuditLog,
    model_id: ModelId,
    threshold: f64,
    policy_version: String,
    /// What has been handed over to the client so far.
    totals: Mutex<Totals>,
    over: AtomicBool,
}

/// What does not change between the beginning of a batch and its end.
pub(super) struct Subject {
    pub scope: RequestScope,
    pub audit: AuditLog,
    pub model_id: ModelId,
    pub threshold: f64,
    pub policy_version: String,
}

impl Ending {
    pub(super) fn new(subject: Subject) -> Self {
        let Subject {
            scope,
            audit,
            model_id,
            threshold,
            policy_version,
        } = subject;
        Self {
            scope,
            audit,
            model_id,
            threshold,
            policy_version,
            totals: Mutex::default(),
            over: AtomicBool::new(false),
        }
    }

    /// Records the beginning.
    pub(super) async fn announce(self: Arc<Self>, format: &'static str) -> Result<(), AuditError> {
        let event = Event::BatchScoringStarted {
            model_id: self.model_id.to_string(),
            format,
        };
        // In a task of its own, which keeps what will record the end: a client that leaves now
        // must not withdraw the beginning and leave an end behind.
        let announced = tokio::spawn(async move {
            let announced = self.scope.announce(&self.audit, event).await;
            if announced.is_err() {
                // What has not begun does not end.
                self.over.store(true, Ordering::SeqCst);
            }
            announced
        });
        announced.await.unwrap_or(Err(AuditError::Closed))
    }

    /// Says that the answers counted by `totals` are on their way.
    pub(super) fn handed_over(&self, totals: Totals) {
        *self.totals.lock().unwrap_or_else(PoisonError::into_inner) = totals;
    }

    /// Records that the batch is whole; its last bytes may go when this returns.
    pub(super) async fn complete(&self, totals: Totals) -> Result<(), AuditError> {
        if self.over.swap(true, Ordering::SeqCst) {
            return Err(AuditError::Closed);
        }
        let event = Event::BatchScoringCompleted {
            model_id: self.model_id.to_string(),
            n_samples: totals.rows,
            n_errors: totals.errors,
            threshold: self.threshold,
            predicted_defaults: totals.declined,
            policy_version: self.policy_version.clone(),
        };
        let records = self.scope.records([event], Outcome::Success, None);
        let failure = self.failure(Outcome::Failure, "AUDIT_UNAVAILABLE: no record, no answer");
        let audit = self.audit.clone();
        // In a task of its own: a client that leaves now must not take the record along.
        let committed = tokio::spawn(async move { audit.append_or(records, || failure).await });
        committed.await.unwrap_or(Err(AuditError::Closed))
    }

    /// Records that the batch broke off, unless its end has been recorded.
    pub(super) fn fail(&self, error: &str) {
        if !self.over.swap(true, Ordering::SeqCst) {
            self.record_failure(Outcome::Failure, error);
        }
    }

    /// Records that nobody is there to be answered, unless the end has been recorded.
    pub(super) fn abandon(&self) {
        if !self.over.swap(true, Ordering::SeqCst) {
            self.record_failure(Outcome::Abandoned, CANCELLED);
        }
    }

    fn record_failure(&self, outcome: Outcome, error: &str) {
        self.audit.append_detached(self.failure(outcome, error));
    }

    fn failure(&self, outcome: Outcome, error: &str) -> Vec<Record> {
        let totals = *self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        let event = Event::BatchScoringFailed {
            model_id: self.model_id.to_string(),
            error: error.to_owned(),
            n_samples: totals.rows,
            n_errors: totals.errors,
            threshold: self.threshold,
            predicted_defaults: totals.declined,
            policy_version: self.policy_version.clone(),
        };
        self.scope.records([event], outcome, None)
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.abandon();
    }
}
