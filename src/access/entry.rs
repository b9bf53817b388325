//! The grammar of one key entry: `KEY;name=..;scopes=..;tier=..;rate_limit_per_hour=..`.
//!
//! No fault repeats text of the entry: a misplaced semicolon makes any part of
//! it a part of a key.

use super::{
    key::ApiKey,
    scope::{Scope, Scopes, UnknownScope},
    tier::Tier,
};

const ATTRIBUTES: &str = "name, scopes, tier and rate_limit_per_hour";
const LONGEST_NAME: usize = 100;
const MOST_PER_HOUR: u32 = 100_000;

/// A key and what its entry says about it, defaults filled in.
#[derive(Debug)]
pub(super) struct KeyEntry {
    pub(super) key: ApiKey,
    pub(super) name: Option<String>,
    pub(super) scopes: Scopes,
    pub(super) tier: Tier,
    pub(super) requests_per_hour: Option<u32>,
}

/// What holds for a key whose entry is silent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Defaults {
    pub(super) scopes: Scopes,
    pub(super) tier: Tier,
}

/// Reads one entry.
///
/// # Errors
/// Every fault of the entry.
pub(super) fn parse(text: &str, defaults: Defaults) -> Result<KeyEntry, Vec<String>> {
    let (key, suffix) = text.split_once(';').unwrap_or((text, ""));
    let mut attributes = Attributes::default();
    for attribute in suffix.split(';').filter(|part| !part.trim().is_empty()) {
        attributes.read(attribute);
    }
    let Attributes {
        name,
        scopes,
        tier,
        requests_per_hour,
        mut faults,
    } = attributes;
    let tier = tier.unwrap_or(defaults.tier);
    let scopes = tier.narrow(scopes.unwrap_or(defaults.scopes));
    if scopes.is_empty() && faults.is_empty() {
        faults.push(format!("the {tier} tier leaves the key without any scope"));
    }
    match ApiKey::parse(key.trim()) {
        Ok(key) if faults.is_empty() => Ok(KeyEntry {
            key,
            name,
            scopes,
            tier,
            requests_per_hour,
        }),
        Ok(_) => Err(faults),
        Err(fault) => {
            faults.insert(0, fault.to_string());
            Err(faults)
        }
    }
}

#[derive(Default)]
struct Attributes {
    name: Option<String>,
    scopes: Option<Scopes>,
    tier: Option<Tier>,
    requests_per_hour: Option<u32>,
    faults: Vec<String>,
}

impl Attributes {
    fn read(&mut self, attribute: &str) {
        let Some((attribute, value)) = attribute.split_once('=') else {
            return self.fault(format!("attributes are written name=value: {ATTRIBUTES}"));
        };
        let value = value.trim();
        match attribute.trim() {
            "name" => self.read_name(value),
            "scopes" => self.read_scopes(value),
            "tier" => match value.parse() {
                Ok(tier) => self.set_tier(tier),
                Err(fault) => self.fault(format!("{fault}")),
            },
            "rate_limit_per_hour" => self.read_rate(value),
            _ => self.fault(format!(
                "unknown attribute; the attributes are {ATTRIBUTES}"
            )),
        }
    }

    fn read_name(&mut self, name: &str) {
        // the name becomes the actor of the audit trail
        let length = name.chars().count();
        if !(1..=LONGEST_NAME).contains(&length) || name.chars().any(char::is_control) {
            self.fault(format!(
                "a name has 1 to {LONGEST_NAME} characters and no control characters"
            ));
        } else if self.name.replace(name.to_owned()).is_some() {
            self.fault("name is given twice".to_owned());
        }
    }

    fn read_scopes(&mut self, list: &str) {
        let mut scopes = Vec::new();
        let mut tiers = 0;
        let words = list.split(|at: char| at.is_whitespace() || matches!(at, '+' | '|' | ','));
        for word in words.filter(|word| !word.is_empty()) {
            if let Ok(scope) = word.parse::<Scope>() {
                scopes.push(scope);
            } else if let (true, Ok(tier)) = (word.ends_with("_tier"), word.parse()) {
                tiers += 1;
                self.set_tier(tier);
            } else {
                return self.fault(UnknownScope.to_string());
            }
        }
        if scopes.is_empty() && tiers == 0 {
            self.fault("scopes is empty".to_owned());
        } else if !scopes.is_empty() && self.scopes.replace(scopes.into_iter().collect()).is_some()
        {
            self.fault("scopes is given twice".to_owned());
        }
    }

    fn set_tier(&mut self, tier: Tier) {
        if self.tier.replace(tier).is_some_and(|other| other != tier) {
            self.fault("two different tiers are given".to_owned());
        }
    }

    fn read_rate(&mut self, text: &str) {
        match text.parse() {
            Ok(rate) if (1..=MOST_PER_HOUR).contains(&rate) => {
                if self.requests_per_hour.replace(rate).is_some() {
                    self.fault("rate_limit_per_hour is given twice".to_owned());
                }
            }
            _ => self.fault(format!(
                "rate_limit_per_hour is a whole number from 1 to {MOST_PER_HOUR}"
            )),
        }
    }

    fn fault(&mut self, fault: String) {
        self.faults.push(fault);
    }
}
