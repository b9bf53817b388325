//! Rows of a file.

use std::fs::File;
use std::io::{BufReader, Read};

/// A design matrix with its outcomes.
pub struct Rows {
    pub columns: usize,
    /// Row by row.
    pub values: Vec<f64>,
    pub events: Vec<bool>,
}

impl Rows {
    /// Reads a file; no more of it is held than is returned.
    pub fn read(path: &str) -> Self {
        let mut file = BufReader::with_capacity(1 << 20, File::open(path).unwrap());
        let rows = number(&mut file);
        let columns = number(&mut file);
        let mut values = Vec::with_capacity(rows * columns);
        for _ in 0..rows * columns {
            values.push(f64::from_le_bytes(eight(&mut file)));
        }
        let mut events = vec![0; rows];
        file.read_exact(&mut events).unwrap();
        Self {
            columns,
            values,
            events: events.into_iter().map(|event| event != 0).collect(),
        }
    }
}

fn number(file: &mut impl Read) -> usize {
    u64::from_le_bytes(eight(file)).try_into().unwrap()
}

fn eight(file: &mut impl Read) -> [u8; 8] {
    let mut bytes = [0; 8];
    file.read_exact(&mut bytes).unwrap();
    bytes
}
