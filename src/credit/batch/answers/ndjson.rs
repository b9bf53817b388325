//! Answers as JSON objects, one a line.

use serde_json::json;

use super::{
    ANSWER_COLUMNS, Answer, Verdict,
    words::{self, Phrases},
    write_json,
};
use crate::credit::{
    Assessment, CreditModel,
    batch::{BatchOptions, cell::Kept},
};

/// A writer of NDJSON.
///
/// Every object has every member, so that all lines have one shape.
pub(in crate::credit::batch) struct JsonAnswers {
    /// `"name":` of each column to be kept.
    keep: Vec<Vec<u8>>,
    reasons: usize,
    phrases: Phrases,
}

impl JsonAnswers {
    pub(super) fn new(model: &CreditModel, options: &BatchOptions) -> Self {
        let phrase = |member: &'static str| {
            move |name: &str, word: &str| {
                json!({ "characteristic": name, member: word })
                    .to_string()
                    .into_bytes()
            }
        };
        let member = |name: &String| format!("{}:", json!(name)).into_bytes();
        Self {
            keep: options.keep.iter().map(member).collect(),
            reasons: options.reasons,
            phrases: Phrases::new(model, phrase("direction"), phrase("flag")),
        }
    }

    pub(super) fn write(&self, answer: &Answer<'_, '_>, out: &mut Vec<u8>) {
        out.push(b'{');
        for (at, member) in self.keep.iter().enumerate() {
            out.extend_from_slice(member);
            match (answer.kept)(at) {
                Kept::Text(text) => write_json(out, text),
                Kept::Json(raw) => out.extend_from_slice(raw.as_bytes()),
                // Neither infinity nor what is no number ends in a digit, nor could JSON say them.
                Kept::Number(number) if number.ends_with(|it: char| it.is_ascii_digit()) => {
                    out.extend_from_slice(number.as_bytes());
                }
                Kept::Missing | Kept::Number(_) => out.extend_from_slice(b"null"),
            }
            out.push(b',');
        }
        match answer.verdict {
            Verdict::Assessed(assessment) => self.assessed(assessment, out),
            Verdict::Refused(error) => {
                for name in &ANSWER_COLUMNS[..ANSWER_COLUMNS.len() - 1] {
                    member(out, name);
                    let nothing: &[u8] = match *name {
                        "reasons" | "flags" => b"[],",
                        _ => b"null,",
                    };
                    out.extend_from_slice(nothing);
                }
                member(out, "error");
                write_json(out, error);
            }
        }
        out.extend_from_slice(b"}\n");
    }

    fn assessed(&self, assessment: &Assessment, out: &mut Vec<u8>) {
        member(out, "default_probability");
        write_json(out, assessment.probability_of_default);
        out.extend_from_slice(b",\"log_odds\":");
        write_json(out, assessment.log_odds);
        out.extend_from_slice(b",\"score\":");
        write_json(out, assessment.points.map(|points| points.rounded));
        out.extend_from_slice(b",\"decision\":\"");
        out.extend_from_slice(words::decision(assessment.decision).as_bytes());
        out.extend_from_slice(b"\",\"reasons\":");
        let reasons = assessment.reasons.iter().take(self.reasons);
        list(out, reasons.map(|reason| self.phrases.reason(reason)));
        out.extend_from_slice(b",\"flags\":");
        list(
            out,
            assessment.flags.iter().map(|flag| self.phrases.flag(flag)),
        );
        out.extend_from_slice(b",\"error\":null");
    }
}

/// Writes the name of a member that needs no escapes.
fn member(out: &mut Vec<u8>, name: &str) {
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn list<'a>(out: &mut Vec<u8>, phrases: impl Iterator<Item = &'a [u8]>) {
    out.push(b'[');
    for (at, phrase) in phrases.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend_from_slice(phrase);
    }
    out.push(b']');
}
