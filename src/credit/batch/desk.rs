//! Where a row that has been read gets its answer.

use std::sync::Arc;

use super::{
    BatchOptions,
    answers::{Answer, Answers, Unwritable, Verdict},
    cell::Cells,
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

/// Assesses rows and writes their answers.
pub(super) struct Desk {
    model: Arc<CreditModel>,
    options: BatchOptions,
    answers: Answers,
    scratch: Scratch,
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

    /// Assesses the row of these values.
    pub(super) fn answer(&mut self, values: &[Value], kept: &Cells<'_>, out: &mut Vec<u8>) {
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
        let verdict = Verdict::Refused(error);
        self.answers.write(&Answer { kept, verdict }, out);
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
