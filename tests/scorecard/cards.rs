//! What a card is made from, what it refuses, and how it is read back.

use credit_risk::credit::{
    binning::{LevelColumn, LevelRules},
    scorecard::{
        Allocation, Card, CardParams, Entry, Explainer, Reference, Scaling, ScorecardError, Value,
    },
};

use crate::support::{assert_close, entry, ladder, levels, odds};

fn card() -> Card {
    let entries = vec![ladder("income", -1.0), ladder("age", -0.5)];
    Card::new(entries, -1.0, CardParams::default()).unwrap()
}

fn refusal(entries: Vec<Entry>, intercept: f64, params: CardParams) -> ScorecardError {
    Card::new(entries, intercept, params).unwrap_err()
}

fn scaled(scaling: Scaling) -> CardParams {
    CardParams {
        scaling,
        ..CardParams::default()
    }
}

fn fields(scaling: Scaling) -> Vec<&'static str> {
    let faults = scaling.check().unwrap_err();
    faults.iter().map(|fault| fault.field).collect()
}

#[test]
fn six_hundred_at_fifty_to_one_has_the_textbook_factor_and_offset() {
    let line = card().line();
    assert_close(line.factor, 28.853_900_817_779_27, 1e-12, "factor");
    assert_close(line.offset, 487.122_876_204_505_5, 1e-9, "offset");
    assert_close(line.pd(600.0), 1.0 / 51.0, 1e-15, "pd");
}

#[test]
fn every_setting_out_of_range_is_named() {
    let all = [
        "scaling.odds.pdo",
        "scaling.odds.base_score",
        "scaling.odds.base_odds",
    ];
    assert_eq!(fields(odds(0.0, f64::NAN, -1.0)), all);
    assert_eq!(fields(odds(20.0, 600.0, f64::INFINITY)), all[2..]);
}

#[test]
fn a_range_must_go_up_by_a_point() {
    let range = |from, to| Scaling::Range { from, to };
    assert_eq!(fields(range(300.0, 300.5)), ["scaling.range.to"]);
    assert_eq!(range(300.0, 301.0).check(), Ok(()));
    let both = ["scaling.range.from", "scaling.range.to"];
    assert_eq!(fields(range(f64::NAN, f64::NAN)), both);
}

#[test]
fn a_card_with_a_setting_out_of_range_is_refused() {
    let found = refusal(
        vec![ladder("income", -1.0)],
        0.0,
        scaled(odds(0.0, 600.0, 50.0)),
    );
    assert!(matches!(found, ScorecardError::Param(fault) if fault.field == "scaling.odds.pdo"));
}

#[test]
fn a_card_needs_characteristics() {
    let found = refusal(vec![], 0.0, CardParams::default());
    assert_eq!(found, ScorecardError::Characteristics { found: 0 });
}

#[test]
fn a_characteristic_needs_a_name_of_its_own() {
    let twice = vec![ladder("age", -1.0), ladder("age", -0.5)];
    let name = "age".to_owned();
    let found = refusal(twice, 0.0, CardParams::default());
    assert_eq!(found, ScorecardError::DuplicateName { name });
    let unnamed = vec![ladder("age", -1.0), ladder("", -0.5)];
    let found = refusal(unnamed, 0.0, CardParams::default());
    assert_eq!(found, ScorecardError::NoName { position: 1 });
}

#[test]
fn coefficients_and_the_intercept_must_be_finite() {
    let not_finite = |name: &str| ScorecardError::NotFinite {
        name: name.to_owned(),
    };
    let found = refusal(vec![ladder("age", f64::NAN)], 0.0, CardParams::default());
    assert_eq!(found, not_finite("age"));
    let found = refusal(
        vec![ladder("age", -1.0)],
        f64::INFINITY,
        CardParams::default(),
    );
    assert_eq!(found, not_finite("intercept"));
}

#[test]
fn points_beyond_a_thousand_million_are_refused() {
    let found = refusal(vec![ladder("age", -1e9)], 0.0, CardParams::default());
    let name = "age".to_owned();
    assert_eq!(found, ScorecardError::TooLarge { name });
}

#[test]
fn equal_applicants_cannot_be_spread_over_a_range() {
    let range = Scaling::Range {
        from: 300.0,
        to: 850.0,
    };
    let found = refusal(vec![ladder("age", 0.0)], 0.0, scaled(range));
    assert_eq!(found, ScorecardError::Flat);
}

