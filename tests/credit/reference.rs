//! Logistic regressions on the bundled data against scikit-learn and statsmodels.
//!
//! `tests/fixtures/logit_german_uci.json` was computed by
//! `scripts/make_logit_fixture.py`; it says how the columns are made.

use credit_risk::stats::{LogisticFit, LogisticParams, Matrix};
use serde_json::Value;

use crate::support::{GERMAN, applications};

const FIXTURE: &str = include_str!("../fixtures/logit_german_uci.json");
const TOLERANCE: f64 = 1e-8;

#[test]
fn every_reference_case_is_met_to_1e8() {
    let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    let cases = fixture["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 7);
    for case in cases {
        let tag = case["tag"].as_str().unwrap();
        let fit = fit(&fixture, case);
        assert!(fit.convergence.converged, "{tag} did not converge");
        // Raw columns reach 1e4, so their coefficients are compared relatively.
        let relative = tag == "ref_raw_none";
        let close = |what: &str, found: f64, expected: f64| {
            let scale = if relative {
                expected.abs().max(1.0)
            } else {
                1.0
            };
            let error = (found - expected).abs() / scale;
            assert!(
                error <= TOLERANCE,
                "{tag} {what}: {found} is not {expected}"
            );
        };
        close("intercept", fit.intercept, number(&case["intercept"]));
        for (found, expected) in fit.weights.iter().zip(&numbers(&case["coef"])) {
            close("coefficient", *found, *expected);
        }
        let likelihood = number(&case["log_likelihood"]);
        close("log-likelihood", fit.log_likelihood / likelihood, 1.0);
        if let Some(inference) = fit
            .inference
            .as_ref()
            .filter(|_| !case["std_err"].is_null())
        {
            for (found, expected) in [
                (&inference.std_error, "std_err"),
                (&inference.z, "z"),
                (&inference.p_value, "p_value"),
                (&inference.ci95_low, "ci95_low"),
                (&inference.ci95_high, "ci95_high"),
            ] {
                for (found, expected_number) in found.iter().zip(&numbers(&case[expected])) {
                    close(expected, *found, *expected_number);
                }
            }
        }
    }
    let with_inference = cases
        .iter()
        .filter(|case| !case["std_err"].is_null())
        .count();
    assert_eq!(with_inference, 2);
}

fn fit(fixture: &Value, case: &Value) -> LogisticFit {
    let tag = case["tag"].as_str().unwrap();
    let rows = applications(GERMAN, "credit_risk");
    let events: Vec<bool> = GERMAN
        .lines()
        .skip(1)
        .map(|line| line.ends_with(",bad"))
        .collect();
    let all: Vec<String> = serde_json::from_value(fixture["names"].clone()).unwrap();
    let names: Vec<String> = serde_json::from_value(case["names"].clone()).unwrap();
    let (mean, sd) = (numbers(&fixture["mean"]), numbers(&fixture["sd"]));

    let mut design = Matrix::new(rows.len(), names.len());
    for (column, name) in names.iter().enumerate() {
        let at = all.iter().position(|known| known == name).unwrap();
        let numeric = !name.contains('=');
        let scaled = tag.starts_with("std_all") || (numeric && tag != "ref_raw_none");
        for (index, row) in rows.iter().enumerate() {
            let raw = encoded(row, name);
            let value = if scaled {
                (raw - mean[at]) / sd[at]
            } else {
                raw
            };
            design.row_mut(index)[column] = value;
        }
    }
    let weights = weights(tag, &events);
    let inverse_strength = case["C"].as_f64();
    let params = LogisticParams {
        inverse_strength,
        ..LogisticParams::default()
    };
    params
        .check()
        .unwrap()
        .fit(&design, &events, weights.as_deref(), &|| false)
        .unwrap()
}

fn encoded(row: &Value, name: &str) -> f64 {
    match name.split_once('=') {
        Some((column, level)) => f64::from(u8::from(row[column].as_str() == Some(level))),
        None => number(&row[name]),
    }
}

fn weights(tag: &str, events: &[bool]) -> Option<Vec<f64>> {
    if tag.ends_with("balanced") {
        // n / (2 * n of the class): 300 bads, 700 goods.
        let of = |event: &bool| 1_000.0 / (2.0 * if *event { 300.0 } else { 700.0 });
        return Some(events.iter().map(of).collect());
    }
    let thirds = [1.0, 2.0, 3.0].into_iter().cycle();
    tag.ends_with("mod3")
        .then(|| thirds.take(events.len()).collect())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}
