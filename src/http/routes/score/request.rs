//! What is asked of a batch: by the query, and by the header fields about formats.

use axum::http::{HeaderMap, header};

use crate::{
    credit::{
        Fault, batch::BatchOptions, policy::Thresholds, reading::Format, reasons::MOST_REASONS,
    },
    http::{error::ApiError, extract::media_type, query::Parameters},
};

/// The formats of both ways.
#[derive(Clone, Copy, Debug)]
pub(super) struct Formats {
    pub from: Format,
    pub to: Format,
}

/// What the media types of bodies can be.
const READ: &str = "text/csv, application/x-ndjson, application/vnd.apache.parquet or \
                    application/vnd.apache.arrow.stream, as it is or compressed by gzip or zstd";

/// What the media types of answers can be.
const OFFERED: &str = "text/csv, application/x-ndjson, application/vnd.apache.parquet or \
                       application/vnd.apache.arrow.stream";

/// What Arrow IPC is called when it is a file, not a stream.
const ARROW_FILE: &str = "application/vnd.apache.arrow.file";

impl Formats {
    /// # Errors
    /// 415 for a body that is not read here, 406 where no format of the answer is accepted.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        let media = media_type(headers);
        let from = media.as_deref().and_then(Format::from_media_type);
        // What could be decompressed has been, and its header field is gone.
        let encoded = headers.contains_key(header::CONTENT_ENCODING);
        let from = from.filter(|_| !encoded);
        let from = from.ok_or(ApiError::UnsupportedMediaType { expected: READ })?;
        let to = accepted(headers, from);
        Ok(Self {
            from,
            to: to.ok_or(ApiError::NotAcceptable { offered: OFFERED })?,
        })
    }
}

/// The items of all header fields of this name, each with its weight.
pub(super) fn weighted(
    headers: &HeaderMap,
    name: header::HeaderName,
) -> impl Iterator<Item = (&str, f64)> {
    let lines = headers.get_all(name).into_iter();
    let items = lines.filter_map(|line| line.to_str().ok());
    items.flat_map(|line| line.split(',')).map(|item| {
        let mut parts = item.split(';').map(str::trim);
        let what = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        (what, weight.map_or(1.0, |it| it.parse().unwrap_or(0.0)))
    })
}

/// The format that the Accept header likes best, of equal ones that which it names first; `own`,
/// the body's, where it does not mind. A format that is excluded by name is not meant by a range.
fn accepted(headers: &HeaderMap, own: Format) -> Option<Format> {
    if !headers.contains_key(header::ACCEPT) {
        return Some(own);
    }
    let ranges: Vec<(&str, f64)> = weighted(headers, header::ACCEPT).collect();
    let refused = |format: Format| {
        let mut named = ranges.iter();
        named
            .any(|(media, weight)| *weight <= 0.0 && Format::from_media_type(media) == Some(format))
    };
    let mut best = (0.0, None);
    for (media, weight) in &ranges {
        let mut fitting = std::iter::once(own).chain(Format::ALL);
        let found = fitting.find(|format| !refused(*format) && matches(media, *format));
        if found.is_some() && *weight > best.0 {
            best = (*weight, found);
        }
    }
    best.1
}

/// Whether a media range means `format`.
fn matches(range: &str, format: Format) -> bool {
    if range == "*/*" {
        return true;
    }
    match range.strip_suffix("/*") {
        Some(kind) => {
            let own = format.media_type().split('/').next();
            own.is_some_and(|own| own.eq_ignore_ascii_case(kind))
        }
        // Answers are streams.
        None if range.eq_ignore_ascii_case(ARROW_FILE) => false,
        None => Format::from_media_type(range) == Some(format),
    }
}

/// What the query says.
#[derive(Debug)]
pub(super) struct Asked {
    keep: Vec<String>,
    reasons: usize,
    threshold: Option<f64>,
    missing_values: Option<Vec<String>>,
}

impl Asked {
    /// # Errors
    /// 422 with every fault of the query.
    pub(super) fn of(parameters: &Parameters) -> Result<Self, ApiError> {
        let names = ["keep", "reasons", "threshold", "missing_values"];
        let [keep, reasons, threshold, missing_values] = parameters.only(names)?;
        let mut faults = Vec::new();
        let mut fault = |name: &str, expected: &str| {
            let detail = format!("query parameter {name}: expected {expected}");
            faults.push(Fault::at("", detail));
        };
        let reasons = reasons.map_or(Ok(MOST_REASONS), str::parse);
        let reasons = reasons.ok().filter(|it| *it <= MOST_REASONS);
        if reasons.is_none() {
            fault("reasons", &format!("0 to {MOST_REASONS}"));
        }
        let probability = |text: &str| {
            let number = text.parse().ok();
            number.filter(|it| (0.0..=1.0).contains(it))
        };
        let threshold = threshold.map(probability);
        if threshold == Some(None) {
            fault("threshold", "0 to 1");
        }
        if !faults.is_empty() {
            return Err(ApiError::Invalid(faults));
        }
        let list = |text: &str| -> Vec<String> {
            let items = text.split(',').map(str::trim);
            items
                .filter(|it| !it.is_empty())
                .map(str::to_owned)
                .collect()
        };
        Ok(Self {
            keep: keep.map(list).unwrap_or_default(),
            reasons: reasons.unwrap_or_default(),
            threshold: threshold.flatten(),
            missing_values: missing_values.map(list),
        })
    }

    /// The same as options of a batch; `own` are the model's.
    pub(super) fn options(self, own: BatchOptions) -> BatchOptions {
        BatchOptions {
            keep: self.keep,
            reasons: self.reasons,
            thresholds: self.threshold.map_or(own.thresholds, Thresholds::single),
            missing_values: self.missing_values.unwrap_or(own.missing_values),
        }
    }

    /// Whether the request brings a threshold of its own.
    pub(super) fn decides_itself(&self) -> bool {
        self.threshold.is_some()
    }
}
