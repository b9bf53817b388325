//! Cards and applicants that the tests repeat.

#[path = "../support/numbers.rs"]
mod numbers;

pub use self::numbers::Numbers;

use std::fmt::Debug;

use credit_risk::credit::{
    binning::{
        Binner, Binning, BinningParams, CategoryParams, LevelColumn, LevelRules, NumericRules,
        Objective, Prebins, RareLevels, SpecialCodes, Target, Trend, UnseenLevel, UserBreak,
        ZeroCells,
    },
    scorecard::{Card, CardParams, Entry, Pair, Scaling, Value},
};
use serde_json::Value as Json;

const GERMAN: &str = include_str!("../../data/german_credit.csv");

/// Settings under which given breaks stay and no bin is too small.
pub fn unlimited() -> BinningParams {
    BinningParams {
        prebins: Prebins::Quantile { bins: 20 },
        objective: Objective::InformationValue,
        trend: Trend::None,
        max_bins: 256,
        min_share: 0.0,
        min_goods: 0,
        min_bads: 0,
        zero_cells: ZeroCells::Neutral,
        categories: CategoryParams {
            rare: RareLevels::Keep,
            unseen: UnseenLevel::Rare,
            ..CategoryParams::default()
        },
        ..BinningParams::default()
    }
}

/// Bins with exactly these breaks, and a bin for each special code.
pub fn numeric(values: &[f64], events: &[bool], breaks: &[f64], special: &[f64]) -> Binning {
    let rules = NumericRules {
        special: SpecialCodes::one_each(special),
        breaks: UserBreak::all_fixed(breaks),
    };
    let target = Target::new(events, None).unwrap();
    let mut binner = Binner::new(target, unlimited().check().unwrap());
    binner.numeric(values, &rules).unwrap()
}

/// Bins of levels, no two of them joined unless the rules say so.
pub fn levels(codes: &[u32], names: &[String], events: &[bool], rules: &LevelRules) -> Binning {
    let column = LevelColumn {
        codes,
        levels: names,
    };
    let target = Target::new(events, None).unwrap();
    let mut binner = Binner::new(target, unlimited().check().unwrap());
    binner.levels(column, rules).unwrap()
}

pub fn entry(name: &str, binning: Binning, coefficient: f64) -> Entry {
    Entry {
        name: name.to_owned(),
        binning,
        coefficient,
    }
}

/// A numeric characteristic with three breaks, a special code and missing values; the more, the
/// better.
pub fn ladder(name: &str, coefficient: f64) -> Entry {
    let mut values = Vec::new();
    let mut events = Vec::new();
    for (value, bads) in [
        (5.0, 8),
        (15.0, 6),
        (25.0, 4),
        (35.0, 2),
        (-1.0, 7),
        (f64::NAN, 5),
    ] {
        values.extend([value; 10]);
        events.extend((0..10).map(|row| row < bads));
    }
    entry(
        name,
        numeric(&values, &events, &[10.0, 20.0, 30.0], &[-1.0]),
        coefficient,
    )
}

/// A pair whose bins take turns in so many groups, with log-odds of all sizes and both signs.
pub fn cross(entries: &[Entry], at: [usize; 2], groups: [u32; 2], coefficient: f64) -> Pair {
    let bins = at.map(|at| entries[at].binning.table().rows.len() as u32);
    let turns = |of: usize| (0..bins[of]).map(|bin| bin % groups[of]).collect();
    let cell = |cell: u32| (f64::from(cell) * 2.7 + at[1] as f64).sin() / 0.9;
    Pair {
        first: at[0] as u32,
        second: at[1] as u32,
        groups_first: turns(0),
        groups_second: turns(1),
        log_odds: (0..groups[0] * groups[1]).map(cell).collect(),
        coefficient,
    }
}

pub fn odds(pdo: f64, base_score: f64, base_odds: f64) -> Scaling {
    Scaling::Odds {
        pdo,
        base_score,
        base_odds,
    }
}

pub fn fixture(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

pub fn numbers(json: &Json) -> Vec<f64> {
    let cells = json.as_array().unwrap().iter();
    cells.map(|cell| cell.as_f64().unwrap()).collect()
}

pub fn points_fixture() -> Json {
    fixture(include_str!("../fixtures/scorecard_points.json"))
}

/// Name in the fixture and in the file of each characteristic of the German card.
pub const NAMES: [(&str, &str); 5] = [
    ("duration_in_month", "duration_months"),
    ("credit_amount", "credit_amount"),
    ("age_in_years", "age_years"),
    (
        "installment_rate_in_percentage_of_disposable_income",
        "installment_rate_percent",
    ),
    (
        "number_of_existing_credits_at_this_bank",
        "existing_credits",
    ),
];

fn column(name: &str) -> Vec<&'static str> {
    let mut lines = GERMAN
        .lines()
        .map(|line| line.split(',').collect::<Vec<_>>());
    let names = lines.next().unwrap();
    let at = names.iter().position(|&n| n == name).unwrap();
    lines.map(|cells| cells[at]).collect()
}

/// The card that the fixture describes, and the bins of the 1,000 applicants.
pub fn german(scaling: Scaling) -> (Card, Vec<Vec<u32>>) {
    let fixture = points_fixture();
    let events: Vec<bool> = column("credit_risk")
        .iter()
        .map(|&cell| cell == "bad")
        .collect();
    let columns = NAMES.map(|(_, name)| -> Vec<f64> {
        column(name)
            .iter()
            .map(|cell| cell.parse().unwrap())
            .collect()
    });
    let coefficients = numbers(&fixture["lr"]["coef"]);
    let entries = NAMES.iter().zip(&columns).zip(coefficients);
    let entries = entries.map(|(((name, _), values), coefficient)| {
        let binning = numeric(values, &events, &numbers(&fixture["breaks"][name]), &[]);
        // There, weight of evidence has the opposite sign.
        entry(name, binning, -coefficient)
    });
    let params = CardParams {
        scaling,
        ..CardParams::default()
    };
    let intercept = fixture["lr"]["intercept"].as_f64().unwrap();
    let card = Card::new(entries.collect(), intercept, params).unwrap();
    let bins = (0..events.len()).map(|row| {
        let mut bins = Vec::new();
        let values = columns.iter().map(|column| Value::Number(column[row]));
        card.find_bins(values, &mut bins).unwrap();
        bins
    });
    let bins = bins.collect();
    (card, bins)
}

#[track_caller]
pub fn assert_close(found: f64, expected: f64, tolerance: f64, what: impl Debug) {
    assert!(
        (found - expected).abs() <= tolerance,
        "{what:?}: {found} is not {expected}"
    );
}
