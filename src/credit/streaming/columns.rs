//! What the columns of a recording are: the rules and the faults of a loan book in memory.

use super::{
    data::{Codes, Input},
    recorded::{Form, Recorded, Role},
};
use crate::credit::{
    DataConfig, Fault, ModelType, TrainingPlan,
    binning::{NumericRules, SpecialIndex},
    fault::Faults,
    inputs::{CONSTANT, NO_NUMBER, NO_VALUES, NOT_FINITE, ranked, too_many_levels, unscalable},
    outcome::event_of,
    plan::NO_DATE,
    row_weights::NO_WEIGHT,
    schema::{Characteristic, Kind, MissingPolicy},
};

/// What the columns of a recording are told to be.
pub(super) struct Understanding<'a> {
    pub plan: &'a TrainingPlan,
    pub limits: &'a DataConfig,
    pub names: &'a [String],
    pub rows: u64,
}

/// A column understood, but for the range of numbers that are not in memory.
pub(super) struct Column {
    pub input: Input,
    pub characteristic: Characteristic,
    pub source: usize,
    pub unordered: bool,
}

impl Understanding<'_> {
    /// The value of the target that means default, and its code.
    pub fn event(&self, target: &Recorded) -> Result<(String, u32), Vec<Fault>> {
        let column_fault = |detail: &str| vec![self.column_fault(target.source, detail)];
        let Form::Coded(dictionary) = &target.form else {
            return Err(column_fault("the target has too many values"));
        };
        match dictionary.texts()[..] {
            [] => Err(column_fault("the target has no values")),
            [_] => Err(column_fault(
                "the target has one value only: a model needs goods and bads",
            )),
            [first, second] => {
                let code = event_of([first, second], self.plan.event.as_ref())?;
                let event = if code == 0 { first } else { second };
                Ok((event.to_owned(), code))
            }
            ref more => {
                let more = more.len();
                let detail = format!("the target has {more} values where two are expected");
                let place = target.third.unwrap_or_default();
                Err(vec![self.cell_fault(target.source, place, &detail)])
            }
        }
    }

    /// Faults of the target, the dates and the weights.
    pub fn check_roles(&self, recorded: &[Recorded], faults: &mut Faults) {
        let of = |wanted: fn(&Role) -> bool| recorded.iter().find(|it| wanted(&it.role));
        let bad = |column: &Recorded, detail: &str, faults: &mut Faults| {
            for (place, _) in &column.bad.told {
                faults.push(self.cell_fault(column.source, *place, detail));
            }
            faults.leave_out(column.bad.untold);
        };
        bad(&recorded[0], "the target is missing", faults);
        let absent = "the data set has no column of this name";
        if self.plan.out_of_time.is_some() {
            match of(|role| matches!(role, Role::Date(_))) {
                Some(column) => {
                    bad(column, NO_DATE, faults);
                    check_periods(column.periods, faults);
                }
                None => faults.push(Fault::at("/out_of_time/column", absent)),
            }
        }
        if self.plan.sample_weight.is_some() {
            match of(|role| *role == Role::Weight) {
                Some(column) => bad(column, NO_WEIGHT, faults),
                None => faults.push(Fault::at("/sample_weight", absent)),
            }
        }
    }

    pub fn column(&self, at: usize, recorded: &Recorded) -> Result<Column, Faults> {
        let fault = |detail: &str| Faults::from(self.column_fault(recorded.source, detail));
        let name = self.names[recorded.source].clone();
        let policy = self.plan.missing_policy(recorded.missing > 0);
        if let Form::Coded(dictionary) = &recorded.form {
            if dictionary.entries().is_empty() {
                return Err(fault(NO_VALUES));
            }
            // With gaps, "has a value or not" still tells applicants apart.
            if dictionary.entries().len() == 1 && policy != MissingPolicy::Learned {
                return Err(fault(CONSTANT));
            }
        }
        let (numeric, other) = recorded.tally();
        let (kind, codes) = if numeric > other && !self.plan.categorical.contains(&name) {
            self.numeric(recorded, &name)?
        } else {
            self.levels(recorded)?
        };
        let unordered = matches!(codes, Codes::Numbers { plain: true, .. });
        Ok(Column {
            input: Input { column: at, codes },
            characteristic: Characteristic {
                name,
                kind,
                missing: policy,
                missing_share: recorded.missing as f64 / self.rows as f64,
            },
            source: recorded.source,
            unordered,
        })
    }

    /// The range of a column of numbers; to be found yet where they are not in memory.
    fn numeric(&self, recorded: &Recorded, name: &str) -> Result<(Kind, Codes), Faults> {
        if !recorded.bad.told.is_empty() {
            let mut faults = Faults::default();
            for (place, infinite) in &recorded.bad.told {
                let detail = if *infinite { NOT_FINITE } else { NO_NUMBER };
                faults.push(self.cell_fault(recorded.source, *place, detail));
            }
            faults.leave_out(recorded.bad.untold);
            return Err(faults);
        }
        let (values, codes) = match &recorded.form {
            Form::Plain { numbers, .. } => {
                let numbers = numbers.clone();
                (
                    Vec::new(),
                    Codes::Numbers {
                        numbers,
                        plain: true,
                    },
                )
            }
            Form::Coded(dictionary) => {
                let numbers = dictionary.numbers();
                let counts = dictionary.entries().iter().map(|entry| entry.count);
                let values = numbers.iter().copied().zip(counts).collect();
                (
                    values,
                    Codes::Numbers {
                        numbers,
                        plain: false,
                    },
                )
            }
        };
        let own = self.plan.characteristics.get(name);
        let special = own.map_or_else(NumericRules::default, |own| own.numeric_rules());
        let special = SpecialIndex::new(&special);
        let clean: Vec<(f64, u32)> = values
            .iter()
            .copied()
            .filter(|(value, _)| special.find(*value).is_none())
            .collect();
        let kind = range_of(if clean.is_empty() { values } else { clean });
        if let Some(detail) = self.unscalable(&kind) {
            return Err(self.column_fault(recorded.source, detail).into());
        }
        Ok((kind, codes))
    }

    fn levels(&self, recorded: &Recorded) -> Result<(Kind, Codes), Faults> {
        let (Form::Coded(dictionary), true) = (&recorded.form, self.has_few_levels(&recorded.form))
        else {
            let detail = too_many_levels(self.limits);
            return Err(self.column_fault(recorded.source, &detail).into());
        };
        let texts = dictionary.texts();
        let (order, rank) = ranked(&texts);
        let entries = dictionary.entries();
        let counts = order.iter().map(|at| u64::from(entries[*at].count));
        let kind = Kind::Categorical {
            levels: order.iter().map(|at| texts[*at].to_owned()).collect(),
            counts: counts.collect(),
            unseen: self.plan.unseen,
        };
        Ok((kind, Codes::Levels(rank)))
    }

    fn has_few_levels(&self, form: &Form) -> bool {
        match form {
            Form::Coded(dictionary) => dictionary.entries().len() <= self.limits.max_levels,
            Form::Plain { .. } => false,
        }
    }

    pub fn unscalable(&self, kind: &Kind) -> Option<&'static str> {
        let linear = self.plan.model_type == ModelType::LogisticRegression;
        unscalable(kind).filter(|_| linear)
    }

    pub fn column_fault(&self, source: usize, detail: &str) -> Fault {
        self.cell_fault(source, 1, detail)
    }

    fn cell_fault(&self, source: usize, place: u64, detail: &str) -> Fault {
        Fault {
            pointer: String::new(),
            line: Some(place),
            column: Some(self.names[source].clone()),
            detail: detail.to_owned(),
        }
    }
}

/// Whether there are rows of both periods, the older first.
fn check_periods(rows: [u64; 2], faults: &mut Faults) {
    let details = ["no row is older than this", "no row is as new as this"];
    let none = rows.iter().zip(details).find(|(rows, _)| **rows == 0);
    if let Some((_, detail)) = none.filter(|_| faults.is_empty()) {
        faults.push(Fault::at("/out_of_time/from", detail));
    }
}

/// The range of values with the rows of each.
fn range_of(mut values: Vec<(f64, u32)>) -> Kind {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let rows: u64 = values.iter().map(|(_, rows)| u64::from(*rows)).sum();
    let at = |place: u64| {
        let mut before = 0;
        let mut found = values.iter().filter(|(_, rows)| {
            before += u64::from(*rows);
            before > place
        });
        found.next().map_or(0.0, |(value, _)| *value)
    };
    Kind::Numeric {
        minimum: values.first().map_or(0.0, |(value, _)| *value),
        maximum: values.last().map_or(0.0, |(value, _)| *value),
        median: f64::midpoint(at(rows.saturating_sub(1) / 2), at(rows / 2)),
    }
}
