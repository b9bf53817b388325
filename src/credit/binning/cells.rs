//! A numeric column sorted out: what is missing, what is special, and the rest by value.

use super::{
    counts::NumericCounts,
    error::BinningError,
    rules::NumericRules,
    target::{Cell, Target, check_length},
};

/// A column as it was read, in buffers that are used again for the next.
#[derive(Debug, Default)]
pub(super) struct Column {
    pub missing: Cell,
    pub special: Vec<Cell>,
    /// Keys of the clean values, by class; without weights only.
    goods: Vec<u64>,
    bads: Vec<u64>,
    /// Keys of the clean values with their rows; with weights only.
    weighted: Vec<(u64, u32)>,
}

impl Column {
    /// Reads `values` into this column.
    pub fn read(
        &mut self,
        values: &[f64],
        target: &Target<'_>,
        rules: &NumericRules,
    ) -> Result<(), BinningError> {
        check_length("the column", values.len(), target.events.len())?;
        let codes = SpecialIndex::new(rules);
        self.missing = Cell::default();
        self.special.clear();
        self.special.resize(rules.special.len(), Cell::default());
        self.goods.clear();
        self.bads.clear();
        self.weighted.clear();
        for (row, &value) in values.iter().enumerate() {
            let bad = target.events[row];
            if value.is_nan() {
                self.missing.add_row(bad, target.weight(row));
            } else if value.is_infinite() {
                return Err(BinningError::Infinite { row });
            } else if let Some(entry) = codes.find(value) {
                self.special[entry].add_row(bad, target.weight(row));
            } else if target.weights.is_none() {
                let keys = if bad { &mut self.bads } else { &mut self.goods };
                keys.push(sort_key(value));
            } else if target.weight(row) > 0.0 {
                self.weighted.push((sort_key(value), row as u32));
            }
        }
        Ok(())
    }

    /// Gives the clean values to `counts`, in order.
    pub fn give(&mut self, target: &Target<'_>, counts: &mut NumericCounts) {
        self.give_classes(counts);
        self.give_weighted(target, counts);
    }

    /// Rows that have a clean value, by weight where they have one.
    pub fn clean(&self, target: &Target<'_>) -> f64 {
        let mut weight = 0.0;
        for &(_, row) in &self.weighted {
            weight += target.weight(row as usize);
        }
        (self.goods.len() + self.bads.len()) as f64 + weight
    }

    /// Plain keys sort faster than keys with an outcome attached, so each class is sorted alone.
    fn give_classes(&mut self, counts: &mut NumericCounts) {
        self.goods.sort_unstable();
        self.bads.sort_unstable();
        let (mut goods, mut bads) = (self.goods.as_slice(), self.bads.as_slice());
        while let Some(key) = match (goods.first(), bads.first()) {
            (Some(&good), Some(&bad)) => Some(good.min(bad)),
            (good, bad) => good.or(bad).copied(),
        } {
            let cell = Cell {
                goods: take_equal(&mut goods, key) as f64,
                bads: take_equal(&mut bads, key) as f64,
            };
            counts.push(sorted_value(key), cell);
        }
    }

    fn give_weighted(&mut self, target: &Target<'_>, counts: &mut NumericCounts) {
        self.weighted.sort_unstable();
        for rows in self.weighted.chunk_by(|a, b| a.0 == b.0) {
            let mut cell = Cell::default();
            for &(_, row) in rows {
                cell.add_row(target.events[row as usize], target.weight(row as usize));
            }
            counts.push(sorted_value(rows[0].0), cell);
        }
    }
}

/// Drops the leading keys that equal `key` and counts them.
fn take_equal(keys: &mut &[u64], key: u64) -> usize {
    let equal = keys.iter().take_while(|&&other| other == key).count();
    *keys = &keys[equal..];
    equal
}

/// Special codes in order, for a search by halves.
#[derive(Clone, Debug)]
pub(in crate::credit) struct SpecialIndex(Vec<(f64, usize)>);

impl SpecialIndex {
    /// The codes of `rules`.
    pub(in crate::credit) fn new(rules: &NumericRules) -> Self {
        let entries = rules.special.iter().enumerate();
        let mut codes: Vec<(f64, usize)> = entries
            .flat_map(|(entry, special)| special.values.iter().map(move |&value| (value, entry)))
            .collect();
        codes.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self(codes)
    }

    /// The entry that has `value` among its codes.
    pub(in crate::credit) fn find(&self, value: f64) -> Option<usize> {
        if self.0.is_empty() {
            return None;
        }
        let at = self.0.partition_point(|&(code, _)| code < value);
        self.0
            .get(at)
            .filter(|&&(code, _)| code <= value)
            .map(|&(_, entry)| entry)
    }
}

const SIGN: u64 = 1 << 63;

/// A key that sorts as the finite number does; the two zeros have the same.
pub(in crate::credit) fn sort_key(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

/// The number of a key.
pub(in crate::credit) fn sorted_value(key: u64) -> f64 {
    f64::from_bits(if key & SIGN == 0 { !key } else { key & !SIGN })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_numbers_do_and_lead_back() {
        let values = [-f64::MAX, -1.5, -1e-310, 0.0, 1e-310, 2.0, f64::MAX];
        let keys: Vec<u64> = values.iter().map(|&value| sort_key(value)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b));
        for (value, key) in values.iter().zip(keys) {
            assert_eq!(value.to_bits(), sorted_value(key).to_bits());
        }
        assert_eq!(sort_key(-0.0), sort_key(0.0));
    }
}
