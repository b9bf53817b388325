//! The scorecard itself: points of every bin, and the score of a row.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{
    cells::{BinKind, BinPoints, reachable},
    error::ScorecardError,
    pair::Pair,
    parts::{Entry, Parts},
    points::RoundingError,
    scaling::{CardParams, ScoreLine},
    tables::Tables,
};
use crate::stats::{LogOddsLine, sigmoid};

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
    /// Log-odds of default: the intercept, every coefficient times weight of evidence, and those of
    /// the pairs.
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
    tables: Tables,
}

impl TryFrom<Parts> for Card {
    type Error = ScorecardError;

    fn try_from(parts: Parts) -> Result<Self, ScorecardError> {
        parts.check()?;
        let (tables, line) = Tables::new(&parts)?;
        Ok(Self {
            parts,
            line,
            tables,
        })
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
    /// over `n` characteristics; see [`Allocation`](super::Allocation) for the others.
    ///
    /// # Errors
    /// No characteristics, names that are empty or repeated, numbers that are not finite or out of
    /// range, and nothing to scale over a range ([`ScorecardError::Flat`]).
    pub fn new(
        entries: Vec<Entry>,
        intercept: f64,
        params: CardParams,
    ) -> Result<Self, ScorecardError> {
        Self::with_pairs(entries, Vec::new(), intercept, params)
    }

    /// The same with terms of two characteristics, which add
    /// `−factor × coefficient × log-odds` points each.
    ///
    /// # Errors
    /// As [`Card::new`], and [`ScorecardError::Pairs`] and [`ScorecardError::Pair`].
    pub fn with_pairs(
        entries: Vec<Entry>,
        pairs: Vec<Pair>,
        intercept: f64,
        params: CardParams,
    ) -> Result<Self, ScorecardError> {
        Self::try_from(Parts {
            entries,
            pairs,
            intercept,
            params,
        })
    }

    /// The characteristics, in the order in which points are added.
    pub fn entries(&self) -> &[Entry] {
        &self.parts.entries
    }

    /// The terms of two characteristics, in the order in which their points are added, after those
    /// of the characteristics.
    pub fn pairs(&self) -> &[Pair] {
        &self.parts.pairs
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
        (self.tables.base, self.tables.base_rounded)
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
        let kinds = known.then(|| &self.kinds()[self.range(characteristic)])?;
        kinds.get(bin as usize).copied()
    }

    /// The same card with its log-odds of default moved along `line`.
    ///
    /// # Errors
    /// As [`with_pairs`](Self::with_pairs).
    pub fn recalibrated(self, line: &LogOddsLine) -> Result<Self, ScorecardError> {
        let Parts {
            mut entries,
            mut pairs,
            intercept,
            params,
        } = self.parts;
        for entry in &mut entries {
            entry.coefficient *= line.slope();
        }
        for pair in &mut pairs {
            pair.coefficient *= line.slope();
        }
        Self::with_pairs(entries, pairs, line.log_odds(intercept), params)
    }

    /// Raw points of each cell of a pair, in the order of its log-odds; none if there is no such
    /// pair.
    pub fn pair_points(&self, pair: usize) -> impl ExactSizeIterator<Item = f64> + '_ {
        self.of_pair(pair).iter().map(|cell| cell.raw)
    }

    /// Rounded points of each cell of a pair; none if there is no such pair.
    pub fn pair_rounded_points(&self, pair: usize) -> impl ExactSizeIterator<Item = i32> + '_ {
        self.of_pair(pair).iter().map(|cell| cell.rounded)
    }

    /// Coefficient times log-odds of each cell of a pair; none if there is no such pair.
    pub fn pair_log_odds(&self, pair: usize) -> impl ExactSizeIterator<Item = f64> + '_ {
        self.of_pair(pair).iter().map(|cell| cell.log_odds)
    }

    /// How far rounding may move a score.
    pub fn rounding_error(&self) -> RoundingError {
        self.tables.rounding
    }

    /// Lowest and highest raw score of any combination of bins.
    ///
    /// With pairs that tie very many characteristics together they may lie further apart, and so
    /// may the differences of [`rounding_error`](Self::rounding_error); no score ever leaves them.
    pub fn bounds(&self) -> (f64, f64) {
        (self.tables.lowest, self.tables.highest)
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
            raw: self.tables.base,
            rounded: self.tables.base_rounded.into(),
            log_odds: self.parts.intercept,
        };
        let mut add = |cell: usize| {
            let points = self.tables.cells[cell];
            score.raw += points.raw;
            score.rounded += i64::from(points.rounded);
            score.log_odds += points.log_odds;
        };
        self.visit(bins, |_, cell| add(cell))?;
        self.visit_pairs(bins, |_, cell| add(cell));
        Ok(score)
    }

    /// Calls `each` with every characteristic's position and its bin's place in the tables.
    pub(super) fn visit(
        &self,
        bins: &[u32],
        mut each: impl FnMut(usize, usize),
    ) -> Result<(), ScorecardError> {
        self.check_length(bins.len())?;
        for (characteristic, &bin) in bins.iter().enumerate() {
            let (count, start) = self.tables.bins(characteristic);
            if bin >= count {
                return Err(ScorecardError::NoBin {
                    characteristic,
                    bin,
                });
            }
            each(characteristic, (start + bin) as usize);
        }
        Ok(())
    }

    /// Calls `each` with every pair's position and its cell's place in the tables; the `bins` must
    /// exist.
    pub(super) fn visit_pairs(&self, bins: &[u32], mut each: impl FnMut(usize, usize)) {
        for (at, pair) in self.parts.pairs.iter().enumerate() {
            let [first, second] = [pair.first, pair.second].map(|of| bins[of as usize]);
            each(at, self.pair_cell(at, first, second));
        }
    }

    /// Place of a pair's cell in the tables, by existing bins of its characteristics.
    pub(super) fn pair_cell(&self, at: usize, first: u32, second: u32) -> usize {
        let pair = &self.parts.pairs[at];
        let (first, second) = (first as usize, second as usize);
        self.tables
            .cell(at, pair.groups_first[first], pair.groups_second[second])
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
        self.tables.range(characteristic)
    }

    /// Where the cells of an existing pair are in the tables.
    pub(super) fn pair_range(&self, pair: usize) -> Range<usize> {
        self.tables.range(self.parts.entries.len() + pair)
    }

    fn of(&self, characteristic: usize) -> &[BinPoints] {
        if characteristic < self.parts.entries.len() {
            &self.tables.cells[self.range(characteristic)]
        } else {
            &[]
        }
    }

    fn of_pair(&self, pair: usize) -> &[BinPoints] {
        if pair < self.parts.pairs.len() {
            &self.tables.cells[self.pair_range(pair)]
        } else {
            &[]
        }
    }

    /// What every bin is worth, one characteristic after the other, then every cell, one pair after
    /// the other.
    pub(super) fn cells(&self) -> &[BinPoints] {
        &self.tables.cells
    }

    /// What sort every bin is of, one characteristic after the other.
    pub(super) fn kinds(&self) -> &[BinKind] {
        &self.tables.kinds
    }

    /// What those bins of a characteristic are worth that an applicant may have.
    pub(super) fn reachable(&self, characteristic: usize) -> impl Iterator<Item = BinPoints> + '_ {
        let cells = self.of(characteristic);
        reachable(&self.parts.entries[characteristic], cells)
    }
}
