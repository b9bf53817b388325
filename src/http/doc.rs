//! What the documentation says about one row of the route table.

use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{
        Content, ObjectBuilder, RefOr, Required, Response, Schema,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::Type,
    },
};

use super::problem::Problem;

type Named = Vec<(String, RefOr<Schema>)>;

/// What the documentation says about one row.
pub struct Doc {
    pub(super) tag: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: &'static str,
    pub(super) parameters: Vec<Parameter>,
    pub(super) request: Option<(RefOr<Schema>, Value)>,
    pub(super) multipart: bool,
    pub(super) files: &'static [&'static str],
    pub(super) answers: Vec<(u16, Response)>,
    pub(super) schemas: Named,
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
            files: &[],
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

    /// The body may also be a form with the JSON in a part `config` and a file in `file`, or the
    /// file alone with the JSON in the query parameter `config`.
    pub fn multipart(mut self) -> Self {
        self.multipart = true;
        self.query_text(
            "config",
            "The JSON document, when the body is a file: CSV, NDJSON, Parquet or Arrow IPC",
        )
    }

    /// A body that is a file of one of these media types.
    pub fn files(mut self, media: &'static [&'static str]) -> Self {
        self.files = media;
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

    /// Another media type of the 200 answer, as text.
    pub fn or_text(mut self, media: &'static str) -> Self {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        let text = Content::new(Some(RefOr::T(Schema::Object(text))));
        if let Some((_, response)) = self.answers.iter_mut().find(|(status, _)| *status == 200) {
            response.content.insert(media.to_owned(), text.into());
        }
        self
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

    /// A text in the query string.
    pub fn query_text(self, name: &str, description: &str) -> Self {
        self.parameter(name, description, ParameterIn::Query, Type::String)
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
