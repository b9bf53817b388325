//! Model cards: what they tell, and that nothing in them becomes markup.

use credit_risk::{
    credit::{
        TrainingResult,
        plan::SignConstraint,
        scorecard::export::{PairCellDocument, PairDocument},
    },
    report::card::{SignCheck, html, markdown},
};
use roxmltree::{Document, ParsingOptions};

use crate::trained::{AMOUNT, card, regression, scorecard};

/// The sections of every card.
const SECTIONS: [&str; 12] = [
    "Limitations",
    "Data",
    "Design",
    "Characteristics",
    "Coefficients",
    "Performance",
    "Calibration",
    "Decisions",
    "Reasons",
    "Missing, special, unseen and rare values",
    "Stability",
    "Model card: card\\_test",
];

fn page(result: &TrainingResult) -> String {
    html(&card(result), result.evidence.as_deref())
}

fn parsed(html: &str) -> Document<'_> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(html, options).unwrap()
}

#[test]
fn every_card_has_every_section_in_both_forms() {
    for result in [scorecard(), regression()] {
        let text = markdown(&card(&result));
        let page = page(&result);
        let page = parsed(&page);
        let headings: Vec<&str> = page
            .descendants()
            .filter(|it| ["h1", "h2"].contains(&it.tag_name().name()))
            .filter_map(|it| it.text())
            .collect();
        for section in SECTIONS {
            assert!(text.contains(&format!("# {section}\n")), "{section}");
            let plain = section.replace('\\', "");
            assert!(headings.contains(&plain.as_str()), "{headings:?}");
        }
    }
}

#[test]
fn the_tables_tell_the_figures_of_the_result() {
    let result = scorecard();
    let text = markdown(&card(&result));
    let evidence = result.evidence.as_deref().unwrap();
    let auc = evidence.test.discrimination.auc.unwrap();
    let interval = auc.delong.unwrap();
    let told = format!(
        "{:.4} ({:.4} to {:.4})",
        auc.value, interval.low, interval.high
    );
    assert!(text.contains(&told), "{told}: {text}");
    for fold in &result.metrics.cross_validation.folds {
        let line = format!(
            "| {} | {} | {} | {:.4} |",
            fold.fold,
            fold.rows,
            fold.events,
            { fold.metrics.roc_auc }
        );
        assert!(text.contains(&line), "{line}");
    }
    for characteristic in &result.scorecard.as_ref().unwrap().characteristics {
        for bin in &characteristic.bins {
            let line = format!("| {:.4} | {} |", bin.iv, bin.rounded_points);
            assert!(text.contains(&line), "{line}");
        }
    }
    assert!(text.contains(&result.data.digest));
    assert!(text.contains("77aa") && text.contains("credit-risk 0.0.0"));
}

#[test]
fn names_stay_text_in_both_forms() {
    for result in [scorecard(), regression()] {
        let text = markdown(&card(&result));
        assert!(
            text.contains("\\<b\\>amount\\|\\`x\\`\\*y\\*\\</b\\>"),
            "{text}"
        );
        assert!(!text.contains("<b>"));
        let page = page(&result);
        assert!(!page.contains("<b>"));
        let page = parsed(&page);
        let mut cells = page.descendants().filter(|it| it.has_tag_name("td"));
        assert!(cells.any(|it| it.text() == Some(AMOUNT)));
    }
}

#[test]
fn a_page_has_the_charts_of_the_bins_and_of_the_evidence() {
    let mut result = scorecard();
    let of_bins = result.scorecard.as_ref().unwrap().characteristics.len();
    let charts = |page: &str| page.matches("<svg").count();
    assert_eq!(charts(&page(&result)), of_bins + 5);
    result.evidence = None;
    assert_eq!(charts(&page(&result)), of_bins);
    assert_eq!(charts(&page(&regression())), 5);
    assert_eq!(charts(&markdown(&card(&result))), 0);
}

#[test]
fn the_same_model_has_the_same_card() {
    let (first, second) = (scorecard(), scorecard());
    assert_eq!(card(&first), card(&second));
    assert_eq!(page(&first), page(&second));
    assert_eq!(markdown(&card(&first)), markdown(&card(&second)));
}

#[test]
fn a_sign_is_checked_where_something_is_demanded_of_it() {
    let result = regression();
    for it in card(&result).coefficients {
        let expected = (it.coefficient.feature == AMOUNT).then_some(SignCheck {
            required: SignConstraint::NonNegative,
            holds: true,
        });
        assert_eq!(it.sign, expected, "{}", it.coefficient.feature);
    }
    let mut result = scorecard();
    for it in card(&result).coefficients {
        let required = SignConstraint::NonPositive;
        let holds = true;
        assert_eq!(it.sign, Some(SignCheck { required, holds }));
    }
    result.coefficients[0].coefficient = 0.5;
    let card = card(&result);
    assert_eq!(card.coefficients[0].sign.map(|it| it.holds), Some(false));
    assert!(
        card.limitations[0].contains("must not have: 1."),
        "{:?}",
        card.limitations
    );
}

#[test]
fn what_nobody_told_is_said_not_to_be_known() {
    let result = scorecard();
    let text = markdown(&card(&result));
    for lacking in [
        "Purpose and product",
        "Population",
        "Definition of default",
        "Fairness",
        "Segments",
        "Approval",
    ] {
        assert!(text.contains(&format!("- {lacking}: ")), "{lacking}");
    }
    assert!(text.contains("- Period: Not known"));
    assert!(text.contains("- Population that is scored: Not stated."));
}

#[test]
fn a_term_of_two_characteristics_is_told_cell_by_cell() {
    let mut result = scorecard();
    let card_of = result.scorecard.as_mut().unwrap();
    let [first, second] = [0, 1].map(|at| &card_of.characteristics[at]);
    let cell = |rounded_points| PairCellDocument {
        log_odds: 0.25,
        points: 1.5,
        rounded_points,
    };
    let pair = PairDocument {
        first: first.name.clone(),
        second: second.name.clone(),
        coefficient: 0.75,
        first_groups: vec![0; first.bins.len()],
        second_groups: (0..).take(second.bins.len()).map(|at| at.min(1)).collect(),
        cells: vec![vec![cell(7), cell(-77)]],
    };
    card_of.pairs.push(pair);
    let text = markdown(&card(&result));
    assert!(text.contains("Coefficient 0.7500"), "{text}");
    for points in ["| 0.2500 | 7 | 1.50 |", "| 0.2500 | \\-77 | 1.50 |"] {
        assert!(text.contains(points), "{points}: {text}");
    }
}
