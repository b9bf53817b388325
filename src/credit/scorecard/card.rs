//! The scorecard itself: points of every bin, and the score of a row.

use std::{collections::HashSet, ops::Range};

use serde::{Deserialize, Serialize};

use super::{
    cells::{BinKind, BinPoints, bounds, kind, log_odds_of, reachable},
    error::ScorecardError,
    points::{RoundingError, checked, rounded},
    scaling::{Allocation, CardParams, ScoreLine},
};
use crate::{
    credit::binning::Binning,
    stats::{LogOddsLine, sigmoid},
};

/// One characteristic of a scorecard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name; not empty, and no other has it.
    pub name: String,
    /// Its bins.
    pub binning: Binning,
    /// Log-odds of default for each unit of weight of evidence.
    pub coefficient: f64,
}

/// One value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// A number; `NaN` is missing.
    Number(f64),
    /// A level.
    Level(&'a str),
    /// No value.
    Missing,
}

/// The score of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Sum of the raw points, base points first.
    pub raw: f64,
    /// Sum of the rounded points.
    pub rounded: i64,
    /// Log-odds of default: the intercept and every coefficient times weight of evidence.
    pub log_odds: f64,
}

impl Score {
    /// Probability of default.
    pub fn pd(&self) -> f64 {
        sigmoid(self.log_odds)
    }
}

/// A scorecard; what is saved of it is what it was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Card {
    parts: Parts,
    line: ScoreLine,
    base: f64,
    base_rounded: i32,
    /// Position of each characteristic's first bin in the tables below, and their length.
    starts: Vec<u32>,
    cells: Vec<BinPoints>,
    kinds: Vec<BinKind>,
    rounding: RoundingError,
    lowest: f64,
    highest: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    entries: Vec<Entry>,
    intercept: f64,
    params: CardParams,
}

impl TryFrom<Parts> for Card {
    type Error = ScorecardError;

    fn try_from(parts: Parts) -> Result<Self, ScorecardError> {
        Self::new(parts.entries, parts.intercept, parts.params)
    }
}

impl From<Card> for Parts {
    fn from(card: Card) -> Self {
        card.parts
    }
}

impl Card {
    /// The scorecard of a model on weight of evidence, whose `intercept` is in log-odds of default.
    ///
    /// `points = offset / n − factor × (coefficient × weight of evidence + intercept / n)` if spread
    /// over `n` characteristics; see [`Allocation`] for the others.
    ///
    /// # Errors
    /// No characteristics, names that are empty or repeated, numbers that are not finite or out of
    /// range, and nothing to scale over a range ([`ScorecardError::Flat`]).
    pub fn new(
        entries: Vec<Entry>,
        intercept: f64,
        params: CardParams,
    ) -> Result<Self, ScorecardError> {
        check(&entries, intercept, &params)?;
        let log_odds: Vec<Vec<f64>> = entries.iter().map(log_odds_of).collect();
        let (mut safest, mut riskiest) = (intercept, intercept);
        for (entry, cells) in entries.iter().zip(&log_odds) {
            let (least, most) = bounds(reachable(entry, cells));
            safest += least;
            riskiest += most;
        }
        let line = params.scaling.line(params.sense, safest, riskiest);
        let line = line.ok_or(ScorecardError::Flat)?;
        let mut card = Self {
            line,
            base: 0.0,
            base_rounded: 0,
            starts: vec![0],
            cells: Vec::new(),
            kinds: Vec::new(),
            rounding: RoundingError::default(),
            lowest: 0.0,
            highest: 0.0,
            parts: Parts {
                entries,
                intercept,
                params,
            },
        };
        card.fill(&log_odds)?;
        card.measure();
        Ok(card)
    }

