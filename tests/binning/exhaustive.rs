//! The dynamic programme against every partition of small columns.

use credit_risk::credit::binning::{
    Cell, Infeasible, Limits, Minimums, Objective, Shape, Trend, ZeroCells, optimum,
};

use crate::support::Numbers;

const TRENDS: [Trend; 7] = [
    Trend::Ascending,
    Trend::Descending,
    Trend::Monotone,
    Trend::Peak,
    Trend::Valley,
    Trend::None,
    Trend::Auto,
];

const CONVENTIONS: [ZeroCells; 6] = [
    ZeroCells::OverallRate,
    ZeroCells::Neutral,
    ZeroCells::NineTenths,
    ZeroCells::One,
    ZeroCells::HalfPerCell,
    ZeroCells::HalfPerCellAndTotals,
];

/// The bin as each convention says that it counts; a cell that stays 0 makes it worth nothing.
fn counted(bin: Cell, limits: &Limits) -> Cell {
    let Cell { goods, bads } = bin;
    let zero = goods < 0.5 || bads < 0.5;
    let least = |least: f64| Cell {
        goods: goods.max(least),
        bads: bads.max(least),
    };
    let all = limits.totals;
    let rarer = all.goods.min(all.bads);
    let plus = |more: f64, of_bads: f64| Cell {
        goods: goods + more,
        bads: bads + of_bads,
    };
    match limits.zero_cells {
        ZeroCells::HalfPerCell | ZeroCells::HalfPerCellAndTotals => plus(0.5, 0.5),
        ZeroCells::NineTenths if zero => least(0.9),
        ZeroCells::One if zero => least(1.0),
        ZeroCells::OverallRate if zero => plus(0.5 * all.goods / rarer, 0.5 * all.bads / rarer),
        _ => bin,
    }
}

fn worth(bin: Cell, limits: &Limits) -> f64 {
    let (all, count) = (limits.totals, bin.count());
    match limits.objective {
        Objective::InformationValue => {
            let bin = counted(bin, limits);
            let (goods, bads) = (bin.goods / all.goods, bin.bads / all.bads);
            if goods > 0.0 && bads > 0.0 {
                (goods - bads) * (goods / bads).ln()
            } else {
                0.0
            }
        }
        Objective::PenalisedLikelihood { penalty } => {
            let term = |n: f64| if n > 0.0 { n * (n / count).ln() } else { 0.0 };
            term(bin.goods) + term(bin.bads) - penalty * all.count().ln()
        }
    }
}

/// Whether no rates but the allowed follow, written as the definition reads.
fn follows(rates: &[f64], trend: Trend) -> bool {
    let rising = |r: &[f64]| r.is_sorted();
    let falling = |r: &[f64]| r.is_sorted_by(|a, b| a >= b);
    let turns = 0..rates.len();
    match trend {
        Trend::Ascending => rising(rates),
        Trend::Descending => falling(rates),
        Trend::Monotone => rising(rates) || falling(rates),
        Trend::Peak => turns
            .into_iter()
            .any(|t| rising(&rates[..=t]) && falling(&rates[t..])),
        Trend::Valley => turns
            .into_iter()
            .any(|t| falling(&rates[..=t]) && rising(&rates[t..])),
        Trend::None => true,
        Trend::Auto => follows(rates, Trend::Peak) || follows(rates, Trend::Valley),
    }
}

/// The greatest worth of any partition into two or more bins, by trying all.
fn best_of_all(prebins: &[Cell], fixed: &[bool], limits: &Limits, trend: Trend) -> Option<f64> {
    let gaps = prebins.len() - 1;
    let mut best: Option<f64> = None;
    for cuts in 1..1_u32 << gaps {
        if (0..gaps).any(|gap| fixed[gap] && cuts >> gap & 1 == 0) {
            continue;
        }
        let mut bins = vec![Cell::default()];
        for (at, &cell) in prebins.iter().enumerate() {
            *bins.last_mut().unwrap() += cell;
            if at < gaps && cuts >> at & 1 == 1 {
                bins.push(Cell::default());
            }
        }
        let Minimums { count, goods, bads } = limits.minimums;
        let large = |bin: &Cell| {
            bin.count() > 0.0 && bin.count() >= count && bin.goods >= goods && bin.bads >= bads
        };
        let rates: Vec<f64> = bins.iter().filter_map(|bin| bin.bad_rate()).collect();
        if bins.len() <= limits.max_bins && bins.iter().all(large) && follows(&rates, trend) {
            let value: f64 = bins.iter().map(|&bin| worth(bin, limits)).sum();
            best = Some(best.map_or(value, |best| best.max(value)));
        }
    }
    best
}

/// What [`Trend::Auto`] says of itself.
fn best_expected(prebins: &[Cell], fixed: &[bool], limits: &Limits) -> Option<f64> {
    let best = |trend| best_of_all(prebins, fixed, limits, trend);
    if limits.trend != Trend::Auto {
        return best(limits.trend);
    }
    let Cell { goods, bads } = limits.totals;
    let rows = goods + bads;
    let toll = match limits.objective {
        Objective::InformationValue => 2.0 * rows.ln() * rows / goods / bads,
        Objective::PenalisedLikelihood { .. } => rows.ln(),
    };
    match (best(Trend::Monotone), best(Trend::Auto)) {
        (Some(monotone), Some(turning)) if turning <= monotone + toll => Some(monotone),
        (_, turning) => turning,
    }
}

