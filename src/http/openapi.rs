//! The OpenAPI 3.1 document, made from the rows of the route table.

use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{
        Components, Content, ContentBuilder, Info, ObjectBuilder, OpenApi, OpenApiBuilder,
        PathItem, Paths, RefOr, Required, Response, Schema,
        path::{HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
        request_body::RequestBodyBuilder,
        schema::Type,
        security::{
            ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
        },
    },
};

use super::{
    problem::Problem,
    routes::{Access, ROWS, Row},
};

type Named = Vec<(String, RefOr<Schema>)>;

/// What the documentation says about one row.
pub struct Doc {
    tag: &'static str,
    summary: &'static str,
    description: &'static str,
    parameters: Vec<Parameter>,
    request: Option<(RefOr<Schema>, Value)>,
    multipart: bool,
    answers: Vec<(u16, Response)>,
    schemas: Named,
}

impl Doc {
    /// A row that belongs to `tag`.
    pub fn new(tag: &'static str, summary: &'static str) -> Self {
        Self {
            tag,
            summary,
            description: "",
            parameters: Vec::new(),
            request: None,
            multipart: false,
            answers: Vec::new(),
            schemas: Vec::new(),
        }
    }

    /// More than the summary says.
    pub fn describe(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    /// A JSON body of `T`.
    pub fn request<T: ToSchema>(mut self, example: Value) -> Self {
        self.request = Some((self.reference::<T>(), example));
        self
    }

    /// The body may also be a form with the JSON in a part `config` and a CSV in `file`.
    pub fn multipart(mut self) -> Self {
        self.multipart = true;
        self
    }

    /// A JSON answer of `T`.
    pub fn answer<T: ToSchema>(mut self, status: u16, description: &str) -> Self {
        let schema = self.reference::<T>();
        self.respond(status, description, Some(("application/json", schema)))
    }

    /// A 200 answer of text.
    pub fn text_answer(self, media: &'static str, description: &str) -> Self {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        self.respond(
            200,
            description,
            Some((media, RefOr::T(Schema::Object(text)))),
        )
    }

    /// An answer without a body.
    pub fn no_content(self, description: &str) -> Self {
        self.respond(204, description, None)
    }

    /// An answer that sends the client elsewhere.
    pub fn redirect(self, status: u16, description: &str) -> Self {
        self.respond(status, description, None)
    }

    /// A problem document.
    pub fn problem(mut self, status: u16, description: &str) -> Self {
        let schema = self.reference::<Problem>();
        self.respond(
            status,
            description,
            Some(("application/problem+json", schema)),
        )
    }

    /// A part of the path.
    pub fn path_parameter(self, name: &str, description: &str) -> Self {
        self.parameter(name, description, ParameterIn::Path, Type::String)
    }

    /// A whole number in the query string.
    pub fn query_parameter(self, name: &str, description: &str) -> Self {
        self.parameter(name, description, ParameterIn::Query, Type::Integer)
    }

    fn parameter(mut self, name: &str, description: &str, place: ParameterIn, of: Type) -> Self {
        let required = if place == ParameterIn::Path {
            Required::True
        } else {
            Required::False
        };
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(place)
            .required(required)
            .description(Some(description))
            .schema(Some(ObjectBuilder::new().schema_type(of).build()))
            .build();
        self.parameters.push(parameter);
        self
    }

    fn respond(
        mut self,
        status: u16,
        description: &str,
        content: Option<(&str, RefOr<Schema>)>,
    ) -> Self {
        let mut response = Response::new(description);
        if let Some((media, schema)) = content {
            response
                .content
                .insert(media.to_owned(), Content::new(Some(schema)).into());
        }
        self.answers.push((status, response));
        self
    }

    fn reference<T: ToSchema>(&mut self) -> RefOr<Schema> {
        let schema = T::schema();
        T::schemas(&mut self.schemas);
        // Lists and other unnamed shapes are written out where they are used.
        if T::name().contains(['<', '[', ' ']) || T::name() == "Vec" {
            return schema;
        }
        let name = T::name().into_owned();
        self.schemas.push((name.clone(), schema));
        utoipa::openapi::Ref::from_schema_name(name).into()
    }
}

/// The document of the whole table.
pub fn document() -> OpenApi {
    let mut paths = Paths::new();
    let mut components = Components::new();
    for row in ROWS {
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
    if doc.request.is_some() {
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
        }
        operation = operation.request_body(Some(body.build()));
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
