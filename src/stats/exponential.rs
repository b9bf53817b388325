//! The exponential function, of many numbers at once.

/// `e^x` for `x <= 0`, good to the last digit or the one before; `e^-708` for anything below.
///
/// `libm::exp` without its branches, so that several are taken at once. With `x = k ln 2 + r`, the
/// result is `2^k` times the Taylor series of `e^r`, `|r| <= 0.347`.
#[inline]
pub(super) fn exp(x: f64) -> f64 {
    /// Adding it leaves the nearest integer in the last bits.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    /// `ln 2` in two parts; the first has zeros enough at its end for `k` to be multiplied exactly.
    const LN_2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
    // Written so that NaN stays.
    let x = if x < -708.0 { -708.0 } else { x };
    let shifted = x * std::f64::consts::LOG2_E + SHIFT;
    let k = shifted - SHIFT;
    let r = (x - k * LN_2[0]) - k * LN_2[1];
    let mut series = SERIES[0];
    for factor in &SERIES[1..] {
        series = series * r + factor;
    }
    let power = (shifted.to_bits() << 52).wrapping_add(1023 << 52);
    series * f64::from_bits(power)
}

/// `1 / 13!`, …, `1 / 1!`, `1 / 0!`.
const SERIES: [f64; 14] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
    1.0,
    1.0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_are_those_of_libm() {
        for step in 0..2000 {
            for place in 0..64 {
                let x = f64::from(step * 64 + place);
                let value = if step < 1000 {
                    x * 1e-2
                } else {
                    (x - 64_000.0) * 1e-6
                };
                let truth = libm::exp(-value.min(708.0));
                let found = exp(-value);
                assert!((found / truth - 1.0).abs() < 4e-16, "{value}: {found}");
            }
        }
        assert!(exp(f64::NAN).is_nan());
        assert_eq!(exp(0.0).to_bits(), 1.0_f64.to_bits());
    }
}