fn random_limits(numbers: &mut Numbers, prebins: &[Cell], trend: Trend) -> Limits {
    let totals = Cell::sum(prebins)
        + Cell {
            goods: numbers.below(50) as f64,
            bads: numbers.below(20) as f64,
        };
    let minimums = Minimums {
        count: numbers.below(60) as f64,
        goods: numbers.below(3) as f64 * 5.0,
        bads: numbers.below(3) as f64 * 2.0,
    };
    Limits {
        objective: match numbers.below(2) {
            0 => Objective::InformationValue,
            _ => Objective::PenalisedLikelihood { penalty: 0.25 },
        },
        trend,
        max_bins: 2 + numbers.below(7),
        minimums,
        zero_cells: CONVENTIONS[numbers.below(CONVENTIONS.len())],
        totals,
    }
}

#[test]
fn no_partition_is_better_than_the_one_found() {
    let mut numbers = Numbers(11);
    let (mut found_some, mut found_none, mut turned) = (0, 0, 0);
    for round in 0..3_000 {
        let trend = TRENDS[round % TRENDS.len()];
        let count = 2 + numbers.below(8);
        // Every other column has few different counts, so that rates are often equal.
        let step = if round % 2 == 0 { 1 } else { 10 };
        let cell = |numbers: &mut Numbers| Cell {
            goods: (numbers.below(40) / step * step) as f64,
            bads: (numbers.below(20) / step * step) as f64,
        };
        let prebins: Vec<Cell> = (0..count).map(|_| cell(&mut numbers)).collect();
        let often_fixed = round % 3 == 0;
        let fixed: Vec<bool> = (1..count)
            .map(|_| often_fixed && numbers.uniform() < 0.2)
            .collect();
        let limits = random_limits(&mut numbers, &prebins, trend);
        let found = optimum(&prebins, &fixed, &limits);
        let expected = best_expected(&prebins, &fixed, &limits);
        let whole = worth(Cell::sum(&prebins), &limits);
        match (found, expected) {
            (Ok(found), Some(expected)) => {
                let scale = 1e-12 * expected.abs().max(1.0);
                assert!(
                    (found.value - expected).abs() <= scale,
                    "{found:?}, {expected}, {limits:?}, {prebins:?}"
                );
                let mut start = 0;
                let mut rates = vec![];
                for &end in &found.ends {
                    rates.push(Cell::sum(&prebins[start..end]).bad_rate().unwrap());
                    start = end;
                }
                assert_eq!(start, prebins.len());
                assert!(follows(&rates, trend));
                assert!(Shape::of(&rates).follows(trend), "{rates:?} {trend}");
                assert!((1..count).all(|at| !fixed[at - 1] || found.ends.contains(&at)));
                turned += usize::from(matches!(Shape::of(&rates), Shape::Peak | Shape::Valley));
                found_some += 1;
            }
            (Err(Infeasible::NothingGained), Some(expected)) => {
                assert!(expected <= whole + 1e-9, "{expected} {whole}");
            }
            (Err(_), None) => found_none += 1,
            (found, expected) => panic!("{found:?}, {expected:?}, {limits:?}, {prebins:?}"),
        }
    }
    assert!(found_some > 1_000 && found_none > 100 && turned > 100);
}

#[test]
fn bins_of_equal_rate_that_are_worth_more_apart_are_not_joined() {
    let counts = [
        (8, 3),
        (4, 0),
        (8, 3),
        (8, 0),
        (8, 0),
        (8, 6),
        (4, 3),
        (8, 0),
    ];
    let cell = |(goods, bads)| Cell {
        goods: f64::from(goods),
        bads: f64::from(bads),
    };
    let prebins: Vec<Cell> = counts.map(cell).to_vec();
    let limits = Limits {
        objective: Objective::InformationValue,
        trend: Trend::None,
        max_bins: 5,
        minimums: Minimums {
            count: 0.0,
            goods: 0.0,
            bads: 0.0,
        },
        zero_cells: ZeroCells::HalfPerCell,
        totals: Cell::sum(&prebins),
    };
    let halves = optimum(&prebins, &[], &limits).unwrap();
    // Ends of [3, 5, 7, 8] would be worth 1.18805, and [1, 3, 5, 7, 8] 1.21223.
    assert_eq!(halves.ends, [3, 5, 6, 7, 8]);
    assert!(halves.value > 1.212_24, "{}", halves.value);
}

#[test]
fn bins_of_equal_rate_are_joined_unless_a_fixed_break_parts_them() {
    let cell = |goods, bads| Cell { goods, bads };
    let prebins = [
        cell(10.0, 5.0),
        cell(20.0, 10.0),
        cell(5.0, 20.0),
        cell(2.0, 8.0),
    ];
    let ends = |fixed: &[bool], trend| {
        let limits = Limits {
            objective: Objective::InformationValue,
            trend,
            max_bins: 4,
            minimums: Minimums {
                count: 0.0,
                goods: 0.0,
                bads: 0.0,
            },
            zero_cells: ZeroCells::Neutral,
            totals: Cell::sum(&prebins),
        };
        optimum(&prebins, fixed, &limits).unwrap().ends
    };
    for trend in [Trend::None, Trend::Ascending, Trend::Monotone, Trend::Auto] {
        assert_eq!(ends(&[], trend), [2, 4], "{trend}");
        assert_eq!(ends(&[true], trend), [1, 2, 4], "{trend}");
        assert_eq!(ends(&[true, false, true], trend), [1, 2, 3, 4], "{trend}");
    }
    let reversed: Vec<Cell> = prebins.iter().rev().copied().collect();
    let limits = Limits {
        objective: Objective::InformationValue,
        trend: Trend::Descending,
        max_bins: 4,
        minimums: Minimums {
            count: 0.0,
            goods: 0.0,
            bads: 0.0,
        },
        zero_cells: ZeroCells::Neutral,
        totals: Cell::sum(&prebins),
    };
    let found = optimum(&reversed, &[true, false, true], &limits).unwrap();
    assert_eq!(found.ends, [1, 2, 3, 4]);
}
