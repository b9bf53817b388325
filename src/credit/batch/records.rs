//! Bytes of a CSV cut into records as they come.
//!
//! A record without quotes, which nearly all are, is a line cut at its commas. One with quotes is
//! read by `csv-core`, from its beginning again when its end has not come yet.

use csv_core::{ReadRecordResult, Reader};

use super::LONGEST_RECORD;

/// The bytes that are no whole record yet, and where they begin.
#[derive(Debug)]
pub(super) struct Records {
    buffer: Vec<u8>,
    /// Line that the buffer begins on, counted from 1.
    line: u64,
    is_first: bool,
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

    /// The bytes of all cells.
    pub(super) fn text(&self) -> &'a [u8] {
        self.text
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
    /// The record that begins on this line has no end.
    TooLong(u64),
    /// The visitor's own reason.
    By(E),
}

impl Records {
    pub(super) fn new() -> Self {
        Self {
            buffer: Vec::new(),
            line: 1,
            is_first: true,
            quoted: Quoted::new(),
            ends: Vec::new(),
        }
    }

    /// Gives every record that `bytes` completes to `visit`; with `last` there are no more bytes,
    /// and what is left is a record too.
    pub(super) fn each<E>(
        &mut self,
        bytes: &[u8],
        last: bool,
        visit: &mut dyn FnMut(Record<'_>) -> Result<(), E>,
    ) -> Result<(), Stop<E>> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.extend_from_slice(bytes);
        let mut at = 0;
        if self.is_first {
            if buffer.len() < MARK.len() && !last {
                self.buffer = buffer;
                return Ok(());
            }
            self.is_first = false;
            at = if buffer.starts_with(MARK) {
                MARK.len()
            } else {
                0
            };
        }
        loop {
            at += self.skip_line_ends(&buffer[at..]);
            let Some(taken) = self.next(&buffer[at..], last, visit)? else {
                break;
            };
            at += taken;
        }
        buffer.drain(..at);
        self.buffer = buffer;
        if self.buffer.len() > LONGEST_RECORD {
            return Err(Stop::TooLong(self.line));
        }
        Ok(())
    }

    fn skip_line_ends(&mut self, bytes: &[u8]) -> usize {
        let ends = bytes.iter().take_while(|it| matches!(it, b'\n' | b'\r'));
        ends.map(|byte| self.line += u64::from(*byte == b'\n'))
            .count()
    }

    /// Visits the record that `bytes` begin with; how many bytes it is, none if it is not whole.
    fn next<E>(
        &mut self,
        bytes: &[u8],
        last: bool,
        visit: &mut dyn FnMut(Record<'_>) -> Result<(), E>,
    ) -> Result<Option<usize>, Stop<E>> {
        let end = match memchr::memchr3(b'\n', b'\r', b'"', bytes) {
            Some(quote) if bytes[quote] == b'"' => return self.next_quoted(bytes, last, visit),
            Some(end) => end,
            None if last && !bytes.is_empty() => bytes.len(),
            None => return Ok(None),
        };
        let text = &bytes[..end];
        find_commas(text, &mut self.ends);
        self.ends.push(end);
        let record = Record {
            line: self.line,
            text,
            ends: &self.ends,
            gap: 1,
        };
        visit(record).map_err(Stop::By)?;
        // The line end stays, to be skipped and counted.
        Ok(Some(end))
    }

    fn next_quoted<E>(
        &mut self,
        bytes: &[u8],
        last: bool,
        visit: &mut dyn FnMut(Record<'_>) -> Result<(), E>,
    ) -> Result<Option<usize>, Stop<E>> {
        let Some(Cut {
            taken,
            length,
            cells,
        }) = self.quoted.cut(bytes, last)
        else {
            return Ok(None);
        };
        let record = Record {
            line: self.line,
            text: &self.quoted.text[..length],
            ends: &self.quoted.ends[..cells],
            gap: 0,
        };
        visit(record).map_err(Stop::By)?;
        self.line += memchr::memchr_iter(b'\n', &bytes[..taken]).count() as u64;
        Ok(Some(taken))
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

/// What some programs write before UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// A reader of records with quotes.
#[derive(Debug)]
struct Quoted {
    reader: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// A record that has been read: bytes taken, bytes of its cells, number of its cells.
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
        }
    }

    fn cut(&mut self, bytes: &[u8], last: bool) -> Option<Cut> {
        self.reader.reset();
        let (mut taken, mut length, mut cells) = (0, 0, 0);
        loop {
            let (result, read, written, ended) = self.reader.read_record(
                &bytes[taken..],
                &mut self.text[length..],
                &mut self.ends[cells..],
            );
            taken += read;
            length += written;
            cells += ended;
            match result {
                // With no bytes at all the reader is told that there are no more.
                ReadRecordResult::InputEmpty if last => {}
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return None,
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => {
                    return Some(Cut {
                        taken,
                        length,
                        cells,
                    });
                }
            }
        }
    }
}
