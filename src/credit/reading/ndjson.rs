//! NDJSON: a JSON object on each line, its members the cells of the row.
//!
//! The columns are the members of the first [`ROWS_AHEAD`] rows, in the order in which they turn
//! up. Members may come in any order and be absent; one that turns up later than that is a fault.

use std::{borrow::Cow, collections::HashMap, fmt, io::Read, ops::Range};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{
    Cell, LONGEST_ROW, ReadError, RowFault, RowReader, Visit, cell::recycle, fault::header,
    window::Window,
};

/// How many rows are looked at to learn the names of the columns; 1 MiB of them is enough, too.
pub const ROWS_AHEAD: usize = 1_000;

/// Most bytes that are looked at to learn the names of the columns.
const BYTES_AHEAD: usize = 1 << 20;

/// Reads the rows of an NDJSON file.
#[derive(Debug)]
pub struct NdjsonReader<R> {
    window: Window<R>,
    /// The line on which the rest of the window begins, counted from 1.
    line: u64,
    columns: Columns,
    cells: Vec<Cell<'static>>,
}

/// The columns by name.
#[derive(Debug, Default)]
struct Columns {
    names: Vec<String>,
    positions: HashMap<String, usize>,
}

/// A line that is not blank.
enum Line {
    Text(Range<usize>),
    TooLong,
}

impl<R: Read> NdjsonReader<R> {
    /// Learns the names of the columns from the first rows of `source`.
    ///
    /// # Errors
    /// Names that are empty; rows without any member; failures of the source.
    pub fn new(source: R) -> Result<Self, ReadError> {
        let mut window = Window::new(source)?;
        while window.rest().len() < BYTES_AHEAD && window.refill()? {}
        let rest = window.rest();
        // A line that is cut off by the end of what is looked at tells what it can.
        let lines = rest.split(|byte| *byte == b'\n');
        let mut columns = Columns::default();
        for line in lines.filter(|line| !is_blank(line)).take(ROWS_AHEAD) {
            columns.learn(line);
        }
        columns.names = header(columns.names.iter().map(String::as_bytes))?;
        Ok(Self {
            window,
            line: 1,
            columns,
            cells: Vec::new(),
        })
    }

    /// The next line that is not blank and its number; leaves the window behind its end.
    fn next(&mut self) -> Result<Option<(u64, Line)>, ReadError> {
        let mut seen = 0;
        let mut too_long = false;
        loop {
            let rest = self.window.rest();
            let found = memchr::memchr(b'\n', &rest[seen..]);
            let is_end = found.is_none() && {
                seen = rest.len();
                too_long |= seen > LONGEST_ROW;
                if too_long {
                    self.window.consume(seen);
                    seen = 0;
                }
                !self.window.refill()?
            };
            if found.is_none() && !is_end {
                continue;
            }
            let place = self.window.consume(found.map_or(seen, |at| seen + at));
            too_long |= place.len() > LONGEST_ROW;
            self.window.consume(usize::from(found.is_some()));
            let line = self.line;
            self.line += 1;
            if too_long {
                return Ok(Some((line, Line::TooLong)));
            }
            if !is_blank(self.window.used(place.clone())) {
                return Ok(Some((line, Line::Text(place))));
            }
            if is_end {
                return Ok(None);
            }
            seen = 0;
        }
    }
}

fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

impl<R: Read> RowReader for NdjsonReader<R> {
    fn names(&self) -> &[String] {
        &self.columns.names
    }

    fn read(&mut self, most: usize, visit: &mut Visit<'_>) -> Result<usize, ReadError> {
        for count in 0..most {
            match self.next()? {
                None => return Ok(count),
                Some((line, Line::TooLong)) => visit(line, Err(RowFault::TooLong)),
                Some((line, Line::Text(place))) => {
                    let text = self.window.used(place);
                    match self.columns.read(text) {
                        Err(fault) => visit(line, Err(fault)),
                        Ok(values) => {
                            let mut cells = recycle(std::mem::take(&mut self.cells));
                            cells.extend(values.iter().map(Value::cell));
                            visit(line, Ok(&cells));
                            self.cells = recycle(cells);
                        }
                    }
                }
            }
        }
        Ok(most)
    }
}

