//! A real data set, read from the repository: recorded tables from the rows themselves.

use credit_risk::credit::binning::{
    Binner, Binning, BinningError, BinningParams, Infeasible, LevelColumn, LevelRules,
    NumericRules, Prebins, Target, Trend, UserBreak,
};
use serde_json::Value;

use crate::support::{assert_close, bin, unlimited};

const FILE: &str = include_str!("../../data/german_credit.csv");

fn column(name: &str) -> Vec<&'static str> {
    let mut lines = FILE.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let at = lines
        .next()
        .unwrap()
        .iter()
        .position(|&n| n == name)
        .unwrap();
    lines.map(|cells| cells[at]).collect()
}

fn numbers(name: &str) -> Vec<f64> {
    column(name)
        .iter()
        .map(|cell| cell.parse().unwrap())
        .collect()
}

fn events() -> Vec<bool> {
    column("credit_risk")
        .iter()
        .map(|&cell| cell == "bad")
        .collect()
}

fn levels(name: &str, params: BinningParams) -> Result<Binning, BinningError> {
    let cells = column(name);
    let mut names: Vec<String> = cells.iter().map(|&cell| cell.to_owned()).collect();
    names.sort();
    names.dedup();
    let code = |&cell: &&str| names.iter().position(|n| n == cell).unwrap() as u32;
    let codes: Vec<u32> = cells.iter().map(code).collect();
    let events = events();
    let target = Target::new(&events, None).unwrap();
    let column = LevelColumn {
        codes: &codes,
        levels: &names,
    };
    Binner::new(target, params.check().unwrap()).levels(column, &LevelRules::default())
}

#[test]
fn recorded_splits_give_the_recorded_counts_from_the_rows() {
    let fixture: Value =
        serde_json::from_str(include_str!("../fixtures/woe_optbinning.json")).unwrap();
    let names = [
        ("credit_amount", "credit_amount"),
        ("duration_in_month", "duration_months"),
        ("age_in_years", "age_years"),
    ];
    let mut compared = 0;
    for case in fixture["cases"].as_array().unwrap() {
        let Some((_, name)) = names.iter().find(|(theirs, _)| case["feature"] == *theirs) else {
            continue;
        };
        let splits: Vec<f64> = serde_json::from_value(case["splits"].clone()).unwrap();
        if splits.is_empty() {
            continue;
        }
        let values = numbers(name);
        let rules = NumericRules {
            breaks: UserBreak::all_fixed(&splits),
            ..NumericRules::default()
        };
        let found = bin(&values, &events(), &rules, unlimited()).unwrap();
        let recorded = case["table"].as_array().unwrap();
        for (row, expected) in found.table().rows.iter().zip(recorded) {
            let number = |key: &str| expected[key].as_f64().unwrap();
            assert_eq!((row.goods, row.bads), (number("nonevent"), number("event")));
            assert_close(row.woe, number("woe"), 1e-12, name);
        }
        // Searched among the recorded prebins, the trend's optimum is the recorded one.
        let trend = match &case["monotonic_trend"] {
            Value::Null => Trend::None,
            Value::String(trend) if trend == "ascending" => Trend::Ascending,
            Value::String(trend) if trend == "descending" => Trend::Descending,
            _ => continue,
        };
        let prebins: Vec<f64> = serde_json::from_value(case["prebins"]["splits"].clone()).unwrap();
        let free = |at: f64| UserBreak { at, fixed: false };
        let rules = NumericRules {
            breaks: prebins.into_iter().map(free).collect(),
            ..NumericRules::default()
        };
        let params = BinningParams {
            trend,
            ..unlimited()
        };
        let found = bin(&values, &events(), &rules, params).unwrap();
        assert_eq!(found.breaks(), splits);
        compared += 1;
    }
    assert!(compared >= 7, "{compared}");
}

#[test]
fn a_flag_of_four_percent_is_infeasible_at_five_and_kept_at_one() {
    let five_percent = BinningParams {
        min_share: 0.05,
        ..BinningParams::default()
    };
    let refused = levels("foreign_worker", five_percent).unwrap_err();
    assert!(matches!(
        refused,
        BinningError::Infeasible(Infeasible::Minimums { .. })
    ));
    let one_percent = BinningParams {
        min_share: 0.01,
        min_bads: 4,
        ..BinningParams::default()
    };
    let found = levels("foreign_worker", one_percent).unwrap();
    assert_eq!(found.clean_bins(), 2);
    assert_close(
        found.table().rows[0].count,
        37.0,
        0.0,
        "not foreign workers",
    );
}

#[test]
fn small_purposes_are_grouped_by_their_rates() {
    let found = levels("purpose", BinningParams::default()).unwrap();
    let rates: Vec<f64> = found.table().rows[..found.clean_bins()]
        .iter()
        .map(|row| row.bad_rate.unwrap())
        .collect();
    assert!(rates.is_sorted(), "{rates:?}");
    // Nine people retrained, one of them bad: too few for a bin of their own.
    let retraining = found.bin_of_level(Some("retraining"));
    assert!(found.table().rows[retraining].count > 9.0);
    assert_eq!(
        found
            .groups()
            .iter()
            .map(|group| group.len())
            .sum::<usize>(),
        10
    );
}

#[test]
fn finer_prebins_never_lose_information_value() {
    let values = numbers("credit_amount");
    let value = |bins| {
        let params = BinningParams {
            prebins: Prebins::Quantile { bins },
            min_share: 0.05,
            ..unlimited()
        };
        let found = bin(&values, &events(), &NumericRules::default(), params).unwrap();
        found.table().totals.iv
    };
    // Quantiles of 16 are among those of 64.
    assert!(value(64) >= value(16) && value(256) >= value(64));
}
