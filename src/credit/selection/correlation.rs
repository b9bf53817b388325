//! Correlation and variance inflation: one feature of each group that says the same.

use super::{
    design::{Candidates, go_on},
    error::SelectionError,
    information::Meter,
    params::CorrelationParams,
    request::SelectionMethod,
    result::{Candidate, Facts, SelectionResult},
    woe_iv::iv_category,
};
use crate::{
    credit::binning::ZeroCells,
    stats::{Cholesky, Matrix, column_moments},
};

/// Quantile bins of a feature's information value.
const BINS: u32 = 10;
/// Rows between two questions whether to go on.
const ROWS_AT_ONCE: usize = 4_096;

/// What became of a feature.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Verdict {
    Kept {
        /// Variance inflation among those that are kept.
        inflation: f64,
    },
    /// It does not vary over the rows.
    Constant,
    /// A feature of more information, already kept, goes with it.
    Correlated { with: usize, correlation: f64 },
    /// The others together explain it; exactly, without an inflation.
    Explained { inflation: Option<f64> },
}

/// Selects features, the most informative first, unless one that is already in is correlated
/// beyond the limit; then leaves out, one by one, the feature of the largest variance inflation
/// until none is beyond its limit. The score is the information value.
pub(super) fn select(
    candidates: &Candidates<'_>,
    params: &CorrelationParams,
    cancelled: &dyn Fn() -> bool,
) -> Result<SelectionResult, SelectionError> {
    let mut meter = Meter::new(&candidates.events, BINS, ZeroCells::default())?;
    let mut values = Vec::with_capacity(candidates.len());
    for at in 0..candidates.len() {
        go_on(cancelled)?;
        values.push(meter.number(&candidates.column(at))?.value);
    }
    let correlations = Correlations::of(&candidates.design, cancelled)?;
    let mut verdicts = distinct(&correlations, &values, params.max_correlation);
    thin_out(
        &correlations,
        &values,
        params.max_vif,
        &mut verdicts,
        cancelled,
    )?;
    let findings = findings(params, &verdicts);
    let scored = values.iter().zip(&verdicts).enumerate();
    let candidate = |(at, (value, verdict)): (usize, (&f64, &Verdict))| Candidate {
        name: candidates.name(at),
        score: *value,
        tie_breaker: 0.0,
        selected: matches!(verdict, Verdict::Kept { .. }),
        facts: facts(candidates, at, *value, verdict),
    };
    Ok(SelectionResult::of(
        SelectionMethod::Correlation,
        scored.map(candidate).collect(),
        findings,
    ))
}

/// Pearson's correlations of all columns; 0 with a constant one.
struct Correlations {
    columns: usize,
    /// Lower triangle, row by row in a square.
    values: Vec<f64>,
}

