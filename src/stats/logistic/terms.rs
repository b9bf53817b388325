//! What each row adds to the likelihood, and to its derivatives by the row's log-odds.

use super::super::exponential::exp;
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
