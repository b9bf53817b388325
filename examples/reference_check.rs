//! Compares the numbers of `credit_risk::stats` with reference results computed elsewhere.
//!
//! `cargo run --release --example reference_check -- <fixtures-dir> <data-dir>`
//!
//! Reads `metrics.json` (with the score files it names), `logit_cr_loan_w2.json` and
//! `logit_german.json` from the first folder and `cr_loan_w2.csv` and `german.csv` from the second.
//! Prints one line per case with its largest error; exits with 1 when one is beyond its tolerance.
#![expect(clippy::print_stdout, reason = "a command-line report")]

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use credit_risk::stats::{
    Confusion, LogisticFit, LogisticParams, LogisticSpec, Matrix, Penalty, Roc, Solver,
    average_precision, brier, calibration_curve, column_moments, gini, log_loss,
    variance_inflation,
};
use serde_json::Value;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [fixtures, data] = arguments.as_slice() else {
        return Err("usage: reference_check <fixtures-dir> <data-dir>".into());
    };
    let (fixtures, data) = (Path::new(fixtures), Path::new(data));
    let mut report = Report::default();
    check_metrics(fixtures, &mut report)?;
    check_logistic(
        &read_json(&fixtures.join("logit_cr_loan_w2.json"))?,
        &Table::read(&data.join("cr_loan_w2.csv"), "loan_status")?,
        &mut report,
    )?;
    check_logistic(
        &read_json(&fixtures.join("logit_german.json"))?,
        &Table::read(&data.join("german.csv"), "target")?,
        &mut report,
    )?;
    println!("{} cases, {} missed", report.cases, report.missed);
    Ok(ExitCode::from(u8::from(report.missed > 0)))
}

/// Cases seen and missed.
#[derive(Default)]
struct Report {
    cases: usize,
    missed: usize,
}

impl Report {
    fn line(&mut self, case: &str, error: f64, tolerance: f64, remark: &str) {
        let met = error <= tolerance;
        self.cases += 1;
        self.missed += usize::from(!met);
        let verdict = if met { "ok  " } else { "MISS" };
        println!("{verdict} {case:<46} max error {error:.1e} (<= {tolerance:.0e}) {remark}");
    }
}

/// Largest difference so far; `NaN` counts as infinite.
#[derive(Default)]
struct Gap(f64);

impl Gap {
    fn see(&mut self, found: f64, expected: f64) {
        // Exact equality comes first, so that two infinite thresholds agree.
        if found.to_bits() != expected.to_bits() {
            let difference = (found - expected).abs();
            self.0 = if difference.is_nan() {
                f64::INFINITY
            } else {
                self.0.max(difference)
            };
        }
    }

    fn see_relative(&mut self, found: f64, expected: f64) {
        self.see(found / expected, 1.0);
    }

    fn see_all(&mut self, found: &[f64], expected: &[f64]) {
        if found.len() != expected.len() {
            self.0 = f64::INFINITY;
        }
        for (found, expected) in found.iter().zip(expected) {
            self.see(*found, *expected);
        }
    }
}

fn check_metrics(folder: &Path, report: &mut Report) -> Outcome<()> {
    let fixture = read_json(&folder.join("metrics.json"))?;
    for case in array(&fixture["cases"])? {
        if case.get("weight").is_some() {
            continue;
        }
        let (scores, events) = match case.get("scores_file").and_then(Value::as_str) {
            Some(file) => read_scores(&folder.join(file))?,
            None => (numbers(&case["score"])?, flags(&case["y"])?),
        };
        let error = metrics_gap(&scores, &events, &case["expected"])?;
        report.line(
            &format!("metrics {}", text(&case["tag"])?),
            error,
            1e-12,
            "",
        );
    }
    Ok(())
}

