//! The one reading of a data set: every column counted and put aside.

use std::{cmp::Reverse, fmt::Write, path::Path};

use super::{
    DataSource, MemoryBudget, StreamingError,
    recorded::{Form, Recorded, columns},
    spill::{Cells, Spill},
    watch::Watch,
};
use crate::credit::{
    DataConfig, Fault, TrainingPlan,
    fault::Faults,
    outcome,
    reading::{Cell, RowFault},
};

/// How many rows are asked of the reader at a time.
const STRIDE: usize = 1_024;

/// A data set read once.
#[derive(Debug)]
pub(super) struct Recording {
    /// The header.
    pub names: Vec<String>,
    /// Position of the outcome in the header.
    pub target: usize,
    /// The columns put aside, in the order of the spill.
    pub columns: Vec<Recorded>,
    pub spill: Spill,
}

/// The columns of a block that is being filled.
struct Recorder<'a> {
    plan: &'a TrainingPlan,
    limits: &'a DataConfig,
    recording: Recording,
    block: Vec<Cells>,
    block_rows: usize,
    /// Bytes of all dictionaries, and their limit.
    dictionaries: usize,
    most_bytes: usize,
    faults: Faults,
    rows: u64,
    most_rows: u64,
}

impl Recording {
    /// Reads `source` to its end.
    ///
    /// # Errors
    /// Faults of rows; a target that is not there; a reader, file or budget that gives up.
    pub fn read(
        source: &mut dyn DataSource,
        plan: &TrainingPlan,
        limits: &DataConfig,
        budget: MemoryBudget,
        directory: &Path,
        watch: &Watch<'_>,
    ) -> Result<Self, StreamingError> {
        let mut recorder = Recorder::new(source.rows().names(), plan, limits, budget, directory)?;
        let mut last = Ok(());
        loop {
            let read = source.rows().read(STRIDE, &mut |place, cells| {
                if last.is_ok() {
                    last = recorder.row(place, cells);
                }
            })?;
            std::mem::replace(&mut last, Ok(()))?;
            if read == 0 {
                break;
            }
            watch.rows(read as u64, source.share_read())?;
        }
        recorder.finish()
    }
}

impl<'a> Recorder<'a> {
    fn new(
        names: &[String],
        plan: &'a TrainingPlan,
        limits: &'a DataConfig,
        budget: MemoryBudget,
        directory: &Path,
    ) -> Result<Self, StreamingError> {
        let fault = |detail: String| {
            let mut fault = Fault::at("", detail);
            fault.line = Some(1);
            StreamingError::from(vec![fault])
        };
        if names.len() > limits.max_columns {
            return Err(fault(format!("more than {} columns", limits.max_columns)));
        }
        let target = outcome::position(names, plan.target.as_deref())?;
        let columns = columns(names, plan, target)?;
        let form = |column: &Recorded| match column.form {
            Form::Coded(_) => Cells::Codes(Vec::new()),
            Form::Plain { .. } => Cells::Numbers(Vec::new()),
        };
        let block_rows = budget.block_rows(columns.len());
        Ok(Self {
            plan,
            limits,
            block: columns.iter().map(form).collect(),
            block_rows,
            recording: Recording {
                names: names.to_vec(),
                target,
                spill: Spill::new(directory, columns.len(), block_rows)?,
                columns,
            },
            dictionaries: 0,
            most_bytes: budget.dictionaries(),
            faults: Faults::default(),
            rows: 0,
            most_rows: budget.most_rows(),
        })
    }

