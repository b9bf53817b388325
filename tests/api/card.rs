//! Model cards: three forms of one document, whose figures are those of the results.

use credit_risk::access::Scope;
use roxmltree::{Document, ParsingOptions};
use serde_json::{Value, json};

use crate::support::{Caller, Reply, TestApp, loans::german_records};

async fn card(caller: &Caller, id: &str, query: &str) -> Reply {
    let reply = caller.get(&format!("/models/{id}/card{query}")).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply
}

fn page(html: &str) -> Document<'_> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(html, options).unwrap()
}

#[tokio::test]
async fn the_figures_of_the_card_are_those_of_the_results() {
    let app = TestApp::start();
    let reader = app.key_with(&[Scope::ModelRead]);
    for model in [app.german().await, app.german_card().await] {
        let id = model.id();
        let results = reader.get(&format!("/models/{id}/results")).await.ok();
        let shown = reader.get(&format!("/models/{id}")).await.ok();
        let evidence = reader.get(&format!("/models/{id}/evidence")).await.ok();
        let card = card(&reader, id, "").await.ok();
        assert_eq!(card["model"]["model_id"], id);
        assert_eq!(card["model"]["model_sha256"], shown["model_sha256"]);
        assert_eq!(card["model"]["software"], shown["written_by"]);
        for member in ["digest", "rows", "events", "train_rows", "characteristics"] {
            assert_eq!(card["data"][member], results["data"][member], "{member}");
        }
        assert_eq!(card["data"]["excluded"], results["excluded"]);
        assert_eq!(card["plan"], results["training_config"]);
        for member in ["scorecard", "intercept", "calibration", "policy"] {
            assert_eq!(card[member], results[member], "{member}");
        }
        assert_eq!(card["reasons"], results["reason_reference"]);
        assert_eq!(card["convergence"]["converged"], true);
        assert_eq!(
            card["cross_validation"],
            results["metrics"]["cross_validation"]
        );
        let names: Vec<&Value> = card["samples"]
            .as_array()
            .unwrap()
            .iter()
            .map(|sample| &sample["sample"])
            .collect();
        assert_eq!(names, ["Training", "Out-of-fold", "Test"]);
        let test = &card["samples"][2];
        assert_eq!(test["auc"], evidence["test"]["discrimination"]["auc"]);
        assert_eq!(test["decisions"], evidence["test"]["decisions"]);
        assert_eq!(card["stability"]["test"], evidence["test_stability"]);
        let fitted = results["coefficients"].as_array().unwrap();
        for (told, fitted) in card["coefficients"].as_array().unwrap().iter().zip(fitted) {
            assert_eq!(told["coefficient"], fitted["coefficient"]);
            assert_eq!(told["p_value"], fitted["p_value"]);
            let is_card = results["model_type"] == "scorecard";
            let check = json!({ "required": "non_positive", "holds": true });
            let expected = if is_card { check } else { Value::Null };
            assert_eq!(told["sign"], expected, "{told}");
        }
    }
}

#[tokio::test]
async fn the_query_decides_the_form_and_the_accept_header_without_it() {
    let app = TestApp::start();
    let id = app.german().await.id();
    let admin = app.admin();
    let (json, markdown, html) = (
        "application/json",
        "text/markdown; charset=utf-8",
        "text/html; charset=utf-8",
    );
    for (accept, query, media) in [
        ("", "", json),
        ("*/*", "", json),
        ("text/markdown", "", markdown),
        ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "", html),
        ("text/html;q=0.5, text/markdown;q=0.7", "", markdown),
        ("text/html;q=0, image/png", "", json),
        ("text/html", "?format=json", json),
        ("application/json", "?format=html", html),
        ("", "?format=markdown", markdown),
    ] {
        let caller = if accept.is_empty() {
            admin.clone()
        } else {
            admin.with("accept", accept)
        };
        let reply = card(&caller, id, query).await;
        assert_eq!(
            reply.header("content-type"),
            Some(media),
            "{accept} {query}"
        );
        let vary = reply.headers.get_all("vary").iter();
        assert!(vary.into_iter().any(|field| field == "accept"));
    }
    let reply = admin.get(&format!("/models/{id}/card?format=canary")).await;
    assert_eq!(
        reply.fault()["detail"],
        "query parameter format: expected json, markdown, html"
    );
    assert!(!reply.text().contains("canary"));
    let reply = admin.get("/models/nobody/card").await;
    reply.problem(404, "MODEL_NOT_FOUND");
}

