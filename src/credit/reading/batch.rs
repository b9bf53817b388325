//! Columnar batches taken apart into rows, as Parquet and Arrow IPC give them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, Schema};

use super::{
    Cell, Choose, Format, ReadError, RowFault, RowReader, Visit, Wanted,
    cell::recycle,
    column::{Column, unread},
    fault::header,
};

/// How many rows of a batch are taken apart at a time.
pub(super) const STRIDE: usize = 4_096;

type Batches = dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send;

/// The names of all columns.
pub(super) struct Names(Vec<String>);

/// The columns that are wanted.
pub(super) struct Columns {
    names: Vec<String>,
    wanted: Vec<Wanted>,
    /// How many columns a batch has.
    width: usize,
}

impl Names {
    /// # Errors
    /// Names that are empty or there twice.
    pub(super) fn of(schema: &Schema) -> Result<Self, ReadError> {
        let fields = schema.fields().iter();
        header(fields.map(|field| field.name().as_bytes())).map(Self)
    }

    /// # Errors
    /// A column that is wanted and of a type that has no cells.
    pub(super) fn choose(
        self,
        schema: &Schema,
        choose: &mut Choose<'_>,
    ) -> Result<Columns, ReadError> {
        let wanted = choose(&self.0);
        let mut names = Vec::with_capacity(wanted.len());
        for Wanted { column, .. } in &wanted {
            let name = self.0[*column].clone();
            if let Some(found) = unread(schema.field(*column).data_type()) {
                return Err(ReadError::ColumnType {
                    column: name,
                    found,
                });
            }
            names.push(name);
        }
        Ok(Columns {
            names,
            wanted,
            width: self.0.len(),
        })
    }
}

impl Columns {
    /// Takes the columns to be in batches that have no others; which these are, in their order.
    pub(super) fn pack(&mut self) -> Vec<usize> {
        let mut read: Vec<usize> = self.wanted.iter().map(|it| it.column).collect();
        read.sort_unstable();
        read.dedup();
        for it in &mut self.wanted {
            it.column = read.partition_point(|own| *own < it.column);
        }
        self.width = read.len();
        read
    }
}

/// Reads the rows of batches.
pub(super) struct BatchReader {
    format: Format,
    of: Columns,
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
    /// The rows of `batches`, in which the columns are that are wanted.
    pub(super) fn new(format: Format, of: Columns, batches: Box<Batches>) -> Self {
        Self {
            format,
            of,
            batches,
            batch: None,
            columns: Vec::new(),
            length: 0,
            at: 0,
            row: 0,
            cells: Vec::new(),
        }
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
            if batch.num_columns() != self.of.width {
                return Err(ReadError::Malformed(self.format));
            }
            self.batch = Some(batch);
        };
        let length = batch.num_rows().min(STRIDE);
        let some = batch.slice(0, length);
        self.columns = guarded(self.format, || {
            let wanted = self.of.wanted.iter();
            let column = |it: &Wanted| Column::of(some.column(it.column), it.is_exact);
            Ok(wanted.map(column).collect())
        })?;
        self.batch = Some(batch.slice(length, batch.num_rows() - length));
        (self.at, self.length) = (0, length);
        Ok(true)
    }
}

impl RowReader for BatchReader {
    fn names(&self) -> &[String] {
        &self.of.names
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
