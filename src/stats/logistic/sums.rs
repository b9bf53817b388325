//! The fused pass over the rows: likelihood, gradient and Hessian together.
//!
//! Rows are taken in groups that stay in the first-level cache. A group is stored as panels of four
//! columns, so that the Hessian is built from 4 x 4 tiles whose sixteen sums live in registers and
//! whose loops the compiler turns into vector instructions. Sums are kept per group and then added,
//! which also bounds the rounding error. The order of additions never depends on the machine.

use super::fit::FitError;
use super::groups::{GROUP, Group};
use super::panels::{LANES, Lanes, Panels, add, in_lanes};
use super::rows::Rows;
use super::terms::Terms;

/// Four columns of a row times its information, each twice: a vector has room for two.
type Pairs = [[f64; 2]; LANES];

/// How much of a point is asked for; each needs the work of those before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Depth {
    /// The likelihood.
    Likelihood,
    /// Its gradient too.
    Gradient,
    /// Its Hessian too.
    Hessian,
}

/// Sums over all rows, in scaled coordinates, intercept first.
pub(super) struct Sums {
    pub(super) log_likelihood: f64,
    /// Zeros unless asked for.
    pub(super) gradient: Vec<f64>,
    /// Row by row, lower triangle only; empty unless asked for.
    pub(super) hessian: Vec<f64>,
    /// Smallest log-odds towards its own class that any row of positive weight has.
    pub(super) smallest_margin: f64,
}

/// One pass over the rows at the given scaled coefficients.
pub(super) fn over_rows(
    rows: &Rows<'_>,
    coefficients: &[f64],
    depth: Depth,
) -> Result<Sums, FitError> {
    let mut pass = Pass::new(rows, coefficients, depth);
    rows.each_group(&mut |group| {
        pass.take(group);
        Ok(())
    })?;
    Ok(pass.finish(rows))
}

/// Running sums and the scratch space of a group. Columns are centred, but not yet scaled.
struct Pass {
    depth: Depth,
    origin: Vec<Lanes>,
    intercept: f64,
    /// Per unit of the columns.
    slopes: Vec<Lanes>,
    panels: Panels,
    terms: Terms,
    /// The rows of one panel, times their information.
    weighted: Vec<Pairs>,
    gradient: Vec<Lanes>,
    /// Row of the Hessian that belongs to the intercept.
    edge: Vec<Lanes>,
    /// Tiles (i, j) with j <= i, in that order.
    tiles: Vec<[Lanes; LANES]>,
    log_likelihood: f64,
    residual: f64,
    information: f64,
    smallest_margin: f64,
}

impl Pass {
    fn new(rows: &Rows<'_>, coefficients: &[f64], depth: Depth) -> Self {
        let columns = rows.columns();
        let panels = columns.div_ceil(LANES);
        let tiles = if depth == Depth::Hessian {
            panels * (panels + 1) / 2
        } else {
            0
        };
        let slopes = coefficients[1..].iter().zip(&rows.scale);
        let slopes: Vec<f64> = slopes
            .map(|(coefficient, scale)| coefficient * scale)
            .collect();
        Self {
            depth,
            origin: in_lanes(&rows.mean),
            intercept: coefficients[0],
            slopes: in_lanes(&slopes),
            panels: Panels::new(columns),
            terms: Terms::new(),
            weighted: vec![[[0.0; 2]; LANES]; GROUP],
            gradient: vec![[0.0; LANES]; panels],
            edge: vec![[0.0; LANES]; panels],
            tiles: vec![[[0.0; LANES]; LANES]; tiles],
            log_likelihood: 0.0,
            residual: 0.0,
            information: 0.0,
            smallest_margin: f64::INFINITY,
        }
    }

