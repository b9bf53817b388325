//! Rows of a CSV.

use super::{
    cell::{Kept, none},
    desk::Desk,
    header::Header,
    place::{Place, told},
    records::{Record, Records, Stop},
};
use crate::credit::{Fault, fault::Faults, value::Value};

/// A CSV that is being read.
pub(super) struct CsvRows {
    records: Records,
    state: Option<State>,
}

/// What is known once the header has been read.
struct State {
    header: Header,
    values: Vec<Value>,
}

impl CsvRows {
    pub(super) fn new() -> Self {
        Self {
            records: Records::new(),
            state: None,
        }
    }

    pub(super) fn has_begun(&self) -> bool {
        self.state.is_some()
    }

    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        desk: &mut Desk,
        out: &mut Vec<u8>,
    ) -> Result<bool, Vec<Fault>> {
        self.read(bytes, false, desk, out)
    }

    pub(super) fn finish(&mut self, desk: &mut Desk, out: &mut Vec<u8>) -> Result<(), Vec<Fault>> {
        while self.read(&[], true, desk, out)? {}
        if self.state.is_none() {
            return Err(vec![Fault::at("", "the data set has no header line")]);
        }
        Ok(())
    }

    fn read(
        &mut self,
        bytes: &[u8],
        last: bool,
        desk: &mut Desk,
        out: &mut Vec<u8>,
    ) -> Result<bool, Vec<Fault>> {
        let Self { records, state } = self;
        let read = records.each(bytes, last, &mut |record| {
            if let Some(state) = state {
                state.answer(record, desk, out);
            } else {
                *state = Some(State::new(record, desk)?);
                desk.begin(out);
            }
            Ok(!desk.has_enough(out))
        });
        read.map_err(|stop| match stop {
            Stop::By(faults) => faults,
            Stop::TooLong(line) => vec![too_long(line)],
        })
    }
}

/// What is wrong with a record that is too long, or has no end.
pub(super) fn too_long(line: u64) -> Fault {
    Place::Line(line).fault(None, "a row of more than 1 MiB")
}

impl State {
    fn new(record: Record<'_>, desk: &Desk) -> Result<Self, Vec<Fault>> {
        let Some(text) = record.text() else {
            let detail = "the header is not UTF-8 text";
            return Err(vec![Place::Line(record.line).fault(None, detail)]);
        };
        let names = (0..record.len()).map(|position| cell(text, record, position));
        let names: Vec<&str> = names.collect();
        let header = Header::read(&names, Some(record.line), desk.model(), desk.options())?;
        Ok(Self {
            values: header.unused.clone(),
            header,
        })
    }

    fn answer(&mut self, record: Record<'_>, desk: &mut Desk, out: &mut Vec<u8>) {
        let Self { header, values } = self;
        let place = Place::Line(record.line);
        let Some(text) = record.text() else {
            let fault = place.fault(None, "the row is not UTF-8 text");
            return desk.refuse(&none, &fault.to_string(), out);
        };
        if record.len() != header.width {
            let detail = format!("{} cells where {} are expected", record.len(), header.width);
            let fault = place.fault(None, &detail);
            return desk.refuse(&none, &fault.to_string(), out);
        }
        let mut faults = Faults::default();
        for column in &header.used {
            let text = cell(text, record, column.cell);
            match column.reader.read(text, &desk.options().missing_values) {
                Ok(value) => values[column.characteristic] = value,
                Err(detail) => {
                    let name = &desk.model().schema().characteristics[column.characteristic].name;
                    faults.push(place.fault(Some(name), detail));
                }
            }
        }
        let kept = |at: usize| match cell(text, record, header.kept[at]) {
            "" => Kept::Missing,
            text => Kept::Text(text),
        };
        if faults.is_empty() {
            desk.answer(place, values, &kept, out);
        } else {
            desk.refuse(&kept, &told(faults), out);
        }
    }
}

/// The cell at `position`, without spaces around it.
#[inline]
fn cell<'a>(text: &'a str, record: Record<'_>, position: usize) -> &'a str {
    // A comma or quote is no part of a character, so that the range is one of characters.
    let cell = text.get(record.range(position)).unwrap_or_default();
    match cell.as_bytes() {
        // Nearly always there are none, and telling so is quicker than looking for them.
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => cell,
        [only] if only.is_ascii_graphic() => cell,
        _ => cell.trim(),
    }
}
