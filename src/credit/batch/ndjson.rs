//! Rows of an NDJSON: every line an application, read as one that is sent on its own.
//!
//! A member may be left out, which means "no value". Therefore a member that the model does not
//! know and that is not to be kept makes its row an error: a misspelt one would not be missed.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{
    LONGEST_RECORD,
    cell::{Kept, none},
    csv::too_long,
    desk::Desk,
    pending::Pending,
    place::{Place, told},
};
use crate::credit::{Fault, application::Reader, fault::Faults};

/// An NDJSON that is being read.
pub(super) struct JsonRows {
    pending: Pending,
    /// Line that is to be read next, counted from 1.
    line: u64,
    /// Bytes of that line in which its end is not.
    searched: usize,
    has_begun: bool,
}

impl JsonRows {
    pub(super) fn new() -> Self {
        Self {
            pending: Pending::default(),
            line: 1,
            searched: 0,
            has_begun: false,
        }
    }

    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        desk: &mut Desk,
        out: &mut Vec<u8>,
    ) -> Result<bool, Vec<Fault>> {
        self.read(bytes, false, desk, out)
    }

    pub(super) fn finish(&mut self, desk: &mut Desk, out: &mut Vec<u8>) -> Result<(), Vec<Fault>> {
        while self.read(&[], true, desk, out)? {}
        Ok(())
    }

    /// Answers lines until the desk has enough; whether there may be more. With `last` what is
    /// left is a line too.
    fn read(
        &mut self,
        bytes: &[u8],
        last: bool,
        desk: &mut Desk,
        out: &mut Vec<u8>,
    ) -> Result<bool, Vec<Fault>> {
        if !std::mem::replace(&mut self.has_begun, true) {
            desk.begin(out);
        }
        self.pending.add(bytes, last);
        let model = desk.shared_model();
        let keep = desk.options().keep.clone();
        let mut reader = None;
        while let Some(length) = self.next(last)? {
            let reader =
                reader.get_or_insert_with(|| Reader::new(model.expected()).passing_over(&keep));
            let line = &self.pending.rest()[..length];
            answer(line, self.line, reader, &keep, desk, out);
            self.pending.consume(length);
            self.line += 1;
            self.searched = 0;
            if desk.has_enough(out) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Length of the next line with its end; none if that has not come.
    fn next(&mut self, last: bool) -> Result<Option<usize>, Vec<Fault>> {
        let rest = self.pending.rest();
        // No line is looked at any further.
        let most = &rest[..rest.len().min(LONGEST_RECORD + 1)];
        let found = memchr::memchr(b'\n', &most[self.searched..]);
        let found = found.map(|it| self.searched + it);
        self.searched = most.len();
        match found {
            Some(end) => Ok(Some(end + 1)),
            None if rest.len() > LONGEST_RECORD => Err(vec![too_long(self.line)]),
            None if last && !rest.is_empty() => Ok(Some(rest.len())),
            None => Ok(None),
        }
    }
}

fn answer(
    bytes: &[u8],
    line: u64,
    reader: &mut Reader<'_>,
    keep: &[String],
    desk: &mut Desk,
    out: &mut Vec<u8>,
) {
    let placed = |fault| placed(fault, line);
    let Ok(text) = std::str::from_utf8(bytes.trim_ascii()) else {
        let fault = placed(Fault::at("", "the row is not UTF-8 text"));
        return desk.refuse(&none, &fault.to_string(), out);
    };
    if text.is_empty() {
        return;
    }
    let mut faults = Faults::default();
    let values = reader.read(text, 0, &mut faults);
    let members = if keep.is_empty() {
        Vec::new()
    } else {
        // A line that is no object has been found out already.
        let mut json = serde_json::Deserializer::from_str(text);
        json.deserialize_map(Members(keep)).unwrap_or_default()
    };
    let kept = |at: usize| {
        let member = members.get(at).and_then(Option::as_ref);
        member.map_or(Kept::Missing, Member::kept)
    };
    match faults.into_result() {
        Ok(()) => desk.answer(Place::Line(line), values, &kept, out),
        Err(found) => {
            let mut faults = Faults::default();
            found
                .into_iter()
                .for_each(|fault| faults.push(placed(fault)));
            desk.refuse(&kept, &told(faults), out);
        }
    }
}

/// A fault of the application at index 0 as one of a line.
fn placed(fault: Fault, line: u64) -> Fault {
    let member = fault.pointer.strip_prefix("/applications/0/");
    Fault {
        pointer: String::new(),
        line: Some(line),
        column: member.map(|it| it.replace("~1", "/").replace("~0", "~")),
        detail: fault.detail,
    }
}

/// A member that is copied into the answer.
enum Member<'a> {
    Text(String),
    Json(&'a str),
}

impl Member<'_> {
    fn kept(&self) -> Kept<'_> {
        match self {
            Self::Text(text) => Kept::Text(text),
            Self::Json(raw) => Kept::Json(raw),
        }
    }

    fn of(raw: &RawValue) -> Option<Member<'_>> {
        let text = raw.get();
        match serde_json::from_str::<String>(text) {
            Ok(text) => Some(Member::Text(text)),
            Err(_) if text == "null" => None,
            Err(_) => Some(Member::Json(text)),
        }
    }
}

/// Picks the members of these names, in their order.
struct Members<'k>(&'k [String]);

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Vec<Option<Member<'de>>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found: Vec<_> = self.0.iter().map(|_| None).collect();
        while let Some(name) = map.next_key::<String>()? {
            match self.0.iter().position(|own| *own == name) {
                Some(at) => found[at] = Member::of(map.next_value::<&RawValue>()?),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}
