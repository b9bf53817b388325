//! What every answer tells a browser, and what comes over HTTPS only.

use credit_risk::access::Scope;

use crate::support::TestApp;

const HTTPS: (&str, &str) = ("CREDIT_RISK_REQUIRE_HTTPS", "true");
const PROXIES: (&str, &str) = ("CREDIT_RISK_TRUSTED_PROXIES", "10.0.0.0/8");

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::start();
    let stranger = app.stranger();
    for reply in [
        stranger.get("/health").await,
        stranger.get("/models").await,
        stranger.get("/nowhere").await,
        stranger.post("/health").await,
        app.admin().get("/models").await,
    ] {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("x-xss-protection", "0"),
            ("referrer-policy", "strict-origin-when-cross-origin"),
            (
                "permissions-policy",
                "camera=(), microphone=(), geolocation=()",
            ),
            (
                "content-security-policy",
                "default-src 'none'; frame-ancestors 'none'",
            ),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{reply:?}");
        }
        assert_eq!(reply.header("strict-transport-security"), None);
        assert_eq!(reply.header("server"), None);
    }
}

#[tokio::test]
async fn a_request_that_did_not_come_over_https_is_426() {
    let app = TestApp::with(&[HTTPS, PROXIES]);
    let admin = app.admin().at("10.0.0.5");
    for caller in [
        admin.clone(),
        admin.with("x-forwarded-proto", "http"),
        admin.with("x-forwarded-proto", ""),
        app.stranger().at("10.0.0.5"),
    ] {
        let reply = caller.get("/models").await;
        let problem = reply.problem(426, "HTTPS_REQUIRED");
        assert_eq!(problem["detail"], "Requests must be sent over HTTPS");
    }
    let secure = admin.with("x-forwarded-proto", "https");
    let reply = secure.get("/models").await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.header("strict-transport-security"),
        Some("max-age=63072000; includeSubDomains")
    );
}

#[tokio::test]
async fn anybody_may_claim_https_and_only_a_trusted_proxy_is_believed() {
    let app = TestApp::with(&[HTTPS, PROXIES]);
    let liar = app.admin().with("x-forwarded-proto", "https");
    liar.get("/models").await.problem(426, "HTTPS_REQUIRED");
}

#[tokio::test]
async fn a_refusal_for_want_of_https_is_recorded_with_its_key() {
    let app = TestApp::with(&[HTTPS, PROXIES]);
    let batch = app.key("name=batch;scopes=model:read");
    batch.get("/models").await.problem(426, "HTTPS_REQUIRED");
    let line = app.only("auth_success");
    assert_eq!(
        (&line["user"], &line["status"]),
        (&"batch".into(), &426.into())
    );
}

#[tokio::test]
async fn probes_come_from_inside_and_need_no_https() {
    let app = TestApp::with(&[HTTPS, PROXIES]);
    for path in ["/health", "/live", "/ready"] {
        assert_eq!(app.stranger().get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn without_the_setting_plain_http_is_served() {
    let app = TestApp::start();
    let admin = app.admin().with("x-forwarded-proto", "http");
    assert_eq!(admin.get("/models").await.status, 200);
}

#[tokio::test]
async fn the_metrics_page_needs_its_own_scope_and_counts_requests() {
    let app = TestApp::start();
    let scraper = app.key_with(&[Scope::MetricsRead]);
    app.stranger()
        .get("/metrics")
        .await
        .problem(401, "UNAUTHORIZED");
    let clerk = app.key_with(&[Scope::ModelRead, Scope::ModelPredict, Scope::ModelWrite]);
    clerk.get("/metrics").await.problem(403, "FORBIDDEN");
    scraper.get("/models").await.problem(403, "FORBIDDEN");
    let reply = scraper.get("/metrics").await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let text = reply.text();
    for line in [
        "http_server_request_duration_seconds_count{http_request_method=\"GET\",http_route=\"/models\",http_response_status_code=\"403\"}",
        "# TYPE http_server_request_duration_seconds histogram",
        "creditrisk_audit_records_total{event=\"authz_denied\"}",
        "creditrisk_denied_total ",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    // Paths nobody has and keys are no labels.
    app.stranger().get("/canary-path-4411").await;
    let text = scraper.get("/metrics").await.text().to_owned();
    assert!(!text.contains("canary-path-4411"));
    assert!(!text.contains(&scraper.key()[4..]));
}
