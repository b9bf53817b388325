//! The part of a stream that is in memory.

use std::{
    io::{self, ErrorKind, Read},
    ops::Range,
};

/// How much is read at a time, in bytes.
const STRIDE: usize = 256 << 10;

/// A stream, and the bytes of it that are not used up.
#[derive(Debug)]
pub(super) struct Window<R> {
    source: R,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// How many bytes there were before these.
    before: u64,
}

impl<R: Read> Window<R> {
    /// The window at the front of `source`; a byte order mark is passed over.
    pub(super) fn new(source: R) -> io::Result<Self> {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        let mut window = Self {
            source,
            bytes: vec![0; STRIDE],
            start: 0,
            end: 0,
            before: 0,
        };
        while window.rest().len() < MARK.len() && window.refill()? {}
        if window.rest().starts_with(MARK) {
            window.consume(MARK.len());
        }
        Ok(window)
    }

    /// The bytes that are not used up.
    pub(super) fn rest(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Uses up `count` bytes; their place stays the same until the next refill.
    pub(super) fn consume(&mut self, count: usize) -> Range<usize> {
        let place = self.start..self.start + count;
        self.start = place.end;
        place
    }

    /// How many bytes have been used up in all.
    pub(super) fn passed(&self) -> u64 {
        self.before + self.start as u64
    }

    /// Bytes that were used up since the last refill.
    pub(super) fn used(&self, place: Range<usize>) -> &[u8] {
        &self.bytes[place]
    }

    /// Reads more bytes behind the rest, making room as needed; false at the end of the stream.
    pub(super) fn refill(&mut self) -> io::Result<bool> {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.before += self.start as u64;
            self.end -= self.start;
            self.start = 0;
        }
        if self.end > self.bytes.len() / 2 {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
        loop {
            match self.source.read(&mut self.bytes[self.end..]) {
                Ok(count) => {
                    self.end += count;
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
