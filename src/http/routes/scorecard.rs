//! A model's scorecard for other systems.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use super::models::load_credit;
use crate::{
    compute::Compute,
    credit::{
        CreditModel, ModelType,
        scorecard::{
            Card,
            export::{CardDocument, Points, csv, python, sql},
        },
    },
    http::{
        doc::Doc,
        error::ApiError,
        extract::ModelPath,
        query::{Parameters, choice},
        scope::RequestScope,
    },
    model_store::{ModelId, ModelStore},
};

/// The table that the SQL export reads if nobody names another.
const TABLE: &str = "applications";

/// Longest name of a table, in bytes; databases that take more are few.
const LONGEST_TABLE: usize = 128;

/// What an export is written in.
#[derive(Clone, Copy, PartialEq)]
enum Format {
    Json,
    Csv,
    Sql,
    Python,
}

const FORMATS: [(&str, Format); 4] = [
    ("json", Format::Json),
    ("csv", Format::Csv),
    ("sql", Format::Sql),
    ("python", Format::Python),
];

const POINTS: [(&str, Points); 2] = [("rounded", Points::Rounded), ("raw", Points::Raw)];

/// What a request asks for.
struct Wish {
    format: Format,
    points: Points,
    table: String,
}

pub(super) async fn export(
    State(models): State<ModelStore>,
    State(compute): State<Compute>,
    scope: RequestScope,
    ModelPath(id): ModelPath,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let wish = Wish::read(&parameters)?;
    let model = load_credit(&models, &scope, &id).await?;
    let write = move || wish.answer(&id, card_of(&model)?);
    compute.scoring.run(write).await?
}

pub(super) fn doc() -> Doc {
    Doc::new("models", "A model's scorecard for other systems")
        .describe(
            "JSON and CSV hold the whole card, with raw and rounded points; the SQL query and the \
             Python module add up those that `points` names. Each gives the score of /predict.",
        )
        .path_parameter("model_id", "Id of the model")
        .query_text("format", "json (default), csv, sql or python")
        .query_text("points", "rounded (default) or raw; for sql and python")
        .query_text(
            "table",
            "Table that the SQL query reads, one name of 1 to 128 bytes; applications by default",
        )
        .answer::<CardDocument>(200, "The scorecard")
        .or_text("text/csv")
        .or_text("application/sql")
        .or_text("text/x-python")
        .problem(404, "There is no such model, or it is no scorecard")
        .problem(422, "A parameter is not known, or its value is not")
}

/// What a model lacks that is no scorecard. It will never have one, as models do not change: 404.
pub(super) fn no_scorecard(model_type: ModelType) -> ApiError {
    let kind = model_type.as_str();
    ApiError::NoSuchPart(format!(
        "The model is a {kind} and has no scorecard; train a model of type scorecard to have one"
    ))
}

fn card_of(model: &CreditModel) -> Result<&Card, ApiError> {
    let body = model.body();
    let card = body.form.card();
    card.ok_or_else(|| no_scorecard(body.model_type))
}

impl Wish {
    fn read(parameters: &Parameters) -> Result<Self, ApiError> {
        let [format, points, table] = parameters.only(["format", "points", "table"])?;
        let wish = Self {
            format: choice("format", format, &FORMATS)?,
            points: choice("points", points, &POINTS)?,
            table: table.unwrap_or(TABLE).to_owned(),
        };
        if table.is_some() && wish.format != Format::Sql {
            let detail = "query parameter table: only for the format sql";
            return Err(ApiError::invalid("", detail));
        }
        let plain = !wish.table.chars().any(char::is_control);
        if wish.table.is_empty() || wish.table.len() > LONGEST_TABLE || !plain {
            let detail = format!(
                "query parameter table: expected 1 to {LONGEST_TABLE} bytes without control characters"
            );
            return Err(ApiError::invalid("", detail));
        }
        Ok(wish)
    }

    fn answer(&self, id: &ModelId, card: &Card) -> Result<Response, ApiError> {
        let (media, extension, text) = match self.format {
            Format::Json => return Ok(Json(CardDocument::from(card)).into_response()),
            Format::Csv => ("text/csv; charset=utf-8", "csv", csv(card)),
            Format::Sql => ("application/sql", "sql", self.query(card)?),
            Format::Python => (
                "text/x-python; charset=utf-8",
                "py",
                python(card, self.points),
            ),
        };
        let disposition = format!("attachment; filename=\"{id}.{extension}\"");
        let headers = [
            (header::CONTENT_TYPE, media.to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ];
        Ok((headers, text).into_response())
    }

    fn query(&self, card: &Card) -> Result<String, ApiError> {
        let query = sql(card, self.points).and_then(|sql| sql.select(&self.table));
        query.map(|query| query + ";\n").map_err(|_| {
            let detail =
                "A name or level of the scorecard holds a null character, which SQL cannot";
            ApiError::NoSuchPart(detail.to_owned())
        })
    }
}
