//! Where exactly a break is put between two neighbouring values.

/// A number in `(below, at_most]` with as few significant digits as possible; among the equally
/// short, preferably the one nearest to the middle.
///
/// Every such number separates the same training rows; a round one is easier to explain, and no
/// worse for values that training did not have.
pub(super) fn round_break(below: f64, at_most: f64) -> f64 {
    let inside = |candidate: f64| (candidate > below && candidate <= at_most).then_some(candidate);
    if let Some(zero) = inside(0.0) {
        return zero;
    }
    let middle = below / 2.0 + at_most / 2.0;
    let greatest = below.abs().max(at_most.abs());
    let magnitude = libm::floor(libm::log10(greatest)) as i32;
    // Seventeen digits tell any two numbers apart.
    for exponent in (magnitude - 17..=magnitude).rev() {
        let step = libm::pow(10.0, exponent.into());
        let multiples = [
            libm::round(middle / step),
            libm::floor(at_most / step),
            libm::ceil(at_most / step) - 1.0,
        ];
        let found = multiples
            .iter()
            .filter_map(|multiple| format!("{multiple}e{exponent}").parse().ok())
            .find_map(inside);
        if let Some(found) = found {
            return found;
        }
    }
    at_most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_are_the_roundest_number_above_the_left_value() {
        let cases = [
            (2.0, 3.0, 3.0),
            (0.0, 1.0, 1.0),
            (-1.0, 1.0, 0.0),
            (7.49, 7.51, 7.5),
            (34_990.0, 35_020.0, 35_000.0),
            (0.158_1, 0.162_3, 0.16),
            (-3.0, -2.0, -2.0),
            (-35_020.0, -34_990.0, -35_000.0),
            (1e307, 1.5e308, 1e308),
            (1.0, 9.0, 5.0),
        ];
        for (below, at_most, expected) in cases {
            let found = round_break(below, at_most);
            assert!(
                (found - expected).abs() <= f64::EPSILON * expected.abs(),
                "({below}, {at_most}] gave {found}, not {expected}"
            );
        }
    }

    #[test]
    fn neighbouring_numbers_are_told_apart() {
        for value in [1.0, -1.0, 0.1, 1e-300, 123.456, f64::MAX, -f64::MAX] {
            let above = value.next_up();
            if above.is_finite() {
                assert_eq!(round_break(value, above).to_bits(), above.to_bits());
            }
        }
        let least = f64::from_bits(1);
        assert_eq!(round_break(0.0, least).to_bits(), least.to_bits());
        assert_eq!(round_break(-f64::MAX, f64::MAX).to_bits(), 0);
    }
}
