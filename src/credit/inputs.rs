//! The columns of a data set that are inputs, typed: numbers, or indices into levels.

use std::{cmp::Ordering, sync::Arc};

use super::{
    DataConfig, Fault, Table,
    fault::{Faults, pointer_token},
    plan::TrainingPlan,
    schema::{Characteristic, Kind, MissingPolicy},
    table::{Cells, Coded, Column, MISSING, Numbers},
    value::Value,
};

/// Largest number that a logistic regression standardises: squares and their sums stay finite.
const LARGEST: f64 = 1e100;

/// What a cell is told that is no number, or no finite one, in a column of numbers.
pub(super) const NO_NUMBER: &str = "not a number, in a column of numbers; \
                                    mend the cell, or list its text in missing_values, \
                                    or the column in categorical";
pub(super) const NOT_FINITE: &str = "the number is not finite";

/// What a column is told that cannot be an input.
pub(super) const NO_VALUES: &str = "the column has no values";
pub(super) const CONSTANT: &str = "the column is constant; exclude it";
pub(super) const NO_INPUT: &str = "no column is left as an input";

/// The values of one characteristic, one per row.
#[derive(Debug)]
pub enum Values {
    /// Numbers; NaN where the row has none. They are those of the table, not a copy.
    Numeric(Arc<Vec<f64>>),
    /// Indices into the characteristic's levels; [`MISSING`] where the row has none.
    Categorical(Vec<u32>),
}

/// What is known of the inputs of a data set, and their values; column by column.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// What was learnt about each.
    pub characteristics: &'a [Characteristic],
    /// Their values, in the same order.
    pub values: &'a [Values],
}

impl Inputs<'_> {
    /// The application of `row`, one value per characteristic, written over `values`.
    pub fn row(self, row: usize, values: &mut Vec<Value>) {
        values.clear();
        values.extend(self.values.iter().map(|column| match column {
            Values::Numeric(numbers) if numbers[row].is_nan() => Value::Missing,
            Values::Numeric(numbers) => Value::Number(numbers[row]),
            Values::Categorical(codes) if codes[row] == MISSING => Value::Missing,
            Values::Categorical(codes) => Value::Level(codes[row]),
        }));
    }
}

/// Types the columns of `table` that are inputs: all but those of which `is_other` says that they
/// are something else, and those that the plan excludes. Faults are added to `faults`.
pub(super) fn read(
    table: &Table,
    plan: &TrainingPlan,
    limits: &DataConfig,
    is_other: impl Fn(usize, &str) -> bool,
    faults: &mut Faults,
) -> (Vec<Characteristic>, Vec<Values>) {
    let (mut characteristics, mut columns) = (Vec::new(), Vec::new());
    for (position, column) in table.columns().iter().enumerate() {
        if is_other(position, &column.name) || plan.exclude.contains(&column.name) {
            continue;
        }
        match read_column(table, position, plan, limits) {
            Ok((characteristic, values)) => {
                characteristics.push(characteristic);
                columns.push(values);
            }
            Err(found) => faults.append(found),
        }
    }
    if characteristics.is_empty() && faults.is_empty() {
        faults.push(Fault::at("", NO_INPUT));
    }
    if faults.is_empty() {
        check_characteristics(&characteristics, plan, faults);
    }
    (characteristics, columns)
}

/// Whether the plan names columns by `names` that there are.
pub(super) fn named_columns_exist(names: &[impl AsRef<str>], plan: &TrainingPlan) -> Faults {
    let mut faults = Faults::default();
    for (list, wanted) in [
        ("exclude", &plan.exclude),
        ("categorical", &plan.categorical),
    ] {
        for (index, name) in wanted.iter().enumerate() {
            if !names.iter().any(|known| known.as_ref() == name) {
                let detail = "the data set has no column of this name";
                faults.push(Fault::at(format!("/{list}/{index}"), detail));
            }
        }
    }
    faults
}