    fn row(
        &mut self,
        place: u64,
        cells: Result<&[Cell<'_>], RowFault>,
    ) -> Result<(), StreamingError> {
        if self.rows == self.limits.max_rows as u64 {
            let detail = format!("more than {} rows", self.limits.max_rows);
            return Err(vec![Fault::at("", detail)].into());
        }
        self.rows += 1;
        if self.rows > self.most_rows {
            let most = self.most_rows;
            return Err(StreamingError::BudgetForFewerRows { most });
        }
        let cells = match cells {
            Ok(cells) => cells,
            Err(fault) => {
                let column = fault.column().and_then(|at| self.recording.names.get(at));
                self.faults.push(Fault {
                    pointer: String::new(),
                    line: Some(place),
                    column: column.cloned(),
                    detail: fault.to_string(),
                });
                return Ok(());
            }
        };
        // Nothing will come of a data set with faults but a list of them.
        if self.faults.is_empty() {
            self.cells(place, cells)?;
        }
        Ok(())
    }

    fn cells(&mut self, place: u64, cells: &[Cell<'_>]) -> Result<(), StreamingError> {
        let mut spelled = String::new();
        let columns = self.recording.columns.iter_mut();
        for (column, block) in columns.zip(&mut self.block) {
            let text = text_of(cells[column.source], &mut spelled);
            let text = text.filter(|text| !self.plan.missing_values.iter().any(|m| m == text));
            self.dictionaries += column.push(place, text, block);
        }
        while self.dictionaries > self.most_bytes {
            self.make_plain()?;
        }
        if self.block.first().map_or(0, Cells::len) == self.block_rows {
            self.put_aside()?;
        }
        Ok(())
    }

    /// Keeps the column with the most texts as numbers from now on.
    fn make_plain(&mut self) -> Result<(), StreamingError> {
        let columns = self.recording.columns.iter();
        let sizes = columns.enumerate().map(|(at, column)| match &column.form {
            Form::Coded(dictionary) => (dictionary.entries().len(), at),
            Form::Plain { .. } => (0, at),
        });
        // The first of the largest.
        let largest = sizes.max_by_key(|(texts, at)| (*texts, Reverse(*at)));
        let Some((texts, at)) = largest else {
            return Ok(());
        };
        // So few texts may yet turn out to be levels, which must be known.
        if texts <= self.limits.max_levels.max(2) {
            let bytes = self.most_bytes as u64;
            return Err(StreamingError::BudgetForFewerTexts { bytes });
        }
        let column = &mut self.recording.columns[at];
        if let Form::Coded(dictionary) = &column.form {
            let numbers = dictionary.numbers();
            if let Cells::Codes(codes) = &self.block[at] {
                let number = |code: &u32| numbers.get(*code as usize).copied();
                let plain = codes.iter().map(|code| number(code).unwrap_or(f64::NAN));
                self.block[at] = Cells::Numbers(plain.collect());
            }
            // The numbers of the first blocks' codes stay.
            self.dictionaries -= dictionary.bytes() - 8 * numbers.len();
            let (numeric, other) = column.tally();
            column.form = Form::Plain {
                numbers,
                numeric,
                other,
            };
        }
        Ok(())
    }

    fn put_aside(&mut self) -> Result<(), StreamingError> {
        self.recording.spill.push(&self.block)?;
        for cells in &mut self.block {
            match cells {
                Cells::Codes(codes) => codes.clear(),
                Cells::Numbers(numbers) => numbers.clear(),
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Recording, StreamingError> {
        self.faults.into_result()?;
        if self.rows == 0 {
            return Err(vec![Fault::at("", "the data set has no rows")].into());
        }
        self.faults = Faults::default();
        if self.block.first().is_some_and(|cells| cells.len() > 0) {
            self.recording.spill.push(&self.block)?;
        }
        Ok(self.recording)
    }
}

/// The text of a cell; numbers and truth values are spelled in `spelled`.
fn text_of<'t>(cell: Cell<'t>, spelled: &'t mut String) -> Option<&'t str> {
    spelled.clear();
    match cell {
        Cell::Missing => return None,
        Cell::Text(text) | Cell::Written(text) => return Some(text),
        // Writing to a text does not fail.
        Cell::Number(number) => drop(write!(spelled, "{number}")),
        Cell::Flag(flag) => drop(write!(spelled, "{flag}")),
    }
    Some(spelled)
}
