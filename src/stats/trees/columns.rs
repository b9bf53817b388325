//! Columns cut into bins once, which every tree then reads.

use std::sync::Arc;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::cuts;
use super::error::TreeError;

/// The code of a cell that holds no category.
pub const MISSING_CATEGORY: u32 = u32::MAX;

/// Bins of a column at most, its missing bin not counted.
pub(super) const MOST_BINS: usize = 255;
/// The bin of missing cells, and of categories without a bin.
pub(super) const MISSING_BIN: u8 = 255;

/// A column to learn from.
#[derive(Clone, Copy, Debug)]
pub enum TreeColumn<'a> {
    /// Numbers, ordered; one that is not finite is missing.
    Numeric(&'a [f64]),
    /// Categories, unordered.
    Categories {
        /// A code below `levels` per row, or [`MISSING_CATEGORY`].
        codes: &'a [u32],
        /// Number of codes.
        levels: u32,
    },
}

/// Columns of the same length, each cell reduced to one of at most 255 bins, or missing.
///
/// A numeric column with at most 255 distinct values loses nothing; otherwise its bins hold about
/// the same number of rows. A category has a bin of its own; beyond 255 categories the rarer ones
/// are treated as missing, when fitting as when scoring.
#[derive(Clone, Debug)]
pub struct BinnedColumns {
    rows: usize,
    columns: Vec<Arc<BinnedColumn>>,
}

#[derive(Debug)]
pub(super) struct BinnedColumn {
    /// Bin of each row.
    pub codes: Vec<u8>,
    /// Bins in use, the missing one not counted.
    pub bins: usize,
    pub cuts: Cuts,
}

/// How raw values become bins.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cuts {
    /// Upper ends of the bins but the last.
    Numeric(Vec<f64>),
    /// Bin of each code.
    Categories(Vec<u8>),
}

impl BinnedColumns {
    /// Cuts columns into bins.
    ///
    /// # Errors
    /// [`TreeError`] without columns or rows, for columns that differ in length, and for a category's
    /// code that is not below the number of levels.
    pub fn new(columns: &[TreeColumn<'_>]) -> Result<Self, TreeError> {
        let first = columns.first().ok_or(TreeError::NoColumns)?;
        let expected = first.rows();
        if expected == 0 {
            return Err(TreeError::NoRows);
        }
        if u32::try_from(expected.max(columns.len())).is_err() {
            return Err(TreeError::TooLarge);
        }
        let bin = |(column, raw): (usize, &TreeColumn<'_>)| {
            let rows = raw.rows();
            if rows != expected {
                return Err(TreeError::ColumnLength {
                    column,
                    rows,
                    expected,
                });
            }
            match *raw {
                TreeColumn::Numeric(values) => Ok(Arc::new(bin_numeric(values))),
                TreeColumn::Categories { codes, levels } => {
                    bin_categories(column, codes, levels).map(Arc::new)
                }
            }
        };
        Ok(Self {
            rows: expected,
            columns: columns
                .iter()
                .enumerate()
                .map(bin)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// Bins of a column, the missing one not counted; 0 when every cell is missing.
    ///
    /// # Panics
    /// When there is no such column.
    pub fn bins(&self, column: usize) -> usize {
        self.columns[column].bins
    }

    /// Some of the columns, in the given order; nothing is copied.
    ///
    /// # Panics
    /// When there is no such column.
    pub fn select(&self, columns: &[usize]) -> Self {
        let chosen = columns.iter().map(|&c| Arc::clone(&self.columns[c]));
        Self {
            rows: self.rows,
            columns: chosen.collect(),
        }
    }

    /// The columns followed by a shuffled copy of each, in the same order.
    ///
    /// A copy keeps the column's distribution and loses its relation to everything else: what a
    /// model finds in it is chance (Kursa and Rudnicki 2010 call it a shadow).
    pub fn with_shadows(&self, seed: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let shadows = self.columns.iter().map(|column| {
            let mut codes = column.codes.clone();
            codes.shuffle(&mut generator);
            Arc::new(BinnedColumn {
                codes,
                bins: column.bins,
                cuts: column.cuts.clone(),
            })
        });
        Self {
            rows: self.rows,
            columns: self.columns.iter().cloned().chain(shadows).collect(),
        }
    }

    pub(super) fn column(&self, column: usize) -> &BinnedColumn {
        &self.columns[column]
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = &BinnedColumn> {
        self.columns.iter().map(AsRef::as_ref)
    }
}

impl TreeColumn<'_> {
    fn rows(&self) -> usize {
        match self {
            Self::Numeric(values) => values.len(),
            Self::Categories { codes, .. } => codes.len(),
        }
    }
}

impl BinnedColumn {
    pub(super) fn is_categorical(&self) -> bool {
        matches!(self.cuts, Cuts::Categories(_))
    }

    /// Largest value that is not above bin `bin`; the largest float for the last bin.
    pub(super) fn threshold(&self, bin: u8) -> f64 {
        match &self.cuts {
            Cuts::Numeric(ends) => ends.get(usize::from(bin)).copied().unwrap_or(f64::MAX),
            Cuts::Categories(_) => 0.0,
        }
    }
}

fn bin_numeric(values: &[f64]) -> BinnedColumn {
    let ends = cuts::thresholds(values, MOST_BINS);
    let code = |value: &f64| {
        if value.is_finite() {
            ends.partition_point(|end| end < value) as u8
        } else {
            MISSING_BIN
        }
    };
    let codes: Vec<u8> = values.iter().map(code).collect();
    let any = codes.iter().any(|&code| code != MISSING_BIN);
    BinnedColumn {
        bins: if any { ends.len() + 1 } else { 0 },
        codes,
        cuts: Cuts::Numeric(ends),
    }
}

fn bin_categories(column: usize, codes: &[u32], levels: u32) -> Result<BinnedColumn, TreeError> {
    let known = |code: &u32| *code != MISSING_CATEGORY;
    if let Some(row) = codes.iter().position(|code| known(code) && *code >= levels) {
        return Err(TreeError::UnknownCode {
            row,
            column,
            levels,
        });
    }
    // As long as the codes in use need, however many levels are announced.
    let codes_in_use = codes
        .iter()
        .filter(|code| known(code))
        .max()
        .map_or(0, |most| most + 1);
    let mut counts = vec![0_usize; codes_in_use as usize];
    for &code in codes.iter().filter(|code| known(code)) {
        counts[code as usize] += 1;
    }
    let mut seen: Vec<usize> = (0..counts.len()).filter(|&code| counts[code] > 0).collect();
    seen.sort_by_key(|&code| std::cmp::Reverse(counts[code]));
    seen.truncate(MOST_BINS);
    seen.sort_unstable();
    let mut bin_of = vec![MISSING_BIN; counts.len()];
    for (bin, &code) in seen.iter().enumerate() {
        bin_of[code] = bin as u8;
    }
    let bin = |&code: &u32| bin_of.get(code as usize).copied().unwrap_or(MISSING_BIN);
    Ok(BinnedColumn {
        codes: codes.iter().map(bin).collect(),
        bins: seen.len(),
        cuts: Cuts::Categories(bin_of),
    })
}
