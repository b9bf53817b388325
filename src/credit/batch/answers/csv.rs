//! Answers as comma-separated values.

use super::{
    ANSWER_COLUMNS, Answer, Verdict,
    words::{self, Phrases},
    write_json,
};
use crate::credit::{
    Assessment, CreditModel,
    batch::{BatchOptions, cell::Kept},
};

/// A writer of CSV.
///
/// Reasons and flags are `characteristic:word`, with `;` between them.
pub(in crate::credit::batch) struct CsvAnswers {
    keep: Vec<String>,
    reasons: usize,
    phrases: Phrases,
    /// Whether phrases are in quotes, because one of them could not be without.
    quote: bool,
}

impl CsvAnswers {
    pub(super) fn new(model: &CreditModel, options: &BatchOptions) -> Self {
        let known = &model.schema().characteristics;
        let quote = known.iter().any(|it| it.name.bytes().any(is_special));
        let phrase = |name: &str, word: &str| {
            // Without a quote there is nothing to be doubled.
            format!("{}:{word}", name.replace('"', "\"\"")).into_bytes()
        };
        Self {
            keep: options.keep.clone(),
            reasons: options.reasons,
            phrases: Phrases::new(model, phrase, phrase),
            quote,
        }
    }

    pub(super) fn begin(&self, out: &mut Vec<u8>) {
        let own = ANSWER_COLUMNS.iter().copied();
        let names = self.keep.iter().map(String::as_str).chain(own);
        for (at, name) in names.enumerate() {
            if at > 0 {
                out.push(b',');
            }
            quoted(out, name.as_bytes());
        }
        out.push(b'\n');
    }

    pub(super) fn write(&self, answer: &Answer<'_, '_>, out: &mut Vec<u8>) {
        for at in 0..self.keep.len() {
            match (answer.kept)(at) {
                Kept::Text(text) | Kept::Json(text) => quoted(out, text.as_bytes()),
                Kept::Number(number) => out.extend_from_slice(number.as_bytes()),
                Kept::Missing => {}
            }
            out.push(b',');
        }
        match answer.verdict {
            Verdict::Assessed(assessment) => self.assessed(assessment, out),
            Verdict::Refused(error) => {
                out.resize(out.len() + ANSWER_COLUMNS.len() - 1, b',');
                quoted(out, error.as_bytes());
            }
        }
        out.push(b'\n');
    }

    /// All of an answer but its error, which is empty.
    fn assessed(&self, assessment: &Assessment, out: &mut Vec<u8>) {
        write_json(out, assessment.probability_of_default);
        out.push(b',');
        write_json(out, assessment.log_odds);
        out.push(b',');
        if let Some(points) = assessment.points {
            write_json(out, points.rounded);
        }
        out.push(b',');
        out.extend_from_slice(words::decision(assessment.decision).as_bytes());
        out.push(b',');
        let reasons = assessment.reasons.iter().take(self.reasons);
        list(out, self.quote, reasons.map(|it| self.phrases.reason(it)));
        out.push(b',');
        let flags = assessment.flags.iter();
        list(out, self.quote, flags.map(|it| self.phrases.flag(it)));
        out.push(b',');
    }
}

/// Writes phrases with `;` between them, all in quotes if they are made for that.
fn list<'a>(out: &mut Vec<u8>, quote: bool, phrases: impl Iterator<Item = &'a [u8]>) {
    let start = out.len();
    for phrase in phrases {
        if out.len() > start {
            out.push(b';');
        } else if quote {
            out.push(b'"');
        }
        out.extend_from_slice(phrase);
    }
    if quote && out.len() > start {
        out.push(b'"');
    }
}

/// Whether a cell with this byte is written in quotes.
fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b',' | b'\n' | b'\r')
}

/// Writes a cell, in quotes where it would be read as something else without them.
fn quoted(out: &mut Vec<u8>, cell: &[u8]) {
    if !cell.iter().copied().any(is_special) {
        out.extend_from_slice(cell);
        return;
    }
    out.push(b'"');
    for byte in cell {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}
