//! Tables and splits of optbinning 1.0.0 on five public data sets.

use credit_risk::credit::binning::{
    BinTable, Binner, Binning, BinningError, BinningParams, Cell, Infeasible, Label, Limits,
    Minimums, NumericRules, Objective, Optimum, Shape, SpecialCodes, Target, Trend, UserBreak,
    ZeroCells, optimum,
};
use serde::Deserialize;
use serde_json::Value;

use crate::support::{assert_close, unlimited, weighted};

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    dataset: String,
    feature: String,
    dtype: String,
    special: Vec<f64>,
    monotonic_trend: Option<String>,
    n: f64,
    n_missing: f64,
    prebins: Prebins,
    splits: Value,
    table: Vec<Row>,
    iv: f64,
    gini: f64,
    dp: Option<Recorded>,
    first_10_rows: Option<Vec<Value>>,
    woe_first_10_rows_empirical: Option<Vec<f64>>,
    woe_first_10_rows_default0: Option<Vec<f64>>,
}

#[derive(Deserialize)]
struct Prebins {
    splits: Vec<f64>,
    nonevent: Vec<f64>,
    event: Vec<f64>,
}

#[derive(Deserialize)]
struct Row {
    bin: Value,
    count: f64,
    nonevent: f64,
    event: f64,
    event_rate: f64,
    woe: f64,
    iv: f64,
}

#[derive(Deserialize)]
struct Recorded {
    objective_iv_clean_bins: f64,
    optbinning_objective: f64,
    splits: Vec<f64>,
}

impl Case {
    fn name(&self) -> (&str, &str, Option<&str>) {
        let trend = self.monotonic_trend.as_deref();
        (&self.dataset, &self.feature, trend)
    }

    fn prebins(&self) -> Vec<Cell> {
        let cells = self.prebins.nonevent.iter().zip(&self.prebins.event);
        cells.map(|(&goods, &bads)| Cell { goods, bads }).collect()
    }

    fn cells(&self) -> Vec<Cell> {
        let cell = |row: &Row| Cell {
            goods: row.nonevent,
            bads: row.event,
        };
        self.table.iter().map(cell).collect()
    }

    /// Information value of the bins that are neither special nor missing.
    fn clean_iv(&self) -> f64 {
        let clean = &self.table[..self.table.len() - 2];
        clean.iter().map(|row| row.iv).sum()
    }

    fn splits(&self) -> Vec<f64> {
        serde_json::from_value(self.splits.clone()).unwrap()
    }

    fn optimum(&self, trend: Trend, totals: Cell) -> Result<Optimum, Infeasible> {
        let limits = Limits {
            objective: Objective::InformationValue,
            trend,
            max_bins: 256,
            minimums: Minimums {
                count: 0.0,
                goods: 0.0,
                bads: 0.0,
            },
            zero_cells: ZeroCells::Neutral,
            totals,
        };
        optimum(&self.prebins(), &[], &limits)
    }

    /// Splits that end the bins of `found`.
    fn splits_of(&self, found: &Optimum) -> Vec<f64> {
        let inner = &found.ends[..found.ends.len() - 1];
        inner
            .iter()
            .map(|&end| self.prebins.splits[end - 1])
            .collect()
    }
}

fn cases() -> Vec<Case> {
    let text = include_str!("../fixtures/woe_optbinning.json");
    serde_json::from_str::<Fixture>(text).unwrap().cases
}

