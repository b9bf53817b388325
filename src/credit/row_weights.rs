//! How much each loan of a data set counts in a fit.

use super::{Fault, Table, fault::Faults, table::MISSING};

/// Greatest weight of a row.
const GREATEST: f64 = 1e9;

/// Least weight of a row that counts at all.
const LEAST: f64 = 1e-9;

/// Reads the weights of the rows of `table` from `column`; faults are added to `faults`.
pub(super) fn read(table: &Table, column: &str, faults: &mut Faults) -> Vec<f64> {
    let columns = table.columns();
    let Some(position) = columns.iter().position(|known| known.name == column) else {
        let detail = "the data set has no column of this name";
        faults.push(Fault::at("/sample_weight", detail));
        return Vec::new();
    };
    let found = &columns[position];
    let usable = |weight: &f64| (LEAST..=GREATEST).contains(weight) || weight.abs() <= 0.0;
    let numbers: Vec<Option<f64>> = found
        .texts
        .iter()
        .map(|text| text.parse().ok().filter(usable))
        .collect();
    let mut weights = Vec::with_capacity(found.codes.len());
    for (row, code) in found.codes.iter().enumerate() {
        let weight = match *code {
            MISSING => None,
            code => numbers[code as usize],
        };
        if weight.is_none() {
            let detail = "expected a weight: 0, or 1e-9 to 1e9";
            faults.push(table.cell_fault(row, position, detail));
        }
        weights.push(weight.unwrap_or(1.0));
    }
    weights
}
