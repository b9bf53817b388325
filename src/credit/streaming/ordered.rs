//! The values of a column of plain numbers in ascending order, however many they are.
//!
//! What memory holds at once is sorted: the range of values is cut into 65,536 parts, neighbouring
//! parts are taken together as long as their values fit, and each such range is read and sorted on
//! its own; a part that does not fit is cut again. Every range is one pass over the column, and the
//! order is exact.

use std::ops::{ControlFlow, RangeInclusive};

use super::{
    StreamingError,
    data::{Data, Input},
    row_set::RowSet,
    spill::Cells,
    watch::Watch,
};
use crate::credit::binning::{Cell, SpecialIndex, sort_key, sorted_value};

/// Parts that a range is cut into.
const PARTS: u64 = 1 << 16;

/// Values of a column in order.
pub(super) struct Ordered<'a> {
    pub data: &'a Data,
    pub input: &'a Input,
    /// The rows that count, and whether by their weights.
    pub rows: &'a RowSet,
    pub weighted: bool,
    /// Codes that are no amounts and are passed over.
    pub special: &'a SpecialIndex,
    /// Values that are sorted at once, at most.
    pub capacity: usize,
    pub watch: &'a Watch<'a>,
}

/// Takes values in order, each once with its goods and bads.
pub(super) type Visit<'v> = dyn FnMut(f64, Cell) -> ControlFlow<()> + 'v;

/// A value that waits to be sorted; equal ones stay in the order of their rows.
type Waiting = (u64, u32, bool, f64);

