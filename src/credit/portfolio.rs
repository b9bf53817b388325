//! A data set as a trained model reads it: every row an application to the model.
//!
//! The model's schema decides, not the data: a column of numbers stays one however few of its cells
//! are numbers, a level that the model does not know is unseen or refused, a gap is what it is in an
//! application. Columns that the model does not use are not looked at.

use std::borrow::Cow;

use super::{
    CreditModel, Fault, Table,
    application::{CellResult, level_of},
    fault::Faults,
    model::Scratch,
    schema::{Characteristic, Kind, MissingPolicy},
    table::{Cells, Coded, MISSING, Numbers},
    value::Value,
};

/// The rows of a table in the words of a model's schema.
#[derive(Debug)]
pub struct Portfolio<'a> {
    model: &'a CreditModel,
    columns: Vec<Column<'a>>,
}

/// The values of one characteristic.
#[derive(Debug)]
enum Column<'a> {
    /// The model does not use it.
    Unused,
    /// One code per row, and what each code means to the model.
    Coded {
        codes: Cow<'a, [u32]>,
        values: Vec<Value>,
    },
    /// One number per row, NaN where it has none.
    Numbers(&'a [f64]),
}

/// How many rows are scored before the caller is asked whether to stop.
const STRIDE: usize = 4_096;

impl<'a> Portfolio<'a> {
    /// Reads `table` against the schema of `model`; only `rows` are checked.
    ///
    /// # Errors
    /// Every fault: columns that the model uses and the table has not, and cells that an
    /// application to the model could not have.
    pub fn read(
        table: &'a Table,
        rows: &[usize],
        model: &'a CreditModel,
    ) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let known = model.schema().characteristics.iter().enumerate();
        let columns = known.map(|(position, characteristic)| {
            if model.uses(position) {
                read_column(table, rows, characteristic, &mut faults)
            } else {
                Column::Unused
            }
        });
        let columns = columns.collect();
        faults.into_result()?;
        Ok(Self { model, columns })
    }

    /// The application of `row`, one value per characteristic, written over `values`.
    pub fn row(&self, row: usize, values: &mut Vec<Value>) {
        values.clear();
        values.extend(self.columns.iter().map(|column| match column {
            Column::Unused => Value::Unused,
            Column::Coded { codes, values } => match codes[row] {
                MISSING => Value::Missing,
                code => values[code as usize],
            },
            Column::Numbers(values) if values[row].is_nan() => Value::Missing,
            Column::Numbers(values) => Value::Number(values[row]),
        }));
    }

    /// Probability of default of each of `rows`; `None` when `cancelled` says to stop.
    pub fn probabilities(&self, rows: &[usize], cancelled: &dyn Fn() -> bool) -> Option<Vec<f64>> {
        let (mut row, mut scratch) = (Vec::new(), Scratch::default());
        let mut found = Vec::with_capacity(rows.len());
        for some in rows.chunks(STRIDE) {
            if cancelled() {
                return None;
            }
            found.extend(some.iter().map(|at| {
                self.row(*at, &mut row);
                let log_odds = self.model.log_odds(&row, &mut scratch);
                self.model.probability(log_odds)
            }));
        }
        Some(found)
    }
}

fn read_column<'a>(
    table: &'a Table,
    rows: &[usize],
    characteristic: &Characteristic,
    faults: &mut Faults,
) -> Column<'a> {
    let Characteristic { name, missing, .. } = characteristic;
    let columns = table.columns();
    let Some(position) = columns.iter().position(|column| column.name == *name) else {
        let detail = "the model needs this column, the data set does not have it";
        faults.push(table.header_fault(name, detail));
        return Column::Unused;
    };
    let refusal = "a value is required";
    let required = (*missing == MissingPolicy::Reject).then_some(refusal);
    match (columns[position].cells(), &characteristic.kind) {
        (Cells::Numbers(numbers), Kind::Numeric { .. }) => {
            let Numbers { values, others } = numbers;
            for row in rows {
                let fault = match others.binary_search_by_key(row, |other| other.0) {
                    Ok(_) => Some(NO_NUMBER),
                    Err(_) if values[*row].is_nan() => required,
                    Err(_) => None,
                };
                if let Some(detail) = fault {
                    faults.push(table.cell_fault(*row, position, detail));
                }
            }
            Column::Numbers(values)
        }
        (_, kind) => {
            let (codes, texts) = match columns[position].coded() {
                Cow::Borrowed(Coded { codes, texts }) => {
                    (Cow::Borrowed(&codes[..]), Cow::Borrowed(&texts[..]))
                }
                Cow::Owned(Coded { codes, texts }) => (Cow::Owned(codes), Cow::Owned(texts)),
            };
            let read: Vec<CellResult> = texts.iter().map(|text| cell(text, kind)).collect();
            for row in rows {
                let fault = match codes[*row] {
                    MISSING => required,
                    code => read[code as usize].err(),
                };
                if let Some(detail) = fault {
                    faults.push(table.cell_fault(*row, position, detail));
                }
            }
            // What could not be read is among the faults, or in a row that nobody asks for.
            let value = |cell: CellResult| cell.unwrap_or(Value::Unseen);
            let values = read.into_iter().map(value).collect();
            Column::Coded { codes, values }
        }
    }
}

/// What is expected of a cell in a column of numbers.
const NO_NUMBER: &str = "expected a number";

/// What a text means to a model.
fn cell(text: &str, kind: &Kind) -> CellResult {
    match kind {
        Kind::Numeric { .. } => match text.parse() {
            Ok(number) if f64::is_finite(number) => Ok(Value::Number(number)),
            _ => Err(NO_NUMBER),
        },
        Kind::Categorical { levels, unseen, .. } => level_of(text, levels, *unseen),
    }
}
