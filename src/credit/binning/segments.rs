//! Every run of neighbouring prebins that may become a bin, with its worth and bad rate.

use super::{optimum::Limits, params::Objective, prebin::log_likelihood, target::Cell};

/// Segments `start..end` of `count` prebins, for every `start < end <= count`.
#[derive(Debug)]
pub(super) struct Segments {
    pub count: usize,
    /// Worth to the objective; minus infinity where the segment may not be a bin.
    worth: Vec<f64>,
    rate: Vec<f64>,
}

impl Segments {
    /// `fixed[i]` forbids joining prebins `i` and `i + 1`. The whole is no segment: a partition has
    /// two bins at least.
    pub fn new(prebins: &[Cell], fixed: &[bool], limits: &Limits) -> Self {
        let count = prebins.len();
        let mut segments = Self {
            count,
            worth: vec![f64::NEG_INFINITY; count * (count + 1) / 2],
            rate: vec![0.0; count * (count + 1) / 2],
        };
        let worth = Worth::new(limits);
        for start in 0..count {
            let mut cell = Cell::default();
            for end in start + 1..=count {
                cell += prebins[end - 1];
                if limits.allow(cell) && (start, end) != (0, count) {
                    let at = segments.at(start, end);
                    segments.worth[at] = worth.of(cell);
                    segments.rate[at] = cell.bads / cell.count();
                }
                if fixed.get(end - 1) == Some(&true) {
                    break;
                }
            }
        }
        segments
    }

    /// Number of segments, allowed or not.
    pub fn len(&self) -> usize {
        self.worth.len()
    }

    /// Where a segment stands: those that end together stand together, by their starts.
    pub fn at(&self, start: usize, end: usize) -> usize {
        end * (end - 1) / 2 + start
    }

    /// Starts of the allowed segments that end at `end`.
    pub fn starts(&self, end: usize) -> impl Iterator<Item = usize> {
        (0..end).filter(move |&start| self.allows(start, end))
    }

    pub fn worth(&self, start: usize, end: usize) -> f64 {
        self.worth[self.at(start, end)]
    }

    pub fn rate(&self, start: usize, end: usize) -> f64 {
        self.rate[self.at(start, end)]
    }

    pub fn allows(&self, start: usize, end: usize) -> bool {
        self.worth(start, end) > f64::NEG_INFINITY
    }
}

/// What a bin is worth to the objective.
pub(super) struct Worth<'a> {
    limits: &'a Limits,
    toll: f64,
}

impl<'a> Worth<'a> {
    pub fn new(limits: &'a Limits) -> Self {
        let toll = match limits.objective {
            Objective::InformationValue => 0.0,
            Objective::PenalisedLikelihood { penalty } => {
                penalty * libm::log(limits.totals.count()).max(0.0)
            }
        };
        Self { limits, toll }
    }

    pub fn of(&self, cell: Cell) -> f64 {
        match self.limits.objective {
            Objective::InformationValue => {
                let evidence = self.limits.zero_cells.of_bin(cell, self.limits.totals);
                evidence.map_or(0.0, |(_, value)| value)
            }
            Objective::PenalisedLikelihood { .. } => log_likelihood(cell) - self.toll,
        }
    }
}
