//! Approvals against the bad rate of the approved.

use credit_risk::report::charts::{Measure, StrategyChart, StrategyMark, StrategyPoint, strategy};

use crate::drawing::{corners, drawn_texts, of_class, read, told};

const fn point(approval_rate: f64, bad_rate: f64) -> StrategyPoint {
    StrategyPoint {
        approval_rate,
        bad_rate,
    }
}

const MARK: StrategyMark<'_> = StrategyMark {
    name: "Chosen",
    cutoff: 0.125,
    point: point(0.5, 0.05),
};

fn drawn(marks: &[StrategyMark<'_>]) -> String {
    strategy(&StrategyChart {
        measure: Measure::Probability,
        points: &[point(0.0, 0.0), point(0.5, 0.05), point(1.0, 0.2)],
        marks,
    })
}

#[test]
fn the_curve_is_drawn_to_scale() {
    let chart = drawn(&[]);
    let expected = [(72.0, 408.0), (364.0, 318.0), (656.0, 48.0)];
    assert_eq!(corners(&read(&chart), 0), expected);
}

#[test]
fn a_chosen_cutoff_is_marked_down_to_both_axes() {
    let chart = drawn(&[MARK]);
    let document = read(&chart);
    let lines = of_class(&document, "path", "plain");
    assert_eq!(lines[0].attribute("d"), Some("M364 408V318H72"));
}

#[test]
fn a_chosen_cutoff_is_explained_in_the_legend_and_in_words() {
    let chart = drawn(&[MARK]);
    let document = read(&chart);
    let text = "Chosen: cut-off 12.50%, approves 50.0%, bad rate 5.0%";
    assert!(drawn_texts(&document).contains(&text.to_owned()));
    assert!(told(&document).contains(text));
}

#[test]
fn cutoffs_beyond_the_fifth_are_counted_in_a_note() {
    let document = drawn(&[MARK; 6]);
    let texts = drawn_texts(&read(&document));
    assert!(
        texts.contains(&"Not drawn: 1 more chosen cut-off.".to_owned()),
        "{texts:?}"
    );
}

#[test]
fn a_mark_that_is_no_figure_is_left_out() {
    let without_cutoff = StrategyMark {
        cutoff: f64::NAN,
        ..MARK
    };
    assert_eq!(drawn(&[MARK, without_cutoff]), drawn(&[MARK]));
}
