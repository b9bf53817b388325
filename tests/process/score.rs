//! `score`: from file to file, with the answers of the service.

use std::{fs, io::Write, process::Stdio};

use serde_json::Value;

use crate::support::{BUNDLED, Home, plan, run};

/// A home with a trained model.
fn trained() -> (Home, String) {
    let home = Home::new();
    home.write("loans.csv", BUNDLED);
    let service = home.start();
    let model = service.client().post("/train", &plan()).ok().json();
    let id = model["model_id"].as_str().unwrap().to_owned();
    (home, id)
}

/// Its exit code and what it says.
fn score(home: &Home, model: &str, more: &[&str]) -> (Option<i32>, String) {
    let arguments = [&["score", "--model", model], more].concat();
    let output = run(home.program(&arguments));
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said)
}

fn told(said: &str) -> &str {
    said.lines().last().unwrap_or_default()
}

fn read(home: &Home, name: &str) -> String {
    fs::read_to_string(home.path(name)).unwrap()
}

#[test]
fn a_file_gets_the_answers_that_the_service_gives() {
    let (home, id) = trained();
    let ways = ["--input", "loans.csv", "--output", "answers.ndjson"];
    let (code, said) = score(&home, &id, &[&ways[..], &["--keep", "purpose"]].concat());
    assert_eq!(code, Some(0), "{said}");
    let service = home.start();
    let request = serde_json::json!({
        "model_id": id, "applications": [crate::support::application()]
    });
    let alone = service.client().post("/predict", &request).ok().json();
    let answers = read(&home, "answers.ndjson");
    let first: Value = serde_json::from_str(answers.lines().next().unwrap()).unwrap();
    for name in ["default_probability", "log_odds", "decision"] {
        assert_eq!(first[name], alone["predictions"][0][name], "{name}");
    }
    assert_eq!(first["purpose"], crate::support::application()["purpose"]);
    assert_eq!(answers.lines().count(), 1_000);
    let declined = answers.matches("\"decision\":\"decline\"").count();
    let counted = format!("credit-risk: 1000 rows, 0 errors, {declined} declined");
    assert_eq!(told(&said), counted);
}

#[test]
fn errors_of_rows_fail_only_where_that_is_asked_for() {
    let (home, id) = trained();
    let spoilt = BUNDLED.replacen("\n", "\nno row\n", 1);
    home.write("spoilt.csv", &spoilt);
    let ways = ["--input", "spoilt.csv", "--output", "answers.csv"];
    let (code, said) = score(&home, &id, &ways);
    assert_eq!(code, Some(0));
    assert!(
        told(&said).starts_with("credit-risk: 1001 rows, 1 errors"),
        "{said}"
    );
    assert!(read(&home, "answers.csv").contains("line 2: 1 cells where"));
    let (code, _) = score(&home, &id, &[&ways[..], &["--strict"]].concat());
    assert_eq!(code, Some(1));
    assert_eq!(read(&home, "answers.csv").lines().count(), 1_002);
}

#[test]
fn what_is_refused_leaves_the_output_as_it_was() {
    let (home, id) = trained();
    home.write("answers.csv", "before");
    home.write("half.csv", "purpose\ncar\n");
    for (input, more, reason) in [
        ("half.csv", &[][..], "the model needs this column"),
        ("none.csv", &[], "none.csv"),
        ("loans.csv", &["--keep", "nothing"], "to be kept"),
        (
            "loans.csv",
            &["--format", "parquet"],
            "Parquet cannot be read",
        ),
        ("loans.csv", &["--threshold", "2"], "expected 0 to 1"),
        ("loans.csv", &["--reasons", "5"], "--reasons"),
    ] {
        let ways = ["--input", input, "--output", "answers.csv"];
        let (code, said) = score(&home, &id, &[&ways[..], more].concat());
        assert_ne!(code, Some(0), "{said}");
        assert!(said.contains(reason), "{said}");
        assert_eq!(read(&home, "answers.csv"), "before");
    }
    let ways = ["--input", "loans.csv", "--output", "answers.csv.gz"];
    let (code, said) = score(&home, &id, &ways);
    assert_eq!(code, Some(1));
    assert!(said.contains("not compressed"), "{said}");
    let ways = ["--input", "loans.csv", "--output", "answers.csv"];
    for nobody in ["no id!", "logistic_regression_test20_3f_ffffff"] {
        let (code, said) = score(&home, nobody, &ways);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(nobody), "{said}");
    }
    let entries = fs::read_dir(home.path("")).unwrap();
    let left = entries.map(|it| it.unwrap().file_name().into_string().unwrap());
    assert!(left.into_iter().all(|name| !name.starts_with(".tmp")));
}

#[test]
fn standard_streams_and_files_of_columns_give_the_same_answers() {
    let (home, id) = trained();
    let to = |output: &str| {
        let ways = ["--input", "loans.csv", "--output", output];
        let (code, said) = score(&home, &id, &ways);
        assert_eq!(code, Some(0), "{said}");
    };
    to("answers.csv");
    to("answers.parquet");
    to("again.parquet");
    let bytes = |name: &str| fs::read(home.path(name)).unwrap();
    assert_eq!(bytes("answers.parquet"), bytes("again.parquet"));
    assert!(bytes("answers.parquet").starts_with(b"PAR1"));

    let arguments = ["score", "--model", &id, "--input", "-", "--output", "-"];
    let mut command = home.program(&arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let sender = std::thread::spawn(move || input.write_all(BUNDLED.as_bytes()));
    let output = child.wait_with_output().unwrap();
    sender.join().unwrap().unwrap();
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        read(&home, "answers.csv")
    );
}