fn metrics_gap(scores: &[f64], events: &[bool], expected: &Value) -> Outcome<f64> {
    let mut gap = Gap::default();
    if let Some(value) = expected["brier"].as_f64() {
        gap.see(brier(scores, events)?, value);
        gap.see(log_loss(scores, events)?, number(&expected["logloss"])?);
    } else if brier(scores, events).is_ok() {
        return Ok(f64::INFINITY);
    }
    let Some(auc) = expected["auc"].as_f64() else {
        // One class: undefined there, refused here.
        let refused = Roc::new(scores, events).is_err();
        return Ok(if refused { gap.0 } else { f64::INFINITY });
    };
    let roc = Roc::new(scores, events)?;
    gap.see(roc.auc(), auc);
    gap.see(gini(roc.auc()), number(&expected["gini"])?);
    gap.see(roc.kolmogorov_smirnov(), number(&expected["ks"])?);
    gap.see(
        average_precision(scores, events)?,
        number(&expected["pr_auc"])?,
    );
    gap.see(
        roc.thresholds.len() as f64,
        number(&expected["n_roc_points_full"])?,
    );
    see_roc(&mut gap, &roc, &expected["roc"])?;
    see_youden(&mut gap, scores, events, &roc, &expected["youden"])?;
    if let Some(bins) = expected["calibration_bins"].as_array() {
        let curve = calibration_curve(scores, events, 10)?;
        let uniform = &expected["calibration_uniform"];
        gap.see_all(&curve.prob_true, &numbers(&uniform["prob_true"])?);
        gap.see_all(&curve.prob_pred, &numbers(&uniform["prob_pred"])?);
        let counts: Vec<f64> = curve.count.iter().map(|count| *count as f64).collect();
        let expected: Outcome<Vec<f64>> = bins.iter().map(|bin| number(&bin["n"])).collect();
        gap.see_all(&counts, &expected?);
    }
    Ok(gap.0)
}

/// Every reference point (which leaves out collinear ones) must be on the full curve.
fn see_roc(gap: &mut Gap, roc: &Roc, expected: &Value) -> Outcome<()> {
    if expected.is_null() {
        return Ok(());
    }
    let (fpr, tpr) = (numbers(&expected["fpr"])?, numbers(&expected["tpr"])?);
    for (i, threshold) in numbers(&expected["thresholds"])?.iter().enumerate() {
        let place = roc
            .thresholds
            .iter()
            .position(|t| t.total_cmp(&(threshold + 0.0)).is_eq());
        let place = place.ok_or_else(|| format!("no ROC point at {threshold}"))?;
        gap.see(roc.false_positive_rate[place], fpr[i]);
        gap.see(roc.true_positive_rate[place], tpr[i]);
    }
    Ok(())
}

fn see_youden(
    gap: &mut Gap,
    scores: &[f64],
    events: &[bool],
    roc: &Roc,
    expected: &Value,
) -> Outcome<()> {
    let threshold = roc.youden_threshold();
    let at = Confusion::at(scores, events, threshold)?;
    for (found, key) in [
        (threshold, "threshold"),
        (at.true_negatives as f64, "tn"),
        (at.false_positives as f64, "fp"),
        (at.false_negatives as f64, "fn"),
        (at.true_positives as f64, "tp"),
        (at.accuracy(), "accuracy"),
        (at.precision(), "precision"),
        (at.recall(), "recall"),
        (at.f1(), "f1"),
    ] {
        gap.see(found, number(&expected[key])?);
    }
    // Where no threshold helps, the reference's rates are those of infinity, its counts of 0.5.
    if number(&expected["j"])? > 0.0 {
        gap.see(at.specificity(), number(&expected["specificity"])?);
        gap.see(at.youden_j(), number(&expected["j"])?);
    }
    Ok(())
}

