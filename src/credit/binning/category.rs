//! Binning of characteristics with levels.

use std::collections::BTreeMap;

use super::{
    counts::{CountBinner, LevelCounts},
    error::{BinningError, Infeasible},
    fitted::{Binning, Parts, Scale},
    numeric::{Binner, check_single, shape_of},
    optimum::{Limits, bins_of, optimum},
    params::{RareLevels, UnseenLevel},
    quantiles::{Quantiles, Run},
    rules::LevelRules,
    table::{BinTable, Label},
    target::{Cell, check_length},
    trend::Trend,
};

/// A column of level codes.
#[derive(Clone, Copy, Debug)]
pub struct LevelColumn<'a> {
    /// Code of each row: a position in `levels`, or [`LevelColumn::MISSING`].
    pub codes: &'a [u32],
    /// Names of the levels, all different.
    pub levels: &'a [String],
}

impl LevelColumn<'_> {
    /// The code of a row without a value.
    pub const MISSING: u32 = u32::MAX;
}

/// Levels that stay together.
#[derive(Clone, Debug, Default)]
struct Group<'a> {
    levels: Vec<&'a str>,
    rare: bool,
    cell: Cell,
}

/// A column's levels by what is done with them.
struct Sorted<'a> {
    missing: Cell,
    special: Vec<Cell>,
    /// Levels with rows that are not special, by name.
    clean: BTreeMap<&'a str, Cell>,
}

impl<'t> Binner<'t> {
    /// The optimal binning of a column with levels.
    ///
    /// Levels are put in the order of their bad rate, each smoothed with
    /// [`smoothing`](super::CategoryParams::smoothing) rows at the overall rate, and neighbours are
    /// joined; the bins are numbered by their own bad rates, lowest first. More than 256 levels are
    /// joined into that many groups of about equal size beforehand. Groups in `rules` are used as
    /// they are, in their order. The trend does not bear on levels. One clean bin is possible as it
    /// is for [`numeric`](Self::numeric).
    ///
    /// # Errors
    /// As [`numeric`](Self::numeric), and [`BinningError::UnknownLevel`] and
    /// [`BinningError::DuplicateLevel`] for codes and names that do not fit.
    pub fn levels(
        &mut self,
        column: LevelColumn<'_>,
        rules: &LevelRules,
    ) -> Result<Binning, BinningError> {
        rules.check()?;
        let counts = self.count_levels(column)?;
        self.by_counts.levels(counts, rules)
    }

    fn count_levels<'l>(&self, column: LevelColumn<'l>) -> Result<LevelCounts<'l>, BinningError> {
        check_length("the column", column.codes.len(), self.target.events.len())?;
        let mut missing = Cell::default();
        let mut cells = vec![Cell::default(); column.levels.len()];
        for (row, &code) in column.codes.iter().enumerate() {
            let cell = match cells.get_mut(code as usize) {
                _ if code == LevelColumn::MISSING => &mut missing,
                Some(cell) => cell,
                None => return Err(BinningError::UnknownLevel { row }),
            };
            cell.add_row(self.target.events[row], self.target.weight(row));
        }
        let levels = column.levels.iter().map(String::as_str);
        Ok(LevelCounts {
            missing,
            levels: levels.zip(cells).collect(),
        })
    }
}

impl CountBinner {
    /// The optimal binning of a characteristic with these `counts`; that of [`Binner::levels`] for
    /// the same rows.
    ///
    /// # Errors
    /// [`BinningError::Infeasible`] if what is asked for does not exist, and
    /// [`BinningError::DuplicateLevel`] and [`BinningError::Rules`].
    pub fn levels(
        &self,
        counts: LevelCounts<'_>,
        rules: &LevelRules,
    ) -> Result<Binning, BinningError> {
        rules.check()?;
        let sorted = sort_levels(counts, rules)?;
        let limits = Limits {
            trend: Trend::None,
            ..Limits::new(self.params.params(), self.totals)
        };
        let units = if rules.groups.is_empty() {
            self.units(&sorted.clean)
        } else {
            given(&sorted.clean, rules)
        };
        let cells: Vec<Cell> = units.iter().map(|unit| unit.cell).collect();
        let fixed = vec![!rules.groups.is_empty(); cells.len()];
        let (groups, single) = match optimum(&cells, &fixed, &limits) {
            Ok(found) => {
                let mut groups = join(&units, &found.ends);
                if rules.groups.is_empty() {
                    // Smoothing may have put a small group before one of lower bad rate.
                    let rate = |group: &Group<'_>| group.cell.bad_rate().unwrap_or_default();
                    groups.sort_by(|a, b| rate(a).total_cmp(&rate(b)));
                }
                (groups, None)
            }
            Err(reason) if rules.groups.is_empty() => {
                let others = sorted.special.iter().chain([&sorted.missing]);
                check_single(reason, Cell::sum(&cells), others, &limits)?;
                (join(&units, &[units.len()]), Some(reason))
            }
            Err(reason) => return Err(reason.into()),
        };
        Ok(self.assemble_levels(groups, single, &sorted, rules))
    }

