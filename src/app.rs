//! The composition root: settings become handles, handles become a service.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use axum_server::Handle;
use hyper_util::rt::TokioTimer;
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, interval_at, sleep, timeout},
};

use crate::{
    access::{AccessError, KeyRegistry},
    audit::{AuditError, AuditLog, AuditWriter, Context, Event, Outcome, Record},
    clock::Clock,
    compute::{Compute, blocking_io},
    config::{Config, Environment},
    http::{self, AppState, HttpSettings, connection::Patience},
    limits::Limiter,
    model_store::{ModelStore, ModelStoreError},
    telemetry,
};

/// How often idle rate-limit buckets are forgotten and histograms are folded.
const HOUSEKEEPING: Duration = Duration::from_secs(5);

/// Longest wait for connections that have been dropped to be gone.
const FAREWELL: Duration = Duration::from_secs(5);

/// A service that is ready to serve.
pub struct App {
    state: AppState,
    config: Config,
    writer: AuditWriter,
}

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The keys cannot be used.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Keys are required and there are none.
    #[error(
        "keys are required and there are none: make one with `credit-risk keys generate` and name \
         its file in CREDIT_RISK_API_KEYS_FILE"
    )]
    NoKeys,
    /// The audit trail cannot be opened.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The models cannot be opened.
    #[error("the model store cannot be opened: {}", cause(.0))]
    ModelStore(#[from] ModelStoreError),
    /// The metrics cannot be collected.
    #[error("metrics cannot be set up: {0}")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
    /// The address cannot be bound, or the listener failed.
    #[error("cannot serve on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// A signal handler cannot be installed.
    #[error("signals cannot be received: {0}")]
    Signals(io::Error),
}

fn cause(error: &ModelStoreError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

impl App {
    /// Opens everything the settings name.
    ///
    /// # Errors
    /// [`StartError`] names what cannot be opened.
    pub async fn build(config: Config, clock: Clock) -> Result<Self, StartError> {
        let keys = KeyRegistry::load(&config.access)?;
        if config.access.require_auth && keys.is_empty() {
            if config.app.environment != Environment::Local {
                return Err(StartError::NoKeys);
            }
            tracing::warn!(
                "{}; every guarded route answers 401 until then",
                StartError::NoKeys
            );
        }
        let (audit, writer) = AuditLog::open(&config.audit, clock.clone())?;
        // Before the store, which measures from its opening on.
        let metrics = telemetry::metrics()?;
        let state = AppState {
            limiter: Limiter::new(&config.limits, clock.clone()),
            clock,
            keys,
            audit,
            models: ModelStore::open(&config.store).await?,
            compute: Compute::new(&config.compute),
            data: Arc::new(config.data.clone()),
            settings: Arc::new(HttpSettings {
                http: config.http.clone(),
                service: config.app.name.clone(),
                require_auth: config.access.require_auth,
            }),
            metrics,
            document: Arc::new(http::openapi::document(http::routes::ROWS)),
        };
        Ok(Self {
            state,
            config,
            writer,
        })
    }

    /// The whole service, for a server or a test.
    pub fn router(&self) -> Router {
        http::router(self.state.clone())
    }

    /// The handles behind the service.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Serves until SIGTERM or SIGINT, then lets open requests finish. The
    /// audit trail is complete on disk when this returns.
    ///
    /// # Errors
    /// [`StartError`] when the address cannot be bound or the listener fails.
    pub async fn serve(self) -> Result<(), StartError> {
        let http = &self.config.http;
        let address = SocketAddr::new(http.host, http.port);
        let failed = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;

        let handle = Handle::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(
            stop_on_signal(handle.clone(), http.drain_timeout).map_err(StartError::Signals)?,
        );
        tasks.spawn(
            reload_keys(self.state.clone(), self.config.access.reload_interval)
                .map_err(StartError::Signals)?,
        );
        tasks.spawn(keep_house(self.state.clone()));
        tasks.spawn(upload_models(
            self.state.clone(),
            self.config.store.s3.check_interval,
        ));
        tasks.spawn(forget_models(
            self.state.clone(),
            self.config.store.refresh_interval,
        ));

        let mut server = axum_server::from_tcp(listener)
            .map_err(failed)?
            .acceptor(Patience(http.header_read_timeout))
            .handle(handle.clone());
        let head = usize::try_from(http.header_limit.as_u64()).unwrap_or(usize::MAX);
        let builder = server.http_builder();
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(http.header_read_timeout)
            .max_buf_size(head);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(Some(Duration::from_secs(20)))
            .max_header_list_size(u32::try_from(head).unwrap_or(u32::MAX))
            .max_concurrent_streams(128);

        let environment = self.config.app.environment.to_string();
        let version = env!("CARGO_PKG_VERSION");
        self.tell(Event::ServiceStarted {
            version,
            environment: environment.clone(),
        })
        .await?;
        tracing::info!(address = %bound, environment, version, "listening");
        let router = self
            .router()
            .into_make_service_with_connect_info::<SocketAddr>();
        let served = server.serve(router).await.map_err(failed);
        tasks.abort_all();
        let _ = timeout(FAREWELL, connections_end(&handle)).await;
        self.tell(Event::ServiceStopped).await?;
        tracing::info!("stopped");
        let writer = self.writer;
        // Waits for the last records; nothing else is left to do.
        let _ = blocking_io(move || writer.shutdown()).await;
        served
    }

    /// Records something about the service itself.
    async fn tell(&self, event: Event) -> Result<(), AuditError> {
        let record = own(event, &self.state.clock);
        self.state.audit.append(vec![record]).await
    }
}

/// The record of an event that no request caused.
fn own(event: Event, clock: &Clock) -> Record {
    Record {
        event,
        timestamp: clock.now(),
        context: Arc::new(Context::default()),
        outcome: Outcome::Success,
        status: None,
        duration_ms: None,
    }
}

/// What is still open when the drain time is up is dropped, and leaves its last
/// records as it goes; they belong before the end of the trail.
async fn connections_end(handle: &Handle<SocketAddr>) {
    while handle.connection_count() > 0 {
        sleep(Duration::from_millis(5)).await;
    }
}

/// Begins the drain at the first SIGTERM or SIGINT.
fn stop_on_signal(
    handle: Handle<SocketAddr>,
    drain: Duration,
) -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!(
            open = handle.connection_count(),
            "stopping; open requests may finish"
        );
        handle.graceful_shutdown(Some(drain));
    })
}

