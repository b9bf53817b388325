//! Tails and quantiles of the normal, the chi-square, Student's and the F distribution.

use std::f64::consts::{PI, SQRT_2};

/// Newton steps at most; the quantile needs about six.
const NEWTON_STEPS: u32 = 64;

/// Quantile of the standard normal distribution counted from above: the `z` with `P(Z >= z) = tail`.
///
/// Good to a few units in the last place for tails down to 1e-300. A tail of 0 gives plus infinity,
/// 1 minus infinity, anything outside `0..=1` `NaN`.
pub fn normal_upper_quantile(tail: f64) -> f64 {
    if tail > 0.5 {
        return -normal_upper_quantile(1.0 - tail);
    }
    if tail == 0.0 {
        return f64::INFINITY;
    }
    // The logarithm of the survival function is concave, so that Newton's method descends on its
    // root from any point above it; P(Z >= z) <= exp(-z²/2) / 2 gives such a point.
    let target = libm::log(tail);
    let mut z = (-2.0 * libm::log(2.0 * tail)).sqrt();
    for _ in 0..NEWTON_STEPS {
        let survival = 0.5 * libm::erfc(z / SQRT_2);
        let density = libm::exp(-0.5 * z * z) / (2.0 * PI).sqrt();
        let next = z + (libm::log(survival) - target) * survival / density;
        if next < z {
            z = next;
        } else {
            break;
        }
    }
    z.abs()
}

/// Probability that a chi-square variable reaches `statistic`.
///
/// The regularised upper incomplete gamma function `Q(k/2, x/2)`, which for whole degrees of
/// freedom is a finite sum of positive terms (Abramowitz and Stegun 26.4.4 and 26.4.5). `NaN` stays
/// `NaN`; without degrees of freedom the variable is 0.
pub fn chi_square_p_value(statistic: f64, degrees_of_freedom: u32) -> f64 {
    if statistic.is_nan() {
        return statistic;
    }
    if statistic <= 0.0 {
        return 1.0;
    }
    let half = 0.5 * statistic;
    if half.is_infinite() {
        return 0.0;
    }
    let odd = degrees_of_freedom % 2 == 1;
    let (mut p, first) = if odd {
        (libm::erfc(half.sqrt()), 0.5)
    } else {
        (0.0, 0.0)
    };
    let log_half = libm::log(half);
    // Each term by its logarithm: the factors alone would overflow long before their product does.
    for term in 0..degrees_of_freedom / 2 {
        let power = first + f64::from(term);
        p += libm::exp(power * log_half - half - libm::lgamma(power + 1.0));
    }
    p.min(1.0)
}

/// Two-sided p-value of Student's t, `P(|T| >= |t|)`, with `degrees_of_freedom` > 0, which need not
/// be whole.
///
/// `I_x(k/2, 1/2)` with `x = k / (k + t²)` (Abramowitz and Stegun 26.5.27). `NaN` stays `NaN`.
pub fn student_p_value(t: f64, degrees_of_freedom: f64) -> f64 {
    if t.is_nan() {
        return t;
    }
    let ratio = t / degrees_of_freedom.sqrt();
    incomplete_beta(
        0.5 * degrees_of_freedom,
        0.5,
        1.0 / (1.0 + ratio * ratio),
        ratio * ratio / (1.0 + ratio * ratio),
    )
}

