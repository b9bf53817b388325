//! Information value of one column, in bins that are laid down rather than optimised.
//!
//! A number is cut at its quantiles, a level is a bin of its own, and so is a missing value. No
//! trend and no minimum size is imposed: the value tells what a column could contribute, and the
//! bins are those asked for.

use super::error::SelectionError;
use crate::credit::binning::{
    Binner, Binning, BinningError, BinningParams, CategoryParams, CheckedBinningParams,
    LevelColumn, LevelRules, NumericRules, RareLevels, Target, Trend, UserBreak, ZeroCells,
};

/// Most levels that are bins of their own; more are joined by bad rate into so many.
const MOST_LEVELS: u32 = 255;

/// What the bins of a column tell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Information {
    /// Information value, 0 or more; 0 where there are no two bins.
    pub value: f64,
    /// Bins with rows.
    pub bins: usize,
    /// Gini of the weight of evidence as a score; 0 where there are no two bins.
    pub gini: f64,
    /// Information value to expect of so many bins if the column says nothing:
    /// `(bins - 1) (1 / goods + 1 / bads)`, by the chi-square distribution of the counts.
    pub by_chance: f64,
    /// Why there are no two bins, if so.
    pub reason: Option<String>,
}

/// Measures one column after another against the same outcomes.
pub(super) struct Meter<'a> {
    numbers: Binner<'a>,
    levels: Binner<'a>,
    bins: usize,
    /// `1 / goods + 1 / bads`.
    noise: f64,
}

impl<'a> Meter<'a> {
    /// For numbers cut into `bins` quantiles, 2..=255.
    pub fn new(
        events: &'a [bool],
        bins: u32,
        zero_cells: ZeroCells,
    ) -> Result<Self, SelectionError> {
        let target = Target::new(events, None)?;
        let totals = target.totals();
        Ok(Self {
            numbers: Binner::new(target, laid_down(bins, zero_cells)?),
            levels: Binner::new(target, laid_down(MOST_LEVELS, zero_cells)?),
            bins: bins as usize,
            noise: 1.0 / totals.goods + 1.0 / totals.bads,
        })
    }

    /// Information value of numbers, `NaN` where missing.
    pub fn number(&mut self, values: &[f64]) -> Result<Information, SelectionError> {
        let rules = NumericRules {
            special: Vec::new(),
            breaks: UserBreak::all_fixed(&quantile_breaks(values, self.bins)),
        };
        let binned = self.numbers.numeric(values, &rules);
        self.read(binned)
    }

    /// Information value of levels.
    pub fn level(&mut self, column: LevelColumn<'_>) -> Result<Information, SelectionError> {
        let mut present = vec![false; column.levels.len()];
        for &code in column.codes {
            if let Some(present) = present.get_mut(code as usize) {
                *present = true;
            }
        }
        let with_rows = column.levels.iter().zip(present);
        let groups: Vec<Vec<String>> = with_rows
            .filter(|(_, present)| *present)
            .map(|(level, _)| vec![level.clone()])
            .collect();
        let apart = (2..=MOST_LEVELS as usize).contains(&groups.len());
        let rules = LevelRules {
            special: Vec::new(),
            groups: if apart { groups } else { Vec::new() },
        };
        let binned = self.levels.levels(column, &rules);
        self.read(binned)
    }

    fn read(&self, binned: Result<Binning, BinningError>) -> Result<Information, SelectionError> {
        let binning = match binned {
            Ok(binning) => binning,
            Err(BinningError::Infeasible(reason)) => {
                return Ok(Information {
                    value: 0.0,
                    bins: 1,
                    gini: 0.0,
                    by_chance: 0.0,
                    reason: Some(reason.to_string()),
                });
            }
            Err(error) => return Err(error.into()),
        };
        let table = binning.table();
        let bins = table.rows.iter().filter(|row| row.count > 0.0).count();
        #[expect(clippy::cast_precision_loss, reason = "a few hundred bins at most")]
        let freedom = bins.saturating_sub(1) as f64;
        Ok(Information {
            value: table.totals.iv,
            bins,
            gini: table.gini(),
            by_chance: freedom * self.noise,
            reason: None,
        })
    }
}

