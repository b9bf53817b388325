//! The best partition of prebins under an objective, a trend and minimum sizes.

use super::{
    chain::{Found, free},
    error::{Infeasible, Minimums},
    params::{BinningParams, Objective},
    segments::{Segments, Worth},
    target::Cell,
    trend::Trend,
    ways::{Order, Way, along},
    zero_cells::ZeroCells,
};

/// What a partition is chosen by and must keep to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// What the best partition has most of.
    pub objective: Objective,
    /// The shape that bad rates must follow.
    pub trend: Trend,
    /// Bins at most, 2 or more.
    pub max_bins: usize,
    /// Sizes that every bin has at least.
    pub minimums: Minimums,
    /// How a bin without goods or bads counts in the information value, totals as they are: those of
    /// [`ZeroCells::NineTenths`] and [`ZeroCells::HalfPerCellAndTotals`] depend on the partition.
    pub zero_cells: ZeroCells,
    /// Goods and bads of all rows, which shares are taken of.
    pub totals: Cell,
}

impl Limits {
    /// Limits that `params` set for rows with these `totals`.
    pub fn new(params: &BinningParams, totals: Cell) -> Self {
        Self {
            objective: params.objective,
            trend: params.trend,
            max_bins: params.max_bins as usize,
            minimums: Minimums {
                count: params.min_share * totals.count(),
                goods: params.min_goods.into(),
                bads: params.min_bads.into(),
            },
            zero_cells: params.zero_cells,
            totals,
        }
    }

    /// Whether a bin may be this small; one without rows may not.
    pub(super) fn allow(&self, cell: Cell) -> bool {
        let Minimums { count, goods, bads } = self.minimums;
        cell.count() > 0.0 && cell.count() >= count && cell.goods >= goods && cell.bads >= bads
    }

    pub(super) fn too_small(&self, whole: Cell) -> Infeasible {
        Infeasible::Minimums {
            needed: self.minimums,
            found: Minimums {
                count: whole.count(),
                goods: whole.goods,
                bads: whole.bads,
            },
        }
    }
}

/// The best partition.
#[derive(Clone, Debug, PartialEq)]
pub struct Optimum {
    /// Where each bin ends: it takes the prebins from the end before (or 0) up to, but without,
    /// this one. The last is the number of prebins.
    pub ends: Vec<usize>,
    /// The objective, summed over the bins.
    pub value: f64,
}

/// The best way to join neighbouring `prebins` into two or more bins.
///
/// `fixed[i]` forbids joining prebins `i` and `i + 1`; it may be shorter than that, or empty.
/// There may be 65,535 prebins, but memory grows with their square.
///
/// The optimum is exact. Where several partitions are equally good, the choice among them depends
/// on nothing but the input; bins of equal bad rate are joined unless a fixed break parts them
/// or the convention for empty cells may make them worth more apart.
///
/// Takes `O(k²)` steps for `k` prebins without a trend, `O(k² log k)` with one, and
/// [`max_bins`](Limits::max_bins) times as many if the best partition has more bins than that.
///
/// # Errors
/// [`Infeasible`] with the reason if no two bins are possible or none are worth having.
pub fn optimum(prebins: &[Cell], fixed: &[bool], limits: &Limits) -> Result<Optimum, Infeasible> {
    let whole = Cell::sum(prebins);
    if whole.count() <= 0.0 {
        return Err(Infeasible::NoValues);
    }
    if prebins.iter().filter(|cell| cell.count() > 0.0).count() < 2 {
        return Err(Infeasible::SingleValue);
    }
    let fixed = &fixed[..fixed.len().min(prebins.len() - 1)];
    check_fixed(prebins, fixed, limits)?;
    let segments = Segments::new(prebins, fixed, limits);
    let found = best_of_trend(&segments, limits).ok_or_else(|| {
        if limits.trend != Trend::None && free(&segments, limits.max_bins).is_some() {
            Infeasible::Trend {
                trend: limits.trend,
            }
        } else {
            limits.too_small(whole)
        }
    })?;
    let ends = join_equals(prebins, fixed, found.ends, limits);
    let worth = Worth::new(limits);
    let bins = bins_of(prebins, &ends);
    let value = bins.iter().map(|&bin| worth.of(bin)).sum();
    let gained = value - worth.of(whole) > 1e-12 * f64::abs(value);
    if bins.len() < 2 || (!gained && !fixed.contains(&true)) {
        return Err(Infeasible::NothingGained);
    }
    Ok(Optimum { ends, value })
}

