//! Rows of a file whose format knows types: Parquet and Arrow IPC.

use std::fs::File;

use super::{
    cell::{Kept, none},
    desk::Desk,
    header::Header,
    place::{Place, told},
};
use crate::credit::{
    Fault,
    fault::Faults,
    reading::{self, Cell, Format, ReadError, RowFault, RowReader, Source, Wanted},
    value::Value,
};

/// A file that is being read.
pub(super) struct FileRows {
    reader: Box<dyn RowReader + Send>,
    state: State,
    has_begun: bool,
}

/// What is known of its columns: first those that the model uses, then those to be kept.
struct State {
    header: Header,
    values: Vec<Value>,
}

impl FileRows {
    /// Opens `file`, which may decompress to `most` bytes.
    pub(super) fn open(
        format: Format,
        file: File,
        most: u64,
        desk: &Desk,
    ) -> Result<Self, Vec<Fault>> {
        let mut found = Err(Vec::new());
        let reader = reading::open_some(format, Source::File(file), most, &mut |names| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            found = Header::read(&names, None, desk.model(), desk.options());
            found.as_ref().map(wanted).unwrap_or_default()
        });
        let reader = reader.map_err(faults)?;
        let header = found?;
        let values = header.unused.clone();
        Ok(Self {
            reader,
            state: State { header, values },
            has_begun: false,
        })
    }

    /// Answers up to `most` rows, fewer if the desk has enough; whether there may be more.
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
        for _ in 0..most {
            let read = reader.read(1, &mut |row, cells| {
                let place = Place::Row(row);
                match cells {
                    Ok(cells) => state.answer(place, cells, desk, out),
                    Err(fault) => desk.refuse(&none, &state.told(place, &fault, desk), out),
                }
            });
            if read.map_err(faults)? == 0 {
                return Ok(false);
            }
            if desk.has_enough(out) {
                break;
            }
        }
        Ok(true)
    }
}

/// The columns to be read: what nobody looks at may be of any type.
fn wanted(header: &Header) -> Vec<Wanted> {
    let used = header.used.iter().map(|it| Wanted::value(it.cell));
    let kept = header.kept.iter().map(|it| Wanted::exact(*it));
    used.chain(kept).collect()
}

/// What a file that cannot be read is told.
pub(super) fn faults(error: ReadError) -> Vec<Fault> {
    let mut fault = Fault::at("", error.to_string());
    if let ReadError::ColumnType { column, .. } = error {
        fault.column = Some(column);
    }
    vec![fault]
}

impl State {
    fn answer(&mut self, place: Place, cells: &[Cell<'_>], desk: &mut Desk, out: &mut Vec<u8>) {
        let mut errors = Faults::default();
        let (used, kept) = cells.split_at(self.header.used.len().min(cells.len()));
        for (column, cell) in self.header.used.iter().zip(used) {
            let missing_values = &desk.options().missing_values;
            match column.reader.read_cell(*cell, missing_values) {
                Ok(value) => self.values[column.characteristic] = value,
                Err(detail) => {
                    let known = &desk.model().schema().characteristics;
                    let name = &known[column.characteristic].name;
                    errors.push(place.fault(Some(name), detail));
                }
            }
        }
        let kept = |at: usize| match kept.get(at) {
            // A number comes as it is written.
            None | Some(Cell::Missing | Cell::Number(_)) => Kept::Missing,
            Some(Cell::Written(text)) => Kept::Number(text),
            Some(Cell::Flag(flag)) => Kept::Json(if *flag { "true" } else { "false" }),
            Some(Cell::Text(text)) => Kept::Text(text),
        };
        if errors.is_empty() {
            desk.answer(place, &self.values, &kept, out);
        } else {
            desk.refuse(&kept, &told(errors), out);
        }
    }

    fn told(&self, place: Place, fault: &RowFault, desk: &Desk) -> String {
        let Header { used, .. } = &self.header;
        let name = fault.column().map(|at| match used.get(at) {
            Some(column) => &desk.model().schema().characteristics[column.characteristic].name,
            None => &desk.options().keep[at - used.len()],
        });
        let fault = fault.to_string();
        place.fault(name.map(String::as_str), &fault).to_string()
    }
}
