//! ROC curves.

use credit_risk::report::charts::{RocChart, RocSeries, roc};

use crate::drawing::{corners, drawn_texts, of_class, read, told};

fn series<'a>(name: &'a str, fpr: &'a [f64], tpr: &'a [f64]) -> RocSeries<'a> {
    RocSeries {
        name,
        fpr,
        tpr,
        auc: Some(0.75),
    }
}

fn drawn(series: Vec<RocSeries<'_>>) -> String {
    roc(&RocChart { series })
}

#[test]
fn points_lie_where_the_scales_say() {
    let chart = drawn(vec![series("Test", &[0.0, 0.25, 1.0], &[0.0, 0.75, 1.0])]);
    let document = read(&chart);
    let expected = [(68.0, 468.0), (68.0 + 105.0, 468.0 - 315.0), (488.0, 48.0)];
    assert_eq!(corners(&document, 0), expected);
}

#[test]
fn the_diagonal_goes_from_corner_to_corner() {
    let chart = drawn(vec![series("Test", &[0.0, 1.0], &[0.0, 1.0])]);
    let document = read(&chart);
    let diagonal = of_class(&document, "path", "plain")[0];
    assert_eq!(diagonal.attribute("d"), Some("M68 468L488 48"));
}

#[test]
fn ticks_are_round_shares() {
    let chart = drawn(vec![series("Test", &[0.0, 1.0], &[0.0, 1.0])]);
    let texts = drawn_texts(&read(&chart));
    for tick in ["0%", "20%", "40%", "60%", "80%", "100%"] {
        assert_eq!(
            texts.iter().filter(|text| *text == tick).count(),
            2,
            "{tick}"
        );
    }
}

#[test]
fn the_area_is_in_the_legend_and_in_words() {
    let chart = drawn(vec![
        series("Train", &[0.0, 1.0], &[0.0, 1.0]),
        RocSeries {
            auc: None,
            ..series("Test", &[0.0, 1.0], &[0.0, 1.0])
        },
    ]);
    let document = read(&chart);
    let texts = drawn_texts(&document);
    assert!(texts.contains(&"Train, AUC 0.7500".to_owned()), "{texts:?}");
    assert!(texts.contains(&"Test, AUC n/a".to_owned()), "{texts:?}");
    let words = told(&document);
    assert!(
        words.contains("Train: area under the curve (AUC) 0.7500."),
        "{words}"
    );
}

#[test]
fn points_that_are_not_finite_are_left_out() {
    let fpr = [0.0, f64::NAN, 0.5, f64::INFINITY, 1.0];
    let tpr = [0.0, 0.3, 1.0, 0.4, 1.0];
    let with = drawn(vec![series("Test", &fpr, &tpr)]);
    let without = drawn(vec![series("Test", &[0.0, 0.5, 1.0], &[0.0, 1.0, 1.0])]);
    assert_eq!(with, without);
}

#[test]
fn curves_beyond_the_sixth_are_counted_in_a_note() {
    let one = series("Test", &[0.0, 1.0], &[0.0, 1.0]);
    let chart = drawn(vec![one; 8]);
    let document = read(&chart);
    // One is the curve, one its sample in the legend.
    assert_eq!(of_class(&document, "path", "l5").len(), 2);
    assert!(drawn_texts(&document).contains(&"Not drawn: 2 more curves.".to_owned()));
}
