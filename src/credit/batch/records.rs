//! Bytes of a CSV cut into records as they come.
//!
//! A record without quotes, which nearly all are, is a line cut at its commas. One with quotes is
//! read by `csv-core`. Either goes on where it stopped when more bytes come, so that small pieces
//! cost no more than large ones.

use csv_core::{ReadRecordResult, Reader};

use super::{LONGEST_RECORD, pending::Pending};

/// The bytes that have not been visited as records yet, and where they begin.
#[derive(Debug)]
pub(super) struct Records {
    pending: Pending,
    /// Line that the next record begins on, counted from 1.
    line: u64,
    /// Bytes of the next record in which there is neither its end nor a quote.
    searched: usize,
    /// Whether the next record is known to have a quote.
    is_quoted: bool,
    quoted: Quoted,
    ends: Vec<usize>,
}

/// One record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    /// Line on which it begins, counted from 1.
    pub line: u64,
    text: &'a [u8],
    ends: &'a [usize],
    /// Bytes between two cells.
    gap: usize,
}

impl<'a> Record<'a> {
    /// Number of cells.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of all cells; none if one of them is not UTF-8.
    pub(super) fn text(&self) -> Option<&'a str> {
        let text = std::str::from_utf8(self.text).ok()?;
        // With nothing between them, the halves of a character in two cells would make a whole.
        let is_apart = |end: &usize| text.is_char_boundary(*end);
        (self.gap > 0 || self.ends.iter().all(is_apart)).then_some(text)
    }

    /// Where the cell at `position` begins and ends among the bytes of all.
    #[inline]
    pub(super) fn range(&self, position: usize) -> std::ops::Range<usize> {
        let end = self.ends[position];
        match position.checked_sub(1) {
            None => 0..end,
            Some(before) => self.ends[before] + self.gap..end,
        }
    }
}

/// Why reading stops.
#[derive(Debug)]
pub(super) enum Stop<E> {
    /// The record that begins on this line is too long.
    TooLong(u64),
    /// The visitor's own reason.
    By(E),
}

impl Records {
    pub(super) fn new() -> Self {
        Self {
            pending: Pending::default(),
            line: 1,
            searched: 0,
            is_quoted: false,
            quoted: Quoted::new(),
            ends: Vec::new(),
        }
    }

