//! Each setting of the service's contract, flipped, with its effect observed.

use std::{sync::Arc, time::Duration};

use credit_risk::{
    access::Scope,
    clock::Clock,
    config::{self, ConfigError},
    telemetry,
};
use serde_json::json;
use tempfile::TempDir;
use tracing_subscriber::filter::LevelFilter;

use crate::support::{
    START, TestApp, build,
    loans::{plan, plan_with},
    new_key, settings, sources,
};

const ON: (&str, &str) = ("CREDIT_RISK_RATE_LIMIT_ENABLED", "true");

/// What is wrong with these variables.
fn faults(variables: &[(&str, &str)]) -> String {
    let folder = TempDir::new().unwrap();
    let ConfigError::Faults(faults) = config::load(&sources(folder.path(), variables)).unwrap_err();
    faults.join("\n")
}

#[tokio::test]
async fn app_name_is_the_name_in_the_health_answer() {
    let app = TestApp::start();
    let health = app.stranger().get("/health").await.ok();
    assert_eq!(health["service"], "Credit Risk API");
    assert_eq!(health["status"], "healthy");
    let app = TestApp::with(&[("CREDIT_RISK_APP_NAME", "Lender's scores")]);
    let health = app.stranger().get("/health").await.ok();
    assert_eq!(health["service"], "Lender's scores");
    assert_eq!(
        app.stranger().get("/").await.ok()["service"],
        "Lender's scores"
    );
}

#[tokio::test]
async fn api_keys_may_be_a_comma_list_a_json_array_or_a_single_key() {
    let (one, other) = (new_key(), new_key());
    for (value, known) in [
        (one.clone(), vec![&one]),
        (format!("{one},{other}"), vec![&one, &other]),
        (format!(" {one} , {other} ,"), vec![&one, &other]),
        (format!("[\"{one}\",\"{other}\"]"), vec![&one, &other]),
        ("an-operators-own-key".to_owned(), vec![]),
    ] {
        let app = TestApp::with(&[
            ("CREDIT_RISK_API_KEYS", &value),
            ("CREDIT_RISK_API_KEYS_FILE", ""),
        ]);
        for key in [&one, &other] {
            let status = app.bearer(key).get("/models").await.status;
            let expected = if known.contains(&key) { 200 } else { 401 };
            assert_eq!(status, expected, "{value}");
        }
    }
    let app = TestApp::with(&[("CREDIT_RISK_API_KEYS", "an-operators-own-key")]);
    let own = app.bearer("an-operators-own-key");
    assert_eq!(own.get("/models").await.status, 200);
}

#[tokio::test]
async fn require_auth_false_lets_strangers_pass_as_anonymous() {
    let app = TestApp::with(&[("CREDIT_RISK_REQUIRE_AUTH", "false")]);
    assert_eq!(app.stranger().get("/models").await.ok(), json!([]));
    let line = app.only("request_completed");
    assert_eq!(line["actor"], "anonymous");
    assert_eq!(line["outcome"], "success");
    let trained = app.stranger().post_json("/train", &plan()).await;
    assert_eq!(trained.status, 200);
    assert_eq!(app.only("training_completed")["user"], "anonymous");
    // A key that is presented must still be a right one, and is held to its scopes.
    let wrong = app.bearer(&new_key()).get("/models").await;
    wrong.problem(401, "UNAUTHORIZED");
    let clerk = app.key_with(&[Scope::ModelPredict]);
    clerk.get("/models").await.problem(403, "FORBIDDEN");
}

#[tokio::test]
async fn require_auth_without_any_key_answers_401_here_and_refuses_to_start_elsewhere() {
    let app = TestApp::with(&[("CREDIT_RISK_API_KEYS_FILE", "")]);
    app.stranger()
        .get("/models")
        .await
        .problem(401, "UNAUTHORIZED");
    let said = faults(&[
        ("CREDIT_RISK_ENVIRONMENT", "staging"),
        ("CREDIT_RISK_CORS_ORIGINS", "https://a.example"),
        ("CREDIT_RISK_API_KEYS_FILE", ""),
    ]);
    assert!(said.contains("no API keys are configured"), "{said}");
}

