//! That the bins nobody edits stay as they are.

use super::{Base, RefitPlan};
use crate::credit::{
    CheckedPlan, Fault, LoanBook, TrainingError,
    binning::{BinRow, Binning, Label, Scale, Target, Trend, UserBreak},
    fault::{Faults, pointer_token},
    learner::{Task, bin_one},
    plan::CharacteristicPlan,
    scorecard::Entry,
};

/// `plan`, under which the rows `train` give every characteristic of the card that is not edited
/// the bins it has.
///
/// Where the search still finds them the plan is left as it is; where it does not they are laid
/// down.
pub(super) fn present_bins(
    book: &LoanBook,
    base: Base<'_>,
    edits: &RefitPlan,
    plan: CheckedPlan,
    train: &[usize],
    cancelled: &dyn Fn() -> bool,
) -> Result<CheckedPlan, TrainingError> {
    let entries = base.body.form.card().map_or(&[][..], |card| card.entries());
    let kept = |entry: &&Entry| !edits.characteristics.contains_key(&entry.name);
    let mut lost = Vec::new();
    for entry in entries.iter().filter(kept) {
        if cancelled() {
            return Err(TrainingError::Cancelled);
        }
        if !is_found(book, &plan, train, entry)? {
            lost.push(entry);
        }
    }
    if lost.is_empty() {
        return Ok(plan);
    }
    let mut pinned = plan.plan().clone();
    for entry in &lost {
        let own = pinned.characteristics.remove(&entry.name);
        let own = laid_down(own.unwrap_or_default(), &entry.binning);
        pinned.characteristics.insert(entry.name.clone(), own);
    }
    let pinned = pinned.check().map_err(TrainingError::Faults)?;
    let mut faults = Faults::default();
    for entry in lost {
        if !is_found(book, &pinned, train, entry)? {
            let pointer = format!("/characteristics/{}", pointer_token(&entry.name));
            let detail = "its present bins cannot be kept under the model's plan; say which bins \
                          it is to have";
            faults.push(Fault::at(pointer, detail));
        }
    }
    faults.into_result().map_err(TrainingError::Faults)?;
    Ok(pinned)
}

/// Whether `plan` gives a characteristic the bins of `entry`.
fn is_found(
    book: &LoanBook,
    plan: &CheckedPlan,
    train: &[usize],
    entry: &Entry,
) -> Result<bool, TrainingError> {
    let Some(position) = book.schema().position(&entry.name) else {
        return Ok(false);
    };
    let events: Vec<bool> = train.iter().map(|row| book.events()[*row]).collect();
    let target = Target::new(&events, None)?;
    let task = Task {
        book,
        plan,
        cancelled: &|| false,
    };
    let found = bin_one(&task, train, target, position);
    Ok(found.is_ok_and(|(found, _)| same_bins(&found, &entry.binning)))
}

/// Whether two binnings of the same rows put every value into the same bin, whatever its number.
fn same_bins(one: &Binning, other: &Binning) -> bool {
    let (bins, others) = (&one.table().rows, &other.table().rows);
    bins.len() == others.len()
        && bins.iter().all(|bin| others.contains(bin))
        && unseen(one) == unseen(other)
}

/// The bin of levels never seen.
fn unseen(binning: &Binning) -> Option<&BinRow> {
    match binning.scale() {
        Scale::Numeric { .. } => None,
        Scale::Levels { unseen, .. } => binning.table().rows.get(*unseen as usize),
    }
}

/// `plan` with the clean bins of `binning` in place of a search; special codes are the plan's own.
///
/// The pool of rare levels is what no group names, so that levels never seen may still be scored
/// like it; its bin becomes the last.
fn laid_down(plan: CharacteristicPlan, binning: &Binning) -> CharacteristicPlan {
    let clean = &binning.table().rows[..binning.clean_bins()];
    let group = |row: &BinRow| match &row.label {
        Label::Levels {
            levels,
            rare: false,
        } => Some(levels.clone()),
        _ => None,
    };
    let numeric = matches!(binning.scale(), Scale::Numeric { .. });
    CharacteristicPlan {
        trend: if numeric { Some(Trend::None) } else { None },
        max_bins: Some((clean.len() as u32).max(2)),
        breaks: UserBreak::all_fixed(binning.breaks()),
        groups: clean.iter().filter_map(group).collect(),
        ..plan
    }
}
