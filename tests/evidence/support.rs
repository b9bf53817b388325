//! Scores with known numbers, and small samples.

use credit_risk::credit::evidence::{EvidenceParams, SampleEvidence};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Probabilities and what happened.
pub struct Sample {
    pub p: Vec<f64>,
    pub events: Vec<bool>,
}

/// No bootstrap, everything else as by default.
pub fn plain() -> EvidenceParams {
    EvidenceParams {
        replicates: 0,
        ..EvidenceParams::default()
    }
}

impl Sample {
    pub fn new(p: &[f64], events: &[u8]) -> Self {
        Self {
            p: p.to_vec(),
            events: events.iter().map(|event| *event == 1).collect(),
        }
    }

    pub fn measure(&self, threshold: f64, params: &EvidenceParams) -> SampleEvidence {
        SampleEvidence::measure(&self.p, &self.events, threshold, params).unwrap()
    }
}

/// All vectors of the metrics' fixture, with what is expected of them.
pub fn cases() -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../fixtures/metrics.json")).unwrap();
    file["cases"].as_array().unwrap().clone()
}

/// Rows of a vector of that fixture.
pub fn sample_of(case: &Value) -> Sample {
    if let Some(column) = case["column"].as_str() {
        return sample(column);
    }
    Sample {
        p: numbers(&case["scores"]),
        events: numbers(&case["events"])
            .iter()
            .map(|event| *event > 0.5)
            .collect(),
    }
}

/// Rows of the vector of this name, or of this column of the loan scores.
pub fn sample(name: &str) -> Sample {
    let mut reader =
        csv::Reader::from_reader(include_str!("../fixtures/loan_scores.csv").as_bytes());
    let place = reader
        .headers()
        .unwrap()
        .iter()
        .position(|column| column == name);
    let Some(place) = place else {
        let cases = cases();
        return sample_of(cases.iter().find(|case| case["name"] == name).unwrap());
    };
    let rows = reader.records().map(|record| {
        let record = record.unwrap();
        (record[place].parse::<f64>().unwrap(), &record[0] == "1")
    });
    let (p, events) = rows.unzip();
    Sample { p, events }
}

/// A part of the fixture that was made for these tests.
pub fn expected(part: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../fixtures/evidence.json")).unwrap();
    file[part].as_array().unwrap().clone()
}

/// The numbers of a list.
pub fn numbers(list: &Value) -> Vec<f64> {
    let list = list.as_array().unwrap();
    list.iter().map(|number| number.as_f64().unwrap()).collect()
}

/// Asserts that numbers agree to 1e-12, or are undefined on both sides.
pub fn assert_close(found: impl Into<Option<f64>>, expected: &Value, what: &str) {
    let (found, expected) = (found.into(), expected.as_f64());
    let close = match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
        (found, expected) => found.is_none() && expected.is_none(),
    };
    assert!(close, "{what}: {found:?}, expected {expected:?}");
}

/// Asserts that every field that both objects have agrees to 1e-12; `found` has them all.
pub fn assert_fields(found: &impl Serialize, expected: &Value, what: &str) {
    let found = serde_json::to_value(found).unwrap();
    for (field, expected) in expected.as_object().unwrap() {
        if expected.is_number() || expected.is_null() {
            let found = found.get(field).unwrap();
            assert_close(found.as_f64(), expected, &format!("{what}, {field}"));
        }
    }
}

/// The value written as JSON and read again.
pub fn through_json<T: Serialize + DeserializeOwned>(value: &T) -> T {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}