/// Whether what the plan lays down for single characteristics can be followed.
pub(super) fn check_characteristics(
    known: &[Characteristic],
    plan: &TrainingPlan,
    faults: &mut Faults,
) {
    for (name, own) in &plan.characteristics {
        let pointer = format!("/characteristics/{}", pointer_token(name));
        match known
            .iter()
            .find(|characteristic| characteristic.name == *name)
        {
            Some(characteristic) => own.check_kind(&pointer, &characteristic.kind, faults),
            None => faults.push(Fault::at(pointer, "no input of the data set has this name")),
        }
    }
}

fn read_column(
    table: &Table,
    position: usize,
    plan: &TrainingPlan,
    limits: &DataConfig,
) -> Result<(Characteristic, Values), Faults> {
    let column = &table.columns()[position];
    let (missing, distinct) = match column.cells() {
        Cells::Coded(Coded { codes, texts }) => {
            let missing = codes.iter().filter(|code| **code == MISSING).count();
            (missing, texts.len())
        }
        Cells::Numbers(Numbers { values, others }) => {
            let none = values.iter().filter(|value| value.is_nan()).count();
            // It would not be kept as numbers with less than two of them.
            (none - others.len(), 2)
        }
    };
    let has_gaps = missing > 0;
    if distinct == 0 {
        return Err(table.column_fault(position, NO_VALUES).into());
    }
    let policy = plan.missing_policy(has_gaps);
    // With gaps, "has a value or not" still tells applicants apart.
    if distinct == 1 && policy != MissingPolicy::Learned {
        return Err(table.column_fault(position, CONSTANT).into());
    }
    let (kind, values) = if is_numeric(column, plan) {
        numeric(table, position, plan)?
    } else {
        categorical(table, position, plan, limits)?
    };
    #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^52")]
    let missing_share = missing as f64 / table.rows() as f64;
    let name = column.name.clone();
    Ok((
        Characteristic {
            name,
            kind,
            missing: policy,
            missing_share,
        },
        values,
    ))
}

/// A column is numeric when most of its cells are: a few that are not are
/// faults to report, not a reason to read thousands of amounts as levels.
fn is_numeric(column: &Column, plan: &TrainingPlan) -> bool {
    if plan.categorical.contains(&column.name) {
        return false;
    }
    let is_number = |text: &str| text.parse::<f64>().is_ok();
    match column.cells() {
        Cells::Coded(Coded { codes, texts }) => {
            let numbers: Vec<bool> = texts.iter().map(|text| is_number(text)).collect();
            let present = codes.iter().filter(|code| **code != MISSING);
            let (mut numeric, mut other) = (0_u64, 0_u64);
            for code in present {
                match numbers[*code as usize] {
                    true => numeric += 1,
                    false => other += 1,
                }
            }
            numeric > other
        }
        Cells::Numbers(Numbers { values, others }) => {
            let numbers = values.iter().filter(|value| !value.is_nan()).count();
            let unlike = others.iter().filter(|(_, text)| !is_number(text)).count();
            numbers + others.len() - unlike > unlike
        }
    }
}

/// The numbers of a column of numbers; cells that are none are faults.
fn numbers(table: &Table, position: usize) -> Result<Arc<Vec<f64>>, Faults> {
    let mut faults = Faults::default();
    let mut judge = |row: usize, text: &str, number: Option<f64>| match number {
        Some(number) if number.is_finite() => number,
        _ => {
            let detail = match number.or_else(|| text.parse().ok()) {
                Some(_) => NOT_FINITE,
                None => NO_NUMBER,
            };
            faults.push(table.cell_fault(row, position, detail));
            f64::NAN
        }
    };
    let values = match table.columns()[position].cells() {
        Cells::Coded(Coded { codes, texts }) => {
            let parsed: Vec<Option<f64>> = texts.iter().map(|text| text.parse().ok()).collect();
            let number = |(row, code): (usize, &u32)| match *code {
                MISSING => f64::NAN,
                code => judge(row, &texts[code as usize], parsed[code as usize]),
            };
            Arc::new(codes.iter().enumerate().map(number).collect())
        }
        Cells::Numbers(Numbers { values, others }) => {
            for (row, text) in others {
                judge(*row, text, None);
            }
            Arc::clone(values)
        }
    };
    if faults.is_empty() {
        Ok(values)
    } else {
        Err(faults)
    }
}

