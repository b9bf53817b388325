//! Binning of numeric characteristics.

use super::{
    breaks::round_break,
    cells::Column,
    counts::{Clean as Counted, CountBinner, NumericCounts},
    error::{BinningError, Infeasible},
    fitted::{Binning, Parts, Scale},
    optimum::{Limits, Optimum, bins_of, optimum},
    params::CheckedBinningParams,
    quantiles::Run,
    rules::{NumericRules, UserBreak},
    table::{BinTable, Label},
    target::{Cell, Target},
    trend::Shape,
};

/// Bins one characteristic after another against the same outcome, with the same buffers.
#[derive(Debug)]
pub struct Binner<'a> {
    pub(super) target: Target<'a>,
    pub(super) by_counts: CountBinner,
    column: Column,
}

/// Clean bins before they have labels: their cells and where they end.
struct Clean {
    cells: Vec<Cell>,
    breaks: Vec<f64>,
    single: Option<Infeasible>,
}

impl<'a> Binner<'a> {
    /// A binner for `target`.
    pub fn new(target: Target<'a>, params: CheckedBinningParams) -> Self {
        let totals = target.totals;
        Self {
            target,
            by_counts: CountBinner { totals, params },
            column: Column::default(),
        }
    }

    /// The optimal binning of `values`, one for each row, `NaN` where missing.
    ///
    /// If the clean values cannot be cut, but of these together, the special bins and the missing
    /// values at least two have the minimum size and differ in bad rate, the clean values make one
    /// bin and [`Binning::single`] says why. That holds of a free search only: not with breaks in
    /// `rules`, nor where the trend is in the way.
    ///
    /// # Errors
    /// [`BinningError::Infeasible`] if what is asked for does not exist; any other variant if
    /// values or rules are wrong in themselves: more or fewer values than outcomes, an infinite one,
    /// [`BinningError::Rules`].
    pub fn numeric(
        &mut self,
        values: &[f64],
        rules: &NumericRules,
    ) -> Result<Binning, BinningError> {
        rules.check()?;
        self.column.read(values, &self.target, rules)?;
        let mut counts = self
            .by_counts
            .counts(rules, self.column.clean(&self.target));
        counts.missing = self.column.missing;
        counts.special.clone_from(&self.column.special);
        self.column.give(&self.target, &mut counts);
        self.by_counts.numeric(counts, rules)
    }
}

impl CountBinner {
    /// The optimal binning of a characteristic with these `counts`, which follow `rules`; that of
    /// [`Binner::numeric`] for the same rows.
    ///
    /// # Errors
    /// [`BinningError::Infeasible`] if what is asked for does not exist, [`BinningError::Rules`] if
    /// rules contradict themselves.
    pub fn numeric(
        &self,
        counts: NumericCounts,
        rules: &NumericRules,
    ) -> Result<Binning, BinningError> {
        rules.check()?;
        let NumericCounts {
            missing,
            special,
            clean,
        } = counts;
        let clean = match clean {
            Counted::Runs(runs) => {
                let others = special.iter().chain([&missing]);
                self.searched(&runs.finish(), others)?
            }
            Counted::Between { breaks, cells } => self.given(&breaks, &cells)?,
        };
        let mut bins = intervals(&clean);
        let specials = rules.special.iter().zip(&special);
        bins.extend(specials.map(|(special, &cell)| {
            let name = special.name.clone();
            (Label::Special { name }, cell)
        }));
        bins.push((Label::Missing, missing));
        Ok(Binning::assemble(Parts {
            clean: clean.cells.len() as u32,
            missing: bins.len() as u32 - 1,
            shape: shape_of(&clean.cells),
            single: clean.single,
            table: BinTable::new(bins, self.params.params()),
            scale: Scale::Numeric {
                special: numbered_codes(rules, clean.cells.len()),
                breaks: clean.breaks,
            },
        }))
    }

