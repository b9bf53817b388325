//! Scores a data set, streaming both ways.

mod answer;
mod ending;
mod feed;
mod journey;
mod request;
mod spool;

use std::{convert::Infallible, sync::Arc};

use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, Version, header, request::Parts},
    middleware::from_fn,
    response::{IntoResponse, Response},
    routing::{MethodRouter, post},
};
use tokio::sync::mpsc;
use tower_http::{CompressionLevel, compression::CompressionLayer};
use tracing::Instrument;

use self::{
    answer::{AnswerBody, Queue},
    ending::{Ending, Subject},
    feed::Feed,
    journey::{Journey, Source, TRAILERS},
    request::{Asked, Formats},
    spool::spool,
};
use super::models::{credit_results, load_credit};
use crate::{
    audit::AuditLog,
    compute::Compute,
    credit::batch::{Batch, BatchOptions, is_text},
    http::{
        AppState, HttpSettings, decompression::decompress, doc::Doc, error::ApiError,
        extract::ModelPath, query::Parameters, scope::RequestScope,
    },
    model_store::{ModelId, ModelStore},
};

/// Parts of an answer that wait for the connection: one, so that a slow reader slows the reading.
const WAITING: usize = 1;

/// The handler with bodies decompressed on their way in, and compressed on their way out where the
/// client accepts that.
pub(super) fn route() -> MethodRouter<AppState> {
    post(score).layer((
        CompressionLayer::new().quality(CompressionLevel::Fastest),
        // What is left compressed is refused by the handler, as any other format.
        from_fn(decompress),
    ))
}

async fn score(
    scorer: Scorer,
    scope: RequestScope,
    ModelPath(id): ModelPath,
    parameters: Parameters,
    (version, headers): (Version, HeaderMap),
    body: Body,
) -> Result<Response, ApiError> {
    if version < Version::HTTP_11 {
        // Its end is that of the connection, so that an answer that breaks off would look whole.
        return Err(ApiError::VersionNotSupported);
    }
    let asked = Asked::of(&parameters)?;
    let formats = Formats::of(&headers)?;
    let place = scorer.compute.streams.admit()?;
    let patience = scorer.settings.http.request_timeout;
    let feed = Feed::new(body, patience);
    let (batch, source, subject) = Box::pin(scorer.open(&scope, id, asked, formats, feed)).await?;
    let door = scorer.compute.scoring.clone();
    let mut journey = Journey::new(batch, source, door, place, patience);
    journey.begin().await?;
    let ending = Arc::new(Ending::new(subject));
    Arc::clone(&ending).announce(formats.from.name()).await?;
    let (sender, parts) = mpsc::channel(WAITING);
    let parts = Queue::new(parts);
    let work = journey.finish(sender, parts.clone(), Arc::clone(&ending));
    let work = tokio::spawn(work.in_current_span()).abort_handle();
    let body = AnswerBody {
        parts,
        ending,
        work,
        over: false,
    };
    Ok((head(formats), Body::new(body)).into_response())
}

fn head(formats: Formats) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let media = match formats.to.media_type() {
        "text/csv" => "text/csv; charset=utf-8",
        media => media,
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    let trailers = TRAILERS.map(HeaderValue::from_static);
    for name in trailers {
        headers.append(header::TRAILER, name);
    }
    headers
}

/// The handles that a batch uses.
pub(super) struct Scorer {
    models: ModelStore,
    compute: Compute,
    audit: AuditLog,
    settings: Arc<HttpSettings>,
}

impl FromRequestParts<AppState> for Scorer {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let AppState {
            models,
            compute,
            audit,
            settings,
            ..
        } = state.clone();
        Ok(Self {
            models,
            compute,
            audit,
            settings,
        })
    }
}

/// A request's own threshold is no policy of the lender's.
const OWN_THRESHOLD: &str = "request";

impl Scorer {
    /// The batch, and what the trail is told of it.
    async fn open(
        &self,
        scope: &RequestScope,
        id: ModelId,
        asked: Asked,
        formats: Formats,
        mut feed: Feed,
    ) -> Result<(Batch, Source, Subject), ApiError> {
        let model = load_credit(&self.models, scope, &id).await?;
        let results = credit_results(&self.models, &id).await?;
        let policy_version = if asked.decides_itself() {
            OWN_THRESHOLD.to_owned()
        } else {
            model.body().policy.version.clone()
        };
        // Texts that were gaps in the training are gaps here too.
        let options = asked.options(BatchOptions {
            missing_values: results.training_config.missing_values,
            ..BatchOptions::of(&model)
        });
        let subject = Subject {
            scope: scope.clone(),
            audit: self.audit.clone(),
            model_id: id,
            threshold: options.thresholds.decline,
            policy_version,
        };
        let Formats { from, to } = formats;
        let (batch, source) = if is_text(from) {
            (Batch::new(model, options, from, to), Source::Feed(feed))
        } else {
            let most = self.settings.http.batch_file_limit.as_u64();
            let folder = self.settings.http.upload.folder.clone();
            let file = spool(&mut feed, folder, most).await?;
            let open = move || Batch::of_file(model, options, (from, file, most), to);
            (self.compute.scoring.run_in_turn(open).await?, Source::File)
        };
        Ok((batch.map_err(ApiError::Invalid)?, source, subject))
    }
}

const MEDIA: [&str; 4] = [
    "text/csv",
    "application/x-ndjson",
    "application/vnd.apache.parquet",
    "application/vnd.apache.arrow.stream",
];

pub(super) fn doc() -> Doc {
    Doc::new("scoring", "Score a data set, row for row")
        .describe(
            "The body is a data set, the answer is streamed: one row for each row, in the same order. \
             CSV and NDJSON are answered while they come, so read the answer while you send; \
             Parquet and Arrow IPC are received first. Bodies may be compressed by gzip or zstd \
             (Content-Encoding), and so may the answer (Accept-Encoding). The format of the answer is \
             that of the body unless the Accept header asks for another; Arrow IPC is answered as a \
             stream. Columns: those to be \
             kept, then default_probability, log_odds, score (of a scorecard), decision, reasons, \
             flags, error. A row that cannot be read or assessed is answered with its error, and \
             the next one goes on. Every column that the model uses must be there; other columns are passed over. In an NDJSON a member may be left out, and one that \
             the model does not know and that is not kept is an error of its row. An answer without \
             its proper end is not whole. At most 100 columns are kept, and cells of at most 64 KiB. The trailers x-total-rows and x-error-rows count.",
        )
        .path_parameter("model_id", "Id of the model")
        .query_text("keep", "Columns that are copied into the answer, separated by commas")
        .query_parameter("reasons", "Most reasons of a row, 0 to 4; 4 if not given")
        .query_text("threshold", "Probability from which to decline; the model's own if not given")
        .query_text(
            "missing_values",
            "Texts of a CSV that mean \"no value\", separated by commas; those of the model's \
             training if not given",
        )
        .files(&MEDIA)
        .text_answer(MEDIA[0], "The answers")
        .or_text(MEDIA[1])
        .or_text(MEDIA[2])
        .or_text(MEDIA[3])
        .problem(404, "There is no such model")
        .problem(406, "No format of the answer is accepted")
        .problem(422, "A parameter, or the header of the data set, is at fault")
        .problem(505, "The request is one of HTTP/1.0, whose answers have no end of their own")
}