/// The value of a member, read from a line that lives as long as `'a`.
#[derive(Clone)]
enum Value<'a> {
    Absent,
    Null,
    Number(f64),
    Flag(bool),
    Text(Cow<'a, str>),
    Nested,
}

impl Value<'_> {
    fn cell(&self) -> Cell<'_> {
        match self {
            Self::Absent | Self::Null | Self::Nested => Cell::Missing,
            Self::Number(number) => Cell::Number(*number),
            Self::Flag(flag) => Cell::Flag(*flag),
            Self::Text(text) => Cell::of_text(text),
        }
    }
}

impl Columns {
    /// Adds the names of the members of `line` that are not known.
    fn learn(&mut self, line: &[u8]) {
        let mut json = serde_json::Deserializer::from_slice(line);
        // What is wrong with the line is said when it is read as a row.
        let _ = Names(self).deserialize(&mut json);
    }

    fn add(&mut self, name: &str) {
        let position = self.names.len();
        if !self.positions.contains_key(name) {
            self.names.push(name.to_owned());
            self.positions.insert(name.to_owned(), position);
        }
    }

    /// The value of each column in the object that `line` is.
    fn read<'a>(&self, line: &'a [u8]) -> Result<Vec<Value<'a>>, RowFault> {
        let mut row = Row {
            columns: self,
            values: vec![Value::Absent; self.names.len()],
            fault: None,
        };
        let mut json = serde_json::Deserializer::from_slice(line);
        let read = (&mut row).deserialize(&mut json).and_then(|()| json.end());
        match (read, row.fault) {
            (Err(_), _) => Err(RowFault::NotAnObject),
            (Ok(()), Some(fault)) => Err(fault),
            (Ok(()), None) => Ok(row.values),
        }
    }
}

/// Learns the names of the members of an object.
struct Names<'a>(&'a mut Columns);

impl<'de> DeserializeSeed<'de> for Names<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Names<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            self.0.add(&name);
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// Reads the members of an object, the first fault of which is kept.
struct Row<'c, 'a> {
    columns: &'c Columns,
    values: Vec<Value<'a>>,
    fault: Option<RowFault>,
}

impl<'a> DeserializeSeed<'a> for &mut Row<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for &mut Row<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        // Members usually come in the order of the columns.
        let mut expected = 0;
        let columns = self.columns;
        while let Some(found) = map.next_key_seed(Name { columns, expected })? {
            let value = map.next_value_seed(Member)?;
            let fault = match found {
                Err(name) => RowFault::UnknownMember { name },
                Ok(column) => {
                    expected = column + 1;
                    let is_new = matches!(self.values[column], Value::Absent);
                    let is_nested = matches!(value, Value::Nested);
                    self.values[column] = value;
                    if is_new && !is_nested {
                        continue;
                    } else if is_new {
                        RowFault::Nested { column }
                    } else {
                        RowFault::RepeatedMember { column }
                    }
                }
            };
            self.fault.get_or_insert(fault);
        }
        Ok(())
    }
}

/// Finds the column of a member; the name of one that is not known.
struct Name<'c> {
    columns: &'c Columns,
    expected: usize,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Result<usize, String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Result<usize, String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        let Columns { names, positions } = self.columns;
        if names.get(self.expected).is_some_and(|it| it == name) {
            return Ok(Ok(self.expected));
        }
        let position = positions.get(name).copied();
        Ok(position.ok_or_else(|| name.chars().take(100).collect()))
    }
}

/// Reads the value of a member.
struct Member;

impl<'a> DeserializeSeed<'a> for Member {
    type Value = Value<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Value<'a>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Member {
    type Value = Value<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value<'a>, E> {
        Ok(Value::Number(number))
    }

    #[expect(clippy::cast_precision_loss, reason = "cells are doubles")]
    fn visit_i64<E: Error>(self, number: i64) -> Result<Value<'a>, E> {
        Ok(Value::Number(number as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "cells are doubles")]
    fn visit_u64<E: Error>(self, number: u64) -> Result<Value<'a>, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Value<'a>, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<Value<'a>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value<'a>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E: Error>(self) -> Result<Value<'a>, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<Value<'a>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Nested)
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Value<'a>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Nested)
    }
}