#[test]
fn the_recorded_optimum_is_found_in_all_42_cases() {
    let (mut compared, mut refused, mut better) = (0, 0, 0);
    for case in cases() {
        let Some(recorded) = &case.dp else { continue };
        compared += 1;
        let trend = match case.monotonic_trend.as_deref() {
            Some("ascending") => Trend::Ascending,
            Some("descending") => Trend::Descending,
            None => Trend::None,
            Some(other) => panic!("{other} has a recorded optimum"),
        };
        // There, the search takes shares of the rows that are neither missing nor special.
        let found = match case.optimum(trend, Cell::sum(&case.prebins())) {
            // Where nothing follows the trend, the other tools fall back to one bin for all.
            Err(reason) if recorded.splits.is_empty() => {
                assert_eq!(reason, Infeasible::Trend { trend });
                refused += 1;
                continue;
            }
            found => found.unwrap(),
        };
        assert_eq!(case.splits_of(&found), recorded.splits, "{:?}", case.name());
        assert_eq!(case.splits(), recorded.splits, "{:?}", case.name());
        for value in [
            recorded.objective_iv_clean_bins,
            recorded.optbinning_objective,
        ] {
            assert_close(found.value, value, 1e-14, case.name());
        }
        // Here, of all rows, so that what is maximised is the information value reported.
        let ours = case.optimum(trend, Cell::sum(&case.cells())).unwrap();
        assert!(ours.value >= case.clean_iv() - 1e-14, "{:?}", case.name());
        let same = case.splits_of(&ours) == recorded.splits;
        assert!(same || ours.value > case.clean_iv(), "{:?}", case.name());
        better += usize::from(!same);
    }
    assert_eq!((compared, refused, better), (42, 12, 0));
}

#[test]
fn no_automatic_binning_is_better_than_the_optimum_of_its_shape() {
    let mut compared = 0;
    for case in cases() {
        let automatic = ["auto", "auto_asc_desc"];
        let trend = case.monotonic_trend.as_deref().unwrap_or_default();
        if case.dtype != "numerical" || !automatic.contains(&trend) {
            continue;
        }
        let clean = &case.cells()[..case.table.len() - 2];
        let rates: Vec<f64> = clean.iter().map(|cell| cell.bad_rate().unwrap()).collect();
        let trend = match Shape::of(&rates) {
            Shape::Ascending => Trend::Ascending,
            Shape::Descending => Trend::Descending,
            Shape::Peak => Trend::Peak,
            Shape::Valley => Trend::Valley,
            Shape::Irregular | Shape::Flat => Trend::None,
        };
        let found = case.optimum(trend, Cell::sum(&case.cells())).unwrap();
        let lead = found.value - case.clean_iv();
        assert!(lead >= -1e-14, "{:?}: {lead}", case.name());
        compared += 1;
    }
    assert_eq!(compared, 28);
}

#[test]
fn levels_are_joined_as_recorded_and_a_single_bin_is_refused() {
    let mut compared = 0;
    for case in cases().iter().filter(|case| case.dtype == "categorical") {
        let found = case.optimum(Trend::None, Cell::sum(&case.cells()));
        let bins = case.splits.as_array().unwrap().len();
        if bins == 1 {
            assert_eq!(case.feature, "foreign_worker");
            assert!(found.is_err());
        } else {
            let found = found.unwrap();
            assert_close(found.value, case.clean_iv(), 1e-14, case.name());
            assert_eq!(found.ends.len(), bins, "{:?}", case.name());
        }
        compared += 1;
    }
    assert_eq!(compared, 6);
}

#[test]
fn every_table_is_reproduced_from_its_counts() {
    let params = BinningParams {
        zero_cells: ZeroCells::Neutral,
        ..BinningParams::default()
    };
    let mut compared = 0;
    for case in cases() {
        let bins = case.cells().into_iter();
        let table = BinTable::new(bins.map(|cell| (Label::Missing, cell)).collect(), &params);
        for (found, expected) in table.rows.iter().zip(&case.table) {
            let name = (case.name(), &expected.bin);
            assert_close(found.count, expected.count, 0.0, name);
            assert_close(found.share, expected.count / case.n, 1e-15, name);
            let rate = found.bad_rate.unwrap_or(0.0);
            assert_close(rate, expected.event_rate, 1e-15, name);
            assert_close(found.woe, expected.woe, 1e-12, name);
            assert_close(found.iv, expected.iv, 1e-12, name);
        }
        assert_close(table.totals.iv, case.iv, 1e-12, case.name());
        assert_close(table.gini(), case.gini, 1e-12, case.name());
        assert_close(table.totals.count, case.n, 0.0, case.name());
        compared += 1;
    }
    assert_eq!(compared, 76);
}

