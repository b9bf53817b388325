//! A sample of many rows, from which a search can start near its end.

use super::fit::FitError;
use super::groups::Group;
use super::narrow::NarrowBlocks;

/// Rows from which on a sample is worth its while.
const MANY: usize = 100_000;
/// Rows of a sample at most.
const ROWS: usize = 20_000;
/// Values of a sample at most: 6 MB in single precision.
const VALUES: usize = 1_500_000;
/// Rows of a sample per column at least.
const ROWS_PER_COLUMN: usize = 50;

/// One row out of every so many, in single precision and less the first row.
///
/// Which row of each stretch is taken is scattered, in case the rows have a period of their own, but
/// the same for the same number of rows.
pub(super) struct Sample {
    stretch: usize,
    /// Place of the next row to take.
    next: usize,
    columns: usize,
    /// The first row, as a large common offset would cost the values their last digits.
    pub(super) origin: Vec<f64>,
    values: Vec<f32>,
    events: Vec<bool>,
    /// Empty without weights.
    weights: Vec<f64>,
}

impl Sample {
    /// An empty sample of so many rows, or `None` when they are too few, or too wide.
    pub(super) fn of(rows: usize, columns: usize) -> Option<Self> {
        let size = ROWS.min(VALUES / columns.max(1));
        if rows < MANY || columns == 0 || size < ROWS_PER_COLUMN * columns {
            return None;
        }
        let stretch = rows.div_ceil(size);
        Some(Self {
            stretch,
            next: scattered(0, stretch),
            columns,
            origin: Vec::new(),
            values: Vec::with_capacity(size * columns),
            events: Vec::with_capacity(size),
            weights: Vec::new(),
        })
    }

    /// Takes the rows of a group that are due.
    pub(super) fn take(&mut self, group: Group<'_>) {
        if self.origin.is_empty() {
            self.origin = group.row(0, self.columns).to_vec();
        }
        while let Some(place) = self.next.checked_sub(group.first)
            && place < group.events.len()
        {
            let row = group.row(place, self.columns).iter().zip(&self.origin);
            self.values
                .extend(row.map(|(x, origin)| (x - origin) as f32));
            self.events.push(group.events[place]);
            if group.weights.is_some() {
                self.weights.push(group.weight(place));
            }
            let stretch = self.next / self.stretch + 1;
            self.next = stretch * self.stretch + scattered(stretch, self.stretch);
        }
    }

    /// The rows, unless single precision cannot hold them.
    pub(super) fn blocks(&self) -> Result<Option<NarrowBlocks<'_>>, FitError> {
        if !self.values.iter().all(|value| value.is_finite()) {
            return Ok(None);
        }
        let weights = (!self.weights.is_empty()).then_some(self.weights.as_slice());
        NarrowBlocks::new(self.columns, &self.values, &self.events, weights).map(Some)
    }
}

/// A number below `bound`, by Steele, Lea and Flood's `SplitMix64` (2014).
fn scattered(seed: usize, bound: usize) -> usize {
    let mut z = (seed as u64)
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    usize::try_from(z % bound as u64).unwrap_or_default()
}
