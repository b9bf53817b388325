//! What a header says about the columns of a data set.

use std::collections::HashMap;

use super::{BatchOptions, columns::ColumnReader};
use crate::credit::{CreditModel, Fault, fault::Faults, value::Value};

/// Where the cells are that matter.
#[derive(Debug)]
pub(super) struct Header {
    /// Number of columns.
    pub width: usize,
    /// The columns that the model uses, in the order of the data set.
    pub used: Vec<UsedColumn>,
    /// Positions of the columns to be kept, as they were asked for.
    pub kept: Vec<usize>,
    /// A row of which the model uses nothing.
    pub unused: Vec<Value>,
}

/// A column that the model uses.
#[derive(Debug)]
pub(super) struct UsedColumn {
    /// Position in the data set.
    pub cell: usize,
    /// Position in the schema.
    pub characteristic: usize,
    /// How its texts are read.
    pub reader: ColumnReader,
}

impl Header {
    /// Finds the columns that `model` uses and that are to be kept among `names`.
    ///
    /// A column that the model does not know does no harm and is passed over: one whose name is
    /// misspelt is missed.
    ///
    /// # Errors
    /// A fault for each name that is empty or there twice, and for each column that is missing.
    pub(super) fn read(
        names: &[&str],
        line: Option<u64>,
        model: &CreditModel,
        options: &BatchOptions,
    ) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let mut fault = |column: Option<&str>, detail: String| {
            faults.push(Fault {
                pointer: String::new(),
                line,
                column: column.map(str::to_owned),
                detail,
            });
        };
        let mut places = HashMap::with_capacity(names.len());
        for (position, name) in names.iter().enumerate() {
            if name.is_empty() {
                fault(None, format!("header {} is empty", position + 1));
            } else if places.insert(*name, position).is_some() {
                fault(Some(name), "the header names this column twice".to_owned());
            }
        }
        let known = &model.schema().characteristics;
        let mut used = Vec::new();
        for (position, characteristic) in known.iter().enumerate() {
            match places.get(characteristic.name.as_str()) {
                _ if !model.uses(position) => {}
                Some(cell) => used.push(UsedColumn {
                    cell: *cell,
                    characteristic: position,
                    reader: ColumnReader::new(characteristic, &options.missing_values),
                }),
                None => {
                    let detail = "the model needs this column, the data set does not have it";
                    fault(Some(&characteristic.name), detail.to_owned());
                }
            }
        }
        let mut kept = Vec::new();
        for name in &options.keep {
            match places.get(name.as_str()) {
                Some(position) => kept.push(*position),
                None => {
                    let detail = "this column is to be kept, the data set does not have it";
                    fault(Some(name), detail.to_owned());
                }
            }
        }
        faults.into_result()?;
        used.sort_unstable_by_key(|column| column.cell);
        Ok(Self {
            width: names.len(),
            used,
            kept,
            unused: vec![Value::Unused; known.len()],
        })
    }
}