    /// Points of every bin, and those of no bin.
    fn fill(&mut self, log_odds: &[Vec<f64>]) -> Result<(), ScorecardError> {
        let intercept = self.parts.intercept;
        let ScoreLine { factor, offset } = self.line;
        let n = self.parts.entries.len() as f64;
        let allocation = self.parts.params.allocation;
        let mut base = match allocation {
            Allocation::Spread => 0.0,
            Allocation::Base | Allocation::ZeroFloor => offset - factor * intercept,
        };
        for (entry, cells) in self.parts.entries.iter().zip(log_odds) {
            let points: Vec<f64> = match allocation {
                Allocation::Spread => {
                    let even = |&cell: &f64| offset / n - factor * (cell + intercept / n);
                    cells.iter().map(even).collect()
                }
                Allocation::Base => cells.iter().map(|&cell| -factor * cell).collect(),
                Allocation::ZeroFloor => {
                    let least = bounds(reachable(entry, cells).map(|cell| -factor * cell)).0;
                    base += least;
                    cells.iter().map(|&cell| -factor * cell - least).collect()
                }
            };
            for (raw, &log_odds) in points.into_iter().zip(cells) {
                let raw = checked(raw, &entry.name)?;
                self.cells.push(BinPoints {
                    raw,
                    log_odds,
                    rounded: rounded(raw),
                });
            }
            let rows = &entry.binning.table().rows;
            self.kinds.extend(rows.iter().map(|row| kind(&row.label)));
            self.starts.push(self.cells.len() as u32);
        }
        self.base = checked(base, "base")?;
        self.base_rounded = rounded(self.base);
        Ok(())
    }

    /// Bounds of the score, and the error of rounding.
    fn measure(&mut self) {
        let mut rounding = RoundingError::default();
        if self.parts.params.allocation != Allocation::Spread {
            rounding.add([f64::from(self.base_rounded) - self.base].into_iter());
        }
        let (mut lowest, mut highest) = (self.base, self.base);
        for (position, entry) in self.parts.entries.iter().enumerate() {
            let cells = &self.cells[self.range(position)];
            let deviation = |cell: &BinPoints| f64::from(cell.rounded) - cell.raw;
            rounding.add(reachable(entry, cells).map(|cell| deviation(&cell)));
            let (least, most) = bounds(reachable(entry, cells).map(|cell| cell.raw));
            lowest += least;
            highest += most;
        }
        (self.rounding, self.lowest, self.highest) = (rounding, lowest, highest);
    }

    /// The characteristics, in the order in which points are added.
    pub fn entries(&self) -> &[Entry] {
        &self.parts.entries
    }

    /// Log-odds of default where every weight of evidence is 0.
    pub fn intercept(&self) -> f64 {
        self.parts.intercept
    }

    /// How log-odds are told in points.
    pub fn params(&self) -> &CardParams {
        &self.parts.params
    }

    /// The line between log-odds and scores.
    pub fn line(&self) -> ScoreLine {
        self.line
    }

    /// Points that every applicant has: raw and rounded.
    pub fn base_points(&self) -> (f64, i32) {
        (self.base, self.base_rounded)
    }

