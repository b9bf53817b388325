//! The cells of one column of a table: codes into a dictionary of texts, or numbers.
//!
//! Every column begins with codes. Once it has more distinct texts than a categorical
//! characteristic may have levels, and all of them are numbers, the texts are of no more use: the
//! column goes on as numbers, eight bytes a cell. What turns up in it later that is no number is
//! kept beside them, so that it can be told with its place.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use super::super::reading::Cell;

/// The code of a cell that holds nothing.
pub const MISSING: u32 = u32::MAX;

/// One named column.
#[derive(Debug)]
pub struct Column {
    /// The header's name.
    pub name: String,
    cells: Cells,
}

/// How the cells of a column are kept.
#[derive(Debug)]
pub enum Cells {
    /// Codes into a dictionary of texts.
    Coded(Coded),
    /// Numbers, and the cells that are none.
    Numbers(Numbers),
}

/// Cells as codes into a dictionary of texts.
#[derive(Clone, Debug, Default)]
pub struct Coded {
    /// One code per row: an index into `texts`, or [`MISSING`].
    pub codes: Vec<u32>,
    /// The distinct texts in the order of their first appearance.
    pub texts: Vec<Box<str>>,
}

/// Cells of a column that has more distinct numbers than anything but a measure has.
#[derive(Debug)]
pub struct Numbers {
    /// One number per row; NaN where the row has none.
    pub values: Arc<Vec<f64>>,
    /// Cells that are no finite numbers, each with its row, ascending.
    pub others: Vec<(usize, Box<str>)>,
}

impl Column {
    /// How many rows the column has.
    pub fn len(&self) -> usize {
        match &self.cells {
            Cells::Coded(coded) => coded.codes.len(),
            Cells::Numbers(numbers) => numbers.values.len(),
        }
    }

    /// Whether the column has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cells as they are kept.
    pub fn cells(&self) -> &Cells {
        &self.cells
    }

    /// The cells as codes into a dictionary; numbers are written in their shortest form.
    pub fn coded(&self) -> Cow<'_, Coded> {
        let numbers = match &self.cells {
            Cells::Coded(coded) => return Cow::Borrowed(coded),
            Cells::Numbers(numbers) => numbers,
        };
        let mut writing = Writing::new(self.name.clone(), None);
        let mut others = numbers.others.iter().peekable();
        for (row, value) in numbers.values.iter().enumerate() {
            match others.next_if(|(at, _)| *at == row) {
                Some((_, text)) => writing.push_text(text),
                None if value.is_nan() => writing.push(Cell::Missing),
                None => writing.push_text(&value.to_string()),
            }
        }
        match writing.finish().cells {
            Cells::Coded(coded) => Cow::Owned(coded),
            Cells::Numbers(_) => Cow::Owned(Coded::default()),
        }
    }

    /// The number in each row; none where there is nothing or no number.
    pub fn numbers(&self) -> Vec<Option<f64>> {
        match &self.cells {
            Cells::Numbers(numbers) => {
                let values = numbers.values.iter();
                values
                    .map(|value| (!value.is_nan()).then_some(*value))
                    .collect()
            }
            Cells::Coded(Coded { codes, texts }) => {
                let numbers: Vec<Option<f64>> =
                    texts.iter().map(|text| text.parse().ok()).collect();
                let number = |code: &u32| numbers.get(*code as usize).copied().flatten();
                codes.iter().map(number).collect()
            }
        }
    }
}

/// A column while it is read.
#[derive(Debug)]
pub(super) struct Writing {
    pub(super) name: String,
    /// More distinct texts than this, all numbers, and texts are no longer kept; none for never.
    most_texts: Option<usize>,
    coded: Coded,
    dictionary: HashMap<Box<str>, u32>,
    /// Codes of texts that were met lately, by a few of their bits.
    recent: Vec<u32>,
    values: Option<Vec<f64>>,
    others: Vec<(usize, Box<str>)>,
    /// How many rows there may be in all; 0 when nothing is known.
    expected: usize,
}

/// How many texts are remembered as met lately; a power of two.
const RECENT: usize = 256;

