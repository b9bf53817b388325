//! Which column tells what became of a loan, and which of its values means default.

use serde_json::Value;

use super::{Fault, Table, fault::Faults, table::MISSING};

/// Names under which data sets usually keep the outcome, most telling first.
const TARGET_NAMES: [&str; 10] = [
    "target",
    "loan_status",
    "default",
    "credit_risk",
    "creditability",
    "defaulted",
    "bad",
    "class",
    "outcome",
    "y",
];

/// Pairs of values whose meaning is beyond doubt: (default, repaid).
const EVENT_PAIRS: [(&str, &str); 8] = [
    ("1", "0"),
    ("1.0", "0.0"),
    ("true", "false"),
    ("yes", "no"),
    ("y", "n"),
    ("bad", "good"),
    ("default", "paid"),
    ("defaulted", "repaid"),
];

/// The target column and the meaning of its two values.
#[derive(Debug)]
pub struct Outcome {
    /// Position of the target among the table's columns.
    pub column: usize,
    /// The value that means default, as it stands in the data.
    pub event: String,
    event_code: u32,
}

impl Outcome {
    /// Finds the target and the event, as they are given or by their usual names.
    ///
    /// # Errors
    /// What could not be told, and which of `/target` and `/event` would tell it.
    pub fn find(
        table: &Table,
        target: Option<&str>,
        event: Option<&Value>,
    ) -> Result<Self, Vec<Fault>> {
        let names: Vec<&str> = table.columns().iter().map(|it| it.name.as_str()).collect();
        let column = position(&names, target)?;
        let values = &*table.columns()[column].coded();
        match values.texts.len() {
            0 => return Err(vec![table.column_fault(column, "the target has no values")]),
            1 => {
                let detail = "the target has one value only: a model needs goods and bads";
                return Err(vec![table.column_fault(column, detail)]);
            }
            2 => {}
            more => {
                let row = values.codes.iter().position(|code| *code == 2).unwrap_or(0);
                let detail = format!("the target has {more} values where two are expected");
                return Err(vec![table.cell_fault(row, column, detail)]);
            }
        }
        let event_code = event_of([&values.texts[0], &values.texts[1]], event)?;
        let event = values.texts[event_code as usize].to_string();
        Ok(Self {
            column,
            event,
            event_code,
        })
    }

    /// Which rows defaulted; rows without an outcome are faults.
    pub fn events(&self, table: &Table, faults: &mut Faults) -> Vec<bool> {
        let codes = &table.columns()[self.column].coded().codes;
        for (row, _) in codes
            .iter()
            .enumerate()
            .filter(|(_, code)| **code == MISSING)
        {
            faults.push(table.cell_fault(row, self.column, "the target is missing"));
        }
        codes.iter().map(|code| *code == self.event_code).collect()
    }
}

/// The position among `names` of the target, as it is given or by its usual names.
///
/// # Errors
/// That there is none, and that `/target` would tell it.
pub(super) fn position(
    names: &[impl AsRef<str>],
    target: Option<&str>,
) -> Result<usize, Vec<Fault>> {
    let at = |wanted: &str| names.iter().position(|name| name.as_ref() == wanted);
    match target {
        Some(name) => at(name).ok_or_else(|| {
            vec![Fault::at(
                "/target",
                "the data set has no column of this name",
            )]
        }),
        None => TARGET_NAMES
            .iter()
            .find_map(|name| at(name))
            .ok_or_else(|| {
                let names = TARGET_NAMES.join(", ");
                let detail = format!("name the outcome's column: none is called {names}");
                vec![Fault::at("/target", detail)]
            }),
    }
}

/// Which of a target's two texts means default: 0 or 1.
///
/// # Errors
/// What could not be told, and that `/event` would tell it.
pub(super) fn event_of(texts: [&str; 2], event: Option<&Value>) -> Result<u32, Vec<Fault>> {
    let found = match event {
        Some(event) => named_event(texts, event),
        None => usual_event(texts),
    };
    found.map_err(|detail| vec![Fault::at("/event", detail)])
}

fn named_event(texts: [&str; 2], event: &Value) -> Result<u32, &'static str> {
    let wanted = match event {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    let number: Option<f64> = wanted.parse().ok();
    let same = |text: &str| {
        text == wanted
            || number.is_some_and(|number| {
                text.parse()
                    .is_ok_and(|t: f64| t.total_cmp(&number).is_eq())
            })
    };
    match texts.iter().position(|text| same(text)) {
        Some(0) => Ok(0),
        Some(_) => Ok(1),
        None => Err("the target does not have this value"),
    }
}

fn usual_event(texts: [&str; 2]) -> Result<u32, &'static str> {
    let [first, second] = texts.map(str::to_ascii_lowercase);
    for (event, other) in EVENT_PAIRS {
        if first == event && second == other {
            return Ok(0);
        }
        if first == other && second == event {
            return Ok(1);
        }
    }
    Err("name the value of the target that means default")
}