    /// Raw points of each bin of a characteristic; none if there is no such characteristic.
    pub fn points(&self, characteristic: usize) -> impl ExactSizeIterator<Item = f64> + '_ {
        self.of(characteristic).iter().map(|cell| cell.raw)
    }

    /// Rounded points of each bin of a characteristic; none if there is no such characteristic.
    pub fn rounded_points(&self, characteristic: usize) -> impl ExactSizeIterator<Item = i32> + '_ {
        self.of(characteristic).iter().map(|cell| cell.rounded)
    }

    /// Coefficient times weight of evidence of each bin of a characteristic; none if there is no
    /// such characteristic.
    pub fn log_odds(&self, characteristic: usize) -> impl ExactSizeIterator<Item = f64> + '_ {
        self.of(characteristic).iter().map(|cell| cell.log_odds)
    }

    /// What sort of bin a characteristic's `bin` is; none if there is no such bin.
    pub fn kind(&self, characteristic: usize, bin: u32) -> Option<BinKind> {
        let known = characteristic < self.parts.entries.len();
        let kinds = known.then(|| &self.kinds[self.range(characteristic)])?;
        kinds.get(bin as usize).copied()
    }

    /// The same card with its log-odds of default moved along `line`.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn recalibrated(self, line: &LogOddsLine) -> Result<Self, ScorecardError> {
        let Parts {
            mut entries,
            intercept,
            params,
        } = self.parts;
        for entry in &mut entries {
            entry.coefficient *= line.slope();
        }
        Self::new(entries, line.log_odds(intercept), params)
    }

    /// How far rounding may move a score.
    pub fn rounding_error(&self) -> RoundingError {
        self.rounding
    }

    /// Lowest and highest raw score of any combination of bins.
    pub fn bounds(&self) -> (f64, f64) {
        (self.lowest, self.highest)
    }

    /// Numbers of the bins of a row, whose values are in the order of the characteristics, written
    /// over `bins`.
    ///
    /// A number for a characteristic with levels has the bin of unseen ones; a level for a numeric
    /// characteristic has that of missing values.
    ///
    /// # Errors
    /// [`ScorecardError::RowLength`] if there are too many or too few values.
    pub fn find_bins<'v>(
        &self,
        values: impl IntoIterator<Item = Value<'v>>,
        bins: &mut Vec<u32>,
    ) -> Result<(), ScorecardError> {
        bins.clear();
        let mut values = values.into_iter();
        for (Entry { binning, .. }, value) in self.parts.entries.iter().zip(values.by_ref()) {
            let bin = match value {
                Value::Number(number) => binning.bin_of(number),
                Value::Level(level) => binning.bin_of_level(Some(level)),
                Value::Missing => binning.bin_of_missing(),
            };
            bins.push(bin as u32);
        }
        self.check_length(bins.len() + values.count())
    }

    /// The score of the row with these `bins`.
    ///
    /// # Errors
    /// [`ScorecardError::RowLength`] and [`ScorecardError::NoBin`].
    pub fn score(&self, bins: &[u32]) -> Result<Score, ScorecardError> {
        let mut score = Score {
            raw: self.base,
            rounded: self.base_rounded.into(),
            log_odds: self.parts.intercept,
        };
        self.visit(bins, |_, cell| {
            let points = self.cells[cell];
            score.raw += points.raw;
            score.rounded += i64::from(points.rounded);
            score.log_odds += points.log_odds;
        })?;
        Ok(score)
    }

    /// Calls `each` with every characteristic's position and its bin's place in the tables.
    pub(super) fn visit(
        &self,
        bins: &[u32],
        mut each: impl FnMut(usize, usize),
    ) -> Result<(), ScorecardError> {
        self.check_length(bins.len())?;
        for (characteristic, (&bin, ends)) in bins.iter().zip(self.starts.windows(2)).enumerate() {
            if bin >= ends[1] - ends[0] {
                return Err(ScorecardError::NoBin {
                    characteristic,
                    bin,
                });
            }
            each(characteristic, (ends[0] + bin) as usize);
        }
        Ok(())
    }

    fn check_length(&self, found: usize) -> Result<(), ScorecardError> {
        let expected = self.parts.entries.len();
        if found == expected {
            Ok(())
        } else {
            Err(ScorecardError::RowLength { found, expected })
        }
    }

    /// Where the bins of an existing characteristic are in the tables.
    pub(super) fn range(&self, characteristic: usize) -> Range<usize> {
        self.starts[characteristic] as usize..self.starts[characteristic + 1] as usize
    }

    fn of(&self, characteristic: usize) -> &[BinPoints] {
        if characteristic < self.parts.entries.len() {
            &self.cells[self.range(characteristic)]
        } else {
            &[]
        }
    }

    /// What every bin is worth, one characteristic after the other.
    pub(super) fn cells(&self) -> &[BinPoints] {
        &self.cells
    }

    /// What sort every bin is of, one characteristic after the other.
    pub(super) fn kinds(&self) -> &[BinKind] {
        &self.kinds
    }

    /// What those bins of a characteristic are worth that an applicant may have.
    pub(super) fn reachable(&self, characteristic: usize) -> impl Iterator<Item = BinPoints> + '_ {
        let cells = self.of(characteristic);
        reachable(&self.parts.entries[characteristic], cells)
    }
}

fn check(entries: &[Entry], intercept: f64, params: &CardParams) -> Result<(), ScorecardError> {
    if let Err(faults) = params.scaling.check()
        && let Some(&fault) = faults.first()
    {
        return Err(fault.into());
    }
    if !(1..=10_000).contains(&entries.len()) {
        let found = entries.len();
        return Err(ScorecardError::Characteristics { found });
    }
    let mut names = HashSet::new();
    for (position, entry) in entries.iter().enumerate() {
        let name = entry.name.clone();
        if name.is_empty() {
            return Err(ScorecardError::NoName { position });
        }
        if !entry.coefficient.is_finite() {
            return Err(ScorecardError::NotFinite { name });
        }
        if !names.insert(entry.name.as_str()) {
            return Err(ScorecardError::DuplicateName { name });
        }
    }
    if intercept.is_finite() {
        Ok(())
    } else {
        let name = "intercept".to_owned();
        Err(ScorecardError::NotFinite { name })
    }
}