/// Settings under which bins that are laid down stay as they are.
fn laid_down(max_bins: u32, zero_cells: ZeroCells) -> Result<CheckedBinningParams, SelectionError> {
    let params = BinningParams {
        trend: Trend::None,
        max_bins,
        min_share: 0.0,
        min_goods: 0,
        min_bads: 0,
        zero_cells,
        categories: CategoryParams {
            rare: RareLevels::Keep,
            ..CategoryParams::default()
        },
        ..BinningParams::default()
    };
    params.check().map_err(SelectionError::Settings)
}

/// Breaks between at most `bins` quantiles, none of them without values; each belongs to the bin
/// above.
///
/// The quantiles are those of numpy's default, interpolated between the two nearest values. Up to
/// `bins` distinct values are kept apart altogether. A value that takes up a quantile or more is
/// parted from those above it.
fn quantile_breaks(values: &[f64], bins: usize) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut distinct = sorted.clone();
    distinct.dedup_by(|a, b| a <= b);
    if distinct.len() <= bins {
        return distinct.into_iter().skip(1).collect();
    }
    let mut breaks: Vec<f64> = Vec::with_capacity(bins);
    let mut before: Option<f64> = None;
    for part in 1..bins {
        let quantile = quantile(&sorted, part, bins);
        let repeated = before.is_some_and(|before| quantile <= before);
        before = Some(quantile);
        // The bin above starts at the quantile or, for a value as heavy as that, after it.
        let heavy = repeated || quantile <= distinct[0];
        let next = if heavy {
            distinct.partition_point(|value| *value <= quantile)
        } else {
            distinct.partition_point(|value| *value < quantile)
        };
        if let Some(&start) = distinct.get(next)
            && breaks.last().is_none_or(|last| *last < start)
        {
            breaks.push(start);
        }
    }
    breaks
}

/// The quantile `part / parts` of sorted values.
fn quantile(sorted: &[f64], part: usize, parts: usize) -> f64 {
    let steps = (sorted.len() - 1) * part;
    let (below, rest) = (steps / parts, steps % parts);
    #[expect(clippy::cast_precision_loss, reason = "at most 255 parts")]
    let share = rest as f64 / parts as f64;
    let low = sorted[below];
    match sorted.get(below + 1) {
        Some(high) if rest > 0 => low + share * (high - low),
        _ => low,
    }
}

#[cfg(test)]
mod tests {
    use super::quantile_breaks;

    #[test]
    fn distinct_values_are_cut_into_equal_parts() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let breaks = quantile_breaks(&values, 10);
        let expected: Vec<f64> = (1..10).map(|part| f64::from(part) * 10.0).collect();
        assert_eq!(breaks, expected);
    }

    #[test]
    fn few_values_are_kept_apart() {
        assert_eq!(quantile_breaks(&[1.0, 0.0, 1.0, f64::NAN], 5), [1.0]);
        assert!(quantile_breaks(&[3.0, 3.0], 5).is_empty());
        assert!(quantile_breaks(&[f64::NAN], 5).is_empty());
    }

    #[test]
    fn a_heavy_least_value_stays_apart_from_the_rest() {
        let mut values = vec![0.0; 950];
        values.extend((1..=50).map(f64::from));
        assert_eq!(quantile_breaks(&values, 10), [1.0]);
    }

    #[test]
    fn a_heavy_value_in_the_middle_has_a_bin_of_its_own() {
        let mut values = vec![50.0; 900];
        values.extend((0..50).map(f64::from));
        values.extend((51..=100).map(f64::from));
        assert_eq!(quantile_breaks(&values, 10), [50.0, 51.0]);
    }
}
