//! The data of an evaluation, without the columns that can be no input.

use super::{Evaluate, EvaluateError, read};
use crate::credit::{
    CheckedPlan, DataConfig, Fault, LoanBook, Table, TrainingPlan, outcome::Outcome,
};

/// A loan book and what is done with it.
pub(super) struct Data {
    pub book: LoanBook,
    pub plan: CheckedPlan,
    /// Columns that are no input although nobody excluded them, each with the reason.
    pub left_out: Vec<String>,
}

impl Data {
    /// Reads the data; columns that are empty, constant or look like identifiers are left out.
    pub(super) fn read(options: &Evaluate, mut plan: TrainingPlan) -> Result<Self, EvaluateError> {
        let refused = |faults| EvaluateError::faults(&options.data, faults);
        let limits = DataConfig {
            default_dataset_path: None,
            max_rows: options.max_rows,
            max_columns: options.max_columns,
            max_levels: options.max_levels,
        };
        let bytes = read(&options.data)?;
        let table = Table::from_csv(&bytes, &plan.missing_values, &limits).map_err(refused)?;
        drop(bytes);
        // So that no other column becomes the target when columns are left out.
        let outcome =
            Outcome::find(&table, plan.target.as_deref(), plan.event.as_ref()).map_err(refused)?;
        plan.target = Some(table.columns()[outcome.column].name.clone());
        let mut left_out = Vec::new();
        let book = loop {
            let faults = match LoanBook::read(&table, &plan, &limits) {
                Ok(book) => break book,
                Err(faults) => faults,
            };
            let before = plan.exclude.len();
            for fault in faults.iter().filter(|fault| is_of_column(fault)) {
                left_out.push(fault.to_string());
                plan.exclude.extend(fault.column.clone());
            }
            if plan.exclude.len() == before {
                return Err(refused(faults));
            }
        };
        let plan = plan.check().map_err(refused)?;
        Ok(Self {
            book,
            plan,
            left_out,
        })
    }
}

/// Whether a whole column is at fault, not a cell: such a fault points at the header.
fn is_of_column(fault: &Fault) -> bool {
    fault.line == Some(1) && fault.column.is_some()
}
