//! A model's charts: which there are, and each as an SVG document.

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{HeaderName, header, request::Parts},
    response::{IntoResponse, Response},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use utoipa::ToSchema;

use super::models::credit_results;
use super::{evidence::evidence_of, scorecard::no_scorecard};
use crate::{
    compute::Compute,
    credit::TrainingResult,
    http::{
        doc::Doc,
        error::ApiError,
        extract::{ModelPath, path_part},
        query::Parameters,
    },
    model_store::ModelStore,
    report::drawings::{EvidenceChart, woe_of},
};

/// The name of the charts of characteristics in addresses.
const WOE: &str = "woe";

/// What a document with its own style may load: nothing else, from nowhere.
pub(super) const STYLED: (HeaderName, &str) = (
    header::CONTENT_SECURITY_POLICY,
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
);

/// What stands in a query string as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The charts that a model has.
#[derive(Serialize, ToSchema)]
pub(super) struct Charts {
    model_id: String,
    charts: Vec<ChartEntry>,
}

/// A chart and where it is.
#[derive(Serialize, ToSchema)]
pub(super) struct ChartEntry {
    /// Its name in the address.
    chart: &'static str,
    /// What it shows.
    title: String,
    /// The characteristic it is of; none for a chart of the whole model.
    characteristic: Option<String>,
    /// Path and query of the chart.
    address: String,
}

pub(super) async fn list(
    State(models): State<ModelStore>,
    ModelPath(id): ModelPath,
    parameters: Parameters,
) -> Result<Json<Charts>, ApiError> {
    parameters.only([])?;
    let result = credit_results(&models, &id).await?;
    Ok(Json(Charts::of(&result)))
}

pub(super) fn list_doc() -> Doc {
    Doc::new("models", "The charts that a model has")
        .path_parameter("model_id", "Id of the model")
        .answer::<Charts>(200, "The charts, with their addresses")
        .problem(404, "There is no such model")
        .problem(422, "There are no query parameters here")
}

pub(super) async fn draw(
    State(models): State<ModelStore>,
    State(compute): State<Compute>,
    ModelPath(id): ModelPath,
    ChartPath(chart): ChartPath,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let [characteristic] = parameters.only(["characteristic"])?;
    let characteristic = characteristic.map(str::to_owned);
    let result = credit_results(&models, &id).await?;
    let draw = move || drawn(&chart, characteristic.as_deref(), &result);
    let svg = compute.scoring.run(draw).await??;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml"), STYLED], svg).into_response())
}

pub(super) fn draw_doc() -> Doc {
    Doc::new("models", "A chart of a model's evidence")
        .describe(
            "`roc`, `ks`, `calibration`, `score-bands`, `strategy`, and for scorecards `woe` with \
             a `characteristic`; the name may end in `.svg`.",
        )
        .path_parameter("model_id", "Id of the model")
        .path_parameter("chart", "Name of the chart")
        .query_text(
            "characteristic",
            "Characteristic of the scorecard; for woe alone",
        )
        .text_answer("image/svg+xml", "The chart, which needs nothing else")
        .problem(
            404,
            "There is no such model or chart, or nothing that it could be drawn from",
        )
        .problem(
            422,
            "The characteristic is absent, not of the scorecard, or not asked for",
        )
}

/// The chart named in the path, without the ending of an SVG file.
pub(super) struct ChartPath(String);

impl<S: Send + Sync> FromRequestParts<S> for ChartPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let name = path_part(parts, state, "chart").await;
        Ok(Self(name.strip_suffix(".svg").unwrap_or(&name).to_owned()))
    }
}

impl Charts {
    fn of(result: &TrainingResult) -> Self {
        let model_id = &result.model_id;
        let of_samples = result.evidence.iter().flat_map(|_| EvidenceChart::ALL);
        let of_samples = of_samples.map(|chart| ChartEntry {
            chart: chart.name(),
            title: chart.title().to_owned(),
            characteristic: None,
            address: format!("/models/{model_id}/charts/{}", chart.name()),
        });
        let card = result.scorecard.iter();
        let of_card = card.flat_map(|card| &card.characteristics).map(|it| {
            let name = utf8_percent_encode(&it.name, UNRESERVED);
            ChartEntry {
                chart: WOE,
                title: format!("Weight of evidence of {}", it.name),
                characteristic: Some(it.name.clone()),
                address: format!("/models/{model_id}/charts/{WOE}?characteristic={name}"),
            }
        });
        Self {
            charts: of_samples.chain(of_card).collect(),
            model_id: model_id.clone(),
        }
    }
}

fn drawn(
    chart: &str,
    characteristic: Option<&str>,
    result: &TrainingResult,
) -> Result<String, ApiError> {
    if chart == WOE {
        return weight_of_evidence(characteristic, result);
    }
    let known = EvidenceChart::ALL.into_iter();
    let Some(chart) = known.into_iter().find(|known| known.name() == chart) else {
        let names = EvidenceChart::ALL.map(EvidenceChart::name).join(", ");
        return Err(ApiError::NoSuchPart(format!(
            "There is no such chart; expected {names}, {WOE}"
        )));
    };
    if characteristic.is_some() {
        let detail = "query parameter characteristic: only for the chart woe";
        return Err(ApiError::invalid("", detail));
    }
    Ok(chart.draw(evidence_of(result)?, &result.policy))
}

fn weight_of_evidence(
    characteristic: Option<&str>,
    result: &TrainingResult,
) -> Result<String, ApiError> {
    let card = result.scorecard.as_ref();
    let card = card.ok_or_else(|| no_scorecard(result.model_type))?;
    let fault = |detail| ApiError::invalid("", format!("query parameter characteristic: {detail}"));
    let name = characteristic.ok_or_else(|| fault("the chart woe needs it"))?;
    let mut known = card.characteristics.iter();
    let found = known.find(|it| it.name == name);
    let found = found.ok_or_else(|| fault("the scorecard has no such characteristic"))?;
    Ok(woe_of(WOE, found))
}
