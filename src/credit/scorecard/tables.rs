//! What a card is worth, cell by cell.

use std::ops::Range;

use super::{
    cells::{BinKind, BinPoints, bounds, kind, log_odds_of, reachable},
    error::ScorecardError,
    joint::Joint,
    parts::Parts,
    points::{RoundingError, checked, rounded},
    scaling::{Allocation, ScoreLine},
};

/// Flat tables of all bins and all cells of pairs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tables {
    pub base: f64,
    pub base_rounded: i32,
    /// Where the bins of each characteristic start among the cells, then the cells of each pair,
    /// and their number.
    starts: Vec<u32>,
    /// Groups of each pair's second characteristic.
    widths: Vec<u32>,
    pub cells: Vec<BinPoints>,
    /// What sort every bin of a characteristic is of.
    pub kinds: Vec<BinKind>,
    pub rounding: RoundingError,
    pub lowest: f64,
    pub highest: f64,
}

impl Tables {
    /// The tables of `parts`, which have been checked, and the line of their scaling.
    pub fn new(parts: &Parts) -> Result<(Self, ScoreLine), ScorecardError> {
        let log_odds = log_odds(parts);
        let joint = Joint::new(&parts.entries, &parts.pairs);
        let (safest, riskiest) = joint.bounds(|table, cell| log_odds[table][cell]);
        let (safest, riskiest) = (parts.intercept + safest, parts.intercept + riskiest);
        let line = parts
            .params
            .scaling
            .line(parts.params.sense, safest, riskiest);
        let line = line.ok_or(ScorecardError::Flat)?;
        let mut tables = Self {
            base: 0.0,
            base_rounded: 0,
            starts: vec![0],
            widths: parts
                .pairs
                .iter()
                .map(|pair| pair.groups().1 as u32)
                .collect(),
            cells: Vec::new(),
            kinds: Vec::new(),
            rounding: RoundingError::default(),
            lowest: 0.0,
            highest: 0.0,
        };
        tables.fill(parts, line, &log_odds)?;
        tables.measure(parts, &joint);
        Ok((tables, line))
    }

    /// Points of every bin and cell, and those of none.
    ///
    /// Only characteristics take part in spreading what no bin decides about: the points of a pair
    /// stay what it adds.
    fn fill(
        &mut self,
        parts: &Parts,
        ScoreLine { factor, offset }: ScoreLine,
        log_odds: &[Vec<f64>],
    ) -> Result<(), ScorecardError> {
        let intercept = parts.intercept;
        let n = parts.entries.len() as f64;
        let allocation = parts.params.allocation;
        let mut base = match allocation {
            Allocation::Spread => 0.0,
            Allocation::Base | Allocation::ZeroFloor => offset - factor * intercept,
        };
        for (table, cells) in log_odds.iter().enumerate() {
            let own = |&cell: &f64| -factor * cell;
            let points: Vec<f64> = match allocation {
                Allocation::Spread if table < parts.entries.len() => {
                    let even = |&cell: &f64| offset / n - factor * (cell + intercept / n);
                    cells.iter().map(even).collect()
                }
                Allocation::Spread | Allocation::Base => cells.iter().map(own).collect(),
                Allocation::ZeroFloor => {
                    let least = bounds(parts.taken(table, cells).iter().map(own)).0;
                    base += least;
                    cells.iter().map(|cell| own(cell) - least).collect()
                }
            };
            for (raw, &log_odds) in points.into_iter().zip(cells) {
                let raw = checked(raw, || parts.name(table))?;
                self.cells.push(BinPoints {
                    raw,
                    log_odds,
                    rounded: rounded(raw),
                });
            }
            self.starts.push(self.cells.len() as u32);
        }
        let rows = parts
            .entries
            .iter()
            .flat_map(|entry| &entry.binning.table().rows);
        self.kinds = rows.map(|row| kind(&row.label)).collect();
        self.base = checked(base, || "base".to_owned())?;
        self.base_rounded = rounded(self.base);
        Ok(())
    }

    /// Bounds of the score, and the error of rounding.
    fn measure(&mut self, parts: &Parts, joint: &Joint<'_>) {
        if parts.params.allocation != Allocation::Spread {
            let deviation = f64::from(self.base_rounded) - self.base;
            self.rounding.add(1, (deviation, deviation));
        }
        let at = |table, cell| self.cells[self.range(table).start + cell];
        let deviations = joint.bounds(|table, cell| at(table, cell).deviation());
        let (least, most) = joint.bounds(|table, cell| at(table, cell).raw);
        self.rounding.add(self.starts.len() - 1, deviations);
        (self.lowest, self.highest) = (self.base + least, self.base + most);
    }

    /// Where the cells of a table are: characteristics first, then pairs.
    pub fn range(&self, table: usize) -> Range<usize> {
        self.starts[table] as usize..self.starts[table + 1] as usize
    }

    /// How many bins an existing characteristic has, and where they start.
    pub fn bins(&self, characteristic: usize) -> (u32, u32) {
        let start = self.starts[characteristic];
        (self.starts[characteristic + 1] - start, start)
    }

    /// Number of the characteristics.
    pub fn characteristics(&self) -> usize {
        self.starts.len() - 1 - self.widths.len()
    }

    /// Where the cell of two groups of an existing pair is.
    pub fn cell(&self, pair: usize, first: u32, second: u32) -> usize {
        let start = self.starts[self.characteristics() + pair];
        (start + first * self.widths[pair] + second) as usize
    }
}

impl Parts {
    /// Name of a table, for messages.
    fn name(&self, table: usize) -> String {
        match table.checked_sub(self.entries.len()) {
            None => self.entries[table].name.clone(),
            Some(pair) => self.pairs[pair].name(&self.entries),
        }
    }

    /// Those cells of a table that an applicant may have.
    fn taken(&self, table: usize, cells: &[f64]) -> Vec<f64> {
        match table.checked_sub(self.entries.len()) {
            None => reachable(&self.entries[table], cells).collect(),
            Some(pair) => {
                let cell = |at: usize| cells[at];
                let taken = self.pairs[pair].reachable(&self.entries);
                taken.into_iter().map(cell).collect()
            }
        }
    }
}

/// Log-odds of every bin of every characteristic, then of every cell of every pair.
fn log_odds(parts: &Parts) -> Vec<Vec<f64>> {
    let pairs = parts.pairs.iter().map(|pair| {
        let cells = pair.log_odds.iter();
        cells.map(|cell| pair.coefficient * cell).collect()
    });
    parts.entries.iter().map(log_odds_of).chain(pairs).collect()
}
