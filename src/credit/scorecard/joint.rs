//! Least and greatest sums over all combinations of bins.

use std::collections::{BTreeMap, BTreeSet};

use super::{cells::is_reachable, pair::Pair, parts::Entry};

/// Most combinations that are looked at for one characteristic.
const MOST_COMBINATIONS: usize = 1 << 16;

/// The combinations of bins that an applicant may have.
///
/// Without pairs every characteristic is for itself. With them, characteristics are left out one
/// after the other, each time noting the best that it can do for every combination of those that it
/// is paired with (non-serial dynamic programming: Bertelè and Brioschi 1972). This is exact unless
/// there are more than 65,536 such combinations; the sums of what is then left are bounded by the
/// sum of the bounds.
#[derive(Debug)]
pub(super) struct Joint<'a> {
    pairs: &'a [Pair],
    /// Reachable bins of each characteristic, those together that no pair tells apart.
    classes: Vec<Vec<Vec<usize>>>,
    paired: BTreeSet<usize>,
}

/// A number for each combination of classes of some characteristics, the last changing fastest.
#[derive(Debug)]
struct Factor {
    scope: Vec<usize>,
    table: Vec<f64>,
}

impl<'a> Joint<'a> {
    pub fn new(entries: &[Entry], pairs: &'a [Pair]) -> Self {
        let members = pairs.iter().flat_map(|pair| [pair.first, pair.second]);
        let classes = entries.iter().enumerate();
        Self {
            pairs,
            classes: classes
                .map(|(at, entry)| classes_of(entry, at, pairs))
                .collect(),
            paired: members.map(|at| at as usize).collect(),
        }
    }

    /// Least and greatest sum of `value(table, cell)` with one cell of each table: first the
    /// characteristics with their bins, then the pairs with their cells.
    pub fn bounds(&self, value: impl Fn(usize, usize) -> f64) -> (f64, f64) {
        (
            self.least(&value),
            -self.least(&|table, cell| -value(table, cell)),
        )
    }

    fn least(&self, value: &dyn Fn(usize, usize) -> f64) -> f64 {
        let mut sum = 0.0;
        let mut factors = Vec::new();
        for (at, classes) in self.classes.iter().enumerate() {
            let best = classes
                .iter()
                .map(|bins| least(bins.iter().map(|&bin| value(at, bin))));
            if self.paired.contains(&at) {
                factors.push(Factor {
                    scope: vec![at],
                    table: best.collect(),
                });
            } else {
                sum += least(best);
            }
        }
        factors.extend((0..self.pairs.len()).map(|at| self.factor(at, value)));
        while let Some(variable) = self.cheapest(&factors) {
            let (touching, rest) = factors
                .into_iter()
                .partition(|factor: &Factor| factor.scope.contains(&variable));
            factors = rest;
            let left = self.eliminate(&touching, variable);
            if left.scope.is_empty() {
                sum += left.table[0];
            } else {
                factors.push(left);
            }
        }
        sum + factors
            .iter()
            .map(|factor| least(factor.table.iter().copied()))
            .sum::<f64>()
    }

    /// What a pair adds for the classes of its characteristics.
    fn factor(&self, at: usize, value: &dyn Fn(usize, usize) -> f64) -> Factor {
        let pair = &self.pairs[at];
        let (_, width) = pair.groups();
        let scope = vec![pair.first as usize, pair.second as usize];
        let [first, second] = [&self.classes[scope[0]], &self.classes[scope[1]]];
        let groups = |classes: &[Vec<usize>], groups: &[u32]| -> Vec<usize> {
            classes
                .iter()
                .map(|bins| groups[bins[0]] as usize)
                .collect()
        };
        let columns = groups(second, &pair.groups_second);
        let rows = groups(first, &pair.groups_first);
        let cells = rows
            .iter()
            .flat_map(|row| columns.iter().map(move |column| row * width + column));
        Factor {
            table: cells
                .map(|cell| value(self.classes.len() + at, cell))
                .collect(),
            scope,
        }
    }

    /// The characteristic of `factors` that is left out with the fewest combinations; `None` if
    /// there is none, or none with few enough.
    fn cheapest(&self, factors: &[Factor]) -> Option<usize> {
        let mut scopes: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for factor in factors {
            for &variable in &factor.scope {
                scopes.entry(variable).or_default().extend(&factor.scope);
            }
        }
        let size = |scope: &BTreeSet<usize>| {
            let sizes = scope.iter().map(|&at| self.classes[at].len());
            sizes.fold(1, usize::saturating_mul)
        };
        let sized = scopes
            .iter()
            .map(|(&variable, scope)| (size(scope), variable));
        let (size, variable) = sized.min()?;
        (size <= MOST_COMBINATIONS).then_some(variable)
    }

    /// The least sum of `touching` that `variable` allows for every combination of the others.
    fn eliminate(&self, touching: &[Factor], variable: usize) -> Factor {
        let all: BTreeSet<usize> = touching
            .iter()
            .flat_map(|f| f.scope.iter().copied())
            .collect();
        let scope: Vec<usize> = all.into_iter().filter(|&at| at != variable).collect();
        let strides: Vec<(Vec<usize>, usize)> = touching
            .iter()
            .map(|factor| {
                let stride = |&at: &usize| self.stride(factor, at);
                (
                    scope.iter().map(stride).collect(),
                    self.stride(factor, variable),
                )
            })
            .collect();
        let combinations = scope.iter().map(|&at| self.classes[at].len()).product();
        let mut table = Vec::with_capacity(combinations);
        let mut chosen = vec![0; scope.len()];
        for _ in 0..combinations {
            let offsets: Vec<usize> = strides
                .iter()
                .map(|(strides, _)| strides.iter().zip(&chosen).map(|(s, c)| s * c).sum())
                .collect();
            table.push(least((0..self.classes[variable].len()).map(|class| {
                let parts = touching.iter().zip(&strides).zip(&offsets);
                parts
                    .map(|((factor, (_, own)), offset)| factor.table[offset + class * own])
                    .sum()
            })));
            for (digit, &at) in chosen.iter_mut().zip(&scope).rev() {
                *digit += 1;
                if *digit < self.classes[at].len() {
                    break;
                }
                *digit = 0;
            }
        }
        Factor { scope, table }
    }

    /// How far apart two neighbouring classes of a characteristic are in a factor; 0 if it is not
    /// in its scope.
    fn stride(&self, factor: &Factor, variable: usize) -> usize {
        let Some(at) = factor.scope.iter().position(|&other| other == variable) else {
            return 0;
        };
        let after = factor.scope[at + 1..].iter();
        after.map(|&other| self.classes[other].len()).product()
    }
}

fn classes_of(entry: &Entry, at: usize, pairs: &[Pair]) -> Vec<Vec<usize>> {
    let mut classes: BTreeMap<Vec<u32>, Vec<usize>> = BTreeMap::new();
    for bin in 0..entry.binning.table().rows.len() {
        if is_reachable(entry, bin) {
            let key = pairs.iter().filter_map(|pair| {
                if pair.first as usize == at {
                    Some(pair.groups_first[bin])
                } else if pair.second as usize == at {
                    Some(pair.groups_second[bin])
                } else {
                    None
                }
            });
            classes.entry(key.collect()).or_default().push(bin);
        }
    }
    classes.into_values().collect()
}

fn least(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::INFINITY, f64::min)
}
