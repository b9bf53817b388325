//! What is edited, and the plan that follows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::credit::{
    CheckedPlan, Fault, ModelType, TrainingResult,
    binning::{SpecialCodes, SpecialLevels, Trend, UserBreak},
    fault::{Faults, pointer_token},
    plan::{CharacteristicPlan, ReasonTexts},
};

/// Other rules for some characteristics of a scorecard.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RefitRequest)]
pub struct RefitPlan {
    /// The edited characteristics; all others keep their bins.
    pub characteristics: BTreeMap<String, CharacteristicEdit>,
}

/// What is edited about one characteristic: the members of its plan, each as it was when absent.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CharacteristicEdit {
    /// The shape its bad rates must follow.
    pub trend: Option<Trend>,
    /// Bins at most, 2..=256.
    pub max_bins: Option<u32>,
    /// Numbers that are codes, not amounts: each entry is a bin of its own.
    pub special: Option<Vec<SpecialCodes>>,
    /// Levels that are codes, not answers: each entry is a bin of its own.
    pub special_levels: Option<Vec<SpecialLevels>>,
    /// Breaks to choose among instead of searching; those that are fixed stay. None at all to search.
    pub breaks: Option<Vec<UserBreak>>,
    /// Levels that make a bin together, instead of searching; those left out make one more bin.
    /// None at all to search.
    pub groups: Option<Vec<Vec<String>>>,
    /// Texts of reasons.
    pub texts: Option<ReasonTexts>,
}

impl CharacteristicEdit {
    /// `plan` with what is edited.
    fn apply(self, plan: CharacteristicPlan) -> CharacteristicPlan {
        CharacteristicPlan {
            trend: self.trend.or(plan.trend),
            max_bins: self.max_bins.or(plan.max_bins),
            special: self.special.unwrap_or(plan.special),
            special_levels: self.special_levels.unwrap_or(plan.special_levels),
            breaks: self.breaks.unwrap_or(plan.breaks),
            groups: self.groups.unwrap_or(plan.groups),
            texts: self.texts.unwrap_or(plan.texts),
        }
    }
}

impl RefitPlan {
    /// The plan of the model that `base` is about, with these edits.
    ///
    /// # Errors
    /// Every fault: the model is no scorecard, it knows no such characteristic or does without it on
    /// purpose, or the rules cannot be followed.
    pub fn edit(&self, base: &TrainingResult) -> Result<CheckedPlan, Vec<Fault>> {
        if base.model_type != ModelType::Scorecard {
            let detail = "the model is no scorecard: only a scorecard has bins to edit";
            return Err(vec![Fault::at("", detail)]);
        }
        let mut plan = base.training_config.clone();
        let mut faults = Faults::default();
        for (name, edit) in &self.characteristics {
            let pointer = format!("/characteristics/{}", pointer_token(name));
            let known = base.data.characteristics.iter().find(|it| it.name == *name);
            let selected = plan.selected_features.as_ref();
            match known {
                None => faults.push(Fault::at(
                    pointer,
                    "the model knows no characteristic of this name",
                )),
                Some(_) if selected.is_some_and(|names| !names.contains(name)) => {
                    let detail = "the model was trained without it: it is not among its \
                                  selected_features";
                    faults.push(Fault::at(pointer, detail));
                }
                Some(known) => {
                    let own = plan.characteristics.remove(name).unwrap_or_default();
                    let edited = edit.clone().apply(own);
                    edited.check_kind(&pointer, &known.kind, &mut faults);
                    plan.characteristics.insert(name.clone(), edited);
                }
            }
        }
        match (faults.into_result(), plan.check()) {
            (Ok(()), checked) => checked,
            (Err(faults), Ok(_)) => Err(faults),
            (Err(mut faults), Err(more)) => {
                faults.extend(more);
                Err(faults)
            }
        }
    }
}