#[test]
fn rows_are_scored_as_recorded() {
    let (mut compared, mut with_values) = (0, 0);
    for case in cases() {
        let (Some(empirical), Some(default0)) = (
            &case.woe_first_10_rows_empirical,
            &case.woe_first_10_rows_default0,
        ) else {
            continue;
        };
        compared += 1;
        if case.dtype == "categorical" {
            let bins = case.first_10_rows.iter().flatten().map(|level| {
                let holds = |row: &&Row| row.bin.as_array().is_some_and(|l| l.contains(level));
                case.table.iter().find(holds).unwrap().woe
            });
            // The table itself was checked above; levels score as their row of it.
            for (found, expected) in bins.zip(empirical) {
                assert_close(found, *expected, 1e-12, case.name());
            }
            continue;
        }
        let Some(rows) = &case.first_10_rows else {
            let scores = case.table.iter().map(|row| row.woe);
            let scores: Vec<f64> = scores.collect();
            let known = |woe: &f64| scores.iter().any(|s| (s - woe).abs() <= 1e-12);
            assert!(empirical.iter().all(known), "{:?}", case.name());
            continue;
        };
        with_values += 1;
        let values: Vec<f64> = rows
            .iter()
            .map(|v| v.as_f64().unwrap_or(f64::NAN))
            .collect();
        let binning = binned_as_recorded(&case).unwrap();
        for (row, found) in binning.woe_of(&values).into_iter().enumerate() {
            assert_close(found, empirical[row], 1e-12, case.name());
            let default = if values[row].is_nan() { 0.0 } else { found };
            assert_close(default, default0[row], 1e-12, case.name());
        }
    }
    assert_eq!((compared, with_values), (20, 9));
}

/// Fixed breaks at the recorded splits, over rows that stand for the recorded counts.
fn binned_as_recorded(case: &Case) -> Result<Binning, BinningError> {
    let splits = case.splits();
    let mut values = vec![splits.first().map_or(0.0, |first| first - 1.0)];
    values.extend(&splits);
    values.extend([case.special.first().copied().unwrap_or(f64::NAN), f64::NAN]);
    let cells: Vec<(f64, Cell)> = values.into_iter().zip(case.cells()).collect();
    let (values, events, weights) = weighted(&cells);
    let special = (!case.special.is_empty()).then(|| SpecialCodes {
        name: "special".into(),
        values: case.special.clone(),
    });
    let rules = NumericRules {
        breaks: UserBreak::all_fixed(&splits),
        special: special.into_iter().collect(),
    };
    let target = Target::new(&events, Some(&weights)).unwrap();
    let params = unlimited().check().unwrap();
    let binning = Binner::new(target, params).numeric(&values, &rules)?;
    assert_eq!(binning.breaks(), splits);
    assert_close(binning.table().totals.iv, case.iv, 1e-12, case.name());
    let missing = &binning.table().rows[binning.bin_of_missing()];
    assert_close(missing.count, case.n_missing, 0.0, case.name());
    Ok(binning)
}

#[test]
fn every_recorded_numeric_binning_can_be_laid_down_by_hand() {
    let numeric = cases().into_iter().filter(|case| case.dtype == "numerical");
    let (mut compared, mut refused) = (0, 0);
    for case in numeric {
        match binned_as_recorded(&case) {
            Ok(_) => compared += 1,
            Err(reason) => {
                assert!(case.splits().is_empty(), "{:?}: {reason}", case.name());
                refused += 1;
            }
        }
    }
    assert_eq!((compared, refused), (65, 5));
}
