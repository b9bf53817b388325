//! Correlation and variance inflation.

use std::fmt::Write as _;

use credit_risk::stats::{Matrix, variance_inflation};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use crate::support::{GERMAN, fact, finding, score, selected, text};

/// Columns of `rows` rows: `a` says much, `b` is `a` with noise and says less, `sum` is `c + d`
/// with a little noise, and `c`, `d` and `e` are independent.
fn related(rows: usize) -> (String, Vec<Vec<f64>>) {
    let mut generator = ChaCha8Rng::seed_from_u64(11);
    let mut csv = String::from("b,a,c,d,sum,e,target\n");
    let mut values = Vec::new();
    for _ in 0..rows {
        let mut normal =
            || -> f64 { (0..12).map(|_| generator.random::<f64>()).sum::<f64>() - 6.0 };
        let (a, c, d, e) = (normal(), normal(), normal(), normal());
        let (b, sum) = (a + 0.4 * normal(), c + d + 0.3 * normal());
        let log_odds = 1.5 * a + 0.6 * c + 0.5 * d;
        let bad = generator.random::<f64>() < 1.0 / (1.0 + (-log_odds).exp());
        writeln!(csv, "{b},{a},{c},{d},{sum},{e},{}", u8::from(bad)).unwrap();
        values.push(vec![b, a, c, d, sum, e]);
    }
    (csv, values)
}

fn correlation(values: &[Vec<f64>], i: usize, j: usize) -> f64 {
    let mean = |at: usize| values.iter().map(|row| row[at]).sum::<f64>() / values.len() as f64;
    let (a, b) = (mean(i), mean(j));
    let sum = |f: &dyn Fn(&Vec<f64>) -> f64| values.iter().map(f).sum::<f64>();
    let (ab, aa, bb) = (
        sum(&|row| (row[i] - a) * (row[j] - b)),
        sum(&|row| (row[i] - a).powi(2)),
        sum(&|row| (row[j] - b).powi(2)),
    );
    ab / (aa * bb).sqrt()
}

#[test]
fn of_two_that_go_together_the_more_informative_stays() {
    let (csv, values) = related(2_000);
    let result = selected(&csv, json!({"method": "correlation"}));
    assert!(score(&result, "a").selected && !score(&result, "b").selected);
    assert_eq!(text(&result, "b", "status"), "correlated");
    assert_eq!(text(&result, "b", "correlated_with"), "a");
    let found = fact(&result, "b", "correlation");
    assert!((found - correlation(&values, 0, 1)).abs() < 1e-9, "{found}");
    assert!(score(&result, "a").score > score(&result, "b").score);
}

#[test]
fn a_wider_limit_lets_both_in() {
    let (csv, _) = related(2_000);
    let json = json!({
        "method": "correlation",
        "correlation_params": {"max_correlation": 0.99, "max_vif": 1000}
    });
    assert_eq!(selected(&csv, json).n_selected, 6);
}

#[test]
fn what_the_others_explain_is_left_out_the_largest_first() {
    let (csv, values) = related(2_000);
    let json = json!({
        "method": "correlation",
        "correlation_params": {"max_correlation": 0.95, "max_vif": 5}
    });
    let result = selected(&csv, json);
    // No pair of c, d and the sum is that close, but together they are.
    assert_eq!(text(&result, "sum", "status"), "explained_by_others");
    for name in ["c", "d", "e"] {
        assert_eq!(text(&result, name, "status"), "kept", "{name}");
    }
    let all: Vec<f64> = values.concat();
    let inflation = variance_inflation(&Matrix::from_vec(2_000, 6, all).unwrap()).unwrap();
    let found = fact(&result, "sum", "vif");
    assert!(
        (found / inflation[4].unwrap() - 1.0).abs() < 1e-9,
        "{found}"
    );
}

#[test]
fn the_kept_are_within_both_limits() {
    let result = selected(GERMAN, json!({"method": "correlation"}));
    let kept = result.feature_scores.iter().filter(|score| score.selected);
    for score in kept {
        let inflation = score.metadata.0["vif"].as_f64().unwrap();
        assert!((1.0 - 1e-9..=5.0).contains(&inflation), "{score:?}");
    }
    let left_out = finding(&result, "n_correlated") + finding(&result, "n_explained_by_others");
    let expected = (result.n_total - result.n_selected) as f64;
    assert!((left_out - expected).abs() < 1e-12);
    assert!(
        (35..48).contains(&result.n_selected),
        "{}",
        result.n_selected
    );
}

#[test]
fn an_exact_combination_is_left_out_without_an_inflation() {
    let mut generator = ChaCha8Rng::seed_from_u64(5);
    let mut csv = String::from("x,y,z,target\n");
    for row in 0..500 {
        let (x, y) = (
            generator.random_range(0..50_i32),
            generator.random_range(0..50_i32),
        );
        let bad = generator.random_range(0..100) < x + y;
        writeln!(csv, "{x},{y},{},{}", x - 2 * y, u8::from(bad && row > 0)).unwrap();
    }
    let json = json!({"method": "correlation", "correlation_params": {"max_correlation": 1}});
    let result = selected(&csv, json);
    assert_eq!(result.n_selected, 2, "{result:?}");
    let exact = result
        .feature_scores
        .iter()
        .find(|score| !score.selected)
        .unwrap();
    assert_eq!(exact.rank, 3, "{result:?}");
    assert_eq!(exact.metadata.0["exactly"], true);
    assert!(!exact.metadata.0.contains_key("vif"));
}

#[test]
fn going_the_opposite_way_is_going_together() {
    let (csv, _) = related(1_000);
    let rows = csv.lines().enumerate().map(|(row, line)| {
        let (b, rest) = line.split_once(',').unwrap();
        let b = if row == 0 {
            b.to_owned()
        } else {
            (-b.parse::<f64>().unwrap()).to_string()
        };
        format!("{b},{rest}\n")
    });
    let result = selected(&rows.collect::<String>(), json!({"method": "correlation"}));
    assert_eq!(text(&result, "b", "status"), "correlated");
    assert!(fact(&result, "b", "correlation") < -0.7);
}
