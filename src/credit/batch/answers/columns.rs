//! Answers as Parquet or as a stream of Arrow IPC.
//!
//! Columns that are kept are texts; reasons and flags are texts as in a CSV.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{Float64Builder, Int64Builder, StringBuilder},
};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use parquet::{
    arrow::ArrowWriter, basic::Compression, errors::ParquetError,
    file::properties::WriterProperties,
};

use super::{
    ANSWER_COLUMNS, Answer, Verdict, words,
    words::{Phrases, join},
};
use crate::credit::{
    Assessment, CreditModel,
    batch::{BatchOptions, cell::Kept},
};

/// Rows of a row group of Parquet, which is in memory until it is written.
const GROUP: usize = 64 * 1024;

/// Bytes of a row group, after which it is written although it has fewer rows.
const LARGEST_GROUP: usize = 8 << 20;

/// A writer of columns.
pub(in crate::credit::batch) struct ColumnAnswers {
    schema: SchemaRef,
    kept: Vec<StringBuilder>,
    probability: Float64Builder,
    log_odds: Float64Builder,
    score: Int64Builder,
    /// Decision, reasons, flags and error.
    texts: [StringBuilder; 4],
    rows: usize,
    /// About how many bytes these rows are.
    held_back: usize,
    reasons: usize,
    phrases: Phrases,
    cell: Vec<u8>,
    file: File,
}

enum File {
    Arrow(Box<StreamWriter<Vec<u8>>>),
    Parquet(Box<ArrowWriter<Vec<u8>>>),
}

/// Why columns cannot be written.
#[derive(Debug, thiserror::Error)]
pub(in crate::credit::batch) enum Unwritable {
    #[error("the answers cannot be written as Arrow IPC")]
    Arrow(#[from] ArrowError),
    #[error("the answers cannot be written as Parquet")]
    Parquet(#[from] ParquetError),
}

impl ColumnAnswers {
    pub(super) fn arrow(model: &CreditModel, options: &BatchOptions) -> Result<Self, Unwritable> {
        let schema = schema(options);
        let file = File::Arrow(Box::new(StreamWriter::try_new(Vec::new(), &schema)?));
        Ok(Self::new(model, options, schema, file))
    }

    pub(super) fn parquet(model: &CreditModel, options: &BatchOptions) -> Result<Self, Unwritable> {
        let schema = schema(options);
        let properties = WriterProperties::builder()
            .set_max_row_group_row_count(Some(GROUP))
            .set_compression(Compression::SNAPPY)
            .build();
        let writer = ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties))?;
        Ok(Self::new(
            model,
            options,
            schema,
            File::Parquet(Box::new(writer)),
        ))
    }

    fn new(model: &CreditModel, options: &BatchOptions, schema: SchemaRef, file: File) -> Self {
        let phrase = |name: &str, word: &str| format!("{name}:{word}").into_bytes();
        Self {
            schema,
            kept: options.keep.iter().map(|_| StringBuilder::new()).collect(),
            probability: Float64Builder::new(),
            log_odds: Float64Builder::new(),
            score: Int64Builder::new(),
            texts: std::array::from_fn(|_| StringBuilder::new()),
            rows: 0,
            held_back: 0,
            reasons: options.reasons,
            phrases: Phrases::new(model, phrase, phrase),
            cell: Vec::new(),
            file,
        }
    }

    pub(super) fn write(&mut self, answer: &Answer<'_, '_>) {
        self.rows += 1;
        self.held_back += 8 * (self.schema.fields().len());
        for (at, column) in self.kept.iter_mut().enumerate() {
            match (answer.kept)(at) {
                Kept::Text(text) | Kept::Json(text) | Kept::Number(text) => {
                    self.held_back += text.len();
                    column.append_value(text);
                }
                Kept::Missing => column.append_null(),
            }
        }
        match answer.verdict {
            Verdict::Assessed(assessment) => self.assessed(assessment),
            Verdict::Refused(error) => {
                self.probability.append_null();
                self.log_odds.append_null();
                self.score.append_null();
                let [decision, reasons, flags, last] = &mut self.texts;
                for text in [decision, reasons, flags] {
                    text.append_null();
                }
                self.held_back += error.len();
                last.append_value(error);
            }
        }
    }

    fn assessed(&mut self, assessment: &Assessment) {
        self.probability
            .append_value(assessment.probability_of_default);
        self.log_odds.append_value(assessment.log_odds);
        self.score
            .append_option(assessment.points.map(|points| points.rounded));
        let [decision, reasons, flags, error] = &mut self.texts;
        decision.append_value(words::decision(assessment.decision));
        let named = assessment.reasons.iter().take(self.reasons);
        let (phrases, cell) = (&self.phrases, &mut self.cell);
        let text = join(cell, named.map(|reason| phrases.reason(reason)));
        self.held_back += text.len();
        reasons.append_value(text);
        let unusual = assessment.flags.iter();
        let text = join(cell, unusual.map(|flag| phrases.flag(flag)));
        self.held_back += text.len();
        flags.append_value(text);
        error.append_null();
    }

    /// About how many bytes the rows are that have not been written.
    pub(super) fn held_back(&self) -> usize {
        self.held_back
    }

    /// Writes the rows so far.
    pub(super) fn end_block(&mut self, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        if self.rows > 0 {
            (self.rows, self.held_back) = (0, 0);
            let kept = self.kept.iter_mut();
            let mut columns: Vec<ArrayRef> = kept.map(|it| Arc::new(it.finish()) as _).collect();
            columns.push(Arc::new(self.probability.finish()));
            columns.push(Arc::new(self.log_odds.finish()));
            columns.push(Arc::new(self.score.finish()));
            let texts = self.texts.iter_mut();
            columns.extend(texts.map(|it| Arc::new(it.finish()) as ArrayRef));
            let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)?;
            match &mut self.file {
                File::Arrow(writer) => writer.write(&batch)?,
                File::Parquet(writer) => {
                    writer.write(&batch)?;
                    if writer.memory_size() > LARGEST_GROUP {
                        writer.flush()?;
                    }
                }
            }
        }
        self.hand_over(out);
        Ok(())
    }

    /// Writes what comes behind the last row.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        self.end_block(out)?;
        match &mut self.file {
            File::Arrow(writer) => writer.finish()?,
            File::Parquet(writer) => {
                writer.finish()?;
            }
        }
        self.hand_over(out);
        Ok(())
    }

    /// Takes the bytes that have been written; the writers count them, but do not read them again.
    fn hand_over(&mut self, out: &mut Vec<u8>) {
        out.append(match &mut self.file {
            File::Arrow(writer) => writer.get_mut(),
            File::Parquet(writer) => writer.inner_mut(),
        });
    }
}

fn schema(options: &BatchOptions) -> SchemaRef {
    let kept = options.keep.iter().map(String::as_str);
    let kept = kept.map(|name| Field::new(name, DataType::Utf8, true));
    let own = ANSWER_COLUMNS.iter().map(|name| {
        let kind = match *name {
            "default_probability" | "log_odds" => DataType::Float64,
            "score" => DataType::Int64,
            _ => DataType::Utf8,
        };
        Field::new(*name, kind, true)
    });
    Arc::new(Schema::new(kept.chain(own).collect::<Vec<_>>()))
}
