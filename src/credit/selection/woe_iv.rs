//! Information value: the characteristics whose bins tell goods from bads.

use std::borrow::Cow;

use super::{
    design::go_on,
    error::SelectionError,
    information::{Information, Meter},
    params::WoeIvParams,
    request::SelectionMethod,
    result::{Candidate, Facts, SelectionResult},
};
use crate::credit::{
    LoanBook,
    binning::{LevelColumn, ZeroCells},
    features::imputed,
    inputs::Values,
    schema::{Characteristic, Kind, MissingPolicy},
    table::MISSING,
};

/// The usual reading of an information value (Siddiqi 2006); the last is so strong that the
/// characteristic may have been recorded after the outcome.
const CATEGORIES: [(f64, &str); 4] = [
    (0.02, "useless"),
    (0.1, "weak"),
    (0.3, "medium"),
    (0.5, "strong"),
];

/// The usual reading of an information value: `useless` below 0.02, `weak` below 0.1, `medium`
/// below 0.3, `strong` below 0.5, else `suspicious`.
pub fn iv_category(value: f64) -> &'static str {
    let reading = CATEGORIES.iter().find(|(below, _)| value < *below);
    reading.map_or("suspicious", |(_, name)| name)
}

/// Selects the characteristics of at least the information value asked for, over `rows`.
pub(super) fn select(
    book: &LoanBook,
    rows: &[usize],
    params: &WoeIvParams,
    cancelled: &dyn Fn() -> bool,
) -> Result<SelectionResult, SelectionError> {
    let events: Vec<bool> = rows.iter().map(|row| book.events()[*row]).collect();
    let mut meter = Meter::new(&events, params.n_bins, params.zero_cells)?;
    let mut candidates = Vec::new();
    for (position, characteristic) in book.schema().characteristics.iter().enumerate() {
        go_on(cancelled)?;
        let values = book.values(position);
        let information = measure(&mut meter, characteristic, values, rows)?;
        candidates.push(Candidate {
            name: characteristic.name.clone(),
            score: information.value,
            tie_breaker: 0.0,
            selected: information.value >= params.iv_threshold,
            facts: facts(characteristic, &information),
        });
    }
    let findings = findings(params, &candidates);
    Ok(SelectionResult::of(
        SelectionMethod::WoeIv,
        candidates,
        findings,
    ))
}

/// A gap is a bin of its own unless the request has it filled in.
fn measure(
    meter: &mut Meter<'_>,
    characteristic: &Characteristic,
    values: &Values,
    rows: &[usize],
) -> Result<Information, SelectionError> {
    match (values, &characteristic.kind) {
        (Values::Numeric(values), kind) => {
            let filler = match (characteristic.missing, kind) {
                (MissingPolicy::Impute, Kind::Numeric { median, .. }) => *median,
                _ => f64::NAN,
            };
            let value = |row: &usize| match values[*row] {
                value if value.is_nan() => filler,
                value => value,
            };
            meter.number(&rows.iter().map(value).collect::<Vec<f64>>())
        }
        (Values::Categorical(codes), kind) => {
            let filler = imputed(characteristic).unwrap_or(MISSING);
            let code = |row: &usize| match codes[*row] {
                MISSING => filler,
                code => code,
            };
            let codes: Vec<u32> = rows.iter().map(code).collect();
            let levels: Cow<'_, [String]> = match kind {
                Kind::Categorical { levels, .. } => Cow::Borrowed(levels),
                Kind::Numeric { .. } => Cow::Owned(Vec::new()),
            };
            meter.level(LevelColumn {
                codes: &codes,
                levels: &levels,
            })
        }
    }
}

fn facts(characteristic: &Characteristic, information: &Information) -> Facts {
    let kind = match characteristic.kind {
        Kind::Numeric { .. } => "numeric",
        Kind::Categorical { .. } => "categorical",
    };
    let facts = Facts::default()
        .text("iv_category", iv_category(information.value))
        .text("kind", kind)
        .count("n_bins", information.bins)
        .number("gini", information.gini)
        .number("iv_by_chance", information.by_chance)
        .number("missing_share", characteristic.missing_share);
    match &information.reason {
        Some(reason) => facts.text("reason", reason),
        None => facts,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred characteristics")]
fn findings(params: &WoeIvParams, candidates: &[Candidate]) -> Facts {
    let values = || candidates.iter().map(|candidate| candidate.score);
    let mean = values().sum::<f64>() / candidates.len().max(1) as f64;
    Facts::default()
        .number("iv_threshold", params.iv_threshold)
        .count("n_bins", params.n_bins)
        .text("zero_cells", zero_cells_name(params.zero_cells))
        .number("mean_iv", mean)
        .number("max_iv", values().fold(0.0, f64::max))
}

fn zero_cells_name(convention: ZeroCells) -> &'static str {
    match convention {
        ZeroCells::OverallRate => "overall_rate",
        ZeroCells::Neutral => "neutral",
        ZeroCells::NineTenths => "nine_tenths",
        ZeroCells::One => "one",
        ZeroCells::HalfPerCell => "half_per_cell",
        ZeroCells::HalfPerCellAndTotals => "half_per_cell_and_totals",
    }
}
