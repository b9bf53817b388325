//! One contender of `benches/compare/run.sh`: fits a model on a file of rows, in a process of its
//! own, and prints what it cost as a line of JSON.
//!
//! ```text
//! compare logistic FILE [--single-precision] [--inverse-strength C]
//! compare boosting FILE [--rounds N] [--leaves N] [--learning-rate R]
//! ```
//!
//! A file holds the number of rows and of columns as little-endian `u64`, the values row by row as
//! little-endian `f64`, and a byte per row, 1 for an event. Without a command, as under
//! `cargo bench`, nothing is measured.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops at the first surprise"
)]
#![expect(
    clippy::print_stdout,
    reason = "the report is for the script that calls"
)]

mod cost;
mod rows;

use credit_risk::stats::trees::{
    BinnedColumns, BoostingParams, ClassWeight, GradientBoosting, Stopping, TreeColumn,
};
use credit_risk::stats::{
    DesignBlocks, LogisticFit, LogisticParams, Matrix, MatrixBlocks, NarrowBlocks, Roc, log_loss,
    sigmoid,
};
use serde_json::{Value, json};

use self::cost::measured;
use self::rows::Rows;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let report = match arguments[..] {
        ["logistic", file, ref options @ ..] => logistic(Rows::read(file), options),
        ["boosting", file, ref options @ ..] => boosting(&Rows::read(file), options),
        _ => {
            println!("compare: give a command and a file, or call benches/compare/run.sh");
            return;
        }
    };
    println!("{report}");
}

/// The value of an option, if it is given.
fn option(options: &[&str], name: &str) -> Option<f64> {
    let at = options.iter().position(|option| *option == name)?;
    Some(options[at + 1].parse().unwrap())
}

fn logistic(rows: Rows, options: &[&str]) -> Value {
    let inverse_strength = option(options, "--inverse-strength").unwrap_or(1.0);
    let params = LogisticParams {
        inverse_strength: Some(inverse_strength),
        ..LogisticParams::default()
    };
    let params = params.check().unwrap();
    let fit = |source: &dyn DesignBlocks| {
        let (fit, mut report) = measured(|| params.fit_blocks(source, &|| false).unwrap());
        report["iterations"] = json!(fit.convergence.iterations);
        (fit, report)
    };
    let Rows {
        columns,
        values,
        events,
    } = rows;
    if options.contains(&"--single-precision") {
        let narrow: Vec<f32> = values.iter().map(|value| *value as f32).collect();
        drop(values);
        let source = NarrowBlocks::new(columns, &narrow, &events, None).unwrap();
        let (fit, mut report) = fit(&source);
        let row = |row: usize, line: &mut Vec<f64>| {
            let values = &narrow[row * columns..(row + 1) * columns];
            line.extend(values.iter().map(|value| f64::from(*value)));
        };
        judge(&mut report, &fit, &events, inverse_strength, row);
        return report;
    }
    let design = Matrix::from_vec(events.len(), columns, values).unwrap();
    let (fit, mut report) = fit(&MatrixBlocks::new(&design, &events, None).unwrap());
    let row = |row: usize, line: &mut Vec<f64>| line.extend_from_slice(design.row(row));
    judge(&mut report, &fit, &events, inverse_strength, row);
    report
}

/// Adds the gradient of the summed objective, computed plainly, and the quality of the scores.
fn judge(
    report: &mut Value,
    fit: &LogisticFit,
    events: &[bool],
    inverse_strength: f64,
    row: impl Fn(usize, &mut Vec<f64>),
) {
    let mut gradient: Vec<f64> = fit.weights.iter().map(|b| b / inverse_strength).collect();
    gradient.push(0.0);
    let intercept = fit.weights.len();
    let mut line = Vec::with_capacity(intercept);
    let mut probabilities = Vec::with_capacity(events.len());
    for (place, event) in events.iter().enumerate() {
        line.clear();
        row(place, &mut line);
        let products = line.iter().zip(&fit.weights).map(|(x, b)| x * b);
        let p = sigmoid(fit.intercept + products.sum::<f64>());
        let residual = p - f64::from(u8::from(*event));
        for (gradient, x) in gradient.iter_mut().zip(&line) {
            *gradient += residual * x;
        }
        gradient[intercept] += residual;
        probabilities.push(p);
    }
    let largest = gradient.iter().fold(0.0_f64, |most, g| most.max(g.abs()));
    report["gradient_sup_norm"] = json!(largest);
    quality(report, &probabilities, events);
}

fn quality(report: &mut Value, probabilities: &[f64], events: &[bool]) {
    report["auc"] = json!(Roc::new(probabilities, events).unwrap().auc());
    report["log_loss"] = json!(log_loss(probabilities, events).unwrap());
}

fn boosting(rows: &Rows, options: &[&str]) -> Value {
    let whole = |name, usual: u32| option(options, name).map_or(usual, |value| value as u32);
    let params = BoostingParams {
        rounds: whole("--rounds", 100),
        max_leaves: whole("--leaves", 31),
        learning_rate: option(options, "--learning-rate").unwrap_or(0.1),
        max_depth: None,
        min_leaf_rows: 20,
        min_leaf_hessian: 1e-3,
        min_gain: 0.0,
        l2: 0.0,
        row_share: 1.0,
        column_share: 1.0,
        stopping: Stopping::Never,
        class_weight: ClassWeight::None,
        ..BoostingParams::default()
    };
    let column = |j: usize| -> Vec<f64> {
        let values = rows.values.iter().skip(j).step_by(rows.columns);
        values.copied().collect()
    };
    let columns: Vec<Vec<f64>> = (0..rows.columns).map(column).collect();
    // Binning counts: the other contenders are timed with theirs.
    let (fit, mut report) = measured(|| {
        let columns: Vec<TreeColumn<'_>> = columns.iter().map(|c| TreeColumn::Numeric(c)).collect();
        let binned = BinnedColumns::new(&columns).unwrap();
        GradientBoosting::fit(&binned, &rows.events, None, &params, &|| false).unwrap()
    });
    let lines = rows.values.chunks_exact(rows.columns);
    let probabilities: Vec<f64> = lines.map(|row| fit.model.probability(row)).collect();
    quality(&mut report, &probabilities, &rows.events);
    report
}
