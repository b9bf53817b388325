//! A characteristic's bins as they are kept in a model: find the bin of a value, then its evidence.

use serde::{Deserialize, Serialize};

use super::{
    error::Infeasible,
    table::{BinTable, Label},
    trend::Shape,
};

/// How values are told apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// By size.
    Numeric {
        /// Breaks between the clean bins, ascending; each belongs to the bin above.
        breaks: Vec<f64>,
        /// Special codes, ascending, each with the number of its bin.
        special: Vec<(f64, u32)>,
    },
    /// By name.
    Levels {
        /// Levels, sorted, each with the number of its bin.
        bins: Vec<(String, u32)>,
        /// Bin of every other level.
        unseen: u32,
    },
}

/// The bins of one characteristic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Binning(Parts);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parts {
    pub scale: Scale,
    /// Clean bins; they come first.
    pub clean: u32,
    /// Number of the missing bin.
    pub missing: u32,
    pub shape: Shape,
    pub single: Option<Infeasible>,
    pub table: BinTable,
}

/// A stored binning contradicts itself.
#[derive(Debug, thiserror::Error)]
#[error("the stored binning is inconsistent: {0}")]
pub struct Inconsistent(&'static str);

impl TryFrom<Parts> for Binning {
    type Error = Inconsistent;

    fn try_from(parts: Parts) -> Result<Self, Inconsistent> {
        let rows = &parts.table.rows;
        let inside = |bin: u32| (bin as usize) < rows.len();
        if parts.clean == 0 || !inside(parts.clean) || !inside(parts.missing) {
            return Err(Inconsistent("bins are missing"));
        }
        if !rows.iter().all(|row| row.woe.is_finite()) {
            return Err(Inconsistent("a weight of evidence is not finite"));
        }
        match &parts.scale {
            Scale::Numeric { breaks, special } => {
                let finite = breaks.iter().all(|at| at.is_finite());
                if !finite || !breaks.is_sorted_by(|a, b| a < b) {
                    return Err(Inconsistent("breaks do not ascend"));
                }
                if breaks.len() + 1 != parts.clean as usize {
                    return Err(Inconsistent("breaks and bins differ in number"));
                }
                if !special.is_sorted_by(|a, b| a.0 < b.0)
                    || !special.iter().all(|&(_, bin)| inside(bin))
                {
                    return Err(Inconsistent("special codes are not in order"));
                }
            }
            Scale::Levels { bins, unseen } => {
                if !bins.is_sorted_by(|a, b| a.0 < b.0)
                    || !bins.iter().all(|&(_, bin)| inside(bin))
                    || !inside(*unseen)
                {
                    return Err(Inconsistent("levels are not in order"));
                }
            }
        }
        Ok(Self(parts))
    }
}

impl Binning {
    pub(super) fn assemble(parts: Parts) -> Self {
        Self(parts)
    }

    /// How values are told apart.
    pub fn scale(&self) -> &Scale {
        &self.0.scale
    }

    /// Every bin with its counts and evidence.
    pub fn table(&self) -> &BinTable {
        &self.0.table
    }

    /// Number of clean bins: neither missing nor special, nor for unseen levels.
    pub fn clean_bins(&self) -> usize {
        self.0.clean as usize
    }

    /// The shape that the bad rates of the clean bins follow.
    pub fn shape(&self) -> Shape {
        self.0.shape
    }

    /// Why there is but one clean bin, if so: only missing or special values tell anything.
    pub fn single(&self) -> Option<Infeasible> {
        self.0.single
    }

    /// Breaks between the clean bins, ascending; none for levels.
    pub fn breaks(&self) -> &[f64] {
        match &self.0.scale {
            Scale::Numeric { breaks, .. } => breaks,
            Scale::Levels { .. } => &[],
        }
    }

    /// Levels of each clean bin; none for numbers.
    pub fn groups(&self) -> Vec<&[String]> {
        let clean = &self.0.table.rows[..self.clean_bins()];
        let levels = clean.iter().filter_map(|row| match &row.label {
            Label::Levels { levels, .. } => Some(levels.as_slice()),
            _ => None,
        });
        levels.collect()
    }

    /// Bin of the missing value.
    pub fn bin_of_missing(&self) -> usize {
        self.0.missing as usize
    }

    /// Bin of a number, `NaN` being missing; for a characteristic with levels, that of the unseen.
    ///
    /// Takes time proportional to the logarithm of the number of bins and of special codes.
    pub fn bin_of(&self, value: f64) -> usize {
        match &self.0.scale {
            _ if value.is_nan() => self.bin_of_missing(),
            Scale::Numeric { breaks, special } => {
                let at = special.partition_point(|&(code, _)| code < value);
                match special.get(at) {
                    Some(&(code, bin)) if code <= value => bin as usize,
                    _ => breaks.partition_point(|&at| at <= value),
                }
            }
            Scale::Levels { unseen, .. } => *unseen as usize,
        }
    }

    /// Bin of a level, `None` being missing; for a numeric characteristic always that of missing.
    ///
    /// Takes time proportional to the logarithm of the number of levels.
    pub fn bin_of_level(&self, level: Option<&str>) -> usize {
        match (&self.0.scale, level) {
            (Scale::Levels { bins, unseen }, Some(level)) => {
                let found = bins.binary_search_by(|(name, _)| name.as_str().cmp(level));
                found.map_or(*unseen, |at| bins[at].1) as usize
            }
            _ => self.bin_of_missing(),
        }
    }

    /// Weight of evidence of a bin; 0 if there is no such bin.
    pub fn woe(&self, bin: usize) -> f64 {
        self.0.table.rows.get(bin).map_or(0.0, |row| row.woe)
    }

    /// Weight of evidence of each number, in their order, `NaN` being missing.
    pub fn woe_of(&self, values: &[f64]) -> Vec<f64> {
        values.iter().map(|&v| self.woe(self.bin_of(v))).collect()
    }

    /// Rows of each bin, in the order of their numbers, `NaN` being missing.
    pub fn counts_of(&self, values: &[f64]) -> Vec<f64> {
        self.counts(values.iter().map(|&value| self.bin_of(value)))
    }

    /// Rows of each bin, in the order of their numbers, `None` being missing.
    pub fn counts_of_levels<'l>(
        &self,
        levels: impl IntoIterator<Item = Option<&'l str>>,
    ) -> Vec<f64> {
        self.counts(levels.into_iter().map(|level| self.bin_of_level(level)))
    }

    fn counts(&self, bins: impl Iterator<Item = usize>) -> Vec<f64> {
        let mut counts = vec![0.0; self.0.table.rows.len()];
        for bin in bins {
            counts[bin] += 1.0;
        }
        counts
    }
}