/// The `t` with `P(|T| >= t) = tails`, both tails together, for `degrees_of_freedom` > 0.
///
/// Tails of 0 give plus infinity, of 1 zero, anything outside `0..=1` `NaN`.
pub fn student_quantile(tails: f64, degrees_of_freedom: f64) -> f64 {
    if tails == 0.0 {
        return f64::INFINITY;
    }
    if !(tails > 0.0 && tails <= 1.0) {
        return f64::NAN;
    }
    // The p-value falls with t: bracket the root, then halve until the bracket holds no number.
    let (mut low, mut high) = (0.0, 1.0);
    while student_p_value(high, degrees_of_freedom) > tails {
        (low, high) = (high, 2.0 * high);
    }
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return middle;
        }
        if student_p_value(middle, degrees_of_freedom) > tails {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// Probability that an F variable of `numerator` and `denominator` degrees of freedom, both > 0,
/// reaches `statistic`.
///
/// `I_x(d/2, n/2)` with `x = d / (d + n F)` (Abramowitz and Stegun 26.6.2). `NaN` stays `NaN`.
pub fn f_p_value(statistic: f64, numerator: f64, denominator: f64) -> f64 {
    if statistic.is_nan() {
        return statistic;
    }
    if statistic <= 0.0 {
        return 1.0;
    }
    let ratio = numerator * statistic / denominator;
    if ratio.is_infinite() {
        return 0.0;
    }
    let (x, rest) = (1.0 / (1.0 + ratio), ratio / (1.0 + ratio));
    incomplete_beta(0.5 * denominator, 0.5 * numerator, x, rest)
}

/// Terms of the continued fraction at most; about the root of the larger parameter are needed.
const FRACTION_TERMS: u32 = 100_000;

/// The regularised incomplete beta function `I_x(a, b)` for `a`, `b` > 0; `rest` is `1 - x`, given
/// on its own so that neither loses its digits.
fn incomplete_beta(a: f64, b: f64, x: f64, rest: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if rest <= 0.0 {
        return 1.0;
    }
    // The fraction converges quickly on this side of the mean; the other side is its complement.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, rest, x);
    }
    let log_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    let log_front = a * libm::log(x) + b * libm::log(rest) - log_beta;
    let front = libm::exp(log_front) / a;
    (front / beta_fraction(a, b, x)).clamp(0.0, 1.0)
}

/// The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), by the
/// modified method of Lentz.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let off_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut value, mut c, mut d) = (1.0, 1.0, 0.0);
    for term in 1..FRACTION_TERMS {
        let m = f64::from(term / 2);
        let numerator = if term % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        d = 1.0 / off_zero(1.0 + numerator * d);
        c = off_zero(1.0 + numerator / c);
        value *= c * d;
        if (c * d - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_normal_quantiles_are_met() {
        // Bisected in decimal arithmetic of 60 digits.
        let known = [
            (0.025, 1.959_963_984_540_054_3),
            (0.05, 1.644_853_626_951_472_6),
            (0.005, 2.575_829_303_548_901),
            (1e-10, 6.361_340_902_404_057),
            (1e-300, 37.047_096_299_361_2),
        ];
        for (tail, z) in known {
            let found = normal_upper_quantile(tail);
            assert!((found / z - 1.0).abs() < 1e-14, "{tail}: {found}");
        }
        assert!(normal_upper_quantile(0.5).abs() < 1e-15);
        assert!((normal_upper_quantile(0.975) + 1.959_963_984_540_054).abs() < 1e-13);
        assert!(normal_upper_quantile(0.0).is_infinite());
        assert!(normal_upper_quantile(-0.1).is_nan() && normal_upper_quantile(1.1).is_nan());
    }

    #[test]
    fn usual_chi_square_tails_are_met() {
        // The critical values of the tables, and two tails from scipy.
        let known = [
            (3.841_458_820_694_124, 1, 0.05),
            (15.507_313_055_865_453, 8, 0.05),
            (16.918_977_604_620_448, 9, 0.05),
            (35.211_185_038_202_196, 8, 2.447_083_452_058_488_7e-5),
            (101.510_823_056_301_19, 8, 2.096_106_194_575_675_5e-18),
        ];
        for (statistic, degrees, p) in known {
            let found = chi_square_p_value(statistic, degrees);
            assert!((found / p - 1.0).abs() < 1e-12, "{statistic}: {found}");
        }
    }

    #[test]
    fn many_degrees_of_freedom_neither_overflow_nor_vanish() {
        // The median lies near k (1 - 2/9k)³.
        for degrees in [2_000_u32, 2_001] {
            let k = f64::from(degrees);
            let median = k * (1.0 - 2.0 / (9.0 * k)).powi(3);
            let p = chi_square_p_value(median, degrees);
            assert!((p - 0.5).abs() < 1e-4, "{degrees}: {p}");
        }
        assert!(chi_square_p_value(f64::MAX, 3) < f64::MIN_POSITIVE);
        assert!(chi_square_p_value(f64::INFINITY, 2) < f64::MIN_POSITIVE);
        assert!((chi_square_p_value(0.0, 5) - 1.0).abs() < 1e-16);
    }
}
