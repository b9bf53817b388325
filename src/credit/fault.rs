//! One thing wrong with what a client sent, and where.

use std::fmt::{self, Display};

/// A fault in a plan, a data set or an application.
///
/// It names the place and the rule; it never repeats the value that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// RFC 6901 pointer into the document the client sent; empty for the whole.
    pub pointer: String,
    /// Line of a CSV or NDJSON file, or number of the row of another, counted from 1.
    pub line: Option<u64>,
    /// Column of a data set.
    pub column: Option<String>,
    /// What is wrong and what would be right.
    pub detail: String,
}

impl Fault {
    /// A fault at `pointer` of a JSON document.
    pub fn at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            line: None,
            column: None,
            detail: detail.into(),
        }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.line, &self.column) {
            (Some(line), Some(column)) => write!(f, "line {line}, column {column:?}: ")?,
            (Some(line), None) => write!(f, "line {line}: ")?,
            (None, Some(column)) => write!(f, "column {column:?}: ")?,
            (None, None) if !self.pointer.is_empty() => write!(f, "{}: ", self.pointer)?,
            (None, None) => {}
        }
        f.write_str(&self.detail)
    }
}

/// Escapes one member name for use in an RFC 6901 pointer.
pub fn pointer_token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Collects faults up to a bound, so that a broken million-row file does not
/// become a million-entry answer.
#[derive(Debug, Default)]
pub struct Faults {
    found: Vec<Fault>,
    left_out: usize,
}

/// Most faults one answer lists.
const MOST_LISTED: usize = 100;

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self {
            found: vec![fault],
            left_out: 0,
        }
    }
}

impl Faults {
    /// Adds a fault, or counts it once the list is full.
    pub fn push(&mut self, fault: Fault) {
        if self.found.len() < MOST_LISTED {
            self.found.push(fault);
        } else {
            self.left_out += 1;
        }
    }

    /// Adds what was found elsewhere, its own left-out faults counted.
    pub fn append(&mut self, other: Self) {
        other.found.into_iter().for_each(|fault| self.push(fault));
        self.left_out += other.left_out;
    }

    /// Counts faults that nobody has listed.
    pub fn leave_out(&mut self, count: usize) {
        self.left_out += count;
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// `Ok` when nothing was found.
    ///
    /// # Errors
    /// The faults; the last one says how many more there were.
    pub fn into_result(mut self) -> Result<(), Vec<Fault>> {
        if self.found.is_empty() {
            return Ok(());
        }
        if self.left_out > 0 {
            self.found
                .push(Fault::at("", format!("and {} more faults", self.left_out)));
        }
        Err(self.found)
    }
}
