//! A data set and what is to be done with it, as requests carry them.

use std::{collections::BTreeMap, fmt, path::PathBuf, sync::Arc};

use axum::{
    body::Bytes,
    extract::{FromRef, FromRequest, Multipart, Request, multipart::MultipartError},
};
use serde::de::{
    Deserialize, DeserializeOwned, Deserializer, Error, MapAccess, Unexpected, Visitor,
};
use serde_json::{Value, value::RawValue};

use crate::{
    compute::blocking_io,
    credit::{DataConfig, LoanBook, Table, TrainingPlan, table},
    http::{
        error::ApiError,
        extract::{JsonBytes, is_json, media_type, parse_json, parse_value, refused},
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
    /// A CSV file, uploaded.
    Csv(Bytes),
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
    /// The rows as a table; in a CSV, `missing_values` are no values. This is CPU and file work.
    pub(super) fn read(
        self,
        missing_values: &[String],
        limits: &DataConfig,
    ) -> Result<Table, ApiError> {
        let csv = |bytes: &[u8]| Table::from_csv(bytes, missing_values, limits);
        let table = match self {
            Self::Csv(bytes) => csv(&bytes),
            Self::Bundled => csv(BUNDLED),
            Self::Configured(path) => csv(&std::fs::read(&path).map_err(|error| {
                tracing::error!(%error, ?path, "the default data set cannot be read");
                ApiError::Internal
            })?),
            Self::Records(rows) => Table::from_records(&rows, limits),
            Self::Columns(names, rows) => Table::from_columns(&names, &rows, limits),
        };
        table.map_err(ApiError::Invalid)
    }

    /// The rows as a loan book, read as `plan` says. This is CPU and file work.
    pub(super) fn book(
        self,
        plan: &TrainingPlan,
        limits: &DataConfig,
    ) -> Result<LoanBook, ApiError> {
        let table = self.read(&plan.missing_values, limits)?;
        LoanBook::read(&table, plan, limits).map_err(ApiError::Invalid)
    }

    /// `sha256:` and the digest of the data as it came.
    pub(super) fn digest(&self) -> Result<String, ApiError> {
        Ok(match self {
            Self::Csv(bytes) => table::digest(bytes),
            Self::Bundled => table::digest(BUNDLED),
            Self::Records(rows) => table::digest(rows.get().as_bytes()),
            Self::Columns(names, rows) => table::columns_digest(names, rows),
            Self::Configured(path) => table::digest(&std::fs::read(path).map_err(|error| {
                tracing::error!(%error, ?path, "the default data set cannot be read");
                ApiError::Internal
            })?),
        })
    }

    fn default(limits: &DataConfig) -> Self {
        limits
            .default_dataset_path
            .clone()
            .map_or(Self::Bundled, Self::Configured)
    }
}

impl<S, T> FromRequest<S> for WithData<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send + 'static,
    Arc<DataConfig>: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let limits = Arc::<DataConfig>::from_ref(state);
        if is_json(request.headers()) {
            let JsonBytes(body) = JsonBytes::from_request(request, state).await?;
            // A data set of many megabytes takes a while to read.
            return blocking_io(move || from_json(&body, &limits)).await?;
        }
        if media_type(request.headers()).as_deref() == Some("multipart/form-data") {
            let multipart = Multipart::from_request(request, state).await;
            let multipart = multipart.map_err(|rejection| refused(rejection.status()))?;
            return from_multipart(multipart, &limits).await;
        }
        Err(ApiError::UnsupportedMediaType {
            expected: "application/json or multipart/form-data",
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
    limits: &DataConfig,
) -> Result<WithData<T>, ApiError> {
    let refused = |error: MultipartError| refused(error.status());
    let (mut config, mut file) = (None, None);
    while let Some(part) = multipart.next_field().await.map_err(refused)? {
        let place = match part.name() {
            Some("config") => &mut config,
            Some("file") => &mut file,
            _ => {
                return Err(ApiError::invalid(
                    "",
                    "expected the parts config and file only",
                ));
            }
        };
        if place.is_some() {
            return Err(ApiError::invalid("", "a part occurs twice"));
        }
        *place = Some(part.bytes().await.map_err(refused)?);
    }
    let config: Bytes =
        config.ok_or_else(|| ApiError::invalid("", "the part config is missing"))?;
    let config = parse_json(&config)?;
    let source = file.map_or_else(|| Source::default(limits), Source::Csv);
    Ok(WithData { config, source })
}