#[tokio::test]
async fn the_page_needs_nothing_else_and_holds_the_charts() {
    let app = TestApp::start();
    let model = app.german_card().await;
    let reply = card(&app.admin(), model.id(), "?format=html").await;
    assert_eq!(
        reply.header("content-security-policy"),
        Some("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
    );
    let html = reply.text();
    assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
    let page = page(html);
    let mut ids = Vec::new();
    for node in page.descendants().filter(roxmltree::Node::is_element) {
        let tag = node.tag_name().name();
        assert!(
            !["script", "link", "img", "a", "iframe"].contains(&tag),
            "{tag}"
        );
        for attribute in node.attributes() {
            assert!(!["src", "href"].contains(&attribute.name()));
            assert!(!attribute.name().starts_with("on"));
        }
        ids.extend(node.attribute("id"));
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "identifiers stand twice");
    let charts = page
        .descendants()
        .filter(|it| it.tag_name().name() == "svg");
    let characteristics = model.result["scorecard"]["characteristics"].as_array();
    assert_eq!(charts.count(), 5 + characteristics.unwrap().len());
    assert!(html.contains("prefers-color-scheme:dark") && html.contains("@media print"));
}

#[tokio::test]
async fn hostile_names_stay_text_in_every_form() {
    let app = TestApp::start();
    let admin = app.admin();
    let name = "<script>alert(1)</script>|`a`[b](http://c)\"'&";
    let mut lines = vec![format!("\"{}\",grade,default", name.replace('"', "\"\""))];
    for (at, record) in german_records().iter().take(400).enumerate() {
        let bad = record["credit_risk"] == "bad";
        let level = ["</td><img src=x onerror=y>", "|x|", "\u{202E}z"][at % 3];
        let months = &record["duration_months"];
        lines.push(format!("{months},{level},{}", u8::from(bad)));
    }
    let csv = lines.join("\n");
    for model_type in ["scorecard", "logistic_regression"] {
        let plan = json!({ "model_type": model_type, "evidence": { "replicates": 0 } });
        let trained = admin.post_form("/train", &plan, csv.as_bytes()).await.ok();
        let id = trained["model_id"].as_str().unwrap();
        let json = card(&admin, id, "").await.ok();
        assert_eq!(json["data"]["characteristics"][0]["name"], name);
        let reply = card(&admin, id, "?format=html").await;
        let html = reply.text();
        assert!(
            !html.contains("<script") && !html.contains("<img"),
            "{html}"
        );
        let page = page(html);
        let read = ["td", "th", "h3", "p", "li", "dd", "caption"];
        for node in page
            .descendants()
            .filter(|it| read.contains(&it.tag_name().name()))
        {
            assert!(!node.text().is_some_and(|text| text.contains('\u{202E}')));
        }
        let mut cells = page.descendants().filter(|it| it.has_tag_name("td"));
        assert!(cells.any(|cell| cell.text() == Some(name)), "{html}");
        let reply = card(&admin, id, "?format=markdown").await;
        let markdown = reply.text();
        let escaped = "\\<script\\>alert(1)\\</script\\>\\|\\`a\\`\\[b\\](http\\://c)\"'\\&";
        assert!(markdown.contains(escaped), "{markdown}");
        let bare = markdown.split('<').rev().skip(1);
        assert!(bare.into_iter().all(|before| before.ends_with('\\')));
        // Every line of a table has as many cells as its rule.
        for table in markdown.split("\n\n") {
            let mut widths = table
                .lines()
                .filter(|line| line.starts_with('|'))
                .map(|line| line.replace("\\|", "").matches('|').count());
            let first = widths.next();
            assert!(widths.all(|width| Some(width) == first), "{table}");
        }
    }
}

#[tokio::test]
async fn a_model_without_evidence_has_a_card_that_says_so() {
    let app = TestApp::start();
    let id = crate::evidence::without_evidence(&app).await;
    let admin = app.admin();
    let json = card(&admin, &id, "").await.ok();
    assert_eq!(json["samples"], json!([]));
    let unknown = json["not_known"].as_array().unwrap();
    assert!(
        unknown.iter().any(|it| it["what"] == "Evidence"),
        "{unknown:?}"
    );
    let html = card(&admin, &id, "?format=html").await;
    assert!(!html.text().contains("<svg"));
    assert!(html.text().contains("was not stored"), "{}", html.text());
}
