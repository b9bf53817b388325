//! Goods and bads of every value of every characteristic, in one pass over the training rows.

use std::ops::ControlFlow;

use super::{
    MemoryBudget, StreamingError,
    data::{Codes, Data, Input},
    ordered::Ordered,
    row_set::RowSet,
    spill::Cells,
    watch::Watch,
};
use crate::credit::{
    CheckedPlan,
    binning::{
        Binning, BinningError, Cell, CountBinner, LevelCounts, LevelRules, NumericRules,
        SpecialIndex, sort_key,
    },
    table::MISSING,
};

/// The counts of one characteristic.
pub(super) struct Counts {
    /// Position in the schema.
    position: usize,
    rules: NumericRules,
    special_codes: SpecialIndex,
    missing: Cell,
    special: Vec<Cell>,
    /// The value of each code: special entries first, then values in order, or levels.
    value_of: Vec<u32>,
    values: Vec<Cell>,
    /// The numbers of `values` in order; none of levels.
    numbers: Vec<f64>,
    /// Weight of the rows that have a value that is not special.
    clean: f64,
}

impl Counts {
    /// Counts the rows of `train` for the characteristics at `positions`.
    pub fn count(
        data: &Data,
        plan: &CheckedPlan,
        positions: &[usize],
        train: &RowSet,
        watch: &Watch<'_>,
    ) -> Result<Vec<Self>, StreamingError> {
        let new = |position: &usize| Self::new(data, plan, *position);
        let mut counts: Vec<Self> = positions.iter().map(new).collect();
        let (mut cells, mut weights) = (Cells::default(), Cells::default());
        data.each_block(watch, |block, rows| {
            data.weights_of(block, &mut weights)?;
            for counts in &mut counts {
                let input = &data.inputs[counts.position];
                data.spill.read(block, input.column, &mut cells)?;
                for (at, row) in rows.clone().enumerate() {
                    if train.contains(row) {
                        let (bad, weight) = (data.events.contains(row), data.weight(&weights, at));
                        counts.add(input, &cells, at, bad, weight);
                    }
                }
            }
            Ok(())
        })?;
        Ok(counts)
    }

    fn new(data: &Data, plan: &CheckedPlan, position: usize) -> Self {
        let characteristic = &data.schema.characteristics[position];
        let own = plan.characteristic(&characteristic.name);
        let rules = own.map_or_else(NumericRules::default, |own| own.numeric_rules());
        let special_codes = SpecialIndex::new(&rules);
        let (value_of, numbers) = match &data.inputs[position].codes {
            Codes::Numbers { plain: true, .. } => (Vec::new(), Vec::new()),
            Codes::Levels(ranks) => (ranks.clone(), Vec::new()),
            Codes::Numbers { numbers, .. } => distinct(numbers),
        };
        let values = match &data.inputs[position].codes {
            Codes::Levels(_) => characteristic.levels().len(),
            Codes::Numbers { .. } => numbers.len(),
        };
        Self {
            position,
            special: vec![Cell::default(); rules.special.len()],
            rules,
            special_codes,
            missing: Cell::default(),
            value_of,
            values: vec![Cell::default(); values],
            numbers,
            clean: 0.0,
        }
    }

    fn add(&mut self, input: &Input, cells: &Cells, at: usize, bad: bool, weight: f64) {
        let special = |value: f64| self.special_codes.find(value);
        let cell = match (cells, &input.codes) {
            (Cells::Codes(codes), _) if codes[at] == MISSING => &mut self.missing,
            (Cells::Codes(codes), Codes::Levels(_) | Codes::Numbers { plain: false, .. }) => {
                let value = self.value_of[codes[at] as usize] as usize;
                match self.numbers.get(value).and_then(|number| special(*number)) {
                    Some(entry) => &mut self.special[entry],
                    None => {
                        self.clean += weight;
                        &mut self.values[value]
                    }
                }
            }
            // What is in no dictionary is counted when it is put in order.
            _ => match input.codes.numbers(cells)(at) {
                number if number.is_nan() => &mut self.missing,
                number => match special(number) {
                    Some(entry) => &mut self.special[entry],
                    None => {
                        self.clean += weight;
                        return;
                    }
                },
            },
        };
        cell.add_row(bad, weight);
    }

    /// The bins of the characteristic.
    pub fn bin(
        self,
        data: &Data,
        plan: &CheckedPlan,
        totals: Cell,
        train: &RowSet,
        budget: MemoryBudget,
        watch: &Watch<'_>,
    ) -> Result<Result<Binning, BinningError>, StreamingError> {
        let characteristic = &data.schema.characteristics[self.position];
        let input = &data.inputs[self.position];
        let binner = match CountBinner::new(totals, plan.binning(&characteristic.name)) {
            Ok(binner) => binner,
            Err(error) => return Ok(Err(error)),
        };
        if let Codes::Levels(_) = &input.codes {
            let own = plan.characteristic(&characteristic.name);
            let rules = own.map_or_else(LevelRules::default, |own| own.level_rules());
            let names = characteristic.levels().iter().map(String::as_str);
            let counts = LevelCounts {
                missing: self.missing,
                levels: names.zip(self.values).collect(),
            };
            return Ok(binner.levels(counts, &rules));
        }
        let mut counts = binner.counts(&self.rules, self.clean);
        counts.missing = self.missing;
        counts.special = self.special;
        for (number, cell) in self.numbers.iter().zip(self.values) {
            counts.push(*number, cell);
        }
        if let Codes::Numbers { plain: true, .. } = &input.codes {
            let ordered = Ordered {
                data,
                input,
                rows: train,
                weighted: true,
                special: &self.special_codes,
                capacity: budget.sorted_values(),
                watch,
            };
            ordered.each(&mut |value, cell| {
                counts.push(value, cell);
                ControlFlow::Continue(())
            })?;
        }
        Ok(binner.numeric(counts, &self.rules))
    }
}

/// The place of each of `numbers` among the distinct ones, and these in order; the two zeros are
/// one.
fn distinct(numbers: &[f64]) -> (Vec<u32>, Vec<f64>) {
    let mut order: Vec<(u64, u32)> = numbers.iter().map(|it| sort_key(*it)).zip(0..).collect();
    order.sort_unstable();
    let mut places = vec![0; numbers.len()];
    let mut distinct: Vec<f64> = Vec::new();
    for equal in order.chunk_by(|a, b| a.0 == b.0) {
        for (_, code) in equal {
            places[*code as usize] = distinct.len() as u32;
        }
        // Adding 0 makes one of the two zeros.
        distinct.push(numbers[equal[0].1 as usize] + 0.0);
    }
    (places, distinct)
}
