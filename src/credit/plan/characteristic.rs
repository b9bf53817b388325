//! What a lender lays down for one characteristic.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{
    Fault,
    binning::{
        BinningParams, LevelRules, NumericRules, SpecialCodes, SpecialLevels, Trend, UserBreak,
    },
    fault::Faults,
    schema::Kind,
};

/// Longest text of a reason, in characters.
const LONGEST_TEXT: usize = 200;

/// Texts of the reasons that name a characteristic; a default text where one is absent.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReasonTexts {
    /// The number is too high.
    pub high: Option<String>,
    /// The number is too low.
    pub low: Option<String>,
    /// The level carries more risk.
    pub level: Option<String>,
    /// There is no value.
    pub missing: Option<String>,
    /// The value is a special code or level.
    pub special: Option<String>,
    /// The training data did not hold the level.
    pub unseen: Option<String>,
}

/// What is laid down for one characteristic. Bins are for scorecards, texts for every model.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CharacteristicPlan {
    /// The shape its bad rates must follow; that of `binning` when absent.
    pub trend: Option<Trend>,
    /// Bins at most, 2..=256; as in `binning` when absent.
    pub max_bins: Option<u32>,
    /// Numbers that are codes, not amounts: each entry is a bin of its own.
    pub special: Vec<SpecialCodes>,
    /// Levels that are codes, not answers: each entry is a bin of its own.
    pub special_levels: Vec<SpecialLevels>,
    /// Breaks to choose among instead of searching; those that are fixed stay.
    pub breaks: Vec<UserBreak>,
    /// Levels that make a bin together, instead of searching.
    pub groups: Vec<Vec<String>>,
    /// Texts of reasons.
    pub texts: ReasonTexts,
}

impl CharacteristicPlan {
    /// Whether anything is said about bins.
    pub fn has_bins(&self) -> bool {
        let Self {
            trend,
            max_bins,
            special,
            special_levels,
            breaks,
            groups,
            texts: _,
        } = self;
        trend.is_some()
            || max_bins.is_some()
            || !special.is_empty()
            || !special_levels.is_empty()
            || !breaks.is_empty()
            || !groups.is_empty()
    }

    /// The settings of `params` as they are for this characteristic.
    pub fn params(&self, params: &BinningParams) -> BinningParams {
        BinningParams {
            trend: self.trend.unwrap_or(params.trend),
            max_bins: self.max_bins.unwrap_or(params.max_bins),
            ..*params
        }
    }

    /// The rules, were it numeric.
    pub fn numeric_rules(&self) -> NumericRules {
        NumericRules {
            special: self.special.clone(),
            breaks: self.breaks.clone(),
        }
    }

    /// The rules, had it levels.
    pub fn level_rules(&self) -> LevelRules {
        LevelRules {
            special: self.special_levels.clone(),
            groups: self.groups.clone(),
        }
    }

    /// Checks what can be checked without the data; `pointer` is where this stands in the plan.
    pub(super) fn check(&self, pointer: &str, faults: &mut Faults) {
        if self.max_bins.is_some_and(|bins| !(2..=256).contains(&bins)) {
            faults.push(Fault::at(
                format!("{pointer}/max_bins"),
                "expected 2 to 256",
            ));
        }
        if let Err(fault) = self.numeric_rules().check() {
            faults.push(Fault::at(pointer, fault.to_string()));
        }
        if let Err(fault) = self.level_rules().check() {
            faults.push(Fault::at(pointer, fault.to_string()));
        }
        let ReasonTexts {
            high,
            low,
            level,
            missing,
            special,
            unseen,
        } = &self.texts;
        for (name, text) in [
            ("high", high),
            ("low", low),
            ("level", level),
            ("missing", missing),
            ("special", special),
            ("unseen", unseen),
        ] {
            let sound = |text: &String| {
                let shown = text.chars().all(|c| !c.is_control());
                !text.trim().is_empty() && text.chars().count() <= LONGEST_TEXT && shown
            };
            if !text.as_ref().is_none_or(sound) {
                let detail = format!("expected 1 to {LONGEST_TEXT} characters on one line");
                faults.push(Fault::at(format!("{pointer}/texts/{name}"), detail));
            }
        }
    }

    /// Checks it against what the characteristic turned out to be.
    pub(in crate::credit) fn check_kind(&self, pointer: &str, kind: &Kind, faults: &mut Faults) {
        let mut wrong = |holds: bool, field: &str, detail: &str| {
            if holds {
                faults.push(Fault::at(format!("{pointer}/{field}"), detail));
            }
        };
        match kind {
            Kind::Numeric { .. } => {
                let detail = "the characteristic is numeric; list it in categorical to read its \
                              values as levels";
                wrong(!self.groups.is_empty(), "groups", detail);
                wrong(!self.special_levels.is_empty(), "special_levels", detail);
            }
            Kind::Categorical { .. } => {
                let detail = "the characteristic has levels, not numbers";
                wrong(!self.breaks.is_empty(), "breaks", detail);
                wrong(!self.special.is_empty(), "special", detail);
                wrong(self.trend.is_some(), "trend", "levels have no order");
            }
        }
    }
}
