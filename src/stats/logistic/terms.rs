//! What each row adds to the likelihood, and to its derivatives by the row's log-odds.

use super::groups::{GROUP, Group};
use super::panels::{LANES, Lanes};

/// Terms of the rows of a group; places beyond its last row count nothing.
pub(super) struct Terms {
    rows: usize,
    is_weighted: bool,
    /// To be set before the others are taken.
    pub(super) log_odds: [f64; GROUP],
    /// `w (p - y)`.
    pub(super) residual: [f64; GROUP],
    /// `w p (1 - p)`.
    pub(super) information: [f64; GROUP],
    /// 1 for an event, -1 for another row.
    side: [f64; GROUP],
    weight: [f64; GROUP],
    /// `e^-|log-odds|`.
    small: [f64; GROUP],
}

/// Sums of the terms of a group.
pub(super) struct TermSums {
    pub(super) log_likelihood: f64,
    pub(super) residual: f64,
    pub(super) information: f64,
    /// Smallest log-odds towards its own class of any row of positive weight.
    pub(super) smallest_margin: f64,
}

impl Terms {
    pub(super) fn new() -> Self {
        Self {
            rows: 0,
            is_weighted: false,
            log_odds: [0.0; GROUP],
            residual: [0.0; GROUP],
            information: [0.0; GROUP],
            side: [0.0; GROUP],
            weight: [0.0; GROUP],
            small: [0.0; GROUP],
        }
    }

    /// Notes the outcomes and weights of a group's rows.
    pub(super) fn set(&mut self, group: &Group<'_>) {
        self.rows = group.events.len();
        self.is_weighted = group.weights.is_some();
        for (side, event) in self.side.iter_mut().zip(group.events) {
            *side = if *event { 1.0 } else { -1.0 };
        }
        match group.weights {
            Some(weights) => self.weight[..self.rows].copy_from_slice(weights),
            None => self.weight[..self.rows].fill(1.0),
        }
        // A row without weight that is certain of its class has a likelihood of 1.
        self.weight[self.rows..].fill(0.0);
        self.side[self.rows..].fill(1.0);
        self.log_odds[self.rows..].fill(f64::INFINITY);
    }

    /// Rows of the group.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Takes the terms of the rows at their log-odds.
    pub(super) fn take(&mut self) -> TermSums {
        exponentials(&self.log_odds, &mut self.small);
        let mut sums = self.derive();
        if self.is_weighted {
            sums.log_likelihood = self.weighted_log_likelihood();
        }
        sums
    }

    /// Everything from the exponentials. The logarithm is taken of a product of probabilities, each
    /// of which is a half at least.
    #[inline(never)]
    fn derive(&mut self) -> TermSums {
        let (mut certain, mut lost) = ([1.0; LANES], [0.0; LANES]);
        let (mut residuals, mut information) = ([0.0; LANES], [0.0; LANES]);
        let mut smallest = [f64::INFINITY; LANES];
        for at in (0..GROUP).step_by(LANES) {
            for lane in 0..LANES {
                let place = at + lane;
                let (side, weight) = (self.side[place], self.weight[place]);
                let margin = side * self.log_odds[place];
                let small = self.small[place];
                let likely = 1.0 / (1.0 + small);
                let unlikely = small * likely;
                // The probability of the class that did not happen.
                let miss = if margin >= 0.0 { unlikely } else { likely };
                let residual = -weight * side * miss;
                let spread = weight * likely * unlikely;
                self.residual[place] = residual;
                self.information[place] = spread;
                residuals[lane] += residual;
                information[lane] += spread;
                certain[lane] *= 1.0 + small;
                lost[lane] += if margin < 0.0 { margin } else { 0.0 };
                let counted = if weight > 0.0 { margin } else { f64::INFINITY };
                smallest[lane] = if counted < smallest[lane] {
                    counted
                } else {
                    smallest[lane]
                };
            }
        }
        let product = (certain[0] * certain[1]) * (certain[2] * certain[3]);
        TermSums {
            log_likelihood: sum(&lost) - libm::log(product),
            residual: sum(&residuals),
            information: sum(&information),
            smallest_margin: smallest.into_iter().fold(f64::INFINITY, f64::min),
        }
    }

    fn weighted_log_likelihood(&self) -> f64 {
        let places = 0..self.rows;
        let terms = places.map(|place| {
            let margin = self.side[place] * self.log_odds[place];
            self.weight[place] * (margin.min(0.0) - libm::log1p(self.small[place]))
        });
        terms.sum()
    }
}

fn sum(lanes: &Lanes) -> f64 {
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
}

/// `e^-|x|` of every value.
#[inline(never)]
fn exponentials(values: &[f64; GROUP], small: &mut [f64; GROUP]) {
    for (x, small) in values.iter().zip(small) {
        *small = exp(-x.abs());
    }
}

/// `e^x` for `x <= 0`, good to the last digit or the one before; `e^-708` for anything below.
///
/// `libm::exp` without its branches, so that several are taken at once. With `x = k ln 2 + r`, the
/// result is `2^k` times the Taylor series of `e^r`, `|r| <= 0.347`.
#[inline]
fn exp(x: f64) -> f64 {
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

/// Probability and residual of one row.
pub(super) struct RowTerms {
    /// `p - y`.
    pub(super) residual: f64,
    /// `p (1 - p)`.
    pub(super) information: f64,
}

impl RowTerms {
    /// Terms of a row with these log-odds.
    #[inline]
    pub(super) fn new(log_odds: f64, event: bool) -> Self {
        let margin = if event { log_odds } else { -log_odds };
        let small = exp(-margin.abs());
        let likely = 1.0 / (1.0 + small);
        let unlikely = small * likely;
        // The probability of the class that did not happen.
        let miss = if margin >= 0.0 { unlikely } else { likely };
        Self {
            residual: if event { -miss } else { miss },
            information: likely * unlikely,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_are_those_of_libm() {
        let mut values = [0.0; GROUP];
        let mut small = [0.0; GROUP];
        for step in 0..2000 {
            for (place, value) in values.iter_mut().enumerate() {
                let x = f64::from(step * 64 + place as i32);
                *value = if step < 1000 {
                    x * 1e-2
                } else {
                    (x - 64_000.0) * 1e-6
                };
            }
            exponentials(&values, &mut small);
            for (value, small) in values.iter().zip(&small) {
                let truth = libm::exp(-value.min(708.0));
                assert!((small / truth - 1.0).abs() < 4e-16, "{value}: {small}");
            }
        }
        assert!(exp(f64::NAN).is_nan());
        assert_eq!(exp(0.0).to_bits(), 1.0_f64.to_bits());
    }
}
