//! `evaluate`: how good a plan is on somebody's data and folds.

mod data;
mod plan;
mod report;
mod split;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use clap::{Args, ValueEnum};

use self::{
    data::Data,
    report::{Line, Report},
    split::{Name, Round, Split},
};
use super::refuse;
use crate::credit::{Fault, Fitting, LoanBook, ModelType, evaluation::FoldMetrics};

#[derive(Debug, Args)]
pub(super) struct Evaluate {
    /// CSV file with a header line: one application with its outcome a row.
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// CSV file with the columns row (from 0), and fold or split (train, test) or both.
    #[arg(long, value_name = "FILE")]
    split: PathBuf,
    /// Kind of model; that of the plan, or else scorecard, if not given.
    #[arg(long, value_parser = plan::model_type)]
    model: Option<ModelType>,
    /// JSON file with the fields of a training's plan.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Column that holds the outcome; found by its usual names if not given.
    #[arg(long)]
    target: Option<String>,
    /// Value of the target that means default; found by its usual names if not given.
    #[arg(long)]
    event: Option<String>,
    /// Columns that are no input, separated by commas; added to those of the plan.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    exclude: Vec<String>,
    /// Texts that mean "no value", separated by commas; besides the empty cell. Those of the plan,
    /// or else NA,N/A,NaN,nan,NULL,null,None if not given.
    #[arg(long, value_name = "TEXTS", value_delimiter = ',')]
    missing_values: Option<Vec<String>>,
    /// What is printed.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Most rows of the data.
    #[arg(long, value_name = "N", default_value_t = 10_000_000)]
    max_rows: usize,
    /// Most columns of the data.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    max_columns: usize,
    /// Most distinct levels of a column of texts; one with more is left out.
    #[arg(long, value_name = "N", default_value_t = 200)]
    max_levels: usize,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Aligned columns, four digits.
    Table,
    /// Comma-separated values, every digit.
    Csv,
    /// A JSON document, every digit.
    Json,
}

/// Why there is nothing to print.
#[derive(Debug, thiserror::Error)]
enum EvaluateError {
    /// A file cannot be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        path: PathBuf,
        error: std::io::Error,
    },
    /// A file, or the plan, is at fault.
    #[error("{}", told(place, faults))]
    Faults { place: String, faults: Vec<Fault> },
    /// The answer cannot be written.
    #[error("the table cannot be written: {0}")]
    Unwritable(#[from] std::io::Error),
}

impl EvaluateError {
    fn faults(path: &Path, faults: Vec<Fault>) -> Self {
        let place = path.display().to_string();
        Self::Faults { place, faults }
    }
}

/// One line for each fault; a fault with a pointer is one of the plan.
fn told(place: &str, faults: &[Fault]) -> String {
    let line = |fault: &Fault| match fault.pointer.as_str() {
        "" => format!("{place}: {fault}"),
        _ => format!("plan: {fault}"),
    };
    faults.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Evaluates and prints; fails if there is a round that could not be fitted.
pub(super) fn evaluate(options: &Evaluate) -> ExitCode {
    let printed = run(options).and_then(|(report, failed)| {
        let text = match options.format {
            Format::Table => report.table().into_bytes(),
            Format::Csv => report.csv().map_err(std::io::Error::from)?,
            Format::Json => {
                let mut text = serde_json::to_vec_pretty(&report).map_err(std::io::Error::from)?;
                text.push(b'\n');
                text
            }
        };
        std::io::stdout().lock().write_all(&text)?;
        Ok(failed)
    });
    match printed {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failed) => refuse(&format_args!("{failed} of the fits failed: see the notes")),
        Err(error) => refuse(&error),
    }
}

/// The report, and how many fits failed.
fn run(options: &Evaluate) -> Result<(Report, usize), EvaluateError> {
    let plan = plan::of(options)?;
    let Data {
        book,
        plan,
        left_out,
    } = Data::read(options, plan)?;
    let split = Split::read(&read(&options.split)?, book.events().len())
        .map_err(|faults| EvaluateError::faults(&options.split, faults))?;
    if let Some(unused) = plan::unused(plan.plan()) {
        eprintln!("credit-risk: {unused}");
    }
    for column in &left_out {
        eprintln!("credit-risk: left out: {column}");
    }
    let fitting = Fitting::new(&book, &plan, &|| false)
        .map_err(|faults| EvaluateError::faults(&options.data, faults))?;
    let mut report = Report {
        model_type: plan.plan().model_type.as_str(),
        data: book.digest().to_owned(),
        target: book.schema().target.clone(),
        event: book.schema().event.clone(),
        rows: book.events().len(),
        events: book.events().iter().filter(|event| **event).count(),
        characteristics: book.schema().characteristics.len(),
        left_out,
        folds: Vec::new(),
        mean: None,
        sd: None,
        test: None,
    };
    eprintln!(
        "credit-risk: {}, {} characteristics, {} rows, {} events ({} = {})",
        report.model_type,
        report.characteristics,
        report.rows,
        report.events,
        report.target,
        report.event
    );
    let mut failed = 0;
    for round in split.rounds() {
        let (line, is_failure) = measure(&fitting, &book, &round);
        failed += usize::from(is_failure);
        report.add(round.name, line);
    }
    report.summarise();
    Ok((report, failed))
}

/// Fits and measures one round; whether the fit failed is told besides.
fn measure(fitting: &Fitting<'_>, book: &LoanBook, round: &Round) -> (Line, bool) {
    let events = |rows: &[usize]| -> Vec<bool> {
        let events = book.events();
        rows.iter().map(|row| events[*row]).collect()
    };
    let outcomes = events(&round.held_out);
    let count = outcomes.iter().filter(|event| **event).count();
    let mut line = Line {
        fold: match round.name {
            Name::Fold(number) => number.to_string(),
            Name::Test => "test".to_owned(),
        },
        rows: Some(outcomes.len() as u64),
        events: Some(count as u64),
        metrics: None,
        fit_seconds: None,
        note: None,
    };
    let one_class = |events: &[bool]| !events.contains(&true) || !events.contains(&false);
    if one_class(&outcomes) {
        line.note = Some("one class".to_owned());
        return (line, false);
    }
    if one_class(&events(&round.fitted)) {
        line.note = Some("one class in the rows to fit".to_owned());
        return (line, false);
    }
    let clock = Instant::now();
    let fitted = fitting.fit(&round.fitted);
    let seconds = clock.elapsed().as_secs_f64();
    let measured = fitted.map_err(|error| error.to_string()).and_then(|model| {
        FoldMetrics::measure(&model.probabilities(&round.held_out), &outcomes)
            .map_err(|error| error.to_string())
    });
    line.fit_seconds = Some(seconds);
    match measured {
        Ok(metrics) => line.metrics = Some(metrics),
        Err(why) => line.note = Some(why),
    }
    let is_failure = line.note.is_some();
    (line, is_failure)
}

fn read(path: &Path) -> Result<Vec<u8>, EvaluateError> {
    std::fs::read(path).map_err(|error| EvaluateError::Unreadable {
        path: path.to_owned(),
        error,
    })
}
