//! A record's one line: flat JSON, keys in a fixed order, ended by a newline.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeMap};
use ulid::Ulid;

use super::record::Record;

/// Who is named where a user is required and none is known.
const ANONYMOUS: &str = "anonymous";

/// Appends the record's line to `buffer`; on error `buffer` is as before.
///
/// JSON escapes control characters, so the only newline is the last byte.
pub(super) fn write_line(
    record: &Record,
    event_id: Ulid,
    buffer: &mut Vec<u8>,
) -> serde_json::Result<()> {
    let start = buffer.len();
    let written = serde_json::to_writer(&mut *buffer, &Line { record, event_id });
    match written {
        Ok(()) => buffer.push(b'\n'),
        Err(_) => buffer.truncate(start),
    }
    written
}

struct Line<'a> {
    record: &'a Record,
    event_id: Ulid,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Record {
            event,
            timestamp,
            context,
            outcome,
            status,
            duration_ms,
        } = self.record;
        let mut line = serializer.serialize_map(None)?;
        line.serialize_entry("event", event.name())?;
        line.serialize_entry("timestamp", &Text(format_args!("{timestamp:.6}")))?;
        line.serialize_entry("event_id", &Text(format_args!("evt_{}", self.event_id)))?;
        entry(&mut line, "request_id", context.request_id.as_ref())?;
        entry(&mut line, "key_id", context.key_id.as_ref())?;
        let nobody = event.always_names_user().then_some(ANONYMOUS);
        entry(&mut line, "user", context.actor.as_deref().or(nobody))?;
        entry(&mut line, "actor", context.actor.as_ref())?;
        entry(&mut line, "ip", context.ip)?;
        entry(&mut line, "method", context.method.as_ref())?;
        entry(&mut line, "route", context.route.as_ref())?;
        line.serialize_entry("outcome", outcome)?;
        entry(&mut line, "status", *status)?;
        entry(&mut line, "duration_ms", *duration_ms)?;
        event.serialize_fields(&mut line)?;
        line.end()
    }
}

fn entry<M: SerializeMap>(
    line: &mut M,
    key: &'static str,
    value: Option<impl Serialize>,
) -> Result<(), M::Error> {
    match value {
        Some(value) => line.serialize_entry(key, &value),
        None => Ok(()),
    }
}

/// Displays straight into the line, without a `String` in between.
struct Text<'a>(fmt::Arguments<'a>);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
