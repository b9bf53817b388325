//! Where a row stands in its data set, for those who are told what is wrong with it.

use crate::credit::{Fault, fault::Faults};

/// The place of a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// Line of a text on which it begins, counted from 1.
    Line(u64),
    /// Number in a file of another format, counted from 1.
    Row(u64),
}

impl Place {
    /// A fault of the row, or of its cell in `column`.
    pub(super) fn fault(self, column: Option<&str>, detail: &str) -> Fault {
        let (line, column, detail) = match (self, column) {
            (Self::Line(line), _) => (Some(line), column, detail.to_owned()),
            (Self::Row(row), Some(column)) => (
                None,
                None,
                format!("row {row}, column {column:?}: {detail}"),
            ),
            (Self::Row(row), None) => (None, None, format!("row {row}: {detail}")),
        };
        Fault {
            pointer: String::new(),
            line,
            column: column.map(str::to_owned),
            detail,
        }
    }
}

/// All faults of a row.
pub(super) fn told(faults: Faults) -> String {
    let faults = faults.into_result().err().unwrap_or_default();
    let texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
    texts.join("; ")
}
