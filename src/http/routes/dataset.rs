//! A data set and what is to be done with it, as requests carry them.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    extract::{
        DefaultBodyLimit, FromRequest, FromRequestParts, Multipart, Request,
        multipart::MultipartError,
    },
    http::header,
};
use serde::de::{
    Deserialize, DeserializeOwned, Deserializer, Error, MapAccess, Unexpected, Visitor,
};
use serde_json::{Value, value::RawValue};

use crate::{
    compute::blocking_io,
    credit::{
        DataConfig, LoanBook, Table, TrainingPlan,
        reading::Format,
        regression::RegressionBook,
        table::{self, Reading},
    },
    http::{
        AppState, HttpConfig, UploadConfig,
        error::ApiError,
        extract::{JsonBytes, is_json, media_type, parse_json, parse_value, refused},
        query::Parameters,
        upload::{Incoming, Upload, format_of},
    },
};

/// What is asked for, and where the data is: beside it in one JSON document, in a part of a form,
/// or nowhere, which means the operator's default data set.
pub(super) struct WithData<T> {
    pub config: T,
    pub source: Source,
}

/// Where the rows are.
pub(super) enum Source {
    /// A file, uploaded.
    File(Upload),
    /// JSON objects, one per row.
    Records(Box<RawValue>),
    /// Column names and an array of rows.
    Columns(Vec<String>, Box<RawValue>),
    /// The operator's default data set.
    Configured(PathBuf),
    /// The data set that comes with the program.
    Bundled,
}

/// UCI Statlog German Credit, see `data/README.md`.
const BUNDLED: &[u8] = include_bytes!("../../../data/german_credit.csv");

impl Source {
    /// The rows as a table; texts that are one of `missing_values` are no values, and the columns
    /// in `texts` keep their texts as they stand. This is CPU and file work.
    pub(super) fn read(
        self,
        missing_values: &[String],
        texts: &[&str],
        limits: &DataConfig,
    ) -> Result<Table, ApiError> {
        let csv = |bytes: &[u8]| Table::from_csv(bytes, missing_values, limits);
        let table = match self {
            Self::File(upload) => {
                let reading = Reading {
                    missing_values,
                    texts,
                    limits,
                };
                let digest = upload.digest().to_owned();
                let table = Table::from_rows(upload.format(), upload.open(), digest, reading);
                return table.map_err(ApiError::from);
            }
            Self::Bundled => csv(BUNDLED),
            Self::Configured(path) => csv(&configured(&path)?),
            Self::Records(rows) => Table::from_records(&rows, limits),
            Self::Columns(names, rows) => Table::from_columns(&names, &rows, limits),
        };
        table.map_err(ApiError::Invalid)
    }

    /// The file, if it is too large for a training that holds it in memory.
    pub(super) fn beyond_memory(self, settings: &UploadConfig) -> Result<Upload, Self> {
        match self {
            Self::File(upload) if upload.size() > settings.training_memory.as_u64() / 4 => {
                Ok(upload)
            }
            other => Err(other),
        }
    }

    /// The rows as a loan book, read as `plan` says. This is CPU and file work.
    pub(super) fn book(
        self,
        plan: &TrainingPlan,
        limits: &DataConfig,
    ) -> Result<LoanBook, ApiError> {
        let period = plan.out_of_time.as_ref().map(|time| &time.column);
        let texts = plan.categorical.iter().chain(&plan.target).chain(period);
        let texts: Vec<&str> = texts.map(String::as_str).collect();
        let table = self.read(&plan.missing_values, &texts, limits)?;
        LoanBook::read(&table, plan, limits).map_err(ApiError::Invalid)
    }

    /// The rows with the numbers that are to be predicted, read as `plan` says. This is CPU and file
    /// work.
    pub(super) fn numbers(
        self,
        plan: &TrainingPlan,
        limits: &DataConfig,
    ) -> Result<RegressionBook, ApiError> {
        let period = plan.out_of_time.as_ref().map(|time| &time.column);
        let texts = plan.categorical.iter().chain(period);
        let texts: Vec<&str> = texts.map(String::as_str).collect();
        let table = self.read(&plan.missing_values, &texts, limits)?;
        RegressionBook::read(&table, plan, limits).map_err(ApiError::Invalid)
    }

    /// `sha256:` and the digest of the data as it came.
    pub(super) fn digest(&self) -> Result<String, ApiError> {
        Ok(match self {
            Self::File(upload) => upload.digest().to_owned(),
            Self::Bundled => table::digest(BUNDLED),
            Self::Records(rows) => table::digest(rows.get().as_bytes()),
            Self::Columns(names, rows) => table::columns_digest(names, rows),
            Self::Configured(path) => table::digest(&configured(path)?),
        })
    }

    fn default(limits: &DataConfig) -> Self {
        limits
            .default_dataset_path
            .clone()
            .map_or(Self::Bundled, Self::Configured)
    }
}

/// The bytes of the operator's default data set.
fn configured(path: &Path) -> Result<Vec<u8>, ApiError> {
    std::fs::read(path).map_err(|error| {
        tracing::error!(%error, ?path, "the default data set cannot be read");
        ApiError::Internal
    })
}

