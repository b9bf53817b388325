//! Characteristics with levels: order, pools, the unseen, and groups laid down by hand.

use credit_risk::credit::binning::{
    Binner, Binning, BinningError, BinningParams, CategoryParams, Infeasible, LevelColumn,
    LevelRules, RareLevels, SpecialLevels, Target, UnseenLevel,
};

use crate::support::{Numbers, assert_close};

const MISSING: u32 = LevelColumn::MISSING;

struct Column {
    codes: Vec<u32>,
    levels: Vec<String>,
    events: Vec<bool>,
}

impl Column {
    /// `(name, rows, bads)` of each level.
    fn new(levels: &[(&str, u32, u32)]) -> Self {
        let mut column = Self {
            codes: vec![],
            levels: vec![],
            events: vec![],
        };
        for (code, &(name, rows, bads)) in levels.iter().enumerate() {
            column.levels.push(name.to_owned());
            column.push(code as u32, rows, bads);
        }
        column
    }

    fn push(&mut self, code: u32, rows: u32, bads: u32) {
        self.codes.extend((0..rows).map(|_| code));
        self.events.extend((0..rows).map(|row| row < bads));
    }

    fn bin(&self, rules: &LevelRules, params: BinningParams) -> Result<Binning, BinningError> {
        let target = Target::new(&self.events, None)?;
        let column = LevelColumn {
            codes: &self.codes,
            levels: &self.levels,
        };
        Binner::new(target, params.check().unwrap()).levels(column, rules)
    }
}

fn with(categories: CategoryParams) -> BinningParams {
    BinningParams {
        categories,
        ..BinningParams::default()
    }
}

/// Rent is worst, a house is best, and two levels have next to no rows.
fn homes() -> Column {
    Column::new(&[
        ("rent", 400, 160),
        ("own", 300, 30),
        ("mortgage", 290, 58),
        ("boat", 4, 4),
        ("castle", 3, 0),
        ("nowhere", 0, 0),
    ])
}

#[test]
fn levels_are_ordered_by_rate_and_the_rare_pooled() {
    let found = homes()
        .bin(&LevelRules::default(), BinningParams::default())
        .unwrap();
    let groups = found.groups();
    assert_eq!(groups.len(), 3);
    assert_eq!(groups[0], ["own"]);
    let pooled = found.bin_of_level(Some("boat"));
    assert_eq!(found.bin_of_level(Some("castle")), pooled);
    assert!(groups[pooled].len() >= 3, "{groups:?}");
    let rates: Vec<_> = found.table().rows[..3]
        .iter()
        .map(|row| row.bad_rate.unwrap())
        .collect();
    assert!(rates.is_sorted());
}

#[test]
fn kept_apart_rare_levels_join_the_level_with_the_nearest_smoothed_rate() {
    let categories = CategoryParams {
        rare: RareLevels::Keep,
        smoothing: 1.0,
        ..CategoryParams::default()
    };
    let found = homes()
        .bin(&LevelRules::default(), with(categories))
        .unwrap();
    let bin = |level| found.bin_of_level(Some(level));
    assert_eq!((bin("boat"), bin("castle")), (bin("rent"), bin("own")));
}

#[test]
fn smoothing_draws_a_small_level_to_the_overall_rate() {
    let column = Column::new(&[
        ("low", 1_000, 50),
        ("middle", 1_000, 250),
        ("high", 1_000, 450),
        ("small", 12, 6),
    ]);
    let categories = CategoryParams {
        smoothing: 200.0,
        rare: RareLevels::Keep,
        ..CategoryParams::default()
    };
    let found = column
        .bin(&LevelRules::default(), with(categories))
        .unwrap();
    // (6 + 200 × 0.251) / 212 lies between the middle level and the high one.
    let bin = |level| found.bin_of_level(Some(level));
    assert_eq!(bin("small"), bin("high"));
}

#[test]
fn an_unseen_level_is_scored_as_the_policy_says() {
    let unseen = |unseen| {
        let categories = CategoryParams {
            unseen,
            ..CategoryParams::default()
        };
        let found = homes()
            .bin(&LevelRules::default(), with(categories))
            .unwrap();
        // A name of the dictionary without rows was not seen either.
        let bin = found.bin_of_level(Some("yurt"));
        assert_eq!(found.bin_of_level(Some("nowhere")), bin);
        (bin, found.woe(bin), found)
    };
    let (bin, woe, found) = unseen(UnseenLevel::Neutral);
    assert_eq!((bin, woe), (found.table().rows.len() - 1, 0.0));
    let (bin, _, found) = unseen(UnseenLevel::Rare);
    assert_eq!(bin, found.bin_of_level(Some("boat")));
    let (_, woe, found) = unseen(UnseenLevel::Worst);
    assert_eq!(
        woe.to_bits(),
        found.woe(found.bin_of_level(Some("rent"))).to_bits()
    );
    assert!(woe < 0.0);
}

