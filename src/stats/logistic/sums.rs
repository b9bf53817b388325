//! The fused pass over the rows: likelihood, gradient and Hessian together.
//!
//! Rows are taken in groups that stay in the first-level cache. A group is stored as panels of four
//! columns, so that the Hessian is built from 4 x 4 tiles whose sixteen sums live in registers and
//! whose loops the compiler turns into vector instructions. Sums are kept per group and then added,
//! which also bounds the rounding error. The order of additions never depends on the machine.

use super::fit::FitError;
use super::groups::{GROUP, Group};
use super::panels::{LANES, Lanes, Line, Panels, add, in_lanes};
use super::rows::Rows;
use super::terms::Terms;

/// Four columns of a row times its information, each twice: a vector has room for two.
type Pairs = [[f64; 2]; LANES];

/// Rows loaded after each panel's part of the gradient, when that is all there is to do.
const GRADIENT_PAUSE: usize = 8;

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
    let mut present = Loaded::new(rows.columns());
    let mut coming = Loaded::new(rows.columns());
    rows.each_group(&mut |group| {
        let mut feed = Feed::new(group, &pass.lines, pass.intercept, &mut coming);
        pass.sums.take(&mut present, &mut feed);
        feed.finish();
        std::mem::swap(&mut present, &mut coming);
        Ok(())
    })?;
    let none = Group {
        first: 0,
        values: &[],
        events: &[],
        weights: None,
    };
    let mut feed = Feed::new(none, &pass.lines, pass.intercept, &mut coming);
    pass.sums.take(&mut present, &mut feed);
    Ok(pass.sums.finish(rows))
}

struct Pass {
    intercept: f64,
    lines: Vec<Line>,
    sums: Totals,
}

impl Pass {
    fn new(rows: &Rows<'_>, coefficients: &[f64], depth: Depth) -> Self {
        let slopes = coefficients[1..].iter().zip(&rows.scale);
        let slopes: Vec<f64> = slopes
            .map(|(coefficient, scale)| coefficient * scale)
            .collect();
        let pairs = in_lanes(&rows.mean).into_iter().zip(in_lanes(&slopes));
        Self {
            intercept: coefficients[0],
            lines: pairs
                .map(|(origin, slopes)| Line { origin, slopes })
                .collect(),
            sums: Totals::new(rows.columns(), depth),
        }
    }
}

/// A group of rows with their log-odds. Columns are centred, but not yet scaled.
struct Loaded {
    panels: Panels,
    terms: Terms,
}

impl Loaded {
    fn new(columns: usize) -> Self {
        Self {
            panels: Panels::new(columns),
            terms: Terms::new(),
        }
    }
}

/// Loads a group a few rows at a time, in between the sums of the one before: the next rows are
/// under way from memory in the meantime.
struct Feed<'a> {
    group: Group<'a>,
    columns: usize,
    at: usize,
    lines: &'a [Line],
    intercept: f64,
    to: &'a mut Loaded,
}

impl<'a> Feed<'a> {
    fn new(group: Group<'a>, lines: &'a [Line], intercept: f64, to: &'a mut Loaded) -> Self {
        to.terms.set(&group);
        Self {
            columns: group.values.len() / group.events.len().max(1),
            group,
            at: 0,
            lines,
            intercept,
            to,
        }
    }

    /// Loads some rows more.
    #[inline(never)]
    fn advance(&mut self, rows: usize) {
        let end = (self.at + rows).min(self.group.events.len());
        for place in self.at..end {
            let row = self.group.row(place, self.columns);
            let product = self.to.panels.load_row(place, row, self.lines);
            self.to.terms.log_odds[place] = self.intercept + product;
        }
        self.at = end;
    }

    fn finish(mut self) {
        self.advance(GROUP);
    }
}

/// Running sums over the groups.
struct Totals {
    depth: Depth,
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

impl Totals {
    fn new(columns: usize, depth: Depth) -> Self {
        let panels = columns.div_ceil(LANES);
        let tiles = if depth == Depth::Hessian {
            panels * (panels + 1) / 2
        } else {
            0
        };
        Self {
            depth,
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

    /// Adds a group, and loads the next.
    fn take(&mut self, loaded: &mut Loaded, feed: &mut Feed<'_>) {
        let rows = loaded.terms.rows();
        if rows == 0 {
            return;
        }
        let Loaded { panels, terms } = loaded;
        let part = terms.take();
        self.log_likelihood += part.log_likelihood;
        self.residual += part.residual;
        self.information += part.information;
        self.smallest_margin = self.smallest_margin.min(part.smallest_margin);
        if self.depth >= Depth::Gradient {
            let pause = if self.depth == Depth::Gradient {
                GRADIENT_PAUSE
            } else {
                0
            };
            let residual = &terms.residual[..rows];
            for (panel, total) in panels.each(rows).zip(&mut self.gradient) {
                add(total, &weighted_sum(panel, residual));
                feed.advance(pause);
            }
        }
        if self.depth == Depth::Hessian {
            self.curvature(panels, &terms.information[..rows], feed);
        }
    }

    /// Adds the group's Hessian.
    fn curvature(&mut self, panels: &Panels, information: &[f64], feed: &mut Feed<'_>) {
        let rows = information.len();
        let pause = GROUP.div_ceil(self.tiles.len().max(1));
        let mut tiles = self.tiles.iter_mut();
        for (i, left) in panels.each(rows).enumerate() {
            let weighted = &mut self.weighted[..rows];
            add(&mut self.edge[i], &weigh(left, information, weighted));
            for (right, tile) in panels.each(rows).take(i + 1).zip(&mut tiles) {
                let sums = products(weighted, right);
                for (total, sums) in tile.iter_mut().zip(&sums) {
                    add(total, sums);
                }
                feed.advance(pause);
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
