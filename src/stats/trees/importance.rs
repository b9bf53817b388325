//! How much each column did for a model.

/// Values divided by their sum; all 0 when the sum is not positive.
pub(super) fn normalised(mut values: Vec<f64>) -> Vec<f64> {
    let sum: f64 = values.iter().sum();
    for value in &mut values {
        *value = if sum > 0.0 { *value / sum } else { 0.0 };
    }
    values
}
