//! What the targets share: the rooms under test, and a reader that reads to the end.
#![expect(dead_code, unused_imports, reason = "the rooms' callers are not part of this crate")]

#[path = "../../src/credit/mod.rs"]
pub mod credit;
#[path = "../../src/stats/mod.rs"]
pub mod stats;

use credit::reading::{Format, Source, open};

/// Most bytes that an input may decompress to.
const MOST_BYTES: u64 = 16 << 20;

/// Most rows that are read; a few bytes of a columnar file may promise billions.
const MOST_ROWS: usize = 200_000;

/// Reads `bytes` as `format` to the end; rows must be as wide as the header.
pub fn read(format: Format, bytes: &[u8]) {
    let source = Source::Bytes(bytes.to_vec().into());
    let Ok(mut reader) = open(format, source, MOST_BYTES) else {
        return;
    };
    let columns = reader.names().len();
    assert!(columns > 0);
    let (mut rows, mut last) = (0, 0);
    while rows < MOST_ROWS {
        let read = reader.read(1_000, &mut |place, row| {
            assert!(place > last, "the places ascend");
            last = place;
            if let Ok(cells) = row {
                assert_eq!(cells.len(), columns);
            }
        });
        match read {
            Ok(0) | Err(_) => return,
            Ok(count) => rows += count,
        }
    }
}