/// Sums of `prebins` over the bins that end at `ends`.
pub(super) fn bins_of(prebins: &[Cell], ends: &[usize]) -> Vec<Cell> {
    let mut start = 0;
    let sum = |&end: &usize| {
        let bin = Cell::sum(&prebins[start..end]);
        start = end;
        bin
    };
    ends.iter().map(sum).collect()
}

/// Whether what lies between fixed breaks is large enough, and not too many bins.
fn check_fixed(prebins: &[Cell], fixed: &[bool], limits: &Limits) -> Result<(), Infeasible> {
    let mut ends: Vec<usize> = (0..fixed.len())
        .filter(|&at| fixed[at])
        .map(|at| at + 1)
        .collect();
    if ends.is_empty() {
        return Ok(());
    }
    ends.push(prebins.len());
    if ends.len() > limits.max_bins {
        return Err(Infeasible::MaxBins {
            fixed: ends.len() as u32,
            max_bins: limits.max_bins as u32,
        });
    }
    let bins = bins_of(prebins, &ends);
    match bins.iter().position(|&bin| !limits.allow(bin)) {
        Some(bin) => Err(Infeasible::FixedBin { bin: bin as u32 }),
        None => Ok(()),
    }
}

fn best_of_trend(segments: &Segments, limits: &Limits) -> Option<Found> {
    let max_bins = limits.max_bins;
    if limits.trend == Trend::None {
        return free(segments, max_bins);
    }
    let order = Order::new(segments);
    let ways = |way, turn| along(segments, &order, way, turn, max_bins);
    let straight = |way| ways(way, false).straight;
    match limits.trend {
        Trend::None => None,
        Trend::Ascending => straight(Way::Up),
        Trend::Descending => straight(Way::Down),
        Trend::Monotone => better(straight(Way::Up), straight(Way::Down), 0.0),
        Trend::Peak => ways(Way::Up, true).turned,
        Trend::Valley => ways(Way::Down, true).turned,
        Trend::Auto => {
            let (up, down) = (ways(Way::Up, true), ways(Way::Down, true));
            let monotone = better(up.straight, down.straight, 0.0);
            let turning = better(up.turned, down.turned, 0.0);
            better(monotone, turning, turning_toll(limits))
        }
    }
}

/// `second` if it is worth more than `first` and `toll`, else `first`.
fn better(first: Option<Found>, second: Option<Found>, toll: f64) -> Option<Found> {
    match (&first, &second) {
        (Some(a), Some(b)) if b.worth > a.worth + toll => second,
        (None, _) => second,
        _ => first,
    }
}

/// What a turning point costs; see [`Trend::Auto`].
fn turning_toll(limits: &Limits) -> f64 {
    let Cell { goods, bads } = limits.totals;
    let rows = limits.totals.count();
    let toll = libm::log(rows).max(0.0);
    match limits.objective {
        Objective::PenalisedLikelihood { .. } => toll,
        Objective::InformationValue => 2.0 * toll * rows / goods / bads,
    }
}

/// Joins neighbouring bins of equal bad rate, which the information value cannot tell apart (unless
/// a convention adds to each of their cells) and the penalised likelihood charges for.
fn join_equals(prebins: &[Cell], fixed: &[bool], ends: Vec<usize>, limits: &Limits) -> Vec<usize> {
    let bins = bins_of(prebins, &ends);
    let adds_up = |bin: Cell| match limits.objective {
        Objective::InformationValue => limits.zero_cells.adds_up(bin),
        Objective::PenalisedLikelihood { .. } => true,
    };
    let stays = |&(at, end): &(usize, usize)| {
        let bin = bins[at];
        let parted = |next: &Cell| next.bad_rate() != bin.bad_rate() || !adds_up(bin);
        fixed.get(end - 1) == Some(&true) || bins.get(at + 1).is_none_or(parted)
    };
    let numbered = ends.into_iter().enumerate();
    numbered.filter(stays).map(|(_, end)| end).collect()
}
