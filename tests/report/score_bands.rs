//! Goods and bads by band.

use credit_risk::report::charts::{Measure, ScoreBand, ScoreBandsChart, score_bands};

use crate::{
    drawing::{drawn_texts, number, of_class, read, sides, told},
    samples::{band_names, score_bands_of},
};

fn band(label: &str, goods: f64, bads: f64) -> ScoreBand<'_> {
    ScoreBand { label, goods, bads }
}

fn drawn(bands: &[ScoreBand<'_>]) -> String {
    score_bands(&ScoreBandsChart {
        measure: Measure::Score,
        bands,
    })
}

#[test]
fn bars_are_in_proportion_and_bads_stand_on_goods() {
    let chart = drawn(&[band("low", 300.0, 100.0), band("high", 900.0, 100.0)]);
    let document = read(&chart);
    let goods: Vec<[i64; 4]> = of_class(&document, "rect", "f0")
        .into_iter()
        .map(sides)
        .collect();
    let bads: Vec<[i64; 4]> = of_class(&document, "rect", "f1")
        .into_iter()
        .map(sides)
        .collect();
    // A thousand fill the 340 pixels of the plot, whose lower edge is at 388.
    assert_eq!([goods[0][3], goods[1][3]], [1020, 3060]);
    assert_eq!([bads[0][3], bads[1][3]], [340, 340]);
    assert_eq!(goods[0][1] + goods[0][3], 3880);
    assert_eq!(bads[0][1] + bads[0][3], goods[0][1]);
}

#[test]
fn bad_rates_have_an_axis_of_their_own() {
    let chart = drawn(&[band("low", 300.0, 100.0), band("high", 950.0, 50.0)]);
    let document = read(&chart);
    let heights: Vec<f64> = of_class(&document, "circle", "ring")
        .into_iter()
        .map(|ring| number(ring, "cy"))
        .collect();
    // 25% is the top of the plot, 5% a fifth of its height.
    assert_eq!(heights[..2], [48.0, 388.0 - 68.0]);
    assert!(drawn_texts(&document).contains(&"25%".to_owned()));
}

#[test]
fn an_empty_band_keeps_its_place_but_has_no_rate() {
    let chart = drawn(&[
        band("a", 3.0, 1.0),
        band("b", 0.0, 0.0),
        band("c", 3.0, 1.0),
    ]);
    let document = read(&chart);
    // Two on the line and one in the legend.
    assert_eq!(of_class(&document, "circle", "ring").len(), 3);
    assert!(told(&document).contains("b: 0 goods, 0 bads, bad rate n/a"));
}

#[test]
fn long_names_are_slanted_and_short_ones_are_not() {
    let is_slanted = |labels: &[String]| score_bands_of(labels).contains("rotate(-45)");
    assert!(is_slanted(&band_names(12)));
    assert!(!is_slanted(&band_names(5)));
}

#[test]
fn of_many_names_only_as_many_are_written_as_there_is_room_for() {
    let chart = score_bands_of(&band_names(40));
    let texts = drawn_texts(&read(&chart));
    let written = texts.iter().filter(|text| text.starts_with('[')).count();
    assert_eq!(written, 20);
}

#[test]
fn bands_beyond_the_fortieth_are_counted_in_a_note() {
    let chart = score_bands_of(&band_names(41));
    let document = read(&chart);
    // One is in the legend.
    assert_eq!(of_class(&document, "rect", "f0").len(), 41);
    assert!(drawn_texts(&document).contains(&"Not drawn: 1 more band.".to_owned()));
}
