//! What is known about one request while it is under way.

use std::{
    convert::Infallible,
    net::IpAddr,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use axum::{extract::FromRequestParts, http::request::Parts};
use jiff::Timestamp;

use super::row::{Access, Row};
use crate::{
    access::Caller,
    audit::{AuditError, AuditLog, Context, Event, Outcome, Record},
    clock::Clock,
};

/// One request's id, origin, route, caller and audit notes. Cloning is shallow.
///
/// The stack's layers fill it in; handlers leave notes, which the audit layer
/// writes together with the outcome before the answer leaves.
#[derive(Clone, Debug)]
pub struct RequestScope(Arc<Inner>);

/// Where a request came from.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// Address of the client, seen through trusted proxies.
    pub address: IpAddr,
    /// Whether a trusted proxy says that it came over HTTPS.
    pub https: bool,
}

#[derive(Debug)]
struct Inner {
    request_id: String,
    origin: Origin,
    method: String,
    row: Option<&'static Row>,
    started: Instant,
    clock: Clock,
    caller: OnceLock<Caller>,
    notes: Mutex<Vec<Event>>,
    closed: AtomicBool,
}

impl RequestScope {
    /// A new request.
    pub fn new(
        request_id: String,
        origin: Origin,
        method: String,
        row: Option<&'static Row>,
        clock: Clock,
    ) -> Self {
        Self(Arc::new(Inner {
            request_id,
            origin,
            method,
            row,
            started: Instant::now(),
            clock,
            caller: OnceLock::new(),
            notes: Mutex::new(Vec::new()),
            closed: AtomicBool::new(false),
        }))
    }

    /// Id of the request, given by the client or made here.
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// Address of the client, seen through trusted proxies.
    pub fn address(&self) -> IpAddr {
        self.0.origin.address
    }

    /// Whether a trusted proxy says that the request came over HTTPS.
    pub fn came_over_https(&self) -> bool {
        self.0.origin.https
    }

    /// The route the request goes to; none for a path or method nobody has.
    pub fn row(&self) -> Option<&'static Row> {
        self.0.row
    }

    /// The path pattern of the route, or a stand-in of fixed text.
    pub fn route(&self) -> &'static str {
        self.0.row.map_or("unmatched", |row| row.path)
    }

    /// Time since the request arrived, in milliseconds.
    pub fn elapsed_ms(&self) -> f64 {
        self.0.started.elapsed().as_secs_f64() * 1_000.0
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Says who is calling; the first word counts.
    pub fn identify(&self, caller: Caller) {
        // Only the identify layer calls this, once per request.
        let _ = self.0.caller.set(caller);
    }

    /// Who is calling; anonymous until identified.
    pub fn caller(&self) -> &Caller {
        self.0.caller.get().unwrap_or(&Caller::Anonymous)
    }

    /// Whether somebody tries a wrong key at a guarded door: charged and recorded
    /// on every route, or an unmetered one would tell right keys from wrong ones.
    pub fn tries_a_wrong_key(&self) -> bool {
        let guarded = self.0.row.is_some_and(|row| row.access != Access::Public);
        guarded && matches!(self.caller(), Caller::Unknown { .. })
    }

    /// Leaves a note for the audit trail, written with the outcome.
    pub fn note(&self, event: Event) {
        self.0
            .notes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(event);
    }

    /// Ends the request for the audit trail and takes the notes left so far.
    /// Whoever leaves one later writes it by [`RequestScope::settle`].
    pub fn close(&self) -> Vec<Event> {
        // Before the notes are taken, so that a later one finds the scope closed.
        self.0.closed.store(true, Ordering::SeqCst);
        self.take_notes()
    }

    /// Writes the notes of work that outlived its request, because nobody else would: the client
    /// went away, the time was up, or the answer is sent while the work goes on.
    ///
    /// # Errors
    /// The trail's failure; what is noted must not be answered then.
    pub async fn settle(&self, audit: &AuditLog, outcome: Outcome) -> Result<(), AuditError> {
        match self.late_notes() {
            late if late.is_empty() => Ok(()),
            late => audit.append(self.records(late, outcome, None)).await,
        }
    }

    /// The same for somebody who cannot wait for it.
    pub fn settle_detached(&self, audit: &AuditLog, outcome: Outcome) {
        let late = self.late_notes();
        if !late.is_empty() {
            audit.append_detached(self.records(late, outcome, None));
        }
    }

    /// The notes that were left after the request had ended.
    fn late_notes(&self) -> Vec<Event> {
        if self.0.closed.load(Ordering::SeqCst) {
            self.take_notes()
        } else {
            Vec::new()
        }
    }

    fn take_notes(&self) -> Vec<Event> {
        let mut notes = self.0.notes.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *notes)
    }

    /// Records of `events` in this request, in that order.
    pub fn records(
        &self,
        events: impl IntoIterator<Item = Event>,
        outcome: Outcome,
        status: Option<u16>,
    ) -> Vec<Record> {
        let caller = self.caller();
        let context = Arc::new(Context {
            request_id: Some(self.0.request_id.clone()),
            key_id: caller.key_id().map(str::to_owned),
            actor: Some(caller.actor().to_owned()),
            ip: Some(self.address()),
            method: Some(self.0.method.clone()),
            route: Some(self.route().to_owned()),
        });
        let (timestamp, duration_ms) = (self.now(), Some(self.elapsed_ms()));
        let record = |event| Record {
            event,
            timestamp,
            context: Arc::clone(&context),
            outcome,
            status,
            duration_ms,
        };
        events.into_iter().map(record).collect()
    }

    /// Writes `event` at once, before the work it announces begins.
    ///
    /// # Errors
    /// The trail's failure; the work must not begin then.
    pub async fn announce(&self, audit: &AuditLog, event: Event) -> Result<(), AuditError> {
        audit
            .append(self.records([event], Outcome::Success, None))
            .await
    }
}

impl<S: Sync> FromRequestParts<S> for RequestScope {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(|| {
            // Only a handler outside the stack would get here; it is nobody's request.
            let nobody = Origin {
                address: IpAddr::from([0, 0, 0, 0]),
                https: false,
            };
            Self::new(
                String::new(),
                nobody,
                parts.method.to_string(),
                None,
                Clock::system(),
            )
        }))
    }
}
