//! How the memory that a training may take is shared out.

use super::StreamingError;

/// Bytes that one text of a dictionary costs besides its own: its place in the table of texts at
/// the worst filling while it grows, the allocation, its number and its count.
pub(super) const DICTIONARY_ENTRY: usize = 144;

/// Bytes of a value that waits to be sorted: key, order and weight.
const SORTED_VALUE: usize = 24;

/// Bytes of a row while rows are divided: its number, and its bit in each of eight sets at most.
const DIVIDED_ROW: u64 = 5;

/// Bytes of a score that is measured: it is sorted, and is a point of the curves made of it.
const TESTED_ROW: u64 = 160;

/// Most rows of a block.
const MOST_BLOCK_ROWS: u64 = 65_536;

/// Memory that a streamed training may take for its data, in bytes.
///
/// What the program itself takes comes on top, 20 to 40 MiB. Of the budget
/// * a quarter holds the dictionaries of distinct values; a column that would not fit is kept as
///   plain numbers outside of the memory,
/// * a sixteenth holds the block of rows at work,
/// * a quarter holds the values being sorted, one column at a time, and later the scores that test
///   metrics are measured of,
/// * half holds the rows that cross-validation, calibration and metrics work on, with all that
///   is made of them.
///
/// Before all but the first of these, three quarters hold the numbers of all rows while they are
/// divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryBudget(u64);

impl MemoryBudget {
    /// Least budget: 16 MiB.
    pub const LEAST: u64 = 16 << 20;

    /// A budget of `bytes`.
    ///
    /// # Errors
    /// [`StreamingError::BudgetTooSmall`] below [`MemoryBudget::LEAST`].
    pub fn new(bytes: u64) -> Result<Self, StreamingError> {
        if bytes < Self::LEAST {
            return Err(StreamingError::BudgetTooSmall { bytes });
        }
        Ok(Self(bytes))
    }

    /// The budget in bytes.
    pub fn bytes(self) -> u64 {
        self.0
    }

    /// Most rows that can be divided into training and test rows: three for 20 bytes.
    pub fn most_rows(self) -> u64 {
        (self.0 / 4 * 3 / DIVIDED_ROW).min(u64::from(u32::MAX) - 1)
    }

    /// Bytes for all dictionaries together.
    pub(super) fn dictionaries(self) -> usize {
        to_usize(self.0 / 4)
    }

    /// Rows of a block of `columns` columns: they are held as numbers, written and read as bytes,
    /// and turned into a design.
    pub(super) fn block_rows(self, columns: usize) -> usize {
        let row = 32 * (columns as u64 + 1);
        to_usize((self.0 / 16 / row).clamp(64, MOST_BLOCK_ROWS))
    }

    /// Values that can be sorted at once.
    pub(super) fn sorted_values(self) -> usize {
        to_usize(self.0 / 4) / SORTED_VALUE
    }

    /// Rows of the sample, each of `characteristics` values and of `features` columns of a design.
    ///
    /// A fold's fit holds every value once in the sample, its bin or number in the fold, and two
    /// designs at a time; metrics sort scores, which the 400 bytes are for.
    pub(super) fn sample_rows(self, characteristics: usize, features: usize) -> usize {
        let row = 24 * characteristics as u64 + 24 * features as u64 + 400;
        to_usize(self.0 / 2 / row)
    }

    /// Rows held back whose scores are measured, in the memory that sorting had.
    pub(super) fn tested_rows(self) -> usize {
        to_usize(self.0 / 4 / TESTED_ROW)
    }
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
