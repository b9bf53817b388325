//! Logistic regressions on the bundled data against scikit-learn, scipy, firthmodels and statsmodels.
//!
//! `tests/fixtures/logit_german_uci.json` was computed by `scripts/make_logit_fixture.py`; it says how
//! the columns are made.

use credit_risk::stats::{
    LikelihoodRatio, LogisticFit, LogisticParams, LogisticSpec, Matrix, Penalty, Sign,
    variance_inflation,
};
use serde_json::Value;

const GERMAN: &str = include_str!("../../data/german_credit.csv");
const FIXTURE: &str = include_str!("../fixtures/logit_german_uci.json");
const TOLERANCE: f64 = 1e-8;

/// A case of the fixture with its rows.
struct Case {
    tag: String,
    expected: Value,
    design: Matrix,
    events: Vec<bool>,
    weights: Option<Vec<f64>>,
}

#[test]
fn every_reference_case_is_met_to_1e8() {
    let cases = cases();
    assert_eq!(cases.len(), 18);
    for case in &cases {
        let fit = case.fit();
        assert!(fit.convergence.converged, "{} did not converge", case.tag);
        case.close(
            "intercept",
            fit.intercept,
            number(&case.expected["intercept"]),
        );
        case.close_all("coef", &fit.weights);
        let likelihood = number(&case.expected["log_likelihood"]);
        case.close("log-likelihood", fit.log_likelihood / likelihood, 1.0);
    }
}

#[test]
fn exactly_the_reference_zeros_are_zero() {
    let counted = cases()
        .into_iter()
        .filter(|case| !case.expected["zeros"].is_null());
    let mut seen = 0;
    for case in counted {
        let expected = numbers(&case.expected["coef"]);
        let fit = case.fit();
        for (found, expected) in fit.weights.iter().zip(&expected) {
            assert_eq!(*found == 0.0, *expected == 0.0, "{}", case.tag);
        }
        seen += 1;
    }
    assert_eq!(seen, 7);
}

#[test]
fn wald_statistics_are_the_reference_ones() {
    let mut seen = 0;
    for case in cases() {
        let fit = case.fit();
        if case.tag.contains("_L1_") || case.tag.contains("_EN_") {
            assert_eq!(fit.inference, None, "{}", case.tag);
        }
        if case.expected["std_err"].is_null() {
            continue;
        }
        let inference = fit.inference.unwrap();
        case.close_all("std_err", &inference.std_error);
        case.close_all("z", &inference.z);
        case.close_all("p_value", &inference.p_value);
        case.close_all("ci95_low", &inference.ci95_low);
        case.close_all("ci95_high", &inference.ci95_high);
        seen += 1;
    }
    assert_eq!(seen, 7);
}

#[test]
fn measures_of_the_whole_model_are_the_reference_ones() {
    let mut seen = 0;
    for case in cases() {
        let statistics = case.fit().statistics.unwrap();
        for (key, found) in [
            ("parameters", statistics.parameters),
            ("aic", statistics.aic),
            ("bic", statistics.bic),
            ("mcfadden_r2", statistics.mcfadden_r2),
        ] {
            if let Some(expected) = case.expected[key].as_f64() {
                case.close(key, found / expected, 1.0);
                seen += 1;
            }
        }
        let tested = case.expected["lr_chi2"].as_f64();
        assert_eq!(
            statistics.likelihood_ratio.is_some(),
            tested.is_some(),
            "{}",
            case.tag
        );
        if let (Some(test), Some(expected)) = (statistics.likelihood_ratio, tested) {
            case.close("lr_chi2", test.chi_square, expected);
            case.close("lr_p", test.p_value, number(&case.expected["lr_p"]));
            assert_eq!(
                Some(u64::from(test.degrees_of_freedom)),
                case.expected["lr_df"].as_u64()
            );
            seen += 1;
        }
    }
    assert_eq!(seen, 4 + 4 + 3 + 7 * 3 + 6);
}

#[test]
fn column_tests_are_the_reference_ones() {
    let mut seen = 0;
    for case in cases() {
        if case.expected["column_chi2"].is_null() {
            continue;
        }
        let tests = case.column_tests();
        let chi_square: Vec<f64> = tests.iter().map(|test| test.chi_square).collect();
        case.close_all("column_chi2", &chi_square);
        let p_value: Vec<f64> = tests.iter().map(|test| test.p_value).collect();
        case.close_all("column_p", &p_value);
        seen += 1;
    }
    assert_eq!(seen, 4);
}

#[test]
fn variance_inflation_is_the_reference_one() {
    let mut seen = 0;
    for case in cases() {
        if let Some(expected) = case.expected["vif"].as_array() {
            let found = variance_inflation(&case.design).unwrap();
            for (found, expected) in found.iter().zip(expected) {
                case.close("vif", found.unwrap(), number(expected));
            }
            assert_eq!(found.len(), expected.len());
            seen += 1;
        }
    }
    assert_eq!(seen, 2);
}