#[tokio::test]
async fn cors_origins_may_be_a_comma_list_or_a_json_array() {
    let (one, other) = ("https://a.example", "http://localhost:3000");
    for value in [
        format!("{one},{other}"),
        format!("[\"{one}\", \"{other}\"]"),
    ] {
        let app = TestApp::with(&[("CREDIT_RISK_CORS_ORIGINS", &value)]);
        for origin in [one, other] {
            let reply = app.stranger().with("origin", origin).get("/health").await;
            assert_eq!(reply.header("access-control-allow-origin"), Some(origin));
        }
        let foreign = app.stranger().with("origin", "https://b.example");
        let reply = foreign.get("/health").await;
        assert_eq!(reply.header("access-control-allow-origin"), None);
    }
    let said = faults(&[("CREDIT_RISK_CORS_ORIGINS", "not an origin")]);
    assert!(said.contains("CREDIT_RISK_CORS_ORIGINS"), "{said}");
}

#[tokio::test]
async fn rate_limit_enabled_switches_every_limit() {
    for (enabled, last) in [("true", 429), ("false", 422)] {
        let app = TestApp::with(&[
            ("CREDIT_RISK_RATE_LIMIT_ENABLED", enabled),
            ("CREDIT_RISK_PREDICT_RATE_LIMIT", "1/hour"),
        ]);
        let clerk = app.key_with(&[Scope::ModelPredict]);
        clerk.post_json("/predict", &json!({})).await;
        let reply = clerk.post_json("/predict", &json!({})).await;
        assert_eq!(reply.status, last);
    }
}

#[tokio::test]
async fn the_eleventh_training_of_an_hour_is_429_until_time_has_passed() {
    let app = TestApp::with(&[ON]);
    let trainer = app.key_with(&[Scope::ModelWrite]);
    // A plan at fault costs a place all the same, and no time.
    let cheap = plan_with(json!({ "cv_folds": 1 }));
    for _ in 0..10 {
        assert_eq!(trainer.post_json("/train", &cheap).await.status, 422);
    }
    let reply = trainer.post_json("/train", &plan()).await;
    let problem = reply.problem(429, "RATE_LIMIT_EXCEEDED");
    assert_eq!(problem["detail"], "Rate limit exceeded: 10/hour");
    assert_eq!(reply.number("retry-after"), 360);
    app.clock.advance(Duration::from_secs(360));
    assert_eq!(trainer.post_json("/train", &plan()).await.status, 200);
    assert_eq!(trainer.post_json("/train", &plan()).await.status, 429);
}

#[tokio::test]
async fn train_and_predict_rate_limits_are_read_in_every_spelling() {
    for (value, limit, seconds) in [
        ("3/hour", 3, 3_600),
        ("3 per 1 hour", 3, 3_600),
        ("2 per 15 minutes", 2, 900),
    ] {
        let app = TestApp::with(&[
            ON,
            ("CREDIT_RISK_TRAIN_RATE_LIMIT", value),
            ("CREDIT_RISK_PREDICT_RATE_LIMIT", value),
        ]);
        let admin = app.admin();
        for (path, policy) in [("/train", "train"), ("/predict", "predict")] {
            let reply = admin.post_json(path, &json!({})).await;
            assert_eq!(reply.number("x-ratelimit-limit"), limit);
            let expected = format!("\"{policy}\";q={limit};w={seconds}");
            assert_eq!(reply.header("ratelimit-policy"), Some(expected.as_str()));
        }
    }
    for variable in [
        "CREDIT_RISK_TRAIN_RATE_LIMIT",
        "CREDIT_RISK_PREDICT_RATE_LIMIT",
    ] {
        let said = faults(&[(variable, "often")]);
        assert!(said.contains(variable), "{said}");
    }
}

#[test]
fn model_storage_type_s3_without_a_bucket_is_refused_in_plain_words() {
    let said = faults(&[("CREDIT_RISK_MODEL_STORAGE_TYPE", "s3")]);
    assert!(said.contains("CREDIT_RISK_S3_BUCKET"), "{said}");
    assert!(said.contains("must name the bucket"), "{said}");
    let said = faults(&[("CREDIT_RISK_MODEL_STORAGE_TYPE", "tape")]);
    assert!(said.contains("expected filesystem or s3"), "{said}");
}