    /// Gives every record that `bytes` completes to `visit`, until that says that it is enough;
    /// with `last` there are no more bytes, and what is left is a record too.
    ///
    /// Whether it was enough: then there may be more records.
    pub(super) fn each<E>(
        &mut self,
        bytes: &[u8],
        last: bool,
        visit: &mut dyn FnMut(Record<'_>) -> Result<bool, E>,
    ) -> Result<bool, Stop<E>> {
        self.pending.add(bytes, last);
        let pending = std::mem::take(&mut self.pending);
        let mut at = 0;
        let read = self.read(pending.rest(), &mut at, last, visit);
        self.pending = pending;
        self.pending.consume(at);
        read
    }

    /// Visits the records of `bytes`; `at` is where the first begins that has not been visited.
    fn read<E>(
        &mut self,
        bytes: &[u8],
        at: &mut usize,
        last: bool,
        visit: &mut dyn FnMut(Record<'_>) -> Result<bool, E>,
    ) -> Result<bool, Stop<E>> {
        loop {
            *at += self.skip_line_ends(&bytes[*at..]);
            let rest = &bytes[*at..];
            // Nothing behind the longest record and its end changes what it is.
            let most = rest.len().min(LONGEST_RECORD + 1);
            let is_last = last && rest.len() <= LONGEST_RECORD;
            let Some((record, taken)) = self.next(&rest[..most], is_last) else {
                return if rest.len() > LONGEST_RECORD {
                    Err(Stop::TooLong(self.line))
                } else {
                    Ok(false)
                };
            };
            let goes_on = visit(record).map_err(Stop::By)?;
            if std::mem::take(&mut self.is_quoted) {
                let ends = memchr::memchr_iter(b'\n', &rest[..taken]);
                self.line += ends.count() as u64;
            }
            self.searched = 0;
            *at += taken;
            if !goes_on {
                return Ok(true);
            }
        }
    }

    fn skip_line_ends(&mut self, bytes: &[u8]) -> usize {
        let ends = bytes.iter().take_while(|it| matches!(it, b'\n' | b'\r'));
        ends.map(|byte| self.line += u64::from(*byte == b'\n'))
            .count()
    }

    /// The record that `bytes` begin with, and how many bytes it is; none if it is not whole, or
    /// too long.
    fn next<'a>(&'a mut self, bytes: &'a [u8], last: bool) -> Option<(Record<'a>, usize)> {
        if !self.is_quoted {
            let found = memchr::memchr3(b'\n', b'\r', b'"', &bytes[self.searched..]);
            let end = found.map(|it| self.searched + it);
            self.searched = bytes.len();
            match end {
                Some(quote) if bytes[quote] == b'"' => {
                    self.is_quoted = true;
                    self.quoted.begin();
                }
                Some(end) => return Some((self.line(&bytes[..end]), end)),
                None if last && !bytes.is_empty() => {
                    return Some((self.line(bytes), bytes.len()));
                }
                None => return None,
            }
        }
        let Cut {
            taken,
            length,
            cells,
        } = self.quoted.cut(bytes, last)?;
        let record = Record {
            line: self.line,
            text: &self.quoted.text[..length],
            ends: &self.quoted.ends[..cells],
            gap: 0,
        };
        Some((record, taken))
    }

    /// The record of a line without quotes.
    fn line<'a>(&'a mut self, text: &'a [u8]) -> Record<'a> {
        find_commas(text, &mut self.ends);
        self.ends.push(text.len());
        Record {
            line: self.line,
            text,
            ends: &self.ends,
            gap: 1,
        }
    }
}

/// Writes where the commas of `text` are over `found`, looking at eight bytes at a time: cells are
/// too short for a search of its own each.
fn find_commas(text: &[u8], found: &mut Vec<usize>) {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    found.clear();
    let (words, rest) = text.as_chunks();
    for (at, word) in words.iter().enumerate() {
        let differs = u64::from_le_bytes(*word) ^ u64::from_le_bytes([b','; 8]);
        // The highest bit of each byte that does not differ, and no other bit.
        let mut commas = !(((differs & LOW) + LOW) | differs | LOW);
        while commas != 0 {
            found.push(at * 8 + commas.trailing_zeros() as usize / 8);
            commas &= commas - 1;
        }
    }
    let done = text.len() - rest.len();
    let cells = rest.iter().enumerate().filter(|(_, byte)| **byte == b',');
    found.extend(cells.map(|(at, _)| done + at));
}

/// A reader of records with quotes.
#[derive(Debug)]
struct Quoted {
    reader: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    /// What has been read of a record that is not whole.
    read: Cut,
}

/// What has been read of a record: bytes taken, bytes of its cells, number of its cells.
#[derive(Clone, Copy, Debug, Default)]
struct Cut {
    taken: usize,
    length: usize,
    cells: usize,
}

impl Quoted {
    fn new() -> Self {
        Self {
            reader: Reader::new(),
            text: vec![0; 4_096],
            ends: vec![0; 64],
            read: Cut::default(),
        }
    }

    fn begin(&mut self) {
        self.read = Cut::default();
        self.reader.reset();
        // A line end before a record is nothing, but what comes behind it is not the beginning of
        // a file, where the reader would pass over a byte order mark.
        let (text, ends) = (&mut self.text, &mut self.ends);
        self.reader.read_record(b"\n", text, ends);
    }

    /// Goes on in the record that `bytes` begin with; none while its end has not come.
    fn cut(&mut self, bytes: &[u8], last: bool) -> Option<Cut> {
        let read = &mut self.read;
        loop {
            // No bytes would tell the reader that there are no more.
            if read.taken == bytes.len() && !last {
                return None;
            }
            let (result, taken, written, ended) = self.reader.read_record(
                &bytes[read.taken..],
                &mut self.text[read.length..],
                &mut self.ends[read.cells..],
            );
            read.taken += taken;
            read.length += written;
            read.cells += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::End => return None,
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => return Some(*read),
            }
        }
    }
}
