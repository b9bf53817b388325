//! Gradient and curvature of the log-likelihood by the bins of two characteristics.

use crate::stats::Cholesky;

/// Part of a curvature that is added to keep equations apart where cells are empty.
const RIDGE: f64 = 1e-9;

/// Sums over the rows of a cell.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Slope {
    /// Gradient of the log-likelihood in the cell's log-odds.
    pub gradient: f64,
    /// The negative second derivative, 0 or more.
    pub curvature: f64,
}

impl Slope {
    pub fn add(&mut self, other: Self) {
        self.gradient += other.gradient;
        self.curvature += other.curvature;
    }

    /// What a step of Newton's method gains under a prior of this precision, which is above 0.
    fn gain(self, shrinkage: f64) -> f64 {
        0.5 * self.gradient * self.gradient / (self.curvature + shrinkage)
    }
}

/// A table of slopes, row by row.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    pub rows: usize,
    pub columns: usize,
    cells: Vec<Slope>,
}

impl Grid {
    /// A grid of `cells`, as many as `rows` × `columns`.
    pub fn new(rows: usize, columns: usize, cells: Vec<Slope>) -> Self {
        Self {
            rows,
            columns,
            cells,
        }
    }

    /// What the cells gain together.
    pub fn gain(&self, shrinkage: f64) -> f64 {
        self.cells.iter().map(|cell| cell.gain(shrinkage)).sum()
    }

    /// What is lost when row `b` is joined to row `a`.
    pub fn loss(&self, a: usize, b: usize, shrinkage: f64) -> f64 {
        let pairs = self.row(a).iter().zip(self.row(b));
        let loss = |(&x, &y): (&Slope, &Slope)| {
            let mut both = x;
            both.add(y);
            x.gain(shrinkage) + y.gain(shrinkage) - both.gain(shrinkage)
        };
        pairs.map(loss).sum()
    }

    /// Joins row `b` to row `a`, which comes before it.
    pub fn join(&mut self, a: usize, b: usize) {
        for column in 0..self.columns {
            let moved = self.cells[b * self.columns + column];
            self.cells[a * self.columns + column].add(moved);
        }
        self.cells.drain(b * self.columns..(b + 1) * self.columns);
        self.rows -= 1;
    }

    pub fn transposed(&self) -> Self {
        let column =
            |column| (0..self.rows).map(move |row| self.cells[row * self.columns + column]);
        let cells = (0..self.columns).flat_map(column).collect();
        Self::new(self.columns, self.rows, cells)
    }

    fn row(&self, row: usize) -> &[Slope] {
        &self.cells[row * self.columns..][..self.columns]
    }

    /// Takes off the gradient what a correction of each row and each column explains: the weighted
    /// least squares fit of `gradient / curvature`. After that every row and every column sums to
    /// nothing, and so do those of every grid that is joined from this one.
    ///
    /// `false` if there is no such fit.
    pub fn keep_interaction(&mut self) -> bool {
        let rows: Vec<Slope> = (0..self.rows).map(|at| sum(self.row(at))).collect();
        let turned = self.transposed();
        let columns: Vec<Slope> = (0..self.columns).map(|at| sum(turned.row(at))).collect();
        let n = self.columns;
        // The normal equations, the rows' corrections being expressed by those of the columns.
        let mut matrix = vec![0.0; n * n];
        let mut found: Vec<f64> = columns.iter().map(|column| column.gradient).collect();
        for (at, column) in columns.iter().enumerate() {
            matrix[at * n + at] = column.curvature * (1.0 + RIDGE) + f64::MIN_POSITIVE;
        }
        for (at, whole) in rows.iter().enumerate() {
            if whole.curvature <= 0.0 {
                continue;
            }
            let cells = self.row(at);
            for (i, cell) in cells.iter().enumerate() {
                let part = cell.curvature / whole.curvature;
                found[i] -= part * whole.gradient;
                for (j, other) in cells.iter().enumerate() {
                    matrix[i * n + j] -= part * other.curvature;
                }
            }
        }
        let Ok(factor) = Cholesky::factor(&matrix, n) else {
            return false;
        };
        factor.solve(&mut found);
        for (at, whole) in rows.iter().enumerate() {
            let cells = &mut self.cells[at * n..][..n];
            let explained = cells.iter().zip(&found).map(|(cell, b)| cell.curvature * b);
            let left = whole.gradient - explained.sum::<f64>();
            let own = if whole.curvature > 0.0 {
                left / whole.curvature
            } else {
                0.0
            };
            for (cell, column) in cells.iter_mut().zip(&found) {
                cell.gradient -= cell.curvature * (own + column);
            }
        }
        true
    }
}

fn sum(cells: &[Slope]) -> Slope {
    cells.iter().fold(Slope::default(), |mut sum, &cell| {
        sum.add(cell);
        sum
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(z: [[f64; 3]; 2], curvature: [[f64; 3]; 2]) -> Grid {
        let cells = z.iter().flatten().zip(curvature.iter().flatten());
        let cells = cells.map(|(z, &curvature)| Slope {
            gradient: z * curvature,
            curvature,
        });
        Grid::new(2, 3, cells.collect())
    }

    #[test]
    fn rows_and_columns_explain_what_is_additive() {
        let mut additive = grid(
            [[1.0, 2.0, -3.0], [1.5, 2.5, -2.5]],
            [[4.0, 1.0, 0.3], [2.0, 0.1, 9.0]],
        );
        assert!(additive.keep_interaction());
        assert!(additive.gain(1e-3) < 1e-9, "{additive:?}");
    }

    #[test]
    fn an_interaction_is_left_whatever_is_added_to_rows_and_columns() {
        let curvature = [[4.0, 1.0, 0.3], [2.0, 0.1, 9.0]];
        let mut bare = grid([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]], curvature);
        let mut moved = grid([[3.0, 1.0, 7.0], [1.5, 0.5, 6.5]], curvature);
        assert!(bare.keep_interaction() && moved.keep_interaction());
        assert!(bare.gain(1.0) > 0.01, "{bare:?}");
        assert!((bare.gain(1.0) - moved.gain(1.0)).abs() < 1e-6);
    }

    #[test]
    fn cells_without_rows_are_no_interaction() {
        let mut nested = grid(
            [[1.0, 0.0, 0.0], [0.0, 5.0, -2.0]],
            [[4.0, 0.0, 0.0], [0.0, 1.0, 9.0]],
        );
        assert!(nested.keep_interaction());
        assert!(nested.gain(1.0) < 1e-9, "{nested:?}");
    }
}
