//! Dense row-major matrix, column moments and the Cholesky factor.

/// Dense matrix of `f64`, stored row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    data: Vec<f64>,
}

/// The number of values does not make `rows` x `columns`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{values} values do not fill {rows} rows of {columns} columns")]
pub struct ShapeError {
    /// Rows asked for.
    pub rows: usize,
    /// Columns asked for.
    pub columns: usize,
    /// Values given.
    pub values: usize,
}

impl Matrix {
    /// Matrix of zeros.
    pub fn new(rows: usize, columns: usize) -> Self {
        Self {
            rows,
            columns,
            data: vec![0.0; rows * columns],
        }
    }

    /// Matrix over values given row by row.
    ///
    /// # Errors
    /// [`ShapeError`] when `data` does not hold `rows * columns` values.
    pub fn from_vec(rows: usize, columns: usize, data: Vec<f64>) -> Result<Self, ShapeError> {
        if rows.checked_mul(columns) == Some(data.len()) {
            Ok(Self {
                rows,
                columns,
                data,
            })
        } else {
            Err(ShapeError {
                rows,
                columns,
                values: data.len(),
            })
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Row `i` as a slice of `columns` values.
    ///
    /// # Panics
    /// When `i` is not below [`Matrix::rows`].
    pub fn row(&self, i: usize) -> &[f64] {
        assert!(i < self.rows, "row {i} of {}", self.rows);
        &self.data[i * self.columns..(i + 1) * self.columns]
    }

    /// Row `i`, to be written.
    ///
    /// # Panics
    /// When `i` is not below [`Matrix::rows`].
    pub fn row_mut(&mut self, i: usize) -> &mut [f64] {
        assert!(i < self.rows, "row {i} of {}", self.rows);
        &mut self.data[i * self.columns..(i + 1) * self.columns]
    }

    /// All values, row by row.
    pub fn as_slice(&self) -> &[f64] {
        &self.data
    }

    /// Copy of the given rows, in the given order; a row may appear more than once.
    ///
    /// # Panics
    /// When a row does not exist.
    pub fn select_rows(&self, rows: &[usize]) -> Matrix {
        let mut data = Vec::with_capacity(rows.len() * self.columns);
        for &row in rows {
            data.extend_from_slice(self.row(row));
        }
        Self {
            rows: rows.len(),
            columns: self.columns,
            data,
        }
    }

    /// Copy of the given columns, in the given order; a column may appear more than once.
    ///
    /// # Panics
    /// When a column does not exist.
    pub fn select_columns(&self, columns: &[usize]) -> Matrix {
        let mut data = Vec::with_capacity(self.rows * columns.len());
        for i in 0..self.rows {
            let row = self.row(i);
            data.extend(columns.iter().map(|&column| row[column]));
        }
        Self {
            rows: self.rows,
            columns: columns.len(),
            data,
        }
    }
}

/// Mean and standard deviation of every column.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnMoments {
    /// Arithmetic mean per column.
    pub mean: Vec<f64>,
    /// Standard deviation per column, divided by `n` (not `n - 1`); exactly 0 for a constant.
    pub standard_deviation: Vec<f64>,
}

/// Mean and standard deviation (ddof 0) of every column, in two passes.
///
/// A column of equal values has a deviation of exactly 0, without rounding dust. A matrix without
/// rows has zeros throughout.
pub fn column_moments(m: &Matrix) -> ColumnMoments {
    moments(m, |_| 1.0)
}

/// As [`column_moments`], with one non-negative weight per row.
///
/// A row of weight 0 is as good as absent, also when a column is judged to be constant.
///
/// # Panics
/// When there are fewer weights than rows.
pub fn weighted_column_moments(m: &Matrix, weights: &[f64]) -> ColumnMoments {
    moments(m, |row| weights[row])
}

fn moments(m: &Matrix, weight: impl Fn(usize) -> f64) -> ColumnMoments {
    let mut mean = vec![0.0; m.columns];
    let mut spread = vec![0.0; m.columns];
    let mut constant = vec![true; m.columns];
    let present = || (0..m.rows).filter(|&i| weight(i) > 0.0);
    let total: f64 = present().map(&weight).sum();
    let Some(first) = present().next().map(|i| m.row(i)) else {
        return ColumnMoments {
            mean,
            standard_deviation: spread,
        };
    };
    // Deviations from the first row, not the values themselves: a large common offset (a year, an
    // account number) would otherwise cost the mean its last digits.
    for i in present() {
        let weight = weight(i);
        for (j, value) in m.row(i).iter().enumerate() {
            let shift = value - first[j];
            mean[j] += weight * shift;
            constant[j] &= shift == 0.0;
        }
    }
    for (mean, first) in mean.iter_mut().zip(first) {
        *mean = first + *mean / total;
    }
    for i in present() {
        let weight = weight(i);
        for ((spread, mean), value) in spread.iter_mut().zip(&mean).zip(m.row(i)) {
            let deviation = value - mean;
            *spread += weight * deviation * deviation;
        }
    }
    for (spread, constant) in spread.iter_mut().zip(constant) {
        *spread = if constant {
            0.0
        } else {
            (*spread / total).sqrt()
        };
    }
    ColumnMoments {
        mean,
        standard_deviation: spread,
    }
}

/// The matrix is not positive-definite to working precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the matrix is not positive-definite (pivot {pivot})")]
pub struct NotPositiveDefinite {
    /// First row that adds nothing to the rows before it.
    pub pivot: usize,
}

/// Lower-triangular factor `L` of a symmetric positive-definite matrix, `A = L Lᵀ`.
#[derive(Clone, Debug, PartialEq)]
pub struct Cholesky {
    order: usize,
    lower: Vec<f64>,
}

/// Share of its diagonal that a pivot must keep. A pivot is the part of a column that the columns
/// before it do not explain, so its reciprocal share is the column's variance inflation.
const PIVOT_SHARE: f64 = 1e-12;

impl Cholesky {
    /// Factor of the `n` x `n` matrix given row by row; only its lower triangle is read.
    ///
    /// # Errors
    /// [`NotPositiveDefinite`] when a pivot is not positive, or is lost in rounding: below 1e-12
    /// of its diagonal.
    ///
    /// # Panics
    /// When `matrix` does not hold `n * n` values.
    pub fn factor(matrix: &[f64], n: usize) -> Result<Self, NotPositiveDefinite> {
        assert_eq!(matrix.len(), n * n, "a square matrix of order {n}");
        let mut lower = matrix.to_vec();
        for i in 0..n {
            let (above, rest) = lower.split_at_mut(i * n);
            let row = &mut rest[..n];
            for j in 0..i {
                let other = &above[j * n..j * n + n];
                row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j];
            }
            let diagonal = row[i];
            let pivot = diagonal - dot(&row[..i], &row[..i]);
            // Written so that NaN fails.
            if !(pivot > 0.0 && pivot >= PIVOT_SHARE * diagonal && pivot.is_finite()) {
                return Err(NotPositiveDefinite { pivot: i });
            }
            row[i] = pivot.sqrt();
            row[i + 1..].fill(0.0);
        }
        Ok(Self { order: n, lower })
    }

