//! A data set as it came: named columns of text cells, each with its place.
//!
//! Cells are kept as codes into one dictionary per column, so that every
//! distinct text is stored, parsed and judged once however often it occurs.

use std::collections::HashMap;

use serde_json::{Map, Value, value::RawValue};
use sha2::{Digest, Sha256};

use super::{
    DataConfig, Fault,
    fault::{Faults, pointer_token},
};

/// The code of a cell that holds nothing.
pub const MISSING: u32 = u32::MAX;

/// A rectangular data set of text cells.
#[derive(Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: usize,
    origin: Origin,
    digest: String,
}

/// One named column.
#[derive(Debug)]
pub struct Column {
    /// The header's name.
    pub name: String,
    /// One code per row: an index into `texts`, or [`MISSING`].
    pub codes: Vec<u32>,
    /// The distinct texts in the order of their first appearance.
    pub texts: Vec<Box<str>>,
    dictionary: HashMap<Box<str>, u32>,
}

#[derive(Debug)]
enum Origin {
    /// The line on which each row starts.
    Csv { lines: Vec<u64> },
    /// Pointer of the array of rows, and whether rows are objects or arrays.
    Json {
        pointer: &'static str,
        records: bool,
    },
}

impl Column {
    fn new(name: String) -> Self {
        Self {
            name,
            codes: Vec::new(),
            texts: Vec::new(),
            dictionary: HashMap::new(),
        }
    }

    fn push(&mut self, text: Option<&str>) {
        let code = match text {
            None => MISSING,
            Some(text) => match self.dictionary.get(text) {
                Some(code) => *code,
                None => {
                    let code = u32::try_from(self.texts.len()).unwrap_or(MISSING - 1);
                    self.texts.push(text.into());
                    self.dictionary.insert(text.into(), code);
                    code
                }
            },
        };
        self.codes.push(code);
    }
}

