//! The rows of a node: what they add up to by bin, and how a split divides them.

use super::columns::MISSING_BIN;
use super::split::Split;
use super::sums::{Pair, Sums};

/// Sums by bin of one column; a fixed length, so that no index needs a check.
pub(super) type Cells = [Sums; 256];

/// Adds rows to the cells of their bins. `pairs` are those of `rows`, in the same order.
#[inline]
pub(super) fn tally(codes: &[u8], rows: &[u32], pairs: &[Pair], cells: &mut Cells) {
    for (&row, &pair) in rows.iter().zip(pairs) {
        cells[usize::from(codes[row as usize])] += pair;
    }
}

/// Columns that are added up at once: their cells fit the nearest cache.
pub(super) const TOGETHER: usize = 4;

/// The same for several columns at once: their sums do not wait for each other, and rows and pairs
/// are read once for all.
#[inline]
pub(super) fn tally_together(
    codes: [&[u8]; TOGETHER],
    rows: &[u32],
    pairs: &[Pair],
    [first, second, third, fourth]: &mut [Cells; TOGETHER],
) {
    let [a, b, c, d] = codes;
    let mut add = |[a, b, c, d]: [u8; TOGETHER], pair: Pair| {
        first[usize::from(a)] += pair;
        second[usize::from(b)] += pair;
        third[usize::from(c)] += pair;
        fourth[usize::from(d)] += pair;
    };
    if is_every_row(rows, a.len()) {
        // Nothing has to be looked up.
        let lines = a.iter().zip(b).zip(c.iter().zip(d));
        for (((&a, &b), (&c, &d)), &pair) in lines.zip(pairs) {
            add([a, b, c, d], pair);
        }
    } else {
        for (&row, &pair) in rows.iter().zip(pairs) {
            let row = row as usize;
            add([a[row], b[row], c[row], d[row]], pair);
        }
    }
}

/// Whether these are all of `count` rows in their order; no row is there twice.
fn is_every_row(rows: &[u32], count: usize) -> bool {
    rows.len() == count && rows.is_sorted()
}

/// Empties the cells of the first `bins` bins and of the missing one.
pub(super) fn clear(cells: &mut Cells, bins: usize) {
    cells[..bins].fill(Sums::default());
    cells[usize::from(MISSING_BIN)] = Sums::default();
}

/// Copies the pairs of rows, in their order.
pub(super) fn gather(pairs: &[Pair], rows: &[u32], into: &mut Vec<Pair>) {
    into.clear();
    into.extend(rows.iter().map(|&row| pairs[row as usize]));
}

/// What the rows add up to.
pub(super) fn total(pairs: &[Pair]) -> Sums {
    let mut sums = Sums::default();
    for &pair in pairs {
        sums += pair;
    }
    sums
}

/// Moves the rows that go left before the others, both in their order; answers how many they are.
pub(super) fn divide(rows: &mut [u32], codes: &[u8], split: &Split, spare: &mut Vec<u32>) -> usize {
    let goes_left: [bool; 256] = std::array::from_fn(|bin| split.goes_left(bin as u8));
    spare.clear();
    let mut left = 0;
    for i in 0..rows.len() {
        let row = rows[i];
        if goes_left[usize::from(codes[row as usize])] {
            rows[left] = row;
            left += 1;
        } else {
            spare.push(row);
        }
    }
    rows[left..].copy_from_slice(spare);
    left
}