impl Writing {
    pub(super) fn new(name: String, most_texts: Option<usize>) -> Self {
        Self {
            name,
            most_texts,
            coded: Coded::default(),
            dictionary: HashMap::new(),
            recent: vec![MISSING; RECENT],
            values: None,
            others: Vec::new(),
            expected: 0,
        }
    }

    /// Makes room for so many rows in all.
    pub(super) fn make_room(&mut self, rows: usize) {
        self.expected = rows;
        match &mut self.values {
            Some(values) => make_room(values, rows),
            None => make_room(&mut self.coded.codes, rows),
        }
    }

    /// Adds a cell. NaN of a format that knows numbers is what such formats have for nothing.
    pub(super) fn push(&mut self, cell: Cell<'_>) {
        match (cell, &mut self.values) {
            (Cell::Missing, Some(values)) => values.push(f64::NAN),
            (Cell::Missing, None) => self.coded.codes.push(MISSING),
            (Cell::Number(number), _) if number.is_nan() => self.push(Cell::Missing),
            (Cell::Number(number), Some(values)) if number.is_finite() => values.push(number),
            (Cell::Number(number), _) => self.push_text(&number.to_string()),
            (Cell::Flag(flag), _) => self.push_text(if flag { "true" } else { "false" }),
            (Cell::Text(text) | Cell::Written(text), _) => self.push_text(text),
        }
    }

    pub(super) fn push_text(&mut self, text: &str) {
        let Some(values) = &mut self.values else {
            self.push_code(text);
            return;
        };
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => values.push(number),
            _ => {
                self.others.push((values.len(), text.into()));
                values.push(f64::NAN);
            }
        }
    }

    fn push_code(&mut self, text: &str) {
        let place = place(text);
        let Coded { codes, texts } = &mut self.coded;
        let recent = self.recent[place];
        if texts.get(recent as usize).is_some_and(|it| **it == *text) {
            codes.push(recent);
            return;
        }
        let code = match self.dictionary.get(text) {
            Some(code) => *code,
            None => {
                let code = u32::try_from(texts.len()).unwrap_or(MISSING - 1);
                texts.push(text.into());
                self.dictionary.insert(text.into(), code);
                code
            }
        };
        self.recent[place] = code;
        codes.push(code);
        if self.most_texts.is_some_and(|most| texts.len() > most) {
            self.turn_to_numbers();
        }
    }

    fn turn_to_numbers(&mut self) {
        let finite = |text: &str| text.parse().ok().filter(|number| f64::is_finite(*number));
        let numbers: Option<Vec<f64>> = self.coded.texts.iter().map(|it| finite(it)).collect();
        // One way or the other, this is tried once.
        self.most_texts = None;
        let Some(numbers) = numbers else {
            return;
        };
        let Coded { codes, .. } = std::mem::take(&mut self.coded);
        self.dictionary = HashMap::new();
        let number = |code: u32| numbers.get(code as usize).copied().unwrap_or(f64::NAN);
        let mut values = Vec::new();
        make_room(&mut values, self.expected);
        values.extend(codes.into_iter().map(number));
        self.values = Some(values);
    }

    pub(super) fn finish(self) -> Column {
        let cells = match self.values {
            None => Cells::Coded(self.coded),
            Some(mut values) => {
                // Room that nothing was written to takes no memory, but a copy does.
                if values.len() < values.capacity() / 4 * 3 {
                    values.shrink_to_fit();
                }
                Cells::Numbers(Numbers {
                    values: Arc::new(values),
                    others: self.others,
                })
            }
        };
        Column {
            name: self.name,
            cells,
        }
    }
}

/// Makes room for so many in all, if it can be had: they may turn out to be fewer.
fn make_room<T>(cells: &mut Vec<T>, rows: usize) {
    let more = rows.saturating_sub(cells.len());
    let _refused = cells.try_reserve_exact(more);
}

/// Where among those met lately a text is remembered: by its length and its last eight bytes.
fn place(text: &str) -> usize {
    let bytes = text.as_bytes();
    let tail = bytes.last_chunk().map_or_else(
        || {
            bytes
                .iter()
                .fold(0, |all, byte| all << 8 | u64::from(*byte))
        },
        |tail: &[u8; 8]| u64::from_le_bytes(*tail),
    );
    let mixed = (tail ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(mixed >> 56).unwrap_or(0) % RECENT
}
