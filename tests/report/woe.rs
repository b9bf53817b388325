//! Weight of evidence of a characteristic.

use credit_risk::report::charts::{WoeBin, WoeBinKind, WoeChart, woe};

use crate::drawing::{drawn_texts, of_class, read, sides, told};

fn bin(label: &str, kind: WoeBinKind, woe: f64) -> WoeBin<'_> {
    WoeBin {
        label,
        kind,
        woe,
        share: 0.25,
    }
}

fn drawn(bins: &[WoeBin<'_>]) -> String {
    woe(&WoeChart {
        characteristic: "age",
        information_value: Some(0.12345),
        bins,
    })
}

#[test]
fn bars_go_from_zero_to_their_weight_on_its_side() {
    let values = WoeBinKind::Values;
    let chart = drawn(&[
        bin("a", values, 1.0),
        bin("b", values, -0.5),
        bin("c", values, -1.0),
    ]);
    let document = read(&chart);
    let good = sides(of_class(&document, "rect", "f0")[0]);
    let bad: Vec<[i64; 4]> = of_class(&document, "rect", "f1")
        .into_iter()
        .map(sides)
        .collect();
    // From -1 to 1 are 248 pixels around 380.
    assert_eq!([good[0], good[2]], [3800, 1240]);
    assert_eq!([bad[0][0], bad[0][2]], [3180, 620]);
    assert_eq!([bad[1][0], bad[1][2]], [2560, 1240]);
    assert_eq!(bad[1][1] - bad[0][1], 260);
}

#[test]
fn other_bins_are_set_apart_and_explained() {
    let explained = "Missing, special or unseen".to_owned();
    let plain = drawn(&[bin("a", WoeBinKind::Values, 1.0)]);
    let document = read(&plain);
    assert!(of_class(&document, "rect", "soft").is_empty());
    assert!(!drawn_texts(&document).contains(&explained));

    let other = drawn(&[bin("missing", WoeBinKind::Other, 1.0)]);
    let document = read(&other);
    // Its weight, its share, and the legend.
    assert_eq!(of_class(&document, "rect", "soft").len(), 3);
    assert!(drawn_texts(&document).contains(&explained));
}

#[test]
fn figures_are_written_beside_the_bars_and_told_in_words() {
    let chart = drawn(&[bin("[18, 30)", WoeBinKind::Values, -0.45678)]);
    let document = read(&chart);
    let texts = drawn_texts(&document);
    for text in ["[18, 30)", "-0.457", "25.0%", "Information value 0.1235"] {
        assert!(texts.iter().any(|drawn| drawn == text), "{text}: {texts:?}");
    }
    let words = told(&document);
    assert!(
        words.contains("[18, 30): weight of evidence -0.457, 25.0% of rows"),
        "{words}"
    );
}

#[test]
fn bins_beyond_the_sixtieth_are_counted_in_a_note() {
    let bins = [bin("a", WoeBinKind::Values, 0.1); 62];
    let chart = drawn(&bins);
    assert!(drawn_texts(&read(&chart)).contains(&"Not drawn: 2 more bins.".to_owned()));
}

#[test]
fn a_weight_that_is_not_finite_leaves_its_bin_out() {
    let whole = bin("a", WoeBinKind::Values, 0.1);
    let chart = drawn(&[whole, bin("b", WoeBinKind::Values, f64::NEG_INFINITY)]);
    assert_eq!(chart, drawn(&[whole]));
}
