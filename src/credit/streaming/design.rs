//! The design matrix of rows that are not in memory, one block after the other.

use std::{cell::RefCell, ops::ControlFlow};

use super::{
    StreamingError,
    data::{Codes, Data},
    row_set::RowSet,
    spill::Cells,
    watch::Watch,
};
use crate::{
    credit::{
        TrainingError,
        binning::Binning,
        features::{Encoding, imputed},
    },
    stats::logistic::{Block, BlockError, DesignBlocks},
};

/// A design over rows put aside.
pub(super) struct Design<'a> {
    pub data: &'a Data,
    /// The rows that it has.
    pub rows: &'a RowSet,
    columns: Vec<Column>,
    /// What the weights of goods and bads are multiplied by; with it, rows without weights have 1.
    pub factors: Option<[f64; 2]>,
    /// Whether the rows' own weights count.
    pub weighted: bool,
    pub watch: &'a Watch<'a>,
    /// What stopped a pass.
    failure: RefCell<Option<StreamingError>>,
}

/// What a column of the design makes of a value.
#[derive(Clone, Debug)]
pub(super) enum Meaning {
    /// The weight of evidence of its bin.
    Evidence(Binning),
    /// An encoded value, less `mean`, times `scale`.
    Feature {
        encoding: Encoding,
        mean: f64,
        scale: f64,
    },
}

#[derive(Debug)]
struct Column {
    /// Column of the spill.
    source: usize,
    /// What it makes of each code, a missing cell first.
    by_code: Vec<f64>,
    meaning: Meaning,
}

impl Meaning {
    /// Of a number, `NaN` for none.
    fn of_number(&self, number: f64) -> f64 {
        match self {
            Self::Evidence(binning) => binning.woe(binning.bin_of(number)),
            Self::Feature {
                encoding,
                mean,
                scale,
            } => (encoding.number((!number.is_nan()).then_some(number)) - mean) * scale,
        }
    }

    /// Of a level, none where there is no value.
    fn of_level(&self, level: Option<(u32, &str)>) -> f64 {
        match self {
            Self::Evidence(binning) => {
                binning.woe(binning.bin_of_level(level.map(|(_, name)| name)))
            }
            Self::Feature {
                encoding,
                mean,
                scale,
            } => (encoding.level(level.map(|(code, _)| code)) - mean) * scale,
        }
    }
}

impl Column {
    /// What `meaning` makes of the characteristic at `position`.
    fn new(data: &Data, position: usize, meaning: Meaning) -> Self {
        let input = &data.inputs[position];
        let characteristic = &data.schema.characteristics[position];
        let by_code = match &input.codes {
            Codes::Numbers { numbers, .. } => {
                let all = std::iter::once(&f64::NAN).chain(numbers);
                all.map(|number| meaning.of_number(*number)).collect()
            }
            Codes::Levels(ranks) => {
                let names = characteristic.levels();
                let level = |code: u32| Some((code, names.get(code as usize)?.as_str()));
                // Where gaps are imputed, only features know it.
                let gap = match &meaning {
                    Meaning::Evidence(_) => None,
                    Meaning::Feature { .. } => imputed(characteristic),
                };
                let all = std::iter::once(gap).chain(ranks.iter().copied().map(Some));
                all.map(|code| meaning.of_level(code.and_then(level)))
                    .collect()
            }
        };
        Self {
            source: input.column,
            by_code,
            meaning,
        }
    }

    /// Writes what it makes of `cells` into one column of `values`, for the rows at `places`.
    fn fill(&self, cells: &Cells, places: &[usize], values: &mut [f64], width: usize) {
        let values = values.iter_mut().step_by(width);
        match cells {
            Cells::Codes(codes) => {
                for (value, place) in values.zip(places) {
                    *value = self.by_code[codes[*place].wrapping_add(1) as usize];
                }
            }
            Cells::Numbers(numbers) => {
                for (value, place) in values.zip(places) {
                    *value = self.meaning.of_number(numbers[*place]);
                }
            }
        }
    }
}

impl<'a> Design<'a> {
    /// A design of `rows`, a column for each position in the schema and its meaning; columns of
    /// the same position stand together. Rows have their own weights.
    pub fn new(
        data: &'a Data,
        rows: &'a RowSet,
        columns: impl IntoIterator<Item = (usize, Meaning)>,
        watch: &'a Watch<'a>,
    ) -> Self {
        let columns = columns.into_iter();
        let columns = columns.map(|(position, meaning)| Column::new(data, position, meaning));
        Self {
            data,
            rows,
            columns: columns.collect(),
            factors: None,
            weighted: true,
            watch,
            failure: RefCell::new(None),
        }
    }

    /// `found`, or what stopped the pass on the way to it.
    pub fn unless_stopped<T, E: Into<StreamingError>>(
        &self,
        found: Result<T, E>,
    ) -> Result<T, StreamingError> {
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => found.map_err(Into::into),
        }
    }

    fn pass(
        &self,
        visit: &mut dyn FnMut(Block<'_>) -> ControlFlow<()>,
    ) -> Result<(), StreamingError> {
        let width = self.columns.len();
        let mut places = Vec::new();
        let (mut values, mut events, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        let (mut cells, mut own) = (Cells::default(), Cells::default());
        let has_weights = self.factors.is_some() || (self.weighted && self.data.weights.is_some());
        self.data.each_block(self.watch, |block, rows| {
            places.clear();
            let first = rows.start;
            places.extend(rows.filter(|row| self.rows.contains(*row)));
            events.clear();
            events.extend(places.iter().map(|row| self.data.events.contains(*row)));
            places.iter_mut().for_each(|row| *row -= first);
            values.clear();
            values.resize(places.len() * width, 0.0);
            let mut read = None;
            for (at, column) in self.columns.iter().enumerate() {
                if read != Some(column.source) {
                    self.data.spill.read(block, column.source, &mut cells)?;
                    read = Some(column.source);
                }
                let from = at.min(values.len());
                column.fill(&cells, &places, &mut values[from..], width);
            }
            if has_weights {
                if self.weighted {
                    self.data.weights_of(block, &mut own)?;
                }
                weights.clear();
                let [good, bad] = self.factors.unwrap_or([1.0; 2]);
                weights.extend(places.iter().zip(&events).map(|(place, event)| {
                    let own = if self.weighted {
                        self.data.weight(&own, *place)
                    } else {
                        1.0
                    };
                    own * if *event { bad } else { good }
                }));
            }
            let block = Block {
                values: &values,
                events: &events,
                weights: has_weights.then_some(&weights[..]),
            };
            match visit(block) {
                ControlFlow::Continue(()) => Ok(()),
                // Whoever broke off knows why.
                ControlFlow::Break(()) => Err(TrainingError::Cancelled.into()),
            }
        })
    }
}

impl DesignBlocks for Design<'_> {
    fn columns(&self) -> usize {
        self.columns.len()
    }

    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn each(&self, visit: &mut dyn FnMut(Block<'_>) -> ControlFlow<()>) -> Result<(), BlockError> {
        let mut broken = false;
        let found = self.pass(&mut |block| {
            let flow = visit(block);
            broken = flow.is_break();
            flow
        });
        match found {
            Ok(()) => Ok(()),
            Err(_) if broken => Ok(()),
            Err(failure) => {
                let told = BlockError::source(&failure);
                *self.failure.borrow_mut() = Some(failure);
                Err(told)
            }
        }
    }
}
