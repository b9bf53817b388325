//! Bytes that have come and have not been read yet.

/// What some programs write before UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The bytes, in one piece.
#[derive(Debug, Default)]
pub(super) struct Pending {
    bytes: Vec<u8>,
    /// How many of them have been read.
    read: usize,
    has_begun: bool,
}

impl Pending {
    /// Adds `more`; with `last` there will be no more.
    pub(super) fn add(&mut self, more: &[u8], last: bool) {
        if !more.is_empty() {
            // Only here, so that going on with what is there already costs nothing.
            self.bytes.drain(..self.read);
            self.read = 0;
            self.bytes.extend_from_slice(more);
        }
        // A byte order mark may come in pieces.
        let is_short = self.bytes.len() < MARK.len() && MARK.starts_with(&self.bytes);
        if !self.has_begun && (last || !is_short) {
            self.has_begun = true;
            if self.bytes.starts_with(MARK) {
                self.read = MARK.len();
            }
        }
    }

    /// What has not been read; nothing while it may be the beginning of a byte order mark.
    pub(super) fn rest(&self) -> &[u8] {
        if self.has_begun {
            &self.bytes[self.read..]
        } else {
            &[]
        }
    }

    /// Says that so many bytes have been read.
    pub(super) fn consume(&mut self, count: usize) {
        self.read += count;
    }
}
