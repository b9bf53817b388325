//! A table from JSON: an array of objects, or names and an array of rows.

use std::collections::HashSet;

use serde_json::{Map, Value, value::RawValue};

use super::{
    Origin, Table, column::Writing, columns_digest, digest, too_many_columns, too_many_rows,
};
use crate::credit::{
    DataConfig, Fault,
    fault::{Faults, pointer_token},
    reading::Cell,
};

impl Table {
    /// Reads an array of JSON objects; members absent from a row are missing.
    ///
    /// # Errors
    /// Every fault found, each with its pointer.
    pub fn from_records(raw: &RawValue, limits: &DataConfig) -> Result<Self, Vec<Fault>> {
        const POINTER: &str = "/records";
        let rows: Vec<Map<String, Value>> = serde_json::from_str(raw.get())
            .map_err(|_| vec![Fault::at(POINTER, "expected an array of objects")])?;
        if rows.len() > limits.max_rows {
            return Err(vec![too_many_rows(limits)]);
        }
        let mut names: Vec<&str> = Vec::new();
        let mut seen = HashSet::new();
        for name in rows.iter().flat_map(Map::keys) {
            if seen.insert(name) {
                names.push(name);
            }
        }
        let headers = header_names(names.iter().map(|name| name.trim().as_bytes()), limits)?;
        let mut table = Filling::new(headers, POINTER, true, digest(raw.get().as_bytes()), limits);
        let mut faults = Faults::default();
        for (index, row) in rows.iter().enumerate() {
            for (column, name) in table.columns.iter_mut().zip(&names) {
                let pointer = || format!("{POINTER}/{index}/{}", pointer_token(name));
                let cell = row.get(*name).unwrap_or(&Value::Null);
                match cell_text(cell) {
                    Ok(text) => column.push(text.as_deref().map_or(Cell::Missing, Cell::Text)),
                    Err(detail) => {
                        faults.push(Fault::at(pointer(), detail));
                        column.push(Cell::Missing);
                    }
                }
            }
            table.rows += 1;
        }
        faults.into_result()?;
        table.finish()
    }

    /// Reads `columns` and an array of rows, each an array of cells.
    ///
    /// # Errors
    /// Every fault found, each with its pointer.
    pub fn from_columns(
        columns: &[String],
        raw: &RawValue,
        limits: &DataConfig,
    ) -> Result<Self, Vec<Fault>> {
        const POINTER: &str = "/data";
        let rows: Vec<Vec<Value>> = serde_json::from_str(raw.get())
            .map_err(|_| vec![Fault::at(POINTER, "expected an array of arrays")])?;
        if rows.len() > limits.max_rows {
            return Err(vec![too_many_rows(limits)]);
        }
        let names = header_names(columns.iter().map(|name| name.trim().as_bytes()), limits)?;
        let digest = columns_digest(columns, raw);
        let mut table = Filling::new(names, POINTER, false, digest, limits);
        let mut faults = Faults::default();
        for (index, row) in rows.iter().enumerate() {
            if row.len() != table.columns.len() {
                let detail = format!("{} cells where {} are expected", row.len(), columns.len());
                faults.push(Fault::at(format!("{POINTER}/{index}"), detail));
                continue;
            }
            for (position, (column, cell)) in table.columns.iter_mut().zip(row).enumerate() {
                match cell_text(cell) {
                    Ok(text) => column.push(text.as_deref().map_or(Cell::Missing, Cell::Text)),
                    Err(detail) => {
                        faults.push(Fault::at(format!("{POINTER}/{index}/{position}"), detail));
                        column.push(Cell::Missing);
                    }
                }
            }
            table.rows += 1;
        }
        faults.into_result()?;
        table.finish()
    }
}

/// A table that is being filled.
struct Filling {
    columns: Vec<Writing>,
    rows: usize,
    origin: Origin,
    digest: String,
}

impl Filling {
    fn new(
        names: Vec<String>,
        pointer: &'static str,
        records: bool,
        digest: String,
        limits: &DataConfig,
    ) -> Self {
        let most_texts = Some(limits.max_levels.max(2));
        let column = |name| Writing::new(name, most_texts);
        Self {
            columns: names.into_iter().map(column).collect(),
            rows: 0,
            origin: Origin::Json { pointer, records },
            digest,
        }
    }

    fn finish(self) -> Result<Table, Vec<Fault>> {
        let table = Table {
            columns: self.columns.into_iter().map(Writing::finish).collect(),
            rows: self.rows,
            origin: self.origin,
            digest: self.digest,
        };
        table.not_empty()
    }
}

fn header_names<'a>(
    names: impl Iterator<Item = &'a [u8]>,
    limits: &DataConfig,
) -> Result<Vec<String>, Vec<Fault>> {
    let mut faults = Faults::default();
    let mut header = |detail: String, column: Option<String>| {
        faults.push(Fault {
            pointer: String::new(),
            line: Some(1),
            column,
            detail,
        });
    };
    let mut found: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    for (position, name) in names.enumerate() {
        match std::str::from_utf8(name) {
            Err(_) => header(format!("header {} is not UTF-8 text", position + 1), None),
            Ok("") => header(format!("header {} is empty", position + 1), None),
            Ok(name) => {
                if !seen.insert(name.to_owned()) {
                    header(
                        "the header names this column twice".to_owned(),
                        Some(name.to_owned()),
                    );
                }
                found.push(name.to_owned());
            }
        }
    }
    if found.len() > limits.max_columns {
        header(too_many_columns(limits).detail, None);
    }
    if found.is_empty() {
        header("the data set has no columns".to_owned(), None);
    }
    faults.into_result()?;
    Ok(found)
}

/// The text of a JSON cell; `None` for null.
fn cell_text(cell: &Value) -> Result<Option<String>, &'static str> {
    match cell {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(flag.to_string())),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => Ok(Some(text.trim().to_owned())),
        Value::Array(_) | Value::Object(_) => Err("expected a number, text, true, false or null"),
    }
}
