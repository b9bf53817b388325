//! Charts drawn from what is stored with a model.

use credit_risk::access::Scope;
use percent_encoding::percent_decode_str;
use roxmltree::Document;
use serde_json::{Value, json};

use crate::support::{Caller, TestApp, loans::german_records};

/// The document at `address`, which must be a harmless picture.
async fn picture(caller: &Caller, address: &str) -> String {
    let reply = caller.get(address).await;
    assert_eq!(reply.status, 200, "{address}: {}", reply.text());
    assert_eq!(reply.header("content-type"), Some("image/svg+xml"));
    assert_eq!(
        reply.header("content-security-policy"),
        Some("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
    );
    let svg = reply.text().to_owned();
    assert!(
        Document::parse(&svg)
            .unwrap()
            .root_element()
            .has_tag_name("svg")
    );
    svg
}

fn told(svg: &str) -> String {
    let document = Document::parse(svg).unwrap();
    let told = document.descendants().find(|it| it.has_tag_name("desc"));
    told.unwrap().text().unwrap().to_owned()
}

#[tokio::test]
async fn every_chart_of_the_list_is_a_picture() {
    let app = TestApp::start();
    let reader = app.key_with(&[Scope::ModelRead]);
    let card = app.german_card().await;
    let characteristics = card.result["scorecard"]["characteristics"]
        .as_array()
        .unwrap();
    for (model, expected) in [(app.german().await, 5), (card, 5 + characteristics.len())] {
        let list = reader
            .get(&format!("/models/{}/charts", model.id()))
            .await
            .ok();
        assert_eq!(list["model_id"], model.id());
        let charts = list["charts"].as_array().unwrap();
        assert_eq!(charts.len(), expected);
        for chart in charts {
            let svg = picture(&reader, chart["address"].as_str().unwrap()).await;
            if let Value::String(name) = &chart["characteristic"] {
                assert!(svg.contains(name.as_str()), "{name}");
            }
        }
    }
}

#[tokio::test]
async fn charts_tell_the_figures_that_are_stored() {
    let app = TestApp::start();
    let admin = app.admin();
    let model = app.german_card().await;
    let base = format!("/models/{}", model.id());
    let evidence = admin.get(&format!("{base}/evidence")).await.ok();
    let chart = async |name: &str| told(&picture(&admin, &format!("{base}/charts/{name}")).await);
    let roc = chart("roc").await;
    for (name, sample) in [
        ("Training", "train"),
        ("Out-of-fold", "out_of_fold"),
        ("Test", "test"),
    ] {
        let auc = evidence[sample]["discrimination"]["auc"]["value"]
            .as_f64()
            .unwrap();
        assert!(roc.contains(&format!("{auc:.4}")), "{name}: {roc}");
        assert!(roc.contains(name), "{roc}");
    }
    let ks = evidence["test"]["discrimination"]["ks"]["value"]
        .as_f64()
        .unwrap();
    let distance = format!("distance of {ks:.4}");
    assert!(chart("ks").await.contains(&distance), "{distance}");
    let strategy = chart("strategy").await;
    let approved = evidence["test"]["decisions"]["approval_rate"]
        .as_f64()
        .unwrap();
    let decline = format!(
        "Decline from: cut-off 40.00%, approves {:.1}%",
        approved * 100.0
    );
    assert!(strategy.contains(&decline), "{decline}: {strategy}");
    assert!(
        strategy.contains("Refer from, about: cut-off 25.00%"),
        "{strategy}"
    );
    let bands = chart("score-bands").await;
    let riskiest = &evidence["test"]["gains"][0];
    let counts = format!("{} goods, {} bads", riskiest["goods"], riskiest["bads"]);
    assert!(bands.contains(&counts), "{counts}: {bands}");
    let calibration = chart("calibration").await;
    assert!(calibration.contains("Out-of-fold") && !calibration.contains("Training"));
}

#[tokio::test]
async fn a_chart_may_be_asked_for_as_a_file() {
    let app = TestApp::start();
    let admin = app.admin();
    let id = app.german().await.id();
    let plain = picture(&admin, &format!("/models/{id}/charts/roc")).await;
    assert_eq!(
        picture(&admin, &format!("/models/{id}/charts/roc.svg")).await,
        plain
    );
}

#[tokio::test]
async fn a_chart_that_nobody_knows_is_not_there() {
    let app = TestApp::start();
    let admin = app.admin();
    let id = app.german().await.id();
    for name in ["canary", "ROC", ".svg", "roc.svg.svg", "train"] {
        let reply = admin.get(&format!("/models/{id}/charts/{name}")).await;
        let problem = reply.problem(404, "NOT_FOUND");
        assert_eq!(
            problem["detail"],
            "There is no such chart; expected roc, ks, calibration, score-bands, strategy, woe"
        );
    }
}

#[tokio::test]
async fn a_path_that_is_no_text_is_not_there() {
    let app = TestApp::start();
    let id = app.german().await.id();
    let reply = app.admin().get(&format!("/models/{id}/charts/%FF")).await;
    reply.problem(404, "MODEL_NOT_FOUND");
}

#[tokio::test]
async fn the_characteristic_of_a_chart_must_fit() {
    let app = TestApp::start();
    let admin = app.admin();
    let id = app.german_card().await.id();
    for (chart, detail) in [
        (
            "woe",
            "query parameter characteristic: the chart woe needs it",
        ),
        (
            "woe?characteristic=canary",
            "query parameter characteristic: the scorecard has no such characteristic",
        ),
        (
            "woe?characteristic=",
            "query parameter characteristic: the scorecard has no such characteristic",
        ),
        (
            "roc?characteristic=canary",
            "query parameter characteristic: only for the chart woe",
        ),
    ] {
        let reply = admin.get(&format!("/models/{id}/charts/{chart}")).await;
        assert_eq!(reply.fault()["detail"], detail);
        assert!(!reply.text().contains("canary"));
    }
}

#[tokio::test]
async fn a_hostile_name_is_encoded_in_the_address_and_text_in_the_picture() {
    let app = TestApp::start();
    let admin = app.admin();
    let name = "<b>&\"' %2F?#+é";
    let mut lines = vec![format!("\"{}\",default", name.replace('"', "\"\""))];
    for record in german_records().iter().take(400) {
        let bad = record["credit_risk"] == "bad";
        lines.push(format!("{},{}", record["duration_months"], u8::from(bad)));
    }
    let plan = json!({ "model_type": "scorecard", "evidence": { "replicates": 0 } });
    let csv = lines.join("\n");
    let trained = admin.post_form("/train", &plan, csv.as_bytes()).await.ok();
    let id = trained["model_id"].as_str().unwrap();
    let list = admin.get(&format!("/models/{id}/charts")).await.ok();
    let entry = list["charts"].as_array().unwrap().last().unwrap();
    assert_eq!(entry["characteristic"], name);
    let address = entry["address"].as_str().unwrap();
    let (_, query) = address.split_once('=').unwrap();
    assert!(
        query
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"%-._~".contains(&byte))
    );
    assert_eq!(percent_decode_str(query).decode_utf8().unwrap(), name);
    let svg = picture(&admin, address).await;
    assert!(!svg.contains("<b>"));
    let document = Document::parse(&svg).unwrap();
    let mut texts = document.descendants().filter_map(|it| it.text());
    assert!(texts.any(|text| text.contains(name)), "{svg}");
}