fn check_logistic(fixture: &Value, table: &Table, report: &mut Report) -> Outcome<()> {
    let dataset = text(&fixture["dataset"])?;
    for case in array(&fixture["cases"])? {
        let tag = text(&case["tag"])?;
        let design = table.design(case, tag)?;
        let weights = row_weights(tag, &table.events);
        let raw = tag.contains("_raw_");
        let penalty = penalty(case)?;
        let ridge = matches!(penalty, Penalty::None | Penalty::L2 { .. });
        for solver in [Solver::Newton, Solver::Lbfgs] {
            if solver == Solver::Lbfgs && (raw || !ridge || weights.is_some()) {
                continue;
            }
            let start = Instant::now();
            let fit = match solver {
                Solver::Newton => {
                    let spec = LogisticSpec {
                        penalty,
                        ..LogisticSpec::default()
                    };
                    spec.check()?
                        .fit(&design, &table.events, weights.as_deref(), &|| false)?
                }
                Solver::Lbfgs => {
                    let params = LogisticParams {
                        inverse_strength: case["C"].as_f64(),
                        solver,
                        ..LogisticParams::default()
                    };
                    params
                        .check()?
                        .fit(&design, &table.events, None, &|| false)?
                }
            };
            let elapsed = start.elapsed().as_secs_f64() * 1e3;
            let tolerance = match solver {
                Solver::Newton if raw => 1e-6,
                Solver::Newton => 1e-8,
                Solver::Lbfgs => 1e-4,
            };
            let certificate = &fit.convergence;
            report.line(
                &format!("{dataset} {tag} {solver:?}"),
                logistic_gap(&fit, case, raw)?.max(inflation_gap(&design, case)?),
                tolerance,
                &format!(
                    "{} x {}, {} steps, {elapsed:.1} ms, gradient {:.0e}, converged {}",
                    design.rows(),
                    design.columns(),
                    certificate.iterations,
                    certificate.gradient_sup_norm,
                    certificate.converged,
                ),
            );
        }
    }
    Ok(())
}

fn penalty(case: &Value) -> Outcome<Penalty> {
    let l1_ratio = number(&case["l1_ratio"])?;
    Ok(match case["C"].as_f64() {
        None => Penalty::None,
        Some(inverse_strength) if l1_ratio >= 1.0 => Penalty::L1 { inverse_strength },
        Some(inverse_strength) if l1_ratio > 0.0 => Penalty::ElasticNet {
            inverse_strength,
            l1_ratio,
        },
        Some(inverse_strength) => Penalty::L2 { inverse_strength },
    })
}

fn logistic_gap(fit: &LogisticFit, case: &Value, relative: bool) -> Outcome<f64> {
    let mut gap = Gap::default();
    let mut see = |found: &[f64], expected: Vec<f64>| {
        if !relative || found.len() != expected.len() {
            return gap.see_all(found, &expected);
        }
        for (found, expected) in found.iter().zip(expected) {
            gap.see_relative(*found, expected);
        }
    };
    see(&[fit.intercept], vec![number(&case["intercept"])?]);
    see(&fit.weights, numbers(&case["coef"])?);
    if !case["std_err"].is_null() {
        let inference = fit.inference.as_ref().ok_or("no inference")?;
        see(&inference.std_error, numbers(&case["std_err"])?);
        see(&inference.z, numbers(&case["z"])?);
        see(&inference.ci95_low, numbers(&case["ci95_low"])?);
        see(&inference.ci95_high, numbers(&case["ci95_high"])?);
        gap.see_all(&inference.p_value, &numbers(&case["p_value"])?);
        gap.see_relative(fit.null_log_likelihood, number(&case["llnull"])?);
        let statistics = fit.statistics.as_ref().ok_or("no statistics")?;
        let test = statistics.likelihood_ratio.ok_or("no test")?;
        gap.see_relative(test.chi_square, number(&case["lr_chi2"])?);
        gap.see(f64::from(test.degrees_of_freedom), number(&case["lr_df"])?);
        gap.see(test.p_value, number(&case["lr_p"])?);
        gap.see_relative(statistics.aic, number(&case["aic"])?);
        gap.see_relative(statistics.bic, number(&case["bic"])?);
        gap.see_relative(statistics.mcfadden_r2, number(&case["mcfadden_r2"])?);
    }
    gap.see_relative(fit.log_likelihood, number(&case["log_likelihood"])?);
    Ok(gap.0)
}

/// Variance inflation, where the case has it; relative.
fn inflation_gap(design: &Matrix, case: &Value) -> Outcome<f64> {
    let mut gap = Gap::default();
    if !case["vif"].is_null() {
        let found = variance_inflation(design)?;
        for (found, expected) in found.iter().zip(numbers(&case["vif"])?) {
            gap.see_relative(found.ok_or("a constant column")?, expected);
        }
    }
    Ok(gap.0)
}