    /// Levels in the order of their smoothed bad rates, few enough to be searched.
    fn units<'l>(&self, levels: &BTreeMap<&'l str, Cell>) -> Vec<Group<'l>> {
        const MOST: usize = 256;
        let (totals, params) = (self.totals, self.params.params().categories);
        let rare_below = match params.rare {
            RareLevels::Pool => params.rare_share * totals.count(),
            RareLevels::Keep => 0.0,
        };
        let mut pool = Group {
            rare: true,
            ..Group::default()
        };
        let mut units = Vec::new();
        for (&level, &cell) in levels {
            if cell.count() < rare_below {
                pool.levels.push(level);
                pool.cell += cell;
            } else {
                units.push(Group {
                    levels: vec![level],
                    rare: false,
                    cell,
                });
            }
        }
        if !pool.levels.is_empty() {
            units.push(pool);
        }
        let overall = totals.bads / totals.count();
        let smoothed = |unit: &Group<'_>| {
            let prior = params.smoothing;
            (unit.cell.bads + prior * overall) / (unit.cell.count() + prior)
        };
        // Stable, so that equal rates stay in the order of their names.
        units.sort_by(|a, b| smoothed(a).total_cmp(&smoothed(b)));
        let numbered = units.iter().enumerate();
        let numbered = numbered.map(|(at, unit)| Run::of_value(at as f64, unit.cell));
        let runs = Quantiles::of(numbered, MOST);
        let ends: Vec<usize> = runs.iter().map(|run| run.last as usize + 1).collect();
        join(&units, &ends)
    }

    fn assemble_levels(
        &self,
        groups: Vec<Group<'_>>,
        single: Option<Infeasible>,
        sorted: &Sorted<'_>,
        rules: &LevelRules,
    ) -> Binning {
        let params = self.params.params();
        let clean = groups.len();
        let cells: Vec<Cell> = groups.iter().map(|group| group.cell).collect();
        let mut names: Vec<(String, u32)> = Vec::new();
        let named = groups.iter().map(|group| group.levels.clone());
        let special = rules.special.iter().map(|special| {
            let levels = special.levels.iter().map(String::as_str);
            levels.collect::<Vec<&str>>()
        });
        for (bin, levels) in named.chain(special).enumerate() {
            names.extend(levels.iter().map(|&level| (level.to_owned(), bin as u32)));
        }
        names.sort();
        let rare = groups.iter().position(|group| group.rare);
        let mut bins: Vec<(Label, Cell)> = groups.into_iter().map(labelled).collect();
        let specials = rules.special.iter().zip(&sorted.special);
        bins.extend(specials.map(|(special, &cell)| {
            let name = special.name.clone();
            (Label::Special { name }, cell)
        }));
        let missing = bins.len();
        bins.push((Label::Missing, sorted.missing));
        bins.push((Label::Unseen, Cell::default()));
        let unseen = match (params.categories.unseen, rare) {
            (UnseenLevel::Rare, Some(rare)) => rare,
            _ => missing + 1,
        };
        Binning::assemble(Parts {
            scale: Scale::Levels {
                bins: names,
                unseen: unseen as u32,
            },
            clean: clean as u32,
            missing: missing as u32,
            shape: shape_of(&cells),
            single,
            table: BinTable::new(bins, params),
        })
    }
}

fn sort_levels<'l>(
    counts: LevelCounts<'l>,
    rules: &LevelRules,
) -> Result<Sorted<'l>, BinningError> {
    let mut clean = BTreeMap::new();
    for (level, cell) in counts.levels {
        if clean.insert(level, cell).is_some() {
            let level = level.to_owned();
            return Err(BinningError::DuplicateLevel { level });
        }
    }
    let mut take = |level: &String| clean.remove(level.as_str()).unwrap_or_default();
    let sum = |levels: &Vec<String>| {
        let cells: Vec<Cell> = levels.iter().map(&mut take).collect();
        Cell::sum(&cells)
    };
    let special: Vec<&Vec<String>> = rules.special.iter().map(|s| &s.levels).collect();
    let special = special.into_iter().map(sum).collect();
    clean.retain(|_, cell| cell.count() > 0.0);
    Ok(Sorted {
        missing: counts.missing,
        special,
        clean,
    })
}

fn labelled(group: Group<'_>) -> (Label, Cell) {
    let mut levels: Vec<String> = group.levels.iter().map(|&level| level.to_owned()).collect();
    levels.sort();
    let rare = group.rare;
    (Label::Levels { levels, rare }, group.cell)
}

/// Groups as the rules give them, and one of the levels that they leave out.
fn given<'l>(clean: &BTreeMap<&'l str, Cell>, rules: &'l LevelRules) -> Vec<Group<'l>> {
    let mut rest = clean.clone();
    let mut groups: Vec<Group<'l>> = Vec::new();
    for levels in &rules.groups {
        let mut group = Group::default();
        for level in levels {
            group.levels.push(level);
            group.cell += rest.remove(level.as_str()).unwrap_or_default();
        }
        groups.push(group);
    }
    if !rest.is_empty() {
        let cells: Vec<Cell> = rest.values().copied().collect();
        groups.push(Group {
            levels: rest.into_keys().collect(),
            rare: true,
            cell: Cell::sum(&cells),
        });
    }
    groups
}

/// Joins neighbouring `units` into groups that end at `ends`.
fn join<'l>(units: &[Group<'l>], ends: &[usize]) -> Vec<Group<'l>> {
    let cells: Vec<Cell> = units.iter().map(|unit| unit.cell).collect();
    let sums = bins_of(&cells, ends);
    let mut start = 0;
    let group = |(&end, cell): (&usize, Cell)| {
        let units = &units[start..end];
        start = end;
        Group {
            levels: units.iter().flat_map(|unit| unit.levels.clone()).collect(),
            rare: units.iter().any(|unit| unit.rare),
            cell,
        }
    };
    ends.iter().zip(sums).map(group).collect()
}
