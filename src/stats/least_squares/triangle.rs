//! The triangle of a QR decomposition, made block by block of rows.

/// Share of its length that a column must have beside the columns before it to count.
const APART: f64 = 1e-8;

/// Rows that are taken at once, at least.
const BLOCK: usize = 256;

/// The triangle of all rows so far; the last column is the target.
pub(super) struct Triangle {
    /// Columns of rows that are waiting below the triangle, each column one vector.
    columns: Vec<Vec<f64>>,
    capacity: usize,
    filled: usize,
}

/// The least squares problem of a triangle, solved.
pub(super) struct Reduced {
    /// One per column; 0 for one that adds nothing.
    pub coefficients: Vec<f64>,
    /// Those that add something, ascending.
    pub columns: Vec<u32>,
    /// Their upper triangle, row by row, without the zeros below.
    pub factor: Vec<f64>,
    /// Sum of squares of what they leave.
    pub residual: f64,
    /// Sum of squares of the target.
    pub total: f64,
}

impl Triangle {
    /// `width` counts the target.
    pub(super) fn new(width: usize) -> Self {
        let capacity = width + BLOCK.max(width);
        Self {
            columns: vec![vec![0.0; capacity]; width],
            capacity,
            filled: 0,
        }
    }

    /// Adds a row.
    pub(super) fn push(&mut self, line: &[f64]) {
        if self.filled == self.capacity {
            self.fold();
        }
        for (column, value) in self.columns.iter_mut().zip(line) {
            column[self.filled] = *value;
        }
        self.filled += 1;
    }

    /// Turns what has been filled into a triangle of as many rows as there are columns.
    fn fold(&mut self) {
        let width = self.columns.len();
        let steps = width.min(self.filled);
        for step in 0..steps {
            let (done, rest) = self.columns.split_at_mut(step + 1);
            let pivot = &mut done[step][step..self.filled];
            let Some(reflector) = Reflector::of(pivot) else {
                continue;
            };
            for column in rest {
                reflector.apply(&mut column[step..self.filled]);
            }
            pivot[0] = reflector.length;
            pivot[1..].fill(0.0);
        }
        self.filled = steps;
    }

    /// Solves the problem; columns that add nothing to those before them are left out.
    pub(super) fn reduce(mut self) -> Reduced {
        self.fold();
        let rows = self.filled;
        let target = self.columns.pop().unwrap_or_default();
        let mut target = target[..rows].to_vec();
        let total = squares(&target);
        let (mut reflectors, mut kept): (Vec<Reflector>, Vec<Vec<f64>>) = (Vec::new(), Vec::new());
        let mut columns = Vec::new();
        for (position, column) in (0_u32..).zip(&self.columns) {
            let mut column = column[..rows].to_vec();
            let length = squares(&column).sqrt();
            for (step, reflector) in reflectors.iter().enumerate() {
                reflector.apply(&mut column[step..]);
            }
            let step = reflectors.len();
            let tail = column.get(step..).unwrap_or_default();
            if squares(tail).sqrt() <= APART * length {
                continue;
            }
            let Some(reflector) = Reflector::of(tail) else {
                continue;
            };
            reflector.apply(&mut target[step..]);
            column.truncate(step);
            column.push(reflector.length);
            reflectors.push(reflector);
            kept.push(column);
            columns.push(position);
        }
        let rank = columns.len();
        let mut solution = target[..rank].to_vec();
        for row in (0..rank).rev() {
            let known: f64 = (row + 1..rank).map(|at| kept[at][row] * solution[at]).sum();
            solution[row] = (solution[row] - known) / kept[row][row];
        }
        let mut coefficients = vec![0.0; self.columns.len()];
        for (column, value) in columns.iter().zip(&solution) {
            coefficients[*column as usize] = *value;
        }
        let upper = (0..rank).flat_map(|row| kept[row..].iter().map(move |column| column[row]));
        Reduced {
            coefficients,
            factor: upper.collect(),
            columns,
            residual: squares(&target[rank..]),
            total,
        }
    }
}

/// A reflection that leaves of a column its first entry alone (Householder).
struct Reflector {
    direction: Vec<f64>,
    /// 2 over the squared length of the direction.
    scale: f64,
    /// What the first entry becomes.
    length: f64,
}

impl Reflector {
    /// None for a column of zeros.
    fn of(column: &[f64]) -> Option<Self> {
        let norm = squares(column).sqrt();
        if norm <= 0.0 {
            return None;
        }
        // The sign that adds rather than cancels.
        let length = if column[0] > 0.0 { -norm } else { norm };
        let mut direction = column.to_vec();
        direction[0] -= length;
        Some(Self {
            scale: 2.0 / squares(&direction),
            direction,
            length,
        })
    }

    fn apply(&self, column: &mut [f64]) {
        let product: f64 = self
            .direction
            .iter()
            .zip(column.iter())
            .map(|(a, b)| a * b)
            .sum();
        let factor = self.scale * product;
        for (value, direction) in column.iter_mut().zip(&self.direction) {
            *value -= factor * direction;
        }
    }
}

fn squares(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum()
}