impl<T: DeserializeOwned + Send + 'static> FromRequest<AppState> for WithData<T> {
    type Rejection = ApiError;

    async fn from_request(mut request: Request, state: &AppState) -> Result<Self, ApiError> {
        let (http, limits) = (&state.settings.http, Arc::clone(&state.data));
        // One that is understood has been undone, and the header taken off.
        let encoding = request.headers().get(header::CONTENT_ENCODING);
        if encoding.is_some_and(|it| !it.as_bytes().eq_ignore_ascii_case(b"identity")) {
            return Err(ApiError::UnsupportedMediaType {
                expected: "a body without a Content-Encoding, or one of gzip or zstd",
            });
        }
        if is_json(request.headers()) {
            let JsonBytes(body) = JsonBytes::from_request(request, state).await?;
            // A data set of many megabytes takes a while to read.
            return blocking_io(move || from_json(&body, &limits)).await?;
        }
        let media_type = media_type(request.headers()).unwrap_or_default();
        if media_type == "multipart/form-data" {
            // The parts have limits of their own.
            DefaultBodyLimit::disable().apply(&mut request);
            let multipart = Multipart::from_request(request, state).await;
            let multipart = multipart.map_err(|rejection| refused(rejection.status()))?;
            return from_multipart(multipart, http, &limits).await;
        }
        let Some(format) = Format::from_media_type(&media_type) else {
            return Err(ApiError::UnsupportedMediaType {
                expected: "application/json, multipart/form-data, text/csv, application/x-ndjson, \
                           application/vnd.apache.parquet or application/vnd.apache.arrow.stream",
            });
        };
        let (mut parts, body) = request.into_parts();
        let query = Parameters::from_request_parts(&mut parts, state).await?;
        let [config] = query.only(["config"])?;
        let missing = "the query parameter config is missing: it holds the JSON document";
        let config = config.ok_or_else(|| ApiError::invalid("", missing))?;
        let config = parse_json(config.as_bytes())?;
        let upload = Upload::receive(Incoming::Body(body), format, &http.upload).await?;
        Ok(Self {
            config,
            source: Source::File(upload),
        })
    }
}

/// The members of an object, none of them twice.
struct Members(BTreeMap<String, Box<RawValue>>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object whose members occur once")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::invalid_value(Unexpected::Map, &self));
            }
        }
        Ok(Members(members))
    }
}

/// The data members lie beside the others in one object.
fn from_json<T: DeserializeOwned>(
    body: &[u8],
    limits: &DataConfig,
) -> Result<WithData<T>, ApiError> {
    let Members(mut members) = parse_json(body)?;
    let (records, columns, data) = (
        members.remove("records"),
        members.remove("columns"),
        members.remove("data"),
    );
    let source = match (records, columns, data) {
        (None, None, None) => Source::default(limits),
        (Some(records), None, None) => Source::Records(records),
        (None, Some(columns), Some(data)) => {
            let names = serde_json::from_str(columns.get());
            let detail = "expected an array of column names";
            Source::Columns(
                names.map_err(|_| ApiError::invalid("/columns", detail))?,
                data,
            )
        }
        _ => {
            let detail = "expected records alone, or columns together with data, or none of them";
            return Err(ApiError::invalid("", detail));
        }
    };
    // What is left is a few short members, so a second reading is cheap.
    let config = members
        .into_iter()
        .map(|(name, raw)| Ok((name, serde_json::from_str(raw.get())?)))
        .collect::<Result<serde_json::Map<String, Value>, serde_json::Error>>()
        .map_err(|_| ApiError::invalid("", "not valid JSON"))?;
    Ok(WithData {
        config: parse_value(Value::Object(config))?,
        source,
    })
}

async fn from_multipart<T: DeserializeOwned>(
    mut multipart: Multipart,
    http: &HttpConfig,
    limits: &DataConfig,
) -> Result<WithData<T>, ApiError> {
    let broken = |error: MultipartError| refused(error.status());
    let twice = || ApiError::invalid("", "a part occurs twice");
    let (mut config, mut file) = (None, None);
    while let Some(mut part) = multipart.next_field().await.map_err(broken)? {
        match part.name() {
            Some("config") if config.is_some() => return Err(twice()),
            Some("config") => {
                let mut text = Vec::new();
                while let Some(bytes) = part.chunk().await.map_err(broken)? {
                    text.extend_from_slice(&bytes);
                    if text.len() as u64 > http.training_body_limit.as_u64() {
                        return Err(ApiError::BodyTooLarge);
                    }
                }
                config = Some(text);
            }
            Some("file") if file.is_some() => return Err(twice()),
            Some("file") => {
                let format = format_of(part.content_type(), part.file_name());
                let part = Incoming::Part(Box::new(part));
                file = Some(Upload::receive(part, format, &http.upload).await?);
            }
            _ => {
                let detail = "expected the parts config and file only";
                return Err(ApiError::invalid("", detail));
            }
        }
    }
    let missing = || ApiError::invalid("", "the part config is missing");
    let config = parse_json(&config.ok_or_else(missing)?)?;
    let source = file.map_or_else(|| Source::default(limits), Source::File);
    Ok(WithData { config, source })
}
