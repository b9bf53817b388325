//! Rows of a design matrix in blocks: what a fit reads, wherever the rows are kept.

use std::ops::ControlFlow;

use super::super::matrix::Matrix;
use super::fit::FitError;

/// Rows of a design matrix in blocks, the same in every pass.
///
/// A fit makes several passes, each from the first row to the last. Where the rows are cut into
/// blocks does not matter: the same rows give the same bits.
pub trait DesignBlocks {
    /// Columns of the design, the intercept not among them.
    fn columns(&self) -> usize;

    /// Rows of all blocks together.
    fn rows(&self) -> usize;

    /// Gives every block to `visit`, in the order of the rows, until it breaks.
    ///
    /// # Errors
    /// [`BlockError::Source`] when the rows cannot be read.
    fn each(&self, visit: &mut dyn FnMut(Block<'_>) -> ControlFlow<()>) -> Result<(), BlockError>;
}

/// Consecutive rows of a design matrix, with their outcomes.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// Values row by row: as many per row as the source has columns.
    pub values: &'a [f64],
    /// Whether each row is an event; as many as there are rows in the block.
    pub events: &'a [bool],
    /// Weight of each row, `None` for 1; the same for all blocks of a source.
    pub weights: Option<&'a [f64]>,
}

/// Why the rows of a source could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// The source failed.
    #[error("the rows could not be read: {0}")]
    Source(String),
    /// A block does not hold whole rows, or not a weight per row.
    #[error(
        "the block at row {row} holds {events} events, but {values} values and {weights:?} weights"
    )]
    Shape {
        /// First row of the block.
        row: usize,
        /// Events given.
        events: usize,
        /// Values given.
        values: usize,
        /// Weights given, if any.
        weights: Option<usize>,
    },
    /// A pass gave more or fewer rows than the source has.
    #[error("{expected} rows were announced, but {given} given")]
    Rows {
        /// What [`DesignBlocks::rows`] says.
        expected: usize,
        /// Rows of the pass; of a pass with too many, those until then.
        given: usize,
    },
}

impl BlockError {
    /// The source failed for this reason.
    pub fn source(reason: impl ToString) -> Self {
        Self::Source(reason.to_string())
    }
}

/// A matrix in memory as a source of blocks; copies nothing.
#[derive(Clone, Copy, Debug)]
pub struct MatrixBlocks<'a> {
    design: &'a Matrix,
    events: &'a [bool],
    weights: Option<&'a [f64]>,
}

impl<'a> MatrixBlocks<'a> {
    /// The rows of `design` with their events and weights.
    ///
    /// # Errors
    /// [`FitError::ShapeMismatch`] unless there are as many events, and weights, as rows.
    pub fn new(
        design: &'a Matrix,
        events: &'a [bool],
        weights: Option<&'a [f64]>,
    ) -> Result<Self, FitError> {
        check_shape(design.rows(), events, weights)?;
        Ok(Self {
            design,
            events,
            weights,
        })
    }
}

/// Refuses outcomes that do not match the rows.
pub(super) fn check_shape(
    rows: usize,
    events: &[bool],
    weights: Option<&[f64]>,
) -> Result<(), FitError> {
    let given = weights.map(<[f64]>::len);
    if events.len() == rows && given.is_none_or(|given| given == rows) {
        Ok(())
    } else {
        Err(FitError::ShapeMismatch {
            rows,
            events: events.len(),
            weights: given,
        })
    }
}

impl DesignBlocks for MatrixBlocks<'_> {
    fn columns(&self) -> usize {
        self.design.columns()
    }

    fn rows(&self) -> usize {
        self.design.rows()
    }

    fn each(&self, visit: &mut dyn FnMut(Block<'_>) -> ControlFlow<()>) -> Result<(), BlockError> {
        // One block: the fit takes it apart as it needs.
        let _stopped = visit(Block {
            values: self.design.as_slice(),
            events: self.events,
            weights: self.weights,
        });
        Ok(())
    }
}