/// Looks at the key files now and then, and at once on SIGHUP.
fn reload_keys(state: AppState, every: Duration) -> io::Result<impl Future<Output = ()>> {
    let mut hang_up = signal(SignalKind::hangup())?;
    Ok(async move {
        // The keys have only just been read.
        let mut tick = interval_at(Instant::now() + every, every);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let forced = tokio::select! {
                _ = tick.tick() => false,
                _ = hang_up.recv() => true,
            };
            let keys = state.keys.clone();
            let changed = blocking_io(move || {
                if forced {
                    keys.reload().map(|_| true)
                } else {
                    keys.reload_if_changed()
                }
            });
            match changed.await {
                Ok(Ok(true)) => {
                    let keys = state.keys.len();
                    tracing::info!(keys, "the keys were read again");
                    let event = Event::KeysReloaded { keys: keys as u64 };
                    state.audit.append_detached(vec![own(event, &state.clock)]);
                }
                Ok(Ok(false)) | Err(_) => {}
                Ok(Err(error)) => {
                    metrics::counter!("creditrisk_key_reload_failures_total").increment(1);
                    tracing::error!(%error, "the keys could not be read again; the old ones stay");
                }
            }
        }
    })
}

async fn keep_house(state: AppState) {
    let mut tick = interval(HOUSEKEEPING);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        state.limiter.forget_idle();
        state.metrics.run_upkeep();
    }
}

/// Watches the object store, uploads what is pending and records its arrival.
async fn upload_models(state: AppState, every: Duration) {
    let mut tick = interval(every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        for (id, saved) in state.models.upload_pending().await {
            let event = Event::ModelPersisted {
                model_id: id.to_string(),
                path: saved.location,
                sha256: saved.sha256,
            };
            // Confirmed only when the record is on disk: until then it comes again.
            if state
                .audit
                .append(vec![own(event, &state.clock)])
                .await
                .is_err()
            {
                break;
            }
            match state.models.confirm(&id).await {
                Ok(()) => tracing::info!(model.id = %id, "a pending model has been uploaded"),
                Err(error) => tracing::error!(model.id = %id, %error, "an upload stays pending"),
            }
        }
    }
}

/// Forgets the models that other processes have deleted.
async fn forget_models(state: AppState, every: Duration) {
    let mut tick = interval_at(Instant::now() + every, every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = state.models.refresh().await {
            tracing::warn!(%error, "the models cannot be listed");
        }
    }
}
