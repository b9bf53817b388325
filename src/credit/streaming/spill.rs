//! Rows put aside in a temporary file: block by block, in each block column by column.
//!
//! A cell is a code, in as few bytes as the block's codes need, or a plain number of eight bytes
//! (`NaN` for none). Code 0 is stored for a missing cell, and each code one up. A column may change
//! from codes to numbers from one block to the next. The file has no name from the start, so that
//! nothing of it stays whatever happens.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    ops::Range,
    path::Path,
};

use crate::credit::table::MISSING;

/// The cells of one column of a block.
#[derive(Debug)]
pub(super) enum Cells {
    /// Codes; [`MISSING`] for none.
    Codes(Vec<u32>),
    /// Numbers; `NaN` for none.
    Numbers(Vec<f64>),
}

/// Rows put aside.
#[derive(Debug)]
pub(super) struct Spill {
    file: File,
    columns: usize,
    rows: usize,
    block_rows: usize,
    /// For each block its columns.
    chunks: Vec<Chunk>,
    bytes: u64,
}

#[derive(Clone, Copy, Debug)]
enum Chunk {
    Codes { offset: u64, width: u8 },
    Numbers { offset: u64 },
}

impl Spill {
    /// An empty file in `directory` for blocks of `block_rows` rows and `columns` columns.
    pub fn new(directory: &Path, columns: usize, block_rows: usize) -> io::Result<Self> {
        Ok(Self {
            file: tempfile::tempfile_in(directory)?,
            columns,
            rows: 0,
            block_rows,
            chunks: Vec::new(),
            bytes: 0,
        })
    }

    /// Appends a block; only the last may have fewer rows than the others.
    pub fn push(&mut self, columns: &[Cells]) -> io::Result<()> {
        let mut bytes = Vec::new();
        for cells in columns {
            bytes.clear();
            let offset = self.bytes;
            let chunk = match cells {
                Cells::Codes(codes) => {
                    let most = codes.iter().map(|code| code.wrapping_add(1)).max();
                    let width = match most.unwrap_or(0) {
                        0..=0xff => 1,
                        0x100..=0xffff => 2,
                        _ => 4,
                    };
                    for code in codes {
                        let stored = code.wrapping_add(1).to_le_bytes();
                        bytes.extend_from_slice(&stored[..width]);
                    }
                    Chunk::Codes {
                        offset,
                        width: width as u8,
                    }
                }
                Cells::Numbers(numbers) => {
                    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
                    Chunk::Numbers { offset }
                }
            };
            self.write(&bytes, chunk)?;
        }
        self.rows += columns.first().map_or(0, Cells::len);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8], chunk: Chunk) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.bytes += bytes.len() as u64;
        self.chunks.push(chunk);
        Ok(())
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many bytes the file has.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many blocks there are.
    pub fn blocks(&self) -> usize {
        self.rows.div_ceil(self.block_rows)
    }

    /// The rows of a block.
    pub fn rows_of(&self, block: usize) -> Range<usize> {
        let first = block * self.block_rows;
        first..(first + self.block_rows).min(self.rows)
    }

    /// Reads the cells of a column of a block over `cells`.
    pub fn read(&self, block: usize, column: usize, cells: &mut Cells) -> io::Result<()> {
        let rows = self.rows_of(block).len();
        match self.chunks[block * self.columns + column] {
            Chunk::Codes { offset, width } => {
                let width = usize::from(width);
                let bytes = self.bytes_at(offset, rows * width)?;
                let mut codes = cells.take_codes();
                codes.extend(bytes.chunks_exact(width).map(|stored| {
                    let mut code = [0; 4];
                    code[..width].copy_from_slice(stored);
                    // 0 becomes the code of a missing cell.
                    u32::from_le_bytes(code).wrapping_sub(1)
                }));
                debug_assert_eq!(MISSING, 0_u32.wrapping_sub(1));
                *cells = Cells::Codes(codes);
            }
            Chunk::Numbers { offset } => {
                let bytes = self.bytes_at(offset, rows * 8)?;
                let mut numbers = cells.take_numbers();
                numbers.extend(eights(&bytes).map(f64::from_le_bytes));
                *cells = Cells::Numbers(numbers);
            }
        }
        Ok(())
    }

    fn bytes_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

fn eights(bytes: &[u8]) -> impl Iterator<Item = [u8; 8]> + '_ {
    let whole = bytes.chunks_exact(8);
    whole.map(|eight| {
        let mut own = [0; 8];
        own.copy_from_slice(eight);
        own
    })
}

impl Cells {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Codes(codes) => codes.len(),
            Self::Numbers(numbers) => numbers.len(),
        }
    }

    /// An empty list of codes, in the memory of these cells if they were codes.
    fn take_codes(&mut self) -> Vec<u32> {
        match std::mem::take(self) {
            Self::Codes(mut codes) => {
                codes.clear();
                codes
            }
            Self::Numbers(_) => Vec::new(),
        }
    }

    /// An empty list of numbers, in the memory of these cells if they were numbers.
    fn take_numbers(&mut self) -> Vec<f64> {
        match std::mem::take(self) {
            Self::Numbers(mut numbers) => {
                numbers.clear();
                numbers
            }
            Self::Codes(_) => Vec::new(),
        }
    }
}

impl Default for Cells {
    fn default() -> Self {
        Self::Codes(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_whatever_their_width() {
        let numbers = [0.1, f64::NAN, -f64::MAX];
        let blocks = [
            Cells::Codes(vec![0, MISSING, 253, 254]),
            Cells::Codes(vec![0xfffe, 255, MISSING, 7]),
            Cells::Codes(vec![0xffff, MISSING, 70_000, u32::MAX - 1]),
            Cells::Numbers(numbers.to_vec()),
        ];
        let mut spill = Spill::new(&std::env::temp_dir(), 2, 4).unwrap();
        for cells in blocks {
            let other = Cells::Codes(vec![1; cells.len()]);
            spill.push(&[other, cells]).unwrap();
        }
        assert_eq!((spill.rows(), spill.blocks()), (15, 4));
        assert_eq!(spill.rows_of(3), 12..15);
        // One, two and four bytes a code, eight a number, and the other column's one.
        assert_eq!(spill.bytes(), 4 + 8 + 16 + 24 + 15);
        let mut cells = Cells::Numbers(vec![1.0]);
        let mut read = |block| {
            spill.read(block, 1, &mut cells).unwrap();
            match &cells {
                Cells::Codes(codes) => codes.clone(),
                Cells::Numbers(found) => {
                    let bits = |numbers: &[f64]| -> Vec<u64> {
                        numbers.iter().map(|number| number.to_bits()).collect()
                    };
                    assert_eq!(bits(found), bits(&numbers));
                    Vec::new()
                }
            }
        };
        assert_eq!(read(2), [0xffff, MISSING, 70_000, u32::MAX - 1]);
        assert_eq!(read(3), [0_u32; 0]);
        assert_eq!(read(0), [0, MISSING, 253, 254]);
        assert_eq!(read(1), [0xfffe, 255, MISSING, 7]);
    }
}
