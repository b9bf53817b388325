//! What each row adds to the likelihood, and to its derivatives by the row's log-odds.

use super::groups::{GROUP, Group};

/// Terms of the rows of a group.
pub(super) struct Terms {
    /// To be set before the others are taken.
    pub(super) log_odds: [f64; GROUP],
    /// `w (p - y)`.
    pub(super) residual: [f64; GROUP],
    /// `w p (1 - p)`.
    pub(super) information: [f64; GROUP],
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
            log_odds: [0.0; GROUP],
            residual: [0.0; GROUP],
            information: [0.0; GROUP],
        }
    }

    /// Takes the terms of a group's rows at their log-odds.
    pub(super) fn take(&mut self, group: &Group<'_>) -> TermSums {
        let mut sums = TermSums {
            log_likelihood: 0.0,
            residual: 0.0,
            information: 0.0,
            smallest_margin: f64::INFINITY,
        };
        for (place, event) in group.events.iter().enumerate() {
            let terms = RowTerms::new(self.log_odds[place], *event);
            let weight = group.weight(place);
            self.residual[place] = weight * terms.residual;
            self.information[place] = weight * terms.information;
            sums.log_likelihood += weight * terms.log_likelihood;
            sums.residual += self.residual[place];
            sums.information += self.information[place];
            if weight > 0.0 {
                sums.smallest_margin = sums.smallest_margin.min(terms.margin);
            }
        }
        sums
    }
}

/// Probability, residual weight and log-likelihood terms of one row.
pub(super) struct RowTerms {
    /// `p - y`.
    pub(super) residual: f64,
    /// `p (1 - p)`.
    pub(super) information: f64,
    /// `ln P(y)`.
    pub(super) log_likelihood: f64,
    /// Log-odds towards the row's own class.
    pub(super) margin: f64,
}

impl RowTerms {
    /// Terms of a row with these log-odds, from a single exponential.
    #[inline]
    pub(super) fn new(log_odds: f64, event: bool) -> Self {
        let margin = if event { log_odds } else { -log_odds };
        let small = libm::exp(-margin.abs());
        let likely = 1.0 / (1.0 + small);
        let unlikely = small * likely;
        // The probability of the class that did not happen.
        let miss = if margin >= 0.0 { unlikely } else { likely };
        Self {
            residual: if event { -miss } else { miss },
            information: likely * unlikely,
            log_likelihood: margin.min(0.0) - libm::log1p(small),
            margin,
        }
    }
}
