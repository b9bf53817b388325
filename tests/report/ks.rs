//! Kolmogorov-Smirnov distance.

use credit_risk::report::charts::{KsChart, Measure, ks};

use crate::drawing::{corners, drawn_texts, of_class, read, told};

const CHART: KsChart<'_> = KsChart {
    measure: Measure::Probability,
    thresholds: &[0.0, 0.25, 0.5, 1.0],
    goods: &[0.0, 0.75, 0.875, 1.0],
    bads: &[0.0, 0.25, 0.5, 1.0],
};

#[test]
fn the_widest_gap_is_marked_and_named() {
    let chart = ks(&CHART);
    let document = read(&chart);
    let gap = of_class(&document, "path", "ink")[0];
    assert_eq!(gap.attribute("d"), Some("M215 138V318"));
    let texts = drawn_texts(&document);
    assert!(
        texts.contains(&"KS 0.5000 at 25.00%".to_owned()),
        "{texts:?}"
    );
    let words = told(&document);
    assert!(
        words.contains("at 25.00%: 75.0% of goods and 25.0% of bads"),
        "{words}"
    );
}

#[test]
fn goods_and_bads_are_drawn_to_scale() {
    let chart = ks(&CHART);
    let document = read(&chart);
    let goods = [(68.0, 408.0), (215.0, 138.0), (362.0, 93.0), (656.0, 48.0)];
    assert_eq!(corners(&document, 0), goods);
    // The bads' points lie on one straight line up to the last.
    assert_eq!(corners(&document, 1), [(68.0, 408.0), (656.0, 48.0)]);
}

#[test]
fn a_score_has_round_points_along_its_axis() {
    let chart = ks(&KsChart {
        measure: Measure::Score,
        thresholds: &[412.0, 530.0, 655.0, 788.0],
        ..CHART
    });
    let texts = drawn_texts(&read(&chart));
    for tick in ["400", "450", "600", "800", "KS 0.5000 at 530.0"] {
        assert!(texts.iter().any(|text| text == tick), "{tick}: {texts:?}");
    }
}

#[test]
fn the_gap_of_a_model_that_is_upside_down_is_found_too() {
    let chart = ks(&KsChart {
        goods: CHART.bads,
        bads: CHART.goods,
        ..CHART
    });
    assert!(chart.contains("KS 0.5000 at 25.00%"));
}