impl Case {
    fn spec(&self) -> LogisticSpec {
        let inverse_strength = self.expected["C"].as_f64();
        let l1_ratio = self.expected["l1_ratio"].as_f64().unwrap_or(0.0);
        let penalty = match (self.expected["C"].as_str(), inverse_strength) {
            (Some("firth"), _) => Penalty::Firth,
            (_, Some(inverse_strength)) if l1_ratio >= 1.0 => Penalty::L1 { inverse_strength },
            (_, Some(inverse_strength)) if l1_ratio > 0.0 => Penalty::ElasticNet {
                inverse_strength,
                l1_ratio,
            },
            (_, Some(inverse_strength)) => Penalty::L2 { inverse_strength },
            _ => Penalty::None,
        };
        let signs = self.expected["signs"].as_array();
        let sign = |sign: &Value| match sign.as_i64().unwrap() {
            1 => Sign::NonNegative,
            -1 => Sign::NonPositive,
            _ => Sign::Free,
        };
        LogisticSpec {
            penalty,
            signs: signs.map_or_else(Vec::new, |signs| signs.iter().map(sign).collect()),
            ..LogisticSpec::default()
        }
    }

    fn fit(&self) -> LogisticFit {
        let spec = self.spec().check().unwrap();
        let weights = self.weights.as_deref();
        let fit = spec.fit(&self.design, &self.events, weights, &|| false);
        let fit = fit.unwrap();
        // The two ways to ask for a ridge or an unpenalised fit are one.
        if spec.spec().signs.is_empty()
            && let Penalty::L2 { .. } | Penalty::None = spec.spec().penalty
        {
            let params = LogisticParams {
                inverse_strength: self.expected["C"].as_f64(),
                ..LogisticParams::default()
            };
            let checked = params.check().unwrap();
            let same = checked.fit(&self.design, &self.events, weights, &|| false);
            assert_eq!(same.as_ref(), Ok(&fit));
        }
        fit
    }

    fn column_tests(&self) -> Vec<LikelihoodRatio> {
        let spec = self.spec().check().unwrap();
        let weights = self.weights.as_deref();
        spec.column_tests(&self.design, &self.events, weights, &|| false)
            .unwrap()
    }

    /// Raw columns reach 1e4, so their coefficients are compared relatively.
    fn close(&self, what: &str, found: f64, expected: f64) {
        let relative = self.tag == "ref_raw_none";
        let scale = if relative {
            expected.abs().max(1.0)
        } else {
            1.0
        };
        let error = (found - expected).abs() / scale;
        assert!(
            error <= TOLERANCE,
            "{} {what}: {found} is not {expected}",
            self.tag
        );
    }

    fn close_all(&self, key: &str, found: &[f64]) {
        let expected = numbers(&self.expected[key]);
        assert_eq!(found.len(), expected.len(), "{} {key}", self.tag);
        for (found, expected) in found.iter().zip(expected) {
            self.close(key, *found, expected);
        }
    }
}

fn cases() -> Vec<Case> {
    let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    let table: Vec<Vec<&str>> = GERMAN
        .lines()
        .map(|line| line.split(',').collect())
        .collect();
    let (header, rows) = table.split_first().unwrap();
    let cases = fixture["cases"].as_array().unwrap().iter();
    cases
        .map(|case| {
            let count = case["rows"]
                .as_u64()
                .map_or(rows.len(), |rows| rows as usize);
            let tag = case["tag"].as_str().unwrap().to_owned();
            let rows = &rows[..count];
            let events: Vec<bool> = rows.iter().map(|row| row.last() == Some(&"bad")).collect();
            Case {
                design: design(&fixture, case, header, rows),
                weights: weights(&tag, &events),
                expected: case.clone(),
                events,
                tag,
            }
        })
        .collect()
}

fn design(fixture: &Value, case: &Value, header: &[&str], rows: &[Vec<&str>]) -> Matrix {
    let tag = case["tag"].as_str().unwrap();
    let all: Vec<String> = serde_json::from_value(fixture["names"].clone()).unwrap();
    let names: Vec<String> = serde_json::from_value(case["names"].clone()).unwrap();
    let (mean, sd) = (numbers(&fixture["mean"]), numbers(&fixture["sd"]));
    let mut design = Matrix::new(rows.len(), names.len());
    for (column, name) in names.iter().enumerate() {
        let at = all.iter().position(|known| known == name).unwrap();
        let (source, level) = match name.split_once('=') {
            Some((source, level)) => (source, Some(level)),
            None => (name.as_str(), None),
        };
        let place = header.iter().position(|known| *known == source).unwrap();
        let scaled = tag.starts_with("std_") || (level.is_none() && tag != "ref_raw_none");
        for (index, row) in rows.iter().enumerate() {
            let raw: f64 = match level {
                Some(level) => f64::from(u8::from(row[place] == level)),
                None => row[place].parse().unwrap(),
            };
            design.row_mut(index)[column] = if scaled {
                (raw - mean[at]) / sd[at]
            } else {
                raw
            };
        }
    }
    design
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
