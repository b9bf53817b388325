//! Why no pairs were sought.

/// Why no pairs were sought.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PairError {
    /// The characteristics' bins are not those of as many binnings.
    #[error("there are {bins} columns of bins for {binnings} binnings")]
    Characteristics {
        /// Columns of bins.
        bins: usize,
        /// Binnings.
        binnings: usize,
    },
    /// Columns differ in length.
    #[error("{what} have {found} rows, the events {expected}")]
    Rows {
        /// What has another length.
        what: &'static str,
        /// Its rows.
        found: usize,
        /// Rows of the events.
        expected: usize,
    },
    /// A row's bin does not exist.
    #[error("characteristic {characteristic} has no bin {bin}, which row {row} is in")]
    NoBin {
        /// Position of the characteristic, counted from 0.
        characteristic: usize,
        /// Number of the bin.
        bin: u32,
        /// The row, counted from 0.
        row: usize,
    },
    /// Log-odds that are not finite, or a weight that is not finite or less than 0.
    #[error("{what} of row {row} are out of range")]
    Number {
        /// `log-odds` or `weights`.
        what: &'static str,
        /// The row, counted from 0.
        row: usize,
    },
    /// The search was called off.
    #[error("the search for pairs was cancelled")]
    Cancelled,
}
