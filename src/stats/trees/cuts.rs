//! Where a numeric column is cut into bins.

/// Upper ends of the bins but the last, ascending: value `v` is in the first bin whose end is not
/// below it.
///
/// With at most `most` distinct values each has a bin of its own. Otherwise the bins hold about the
/// same number of rows, except that a value with more rows than that is alone in its bin; this is
/// the greedy rule of `LightGBM` (Ke et al. 2017). An end lies half-way between the two distinct
/// values that it separates.
pub(super) fn thresholds(values: &[f64], most: usize) -> Vec<f64> {
    let distinct = distinct_values(values);
    let last_of_bins = if distinct.len() <= most {
        (0..distinct.len()).collect()
    } else {
        greedy(&distinct, most)
    };
    last_of_bins
        .iter()
        .filter(|&&last| last + 1 < distinct.len())
        .map(|&last| between(distinct[last].0, distinct[last + 1].0))
        .collect()
}

/// Finite values with their number of rows, ascending; negative zero counts as zero.
fn distinct_values(values: &[f64]) -> Vec<(f64, usize)> {
    let finite = values.iter().filter(|value| value.is_finite());
    let mut keys: Vec<u64> = finite.map(|value| key(value + 0.0)).collect();
    // Integers sort faster than floats compared by `total_cmp`, and there may be millions.
    keys.sort_unstable();
    keys.chunk_by(|a, b| a == b)
        .map(|run| (value_of(run[0]), run.len()))
        .collect()
}

const SIGN: u64 = 1 << 63;

/// An integer that orders as the float does.
fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

fn value_of(key: u64) -> f64 {
    f64::from_bits(if key & SIGN == 0 { !key } else { key & !SIGN })
}

/// Index of the last distinct value of each bin.
fn greedy(distinct: &[(f64, usize)], most: usize) -> Vec<usize> {
    let rows: usize = distinct.iter().map(|(_, count)| count).sum();
    let fair = rows as f64 / most as f64;
    let big = |i: usize| distinct.get(i).is_some_and(|d| d.1 as f64 >= fair);
    let big_values = (0..distinct.len()).filter(|&i| big(i)).count();
    let big_rows: usize = distinct
        .iter()
        .map(|d| d.1)
        .filter(|&n| n as f64 >= fair)
        .sum();
    let mut free_bins = most - big_values;
    let mut free_rows = rows - big_rows;
    let mut share = free_rows as f64 / free_bins.max(1) as f64;
    let mut ends = Vec::with_capacity(most);
    let mut filled = 0;
    for (i, (_, count)) in distinct.iter().enumerate() {
        filled += count;
        if !big(i) {
            free_rows -= count;
        }
        let full = filled as f64 >= share;
        let before_big = big(i + 1) && filled as f64 >= (0.5 * share).max(1.0);
        if !(big(i) || full || before_big) {
            continue;
        }
        ends.push(i);
        if ends.len() == most - 1 {
            break;
        }
        filled = 0;
        if !big(i) {
            free_bins = free_bins.saturating_sub(1);
            share = free_rows as f64 / free_bins.max(1) as f64;
        }
    }
    ends
}

/// A number `t` with `low <= t < high`, half-way where floats are dense enough.
fn between(low: f64, high: f64) -> f64 {
    // Halved first: the sum of two large values may overflow.
    let middle = 0.5 * low + 0.5 * high;
    if middle >= low && middle < high {
        middle
    } else {
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_distinct_values_are_cut_half_way() {
        assert_eq!(thresholds(&[3.0, 1.0, f64::NAN, 1.0, 2.0], 255), [1.5, 2.5]);
    }

    #[test]
    fn a_frequent_value_is_alone_in_its_bin() {
        let mut values: Vec<f64> = (0..100).map(f64::from).collect();
        values.extend([50.0; 400]);
        let cuts = thresholds(&values, 10);
        assert!(cuts.contains(&49.5) && cuts.contains(&50.5), "{cuts:?}");
        assert!(cuts.len() <= 9);
    }

    #[test]
    fn bins_of_continuous_values_hold_about_the_same_rows() {
        let values: Vec<f64> = (0..1000).map(|i| f64::from(i * i)).collect();
        let cuts = thresholds(&values, 10);
        assert_eq!(cuts.len(), 9);
        for (i, cut) in cuts.iter().enumerate() {
            let below = values.iter().filter(|v| *v <= cut).count();
            assert!(below.abs_diff(100 * (i + 1)) <= 1, "{below}");
        }
    }

    #[test]
    fn neighbours_and_giants_are_told_apart() {
        let next = f64::from_bits(1.0f64.to_bits() + 1);
        assert_eq!(thresholds(&[1.0, next], 255), [1.0]);
        assert_eq!(thresholds(&[-1.7e308, 1.7e308], 255), [0.0]);
        let cut = thresholds(&[1.6e308, 1.7e308], 255)[0];
        assert!(1.6e308 < cut && cut < 1.7e308, "{cut}");
        assert_eq!(thresholds(&[-0.0, 0.0], 255), [] as [f64; 0]);
        assert_eq!(thresholds(&[5e-324, 1e-323], 255), [5e-324]);
    }
}