#[tokio::test]
async fn model_storage_path_is_where_models_are() {
    let elsewhere = TempDir::new().unwrap();
    let path = elsewhere.path().join("deep/er");
    let app = TestApp::with(&[("CREDIT_RISK_MODEL_STORAGE_PATH", path.to_str().unwrap())]);
    let trained = app.admin().post_json("/train", &plan()).await.ok();
    let id = trained["model_id"].as_str().unwrap();
    assert!(path.join(format!("{id}.model")).is_file());
    assert!(!app.stored("").exists());
}

#[test]
fn model_storage_that_cannot_be_written_stops_the_start() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("keys"), new_key()).unwrap();
    let variables = [("CREDIT_RISK_MODEL_STORAGE_PATH", "/proc/models")];
    let clock = Clock::manual(START.parse().unwrap());
    let Err(error) = build(folder.path(), &variables, clock) else {
        panic!("it started");
    };
    assert!(error.to_string().contains("model store"), "{error}");
}

#[tokio::test]
async fn s3_bucket_alone_changes_nothing() {
    let app = TestApp::with(&[("CREDIT_RISK_S3_BUCKET", "models-of-a-lender")]);
    let trained = app.admin().post_json("/train", &plan()).await.ok();
    let file = format!("{}.model", trained["model_id"].as_str().unwrap());
    assert!(app.stored(&file).is_file());
}

#[test]
fn log_level_is_the_filter_of_the_log() {
    let folder = TempDir::new().unwrap();
    let level = |variables: &[(&str, &str)]| {
        let config = settings(folder.path(), variables);
        let filter = telemetry::filter(&config.telemetry.log_level).unwrap();
        filter.max_level_hint().unwrap()
    };
    assert_eq!(level(&[]), LevelFilter::INFO);
    for (value, expected) in [
        ("ERROR", LevelFilter::ERROR),
        ("warning", LevelFilter::WARN),
        ("DEBUG", LevelFilter::DEBUG),
        ("info,credit_risk=trace", LevelFilter::TRACE),
    ] {
        assert_eq!(level(&[("CREDIT_RISK_LOG_LEVEL", value)]), expected);
    }
    let said = faults(&[("CREDIT_RISK_LOG_LEVEL", "a=b=c")]);
    assert!(said.contains("CREDIT_RISK_LOG_LEVEL"), "{said}");
}

#[test]
fn debug_logs_more_unless_a_level_was_chosen_and_never_in_production() {
    let folder = TempDir::new().unwrap();
    let level = |variables: &[(&str, &str)]| settings(folder.path(), variables).telemetry.log_level;
    let debug = ("CREDIT_RISK_DEBUG", "true");
    assert_eq!(level(&[("CREDIT_RISK_DEBUG", "false")]), "INFO");
    assert_eq!(level(&[debug]), "debug");
    assert_eq!(
        level(&[debug, ("CREDIT_RISK_LOG_LEVEL", "WARNING")]),
        "WARNING"
    );
    let said = faults(&[debug, ("CREDIT_RISK_ENVIRONMENT", "production")]);
    assert!(
        said.contains("CREDIT_RISK_DEBUG (app.debug): must be false"),
        "{said}"
    );
}

#[tokio::test]
async fn debug_does_not_tell_clients_more() {
    let app = TestApp::with(&[("CREDIT_RISK_DEBUG", "true")]);
    let model = app.german().await;
    std::fs::write(app.stored(&format!("{}.model", model.id())), b"broken").unwrap();
    let reply = app.admin().get(&format!("/models/{}", model.id())).await;
    reply.problem(500, "INTERNAL");
    assert!(!reply.text().contains("short"), "{}", reply.text());
}

#[tokio::test]
async fn audit_log_path_is_where_the_trail_is() {
    let elsewhere = Arc::new(TempDir::new().unwrap());
    let path = elsewhere.path().join("trail/of.jsonl");
    let app = TestApp::with(&[("CREDIT_RISK_AUDIT_LOG_PATH", path.to_str().unwrap())]);
    app.stranger().get("/models").await;
    let trail = std::fs::read_to_string(&path).unwrap();
    assert_eq!(trail.lines().count(), 1);
    assert!(trail.contains("\"event\":\"auth_failure\""));
    assert!(!app.folder().path().join("audit.jsonl").exists());
}