impl Correlations {
    fn of(design: &Matrix, cancelled: &dyn Fn() -> bool) -> Result<Self, SelectionError> {
        let columns = design.columns();
        let moments = column_moments(design);
        let scale = moments.mean.iter().zip(&moments.standard_deviation);
        let scale: Vec<(f64, f64)> = scale
            .map(|(mean, sd)| (*mean, if *sd > 0.0 { 1.0 / sd } else { 0.0 }))
            .collect();
        let mut values = vec![0.0; columns * columns];
        let mut line = vec![0.0; columns];
        for row in 0..design.rows() {
            if row % ROWS_AT_ONCE == 0 {
                go_on(cancelled)?;
            }
            for ((x, value), (mean, factor)) in line.iter_mut().zip(design.row(row)).zip(&scale) {
                *x = (value - mean) * factor;
            }
            for (i, sums) in values.chunks_exact_mut(columns).enumerate() {
                let own = line[i];
                for (sum, x) in sums[..=i].iter_mut().zip(&line) {
                    *sum += own * x;
                }
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^52")]
        let rows = design.rows() as f64;
        for value in &mut values {
            *value /= rows;
        }
        Ok(Self { columns, values })
    }

    fn at(&self, i: usize, j: usize) -> f64 {
        self.values[i.max(j) * self.columns + i.min(j)]
    }

    /// Whether the column varies; its correlation with itself is then 1.
    fn varies(&self, at: usize) -> bool {
        self.at(at, at) > 0.5
    }

    /// The square matrix of some columns.
    fn among(&self, chosen: &[usize]) -> Vec<f64> {
        let mut part = Vec::with_capacity(chosen.len() * chosen.len());
        for i in chosen {
            part.extend(chosen.iter().map(|j| self.at(*i, *j)));
        }
        part
    }
}

/// Places by falling information value; the sort is stable.
fn by_information(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
    order
}

/// Keeps a feature unless a more informative one that is kept goes with it.
fn distinct(correlations: &Correlations, values: &[f64], limit: f64) -> Vec<Verdict> {
    let mut verdicts = vec![Verdict::Constant; values.len()];
    let mut kept: Vec<usize> = Vec::new();
    for at in by_information(values) {
        if !correlations.varies(at) {
            continue;
        }
        let alike = |other: &usize| (*other, correlations.at(at, *other));
        let strongest = kept
            .iter()
            .map(alike)
            .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        verdicts[at] = match strongest {
            Some((with, correlation)) if correlation.abs() > limit => {
                Verdict::Correlated { with, correlation }
            }
            _ => {
                kept.push(at);
                Verdict::Kept { inflation: 1.0 }
            }
        };
    }
    verdicts
}

/// Leaves out what the others explain: first what more informative ones explain exactly, then the
/// feature of the largest variance inflation for as long as one is beyond `limit`.
fn thin_out(
    correlations: &Correlations,
    values: &[f64],
    limit: f64,
    verdicts: &mut [Verdict],
    cancelled: &dyn Fn() -> bool,
) -> Result<(), SelectionError> {
    let mut kept: Vec<usize> = by_information(values)
        .into_iter()
        .filter(|at| matches!(verdicts[*at], Verdict::Kept { .. }))
        .collect();
    loop {
        go_on(cancelled)?;
        let factor = match Cholesky::factor(&correlations.among(&kept), kept.len()) {
            Ok(factor) => factor,
            Err(refused) => {
                let at = kept.remove(refused.pivot);
                verdicts[at] = Verdict::Explained { inflation: None };
                continue;
            }
        };
        let inflations = factor.inverse_diagonal();
        // Of equal ones the last, which is the least informative.
        let largest = inflations
            .iter()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(b.1));
        match largest {
            Some((place, inflation)) if *inflation > limit => {
                let at = kept.remove(place);
                verdicts[at] = Verdict::Explained {
                    inflation: Some(*inflation),
                };
            }
            _ => {
                for (at, inflation) in kept.iter().zip(inflations) {
                    verdicts[*at] = Verdict::Kept { inflation };
                }
                return Ok(());
            }
        }
    }
}

fn facts(candidates: &Candidates<'_>, at: usize, value: f64, verdict: &Verdict) -> Facts {
    let facts = Facts::default()
        .text("characteristic", candidates.characteristic(at))
        .text("iv_category", iv_category(value));
    match *verdict {
        Verdict::Kept { inflation } => facts.text("status", "kept").number("vif", inflation),
        Verdict::Constant => facts.text("status", "constant"),
        Verdict::Correlated { with, correlation } => facts
            .text("status", "correlated")
            .text("correlated_with", candidates.name(with))
            .number("correlation", correlation),
        Verdict::Explained { inflation } => {
            let facts = facts.text("status", "explained_by_others");
            match inflation {
                Some(inflation) => facts.number("vif", inflation),
                None => facts.flag("exactly", true),
            }
        }
    }
}

fn findings(params: &CorrelationParams, verdicts: &[Verdict]) -> Facts {
    let count = |is: fn(&Verdict) -> bool| verdicts.iter().filter(|verdict| is(verdict)).count();
    Facts::default()
        .number("max_correlation", params.max_correlation)
        .number("max_vif", params.max_vif)
        .count("iv_bins", BINS)
        .count("n_constant", count(|v| matches!(v, Verdict::Constant)))
        .count(
            "n_correlated",
            count(|v| matches!(v, Verdict::Correlated { .. })),
        )
        .count(
            "n_explained_by_others",
            count(|v| matches!(v, Verdict::Explained { .. })),
        )
}