impl Ordered<'_> {
    /// Gives every value to `visit`, which may stop.
    pub fn each(&self, visit: &mut Visit<'_>) -> Result<(), StreamingError> {
        let (mut least, mut greatest, mut count) = (u64::MAX, 0, 0);
        self.scan(&(0..=u64::MAX), |key, _, _| {
            least = least.min(key);
            greatest = greatest.max(key);
            count += 1;
        })?;
        if count > 0 {
            let _stopped = self.range(least..=greatest, count, visit)?;
        }
        Ok(())
    }

    fn range(
        &self,
        range: RangeInclusive<u64>,
        count: usize,
        visit: &mut Visit<'_>,
    ) -> Result<ControlFlow<()>, StreamingError> {
        if count <= self.capacity {
            return self.sorted(&range, count, visit);
        }
        if range.start() == range.end() {
            let mut cell = Cell::default();
            self.scan(&range, |_, bad, weight| cell.add_row(bad, weight))?;
            return Ok(visit(sorted_value(*range.start()), cell));
        }
        let (first, last) = range.into_inner();
        let width = (last - first) / PARTS + 1;
        let mut counts = vec![0_usize; PARTS as usize];
        self.scan(&(first..=last), |key, _, _| {
            counts[((key - first) / width) as usize] += 1;
        })?;
        let (mut start, mut sum) = (0, 0);
        for part in 0..=counts.len() {
            let next = counts.get(part).copied();
            // What is cut again must be less than what was cut.
            if sum == 0 {
                start = part;
            }
            if next.is_some_and(|next| sum == 0 || sum + next <= self.capacity) {
                sum += next.unwrap_or(0);
                continue;
            }
            if sum > 0 {
                let from = first + start as u64 * width;
                let to = (first + (part as u64 * width - 1)).min(last);
                if self.range(from..=to, sum, visit)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            (start, sum) = (part, next.unwrap_or(0));
        }
        Ok(ControlFlow::Continue(()))
    }

    fn sorted(
        &self,
        range: &RangeInclusive<u64>,
        count: usize,
        visit: &mut Visit<'_>,
    ) -> Result<ControlFlow<()>, StreamingError> {
        let mut waiting: Vec<Waiting> = Vec::with_capacity(count);
        self.scan(range, |key, bad, weight| {
            waiting.push((key, waiting.len() as u32, bad, weight));
        })?;
        waiting.sort_unstable_by_key(|&(key, order, ..)| (key, order));
        for rows in waiting.chunk_by(|a, b| a.0 == b.0) {
            let mut cell = Cell::default();
            for &(.., bad, weight) in rows {
                cell.add_row(bad, weight);
            }
            if visit(sorted_value(rows[0].0), cell).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Gives the keys within `range` to `take`, with their outcomes and weights.
    fn scan(
        &self,
        range: &RangeInclusive<u64>,
        mut take: impl FnMut(u64, bool, f64),
    ) -> Result<(), StreamingError> {
        let Self { data, input, .. } = self;
        let (mut cells, mut weights) = (Cells::default(), Cells::default());
        data.each_block(self.watch, |block, rows| {
            data.spill.read(block, input.column, &mut cells)?;
            if self.weighted {
                data.weights_of(block, &mut weights)?;
            }
            let number = input.codes.numbers(&cells);
            for (at, row) in rows.enumerate() {
                let value = number(at);
                if value.is_nan() || !self.rows.contains(row) || self.special.find(value).is_some()
                {
                    continue;
                }
                let key = sort_key(value);
                if range.contains(&key) {
                    let weight = if self.weighted {
                        data.weight(&weights, at)
                    } else {
                        1.0
                    };
                    take(key, data.events.contains(row), weight);
                }
            }
            Ok(())
        })
    }
}

/// The least, the greatest and the median of the values of a column, each row counted once; none
/// without any.
pub(super) fn range_and_median(ordered: &Ordered<'_>) -> Result<Option<[f64; 3]>, StreamingError> {
    let (mut count, mut least, mut greatest) = (0_u64, u64::MAX, 0);
    ordered.scan(&(0..=u64::MAX), |key, _, _| {
        count += 1;
        least = least.min(key);
        greatest = greatest.max(key);
    })?;
    if count == 0 {
        return Ok(None);
    }
    let middles = [(count - 1) / 2, count / 2];
    let (mut before, mut median) = (0, [0.0; 2]);
    ordered.each(&mut |value, cell| {
        let rows = before..before + cell.count() as u64;
        for (at, found) in middles.iter().zip(&mut median) {
            if rows.contains(at) {
                *found = value;
            }
        }
        before = rows.end;
        if before > middles[1] {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    let [low, high] = median;
    Ok(Some([
        sorted_value(least),
        sorted_value(greatest),
        f64::midpoint(low, high),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credit::{
        binning::{NumericRules, SpecialCodes},
        progress::Unwatched,
    };

    /// Every value of `numbers` with its goods and bads, sorted `capacity` at a time.
    fn each(numbers: &[f64], rules: &NumericRules, capacity: usize) -> Vec<(f64, Cell)> {
        let data = Data::of_numbers(numbers, 7, |row| row % 3 == 0);
        let mut found = Vec::new();
        let ordered = Ordered {
            data: &data,
            input: &data.inputs[0],
            rows: &data.development,
            weighted: true,
            special: &SpecialIndex::new(rules),
            capacity,
            watch: &Watch::new(&Unwatched(&|| false)).unwrap(),
        };
        let mut take = |value: f64, cell: Cell| {
            found.push((value, cell));
            ControlFlow::Continue(())
        };
        ordered.each(&mut take).unwrap();
        found
    }

    fn numbers() -> Vec<f64> {
        let mut numbers = vec![f64::MAX, -f64::MAX, 0.0, -0.0, f64::NAN, 1e-310, -1.0, 9.0];
        numbers.extend((0_u32..60).map(|it| f64::from(it * 7_919 % 23) / 8.0 + 1e6));
        numbers.extend([1.0, 1.0_f64.next_up(), 1.0_f64.next_up().next_up()]);
        numbers
    }

    #[test]
    fn values_are_in_order_and_whole_however_few_fit_the_memory() {
        let expected = each(&numbers(), &NumericRules::default(), usize::MAX);
        assert!(expected.is_sorted_by(|a, b| a.0 < b.0));
        let rows: f64 = expected.iter().map(|(_, cell)| cell.count()).sum();
        // All but the one that is missing.
        assert_eq!(rows as usize, numbers().len() - 1);
        let bads: f64 = expected.iter().map(|(_, cell)| cell.bads).sum();
        assert_eq!(bads as usize, 24);
        for capacity in [1, 2, 5, 40] {
            let found = each(&numbers(), &NumericRules::default(), capacity);
            assert_eq!(found, expected, "{capacity} at a time");
        }
    }

    #[test]
    fn special_codes_are_passed_over() {
        let rules = NumericRules {
            special: SpecialCodes::one_each(&[-1.0, 9.0]),
            ..NumericRules::default()
        };
        let all = each(&numbers(), &NumericRules::default(), 5);
        let clean = each(&numbers(), &rules, 5);
        assert_eq!(clean.len(), all.len() - 2);
    }

    #[test]
    fn the_median_is_that_of_the_sorted_values() {
        for count in [1, 2, 9, 70] {
            let numbers: Vec<f64> = (0..count).map(|it| f64::from(it * 37 % 71)).collect();
            let mut sorted = numbers.clone();
            sorted.sort_by(f64::total_cmp);
            let data = Data::of_numbers(&numbers, 16, |_| false);
            let found = range_and_median(&Ordered {
                data: &data,
                input: &data.inputs[0],
                rows: &data.development,
                weighted: false,
                special: &SpecialIndex::new(&NumericRules::default()),
                capacity: 4,
                watch: &Watch::new(&Unwatched(&|| false)).unwrap(),
            });
            let middle = f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
            let expected = [sorted[0], sorted[sorted.len() - 1], middle];
            assert_eq!(found.unwrap(), Some(expected), "{count} values");
        }
    }
}
