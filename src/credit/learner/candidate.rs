//! The characteristics that a scorecard may take, binned.

use crate::{credit::binning::Binning, stats::Matrix};

/// A characteristic with its bins and its column of the design.
pub(super) struct Candidate {
    /// Position of the characteristic in the schema.
    pub position: usize,
    pub binning: Binning,
    /// Bin of each row.
    pub bins: Vec<usize>,
}

/// Weights of evidence at `places` of the candidates' rows, one column per candidate.
pub(super) fn woe_matrix(candidates: &[Candidate], places: &[usize]) -> Matrix {
    let mut matrix = Matrix::new(places.len(), candidates.len());
    for (column, candidate) in candidates.iter().enumerate() {
        for (target, place) in places.iter().enumerate() {
            matrix.row_mut(target)[column] = candidate.binning.woe(candidate.bins[*place]);
        }
    }
    matrix
}

/// The place among `rows` of each of `sampled`, which are among them; both ascend.
pub(super) fn places(rows: &[usize], sampled: &[usize]) -> Vec<usize> {
    let mut place = 0;
    let mut find = |row: &usize| {
        while rows[place] < *row {
            place += 1;
        }
        place
    };
    sampled.iter().map(&mut find).collect()
}
