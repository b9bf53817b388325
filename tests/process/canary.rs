//! A key is in nothing the service writes: logs, audit, metrics, answers, faults.

use std::{fs, process::Output};

use credit_risk::{
    access::{ApiKey, KeyEnvironment},
    http::routes::ROWS,
};

use crate::support::{Answer, Home, PATIENCE, Running, run};

/// An operator's own key.
const OPERATOR: &str = "canary-operator-7Rq2mZx9TwLd4KvB8nYhJp3s";

/// A key with its secret part, of which no sixteen characters may show anywhere.
pub(crate) struct Canary {
    pub(crate) key: String,
    secret: String,
}

impl Canary {
    pub(crate) fn operator() -> Self {
        let secret = OPERATOR.trim_start_matches("canary-operator-").to_owned();
        Self {
            key: OPERATOR.to_owned(),
            secret,
        }
    }

    pub(crate) fn generated() -> Self {
        let key = ApiKey::generate(KeyEnvironment::Live).unwrap();
        let key = key.expose().to_owned();
        let secret = key.rsplit('_').next().unwrap().to_owned();
        Self { key, secret }
    }

    /// A credential that is secret as a whole.
    pub(crate) fn of(secret: &str) -> Self {
        Self {
            key: secret.to_owned(),
            secret: secret.to_owned(),
        }
    }

    pub(crate) fn both() -> [Self; 2] {
        [Self::operator(), Self::generated()]
    }

    /// A key that differs in its last character.
    fn wrong(&self) -> String {
        let (rest, last) = self.key.split_at(self.key.len() - 1);
        format!("{rest}{}", if last == "0" { '1' } else { '0' })
    }

    pub(crate) fn assert_not_in(&self, place: &str, text: &str) {
        let text = text.to_lowercase();
        let secret = self.secret.to_lowercase();
        for at in 0..=secret.len() - 16 {
            let part = &secret[at..at + 16];
            let found = text.find(part).map(|at| &text[at.saturating_sub(200)..at]);
            assert!(found.is_none(), "a secret is in {place}, after: {found:?}");
        }
    }

    /// In nothing that a running service has written.
    pub(crate) fn assert_unwritten(&self, home: &Home, service: Running) {
        for (place, text) in written(home, service) {
            self.assert_not_in(place, &text);
        }
    }

    pub(crate) fn assert_answer(&self, place: &str, answer: &Answer) {
        self.assert_not_in(place, &answer.head);
        self.assert_not_in(place, &answer.body);
    }
}

/// Everything a running service has written until its end, and where.
pub(crate) fn written(home: &Home, mut service: Running) -> Vec<(&'static str, String)> {
    let page = service.client().get("/metrics").ok();
    service.signal("TERM");
    service.end_within(PATIENCE);
    let log = service.log();
    assert!(
        log.contains("\"stopped\""),
        "the log was not read to its end"
    );
    let mut written = vec![
        ("the head of the metrics page", page.head),
        ("the metrics page", page.body),
        ("the log", log),
    ];
    for entry in fs::read_dir(home.path("logs")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        written.push(("the audit log", text));
    }
    written
}

