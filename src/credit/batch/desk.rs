//! Where a row that has been read gets its answer.

use std::sync::Arc;

use super::{
    BatchOptions,
    answers::{Answer, Answers, Unwritable, Verdict},
    cell::{Cells, Kept},
    place::Place,
};
use crate::credit::{CreditModel, model::Scratch, policy::Decision, reading::Format, value::Value};

/// How many rows ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Rows answered, those with an error included.
    pub rows: u64,
    /// Rows that could not be read or assessed.
    pub errors: u64,
    /// Rows that were declined.
    pub declined: u64,
}

/// Longest cell that is copied into the answer, in bytes.
const LONGEST_KEPT: usize = 64 * 1024;

/// Bytes of answers that are enough at a time: few bytes can make many.
const ENOUGH: usize = 1 << 20;

/// Assesses rows and writes their answers.
pub(super) struct Desk {
    model: Arc<CreditModel>,
    options: BatchOptions,
    answers: Answers,
    scratch: Scratch,
    /// Bytes that were there when the block began.
    before: usize,
    pub(super) totals: Totals,
}

impl Desk {
    pub(super) fn new(
        model: Arc<CreditModel>,
        options: BatchOptions,
        to: Format,
    ) -> Result<Self, Unwritable> {
        Ok(Self {
            answers: Answers::new(&model, &options, to)?,
            model,
            options,
            scratch: Scratch::default(),
            before: 0,
            totals: Totals::default(),
        })
    }

    pub(super) fn model(&self) -> &CreditModel {
        &self.model
    }

    pub(super) fn shared_model(&self) -> Arc<CreditModel> {
        Arc::clone(&self.model)
    }

    pub(super) fn options(&self) -> &BatchOptions {
        &self.options
    }

    /// Writes what comes before the first row.
    pub(super) fn begin(&mut self, out: &mut Vec<u8>) {
        self.answers.begin(out);
    }

    /// Begins a block of answers behind those in `out`.
    pub(super) fn begin_block(&mut self, out: &[u8]) {
        self.before = out.len();
    }

    /// Whether the block should end, so that its answers can be sent.
    pub(super) fn has_enough(&self, out: &[u8]) -> bool {
        out.len() - self.before + self.answers.held_back() >= ENOUGH
    }

    /// Assesses the row of these values.
    pub(super) fn answer(
        &mut self,
        place: Place,
        values: &[Value],
        kept: &Cells<'_>,
        out: &mut Vec<u8>,
    ) {
        let too_long = (0..self.options.keep.len()).find(|at| is_too_long(kept(*at)));
        if let Some(at) = too_long {
            let detail = "a cell of more than 64 KiB cannot be kept";
            let fault = place.fault(Some(&self.options.keep[at]), detail);
            return self.refuse(kept, &fault.to_string(), out);
        }
        let thresholds = self.options.thresholds;
        let assessment = self.model.assess(values, thresholds, &mut self.scratch);
        self.totals.rows += 1;
        self.totals.declined += u64::from(assessment.decision == Decision::Decline);
        let verdict = Verdict::Assessed(&assessment);
        self.answers.write(&Answer { kept, verdict }, out);
    }

    /// Answers a row that cannot be assessed.
    pub(super) fn refuse(&mut self, kept: &Cells<'_>, error: &str, out: &mut Vec<u8>) {
        self.totals.rows += 1;
        self.totals.errors += 1;
        let kept = |at: usize| match kept(at) {
            cell if is_too_long(cell) => Kept::Missing,
            cell => cell,
        };
        let verdict = Verdict::Refused(error);
        self.answers.write(
            &Answer {
                kept: &kept,
                verdict,
            },
            out,
        );
    }

    /// Writes what comes after the last row.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        self.answers.finish(out)
    }

    /// Writes what has been kept back until there are some rows.
    pub(super) fn end_block(&mut self, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        self.answers.end_block(out)
    }
}

fn is_too_long(cell: Kept<'_>) -> bool {
    match cell {
        Kept::Text(text) | Kept::Json(text) | Kept::Number(text) => text.len() > LONGEST_KEPT,
        Kept::Missing => false,
    }
}