    fn take(&mut self, group: Group<'_>) {
        let rows = group.events.len();
        self.panels.load(group.values, &self.origin);
        let log_odds = &mut self.terms.log_odds[..rows];
        log_odds.fill(self.intercept);
        let mut sums = [[0.0; LANES]; GROUP];
        for (panel, slopes) in self.panels.each(rows).zip(&self.slopes) {
            multiply(panel, slopes, &mut sums);
        }
        for (log_odds, sums) in log_odds.iter_mut().zip(&sums) {
            *log_odds += (sums[0] + sums[1]) + (sums[2] + sums[3]);
        }
        let part = self.terms.take(&group);
        self.log_likelihood += part.log_likelihood;
        self.residual += part.residual;
        self.information += part.information;
        self.smallest_margin = self.smallest_margin.min(part.smallest_margin);
        if self.depth >= Depth::Gradient {
            let residual = &self.terms.residual[..rows];
            for (panel, total) in self.panels.each(rows).zip(&mut self.gradient) {
                add(total, &weighted_sum(panel, residual));
            }
        }
        if self.depth == Depth::Hessian {
            self.curvature(rows);
        }
    }

    /// Adds the group's Hessian.
    fn curvature(&mut self, rows: usize) {
        let mut tiles = self.tiles.iter_mut();
        let information = &self.terms.information[..rows];
        for (i, left) in self.panels.each(rows).enumerate() {
            let weighted = &mut self.weighted[..rows];
            add(&mut self.edge[i], &weigh(left, information, weighted));
            for (right, tile) in self.panels.each(rows).take(i + 1).zip(&mut tiles) {
                let sums = products(weighted, right);
                for (total, sums) in tile.iter_mut().zip(&sums) {
                    add(total, sums);
                }
            }
        }
    }

    fn finish(self, rows: &Rows<'_>) -> Sums {
        let columns = self.gradient.as_flattened().iter().zip(&rows.scale);
        let columns = columns.map(|(sum, scale)| sum * scale);
        Sums {
            log_likelihood: self.log_likelihood,
            gradient: std::iter::once(self.residual).chain(columns).collect(),
            hessian: if self.depth == Depth::Hessian {
                self.lower_triangle(&rows.scale)
            } else {
                Vec::new()
            },
            smallest_margin: self.smallest_margin,
        }
    }

    /// The Hessian row by row, lower triangle only.
    fn lower_triangle(&self, scale: &[f64]) -> Vec<f64> {
        let order = scale.len() + 1;
        let mut hessian = vec![0.0; order * order];
        hessian[0] = self.information;
        for i in 0..scale.len() {
            let line = &mut hessian[(i + 1) * order..][..i + 2];
            line[0] = self.edge.as_flattened()[i] * scale[i];
            for (j, value) in line[1..].iter_mut().enumerate() {
                let (above, left) = (i / LANES, j / LANES);
                let tile = &self.tiles[above * (above + 1) / 2 + left];
                *value = tile[i % LANES][j % LANES] * scale[i] * scale[j];
            }
        }
        hessian
    }
}

// The loops below are kept out of line on purpose: on their own the compiler turns them into vector
// instructions, inlined into their caller it does not.

/// Adds the products of four columns with their slopes, lane by lane.
#[inline(never)]
fn multiply(rows: &[Lanes], slopes: &Lanes, sums: &mut [Lanes; GROUP]) {
    for (x, sums) in rows.iter().zip(sums) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * slopes[lane];
        }
    }
}

/// Sums of products of four columns with four others.
#[inline(never)]
fn products(left: &[Pairs], right: &[Lanes]) -> [Lanes; LANES] {
    let mut sums = [[0.0; LANES]; LANES];
    for (a, b) in left.iter().zip(right) {
        for i in 0..LANES {
            for j in 0..LANES {
                sums[i][j] += a[i][j % 2] * b[j];
            }
        }
    }
    sums
}

/// Sums of products of four columns with one factor per row.
#[inline(never)]
fn weighted_sum(rows: &[Lanes], factors: &[f64]) -> Lanes {
    let mut sums = [0.0; LANES];
    for (x, factor) in rows.iter().zip(factors) {
        for (sum, x) in sums.iter_mut().zip(x) {
            *sum += factor * x;
        }
    }
    sums
}

/// Multiplies four columns by one factor per row; their sums.
#[inline(never)]
fn weigh(rows: &[Lanes], factors: &[f64], weighted: &mut [Pairs]) -> Lanes {
    let mut sums = [0.0; LANES];
    for ((x, factor), weighted) in rows.iter().zip(factors).zip(weighted) {
        for lane in 0..LANES {
            let product = factor * x[lane];
            weighted[lane] = [product; 2];
            sums[lane] += product;
        }
    }
    sums
}