fn row_weights(tag: &str, events: &[bool]) -> Option<Vec<f64>> {
    let rows = events.len() as f64;
    let positives = events.iter().filter(|event| **event).count() as f64;
    if tag.ends_with("_balanced") {
        let weight =
            |event: &bool| rows / (2.0 * if *event { positives } else { rows - positives });
        Some(events.iter().map(weight).collect())
    } else if tag.ends_with("_weights_mod3") {
        Some(
            (0..events.len())
                .map(|row| 1.0 + (row % 3) as f64)
                .collect(),
        )
    } else {
        None
    }
}

/// A file of features and one target.
struct Table {
    header: Vec<String>,
    rows: Vec<csv::StringRecord>,
    events: Vec<bool>,
}

impl Table {
    fn read(path: &Path, target: &str) -> Outcome<Self> {
        let mut reader = csv::Reader::from_path(path)?;
        let header: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
        let place = header.iter().position(|name| name == target);
        let place = place.ok_or("no target column")?;
        let rows = reader.records().collect::<Result<Vec<_>, _>>()?;
        let events = rows.iter().map(|row| &row[place] == "1").collect();
        Ok(Self {
            header,
            rows,
            events,
        })
    }

    /// The columns that a case names: `column`, or `column=level` for an indicator.
    fn design(&self, case: &Value, tag: &str) -> Outcome<Matrix> {
        let names = array(&case["names"])?;
        let mut columns = Vec::with_capacity(names.len());
        for name in names {
            columns.push(self.column(text(name)?, tag)?);
        }
        let rows = self.rows.len();
        let data = (0..rows).flat_map(|row| columns.iter().map(move |column| column[row]));
        Ok(Matrix::from_vec(rows, columns.len(), data.collect())?)
    }

    fn column(&self, name: &str, tag: &str) -> Outcome<Vec<f64>> {
        let (source, level) = match name.split_once('=') {
            Some((source, level)) => (source, Some(level)),
            None => (name, None),
        };
        let place = self.header.iter().position(|column| column == source);
        let place = place.ok_or_else(|| format!("no column {source}"))?;
        let cells = self.rows.iter().map(|row| &row[place]);
        let values: Vec<f64> = match level {
            Some(level) => cells
                .map(|cell| f64::from(u8::from(cell == level)))
                .collect(),
            None => cells.map(str::parse).collect::<Result<_, _>>()?,
        };
        if tag.starts_with("std_") || (tag.contains("_numstd_") && level.is_none()) {
            standardised(values)
        } else {
            Ok(values)
        }
    }
}

fn standardised(values: Vec<f64>) -> Outcome<Vec<f64>> {
    let column = Matrix::from_vec(values.len(), 1, values)?;
    let moments = column_moments(&column);
    let (mean, deviation) = (moments.mean[0], moments.standard_deviation[0]);
    let scaled = column.as_slice().iter().map(|x| (x - mean) / deviation);
    Ok(scaled.collect())
}

fn read_json(path: &Path) -> Outcome<Value> {
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(serde_json::from_slice(&bytes)?)
}

fn read_scores(path: &Path) -> Outcome<(Vec<f64>, Vec<bool>)> {
    let (mut scores, mut events) = (Vec::new(), Vec::new());
    for row in csv::Reader::from_path(path)?.records() {
        let row = row?;
        events.push(&row[0] == "1");
        scores.push(row[1].parse()?);
    }
    Ok((scores, events))
}

fn array(value: &Value) -> Outcome<&Vec<Value>> {
    Ok(value.as_array().ok_or("expected an array")?)
}

fn text(value: &Value) -> Outcome<&str> {
    Ok(value.as_str().ok_or("expected a string")?)
}

fn number(value: &Value) -> Outcome<f64> {
    if value == "inf" {
        return Ok(f64::INFINITY);
    }
    Ok(value.as_f64().ok_or("expected a number")?)
}

fn numbers(value: &Value) -> Outcome<Vec<f64>> {
    array(value)?.iter().map(number).collect()
}

fn flags(value: &Value) -> Outcome<Vec<bool>> {
    let values = numbers(value)?;
    Ok(values.into_iter().map(|value| value > 0.5).collect())
}
