//! One column of a data set as it is read: counted, checked and put aside.

use jiff::civil::Date;

use super::{dictionary::Dictionary, spill::Cells};
use crate::credit::{Fault, TrainingPlan, plan::date, row_weights, table::MISSING};

/// Most cells at fault of one column that are told one by one.
const MOST_TOLD: usize = 100;

/// A column put aside.
#[derive(Debug)]
pub(super) struct Recorded {
    /// Position in the header.
    pub source: usize,
    pub role: Role,
    pub form: Form,
    /// Rows without a value.
    pub missing: u64,
    /// Cells that are no finite numbers, or not what the role asks for.
    pub bad: BadCells,
    /// Where the third value of a target first stands.
    pub third: Option<u64>,
    /// Rows older than the date of a role, and the others.
    pub periods: [u64; 2],
}

/// What a column is recorded as; it may be recorded as more than one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Target,
    /// Its number; `NaN` where there is none that weighs.
    Weight,
    /// 0 if older than this date, else 1.
    Date(Date),
    Input,
}

/// How the cells of a column are put aside.
#[derive(Debug)]
pub(super) enum Form {
    /// As codes of these texts.
    Coded(Dictionary),
    /// As numbers; but the first blocks may have codes of these numbers.
    Plain {
        numbers: Vec<f64>,
        /// Cells that are numbers, finite or not.
        numeric: u64,
        /// Cells that are something else.
        other: u64,
    },
}

/// Where cells are at fault, in order, as far as they are told one by one.
#[derive(Debug, Default)]
pub(super) struct BadCells {
    /// Place, and whether it is a number, but not a finite one.
    pub told: Vec<(u64, bool)>,
    pub untold: usize,
}

impl BadCells {
    fn note(&mut self, place: u64, infinite: bool) {
        if self.told.len() < MOST_TOLD {
            self.told.push((place, infinite));
        } else {
            self.untold += 1;
        }
    }
}

/// The columns to be put aside, the target first.
pub(super) fn columns(
    names: &[String],
    plan: &TrainingPlan,
    target: usize,
) -> Result<Vec<Recorded>, Vec<Fault>> {
    let named = |name: &str| names.iter().position(|known| known == name);
    let weight = plan.sample_weight.as_deref().and_then(named);
    let time = plan.out_of_time.as_ref();
    let date = time.and_then(|time| named(&time.column));
    let coded = || Form::Coded(Dictionary::default());
    let plain = || Form::Plain {
        numbers: Vec::new(),
        numeric: 0,
        other: 0,
    };
    let mut columns = vec![Recorded::new(target, Role::Target, coded())];
    if let Some(at) = weight {
        columns.push(Recorded::new(at, Role::Weight, plain()));
    }
    if let (Some(at), Some(time)) = (date, time) {
        let first = time.first().map_err(|fault| vec![fault])?;
        columns.push(Recorded::new(at, Role::Date(first), coded()));
    }
    for (at, name) in names.iter().enumerate() {
        let known = [Some(target), weight, date].contains(&Some(at));
        if !known && !plan.exclude.contains(name) {
            columns.push(Recorded::new(at, Role::Input, coded()));
        }
    }
    Ok(columns)
}

impl Recorded {
    fn new(source: usize, role: Role, form: Form) -> Self {
        Self {
            source,
            role,
            form,
            missing: 0,
            bad: BadCells::default(),
            third: None,
            periods: [0; 2],
        }
    }

    /// Adds a cell to `block`; returns by how many bytes the dictionary has grown.
    pub fn push(&mut self, place: u64, text: Option<&str>, block: &mut Cells) -> usize {
        self.missing += u64::from(text.is_none());
        match (self.role, &mut self.form, block) {
            (Role::Date(first), _, Cells::Codes(codes)) => {
                let code = text.and_then(date).map(|date| u32::from(date >= first));
                match code {
                    Some(code) => self.periods[code as usize] += 1,
                    None => self.bad.note(place, false),
                }
                codes.push(code.unwrap_or(MISSING));
            }
            (Role::Weight, _, Cells::Numbers(numbers)) => {
                let weight = text.and_then(row_weights::weight);
                if weight.is_none() {
                    self.bad.note(place, false);
                }
                numbers.push(weight.unwrap_or(f64::NAN));
            }
            (role, Form::Coded(dictionary), Cells::Codes(codes)) => {
                let Some(text) = text else {
                    codes.push(MISSING);
                    if role == Role::Target {
                        self.bad.note(place, false);
                    }
                    return 0;
                };
                let before = dictionary.bytes();
                let code = dictionary.count(text);
                codes.push(code);
                if role == Role::Target {
                    if code == 2 {
                        self.third.get_or_insert(place);
                    }
                } else {
                    match dictionary.entries()[code as usize].number {
                        Some(number) if number.is_finite() => {}
                        number => self.bad.note(place, number.is_some()),
                    }
                }
                return dictionary.bytes() - before;
            }
            (_, Form::Plain { numeric, other, .. }, Cells::Numbers(numbers)) => {
                let number: Option<f64> = text.and_then(|text| text.parse().ok());
                if text.is_some() {
                    *(if number.is_some() { numeric } else { other }) += 1;
                }
                let finite = number.filter(|number| number.is_finite());
                if text.is_some() && finite.is_none() {
                    self.bad.note(place, number.is_some());
                }
                numbers.push(finite.unwrap_or(f64::NAN));
            }
            // A block has the form of its column.
            (_, Form::Coded(_), Cells::Numbers(_)) | (_, Form::Plain { .. }, Cells::Codes(_)) => {}
        }
        0
    }

    /// Cells that are numbers, and cells that are something else.
    pub fn tally(&self) -> (u64, u64) {
        match &self.form {
            Form::Plain { numeric, other, .. } => (*numeric, *other),
            Form::Coded(dictionary) => {
                let (mut numeric, mut other) = (0, 0);
                for entry in dictionary.entries() {
                    let tally = match entry.number {
                        Some(_) => &mut numeric,
                        None => &mut other,
                    };
                    *tally += u64::from(entry.count);
                }
                (numeric, other)
            }
        }
    }
}
