//! Which rows a model may learn from, and which are kept to see how it fares later.

use jiff::civil::Date;

use super::{
    Fault, Table,
    fault::Faults,
    plan::{NO_DATE, OutOfTimePlan, date},
    table::MISSING,
};

/// The rows of a data set by when they are from.
#[derive(Debug)]
pub(super) struct Periods {
    /// Rows to learn from, ascending.
    pub development: Vec<usize>,
    /// Newer rows, ascending; none unless the plan asks for them.
    pub out_of_time: Vec<usize>,
}

impl Periods {
    /// Tells the rows of `table` apart by the column of `plan`; without a plan, all are for
    /// development. Faults are added to `faults`.
    pub(super) fn of(table: &Table, plan: Option<&OutOfTimePlan>, faults: &mut Faults) -> Self {
        let Some(plan) = plan else {
            return Self {
                development: (0..table.rows()).collect(),
                out_of_time: Vec::new(),
            };
        };
        Self::split(table, plan, faults, true)
    }

    /// Those rows of `table` that are as new as `plan` says; it may have no others.
    pub(super) fn newer(table: &Table, plan: &OutOfTimePlan, faults: &mut Faults) -> Vec<usize> {
        Self::split(table, plan, faults, false).out_of_time
    }

    fn split(table: &Table, plan: &OutOfTimePlan, faults: &mut Faults, both: bool) -> Self {
        Self::tell_apart(table, plan, faults, both).unwrap_or_else(|fault| {
            faults.push(fault);
            Self {
                development: Vec::new(),
                out_of_time: Vec::new(),
            }
        })
    }

    /// `both` is whether there must be older rows, too.
    fn tell_apart(
        table: &Table,
        plan: &OutOfTimePlan,
        faults: &mut Faults,
        both: bool,
    ) -> Result<Self, Fault> {
        let first = plan.first()?;
        let columns = table.columns();
        let position = columns.iter().position(|column| column.name == plan.column);
        let position = position.ok_or_else(|| {
            let detail = "the data set has no column of this name";
            Fault::at("/out_of_time/column", detail)
        })?;
        let column = columns[position].coded();
        let dates: Vec<Option<Date>> = column.texts.iter().map(|text| date(text)).collect();
        let (mut development, mut out_of_time) = (Vec::new(), Vec::new());
        for (row, code) in column.codes.iter().enumerate() {
            let found = match *code {
                MISSING => None,
                code => dates[code as usize],
            };
            match found {
                Some(date) if date < first => development.push(row),
                Some(_) => out_of_time.push(row),
                None => faults.push(table.cell_fault(row, position, NO_DATE)),
            }
        }
        let parts = [
            (&development, "no row is older than this"),
            (&out_of_time, "no row is as new as this"),
        ];
        for (rows, detail) in &parts[usize::from(!both)..] {
            if rows.is_empty() && faults.is_empty() {
                return Err(Fault::at("/out_of_time/from", *detail));
            }
        }
        Ok(Self {
            development,
            out_of_time,
        })
    }
}
