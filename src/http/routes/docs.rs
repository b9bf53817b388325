//! The OpenAPI document and the page that shows it, without outside resources.

use std::sync::{Arc, LazyLock};

use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

use crate::http::{doc::Doc, error::ApiError};

static PAGE: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::from("/openapi.json").try_it_out_enabled(true)));

/// The page's own scripts and styles, and the requests it tries out.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data:; \
     style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

pub(super) async fn openapi(State(document): State<Arc<OpenApi>>) -> Json<Arc<OpenApi>> {
    Json(document)
}

pub(super) fn openapi_doc() -> Doc {
    Doc::new("documentation", "This document").text_answer("application/json", "OpenAPI 3.1")
}

/// The page's links are relative, so it needs a path that ends like a file's.
pub(super) async fn index() -> Redirect {
    Redirect::permanent("/docs/index.html")
}

pub(super) fn index_doc() -> Doc {
    Doc::new("documentation", "The documentation page").redirect(308, "To the page")
}

pub(super) async fn asset(Path(file): Path<String>) -> Result<Response, ApiError> {
    let file = utoipa_swagger_ui::serve(&file, Arc::clone(&PAGE))
        .map_err(|_| ApiError::Internal)?
        .ok_or(ApiError::NoSuchRoute)?;
    let headers = [
        (header::CONTENT_TYPE, file.content_type),
        (
            header::CONTENT_SECURITY_POLICY,
            CONTENT_SECURITY_POLICY.to_owned(),
        ),
    ];
    Ok((headers, file.bytes.into_owned()).into_response())
}

pub(super) fn asset_doc() -> Doc {
    Doc::new("documentation", "Files of the documentation page")
        .path_parameter("file", "Name of the file")
        .text_answer("text/html", "The file")
        .problem(404, "There is no such file")
}