#[test]
fn a_row_of_another_length_is_refused() {
    let card = card();
    let wrong = |found| ScorecardError::RowLength { found, expected: 2 };
    let mut bins = Vec::new();
    for length in [0, 1, 3, 5] {
        let values = vec![Value::Missing; length];
        assert_eq!(card.find_bins(values, &mut bins), Err(wrong(length)));
    }
    assert_eq!(card.score(&[0]), Err(wrong(1)));
}

#[test]
fn a_bin_that_does_not_exist_is_refused() {
    let card = card();
    let expected = ScorecardError::NoBin {
        characteristic: 1,
        bin: 6,
    };
    assert_eq!(card.score(&[5, 6]), Err(expected.clone()));
    let explainer = Explainer::new(&card, Reference::best(&card)).unwrap();
    assert_eq!(explainer.reasons(&card, &[5, 6]), Err(expected));
}

#[test]
fn values_fall_into_their_bins() {
    let card = card();
    let mut bins = Vec::new();
    let mut found = |a, b| {
        card.find_bins([a, b], &mut bins).unwrap();
        [bins[0], bins[1]]
    };
    assert_eq!(found(Value::Number(10.0), Value::Number(9.9)), [1, 0]);
    assert_eq!(found(Value::Number(-1.0), Value::Number(1e9)), [4, 3]);
    assert_eq!(found(Value::Missing, Value::Number(f64::NAN)), [5, 5]);
}

/// Levels `a`, `b` and `c`, unseen ones being taken for `c`.
fn pooled(coefficient: f64) -> Entry {
    let names = ["a", "b", "c"].map(str::to_owned);
    let code = |row: u32| match row / 10 {
        3 => LevelColumn::MISSING,
        code => code,
    };
    let codes: Vec<u32> = (0..40).map(code).collect();
    let events: Vec<bool> = (0..40).map(|row| row % 10 < 5 + row / 10).collect();
    let rules = LevelRules {
        groups: vec![vec!["a".to_owned()], vec!["b".to_owned()]],
        ..LevelRules::default()
    };
    entry(
        "level",
        levels(&codes, &names, &events, &rules),
        coefficient,
    )
}

#[test]
fn a_bin_that_no_value_falls_into_has_no_part_in_the_rounding_error() {
    for step in 1..100 {
        let entry = pooled(-0.05 * f64::from(step));
        let unseen = entry.binning.table().rows.len() - 1;
        assert_eq!(entry.binning.bin_of_level(Some("else")), 2);
        let card = Card::new(vec![entry], 0.0, CardParams::default()).unwrap();
        let pairs = card.rounded_points(0).zip(card.points(0)).take(unseen);
        let deviations = pairs.map(|(rounded, raw)| f64::from(rounded) - raw);
        let expected = deviations.fold(f64::INFINITY, f64::min);
        assert_close(card.rounding_error().lowest, expected, 1e-12, step);
    }
}

#[test]
fn base_points_count_as_one_more_rounded_number() {
    let bound = |allocation| {
        let params = CardParams {
            allocation,
            ..CardParams::default()
        };
        let card = Card::new(vec![pooled(-1.0)], 0.0, params).unwrap();
        card.rounding_error().bound.to_string()
    };
    let all = [Allocation::Spread, Allocation::Base, Allocation::ZeroFloor];
    assert_eq!(all.map(bound), ["0.5", "1", "1"]);
}

fn stored(change: impl Fn(&mut serde_json::Value)) -> Result<Card, String> {
    let mut json = serde_json::to_value(card()).unwrap();
    change(&mut json);
    serde_json::from_value(json).map_err(|error| error.to_string())
}

#[test]
fn a_stored_card_is_read_back_as_it_was() {
    assert_eq!(stored(|_| ()), Ok(card()));
}

#[test]
fn a_stored_card_that_contradicts_itself_is_refused() {
    let renamed = stored(|json| json["entries"][1]["name"] = "income".into());
    assert_eq!(
        renamed.unwrap_err(),
        "there are two characteristics \"income\""
    );
    let scaled = stored(|json| json["params"]["scaling"]["odds"]["pdo"] = 0.0.into());
    assert_eq!(
        scaled.unwrap_err(),
        "scaling.odds.pdo must be between 0.001 and 10000"
    );
    let more = stored(|json| json["points"] = 1.0.into());
    assert!(more.unwrap_err().contains("unknown field"));
}
