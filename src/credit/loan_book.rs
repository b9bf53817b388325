//! A labelled portfolio: applications with known outcomes, in typed columns.

use super::{
    DataConfig, Fault, Table,
    inputs::{self, Inputs, Values, named_columns_exist},
    outcome::Outcome,
    period::Periods,
    plan::TrainingPlan,
    row_weights,
    schema::Schema,
    value::Value,
};

/// Applications with known outcomes.
#[derive(Debug)]
pub struct LoanBook {
    schema: Schema,
    columns: Vec<Values>,
    events: Vec<bool>,
    weights: Option<Vec<f64>>,
    development: Vec<usize>,
    out_of_time: Vec<usize>,
    digest: String,
}

impl LoanBook {
    /// Types the columns of `table`, learns their schema and reads the outcomes.
    ///
    /// # Errors
    /// Every fault found: target absent or ambiguous, rows without an outcome,
    /// only one class, cells that are no numbers in a column of numbers,
    /// constant columns, columns that look like identifiers, numbers too large or too alike for a
    /// logistic regression, names of the plan that the data set does not have.
    pub fn read(
        table: &Table,
        plan: &TrainingPlan,
        limits: &DataConfig,
    ) -> Result<Self, Vec<Fault>> {
        let outcome = Outcome::find(table, plan.target.as_deref(), plan.event.as_ref())?;
        let names: Vec<&str> = table.columns().iter().map(|it| it.name.as_str()).collect();
        let mut faults = named_columns_exist(&names, plan);
        let events = outcome.events(table, &mut faults);
        let time = plan.out_of_time.as_ref();
        let periods = Periods::of(table, time, &mut faults);
        let weight = plan.sample_weight.as_ref();
        let weights = weight.map(|column| row_weights::read(table, column, &mut faults));
        let is_other = |position: usize, name: &str| {
            position == outcome.column
                || time.is_some_and(|time| time.column == name)
                || weight.is_some_and(|weight| weight == name)
        };
        let (characteristics, columns) = inputs::read(table, plan, limits, is_other, &mut faults);
        faults.into_result()?;
        let target = table.columns()[outcome.column].name.clone();
        let schema = Schema {
            target,
            event: outcome.event,
            characteristics,
        };
        Ok(Self {
            schema,
            columns,
            events,
            weights,
            development: periods.development,
            out_of_time: periods.out_of_time,
            digest: table.digest().to_owned(),
        })
    }

    /// A book of some rows of a data set that is kept elsewhere.
    pub(super) fn assembled(
        schema: Schema,
        columns: Vec<Values>,
        events: Vec<bool>,
        weights: Option<Vec<f64>>,
        [development, out_of_time]: [Vec<usize>; 2],
        digest: String,
    ) -> Self {
        Self {
            schema,
            columns,
            events,
            weights,
            development,
            out_of_time,
            digest,
        }
    }

    /// What the data set's applications look like.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The columns that applications are made of.
    pub fn inputs(&self) -> Inputs<'_> {
        Inputs {
            characteristics: &self.schema.characteristics,
            values: &self.columns,
        }
    }

    /// The values of the characteristic at `position` of the schema.
    pub fn values(&self, position: usize) -> &Values {
        &self.columns[position]
    }

    /// The application of `row`, one value per characteristic, written over `values`.
    pub fn row(&self, row: usize, values: &mut Vec<Value>) {
        self.inputs().row(row, values);
    }

    /// Rows that a model may learn from, ascending.
    pub fn development(&self) -> &[usize] {
        &self.development
    }

    /// Rows that are too new to learn from, ascending; none unless the plan asks for them.
    pub fn out_of_time(&self) -> &[usize] {
        &self.out_of_time
    }

    /// How much each row counts in a fit; none when all count alike.
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// Which rows defaulted.
    pub fn events(&self) -> &[bool] {
        &self.events
    }

    /// `sha256:` and the hex digest of the data set's bytes.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}
