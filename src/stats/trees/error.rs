//! Why trees cannot be grown, or read back.

/// Why no model can be fitted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TreeError {
    /// The caller withdrew.
    #[error("the fit was cancelled")]
    Cancelled,
    /// The rows of positive weight are all events or all non-events.
    #[error("the rows hold only one class")]
    OneClass,
    /// There are no rows, or none of positive weight.
    #[error("there are no rows of positive weight")]
    NoRows,
    /// There are no columns.
    #[error("there are no columns")]
    NoColumns,
    /// There are more rows or columns than 32 bits can count.
    #[error("more than {limit} rows or columns", limit = u32::MAX)]
    TooLarge,
    /// Columns differ in length.
    #[error("column {column} has {rows} rows where {expected} are expected")]
    ColumnLength {
        /// The column.
        column: usize,
        /// Rows it has.
        rows: usize,
        /// Rows of the first column.
        expected: usize,
    },
    /// A category's code is not below the column's number of levels.
    #[error("the code in row {row} of column {column} is not below its {levels} levels")]
    UnknownCode {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
        /// Levels of the column.
        levels: u32,
    },
    /// Events or weights do not match the rows.
    #[error("{rows} rows, but {events} events and {weights:?} weights")]
    ShapeMismatch {
        /// Rows of the columns.
        rows: usize,
        /// Events given.
        events: usize,
        /// Weights given, if any.
        weights: Option<usize>,
    },
    /// A weight is negative, not finite or beyond 1e100.
    #[error("the weight of row {row} is negative, not finite or beyond 1e100")]
    WeightOutOfRange {
        /// Row of the first such weight.
        row: usize,
    },
    /// A setting is outside its range.
    #[error("{setting} must be {range}, got {value}")]
    Setting {
        /// Name of the setting.
        setting: &'static str,
        /// What it may be.
        range: &'static str,
        /// What it is.
        value: f64,
    },
}

/// Refuses a setting for which `holds` is false.
pub(super) fn require(
    holds: bool,
    setting: &'static str,
    range: &'static str,
    value: f64,
) -> Result<(), TreeError> {
    if holds {
        Ok(())
    } else {
        Err(TreeError::Setting {
            setting,
            range,
            value,
        })
    }
}
