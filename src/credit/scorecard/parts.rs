//! What a card is made from, and what is saved of it.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{
    error::ScorecardError,
    pair::{self, Pair},
    scaling::CardParams,
};
use crate::credit::binning::Binning;

/// One characteristic of a scorecard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name; not empty, and no other has it.
    pub name: String,
    /// Its bins.
    pub binning: Binning,
    /// Log-odds of default for each unit of weight of evidence.
    pub coefficient: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parts {
    pub entries: Vec<Entry>,
    pub pairs: Vec<Pair>,
    pub intercept: f64,
    pub params: CardParams,
}

impl Parts {
    pub fn check(&self) -> Result<(), ScorecardError> {
        if let Err(faults) = self.params.scaling.check()
            && let Some(&fault) = faults.first()
        {
            return Err(fault.into());
        }
        check_entries(&self.entries)?;
        pair::check(&self.entries, &self.pairs)?;
        if self.intercept.is_finite() {
            Ok(())
        } else {
            let name = "intercept".to_owned();
            Err(ScorecardError::NotFinite { name })
        }
    }
}

fn check_entries(entries: &[Entry]) -> Result<(), ScorecardError> {
    if !(1..=10_000).contains(&entries.len()) {
        let found = entries.len();
        return Err(ScorecardError::Characteristics { found });
    }
    let mut names = HashSet::new();
    for (position, entry) in entries.iter().enumerate() {
        let name = entry.name.clone();
        if name.is_empty() {
            return Err(ScorecardError::NoName { position });
        }
        if !entry.coefficient.is_finite() {
            return Err(ScorecardError::NotFinite { name });
        }
        if !names.insert(entry.name.as_str()) {
            return Err(ScorecardError::DuplicateName { name });
        }
    }
    Ok(())
}