    /// Solves `A x = b` in place: `b` comes in, `x` goes out.
    ///
    /// # Panics
    /// When `b` is shorter than the order of the matrix.
    pub fn solve(&self, b: &mut [f64]) {
        self.solve_lower(b);
        let n = self.order;
        for i in (0..n).rev() {
            let row = &self.lower[i * n..i * n + n];
            b[i] /= row[i];
            let solved = b[i];
            for (value, factor) in b[..i].iter_mut().zip(row) {
                *value -= solved * factor;
            }
        }
    }

    /// Solves `L x = b` in place; `x · x` is then `bᵀ A⁻¹ b`.
    ///
    /// # Panics
    /// When `b` is shorter than the order of the matrix.
    pub fn solve_lower(&self, b: &mut [f64]) {
        let n = self.order;
        for i in 0..n {
            let row = &self.lower[i * n..i * n + n];
            b[i] = (b[i] - dot(&row[..i], &b[..i])) / row[i];
        }
    }

    /// Natural logarithm of the determinant of `A`.
    pub fn log_determinant(&self) -> f64 {
        let diagonal = self.lower.iter().step_by(self.order + 1);
        2.0 * diagonal.map(|value| libm::log(*value)).sum::<f64>()
    }

    /// Diagonal of the inverse matrix.
    pub fn inverse_diagonal(&self) -> Vec<f64> {
        let n = self.order;
        let mut diagonal = vec![0.0; n];
        let mut column = vec![0.0; n];
        // (A⁻¹)ⱼⱼ = ‖L⁻¹ eⱼ‖², and L⁻¹ eⱼ is zero above j.
        for j in 0..n {
            column.fill(0.0);
            column[j] = 1.0;
            for i in j..n {
                let row = &self.lower[i * n..i * n + n];
                column[i] = (column[i] - dot(&row[j..i], &column[j..i])) / row[i];
            }
            diagonal[j] = dot(&column[j..], &column[j..]);
        }
        diagonal
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cholesky_solves_and_inverts() {
        let matrix = [4.0, 0.0, 0.0, 2.0, 5.0, 0.0, 1.0, 3.0, 6.0];
        let factor = Cholesky::factor(&matrix, 3).unwrap();
        let mut x = [4.0 + 4.0 + 3.0, 2.0 + 10.0 + 9.0, 1.0 + 6.0 + 18.0];
        factor.solve(&mut x);
        for (x, expected) in x.iter().zip([1.0, 2.0, 3.0]) {
            assert!((x - expected).abs() < 1e-14);
        }
        // det = 67; cofactors of the diagonal: 21, 23, 16.
        for (value, expected) in factor.inverse_diagonal().iter().zip([21.0, 23.0, 16.0]) {
            assert!((value - expected / 67.0).abs() < 1e-15);
        }
        assert!((factor.log_determinant() - 67.0_f64.ln()).abs() < 1e-14);
        // e₂ᵀ A⁻¹ e₂ is the second of that diagonal.
        let mut half = [0.0, 1.0, 0.0];
        factor.solve_lower(&mut half);
        let form: f64 = half.iter().map(|value| value * value).sum();
        assert!((form - 23.0 / 67.0).abs() < 1e-15);
    }

    #[test]
    fn a_repeated_column_is_named() {
        let matrix = [1.0, 1.0, 1.0, 1.0];
        let refused = Cholesky::factor(&matrix, 2);
        assert_eq!(refused, Err(NotPositiveDefinite { pivot: 1 }));
    }

    #[test]
    fn moments_survive_a_large_offset_and_a_constant() {
        let data = vec![1e9 + 1.0, 0.1, 1e9 + 2.0, 0.1, 1e9 + 3.0, 0.1];
        let moments = column_moments(&Matrix::from_vec(3, 2, data).unwrap());
        assert_eq!(moments.mean, [1e9 + 2.0, 0.1]);
        assert!((moments.standard_deviation[0] - (2.0_f64 / 3.0).sqrt()).abs() < 1e-15);
        assert_eq!(moments.standard_deviation[1].to_bits(), 0.0_f64.to_bits());
    }
}
