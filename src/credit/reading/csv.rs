//! CSV with a header line: rows split at commas, quotes taken off.
//!
//! A line without quotes is split where it lies; one with quotes goes through the state machine
//! of `csv-core`, whose rules (RFC 4180, and what files in the wild do) hold for both.

use std::{io::Read, ops::Range};

use csv_core::ReadRecordResult;

use super::{
    Cell, LONGEST_ROW, ReadError, RowFault, RowReader, Visit, cell::recycle, fault::header,
    window::Window,
};

/// Reads the rows of a CSV file.
#[derive(Debug)]
pub struct CsvReader<R> {
    lines: Lines<R>,
    names: Vec<String>,
    cells: Vec<Cell<'static>>,
    /// Rows read so far that are whole.
    rows: u64,
    /// Bytes of the file, if known.
    length: Option<u64>,
}

/// The records of a CSV file, the header being the first.
#[derive(Debug)]
struct Lines<R> {
    window: Window<R>,
    /// The line on which the rest of the window begins, counted from 1.
    line: u64,
    machine: csv_core::Reader,
    /// The cells of a record with quotes, one behind the other, and where each ends.
    unquoted: Vec<u8>,
    ends: Vec<usize>,
}

/// A record, and the line on which it begins.
struct Record {
    line: u64,
    cells: Place,
}

/// Where the cells of a record are.
enum Place {
    /// In the window, commas between them.
    Plain(Range<usize>),
    /// So many in `unquoted`.
    Unquoted(usize),
}

impl<R: Read> CsvReader<R> {
    /// Reads the header of `source`.
    ///
    /// # Errors
    /// Names that are empty, not UTF-8 or there twice; a header without an end; failures of the
    /// source.
    pub fn new(source: R) -> Result<Self, ReadError> {
        Self::of_length(source, None)
    }

    /// As [`new`](Self::new), of a file of so many bytes, if that is known.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn of_length(source: R, length: Option<u64>) -> Result<Self, ReadError> {
        let mut machine = csv_core::Reader::new();
        // A byte order mark is one at the front of the file only, which the window has passed.
        machine.read_record(b"\n", &mut [0], &mut [0]);
        let mut lines = Lines {
            window: Window::new(source)?,
            line: 1,
            machine,
            unquoted: vec![0; 1 << 10],
            ends: vec![0; 64],
        };
        let names = match lines.next()? {
            Some(record) => header(lines.cells(&record))?,
            None => header([])?,
        };
        Ok(Self {
            lines,
            names,
            cells: Vec::new(),
            rows: 0,
            length,
        })
    }
}

impl<R: Read> RowReader for CsvReader<R> {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn read(&mut self, most: usize, visit: &mut Visit<'_>) -> Result<usize, ReadError> {
        for count in 0..most {
            let Some(record) = self.lines.next()? else {
                return Ok(count);
            };
            let mut cells = recycle(std::mem::take(&mut self.cells));
            let read = self.lines.read(&record, self.names.len(), &mut cells);
            self.rows += u64::from(read.is_ok());
            visit(record.line, read.map(|()| &cells[..]));
            self.cells = recycle(cells);
        }
        Ok(most)
    }

    fn expected(&self) -> Option<u64> {
        let read = self.lines.window.passed();
        let per_row = (read > 0).then(|| self.rows as f64 / read as f64);
        Some((self.length? as f64 * per_row?) as u64)
    }
}

impl<R: Read> Lines<R> {
    /// The next record, blank lines before it passed over.
    fn next(&mut self) -> Result<Option<Record>, ReadError> {
        if !self.skip_breaks()? {
            return Ok(None);
        }
        let line = self.line;
        let mut seen = 0;
        loop {
            let rest = self.window.rest();
            match memchr::memchr3(b'\n', b'\r', b'"', &rest[seen..]) {
                Some(at) if rest[seen + at] == b'"' => return self.quoted(),
                Some(at) if seen + at > LONGEST_ROW => {
                    return Err(ReadError::RowTooLong { line });
                }
                Some(at) => {
                    let cells = Place::Plain(self.window.consume(seen + at));
                    return Ok(Some(Record { line, cells }));
                }
                None => seen = rest.len(),
            }
            if seen > LONGEST_ROW {
                return Err(ReadError::RowTooLong { line });
            }
            if !self.window.refill()? {
                let cells = Place::Plain(self.window.consume(seen));
                return Ok(Some(Record { line, cells }));
            }
        }
    }

