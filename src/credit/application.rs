//! Applications as they arrive: one JSON object, read once against a model's schema.

use std::{collections::HashMap, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{
    Fault,
    fault::{Faults, pointer_token},
    schema::{Characteristic, Kind, MissingPolicy, UnseenPolicy},
    value::Value,
};

/// What a model expects of an application.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    /// The fields it knows, in the order of its schema.
    pub characteristics: &'a [Characteristic],
    /// The position of each by its name.
    pub positions: &'a HashMap<String, usize>,
    /// Which of them it uses.
    pub used: &'a [bool],
}

impl Expected<'_> {
    /// The position of the characteristic called `name`; `expected` is tried first.
    fn position(self, name: &str, expected: usize) -> Option<usize> {
        let first = self.characteristics.get(expected);
        if first.is_some_and(|characteristic| characteristic.name == name) {
            return Some(expected);
        }
        self.positions.get(name).copied()
    }
}

/// Reads applications against one model's schema, one after the other.
pub struct Reader<'a> {
    expected: Expected<'a>,
    row: Vec<Value>,
    /// The positions of the last application's members, in their order: the
    /// next one's usually come in the same.
    order: Vec<usize>,
    /// Names of members that are no fault although the model does not know them.
    passed_over: &'a [String],
}

impl<'a> Reader<'a> {
    /// A reader of applications to a model.
    pub fn new(expected: Expected<'a>) -> Self {
        let characteristics = expected.characteristics.len();
        Self {
            expected,
            row: Vec::with_capacity(characteristics),
            order: (0..characteristics).collect(),
            passed_over: &[],
        }
    }

    /// The same reader, to whom members of these `names` are no fault.
    pub fn passing_over(self, names: &'a [String]) -> Self {
        Self {
            passed_over: names,
            ..self
        }
    }

    /// Reads the JSON object `text`, the application at `index` of the request:
    /// one value per characteristic of the model's schema.
    ///
    /// Every fault is added to `faults` with its pointer; the row is meaningless then.
    pub fn read(&mut self, text: &str, index: usize, faults: &mut Faults) -> &[Value] {
        let Self {
            expected,
            row,
            order,
            passed_over,
        } = self;
        row.clear();
        row.resize(expected.characteristics.len(), Value::Unused);
        let mut seen = Seen::new(row.len());
        let reader = RowReader {
            expected: *expected,
            index,
            row: row.as_mut_slice(),
            order,
            passed_over,
            faults,
            seen: &mut seen,
        };
        let mut json = serde_json::Deserializer::from_str(text);
        // What comes behind the object would otherwise be lost without a word.
        let read = reader.deserialize(&mut json).and_then(|()| json.end());
        if read.is_err() {
            let detail = "expected an object with one member per characteristic";
            faults.push(Fault::at(format!("/applications/{index}"), detail));
            return row;
        }
        for (position, characteristic) in expected.characteristics.iter().enumerate() {
            if !seen.contains(position) && expected.used[position] {
                row[position] = Value::Missing;
            }
            if row[position] == Value::Missing && characteristic.missing == MissingPolicy::Reject {
                let detail = "a value is required";
                faults.push(Fault::at(pointer(index, &characteristic.name), detail));
            }
        }
        row
    }
}

fn pointer(index: usize, name: &str) -> String {
    format!("/applications/{index}/{}", pointer_token(name))
}

/// Which characteristics have been met; a bit each, spilling to the heap only
/// for schemas of more than 128.
struct Seen {
    low: u128,
    high: Vec<bool>,
}

impl Seen {
    fn new(characteristics: usize) -> Self {
        Self {
            low: 0,
            high: vec![false; characteristics.saturating_sub(128)],
        }
    }

    fn contains(&self, position: usize) -> bool {
        if position < 128 {
            self.low >> position & 1 == 1
        } else {
            self.high[position - 128]
        }
    }

    /// Marks `position`; false when it was marked before.
    fn insert(&mut self, position: usize) -> bool {
        let new = !self.contains(position);
        if position < 128 {
            self.low |= 1 << position;
        } else {
            self.high[position - 128] = true;
        }
        new
    }
}

