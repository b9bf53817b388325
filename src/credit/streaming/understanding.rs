//! From a recording to a schema: the rules and the faults of a loan book in memory.

use super::{
    MemoryBudget, StreamingError,
    columns::Understanding,
    data::{Data, Input},
    ordered::{Ordered, range_and_median},
    recorded::Role,
    recording::Recording,
    row_set::RowSet,
    spill::Cells,
    watch::Watch,
};
use crate::credit::{
    CheckedPlan, DataConfig, Fault,
    binning::{NumericRules, SpecialIndex},
    inputs::{NO_INPUT, check_characteristics, named_columns_exist},
    schema::{Kind, Schema},
};

impl Data {
    /// Understands `recording` as a loan book in memory would.
    ///
    /// # Errors
    /// The faults that a loan book finds, in its order.
    pub fn understand(
        recording: Recording,
        plan: &CheckedPlan,
        limits: &DataConfig,
        budget: MemoryBudget,
        watch: &Watch<'_>,
    ) -> Result<Self, StreamingError> {
        let Recording {
            names,
            target,
            columns: recorded,
            spill,
        } = recording;
        let plan = plan.plan();
        let this = Understanding {
            plan,
            limits,
            names: &names,
            rows: spill.rows() as u64,
        };
        let (event, event_code) = this.event(&recorded[0])?;
        let mut faults = named_columns_exist(&names, plan);
        this.check_roles(&recorded, &mut faults);
        let mut columns = Vec::new();
        for (at, column) in recorded.iter().enumerate() {
            if column.role == Role::Input {
                match this.column(at, column) {
                    Ok(found) => columns.push(found),
                    Err(found) => faults.append(found),
                }
            }
        }
        if columns.is_empty() && faults.is_empty() {
            faults.push(Fault::at("", NO_INPUT));
        }
        let at_role = |wanted: fn(&Role) -> bool| recorded.iter().position(|it| wanted(&it.role));
        let weights = at_role(|role| *role == Role::Weight);
        let date = at_role(|role| matches!(role, Role::Date(_)));
        drop(recorded);
        let rows = spill.rows();
        let (inputs, rest): (Vec<Input>, Vec<_>) = columns
            .into_iter()
            .map(|it| (it.input, (it.characteristic, it.source, it.unordered)))
            .unzip();
        let mut data = Self {
            spill,
            schema: Schema {
                target: names[target].clone(),
                event,
                characteristics: Vec::new(),
            },
            inputs,
            events: RowSet::default(),
            weights,
            development: RowSet::new(rows),
            out_of_time: RowSet::new(rows),
        };
        data.events = data.rows_with(0, event_code, watch)?;
        match date {
            None => data.development = RowSet::all(rows),
            Some(column) => {
                data.development = data.rows_with(column, 0, watch)?;
                data.out_of_time = data.rows_with(column, 1, watch)?;
            }
        }
        for (at, (mut characteristic, source, unordered)) in rest.into_iter().enumerate() {
            if unordered && faults.is_empty() {
                let own = plan.characteristics.get(&characteristic.name);
                let codes = SpecialIndex::new(
                    &own.map_or_else(NumericRules::default, |own| own.numeric_rules()),
                );
                characteristic.kind = data.range(at, &codes, budget, watch)?;
                if let Some(detail) = this.unscalable(&characteristic.kind) {
                    faults.push(this.column_fault(source, detail));
                }
            }
            data.schema.characteristics.push(characteristic);
        }
        if faults.is_empty() {
            check_characteristics(&data.schema.characteristics, plan, &mut faults);
        }
        faults.into_result()?;
        Ok(data)
    }

    /// The rows that have `code` in a column of codes.
    fn rows_with(
        &self,
        column: usize,
        code: u32,
        watch: &Watch<'_>,
    ) -> Result<RowSet, StreamingError> {
        let mut found = RowSet::new(self.rows());
        let mut cells = Cells::default();
        self.each_block(watch, |block, rows| {
            self.spill.read(block, column, &mut cells)?;
            if let Cells::Codes(codes) = &cells {
                for (row, own) in rows.zip(codes) {
                    if *own == code {
                        found.insert(row);
                    }
                }
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The range of numbers that are not in memory, without special codes if any are left then.
    fn range(
        &self,
        position: usize,
        special: &SpecialIndex,
        budget: MemoryBudget,
        watch: &Watch<'_>,
    ) -> Result<Kind, StreamingError> {
        let every = RowSet::all(self.rows());
        let find = |special: &SpecialIndex| {
            range_and_median(&Ordered {
                data: self,
                input: &self.inputs[position],
                rows: &every,
                weighted: false,
                special,
                capacity: budget.sorted_values(),
                watch,
            })
        };
        let found = match find(special)? {
            None => find(&SpecialIndex::new(&NumericRules::default()))?,
            found => found,
        };
        // There are values: their texts were too many for a dictionary.
        let [minimum, maximum, median] = found.unwrap_or_default();
        Ok(Kind::Numeric {
            minimum,
            maximum,
            median,
        })
    }
}
