//! Why a streamed training gave no model.

use std::io;

use super::MemoryBudget;
use crate::credit::{Fault, TrainingError, reading::ReadError};

/// Why a streamed training gave no model.
#[derive(Debug, thiserror::Error)]
pub enum StreamingError {
    /// The plan, the data or the fit; also that the caller asked to stop.
    #[error(transparent)]
    Training(#[from] TrainingError),
    /// The data set cannot be read on.
    #[error("the data set cannot be read: {0}")]
    Read(#[from] ReadError),
    /// The file that rows are put aside in cannot be written or read.
    #[error("the temporary file failed: {0}")]
    Spill(#[from] io::Error),
    /// The memory is less than any training needs.
    #[error(
        "{bytes} bytes of memory are too few; at least {} are needed",
        MemoryBudget::LEAST
    )]
    BudgetTooSmall {
        /// The budget.
        bytes: u64,
    },
    /// The memory does not do for the texts of the columns.
    #[error(
        "{bytes} bytes do not do for the distinct texts of the data set; \
         give more memory, or exclude columns of long texts"
    )]
    BudgetForFewerTexts {
        /// Bytes that dictionaries may take.
        bytes: u64,
    },
    /// The memory does not do for so many rows, each of which takes a few bytes.
    #[error("the memory given does for {most} rows, and there are more")]
    BudgetForFewerRows {
        /// Most rows.
        most: u64,
    },
}

impl From<Vec<Fault>> for StreamingError {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Training(TrainingError::Faults(faults))
    }
}
