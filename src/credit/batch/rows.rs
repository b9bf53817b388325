//! Rows of a file whose format knows types: Parquet and Arrow IPC.

use super::{
    cell::{Kept, none},
    desk::Desk,
    header::Header,
};
use crate::credit::{
    Fault,
    reading::{Cell, ReadError, RowFault, RowReader},
    value::Value,
};

/// A file that is being read.
pub(super) struct FileRows {
    reader: Box<dyn RowReader + Send>,
    state: State,
    has_begun: bool,
}

/// What is known of its columns.
struct State {
    names: Vec<String>,
    header: Header,
    values: Vec<Value>,
}

impl FileRows {
    pub(super) fn new(reader: Box<dyn RowReader + Send>, desk: &Desk) -> Result<Self, Vec<Fault>> {
        let names = reader.names().to_vec();
        let columns: Vec<&str> = names.iter().map(String::as_str).collect();
        let header = Header::read(&columns, None, desk.model(), desk.options())?;
        let values = header.unused.clone();
        Ok(Self {
            reader,
            state: State {
                names,
                header,
                values,
            },
            has_begun: false,
        })
    }

    /// Answers up to `most` rows; whether there may be more.
    pub(super) fn pull(
        &mut self,
        most: usize,
        desk: &mut Desk,
        out: &mut Vec<u8>,
    ) -> Result<bool, Vec<Fault>> {
        let Self {
            reader,
            state,
            has_begun,
        } = self;
        if !std::mem::replace(has_begun, true) {
            desk.begin(out);
        }
        let read = reader.read(most, &mut |row, cells| match cells {
            Ok(cells) => state.answer(row, cells, desk, out),
            Err(fault) => desk.refuse(&none, &state.told(row, &fault), out),
        });
        read.map(|rows| rows > 0).map_err(faults)
    }
}

/// What a file that cannot be read is told.
pub(super) fn faults(error: ReadError) -> Vec<Fault> {
    vec![Fault::at("", error.to_string())]
}

impl State {
    fn answer(&mut self, row: u64, cells: &[Cell<'_>], desk: &mut Desk, out: &mut Vec<u8>) {
        let mut errors = Vec::new();
        for column in &self.header.used {
            let read = match cells.get(column.cell) {
                Some(cell) => column
                    .reader
                    .read_cell(*cell, &desk.options().missing_values),
                None => Err("a value is required"),
            };
            match read {
                Ok(value) => self.values[column.characteristic] = value,
                Err(detail) => {
                    let name = &self.names[column.cell];
                    errors.push(format!("row {row}, column {name:?}: {detail}"));
                }
            }
        }
        let kept = |at: usize| match cells.get(self.header.kept[at]) {
            None | Some(Cell::Missing) => Kept::Missing,
            Some(Cell::Number(number)) => Kept::Number(*number),
            Some(Cell::Flag(flag)) => Kept::Json(if *flag { "true" } else { "false" }),
            Some(Cell::Text(text)) => Kept::Text(text),
        };
        if errors.is_empty() {
            desk.answer(&self.values, &kept, out);
        } else {
            desk.refuse(&kept, &errors.join("; "), out);
        }
    }

    fn told(&self, row: u64, fault: &RowFault) -> String {
        let name = fault.column().and_then(|column| self.names.get(column));
        match name {
            Some(name) => format!("row {row}, column {name:?}: {fault}"),
            None => format!("row {row}: {fault}"),
        }
    }
}