impl Table {
    /// Reads a CSV file with a header line; cells equal to one of
    /// `missing_values` (after trimming) are missing, and so are empty cells.
    ///
    /// # Errors
    /// Every fault found: not UTF-8, ragged rows, empty or duplicate headers,
    /// no rows, too many rows or columns.
    pub fn from_csv(
        bytes: &[u8],
        missing_values: &[String],
        limits: &DataConfig,
    ) -> Result<Self, Vec<Fault>> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
        let header = reader
            .byte_headers()
            .map_err(|error| vec![unreadable(&error)])?
            .clone();
        let columns = header_names(header.iter().map(|name| name.trim_ascii()), limits)?;
        let mut table = Self {
            columns: columns.into_iter().map(Column::new).collect(),
            rows: 0,
            origin: Origin::Csv { lines: Vec::new() },
            digest: digest(bytes),
        };
        let mut faults = Faults::default();
        let mut record = csv::ByteRecord::new();
        while reader
            .read_byte_record(&mut record)
            .map_err(|error| vec![unreadable(&error)])?
        {
            let line = line_of(&record, text);
            if table.rows == limits.max_rows {
                return Err(vec![too_many_rows(limits)]);
            }
            if record.len() != table.columns.len() {
                let detail = format!(
                    "{} cells where {} are expected",
                    record.len(),
                    table.columns.len()
                );
                faults.push(Fault {
                    pointer: String::new(),
                    line: Some(line),
                    column: None,
                    detail,
                });
                continue;
            }
            table.push_csv_row(line, &record, missing_values, &mut faults);
        }
        faults.into_result()?;
        table.not_empty()
    }

    fn push_csv_row(
        &mut self,
        line: u64,
        record: &csv::ByteRecord,
        missing_values: &[String],
        faults: &mut Faults,
    ) {
        for (column, cell) in self.columns.iter_mut().zip(record) {
            match std::str::from_utf8(cell) {
                Ok(text) => {
                    let text = text.trim();
                    let missing = text.is_empty() || missing_values.iter().any(|m| m == text);
                    column.push((!missing).then_some(text));
                }
                Err(_) => {
                    column.push(None);
                    faults.push(Fault {
                        pointer: String::new(),
                        line: Some(line),
                        column: Some(column.name.clone()),
                        detail: "the cell is not UTF-8 text".to_owned(),
                    });
                }
            }
        }
        if let Origin::Csv { lines } = &mut self.origin {
            lines.push(line);
        }
        self.rows += 1;
    }

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
        let mut seen = std::collections::HashSet::new();
        for name in rows.iter().flat_map(Map::keys) {
            if seen.insert(name) {
                names.push(name);
            }
        }
        let headers = header_names(names.iter().map(|name| name.trim().as_bytes()), limits)?;
        let mut table = Self::of_json(headers, POINTER, true, raw);
        let mut faults = Faults::default();
        for (index, row) in rows.iter().enumerate() {
            for (column, name) in table.columns.iter_mut().zip(&names) {
                let pointer = || format!("{POINTER}/{index}/{}", pointer_token(name));
                let cell = row.get(*name).unwrap_or(&Value::Null);
                match cell_text(cell) {
                    Ok(text) => column.push(text.as_deref()),
                    Err(detail) => {
                        faults.push(Fault::at(pointer(), detail));
                        column.push(None);
                    }
                }
            }
            table.rows += 1;
        }
        faults.into_result()?;
        table.not_empty()
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
        let mut table = Self::of_json(names, POINTER, false, raw);
        table.digest = columns_digest(columns, raw);
        let mut faults = Faults::default();
        for (index, row) in rows.iter().enumerate() {
            if row.len() != table.columns.len() {
                let detail = format!("{} cells where {} are expected", row.len(), columns.len());
                faults.push(Fault::at(format!("{POINTER}/{index}"), detail));
                continue;
            }
            for (position, (column, cell)) in table.columns.iter_mut().zip(row).enumerate() {
                match cell_text(cell) {
                    Ok(text) => column.push(text.as_deref()),
                    Err(detail) => {
                        faults.push(Fault::at(format!("{POINTER}/{index}/{position}"), detail));
                        column.push(None);
                    }
                }
            }
            table.rows += 1;
        }
        faults.into_result()?;
        table.not_empty()
    }

    fn of_json(names: Vec<String>, pointer: &'static str, records: bool, raw: &RawValue) -> Self {
        Self {
            columns: names.into_iter().map(Column::new).collect(),
            rows: 0,
            origin: Origin::Json { pointer, records },
            digest: digest(raw.get().as_bytes()),
        }
    }

    fn not_empty(self) -> Result<Self, Vec<Fault>> {
        if self.rows == 0 {
            return Err(vec![Fault::at("", "the data set has no rows")]);
        }
        Ok(self)
    }

    /// The columns in the order of the header.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// How many rows there are, the header not counted.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// `sha256:` and the hex digest of the bytes that were read.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// A fault at one cell, in the words of the document it came from.
    pub fn cell_fault(&self, row: usize, column: usize, detail: impl Into<String>) -> Fault {
        let name = &self.columns[column].name;
        let mut fault = Fault::at("", detail);
        fault.column = Some(name.clone());
        match &self.origin {
            Origin::Csv { lines } => fault.line = lines.get(row).copied(),
            Origin::Json {
                pointer,
                records: true,
            } => {
                fault.pointer = format!("{pointer}/{row}/{}", pointer_token(name));
            }
            Origin::Json {
                pointer,
                records: false,
            } => {
                fault.pointer = format!("{pointer}/{row}/{column}");
            }
        }
        fault
    }

    /// A fault that concerns a whole column; in a CSV it points at the header.
    pub fn column_fault(&self, column: usize, detail: impl Into<String>) -> Fault {
        self.header_fault(&self.columns[column].name, detail)
    }

    /// A fault that concerns the column called `name`, be it there or not.
    pub fn header_fault(&self, name: &str, detail: impl Into<String>) -> Fault {
        let mut fault = Fault::at("", detail);
        fault.column = Some(name.to_owned());
        match &self.origin {
            Origin::Csv { .. } => fault.line = Some(1),
            Origin::Json { pointer, .. } => fault.pointer = (*pointer).to_owned(),
        }
        fault
    }
}

/// `sha256:` and the lower-case hex digest of `bytes`.
pub fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

/// The digest of inline columns: of the names, a line break, and the rows' text.
pub fn columns_digest(columns: &[String], rows: &RawValue) -> String {
    digest(
        [&columns.join("\u{0}"), "\n", rows.get()]
            .concat()
            .as_bytes(),
    )
}

/// The line of `text`, counted from 1, on which the cells of `record` begin.
///
/// The reader counts a record from where the one before it ended, which is before the line feed of
/// a `\r\n` and before blank lines.
pub fn line_of(record: &csv::ByteRecord, text: &[u8]) -> u64 {
    let Some(position) = record.position() else {
        return 0;
    };
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let ahead = text.get(start..).unwrap_or_default().iter();
    let breaks = ahead.take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + breaks.filter(|byte| **byte == b'\n').count() as u64
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
    let mut seen = std::collections::HashSet::new();
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
        header(format!("more than {} columns", limits.max_columns), None);
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

fn too_many_rows(limits: &DataConfig) -> Fault {
    Fault::at("", format!("more than {} rows", limits.max_rows))
}

fn unreadable(error: &csv::Error) -> Fault {
    let line = error.position().map(csv::Position::line);
    Fault {
        pointer: String::new(),
        line,
        column: None,
        detail: "the CSV cannot be read".into(),
    }
}
