//! Columns and settings that the tests repeat.

#[path = "../support/numbers.rs"]
#[expect(dead_code, reason = "not every test binary draws in every way")]
mod numbers;

pub use self::numbers::Numbers;

use std::fmt::Debug;

use credit_risk::credit::binning::{
    Binner, Binning, BinningError, BinningParams, Cell, NumericRules, Objective, Prebins, Target,
    Trend, ZeroCells,
};

/// A skewed column with ties and gaps whose bad rate rises, falls and rises again.
pub fn column(rows: usize, seed: u64) -> (Vec<f64>, Vec<bool>) {
    let mut numbers = Numbers(seed);
    let row = |_| {
        let u = numbers.uniform();
        let risk = 0.2 + 0.15 * (9.0 * u).sin() + 0.2 * u;
        let bad = numbers.uniform() < risk;
        let value = (3_000.0 * u * u).round() / 10.0;
        (
            if numbers.uniform() < 0.03 {
                f64::NAN
            } else {
                value
            },
            bad,
        )
    };
    (0..rows).map(row).unzip()
}

/// Settings that leave the choice to the data: nothing but the prebins is fine.
pub fn unlimited() -> BinningParams {
    BinningParams {
        prebins: Prebins::Quantile { bins: 256 },
        objective: Objective::InformationValue,
        trend: Trend::None,
        max_bins: 256,
        min_share: 0.0,
        min_goods: 0,
        min_bads: 0,
        zero_cells: ZeroCells::Neutral,
        ..BinningParams::default()
    }
}

pub fn bin(
    values: &[f64],
    events: &[bool],
    rules: &NumericRules,
    params: BinningParams,
) -> Result<Binning, BinningError> {
    let target = Target::new(events, None)?;
    Binner::new(target, params.check().unwrap()).numeric(values, rules)
}

/// One good and one bad row for each value, weighted so that they stand for its cell.
pub fn weighted(cells: &[(f64, Cell)]) -> (Vec<f64>, Vec<bool>, Vec<f64>) {
    let (mut values, mut events, mut weights) = (vec![], vec![], vec![]);
    for &(value, Cell { goods, bads }) in cells {
        values.extend([value, value]);
        events.extend([false, true]);
        weights.extend([goods, bads]);
    }
    (values, events, weights)
}

#[track_caller]
pub fn assert_close(found: f64, expected: f64, tolerance: f64, what: impl Debug) {
    assert!(
        (found - expected).abs() <= tolerance,
        "{what:?}: {found} is not {expected}"
    );
}
