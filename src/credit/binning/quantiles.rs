//! Runs of neighbouring values, joined until they are few.

use super::target::Cell;

/// Neighbouring values with their goods and bads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub first: f64,
    pub last: f64,
    pub cell: Cell,
}

impl Run {
    /// A single value.
    pub fn of_value(value: f64, cell: Cell) -> Self {
        Self {
            first: value,
            last: value,
            cell,
        }
    }

    /// Goods and bads of all `runs`.
    pub fn sum(runs: &[Self]) -> Cell {
        let cells = runs.iter().map(|run| run.cell);
        cells.fold(Cell::default(), |sum, cell| sum + cell)
    }
}

/// Takes runs in order and joins neighbours into so many of about equal size, unless there are no
/// more of them anyway. A run larger than its share stays with what came before it.
#[derive(Debug)]
pub(super) struct Quantiles {
    most: usize,
    total: f64,
    /// The first runs as they came, one more than `most` if there are too many.
    single: Vec<Run>,
    joined: Vec<Run>,
    /// Whether the last of `joined` takes the next run.
    open: bool,
    sum: f64,
    /// The quantile to be reached next, and the sum that reaches it.
    number: f64,
    reach: f64,
}

impl Quantiles {
    /// For runs that `total` rows fall into.
    pub fn new(total: f64, most: usize) -> Self {
        let mut quantiles = Self {
            most,
            total,
            single: Vec::new(),
            joined: Vec::with_capacity(most),
            open: false,
            sum: 0.0,
            number: 0.0,
            reach: 0.0,
        };
        quantiles.next_quantile();
        quantiles
    }

    /// At most `most` quantiles of `runs`.
    pub fn of(runs: impl Iterator<Item = Run> + Clone, most: usize) -> Vec<Run> {
        let total = runs.clone().map(|run| run.cell.count()).sum();
        let mut quantiles = Self::new(total, most);
        runs.for_each(|run| quantiles.push(run));
        quantiles.finish()
    }

    pub fn push(&mut self, run: Run) {
        if self.single.len() <= self.most {
            self.single.push(run);
        }
        match self.joined.last_mut() {
            Some(last) if self.open => {
                last.last = run.last;
                last.cell += run.cell;
            }
            _ => self.joined.push(run),
        }
        self.sum += run.cell.count();
        self.open = self.sum < self.reach;
        // A heavy run reaches several quantiles at once.
        while self.sum >= self.reach {
            self.next_quantile();
        }
    }

    fn next_quantile(&mut self) {
        self.number += 1.0;
        // Sums of weights may miss a quantile by their rounding.
        self.reach = self.total * (self.number / self.most as f64) * (1.0 - 1e-12);
    }

    pub fn finish(self) -> Vec<Run> {
        if self.single.len() <= self.most {
            self.single
        } else {
            self.joined
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(counts: &[f64], most: usize) -> Vec<f64> {
        let run = |(at, &goods): (usize, &f64)| Run::of_value(at as f64, Cell { goods, bads: 0.0 });
        let joined = Quantiles::of(counts.iter().enumerate().map(run), most);
        assert!(joined.windows(2).all(|pair| pair[0].last < pair[1].first));
        joined.iter().map(|run| run.cell.count()).collect()
    }

    #[test]
    fn equal_runs_are_joined_evenly() {
        assert_eq!(sizes(&[1.0; 12], 4), [3.0; 4]);
    }

    #[test]
    fn few_runs_stay_as_they_are() {
        assert_eq!(sizes(&[90.0, 1.0, 9.0], 3), [90.0, 1.0, 9.0]);
    }

    #[test]
    fn a_heavy_run_stays_apart_from_what_follows() {
        assert_eq!(sizes(&[80.0, 5.0, 5.0, 5.0, 5.0], 4), [80.0, 20.0]);
    }
}
