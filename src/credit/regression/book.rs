//! A data set whose outcome is a number.

use crate::credit::{
    DataConfig, Fault, Table, TrainingPlan,
    inputs::{self, Inputs, NOT_FINITE, Values, named_columns_exist},
    outcome,
    period::Periods,
    row_weights,
    schema::Characteristic,
};

/// Largest magnitude of a target: its squares and their sums stay finite.
const LARGEST: f64 = 1e100;

/// Rows with known numbers, in typed columns.
#[derive(Debug)]
pub struct RegressionBook {
    pub(super) target: String,
    pub(super) characteristics: Vec<Characteristic>,
    pub(super) columns: Vec<Values>,
    /// The numbers that are to be predicted, one per row.
    pub(super) numbers: Vec<f64>,
    pub(super) weights: Option<Vec<f64>>,
    /// Rows to learn from, ascending.
    pub(super) development: Vec<usize>,
    /// Rows that are too new to learn from, ascending.
    pub(super) out_of_time: Vec<usize>,
    pub(super) digest: String,
}

impl RegressionBook {
    /// Types the columns of `table` and reads the numbers of the target.
    ///
    /// # Errors
    /// Every fault found: no such target, rows without a number, a target that does not vary, and
    /// whatever is wrong with the inputs, as for a [`LoanBook`](crate::credit::LoanBook).
    pub fn read(
        table: &Table,
        plan: &TrainingPlan,
        limits: &DataConfig,
    ) -> Result<Self, Vec<Fault>> {
        let names: Vec<&str> = table.columns().iter().map(|it| it.name.as_str()).collect();
        let target = outcome::position(&names, plan.target.as_deref())?;
        let mut faults = named_columns_exist(&names, plan);
        let mut numbers = Vec::with_capacity(table.rows());
        for (row, number) in table.columns()[target].numbers().into_iter().enumerate() {
            let detail = match number {
                Some(number) if number.abs() <= LARGEST => None,
                Some(number) if number.is_finite() => Some("the target is beyond 1e100"),
                Some(_) => Some(NOT_FINITE),
                None => Some("the target is missing, or not a number"),
            };
            if let Some(detail) = detail {
                faults.push(table.cell_fault(row, target, detail));
            }
            numbers.push(number.unwrap_or_default());
        }
        let is_constant = numbers.windows(2).all(|it| it[0].total_cmp(&it[1]).is_eq());
        if is_constant && faults.is_empty() {
            let detail = "the target is the same in every row";
            faults.push(table.column_fault(target, detail));
        }
        let time = plan.out_of_time.as_ref();
        let periods = Periods::of(table, time, &mut faults);
        let weight = plan.sample_weight.as_ref();
        let weights = weight.map(|column| row_weights::read(table, column, &mut faults));
        let is_other = |position: usize, name: &str| {
            position == target
                || time.is_some_and(|time| time.column == name)
                || weight.is_some_and(|weight| weight == name)
        };
        let (characteristics, columns) = inputs::read(table, plan, limits, is_other, &mut faults);
        faults.into_result()?;
        Ok(Self {
            target: names[target].to_owned(),
            characteristics,
            columns,
            numbers,
            weights,
            development: periods.development,
            out_of_time: periods.out_of_time,
            digest: table.digest().to_owned(),
        })
    }

    pub(super) fn inputs(&self) -> Inputs<'_> {
        Inputs {
            characteristics: &self.characteristics,
            values: &self.columns,
        }
    }
}