fn numeric(table: &Table, position: usize, plan: &TrainingPlan) -> Result<(Kind, Values), Faults> {
    let column = &table.columns()[position];
    let values = numbers(table, position)?;
    let own = plan.characteristics.get(&column.name);
    let codes: Vec<f64> = own
        .into_iter()
        .flat_map(|own| &own.special)
        .flat_map(|special| special.values.iter().copied())
        .collect();
    let kind = range_of(&values, &codes).or_else(|| range_of(&values, &[]));
    let no_values = || table.column_fault(position, NO_VALUES);
    let kind = kind.ok_or_else(no_values)?;
    if plan.model_type.standardises()
        && let Some(detail) = unscalable(&kind)
    {
        return Err(table.column_fault(position, detail).into());
    }
    Ok((kind, Values::Numeric(values)))
}

/// Why numbers of this range have no standard deviation to divide by, if so.
pub(super) fn unscalable(kind: &Kind) -> Option<&'static str> {
    let Kind::Numeric {
        minimum, maximum, ..
    } = kind
    else {
        return None;
    };
    if minimum.abs().max(maximum.abs()) > LARGEST {
        Some("a regression takes numbers up to 1e100; mend the cells or exclude the column")
    } else if maximum > minimum && maximum - minimum < LARGEST.recip() {
        Some("the numbers differ by less than 1e-100; exclude the column or give it another unit")
    } else {
        None
    }
}

/// The range of `values` without the special `codes`; none without any.
fn range_of(values: &[f64], codes: &[f64]) -> Option<Kind> {
    let is_code = |value: &f64| {
        let mut equal = codes.iter().map(|code| code.partial_cmp(value));
        equal.any(|order| order == Some(Ordering::Equal))
    };
    // Room from the start: growing would take three times as much.
    let mut kept: Vec<f64> = Vec::with_capacity(values.len());
    let present = values.iter().copied();
    kept.extend(present.filter(|value| !value.is_nan() && !is_code(value)));
    let minimum = kept.iter().copied().min_by(f64::total_cmp)?;
    let maximum = kept.iter().copied().max_by(f64::total_cmp)?;
    let middle = kept.len() / 2;
    let is_odd = kept.len() % 2 == 1;
    let (below, upper, _) = kept.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = below.iter().copied().max_by(f64::total_cmp);
    let lower = lower.filter(|_| !is_odd).unwrap_or(*upper);
    Some(Kind::Numeric {
        minimum,
        maximum,
        median: f64::midpoint(lower, *upper),
    })
}

/// What a column is told that has more levels than `limits` allow.
pub(super) fn too_many_levels(limits: &DataConfig) -> String {
    format!(
        "more than {} levels: it looks like an identifier; exclude it",
        limits.max_levels
    )
}

/// Positions of `texts` in byte-wise order, and the rank of each text in it.
pub(super) fn ranked(texts: &[impl AsRef<str>]) -> (Vec<usize>, Vec<u32>) {
    let mut order: Vec<usize> = (0..texts.len()).collect();
    order.sort_unstable_by(|a, b| texts[*a].as_ref().cmp(texts[*b].as_ref()));
    let mut rank = vec![0_u32; order.len()];
    for (new, old) in (0_u32..).zip(&order) {
        rank[*old] = new;
    }
    (order, rank)
}

fn categorical(
    table: &Table,
    position: usize,
    plan: &TrainingPlan,
    limits: &DataConfig,
) -> Result<(Kind, Values), Faults> {
    let column = table.columns()[position].coded();
    if column.texts.len() > limits.max_levels {
        let detail = too_many_levels(limits);
        return Err(table.column_fault(position, detail).into());
    }
    let (order, rank) = ranked(&column.texts);
    let mut counts = vec![0_u64; order.len()];
    let recode = |code: &u32| match code {
        &MISSING => MISSING,
        code => rank[*code as usize],
    };
    let values: Vec<u32> = column.codes.iter().map(recode).collect();
    for code in values.iter().filter(|code| **code != MISSING) {
        counts[*code as usize] += 1;
    }
    let levels = order
        .iter()
        .map(|old| column.texts[*old].to_string())
        .collect();
    Ok((
        Kind::Categorical {
            levels,
            counts,
            unseen: plan.unseen,
        },
        Values::Categorical(values),
    ))
}
