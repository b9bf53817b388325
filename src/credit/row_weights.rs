//! How much each loan of a data set counts in a fit.

use super::{Fault, Table, fault::Faults};

/// Greatest weight of a row.
const GREATEST: f64 = 1e9;

/// Least weight of a row that counts at all.
const LEAST: f64 = 1e-9;

/// What a cell at fault is told.
pub(super) const NO_WEIGHT: &str = "expected a weight: 0, or 1e-9 to 1e9";

/// The weight that `text` spells, if it is one.
pub(super) fn weight(text: &str) -> Option<f64> {
    text.parse().ok().filter(is_usable)
}

fn is_usable(weight: &f64) -> bool {
    (LEAST..=GREATEST).contains(weight) || weight.abs() <= 0.0
}

/// Reads the weights of the rows of `table` from `column`; faults are added to `faults`.
pub(super) fn read(table: &Table, column: &str, faults: &mut Faults) -> Vec<f64> {
    let columns = table.columns();
    let Some(position) = columns.iter().position(|known| known.name == column) else {
        let detail = "the data set has no column of this name";
        faults.push(Fault::at("/sample_weight", detail));
        return Vec::new();
    };
    let mut weights = Vec::with_capacity(table.rows());
    for (row, number) in columns[position].numbers().into_iter().enumerate() {
        let weight = number.filter(is_usable);
        if weight.is_none() {
            faults.push(table.cell_fault(row, position, NO_WEIGHT));
        }
        weights.push(weight.unwrap_or(1.0));
    }
    weights
}
