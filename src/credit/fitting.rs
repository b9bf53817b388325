//! Fits of some rows of a loan book that score others: for splits that are made elsewhere.

use super::{
    CheckedPlan, Fault, LoanBook, TrainingError,
    learner::{Fitted, Learner, Task},
};
use crate::stats::sigmoid;

/// A plan made ready to be fitted on any rows of a loan book.
///
/// Each fit is the one that cross-validation of a training makes, which of many rows is good to 1e-6 by
/// the log-odds of any row: what a training does once, calibration and the shift to another
/// population's default rate, is not part of it.
pub struct Fitting<'a> {
    task: Task<'a>,
    learner: Learner,
}

/// What was fitted on some rows of a loan book.
pub struct RowsModel<'a> {
    book: &'a LoanBook,
    fitted: Fitted,
}

impl<'a> Fitting<'a> {
    /// Reads the names of `plan`; `cancelled` is asked between solver steps.
    ///
    /// # Errors
    /// Every name of the plan that does not fit to the data.
    pub fn new(
        book: &'a LoanBook,
        plan: &'a CheckedPlan,
        cancelled: &'a dyn Fn() -> bool,
    ) -> Result<Self, Vec<Fault>> {
        let task = Task {
            book,
            plan,
            cancelled,
        };
        let learner = Learner::new(&task)?;
        Ok(Self { task, learner })
    }

    /// Fits `rows`, positions in the book that ascend; whatever is learnt is learnt from them alone.
    ///
    /// # Errors
    /// [`TrainingError`] when the fit fails, does not converge or is cancelled.
    pub fn fit(&self, rows: &[usize]) -> Result<RowsModel<'a>, TrainingError> {
        let fitted = self.learner.fit(&self.task, rows)?;
        Ok(RowsModel {
            book: self.task.book,
            fitted,
        })
    }
}

impl RowsModel<'_> {
    /// Probabilities of default of `rows`, positions in the book, in their order.
    pub fn probabilities(&self, rows: &[usize]) -> Vec<f64> {
        let log_odds = self.fitted.log_odds(self.book, rows);
        log_odds.into_iter().map(sigmoid).collect()
    }
}
