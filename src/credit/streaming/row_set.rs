//! A set of rows, one bit for each.

/// A set of rows.
#[derive(Clone, Debug, Default)]
pub(super) struct RowSet {
    words: Vec<u64>,
    count: usize,
}

impl RowSet {
    /// The empty set of rows below `rows`.
    pub fn new(rows: usize) -> Self {
        Self {
            words: vec![0; rows.div_ceil(64)],
            count: 0,
        }
    }

    /// The set of all rows below `rows`.
    pub fn all(rows: usize) -> Self {
        let mut words = vec![u64::MAX; rows.div_ceil(64)];
        if let Some(last) = words.last_mut()
            && !rows.is_multiple_of(64)
        {
            *last = (1 << (rows % 64)) - 1;
        }
        Self { words, count: rows }
    }

    /// Adds `row`, which is not in it yet.
    pub fn insert(&mut self, row: usize) {
        self.words[row / 64] |= 1 << (row % 64);
        self.count += 1;
    }

    /// Whether `row` is in it.
    pub fn contains(&self, row: usize) -> bool {
        self.words[row / 64] >> (row % 64) & 1 == 1
    }

    /// How many rows are in it.
    pub fn len(&self) -> usize {
        self.count
    }

    /// The rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + Clone + '_ {
        let words = self.words.iter().enumerate();
        words.flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros() as usize;
                rest &= rest.wrapping_sub(1);
                (bit < 64).then_some(at * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_in_order() {
        for rows in [0, 1, 63, 64, 65, 200] {
            let all = RowSet::all(rows);
            assert!(all.iter().eq(0..rows), "all of {rows}");
            assert_eq!(all.len(), rows);
            let mut odd = RowSet::new(rows);
            (0..rows)
                .rev()
                .filter(|row| row % 2 == 1)
                .for_each(|row| odd.insert(row));
            assert!(odd.iter().eq((0..rows).filter(|row| row % 2 == 1)));
            assert!((0..rows).all(|row| odd.contains(row) == (row % 2 == 1)));
        }
    }
}