/// Header fields and a query string.
type Placement = (Vec<(&'static str, String)>, String);

/// Every way a key may be sent, right and wrong.
fn placements(canary: &Canary) -> Vec<Placement> {
    let wrong = canary.wrong();
    let not_ascii = format!("{}\u{e9}", canary.key);
    let mut headers = vec![vec![("x-api-key", not_ascii)]];
    for key in [&canary.key, &wrong] {
        headers.push(vec![("x-api-key", key.clone())]);
        headers.push(vec![("cookie", format!("api_key={key}"))]);
        headers.push(vec![("authorization", format!("Bearer {key} {key}"))]);
        for scheme in ["Bearer ", "ApiKey ", "Basic ", "Bearer", "Digest key=", ""] {
            headers.push(vec![("authorization", format!("{scheme}{key}"))]);
        }
    }
    headers.push(vec![
        ("x-api-key", canary.key.clone()),
        ("authorization", format!("Bearer {wrong}")),
    ]);
    let mut placements: Vec<_> = headers.into_iter().map(|it| (it, String::new())).collect();
    for key in [&canary.key, &wrong] {
        placements.push((Vec::new(), format!("?api_key={key}")));
    }
    placements
}

/// Method, path, content type and body: every row, and every kind of failure.
fn requests() -> Vec<(&'static str, String, &'static str, &'static str)> {
    const JSON: &str = "application/json";
    let rows = ROWS.iter().map(|row| {
        let path = row.path.replace("{model_id}", "none");
        let body = if row.method == "POST" { "{}" } else { "" };
        let path = path.replace("{file}", "index.css");
        (row.method.as_str(), path, JSON, body)
    });
    let plan = r#"{"model_type": "logistic_regression", "cv_folds": 2}"#;
    let unknown = r#"{"model_id": "none", "applications": [{}]}"#;
    let failures = [
        ("GET", "/nowhere", JSON, ""),
        ("DELETE", "/train", JSON, ""),
        ("OPTIONS", "/predict", JSON, ""),
        ("POST", "/predict", "text/plain", "text"),
        ("POST", "/predict", JSON, "{"),
        ("POST", "/predict", JSON, unknown),
        ("POST", "/train", JSON, "[]"),
        ("POST", "/train", JSON, plan),
        ("GET", "/models/broken", JSON, ""),
    ];
    let failures = failures.map(|(method, path, kind, body)| (method, path.to_owned(), kind, body));
    rows.chain(failures).collect()
}

fn assert_sent_everywhere_shows_nowhere(canary: &Canary, settings: &[(&str, &str)]) -> Vec<u16> {
    let home = Home::new();
    let keys = fs::read_to_string(home.path("keys")).unwrap();
    home.write("keys", &format!("{keys}{};name=canary\n", canary.key));
    let mut service = home.service().set("LOG_LEVEL", "trace");
    for (name, value) in settings {
        service = service.set(name, value);
    }
    let service = service.start();
    home.write("artifacts/models/broken.model", "no model");
    let client = service.client_with(None);
    let mut statuses = Vec::new();
    for (headers, query) in placements(canary) {
        for (method, path, kind, body) in requests() {
            let mut fields: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
            fields.push(("content-type", kind));
            let answer = client.try_send(method, &format!("{path}{query}"), &fields, body);
            let answer = answer.expect("an answer");
            canary.assert_answer(&path, &answer);
            statuses.push(answer.status);
        }
    }
    canary.assert_unwritten(&home, service);
    statuses.sort_unstable();
    statuses.dedup();
    statuses
}

#[test]
fn a_key_sent_in_every_way_to_every_route_is_written_nowhere() {
    for canary in Canary::both() {
        let statuses = assert_sent_everywhere_shows_nowhere(&canary, &[]);
        assert_eq!(statuses, [200, 401, 403, 404, 405, 415, 422, 500]);
    }
}

#[test]
fn a_key_over_its_limit_is_written_nowhere() {
    let limits = [
        ("RATE_LIMIT_ENABLED", "true"),
        ("ANONYMOUS_RATE_LIMIT", "1/hour"),
        ("FAILED_AUTH_RATE_LIMIT", "1/hour"),
        ("PREDICT_RATE_LIMIT", "1/hour"),
    ];
    for canary in Canary::both() {
        let statuses = assert_sent_everywhere_shows_nowhere(&canary, &limits);
        assert!(statuses.contains(&429), "{statuses:?}");
    }
}

pub(crate) fn assert_unsaid(canary: &Canary, output: &Output) {
    canary.assert_not_in("standard output", &String::from_utf8_lossy(&output.stdout));
    canary.assert_not_in("standard error", &String::from_utf8_lossy(&output.stderr));
}

#[test]
fn config_check_does_not_show_a_key_of_the_environment() {
    for canary in Canary::both() {
        let home = Home::new();
        let mut command = home.program(&["config", "check"]);
        command.env("CREDIT_RISK_API_KEYS", &canary.key);
        command.env("CREDIT_RISK_KEY_PEPPER", &canary.key);
        let output = run(command);
        assert!(output.status.success());
        assert_unsaid(&canary, &output);
    }
}

fn assert_refused_without_showing(canary: &Canary, line: &str) {
    let home = Home::new();
    home.write("keys", line);
    let output = home.service().set("LOG_LEVEL", "trace").run();
    assert!(!output.status.success());
    assert_unsaid(canary, &output);
}

#[test]
fn a_start_refused_for_a_key_line_shows_no_key() {
    for canary in Canary::both() {
        let lines = [
            "{};scopes=all",
            "{},{}",
            "{} {}",
            "{};{}",
            "{};tier={}",
            "crk_live_{}",
        ];
        for line in lines {
            assert_refused_without_showing(&canary, &line.replace("{}", &canary.key));
        }
    }
}

#[test]
fn a_start_refused_for_a_mistyped_key_shows_no_key() {
    let canary = Canary::generated();
    assert_refused_without_showing(&canary, &canary.wrong());
}

#[test]
fn a_start_refused_for_its_settings_shows_no_key() {
    for canary in Canary::both() {
        for text in [
            "API_KEYS={} {}",
            "API_KEYS='{}",
            "{}",
            "API_KEYS=\"{}\" x",
            "PORT={}",
        ] {
            let home = Home::new();
            let line = text.replace("{}", &canary.key);
            home.write(".env", &format!("CREDIT_RISK_{line}\n"));
            let mut command = home.program(&["config", "check"]);
            command.env_remove("CREDIT_RISK_PORT");
            assert_unsaid(&canary, &run(command));
        }
    }
}

#[test]
fn a_settings_file_that_does_not_parse_shows_no_key() {
    for canary in Canary::both() {
        for text in ["api_keys = [\"{}", "api_keys = \"{}\" x", "api_keys = {}"] {
            let home = Home::new();
            home.write(
                "bad.toml",
                &format!("[access]\n{}\n", text.replace("{}", &canary.key)),
            );
            let output = run(home.program(&["--config", "bad.toml", "config", "check"]));
            assert_unsaid(&canary, &output);
        }
    }
}
