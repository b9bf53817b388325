//! How alike two scores rank the same rows.

use super::MetricError;

/// Spearman's rank correlation of two scores, in `-1..=1`; tied rows share the mean of their ranks.
///
/// # Errors
/// [`MetricError`] for no rows, unequal lengths and scores that are not finite;
/// [`MetricError::Undefined`] when all rows of either score are tied.
pub fn rank_correlation(first: &[f64], second: &[f64]) -> Result<f64, MetricError> {
    if first.len() != second.len() {
        return Err(MetricError::LengthMismatch);
    }
    if first.is_empty() {
        return Err(MetricError::Empty);
    }
    if !first.iter().chain(second).all(|score| score.is_finite()) {
        return Err(MetricError::NonFinite);
    }
    let (a, b) = (centred_ranks(first), centred_ranks(second));
    let products = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (a_squares, b_squares) = (products(&a, &a), products(&b, &b));
    if a_squares > 0.0 && b_squares > 0.0 {
        // One root of the product: two equal rankings give exactly 1.
        let correlation = products(&a, &b) / (a_squares * b_squares).sqrt();
        Ok(correlation.clamp(-1.0, 1.0))
    } else {
        Err(MetricError::Undefined)
    }
}

/// Rank of every row less the mean rank: whole or half numbers, exact.
fn centred_ranks(scores: &[f64]) -> Vec<f64> {
    // Adding zero turns -0.0 into 0.0, so that the total order agrees with `==`.
    let mut order: Vec<(f64, usize)> = scores.iter().map(|score| score + 0.0).zip(0..).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = vec![0.0; scores.len()];
    let mut before = 0;
    for tied in order.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        // Twice the mean rank, counted from 0, is the sum of the first and the last.
        let twice_rank = 2 * before + tied.len() - 1;
        for (_, row) in tied {
            ranks[*row] = 0.5 * (twice_rank as f64 - (scores.len() - 1) as f64);
        }
        before += tied.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_their_mean_rank() {
        // scipy.stats.spearmanr of the two columns: 0.7631578947368421.
        let found = rank_correlation(&[1.0, 2.0, 2.0, 4.0, 5.0], &[2.0, 1.0, 3.0, 3.0, 9.0]);
        assert!((found.unwrap_or(f64::NAN) - 0.763_157_894_736_842_1).abs() < 1e-15);
    }

    #[test]
    fn equal_and_opposite_rankings_are_exactly_one_and_minus_one() {
        let a = [0.1, 0.7, -0.0, 0.0, 0.3];
        let same: Vec<f64> = a.iter().map(|x| 600.0 + 20.0 * x).collect();
        let opposite: Vec<f64> = a.iter().map(|x| -x).collect();
        assert_eq!(rank_correlation(&a, &same), Ok(1.0));
        assert_eq!(rank_correlation(&a, &opposite), Ok(-1.0));
    }

    #[test]
    fn what_has_no_ranking_is_refused() {
        let undefined = Err(MetricError::Undefined);
        assert_eq!(rank_correlation(&[0.5, 0.5], &[0.1, 0.2]), undefined);
        assert_eq!(rank_correlation(&[0.5], &[0.5]), undefined);
        assert_eq!(rank_correlation(&[], &[]), Err(MetricError::Empty));
        let unequal = rank_correlation(&[0.5], &[]);
        assert_eq!(unequal, Err(MetricError::LengthMismatch));
        let infinite = rank_correlation(&[0.5], &[f64::INFINITY]);
        assert_eq!(infinite, Err(MetricError::NonFinite));
    }
}
