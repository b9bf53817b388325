//! Population stability of scores.

use credit_risk::credit::evidence::{Shift, stability};

use crate::support::{assert_close, expected, numbers, sample, through_json};

fn rows(name: &str, which: &str) -> Vec<f64> {
    let p = sample(name).p;
    match which {
        "all" => p,
        "even" => p.into_iter().step_by(2).collect(),
        "odd" => p.into_iter().skip(1).step_by(2).collect(),
        "first_half" => p[..250].to_vec(),
        "second_half" => p[250..].to_vec(),
        _ => unreachable!("the fixture takes no other rows"),
    }
}

#[test]
fn indices_over_deciles_agree_with_numpy() {
    let cases = expected("stability");
    assert_eq!(cases.len(), 5);
    for case in cases {
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let name = text(&case["development"]);
        let development = rows(&name, &text(&case["rows"][0]));
        let other = rows(&text(&case["other"]), &text(&case["rows"][1]));
        let found = stability(&development, &other).unwrap();
        assert_close(found.index, &case["index"], &name);
        let edges: Vec<f64> = found.bins.iter().filter_map(|bin| bin.low).collect();
        let expected_edges = numbers(&case["edges"]);
        assert_eq!(edges.len(), expected_edges.len());
        for (found, expected) in edges.iter().zip(expected_edges) {
            assert!((found - expected).abs() < 1e-15, "{name}: {found}");
        }
        let counts = |of: fn(&credit_risk::credit::evidence::StabilityBin) -> u64| -> Vec<f64> {
            found.bins.iter().map(|bin| of(bin) as f64).collect()
        };
        assert_eq!(
            counts(|bin| bin.development_rows),
            numbers(&case["development_rows"])
        );
        assert_eq!(counts(|bin| bin.other_rows), numbers(&case["other_rows"]));
        assert_eq!(through_json(&found), found);
    }
}

#[test]
fn bins_join_and_are_open_at_both_ends() {
    let development: Vec<f64> = (0..100).map(f64::from).collect();
    let found = stability(&development, &[-50.0, 50.0, 5_000.0]).unwrap();
    assert_eq!(found.bins.len(), 10);
    assert_eq!((found.bins[0].low, found.bins[9].high), (None, None));
    assert!(
        found
            .bins
            .windows(2)
            .all(|pair| pair[0].high == pair[1].low)
    );
    assert_eq!((found.bins[0].other_rows, found.bins[9].other_rows), (1, 1));
    let share: f64 = found.bins.iter().map(|bin| bin.other_share).sum();
    assert!((share - 1.0).abs() < 1e-15);
    assert_eq!(found.shift, Shift::Large);
}

#[test]
fn a_sample_is_stable_against_itself() {
    let p = sample("lgbm").p;
    let found = stability(&p, &p).unwrap();
    assert!(found.index.abs() < 1e-16);
    assert_eq!(found.shift, Shift::Little);
    assert!((found.empty_share - 1e-4).abs() < 1e-18);
}

#[test]
fn shifts_have_the_usual_names() {
    let named = [0.0, 0.099, 0.1, 0.249, 0.25, 3.0].map(Shift::of);
    let expected = [
        Shift::Little,
        Shift::Little,
        Shift::Moderate,
        Shift::Moderate,
        Shift::Large,
        Shift::Large,
    ];
    assert_eq!(named, expected);
}

#[test]
fn samples_without_bins_have_no_index() {
    let some = [0.1, 0.2, 0.3];
    assert_eq!(stability(&[], &some), None);
    assert_eq!(stability(&some, &[]), None);
    assert_eq!(stability(&some, &[f64::NAN]), None);
    assert_eq!(stability(&[f64::INFINITY, 0.1], &some), None);
    assert_eq!(stability(&[0.2; 40], &some), None);
    assert_eq!(stability(&[-0.0, 0.0], &some), None);
}
