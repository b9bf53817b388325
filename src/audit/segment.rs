//! One open file of lines, to which a batch is added whole or not at all.

use std::{
    fs::File,
    io::{self, Write},
};

/// What a segment needs of the thing it writes to.
pub(super) trait Medium: Write {
    /// Forces what was written to disk.
    fn sync(&self) -> io::Result<()>;
    /// Cuts the content to `length` bytes.
    fn truncate(&self, length: u64) -> io::Result<()>;
}

/// The log's file, or the pipe or device that stands in for it.
#[derive(Debug)]
pub(super) enum Handle {
    Regular(File),
    /// Can neither be cut nor forced.
    Stream(File),
}

impl Write for Handle {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (Self::Regular(file) | Self::Stream(file)) = self;
        file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Medium for Handle {
    fn sync(&self) -> io::Result<()> {
        match self {
            Self::Regular(file) => file.sync_data(),
            Self::Stream(_) => Ok(()),
        }
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        match self {
            Self::Regular(file) => file.set_len(length),
            Self::Stream(_) => Ok(()),
        }
    }
}

/// An open file of whole lines.
#[derive(Debug)]
pub(super) struct Segment<M> {
    medium: M,
    /// Bytes of whole, accepted lines.
    length: u64,
    /// Bytes beyond `length` may exist and must go before the next write.
    damaged: bool,
    unsynced: bool,
}

impl<M: Medium> Segment<M> {
    pub(super) fn new(medium: M, length: u64) -> Self {
        Self {
            medium,
            length,
            damaged: false,
            unsynced: false,
        }
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn unsynced(&self) -> bool {
        self.unsynced
    }

    /// Adds a batch of lines, forced to disk if `durable`. On error the
    /// segment is as before, at the latest when the next batch is added.
    pub(super) fn append(&mut self, lines: &[u8], durable: bool) -> io::Result<()> {
        self.repair()?;
        let written = self.medium.write_all(lines);
        let written = if durable {
            written.and_then(|()| self.medium.sync())
        } else {
            written
        };
        match written {
            Ok(()) => {
                self.length += lines.len() as u64;
                self.unsynced |= !durable;
            }
            Err(_) => {
                self.damaged = true;
                if let Err(error) = self.repair() {
                    tracing::error!(%error, "audit log keeps a partial line until it can be cut");
                }
            }
        }
        written
    }

    /// Cuts what a failed write left behind.
    pub(super) fn repair(&mut self) -> io::Result<()> {
        if self.damaged {
            self.medium.truncate(self.length)?;
            self.medium.sync()?;
            self.damaged = false;
        }
        Ok(())
    }

    /// Forces lines to disk that are not there yet.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        if self.unsynced {
            self.medium.sync()?;
            self.unsynced = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// Bytes in memory on a disk with little room.
    #[derive(Default)]
    struct SmallDisk {
        content: RefCell<Vec<u8>>,
        room: usize,
        sync_fails: bool,
        truncate_fails: bool,
    }

    impl Write for SmallDisk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.room - self.content.borrow().len());
            if taken == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.content.borrow_mut().extend_from_slice(&bytes[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Medium for SmallDisk {
        fn sync(&self) -> io::Result<()> {
            if self.sync_fails {
                Err(io::Error::other("EIO"))
            } else {
                Ok(())
            }
        }

        fn truncate(&self, length: u64) -> io::Result<()> {
            if self.truncate_fails {
                return Err(io::Error::other("EIO"));
            }
            self.content
                .borrow_mut()
                .truncate(usize::try_from(length).unwrap());
            Ok(())
        }
    }

    fn segment(room: usize) -> Segment<SmallDisk> {
        let mut segment = Segment::new(
            SmallDisk {
                room,
                ..SmallDisk::default()
            },
            0,
        );
        segment.append(b"first\n", true).unwrap();
        segment
    }

    fn content(segment: &Segment<SmallDisk>) -> Vec<u8> {
        segment.medium.content.borrow().clone()
    }

    #[test]
    fn a_batch_that_does_not_fit_leaves_no_part_of_itself() {
        let mut segment = segment(10);
        let error = segment.append(b"second\n", true).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(content(&segment), b"first\n");

        segment.medium.room = 100;
        segment.append(b"third\n", true).unwrap();
        assert_eq!(content(&segment), b"first\nthird\n");
    }

    #[test]
    fn a_batch_that_cannot_be_synced_is_taken_back() {
        let mut segment = segment(100);
        segment.medium.sync_fails = true;
        assert!(segment.append(b"second\n", true).is_err());
        segment.medium.sync_fails = false;
        segment.append(b"third\n", true).unwrap();
        assert_eq!(content(&segment), b"first\nthird\n");
    }

    #[test]
    fn nothing_is_added_to_a_partial_line_that_cannot_be_cut() {
        let mut segment = segment(10);
        segment.medium.truncate_fails = true;
        assert!(segment.append(b"second\n", false).is_err());
        assert_eq!(content(&segment), b"first\nseco");

        segment.medium.room = 100;
        assert!(segment.append(b"third\n", false).is_err());
        assert_eq!(content(&segment), b"first\nseco");

        segment.medium.truncate_fails = false;
        segment.append(b"fourth\n", false).unwrap();
        assert_eq!(content(&segment), b"first\nfourth\n");
    }

    #[test]
    fn a_failed_later_sync_keeps_accepted_lines_and_is_tried_again() {
        let mut segment = segment(100);
        segment.append(b"second\n", false).unwrap();
        segment.medium.sync_fails = true;
        assert!(segment.sync().is_err());
        assert!(segment.sync().is_err());
        segment.medium.sync_fails = false;
        segment.sync().unwrap();
        assert_eq!(content(&segment), b"first\nsecond\n");
    }
}
