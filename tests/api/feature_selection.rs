//! Which columns a service finds worth a model's while.

use credit_risk::access::Scope;
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    loans::{Book, GERMAN, german_records, plan_with},
    replies::{members, number},
};

const PATH: &str = "/feature-selection";

fn with(request: &Value, name: &str, value: Value) -> Value {
    let mut request = request.clone();
    request[name] = value;
    request
}

#[tokio::test]
async fn every_method_answers_in_one_shape() {
    let app = TestApp::start();
    let trainer = app.key_with(&[Scope::ModelWrite]);
    for request in [
        json!({ "method": "woe_iv" }),
        json!({ "method": "lasso", "lasso_params": { "C": 0.05 } }),
        json!({ "method": "correlation" }),
        json!({ "method": "tree_importance", "tree_params": { "top_k": 5 } }),
        json!({ "method": "boruta", "boruta_params": { "n_iterations": 20 } }),
    ] {
        let found = trainer.post_json(PATH, &request).await.ok();
        assert_eq!(
            members(&found),
            [
                "feature_scores",
                "method",
                "method_metadata",
                "n_selected",
                "n_total",
                "selected_features"
            ]
            .into()
        );
        assert_eq!(found["method"], request["method"]);
        let scores = found["feature_scores"].as_array().unwrap();
        let selected = found["selected_features"].as_array().unwrap();
        assert_eq!(found["n_total"], scores.len());
        assert_eq!(found["n_selected"], selected.len());
        assert!((1..scores.len()).contains(&selected.len()), "{request}");
        for (score, rank) in scores.iter().zip(1..) {
            assert_eq!(score["rank"], rank);
            assert_eq!(
                members(score),
                ["feature_name", "metadata", "rank", "score", "selected"].into()
            );
            let named = selected.contains(&score["feature_name"]);
            assert_eq!(score["selected"], named, "{score}");
        }
        assert!(scores.is_sorted_by(|a, b| number(&a["score"]) >= number(&b["score"])));
    }
}

#[tokio::test]
async fn a_training_takes_what_a_selection_selects() {
    let app = TestApp::start();
    let admin = app.admin();
    let request = json!({
        "method": "tree_importance", "tree_params": { "top_k": 6 },
        "test_size": 0.2, "random_state": 42
    });
    let found = admin.post_json(PATH, &request).await.ok();
    assert_eq!(found["n_selected"], 6);
    let plan = plan_with(json!({ "selected_features": found["selected_features"] }));
    let trained = admin.post_json("/train", &plan).await.ok();
    assert_eq!(trained["coefficients"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn every_way_of_sending_the_loans_selects_the_same() {
    let app = TestApp::start();
    let admin = app.admin();
    let request = json!({ "method": "woe_iv" });
    let bundled = admin.post_json(PATH, &request).await.ok();
    let uploaded = admin.post_form(PATH, &request, GERMAN.as_bytes()).await;
    assert_eq!(uploaded.ok(), bundled);
    let records = with(&request, "records", json!(german_records()));
    let records = admin.post_json(PATH, &records).await.ok();
    let names = |found: &Value| {
        let names = found["selected_features"].as_array().unwrap().clone();
        let mut names: Vec<String> = names.iter().map(ToString::to_string).collect();
        names.sort();
        names
    };
    assert_eq!(names(&records), names(&bundled));
}

#[tokio::test]
async fn every_fault_of_a_request_is_listed_at_once() {
    let app = TestApp::start();
    let request = json!({
        "method": "lasso",
        "lasso_params": { "C": 11.0, "max_iter": 50 },
        "boruta_params": {},
        "test_size": 0.9,
        "target": "y",
        "exclude": ["y"]
    });
    let mut pointers = app.admin().post_json(PATH, &request).await.pointers();
    pointers.sort();
    assert_eq!(
        pointers,
        [
            "#/boruta_params",
            "#/exclude",
            "#/lasso_params/C",
            "#/lasso_params/max_iter",
            "#/test_size"
        ]
    );
    let unknown = json!({ "method": "guess" });
    let reply = app.admin().post_json(PATH, &unknown).await;
    assert_eq!(reply.pointers(), ["#/method"]);
}

#[tokio::test]
async fn faults_of_the_data_name_line_and_column() {
    let app = TestApp::start();
    let csv = Book::sound().cell(7, "amount", "much").csv();
    let reply = app
        .admin()
        .post_form(PATH, &json!({ "method": "woe_iv" }), csv.as_bytes())
        .await;
    let fault = reply.fault();
    assert_eq!(
        (&fault["line"], &fault["column"]),
        (&json!(9), &json!("amount"))
    );
}

#[tokio::test]
async fn loans_that_cannot_be_divided_give_no_selection() {
    let app = TestApp::start();
    // One default among sixty loans cannot be divided.
    let book = Book::sound().fill("default", |row| usize::from(row == 0).to_string());
    let request = json!({ "method": "lasso", "test_size": 0.2 });
    let reply = app
        .admin()
        .post_form(PATH, &request, book.csv().as_bytes())
        .await;
    reply.problem(400, "SELECTION_FAILED");
}

#[tokio::test]
async fn selections_have_a_quota_of_their_own_and_leave_a_record() {
    let app = TestApp::with(&[
        ("CREDIT_RISK_RATE_LIMIT_ENABLED", "true"),
        ("CREDIT_RISK_FEATURE_SELECTION_RATE_LIMIT", "1/hour"),
    ]);
    let admin = app.admin();
    let request = json!({ "method": "woe_iv" });
    let first = admin.post_json(PATH, &request).await;
    first.ok();
    assert_eq!(first.number("x-ratelimit-limit"), 1);
    let second = admin.post_json(PATH, &request).await;
    second.problem(429, "RATE_LIMIT_EXCEEDED");
    assert_eq!(
        app.events(),
        ["auth_success", "auth_success", "rate_limited"]
    );
}

#[tokio::test]
async fn a_key_that_may_only_predict_may_not_select() {
    let app = TestApp::start();
    let clerk = app.key_with(&[Scope::ModelPredict, Scope::ModelRead]);
    let reply = clerk.post_json(PATH, &json!({ "method": "woe_iv" })).await;
    reply.problem(403, "FORBIDDEN");
}
