//! The OpenAPI 3.1 document, made from the rows of the route table.

use utoipa::openapi::{
    Components, Content, ContentBuilder, Info, ObjectBuilder, OpenApi, OpenApiBuilder, PathItem,
    Paths, RefOr, Required, Schema,
    path::{HttpMethod, OperationBuilder},
    request_body::RequestBodyBuilder,
    schema::Type,
    security::{
        ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
    },
};

use crate::credit::reading::Format;

use super::{
    doc::Doc,
    row::{Access, Row},
};

/// The document of the whole table.
pub fn document(rows: &[Row]) -> OpenApi {
    let mut paths = Paths::new();
    let mut components = Components::new();
    for row in rows {
        let doc = complete((row.doc)(), row);
        for (name, schema) in &doc.schemas {
            components
                .schemas
                .entry(name.clone())
                .or_insert_with(|| schema.clone());
        }
        let item = PathItem::new(method(row), operation(row, doc));
        match paths.paths.get_mut(row.path) {
            Some(known) => known.merge_operations(item),
            None => {
                paths.paths.insert(row.path.to_owned(), item);
            }
        }
    }
    for (name, scheme) in security_schemes() {
        components.add_security_scheme(name, scheme);
    }
    let mut info = Info::new("Credit Risk API", env!("CARGO_PKG_VERSION"));
    info.description = Some(env!("CARGO_PKG_DESCRIPTION").to_owned());
    OpenApiBuilder::new()
        .info(info)
        .paths(paths)
        .components(Some(components))
        .build()
}

/// Adds the refusals that follow from the row itself.
fn complete(mut doc: Doc, row: &Row) -> Doc {
    let has = |doc: &Doc, status: u16| doc.answers.iter().any(|(known, _)| *known == status);
    let mut also = Vec::new();
    if matches!(row.access, Access::Scope(_)) {
        also.push((401, "No key, or a wrong one"));
        also.push((403, "The key lacks the scope"));
    }
    if row.limited {
        also.push((429, "Too many requests; Retry-After says when to come back"));
        also.push((408, "The request took too long"));
        also.push((503, "Too busy, or the audit trail cannot be written"));
    }
    if doc.request.is_some() || !doc.files.is_empty() {
        also.push((413, "The body is larger than allowed"));
        also.push((415, "The body's media type is not read here"));
    }
    also.push((500, "An internal error; it is logged under the request id"));
    for (status, description) in also {
        if !has(&doc, status) {
            doc = doc.problem(status, description);
        }
    }
    doc
}

fn method(row: &Row) -> HttpMethod {
    match row.method.as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn operation(row: &Row, doc: Doc) -> utoipa::openapi::path::Operation {
    let scope = match row.access {
        Access::Public => "Open to everybody.".to_owned(),
        Access::Scope(scope) => format!("Needs the scope `{}`.", scope.as_str()),
    };
    let mut operation = OperationBuilder::new()
        .tag(doc.tag)
        .summary(Some(doc.summary))
        .description(Some(
            format!("{} {scope}", doc.description).trim().to_owned(),
        ))
        .operation_id(Some(operation_id(row)));
    for parameter in doc.parameters {
        operation = operation.parameter(parameter);
    }
    if let Some((schema, example)) = doc.request {
        let json = ContentBuilder::new()
            .schema(Some(schema.clone()))
            .example(Some(example))
            .build();
        let mut body = RequestBodyBuilder::new()
            .content("application/json", json)
            .required(Some(Required::True));
        if doc.multipart {
            let file = ObjectBuilder::new().schema_type(Type::String).build();
            let form = ObjectBuilder::new()
                .property("config", schema)
                .property("file", file)
                .required("config")
                .build();
            let form = Content::new(Some(RefOr::T(Schema::Object(form))));
            body = body.content("multipart/form-data", form);
            for format in Format::ALL {
                let file = ObjectBuilder::new().schema_type(Type::String).build();
                let file = Content::new(Some(RefOr::T(Schema::Object(file))));
                body = body.content(format.media_type(), file);
            }
        }
        operation = operation.request_body(Some(body.build()));
    }
    if !doc.files.is_empty() {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        let text = Content::new(Some(RefOr::T(Schema::Object(text))));
        let body = RequestBodyBuilder::new().required(Some(Required::True));
        let add = |body: RequestBodyBuilder, media: &&str| body.content(*media, text.clone());
        operation = operation.request_body(Some(doc.files.iter().fold(body, add).build()));
    }
    for (status, response) in doc.answers {
        operation = operation.response(status.to_string(), response);
    }
    if let Access::Scope(_) = row.access {
        for name in ["bearer", "api_key"] {
            let none: [String; 0] = [];
            operation = operation.security(SecurityRequirement::new(name, none));
        }
    }
    operation.build()
}

/// `get_models_model_id_results`
fn operation_id(row: &Row) -> String {
    let word = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' {
            c
        } else {
            ' '
        }
    };
    let path: String = row.path.chars().map(word).collect();
    let words = std::iter::once(row.method.as_str()).chain(path.split_whitespace());
    words.collect::<Vec<_>>().join("_").to_lowercase()
}

fn security_schemes() -> [(&'static str, SecurityScheme); 2] {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API key; the scheme ApiKey is understood too"))
        .build();
    let header = ApiKey::Header(ApiKeyValue::new("X-API-Key"));
    [
        ("bearer", SecurityScheme::Http(bearer)),
        ("api_key", SecurityScheme::ApiKey(header)),
    ]
}
