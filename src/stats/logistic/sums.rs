//! The fused pass over the rows: likelihood, gradient and Hessian together.
//!
//! Rows are taken in blocks that stay in the first-level cache. A block is stored as panels of four
//! columns, so that the Hessian is built from 4 x 4 tiles whose sixteen sums live in registers and
//! whose loops the compiler turns into vector instructions. Sums are kept per block and then added,
//! which also bounds the rounding error. The order of additions never depends on the machine.

use super::rows::{RowTerms, Rows};

/// Rows per block.
const BLOCK: usize = 64;
/// Columns per panel.
const LANES: usize = 4;

type Lanes = [f64; LANES];

/// Sums over all rows, in scaled coordinates, intercept first.
pub(super) struct Sums {
    pub(super) log_likelihood: f64,
    pub(super) gradient: Vec<f64>,
    /// Row by row, lower triangle only.
    pub(super) hessian: Vec<f64>,
    /// Smallest log-odds towards its own class that any row of positive weight has.
    pub(super) smallest_margin: f64,
}

/// One pass over the rows at the given scaled coefficients.
pub(super) fn over_rows(rows: &Rows<'_>, coefficients: &[f64]) -> Sums {
    let order = coefficients.len();
    let mut pass = Pass::new(order);
    let coefficients = in_lanes(coefficients);
    let count = rows.design.rows();
    for start in (0..count).step_by(BLOCK) {
        let end = (start + BLOCK).min(count);
        pass.load(rows, &coefficients, start, end);
        pass.likelihood(rows, start, end);
        pass.derivatives(end - start);
    }
    Sums {
        log_likelihood: pass.log_likelihood,
        gradient: pass.gradient.as_flattened()[..order].to_vec(),
        hessian: pass.lower_triangle(order),
        smallest_margin: pass.smallest_margin,
    }
}

/// Running sums and the scratch space of a block.
struct Pass {
    /// `BLOCK` rows of panel 0, then of panel 1 and so on; lane 0 of panel 0 is the intercept's 1.
    panels: Vec<Lanes>,
    /// The rows of one panel, times their information.
    weighted: Vec<Lanes>,
    /// One row, before it is spread over the panels.
    line: Vec<Lanes>,
    log_odds: Vec<f64>,
    residual: Vec<f64>,
    information: Vec<f64>,
    gradient: Vec<Lanes>,
    /// Tiles (i, j) with j <= i, in that order.
    tiles: Vec<[Lanes; LANES]>,
    log_likelihood: f64,
    smallest_margin: f64,
}

impl Pass {
    fn new(order: usize) -> Self {
        let panels = order.div_ceil(LANES);
        let mut line = vec![[0.0; LANES]; panels];
        line[0][0] = 1.0;
        Self {
            line,
            log_odds: vec![0.0; BLOCK],
            panels: vec![[0.0; LANES]; panels * BLOCK],
            weighted: vec![[0.0; LANES]; BLOCK],
            residual: vec![0.0; BLOCK],
            information: vec![0.0; BLOCK],
            gradient: vec![[0.0; LANES]; panels],
            tiles: vec![[[0.0; LANES]; LANES]; panels * (panels + 1) / 2],
            log_likelihood: 0.0,
            smallest_margin: f64::INFINITY,
        }
    }

    /// Copies a block into panels, centring and scaling on the way, and takes its log-odds.
    fn load(&mut self, rows: &Rows<'_>, coefficients: &[Lanes], start: usize, end: usize) {
        let columns = rows.mean.len();
        for row in start..end {
            let place = row - start;
            rows.load(row, &mut self.line.as_flattened_mut()[1..=columns]);
            for (panel, x) in self.panels.chunks_exact_mut(BLOCK).zip(&self.line) {
                panel[place] = *x;
            }
            self.log_odds[place] = dot(&self.line, coefficients);
        }
    }

    /// Likelihood of the block's rows, and what the derivatives need of them.
    fn likelihood(&mut self, rows: &Rows<'_>, start: usize, end: usize) {
        let mut log_likelihood = 0.0;
        for row in start..end {
            let place = row - start;
            let terms = RowTerms::new(self.log_odds[place], rows.events[row]);
            let weight = rows.weight(row);
            self.residual[place] = weight * terms.residual;
            self.information[place] = weight * terms.information;
            log_likelihood += weight * terms.log_likelihood;
            if weight > 0.0 {
                self.smallest_margin = self.smallest_margin.min(terms.margin);
            }
        }
        self.log_likelihood += log_likelihood;
    }

    /// Adds the block's gradient and Hessian.
    fn derivatives(&mut self, rows: usize) {
        let mut tiles = self.tiles.iter_mut();
        for (i, left) in self.panels.chunks_exact(BLOCK).enumerate() {
            let left = &left[..rows];
            weigh(left, &self.information, &mut self.weighted);
            add(&mut self.gradient[i], &weighted_sum(left, &self.residual));
            let weighted = &self.weighted[..rows];
            for (right, tile) in self.panels.chunks_exact(BLOCK).take(i + 1).zip(&mut tiles) {
                let sums = products(weighted, &right[..rows]);
                for (total, sums) in tile.iter_mut().zip(&sums) {
                    add(total, sums);
                }
            }
        }
    }

    /// The Hessian row by row, lower triangle only.
    fn lower_triangle(&self, order: usize) -> Vec<f64> {
        let mut hessian = vec![0.0; order * order];
        for i in 0..order {
            for j in 0..=i {
                let (above, left) = (i / LANES, j / LANES);
                let tile = &self.tiles[above * (above + 1) / 2 + left];
                hessian[i * order + j] = tile[i % LANES][j % LANES];
            }
        }
        hessian
    }
}

// The three loops below are kept out of line on purpose: on their own the compiler turns them into
// vector instructions, inlined into their caller it does not.

/// Sums of products of four columns with four others.
#[inline(never)]
fn products(left: &[Lanes], right: &[Lanes]) -> [Lanes; LANES] {
    let mut sums = [[0.0; LANES]; LANES];
    for (a, b) in left.iter().zip(right) {
        for i in 0..LANES {
            for j in 0..LANES {
                sums[i][j] += a[i] * b[j];
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

/// Multiplies four columns by one factor per row.
#[inline(never)]
fn weigh(rows: &[Lanes], factors: &[f64], weighted: &mut [Lanes]) {
    for ((x, factor), weighted) in rows.iter().zip(factors).zip(weighted) {
        for (weighted, x) in weighted.iter_mut().zip(x) {
            *weighted = factor * x;
        }
    }
}

fn dot(a: &[Lanes], b: &[Lanes]) -> f64 {
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}

#[inline]
fn add(total: &mut Lanes, sums: &Lanes) {
    for (total, sum) in total.iter_mut().zip(sums) {
        *total += sum;
    }
}

/// Values in panels of four, padded with zeros.
fn in_lanes(values: &[f64]) -> Vec<Lanes> {
    let mut lanes = vec![[0.0; LANES]; values.len().div_ceil(LANES)];
    lanes.as_flattened_mut()[..values.len()].copy_from_slice(values);
    lanes
}
