//! Editing a scorecard: other bins for some characteristics, everything else as it was.
//!
//! The edited plan is the model's own with other rules for the named characteristics, and it is
//! followed on the same data: same split, same folds, same search. What is not edited therefore
//! comes out as it was, and what changes in the metrics is due to the edits alone: in
//! cross-validation, too, where every fold searches for the bins that nobody laid down.
//!
//! A search that no longer finds a card's bins (another version of the program may look elsewhere)
//! does not change them: they are then laid down like an edit, and the new model's plan says so.
//! What cannot be laid down, such as a single clean bin, is a fault.

mod changes;
mod edit;
mod keep;

pub use changes::{Change, CharacteristicChange, DiscriminationChange, RefitChanges};
pub use edit::{CharacteristicEdit, RefitPlan};

use super::{
    CheckedPlan, LoanBook, ModelBody, Trained, TrainingError, TrainingResult, train,
    training::split,
};

/// The scorecard that is edited.
#[derive(Clone, Copy, Debug)]
pub struct Base<'a> {
    /// The model.
    pub body: &'a ModelBody,
    /// The result of its training.
    pub result: &'a TrainingResult,
}

/// The edited scorecard.
#[derive(Debug)]
pub struct Refit {
    /// The plan that trains it from the start.
    pub plan: CheckedPlan,
    /// The model and its evidence.
    pub trained: Trained,
    /// What the edits changed.
    pub changes: RefitChanges,
}

/// Fits `base` again on its own data by `plan`, which [`RefitPlan::edit`] made of `edits`.
///
/// # Errors
/// As [`train`]; [`TrainingError::Faults`] when bins that were not edited cannot be kept.
pub fn refit(
    book: &LoanBook,
    base: Base<'_>,
    edits: &RefitPlan,
    plan: CheckedPlan,
    cancelled: &dyn Fn() -> bool,
) -> Result<Refit, TrainingError> {
    let rows = split(book.development(), book.events(), plan.plan())?;
    let plan = keep::present_bins(book, base, edits, plan, &rows.train, cancelled)?;
    let trained = train(book, &plan, cancelled)?;
    let changes = RefitChanges::between(base, edits, &trained, book, &rows.test);
    Ok(Refit {
        plan,
        trained,
        changes,
    })
}
