//! The minimum of a quadratic model under an L1 penalty and sign constraints.
//!
//! At scaled coefficients `γ` with gradient `g` and Hessian `H` of the smooth part, the model is
//!
//! ```text
//! m(v) = g·(v - γ) + ½ (v - γ)ᵀ H (v - γ) + Σ λⱼ |vⱼ|       within the constraints
//! ```
//!
//! Coordinate descent finds out which coefficients are 0 and which sign the others have (their
//! *face*); on a face the model is smooth, and its minimum is solved for exactly, as far as no
//! coefficient changes sign (Lee, Battle, Raina and Ng 2007, *Efficient sparse coding algorithms*).
//! Both lower the model and no face's minimum is met twice, so that the search ends, at the exact
//! minimum, after a few rounds.

use super::super::matrix::Cholesky;
use super::problem::{Evaluation, Problem};

/// Sweeps at most in search of a face, before its minimum is solved for.
const SWEEPS: usize = 25;
/// Rounds at most, and per coordinate; a handful suffices.
const ROUNDS: usize = 20;
/// Share by which diagonals grow where collinear columns leave a face without a single minimum.
const DAMPING: f64 = 1e-9;

/// The step from `coefficients` to the model's minimum, or `None` when it has none.
pub(super) fn step(
    problem: &Problem<'_>,
    coefficients: &[f64],
    evaluation: &Evaluation,
) -> Option<Vec<f64>> {
    let mut model = Model::new(problem, coefficients, evaluation);
    model.minimise()?;
    let pairs = model.point.iter().zip(coefficients);
    let step: Vec<f64> = pairs.map(|(to, from)| to - from).collect();
    step.iter().all(|value| value.is_finite()).then_some(step)
}

/// Slope of the L1 penalty where a coordinate is; `None` for one that a kink or an edge holds at 0.
type Face = Vec<Option<f64>>;

struct Model<'a> {
    problem: &'a Problem<'a>,
    origin: &'a [f64],
    slope_at_origin: &'a [f64],
    /// Both triangles, row by row.
    hessian: Vec<f64>,
    point: Vec<f64>,
    /// Of the smooth part, at `point`.
    gradient: Vec<f64>,
}

impl<'a> Model<'a> {
    fn new(problem: &'a Problem<'a>, origin: &'a [f64], evaluation: &'a Evaluation) -> Self {
        let order = origin.len();
        let mut hessian = evaluation.hessian.clone();
        for i in 0..order {
            for j in 0..i {
                hessian[j * order + i] = hessian[i * order + j];
            }
        }
        Self {
            problem,
            origin,
            slope_at_origin: &evaluation.gradient,
            hessian,
            point: origin.to_vec(),
            gradient: evaluation.gradient.clone(),
        }
    }

    fn row(&self, at: usize) -> &[f64] {
        let order = self.point.len();
        &self.hessian[at * order..(at + 1) * order]
    }

    fn minimise(&mut self) -> Option<()> {
        self.search();
        for _ in 0..ROUNDS + self.point.len() {
            self.descend_on_faces()?;
            let (face, minimum) = (self.face(), self.point.clone());
            self.sweep();
            if self.face() == face {
                self.point = minimum;
                break;
            }
        }
        Some(())
    }

    /// Sweeps until the face stays.
    fn search(&mut self) {
        let mut face = self.face();
        for _ in 0..SWEEPS {
            self.sweep();
            let found = self.face();
            if found == face {
                break;
            }
            face = found;
        }
    }

    /// Minimises along every coordinate in turn.
    fn sweep(&mut self) {
        for at in 0..self.point.len() {
            let curvature = self.row(at)[at];
            if curvature <= 0.0 {
                continue;
            }
            let free = self.point[at] - self.gradient[at] / curvature;
            let slope = self.problem.slope(at) / curvature;
            let shrunk = (free.abs() - slope).max(0.0).copysign(free);
            // `+ 0.0` turns -0 into 0.
            let target = self.problem.sign(at).nearest(shrunk) + 0.0;
            let change = target - self.point[at];
            if change != 0.0 {
                self.point[at] = target;
                let order = self.point.len();
                let row = &self.hessian[at * order..(at + 1) * order];
                for (gradient, curvature) in self.gradient.iter_mut().zip(row) {
                    *gradient += change * curvature;
                }
            }
        }
    }