    /// Clean bins as they are best.
    fn searched<'c>(
        &self,
        runs: &[Run],
        others: impl Iterator<Item = &'c Cell>,
    ) -> Result<Clean, BinningError> {
        let params = self.params.params();
        let limits = Limits::new(params, self.totals);
        let prebins = params.prebins.cut(runs, self.totals.count());
        let cells: Vec<Cell> = prebins.iter().map(|run| run.cell).collect();
        let found = match optimum(&cells, &[], &limits) {
            Err(Infeasible::SingleValue) => Err(why_uncut(runs, &limits)),
            found => found,
        };
        let between = |end: usize| round_break(prebins[end - 1].last, prebins[end].first);
        found.map_or_else(
            |reason| {
                let whole = Run::sum(runs);
                check_single(reason, whole, others, &limits)?;
                Ok(Clean {
                    cells: vec![whole],
                    breaks: Vec::new(),
                    single: Some(reason),
                })
            },
            |found| Ok(Clean::new(&cells, &found, between)),
        )
    }

    /// Clean bins between breaks of a user.
    fn given(&self, breaks: &[UserBreak], cells: &[Cell]) -> Result<Clean, BinningError> {
        let limits = Limits::new(self.params.params(), self.totals);
        let fixed: Vec<bool> = breaks.iter().map(|b| b.fixed).collect();
        let found = optimum(cells, &fixed, &limits)?;
        Ok(Clean::new(cells, &found, |end| breaks[end - 1].at))
    }
}

impl Clean {
    /// Bins of `prebins`, with the break that `between` puts before each of them.
    fn new(prebins: &[Cell], found: &Optimum, between: impl Fn(usize) -> f64) -> Self {
        let inner = &found.ends[..found.ends.len() - 1];
        Self {
            cells: bins_of(prebins, &found.ends),
            breaks: inner.iter().map(|&end| between(end)).collect(),
            single: None,
        }
    }
}

/// Why all `runs` fell into one prebin.
fn why_uncut(runs: &[Run], limits: &Limits) -> Infeasible {
    let whole = Run::sum(runs);
    let mut below = Cell::default();
    let mut cuts = runs.iter().map(|run| {
        below += run.cell;
        limits.allow(below) && limits.allow(whole.without(below))
    });
    if runs.len() < 2 {
        Infeasible::SingleValue
    } else if cuts.any(|possible| possible) {
        Infeasible::NothingGained
    } else {
        limits.too_small(whole)
    }
}

/// Whether one clean bin will do beside `others`; else `reason` is the answer.
pub(super) fn check_single<'c>(
    reason: Infeasible,
    whole: Cell,
    others: impl Iterator<Item = &'c Cell>,
    limits: &Limits,
) -> Result<(), Infeasible> {
    let asked_for = matches!(
        reason,
        Infeasible::Trend { .. } | Infeasible::FixedBin { .. } | Infeasible::MaxBins { .. }
    );
    let all = others.copied().chain([whole]);
    let sound = all.filter(|&cell| limits.allow(cell));
    let mut rates: Vec<f64> = sound.filter_map(|cell| cell.bad_rate()).collect();
    rates.sort_by(f64::total_cmp);
    rates.dedup();
    if !asked_for && rates.len() >= 2 {
        Ok(())
    } else {
        Err(reason)
    }
}

/// The shape of the bad rates of `cells`; those without rows do not count.
pub(super) fn shape_of(cells: &[Cell]) -> Shape {
    let rates: Vec<f64> = cells.iter().filter_map(|cell| cell.bad_rate()).collect();
    Shape::of(&rates)
}

fn intervals(clean: &Clean) -> Vec<(Label, Cell)> {
    let froms = std::iter::once(None).chain(clean.breaks.iter().copied().map(Some));
    let tos = clean.breaks.iter().copied().map(Some).chain([None]);
    let labels = froms
        .zip(tos)
        .map(|(from, to)| Label::Interval { from, to });
    labels.zip(clean.cells.iter().copied()).collect()
}

fn numbered_codes(rules: &NumericRules, clean: usize) -> Vec<(f64, u32)> {
    let entries = rules.special.iter().enumerate();
    let mut codes: Vec<(f64, u32)> = entries
        .flat_map(|(entry, special)| {
            let bin = (clean + entry) as u32;
            // Adding 0 makes one of the two zeros.
            special.values.iter().map(move |&value| (value + 0.0, bin))
        })
        .collect();
    codes.sort_by(|a, b| a.0.total_cmp(&b.0));
    codes
}
