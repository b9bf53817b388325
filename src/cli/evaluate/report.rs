//! What an evaluation prints.

use serde::Serialize;

use super::split::Name;
use crate::credit::evaluation::{CrossValidation, Fold, FoldMetrics};

/// One line of the answer; a round that could not be measured has a note instead of figures.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Line {
    /// Number of the fold, or `mean`, `sd` or `test`.
    pub fold: String,
    /// Rows held out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Defaults among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<u64>,
    /// How well they are told.
    #[serde(flatten)]
    pub metrics: Option<FoldMetrics>,
    /// How long the fit took.
    pub fit_seconds: Option<f64>,
    /// Why there are no figures.
    pub note: Option<String>,
}

/// What was evaluated, and how good it is.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub model_type: &'static str,
    /// `sha256:` and the hex digest of the data set's bytes.
    pub data: String,
    pub target: String,
    pub event: String,
    pub rows: usize,
    pub events: usize,
    pub characteristics: usize,
    /// Columns that are no input although nobody excluded them.
    pub left_out: Vec<String>,
    pub folds: Vec<Line>,
    /// Over the folds that have figures.
    pub mean: Option<Line>,
    /// Sample standard deviation over the same folds.
    pub sd: Option<Line>,
    pub test: Option<Line>,
}

impl Report {
    /// Adds the line of a round.
    pub(super) fn add(&mut self, name: Name, line: Line) {
        match name {
            Name::Fold(_) => self.folds.push(line),
            Name::Test => self.test = Some(line),
        }
    }

    /// Fills in mean and standard deviation.
    pub(super) fn summarise(&mut self) {
        let fold = |(number, line): (u32, &Line)| {
            Some(Fold {
                fold: number,
                rows: line.rows?,
                events: line.events?,
                metrics: line.metrics?,
            })
        };
        let folds: Vec<Fold> = (0..).zip(&self.folds).filter_map(fold).collect();
        let seconds = self.folds.iter().filter(|line| line.metrics.is_some());
        let (mean_seconds, sd_seconds) = centre(seconds.filter_map(|line| line.fit_seconds));
        let line = |name: &str, metrics, seconds| Line {
            fold: name.to_owned(),
            rows: None,
            events: None,
            metrics: Some(metrics),
            fit_seconds: Some(seconds),
            note: None,
        };
        let count = folds.len();
        let over = CrossValidation::of(folds);
        self.mean = (count > 0).then(|| line("mean", over.mean, mean_seconds));
        self.sd = (count > 1).then(|| line("sd", over.spread, sd_seconds));
    }

    fn lines(&self) -> impl Iterator<Item = &Line> {
        let summary = [&self.mean, &self.sd, &self.test];
        self.folds.iter().chain(summary.into_iter().flatten())
    }

    /// A table for people.
    pub(super) fn table(&self) -> String {
        let head = [
            "fold",
            "rows",
            "events",
            "AUC",
            "Gini",
            "KS",
            "Brier",
            "log-loss",
            "fit seconds",
        ];
        let head = head.map(str::to_owned);
        let rounded = |number: f64| format!("{number:.4}");
        let mut rows = vec![(head, None)];
        rows.extend(
            self.lines()
                .map(|line| (line.cells(rounded), line.note.as_ref())),
        );
        let width = |place: usize| rows.iter().map(|(cells, _)| cells[place].len()).max();
        let widths: Vec<usize> = (0..9).map(|place| width(place).unwrap_or(0)).collect();
        let mut text = String::new();
        for (cells, note) in &rows {
            let cells = cells.iter().zip(&widths);
            let padded = cells.map(|(cell, width)| format!("{cell:>width$}"));
            let mut line = padded.collect::<Vec<_>>().join("  ");
            if let Some(note) = note {
                line = format!("{}  {note}", line.trim_end());
            }
            text += line.trim_end();
            text.push('\n');
        }
        text
    }

    /// The same as CSV, every digit kept.
    ///
    /// # Errors
    /// Whatever the writer says.
    pub(super) fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record([
            "fold",
            "rows",
            "events",
            "roc_auc",
            "gini",
            "ks",
            "brier_score",
            "log_loss",
            "fit_seconds",
            "note",
        ])?;
        for line in self.lines() {
            let note = line.note.clone().unwrap_or_default();
            let cells = line.cells(|number| number.to_string());
            writer.write_record(cells.into_iter().chain([note]))?;
        }
        writer.flush()?;
        writer
            .into_inner()
            .map_err(|error| error.into_error().into())
    }
}

impl Line {
    /// Everything but the note; what is not there is empty.
    fn cells(&self, number: impl Fn(f64) -> String) -> [String; 9] {
        let count = |count: Option<u64>| count.map(|it| it.to_string()).unwrap_or_default();
        let metric = |metric: fn(&FoldMetrics) -> f64| {
            let metrics = self.metrics.as_ref();
            metrics.map(|it| number(metric(it))).unwrap_or_default()
        };
        [
            self.fold.clone(),
            count(self.rows),
            count(self.events),
            metric(|it| it.roc_auc),
            metric(|it| it.gini),
            metric(|it| it.ks),
            metric(|it| it.brier_score),
            metric(|it| it.log_loss),
            self.fit_seconds.map(number).unwrap_or_default(),
        ]
    }
}

/// Mean and sample standard deviation.
#[expect(clippy::cast_precision_loss, reason = "folds are few")]
fn centre(numbers: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let count = numbers.clone().count() as f64;
    let mean = numbers.clone().sum::<f64>() / count;
    let squares: f64 = numbers.map(|it| (it - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0)).sqrt())
}
