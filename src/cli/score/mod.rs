//! `score`: a data set scored by a stored model, row for row, from file to file.

mod files;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Args, ValueEnum};
use tokio::runtime::Runtime;

use self::files::{Input, Output};
use super::refuse;
use crate::{
    config::{self, ConfigError, Sources},
    credit::{
        CreditModel, Fault, Model, Results,
        batch::{Batch, BatchOptions, Totals, is_text},
        policy::Thresholds,
        reading::Format,
        reasons::MOST_REASONS,
    },
    model_store::{ModelId, ModelStore, ModelStoreError},
    telemetry,
};

#[derive(Debug, Args)]
pub(super) struct Score {
    /// Id of the model, in the store that the settings name.
    #[arg(long, value_name = "ID")]
    model: String,
    /// Data set; `-` is standard input. CSV and NDJSON may be compressed by gzip or zstd.
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Where the answers go; `-` is standard output. A file appears only when it is whole.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Format of the data set; what the name of its file ends in, or else csv, if not given.
    #[arg(long, value_enum)]
    format: Option<Named>,
    /// Format of the answers; what the name of their file ends in, or else that of the data set,
    /// if not given.
    #[arg(long, value_enum)]
    output_format: Option<Named>,
    /// Columns that are copied into the answers, separated by commas.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    keep: Vec<String>,
    /// Most reasons of a row, 0 to 4.
    #[arg(long, value_name = "N", default_value_t = MOST_REASONS as u8,
          value_parser = clap::value_parser!(u8).range(0..=MOST_REASONS as i64))]
    reasons: u8,
    /// Probability from which to decline, 0 to 1; the model's own if not given.
    #[arg(long, value_name = "P", value_parser = probability)]
    threshold: Option<f64>,
    /// Texts of a CSV that mean "no value", separated by commas; besides the empty cell. Those of
    /// the model's training if not given.
    #[arg(long, value_name = "TEXTS", value_delimiter = ',')]
    missing_values: Option<Vec<String>>,
    /// Fail if any row is an error; the answers are written all the same.
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Named {
    /// Comma-separated values with a header line.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
    /// Apache Arrow IPC, stream or file; written as a stream.
    Arrow,
}

impl From<Named> for Format {
    fn from(named: Named) -> Self {
        match named {
            Named::Csv => Self::Csv,
            Named::Ndjson => Self::Ndjson,
            Named::Parquet => Self::Parquet,
            Named::Arrow => Self::Arrow,
        }
    }
}

fn probability(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|it| (0.0..=1.0).contains(it));
    number.ok_or_else(|| "expected 0 to 1".to_owned())
}

/// Rows of a file that are scored at once.
const BLOCK: usize = 4_096;

/// Why there are no answers.
#[derive(Debug, thiserror::Error)]
enum ScoreError {
    /// The settings are at fault.
    #[error(transparent)]
    Settings(#[from] ConfigError),
    /// The log cannot be set up.
    #[error(transparent)]
    Telemetry(#[from] telemetry::TelemetryError),
    /// The model cannot be had.
    #[error("model {id}: {error}")]
    Model {
        id: String,
        error: Arc<ModelStoreError>,
    },
    /// A file cannot be read or written.
    #[error("{place}: {error}")]
    File {
        place: String,
        error: std::io::Error,
    },
    /// The data set, or what is asked of it, is at fault.
    #[error("{}", told(.0))]
    Faults(Vec<Fault>),
}

fn told(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Scores a data set and says on standard error how many rows ended in which way.
pub(super) fn score(options: &Score, sources: &Sources) -> ExitCode {
    match run(options, sources) {
        Ok(Totals {
            rows,
            errors,
            declined,
        }) => {
            eprintln!("credit-risk: {rows} rows, {errors} errors, {declined} declined");
            if options.strict && errors > 0 {
                ExitCode::FAILURE
            } else {
                ExitCode::SUCCESS
            }
        }
        Err(error) => refuse(&error),
    }
}

fn run(options: &Score, sources: &Sources) -> Result<Totals, ScoreError> {
    let (model, missing_values) = load(&options.model, sources)?;
    let named = Format::from_path;
    let from = options.format.map(Into::into);
    let from = from.or_else(|| named(&options.input));
    let from = from.unwrap_or(Format::Csv);
    let to = options.output_format.map(Into::into);
    let to = to.or_else(|| named(&options.output)).unwrap_or(from);
    let own = BatchOptions::of(&model);
    let asked = BatchOptions {
        keep: options.keep.clone(),
        reasons: usize::from(options.reasons),
        thresholds: options.threshold.map_or(own.thresholds, Thresholds::single),
        missing_values: options.missing_values.clone().unwrap_or(missing_values),
    };
    let mut output = Output::create(&options.output)?;
    let mut out = Vec::new();
    let mut batch = if is_text(from) {
        let mut input = Input::open(&options.input)?;
        let batch = Batch::new(model, asked, from, to);
        let mut batch = batch.map_err(ScoreError::Faults)?;
        while let Some(bytes) = input.next()? {
            let mut bytes = bytes;
            while batch.push(bytes, &mut out).map_err(ScoreError::Faults)? {
                output.write(&mut out)?;
                bytes = &[];
            }
            output.write(&mut out)?;
        }
        batch
    } else {
        let file = files::whole(&options.input)?;
        let batch = Batch::of_file(model, asked, (from, file, u64::MAX), to);
        let mut batch = batch.map_err(ScoreError::Faults)?;
        while batch.pull(BLOCK, &mut out).map_err(ScoreError::Faults)? {
            output.write(&mut out)?;
        }
        batch
    };
    let totals = batch.finish(&mut out).map_err(ScoreError::Faults)?;
    output.write(&mut out)?;
    output.keep()?;
    Ok(totals)
}

/// The model, and the texts that meant "no value" in its training.
fn load(id: &str, sources: &Sources) -> Result<(Arc<CreditModel>, Vec<String>), ScoreError> {
    let config = config::load(sources)?.config;
    telemetry::install(&config.telemetry)?;
    let file = |error| ScoreError::File {
        place: "the model store".to_owned(),
        error,
    };
    // Beside a running service, whose folder for pending uploads is locked.
    let local = tempfile::tempdir().map_err(file)?;
    let mut store = config.store;
    store.s3.local_path = local.path().to_owned();
    let refused = |error: Arc<ModelStoreError>| ScoreError::Model {
        id: id.to_owned(),
        error,
    };
    let runtime = Runtime::new().map_err(file)?;
    runtime.block_on(async {
        let failed = |error| refused(Arc::new(error));
        let models = ModelStore::open(&store).await.map_err(failed)?;
        let Ok(known) = id.parse::<ModelId>() else {
            return Err(ScoreError::File {
                place: id.to_owned(),
                error: std::io::Error::other("this is no id of a model"),
            });
        };
        let model = models.load(&known).await.map_err(refused)?.model;
        let results = models.metadata(&known).await.map_err(failed)?.results;
        match (model, results) {
            (Model::Credit(model), Results::Credit(results)) => {
                Ok((model, results.training_config.missing_values))
            }
            _ => Err(ScoreError::File {
                place: id.to_owned(),
                error: std::io::Error::other("this model predicts a number, not default"),
            }),
        }
    })
}