    fn face(&self) -> Face {
        let held = self.problem.held(&self.point);
        let coordinates = self.point.iter().zip(held).enumerate();
        let slope = |(at, (value, held)): (usize, (&f64, bool))| {
            (!held).then(|| match self.problem.slope(at) {
                slope if slope > 0.0 => slope.copysign(*value),
                _ => 0.0,
            })
        };
        coordinates.map(slope).collect()
    }

    /// Goes to the minimum of the face, dropping every coefficient that gets to 0 on the way.
    fn descend_on_faces(&mut self) -> Option<()> {
        loop {
            let face = self.face();
            let free: Vec<usize> = (0..face.len()).filter(|&at| face[at].is_some()).collect();
            let mut change: Vec<f64> = free
                .iter()
                .map(|&at| -(self.gradient[at] + face[at].unwrap_or(0.0)))
                .collect();
            self.factor(&free)?.solve(&mut change);
            if !change.iter().all(|value| value.is_finite()) {
                return None;
            }
            let dropped = self.advance(&free, &change);
            self.gradient = self.gradient_at_point();
            if !dropped {
                return Some(());
            }
        }
    }

    /// Moves until the first coefficient gets to 0; whether any did.
    fn advance(&mut self, free: &[usize], change: &[f64]) -> bool {
        // Share of the way at which a coefficient with a kink at 0 gets there.
        let meets = |at: usize, from: f64, change: f64| {
            let towards = (from > 0.0 && change < 0.0) || (from < 0.0 && change > 0.0);
            (towards && self.problem.is_kinked(at)).then(|| -from / change)
        };
        let pairs = free.iter().zip(change);
        let meetings = pairs.filter_map(|(&at, change)| meets(at, self.point[at], *change));
        let share = meetings.fold(1.0, f64::min);
        let mut dropped = false;
        for (&at, change) in free.iter().zip(change) {
            let from = self.point[at];
            let to = from + share * change;
            // The first to get to 0 may be a rounding error short of it, or past it.
            let arrives = meets(at, from, *change)
                .is_some_and(|meeting| meeting <= share || to == 0.0 || (to > 0.0) != (from > 0.0));
            dropped |= arrives;
            self.point[at] = if arrives { 0.0 } else { to };
        }
        dropped
    }

    /// Factor of the free part of the Hessian. Where the L1 penalty alone decides between collinear
    /// columns, a slightly damped one: the step then goes far in the direction in which only the
    /// penalty changes, until a coefficient gets to 0.
    fn factor(&self, free: &[usize]) -> Option<Cholesky> {
        let order = free.len();
        let mut part = Vec::with_capacity(order * order);
        for &i in free {
            part.extend(free.iter().map(|&j| self.row(i)[j]));
        }
        let factor = Cholesky::factor(&part, order).ok();
        if factor.is_some() || !self.problem.is_sparse() {
            return factor;
        }
        for i in 0..order {
            part[i * order + i] *= 1.0 + DAMPING;
        }
        Cholesky::factor(&part, order).ok()
    }

    /// Computed afresh, so that rounding does not pile up.
    fn gradient_at_point(&self) -> Vec<f64> {
        let moved: Vec<f64> = self
            .point
            .iter()
            .zip(self.origin)
            .map(|(to, from)| to - from)
            .collect();
        let rows = self.hessian.chunks_exact(moved.len());
        let pairs = self.slope_at_origin.iter().zip(rows);
        pairs
            .map(|(slope, row)| slope + row.iter().zip(&moved).map(|(h, d)| h * d).sum::<f64>())
            .collect()
    }
}
