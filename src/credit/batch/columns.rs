//! Texts of a CSV column as a model reads them.

use crate::credit::{
    reading::Cell,
    schema::{Characteristic, Kind, MissingPolicy, UnseenPolicy},
    value::Value,
};

/// Reads the cells of one characteristic.
#[derive(Debug)]
pub(super) struct ColumnReader {
    required: bool,
    kind: Reader,
}

#[derive(Debug)]
enum Reader {
    /// `gaps` are the texts that mean "no value" although they are numbers.
    Number { gaps: Vec<String> },
    /// `has_gaps` says that some levels mean "no value" here.
    Levels {
        levels: Levels,
        has_gaps: bool,
        refuse: bool,
    },
}

impl ColumnReader {
    /// A reader of `characteristic`; `missing_values` mean "no value".
    pub(super) fn new(characteristic: &Characteristic, missing_values: &[String]) -> Self {
        let kind = match &characteristic.kind {
            Kind::Numeric { .. } => {
                let numbers = missing_values.iter().filter(|it| number(it).is_some());
                Reader::Number {
                    gaps: numbers.cloned().collect(),
                }
            }
            Kind::Categorical { levels, unseen, .. } => Reader::Levels {
                levels: Levels::new(levels),
                has_gaps: levels.iter().any(|it| missing_values.contains(it)),
                refuse: *unseen == UnseenPolicy::Reject,
            },
        };
        Self {
            required: characteristic.missing == MissingPolicy::Reject,
            kind,
        }
    }

    /// What a cell of a format that knows types means to the model, as in an application.
    ///
    /// # Errors
    /// What belongs here instead.
    pub(super) fn read_cell(
        &self,
        cell: Cell<'_>,
        missing_values: &[String],
    ) -> Result<Value, &'static str> {
        match (cell, &self.kind) {
            (Cell::Missing, _) => self.read("", missing_values),
            (Cell::Text(text), _) => self.read(text, missing_values),
            (Cell::Written(text), _) => self.read(text, &[]),
            (Cell::Number(number), Reader::Number { .. }) if number.is_finite() => {
                Ok(Value::Number(number))
            }
            (Cell::Number(_) | Cell::Flag(_), Reader::Number { .. }) => Err("expected a number"),
            (Cell::Number(number), _) => self.read(&number.to_string(), &[]),
            (Cell::Flag(flag), _) => self.read(if flag { "true" } else { "false" }, &[]),
        }
    }

    /// What `text`, without spaces around it, means to the model.
    ///
    /// # Errors
    /// What belongs here instead.
    pub(super) fn read(
        &self,
        text: &str,
        missing_values: &[String],
    ) -> Result<Value, &'static str> {
        let gap = || text.is_empty() || missing_values.iter().any(|it| it == text);
        let (value, detail) = match &self.kind {
            Reader::Number { gaps } => match number(text) {
                Some(found) if gaps.is_empty() || !gaps.iter().any(|it| it == text) => {
                    return Ok(Value::Number(found));
                }
                _ => (None, "expected a number"),
            },
            Reader::Levels {
                levels,
                has_gaps,
                refuse,
            } => match levels.find(text) {
                Some(level) if !*has_gaps || !gap() => return Ok(Value::Level(level)),
                Some(_) => (None, ""),
                None if *refuse => (None, "not one of the levels the model knows"),
                None => (Some(Value::Unseen), ""),
            },
        };
        // Gaps are rarer than values, so that they are looked for last, though they come first: a
        // number or level that is one has been told apart.
        if gap() {
            return if self.required {
                Err("a value is required")
            } else {
                Ok(Value::Missing)
            };
        }
        value.ok_or(detail)
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Levels in byte-wise order, found by their first eight bytes.
#[derive(Debug)]
struct Levels {
    heads: Vec<u64>,
    texts: Vec<String>,
}

/// Up to so many heads are counted, which takes no branch that could be missed.
const COUNTED: usize = 24;

impl Levels {
    fn new(texts: &[String]) -> Self {
        Self {
            heads: texts.iter().map(|text| head(text.as_bytes())).collect(),
            texts: texts.to_vec(),
        }
    }

    fn find(&self, text: &str) -> Option<u32> {
        let head = head(text.as_bytes());
        let from = if self.heads.len() <= COUNTED {
            let below = self.heads.iter().filter(|it| **it < head);
            below.count()
        } else {
            self.heads.partition_point(|it| *it < head)
        };
        let alike = self.heads[from..].iter().take_while(|it| **it == head);
        let at = alike
            .zip(&self.texts[from..])
            .position(|(_, level)| level == text)?;
        u32::try_from(from + at).ok()
    }
}

/// The first eight bytes as a number that orders as they do, zeros behind a shorter text.
fn head(text: &[u8]) -> u64 {
    if let Some(first) = text.first_chunk() {
        return u64::from_be_bytes(*first);
    }
    let packed = text
        .iter()
        .fold(0, |packed: u64, byte| packed << 8 | u64::from(*byte));
    match text.len() {
        0 => 0,
        // Fewer than eight bytes, so that the shift is less than 64.
        length => packed << (8 * (8 - length)),
    }
}
