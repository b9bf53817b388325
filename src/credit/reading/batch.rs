//! Columnar batches taken apart into rows, as Parquet and Arrow IPC give them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, Schema};

use super::{
    Cell, Format, ReadError, RowFault, RowReader, Visit, cell::recycle, column::Column,
    fault::header,
};

/// How many rows of a batch are taken apart at a time.
pub(super) const STRIDE: usize = 4_096;

type Batches = dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send;

/// Reads the rows of batches.
pub(super) struct BatchReader {
    format: Format,
    names: Vec<String>,
    batches: Box<Batches>,
    /// What is left of the current batch.
    batch: Option<RecordBatch>,
    /// Rows of the batch taken apart, how many there are, and how many of them were read.
    columns: Vec<Column>,
    length: usize,
    at: usize,
    /// The number of the last row that was read.
    row: u64,
    cells: Vec<Cell<'static>>,
}

impl BatchReader {
    /// The rows of `batches`, all of which have this `schema`.
    ///
    /// # Errors
    /// Names that are empty or there twice, and columns of a type that has no cells.
    pub(super) fn new(
        format: Format,
        schema: &Schema,
        batches: Box<Batches>,
    ) -> Result<Self, ReadError> {
        let fields = schema.fields();
        let names = header(fields.iter().map(|field| field.name().as_bytes()))?;
        for field in fields {
            if let Some(found) = super::column::unread(field.data_type()) {
                let column = field.name().trim().to_owned();
                return Err(ReadError::ColumnType { column, found });
            }
        }
        Ok(Self {
            format,
            names,
            batches,
            batch: None,
            columns: Vec::new(),
            length: 0,
            at: 0,
            row: 0,
            cells: Vec::new(),
        })
    }

    /// Takes the next rows apart; false at the end.
    fn advance(&mut self) -> Result<bool, ReadError> {
        let batch = loop {
            if let Some(batch) = self.batch.take().filter(|batch| batch.num_rows() > 0) {
                break batch;
            }
            let Some(batch) = guarded(self.format, || self.batches.next().transpose())? else {
                return Ok(false);
            };
            if batch.num_columns() != self.names.len() {
                return Err(ReadError::Malformed(self.format));
            }
            self.batch = Some(batch);
        };
        let length = batch.num_rows().min(STRIDE);
        let some = batch.slice(0, length);
        self.columns = guarded(self.format, || {
            Ok(some.columns().iter().map(Column::of).collect())
        })?;
        self.batch = Some(batch.slice(length, batch.num_rows() - length));
        (self.at, self.length) = (0, length);
        Ok(true)
    }
}

impl RowReader for BatchReader {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn read(&mut self, most: usize, visit: &mut Visit<'_>) -> Result<usize, ReadError> {
        for count in 0..most {
            if self.at == self.length && !self.advance()? {
                return Ok(count);
            }
            let mut cells = recycle(std::mem::take(&mut self.cells));
            let mut fault = None;
            for (column, values) in self.columns.iter().enumerate() {
                let cell = values.cell(self.at);
                if cell.is_none() {
                    fault.get_or_insert(RowFault::OutOfRange { column });
                }
                cells.push(cell.unwrap_or(Cell::Missing));
            }
            self.at += 1;
            self.row += 1;
            visit(self.row, fault.map_or(Ok(&cells[..]), Err));
            self.cells = recycle(cells);
        }
        Ok(most)
    }
}

/// What `work` gives; a panic in it is a fault of the file.
///
/// The decoders check what they read, but not all of it: a damaged file may still make one index
/// past an end. A reader that failed is not used again, so nothing half-done is ever seen.
pub(super) fn guarded<T>(
    format: Format,
    work: impl FnOnce() -> Result<T, ArrowError>,
) -> Result<T, ReadError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(ArrowError::IoError(_, error))) => Err(ReadError::of_io(error, format)),
        Ok(Err(_)) | Err(_) => Err(ReadError::Malformed(format)),
    }
}