#[test]
fn special_levels_and_missing_have_bins_of_their_own() {
    let mut column = homes();
    column.push(MISSING, 50, 25);
    let rules = LevelRules {
        special: vec![SpecialLevels {
            name: "water".into(),
            levels: vec!["boat".into(), "raft".into()],
        }],
        ..LevelRules::default()
    };
    let found = column.bin(&rules, BinningParams::default()).unwrap();
    let clean = found.clean_bins();
    let bin = |level| found.bin_of_level(level);
    assert_eq!(bin(Some("boat")), clean);
    assert_eq!(bin(Some("raft")), clean);
    assert_eq!((bin(None), found.bin_of_missing()), (clean + 1, clean + 1));
    let rows = &found.table().rows;
    assert_eq!((rows[clean].count, rows[clean].bads), (4.0, 4.0));
    assert_eq!((rows[clean + 1].count, rows[clean + 1].bads), (50.0, 25.0));
    assert_eq!(
        found.counts_of_levels([None, Some("raft"), Some("x")])[clean..],
        [1.0, 1.0, 1.0]
    );
}

#[test]
fn given_groups_are_used_as_they_are() {
    let rules = LevelRules {
        groups: vec![
            vec!["rent".into(), "own".into()],
            vec!["mortgage".into(), "tent".into()],
        ],
        ..LevelRules::default()
    };
    let params = BinningParams {
        min_share: 0.0,
        min_goods: 0,
        min_bads: 0,
        ..BinningParams::default()
    };
    let found = homes().bin(&rules, params).unwrap();
    let bin = |level| found.bin_of_level(Some(level));
    assert_eq!(
        ["rent", "own", "mortgage", "tent", "boat", "castle"].map(bin),
        [0, 0, 1, 1, 2, 2]
    );
    let refused = homes().bin(&rules, BinningParams::default()).unwrap_err();
    assert_eq!(
        refused,
        BinningError::Infeasible(Infeasible::FixedBin { bin: 2 })
    );
}

#[test]
fn one_level_is_infeasible() {
    let column = Column::new(&[("only", 500, 100)]);
    let refused = column
        .bin(&LevelRules::default(), BinningParams::default())
        .unwrap_err();
    assert_eq!(refused, BinningError::Infeasible(Infeasible::SingleValue));
}

#[test]
fn one_level_beside_missing_keeps_one_bin_and_says_so() {
    let mut column = Column::new(&[("only", 500, 100)]);
    column.push(MISSING, 100, 60);
    let found = column
        .bin(&LevelRules::default(), BinningParams::default())
        .unwrap();
    assert_eq!(found.single(), Some(Infeasible::SingleValue));
    assert_eq!(
        (found.bin_of_level(Some("only")), found.bin_of_level(None)),
        (0, 1)
    );
}

#[test]
fn ten_thousand_levels_are_binned() {
    let mut numbers = Numbers(8);
    let levels: Vec<String> = (0..10_000).map(|level| format!("L{level}")).collect();
    let codes: Vec<u32> = (0..40_000).map(|_| numbers.below(10_000) as u32).collect();
    let events: Vec<bool> = codes
        .iter()
        .map(|&c| numbers.uniform() < f64::from(c) / 2e4)
        .collect();
    let column = Column {
        codes,
        levels,
        events,
    };
    for rare in [RareLevels::Keep, RareLevels::Pool] {
        let categories = CategoryParams {
            rare,
            ..CategoryParams::default()
        };
        let found = column.bin(&LevelRules::default(), with(categories));
        if rare == RareLevels::Pool {
            // All of them are rare, and the pool is one level.
            let refused = found.unwrap_err();
            assert_eq!(refused, BinningError::Infeasible(Infeasible::SingleValue));
            continue;
        }
        let found = found.unwrap();
        assert!((2..=20).contains(&found.clean_bins()));
        assert_close(found.table().totals.count, 40_000.0, 0.0, "rows");
        assert!(found.table().rows.iter().all(|row| row.woe.is_finite()));
    }
}

#[test]
fn faulty_columns_are_refused() {
    let mut column = homes();
    column.codes[7] = 6;
    let refused = column.bin(&LevelRules::default(), BinningParams::default());
    assert_eq!(refused, Err(BinningError::UnknownLevel { row: 7 }));
    let mut column = homes();
    column.levels[5] = "rent".into();
    let refused = column.bin(&LevelRules::default(), BinningParams::default());
    let level = "rent".into();
    assert_eq!(refused, Err(BinningError::DuplicateLevel { level }));
}