struct RowReader<'a> {
    expected: Expected<'a>,
    index: usize,
    row: &'a mut [Value],
    order: &'a mut Vec<usize>,
    passed_over: &'a [String],
    faults: &'a mut Faults,
    seen: &'a mut Seen,
}

impl<'de> DeserializeSeed<'de> for RowReader<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RowReader<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an application")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut member = 0;
        while let Some(name) = map.next_key_seed(Name {
            known: self.expected,
            expected: self.order.get(member).copied().unwrap_or(0),
        })? {
            let position = match name {
                Ok(position) => position,
                Err(unknown) => {
                    if !self.passed_over.contains(&unknown) {
                        let detail = "the model knows no characteristic of this name";
                        let pointer = pointer(self.index, &unknown);
                        self.faults.push(Fault::at(pointer, detail));
                    }
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            match self.order.get_mut(member) {
                Some(expected) => *expected = position,
                None => self.order.push(position),
            }
            member += 1;
            let characteristic = &self.expected.characteristics[position];
            let mut fault = |detail: &str| {
                let pointer = pointer(self.index, &characteristic.name);
                self.faults.push(Fault::at(pointer, detail));
            };
            if !self.seen.insert(position) {
                fault("the member occurs twice");
            }
            if !self.expected.used[position] {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            match map.next_value_seed(Cell(characteristic))? {
                Ok(value) => self.row[position] = value,
                Err(detail) => {
                    // A placeholder, so that the fault is not reported as a gap too.
                    self.row[position] = Value::Unseen;
                    fault(detail);
                }
            }
        }
        Ok(())
    }
}

struct Name<'a> {
    known: Expected<'a>,
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
        Ok(self
            .known
            .position(name, self.expected)
            .ok_or_else(|| name.to_owned()))
    }
}

/// Reads one cell; a value of the wrong type is an inner error, so that reading
/// goes on and every fault is found.
struct Cell<'a>(&'a Characteristic);

pub(super) type CellResult = Result<Value, &'static str>;

impl Cell<'_> {
    fn number(&self, number: f64) -> CellResult {
        match &self.0.kind {
            Kind::Numeric { .. } => Ok(Value::Number(number)),
            Kind::Categorical { .. } => self.level(&number.to_string()),
        }
    }

    fn level(&self, text: &str) -> CellResult {
        let Kind::Categorical { levels, unseen, .. } = &self.0.kind else {
            return Err("expected a number");
        };
        let text = text.trim();
        if text.is_empty() {
            return Ok(Value::Missing);
        }
        level_of(text, levels, *unseen)
    }

    fn wrong(&self) -> &'static str {
        match self.0.kind {
            Kind::Numeric { .. } => "expected a number",
            Kind::Categorical { .. } => "expected a text",
        }
    }
}

/// The value that a text without spaces around it means to a model that knows `levels`.
pub(super) fn level_of(text: &str, levels: &[String], unseen: UnseenPolicy) -> CellResult {
    match levels.binary_search_by(|level| level.as_str().cmp(text)) {
        Ok(at) => Ok(u32::try_from(at).map_or(Value::Unseen, Value::Level)),
        Err(_) if unseen == UnseenPolicy::Average => Ok(Value::Unseen),
        Err(_) => Err("not one of the levels the model knows"),
    }
}

impl<'de> DeserializeSeed<'de> for Cell<'_> {
    type Value = CellResult;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<CellResult, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Cell<'_> {
    type Value = CellResult;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a text or null")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<CellResult, E> {
        Ok(self.number(number))
    }

    #[expect(clippy::cast_precision_loss, reason = "characteristics are doubles")]
    fn visit_i64<E: Error>(self, number: i64) -> Result<CellResult, E> {
        Ok(self.number(number as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "characteristics are doubles")]
    fn visit_u64<E: Error>(self, number: u64) -> Result<CellResult, E> {
        Ok(self.number(number as f64))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<CellResult, E> {
        Ok(self.level(if flag { "true" } else { "false" }))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<CellResult, E> {
        Ok(self.level(text))
    }

    fn visit_unit<E: Error>(self) -> Result<CellResult, E> {
        Ok(Ok(Value::Missing))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<CellResult, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Err(self.wrong()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CellResult, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Err(self.wrong()))
    }
}
