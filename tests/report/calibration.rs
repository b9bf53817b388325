//! Reliability diagrams.

use credit_risk::report::charts::{
    CalibrationChart, CalibrationPoint, CalibrationSeries, calibration,
};

use crate::drawing::{drawn_texts, number, of_class, read, sides, told};

fn bin(predicted: f64, observed: f64, count: f64) -> CalibrationPoint {
    CalibrationPoint {
        predicted,
        observed,
        count,
    }
}

fn drawn(bins: &[CalibrationPoint]) -> String {
    calibration(&CalibrationChart {
        series: vec![CalibrationSeries { name: "Test", bins }],
    })
}

#[test]
fn both_axes_have_the_same_scale_around_the_rates() {
    let chart = drawn(&[bin(0.05, 0.1, 30.0), bin(0.15, 0.18, 20.0)]);
    let document = read(&chart);
    let places: Vec<(f64, f64)> = of_class(&document, "circle", "f0")
        .iter()
        .map(|circle| (number(*circle, "cx"), number(*circle, "cy")))
        .collect();
    let expected = [(68.0 + 105.0, 468.0 - 210.0), (68.0 + 315.0, 468.0 - 378.0)];
    assert_eq!(places[..2], expected);
    let texts = drawn_texts(&document);
    assert_eq!(
        texts.iter().filter(|text| *text == "20%").count(),
        2,
        "{texts:?}"
    );
}

#[test]
fn bars_of_counts_are_in_proportion_and_tell_their_bin() {
    let chart = drawn(&[bin(0.1, 0.1, 400.0), bin(0.2, 0.3, 100.0)]);
    let document = read(&chart);
    let bars = of_class(&document, "rect", "f0");
    let heights: Vec<i64> = bars.iter().map(|bar| sides(*bar)[3]).collect();
    assert_eq!(heights, [800, 200]);
    let title = bars[1].first_element_child().unwrap();
    assert_eq!(
        title.text(),
        Some("predicted 20.0%, observed 30.0%, count 100")
    );
}

#[test]
fn bins_are_told_in_words() {
    let chart = drawn(&[bin(0.1, 0.125, 1400.0)]);
    let words = told(&read(&chart));
    assert!(
        words.contains("Test: predicted 10.0%, observed 12.5%, count 1,400."),
        "{words}"
    );
}

#[test]
fn bins_that_are_no_figures_are_left_out() {
    let chart = drawn(&[
        bin(0.1, 0.1, 40.0),
        bin(f64::NAN, 0.1, 40.0),
        bin(0.1, f64::INFINITY, 40.0),
        bin(0.1, 0.1, -1.0),
    ]);
    assert_eq!(chart, drawn(&[bin(0.1, 0.1, 40.0)]));
}
