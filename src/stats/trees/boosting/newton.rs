//! Second-order values and gains (Chen and Guestrin 2016), within bounds.

use super::super::split::Split;
use super::super::sums::{Criterion, Sums};
use super::params::Monotone;

/// Best decrease of the loss `G v + ½ (H + λ) v²` by a value `v` within the bounds of a node.
///
/// Without bounds the value is `-G / (H + λ)` and the decrease `½ G² / (H + λ)`. Bounds come from
/// splits by monotone columns further up: what is left of a rising split stays at or below the middle
/// of the two sides' values, what is right of it at or above, at every depth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Newton {
    pub l2: f64,
    pub low: f64,
    pub high: f64,
}

impl Newton {
    pub(super) fn unbounded(l2: f64) -> Self {
        Self {
            l2,
            low: f64::NEG_INFINITY,
            high: f64::INFINITY,
        }
    }

    /// What holds for the two sides of a split.
    pub(super) fn of_sides(&self, split: &Split, direction: Monotone) -> (Self, Self) {
        if direction == Monotone::Free || split.only_missing_right {
            return (*self, *self);
        }
        // Halved first, as their sum might overflow; and halving the smallest of floats gives 0.
        let middle = 0.5 * self.value(&split.left) + 0.5 * self.value(&split.right);
        let middle = middle.clamp(self.low, self.high);
        let below = Self {
            high: middle,
            ..*self
        };
        let above = Self {
            low: middle,
            ..*self
        };
        match direction {
            Monotone::Falling => (above, below),
            _ => (below, above),
        }
    }
}

impl Criterion for Newton {
    #[inline]
    fn score(&self, sums: &Sums) -> f64 {
        let value = self.value(sums);
        -value * (sums.gradient + 0.5 * (sums.hessian + self.l2) * value)
    }

    #[inline]
    fn value(&self, sums: &Sums) -> f64 {
        let curvature = sums.hessian + self.l2;
        if curvature > 0.0 {
            (-sums.gradient / curvature).clamp(self.low, self.high)
        } else {
            0.0_f64.clamp(self.low, self.high)
        }
    }
}
