//! What a bin, a side of a split or a node adds up to, and what that is worth.

use std::ops::{Add, AddAssign, Sub};

/// Sums over rows.
///
/// For a forest the gradient is the weight of the events and the Hessian the weight of all rows; for
/// boosting they are the first and second derivatives of the loss by the log-odds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sums {
    pub gradient: f64,
    pub hessian: f64,
    pub rows: u32,
}

/// A row's own gradient and Hessian.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Pair {
    pub gradient: f64,
    pub hessian: f64,
}

impl AddAssign<Pair> for Sums {
    #[inline]
    fn add_assign(&mut self, row: Pair) {
        self.gradient += row.gradient;
        self.hessian += row.hessian;
        self.rows += 1;
    }
}

impl AddAssign for Sums {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Add for Sums {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self {
            gradient: self.gradient + other.gradient,
            hessian: self.hessian + other.hessian,
            rows: self.rows + other.rows,
        }
    }
}

impl Sub for Sums {
    type Output = Self;
    #[inline]
    fn sub(self, part: Self) -> Self {
        Self {
            gradient: self.gradient - part.gradient,
            hessian: self.hessian - part.hessian,
            rows: self.rows - part.rows,
        }
    }
}

/// What makes a split good.
pub(super) trait Criterion {
    /// How well one value fits the rows; the gain of a split is the sum of its sides' scores less
    /// that of the node.
    fn score(&self, sums: &Sums) -> f64;
    /// The value that fits the rows best.
    fn value(&self, sums: &Sums) -> f64;
}

/// Gini impurity `W p (1 - p)` (Breiman et al. 1984), as the score `S² / W` of events of weight `S`
/// among rows of weight `W`: both differ by `S`, which a split does not change.
pub(super) struct Gini;

impl Criterion for Gini {
    #[inline]
    fn score(&self, sums: &Sums) -> f64 {
        if sums.hessian > 0.0 {
            sums.gradient * (sums.gradient / sums.hessian)
        } else {
            0.0
        }
    }
    #[inline]
    fn value(&self, sums: &Sums) -> f64 {
        sums.gradient / sums.hessian
    }
}

/// Log-likelihood `S ln p + (W - S) ln(1 - p)` at `p = S / W`: minus the logistic loss, and minus
/// the entropy times the weight.
pub(super) struct LogLoss;

impl Criterion for LogLoss {
    fn score(&self, sums: &Sums) -> f64 {
        let part = |weight: f64| {
            if weight > 0.0 {
                weight * libm::log(weight / sums.hessian)
            } else {
                0.0
            }
        };
        part(sums.gradient) + part(sums.hessian - sums.gradient)
    }
    fn value(&self, sums: &Sums) -> f64 {
        sums.gradient / sums.hessian
    }
}
