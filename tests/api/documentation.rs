//! The OpenAPI document and its page: complete, sound and offline.

use std::collections::BTreeSet;

use credit_risk::http::routes::{Access, ROWS};
use serde_json::Value;

use crate::support::TestApp;

async fn document() -> Value {
    let app = TestApp::start();
    let reply = app.stranger().get("/openapi.json").await;
    assert_eq!(reply.header("content-type"), Some("application/json"));
    reply.ok()
}

fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap();
        methods
            .iter()
            .map(move |(method, operation)| (path, method, operation))
    })
}

#[tokio::test]
async fn the_document_has_exactly_the_rows_of_the_table() {
    let document = document().await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["info"]["title"], "Credit Risk API");
    let documented: BTreeSet<(String, String)> = operations(&document)
        .map(|(path, method, _)| (path.clone(), method.to_uppercase()))
        .collect();
    let rows = ROWS
        .iter()
        .map(|row| (row.path.to_owned(), row.method.to_string()));
    assert_eq!(documented, rows.collect());
}

#[tokio::test]
async fn every_row_documents_its_refusals() {
    let document = document().await;
    for row in ROWS {
        let method = row.method.as_str().to_lowercase();
        let operation = &document["paths"][row.path][&method];
        let responses = operation["responses"].as_object().unwrap();
        let mut expected = vec!["500"];
        if matches!(row.access, Access::Scope(_)) {
            expected.extend(["401", "403"]);
        }
        if row.limited {
            expected.extend(["408", "429", "503"]);
        }
        if operation.get("requestBody").is_some() {
            expected.extend(["413", "415", "422"]);
        }
        if row.path.contains('{') {
            expected.push("404");
        }
        for status in expected {
            let response = &responses[status];
            assert!(response["description"].is_string(), "{row:?} {status}");
            let content = response["content"].as_object().unwrap();
            let media: Vec<&String> = content.keys().collect();
            // Health says itself what is wrong.
            if !(status == "503" && response["content"]["application/json"].is_object()) {
                assert_eq!(media, ["application/problem+json"], "{row:?} {status}");
            }
        }
        let success = responses
            .keys()
            .any(|status| status.starts_with(['2', '3']));
        assert!(success, "{row:?}");
    }
}

#[tokio::test]
async fn every_guarded_row_names_its_scope_and_both_credentials() {
    let document = document().await;
    let schemes = document["components"]["securitySchemes"]
        .as_object()
        .unwrap();
    assert_eq!(schemes["bearer"]["scheme"], "bearer");
    assert_eq!(schemes["api_key"]["name"], "X-API-Key");
    for row in ROWS {
        let method = row.method.as_str().to_lowercase();
        let operation = &document["paths"][row.path][&method];
        let description = operation["description"].as_str().unwrap();
        match row.access {
            Access::Public => assert!(description.contains("Open to everybody"), "{row:?}"),
            Access::Scope(scope) => {
                assert!(description.contains(scope.as_str()), "{row:?}");
                let security = operation["security"].as_array().unwrap();
                let names = security
                    .iter()
                    .flat_map(|one| one.as_object().unwrap().keys());
                assert_eq!(names.collect::<Vec<_>>(), ["bearer", "api_key"], "{row:?}");
            }
        }
    }
}

#[tokio::test]
async fn operation_ids_are_unique_and_every_operation_says_what_it_does() {
    let document = document().await;
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{id}");
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{path}");
        assert_eq!(
            operation["tags"].as_array().unwrap().len(),
            1,
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn every_part_of_a_path_is_a_declared_parameter() {
    let document = document().await;
    for (path, method, operation) in operations(&document) {
        let declared: BTreeSet<&str> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "path")
            .inspect(|parameter| assert_eq!(parameter["required"], true))
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let parts = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        assert_eq!(declared, parts.collect(), "{method} {path}");
    }
}

/// Calls `visit` with every object in `value`.
fn walk(value: &Value, visit: &mut dyn FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        Value::Object(members) => {
            visit(members);
            members.values().for_each(|member| walk(member, visit));
        }
        _ => {}
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let document = document().await;
    let mut used = BTreeSet::new();
    walk(&document, &mut |object| {
        if let Some(Value::String(reference)) = object.get("$ref") {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
            used.insert(reference.rsplit('/').next().unwrap().to_owned());
        }
    });
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let known: BTreeSet<String> = schemas.keys().cloned().collect();
    assert_eq!(
        known.difference(&used).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
}

#[tokio::test]
async fn what_a_training_and_a_prediction_answer_is_what_their_schemas_list() {
    let document = document().await;
    let app = TestApp::start();
    let model = app.german().await;
    let schemas = &document["components"]["schemas"];
    let mut result = model.result.clone();
    assert_eq!(
        result.as_object_mut().unwrap().remove("storage").unwrap(),
        "stored"
    );
    for (name, value) in [
        ("TrainingResult", &result),
        ("ModelMetrics", &model.result["metrics"]),
        ("TrainingConfig", &model.result["training_config"]),
        ("DataSummary", &model.result["data"]),
    ] {
        let properties = schemas[name]["properties"].as_object().unwrap();
        let listed: BTreeSet<&String> = properties.keys().collect();
        let answered: BTreeSet<&String> = value.as_object().unwrap().keys().collect();
        assert_eq!(answered, listed, "{name}");
    }
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let app = TestApp::start();
    let stranger = app.stranger();
    let redirect = stranger.get("/docs").await;
    assert_eq!(redirect.status, 308);
    assert_eq!(redirect.header("location"), Some("/docs/index.html"));
    let page = stranger.get("/docs/index.html").await;
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'self'"), "{policy}");
    let html = page.text();
    assert!(
        !html.contains("http://") && !html.contains("https://"),
        "{html}"
    );
    assert!(
        !html.contains("src=\"//") && !html.contains("href=\"//"),
        "{html}"
    );
    let mut loaded = 0;
    for attribute in ["src=\"", "href=\""] {
        for rest in html.split(attribute).skip(1) {
            let file = rest.split('"').next().unwrap().trim_start_matches("./");
            let reply = stranger.get(&format!("/docs/{file}")).await;
            assert_eq!(reply.status, 200, "{file}");
            loaded += 1;
        }
    }
    assert!(loaded >= 4, "{html}");
    let start = stranger.get("/docs/swagger-initializer.js").await;
    assert!(start.text().contains("/openapi.json"), "{}", start.text());
    stranger
        .get("/docs/no-such-file.js")
        .await
        .problem(404, "NOT_FOUND");
}
