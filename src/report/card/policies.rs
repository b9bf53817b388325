//! What is done with values that say little: missing, special, unseen and rare ones.

use super::{
    ValuePolicy,
    figures::{number, percent, word},
};
use crate::credit::{
    ModelType, TrainingResult,
    binning::{RareLevels, UnseenLevel, UnseenValue, ZeroCells},
    plan::MissingHandling,
    schema::UnseenPolicy,
};

/// The policies of a model, by kind of values.
pub(super) fn of(result: &TrainingResult) -> Vec<ValuePolicy> {
    let plan = &result.training_config;
    let missing = match result.model_type.has_trees() {
        true => missing_in_trees(plan.missing),
        false => missing(plan.missing),
    };
    let mut found = vec![stated("Missing values", missing)];
    if result.model_type == ModelType::Scorecard {
        let binning = &plan.binning;
        found.push(stated("Special values", &special(result)));
        found.push(stated(
            "Missing or special values that training did not hold",
            match binning.unseen_value {
                UnseenValue::Neutral => "Weight of evidence 0.",
                UnseenValue::Worst => "As the worst bin of the characteristic.",
            },
        ));
        found.push(stated("Rare levels", &rare(result)));
        found.push(stated(
            "Bins of one class",
            &format!(
                "{} (convention {}).",
                zero_cells(binning.zero_cells),
                word(&binning.zero_cells)
            ),
        ));
    } else {
        found.push(stated(
            "Special values",
            "None are told apart: a code is read as the number or level that it is.",
        ));
    }
    found.push(stated("Levels that training did not hold", unseen(result)));
    found.push(stated(
        "Numbers outside the range of the data set",
        "Scored as they are and flagged in the answer.",
    ));
    found
}

fn stated(values: &str, policy: &str) -> ValuePolicy {
    ValuePolicy {
        values: values.to_owned(),
        policy: policy.to_owned(),
    }
}

fn missing(handling: MissingHandling) -> &'static str {
    match handling {
        MissingHandling::Learned => {
            "Where the data set has gaps, a gap is a value of its own; elsewhere an application \
             without the value is refused."
        }
        MissingHandling::Impute => "Read as the median or the most frequent level.",
        MissingHandling::Accept => {
            "Where the data set has gaps, a gap is a value of its own; elsewhere it is accepted and \
             scored as training never saw it."
        }
    }
}

fn missing_in_trees(handling: MissingHandling) -> &'static str {
    match handling {
        MissingHandling::Accept => {
            "Accepted everywhere; a gap goes to the side of each split on which it fitted better, or \
             to the larger one where training had none."
        }
        MissingHandling::Learned | MissingHandling::Impute => {
            "Where the data set has gaps, a gap goes to the side of each split on which it fitted \
             better; elsewhere an application without the value is refused."
        }
    }
}

fn special(result: &TrainingResult) -> String {
    let plans = result.training_config.characteristics.iter();
    let with_codes = plans
        .filter(|(_, plan)| !plan.special.is_empty() || !plan.special_levels.is_empty())
        .count();
    match with_codes {
        0 => "None are laid down: a code is read as the number or level that it is.".to_owned(),
        1 => "One characteristic has codes with bins of their own.".to_owned(),
        more => format!("{more} characteristics have codes with bins of their own."),
    }
}

fn rare(result: &TrainingResult) -> String {
    let levels = &result.training_config.binning.categories;
    let share = percent(levels.rare_share);
    match levels.rare {
        RareLevels::Pool => format!("Levels of less than {share} of the rows are pooled."),
        RareLevels::Keep => format!(
            "Kept apart; rates are smoothed with {} rows at the overall rate.",
            number(levels.smoothing, 0)
        ),
    }
}

fn zero_cells(convention: ZeroCells) -> &'static str {
    match convention {
        ZeroCells::OverallRate => {
            "Half a row of the rarer class is added, and as much of the other as goes with it at the \
             overall rate"
        }
        ZeroCells::Neutral => "Weight of evidence and information value are 0",
        ZeroCells::NineTenths => "0 counts as 0.9, in the totals too",
        ZeroCells::One => "0 counts as 1",
        ZeroCells::HalfPerCell => "Half a row is added to the goods and the bads of every bin",
        ZeroCells::HalfPerCellAndTotals => {
            "Half a row is added to the goods and the bads of every bin, and so to the totals"
        }
    }
}

fn unseen(result: &TrainingResult) -> &'static str {
    let plan = &result.training_config;
    match (
        plan.unseen,
        result.model_type,
        plan.binning.categories.unseen,
    ) {
        (UnseenPolicy::Reject, _, _) => "An application with one is refused.",
        (_, ModelType::Scorecard, UnseenLevel::Neutral) => {
            "Weight of evidence 0, and flagged in the answer."
        }
        (_, ModelType::Scorecard, UnseenLevel::Rare) => {
            "As the pool of rare levels, 0 if there is none; flagged in the answer."
        }
        (_, ModelType::Scorecard, UnseenLevel::Worst) => {
            "As the worst bin of the characteristic; flagged in the answer."
        }
        (_, kind, _) if kind.has_trees() => {
            "They go where missing values go, and are flagged in the answer."
        }
        _ => "They add nothing, as the average applicant; flagged in the answer.",
    }
}