    /// Passes over line breaks; whether there is anything behind them.
    fn skip_breaks(&mut self) -> Result<bool, ReadError> {
        loop {
            let rest = self.window.rest();
            let breaks = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
            let (mut count, mut lines) = (0, 0);
            for byte in breaks {
                count += 1;
                lines += u64::from(*byte == b'\n');
            }
            let is_more = count < rest.len();
            self.window.consume(count);
            self.line += lines;
            if is_more {
                return Ok(true);
            }
            if !self.window.refill()? {
                return Ok(false);
            }
        }
    }

    /// The next record, cell by cell.
    fn quoted(&mut self) -> Result<Option<Record>, ReadError> {
        let line = self.line;
        let (mut length, mut cells) = (0, 0);
        loop {
            let rest = self.window.rest();
            let (output, ends) = (&mut self.unquoted[length..], &mut self.ends[cells..]);
            let (result, read, wrote, ended) = self.machine.read_record(rest, output, ends);
            self.line += memchr::memchr_iter(b'\n', &rest[..read]).count() as u64;
            self.window.consume(read);
            length += wrote;
            cells += ended;
            if length > LONGEST_ROW || cells > LONGEST_ROW {
                return Err(ReadError::RowTooLong { line });
            }
            match result {
                // At the end of the source the machine is told by an empty rest.
                ReadRecordResult::InputEmpty => {
                    self.window.refill()?;
                }
                ReadRecordResult::OutputFull => self.unquoted.resize(2 * length.max(1), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * cells.max(1), 0),
                ReadRecordResult::Record => {
                    let cells = Place::Unquoted(cells);
                    return Ok(Some(Record { line, cells }));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    /// The bytes of each cell.
    fn cells<'a>(&'a self, record: &'a Record) -> Vec<&'a [u8]> {
        match &record.cells {
            Place::Plain(place) => {
                let text = self.window.used(place.clone());
                text.split(|byte| *byte == b',').collect()
            }
            Place::Unquoted(cells) => {
                let mut start = 0;
                let ends = self.ends[..*cells].iter();
                ends.map(|end| &self.unquoted[std::mem::replace(&mut start, *end)..*end])
                    .collect()
            }
        }
    }

    /// Reads the cells of `record`, of which there must be `expected`, to the end of `cells`.
    fn read<'a>(
        &'a self,
        record: &Record,
        expected: usize,
        cells: &mut Vec<Cell<'a>>,
    ) -> Result<(), RowFault> {
        let found = match &record.cells {
            Place::Plain(place) => self.read_plain(place.clone(), expected, cells),
            Place::Unquoted(count) => self.read_unquoted(*count, expected, cells),
        };
        let found = found.ok_or_else(|| RowFault::NotUtf8 {
            column: self.first_not_utf8(record),
        })?;
        if found == expected {
            Ok(())
        } else {
            Err(RowFault::Ragged { found, expected })
        }
    }

    /// How many cells there are; none if they are not UTF-8.
    fn read_plain<'a>(
        &'a self,
        place: Range<usize>,
        expected: usize,
        cells: &mut Vec<Cell<'a>>,
    ) -> Option<usize> {
        let bytes = self.window.used(place);
        let Ok(text) = std::str::from_utf8(bytes) else {
            let found = memchr::memchr_iter(b',', bytes).count() + 1;
            // That the row is ragged tells more.
            return (found != expected).then_some(found);
        };
        let (mut start, mut found) = (0, 1);
        for comma in memchr::memchr_iter(b',', bytes) {
            if found < expected {
                cells.push(Cell::of_text(&text[start..comma]));
            }
            found += 1;
            start = comma + 1;
        }
        cells.push(Cell::of_text(&text[start..]));
        Some(found)
    }

    fn read_unquoted<'a>(
        &'a self,
        count: usize,
        expected: usize,
        cells: &mut Vec<Cell<'a>>,
    ) -> Option<usize> {
        let mut start = 0;
        for end in self.ends[..count].iter().take(expected) {
            let bytes = &self.unquoted[std::mem::replace(&mut start, *end)..*end];
            match std::str::from_utf8(bytes) {
                Ok(text) => cells.push(Cell::of_text(text)),
                Err(_) => return (count != expected).then_some(count),
            }
        }
        Some(count)
    }

    fn first_not_utf8(&self, record: &Record) -> usize {
        let cells = self.cells(record);
        let bad = |cell: &&[u8]| std::str::from_utf8(cell).is_err();
        cells.iter().position(bad).unwrap_or(0)
    }
}
