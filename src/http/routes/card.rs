//! A model's card, as JSON, Markdown or a page.

use std::str::FromStr;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};

use super::charts::STYLED;
use super::models::predicts_number;
use crate::{
    compute::Compute,
    http::{
        doc::Doc,
        error::ApiError,
        extract::ModelPath,
        query::{Parameters, choice},
    },
    model_store::{ModelMetadata, ModelStore},
    report::card::{CardSource, ModelCard, html, markdown},
};

/// What a card is written in.
#[derive(Clone, Copy)]
enum Format {
    Json,
    Markdown,
    Html,
}

const FORMATS: [(&str, Format); 3] = [
    ("json", Format::Json),
    ("markdown", Format::Markdown),
    ("html", Format::Html),
];

const MEDIA: [(&str, Format); 3] = [
    ("application/json", Format::Json),
    ("text/markdown", Format::Markdown),
    ("text/html", Format::Html),
];

pub(super) async fn show(
    State(models): State<ModelStore>,
    State(compute): State<Compute>,
    ModelPath(id): ModelPath,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let [format] = parameters.only(["format"])?;
    let format = match format {
        Some(format) => choice("format", Some(format), &FORMATS)?,
        None => accepted(&headers),
    };
    let metadata = models.metadata(&id).await?;
    let write = move || answer(&metadata, format);
    let mut response = compute.scoring.run(write).await??;
    let vary = header::HeaderValue::from_static("accept");
    response.headers_mut().append(header::VARY, vary);
    Ok(response)
}

pub(super) fn doc() -> Doc {
    Doc::new("models", "A model's card: what it is, and how far it can be trusted")
        .describe(
            "Purpose, data, design, characteristics, coefficients, performance, calibration, \
             decisions, reasons, policies, stability, limitations, and what is not known; told from \
             what is stored. Without `format` the Accept header decides; JSON if it names none of \
             the three.",
        )
        .path_parameter("model_id", "Id of the model")
        .query_text("format", "json, markdown or html")
        .answer::<ModelCard>(200, "The card")
        .or_text("text/markdown")
        .or_text("text/html")
        .problem(404, "There is no such model")
        .problem(422, "A parameter is not known, or its value is not")
}

fn answer(metadata: &ModelMetadata, format: Format) -> Result<Response, ApiError> {
    let result = metadata.results.credit().ok_or_else(predicts_number)?;
    let card = ModelCard::new(&CardSource {
        result,
        written_by: &metadata.written_by,
        model_sha256: &metadata.model_sha256,
    });
    Ok(match format {
        Format::Json => Json(card).into_response(),
        Format::Markdown => {
            let media = [(header::CONTENT_TYPE, "text/markdown; charset=utf-8")];
            (media, markdown(&card)).into_response()
        }
        Format::Html => {
            let media = (header::CONTENT_TYPE, "text/html; charset=utf-8");
            let page = html(&card, result.evidence.as_deref());
            ([media, STYLED], page).into_response()
        }
    })
}

/// The format that the Accept header likes best, of equal ones that which it names first; JSON if it
/// names none.
fn accepted(headers: &HeaderMap) -> Format {
    let lines = headers.get_all(header::ACCEPT).iter();
    let ranges = lines.filter_map(|line| line.to_str().ok());
    let mut best = (0.0, Format::Json);
    for range in ranges.flat_map(|line| line.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default();
        let known = MEDIA
            .iter()
            .find(|(name, _)| media.eq_ignore_ascii_case(name));
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        let weight = weight.map_or(1.0, |text| f64::from_str(text).unwrap_or(0.0));
        if let Some((_, format)) = known
            && weight > best.0
        {
            best = (weight, *format);
        }
    }
    best.1
}
