//! The candidates as numbers: the standardised design matrix that a training would fit on.

use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{error::SelectionError, request::CheckedSelection};
use crate::{
    credit::{
        Fault, LoanBook,
        features::{Feature, FeatureSet, layout},
    },
    stats::{Matrix, stratified_split},
};

/// Most encoded features: every method but `woe_iv` takes time that grows with their square.
pub const MOST_FEATURES: usize = 2_000;

/// The rows that a selection sees: all, or without the test rows of a training.
pub(super) fn rows_seen(
    book: &LoanBook,
    request: &CheckedSelection,
) -> Result<Vec<usize>, SelectionError> {
    Ok(match request.request().test_size {
        Some(share) => stratified_split(book.events(), share, request.seed())?.train,
        None => (0..book.events().len()).collect(),
    })
}

/// At most `most` of `rows`, drawn at random in the proportion of the classes; ascending.
pub(super) fn thinned(
    events: &[bool],
    rows: Vec<usize>,
    most: usize,
    seed: u64,
) -> Result<Vec<usize>, SelectionError> {
    if rows.len() <= most {
        return Ok(rows);
    }
    let events: Vec<bool> = rows.iter().map(|row| events[*row]).collect();
    #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^52")]
    let share = most as f64 / rows.len() as f64;
    let drawn = stratified_split(&events, share, seed)?.test;
    Ok(drawn.into_iter().map(|at| rows[at]).collect())
}

/// The candidates over the rows that a selection sees.
pub(super) struct Candidates<'a> {
    book: &'a LoanBook,
    /// How each candidate is encoded and scaled over these rows.
    pub set: FeatureSet,
    /// The rows' numbers in the book.
    pub rows: Vec<usize>,
    /// One row each, one column per candidate.
    pub design: Matrix,
    /// What became of each row.
    pub events: Vec<bool>,
}

impl<'a> Candidates<'a> {
    /// Encodes every feature of `book`.
    ///
    /// # Errors
    /// Too many features, or values so large that they cannot be scaled.
    pub fn encode(book: &'a LoanBook, rows: Vec<usize>) -> Result<Self, SelectionError> {
        let features =
            layout(&book.schema().characteristics, None).map_err(SelectionError::Faults)?;
        if features.len() > MOST_FEATURES {
            let detail = format!(
                "{} encoded features, more than {MOST_FEATURES}; exclude columns of many levels, \
                 or rank by woe_iv first",
                features.len()
            );
            return Err(SelectionError::Faults(vec![Fault::at("", detail)]));
        }
        let set = FeatureSet::learn(features, book.inputs(), &rows);
        let design = set.design_matrix(book.inputs(), &rows);
        check_finite(book, &set, &design)?;
        let events = rows.iter().map(|row| book.events()[*row]).collect();
        Ok(Self {
            book,
            set,
            rows,
            design,
            events,
        })
    }

    /// Design and outcomes of some of the rows, given by their place among them, scaled anew.
    pub fn part(&self, places: &[usize]) -> (Matrix, Vec<bool>) {
        let rows: Vec<usize> = places.iter().map(|place| self.rows[*place]).collect();
        let set = FeatureSet::learn(self.set.features.clone(), self.book.inputs(), &rows);
        let events = places.iter().map(|place| self.events[*place]).collect();
        (set.design_matrix(self.book.inputs(), &rows), events)
    }

    /// How many candidates there are.
    pub fn len(&self) -> usize {
        self.set.features.len()
    }

    /// Values of one candidate.
    pub fn column(&self, at: usize) -> Vec<f64> {
        let rows = 0..self.design.rows();
        rows.map(|row| self.design.row(row)[at]).collect()
    }

    /// The candidate's name.
    pub fn name(&self, at: usize) -> String {
        self.set.features[at].name.clone()
    }

    /// The characteristic that the candidate was made from.
    pub fn characteristic(&self, at: usize) -> &'a str {
        characteristic(self.book, &self.set.features[at])
    }
}

fn characteristic<'a>(book: &'a LoanBook, feature: &Feature) -> &'a str {
    &book.schema().characteristics[feature.characteristic].name
}

fn check_finite(book: &LoanBook, set: &FeatureSet, design: &Matrix) -> Result<(), SelectionError> {
    let too_large = |at: &usize| (0..design.rows()).any(|row| !design.row(row)[*at].is_finite());
    let faults: Vec<Fault> = (0..design.columns())
        .filter(too_large)
        .map(|at| {
            let mut fault = Fault::at("", "the numbers are too large to be averaged");
            fault.column = Some(characteristic(book, &set.features[at]).to_owned());
            fault
        })
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(SelectionError::Faults(faults))
    }
}

/// A seed of its own for each of many draws under one seed.
pub(super) fn derived_seed(seed: u64, draw: u64) -> u64 {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(draw);
    generator.next_u64()
}

/// Asks whether to go on.
pub(super) fn go_on(cancelled: &dyn Fn() -> bool) -> Result<(), SelectionError> {
    if cancelled() {
        Err(SelectionError::Cancelled)
    } else {
        Ok(())
    }
}
