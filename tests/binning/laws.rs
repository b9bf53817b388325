//! What holds of every binning.

use credit_risk::credit::binning::{
    Binner, Binning, BinningError, BinningParams, Infeasible, Label, NumericRules, Objective,
    Prebins, Shape, SplitCriterion, Target, Trend, ZeroCells,
};
use proptest::{prelude::*, test_runner::TestCaseError};

use crate::support::{bin, column};

fn trends() -> impl Strategy<Value = Trend> {
    prop::sample::select(vec![
        Trend::Ascending,
        Trend::Descending,
        Trend::Monotone,
        Trend::Peak,
        Trend::Valley,
        Trend::None,
        Trend::Auto,
    ])
}

fn zero_cells() -> impl Strategy<Value = ZeroCells> {
    prop::sample::select(vec![
        ZeroCells::OverallRate,
        ZeroCells::Neutral,
        ZeroCells::NineTenths,
        ZeroCells::One,
        ZeroCells::HalfPerCell,
        ZeroCells::HalfPerCellAndTotals,
    ])
}

fn settings() -> impl Strategy<Value = BinningParams> {
    let prebins = prop_oneof![
        (2..=64_u32).prop_map(|bins| Prebins::Quantile { bins }),
        (2..=64_u32, 0.0..0.05, any::<bool>()).prop_map(|(bins, min_share, gini)| {
            Prebins::Supervised {
                bins,
                min_share,
                criterion: if gini {
                    SplitCriterion::Gini
                } else {
                    SplitCriterion::Entropy
                },
            }
        }),
    ];
    let objective = prop_oneof![
        Just(Objective::InformationValue),
        (0.0..2.0).prop_map(|penalty| Objective::PenalisedLikelihood { penalty }),
    ];
    let sizes = (2..=20_u32, 0.0..0.2, 0..8_u32, 0..8_u32);
    (prebins, objective, trends(), sizes, zero_cells()).prop_map(
        |(prebins, objective, trend, (max_bins, min_share, min_goods, min_bads), zero_cells)| {
            BinningParams {
                prebins,
                objective,
                trend,
                max_bins,
                min_share,
                min_goods,
                min_bads,
                zero_cells,
                ..BinningParams::default()
            }
        },
    )
}

fn values() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => (-20..20_i32).prop_map(f64::from),
        3 => -1e3..1e3,
        1 => Just(f64::NAN),
        1 => prop::sample::select(vec![-9.0, 1e308, -f64::MAX, f64::MAX, 5e-324, -0.0]),
    ]
}

fn weights() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.1..10.0,
        1 => prop::sample::select(vec![0.0, 1e-100, 1e-16, 1e16, 1e100]),
    ]
}

fn check(
    found: &Binning,
    values: &[f64],
    events: &[bool],
    params: &BinningParams,
) -> Result<(), TestCaseError> {
    let table = found.table();
    let mut counts = vec![(0.0, 0.0); table.rows.len()];
    for (&value, &bad) in values.iter().zip(events) {
        let (goods, bads) = &mut counts[found.bin_of(value)];
        *if bad { bads } else { goods } += 1.0;
    }
    let rows = values.len() as f64;
    for (row, count) in table.rows.iter().zip(counts) {
        prop_assert_eq!((row.goods, row.bads), count);
        prop_assert!(row.woe.is_finite() && row.iv.is_finite() && row.iv >= 0.0);
        prop_assert!((row.share - row.count / rows).abs() < 1e-15);
    }
    let clean = &table.rows[..found.clean_bins()];
    prop_assert!(clean.len() <= params.max_bins as usize);
    prop_assert_eq!(found.single().is_some(), clean.len() == 1);
    if found.single().is_none() {
        prop_assert!(found.shape().follows(params.trend), "{:?}", found.shape());
        for row in clean {
            prop_assert!(row.count >= params.min_share * rows);
            prop_assert!(row.goods >= params.min_goods.into());
            prop_assert!(row.bads >= params.min_bads.into());
        }
    }
    let monotone =
        params.zero_cells == ZeroCells::OverallRate && params.min_goods.min(params.min_bads) > 0;
    let woes: Vec<f64> = clean.iter().map(|row| row.woe).collect();
    if monotone && found.shape() == Shape::Ascending {
        prop_assert!(woes.is_sorted_by(|a, b| a >= b), "{:?}", woes);
    }
    if monotone && found.shape() == Shape::Descending {
        prop_assert!(woes.is_sorted(), "{:?}", woes);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_column_has_a_sound_binning_or_a_reason(
        rows in prop::collection::vec((values(), any::<bool>()), 2..250),
        params in settings(),
    ) {
        let (values, events): (Vec<f64>, Vec<bool>) = rows.into_iter().unzip();
        match bin(&values, &events, &NumericRules::default(), params) {
            Ok(found) => check(&found, &values, &events, &params)?,
            Err(BinningError::Infeasible(_)) => {}
            Err(BinningError::OneClass { .. }) => {
                prop_assert!(events.iter().all(|&e| e) || !events.iter().any(|&e| e));
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn any_weights_give_finite_evidence_or_a_reason(
        rows in prop::collection::vec((values(), any::<bool>(), weights()), 2..120),
        params in settings(),
    ) {
        let values: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let events: Vec<bool> = rows.iter().map(|row| row.1).collect();
        let weights: Vec<f64> = rows.iter().map(|row| row.2).collect();
        let Ok(target) = Target::new(&events, Some(&weights)) else { return Ok(()) };
        let mut binner = Binner::new(target, params.check().unwrap());
        match binner.numeric(&values, &NumericRules::default()) {
            Ok(found) => {
                let table = found.table();
                prop_assert!(table.gini().is_finite() && table.totals.iv.is_finite());
                prop_assert!(table.rows.iter().all(|row| row.woe.is_finite() && row.iv >= 0.0));
            }
            Err(error) => prop_assert!(matches!(error, BinningError::Infeasible(_)), "{}", error),
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(seed in 0..1_000_u64, turn in 1..499_usize) {
        let (mut values, mut events) = column(500, seed);
        let rules = NumericRules::default();
        let first = bin(&values, &events, &rules, BinningParams::default());
        values.rotate_left(turn);
        events.rotate_left(turn);
        prop_assert_eq!(bin(&values, &events, &rules, BinningParams::default()), first);
    }

    #[test]
    fn swapping_goods_and_bads_turns_the_evidence_round(seed in 0..1_000_u64) {
        let (values, events) = column(800, seed);
        let swapped: Vec<bool> = events.iter().map(|event| !event).collect();
        let params = BinningParams { trend: Trend::None, ..BinningParams::default() };
        let rules = NumericRules::default();
        let first = bin(&values, &events, &rules, params);
        let second = bin(&values, &swapped, &rules, params);
        match (first, second) {
            (Ok(first), Ok(second)) => {
                prop_assert_eq!(first.breaks(), second.breaks());
                for (a, b) in first.table().rows.iter().zip(&second.table().rows) {
                    prop_assert!((a.woe + b.woe).abs() < 1e-12 && (a.iv - b.iv).abs() < 1e-12);
                }
            }
            (first, second) => prop_assert_eq!(first.is_err(), second.is_err()),
        }
    }
}

#[test]
fn a_binning_survives_its_own_json() {
    let (values, events) = column(2_000, 4);
    let rules = NumericRules::default();
    let found = bin(&values, &events, &rules, BinningParams::default()).unwrap();
    let text = serde_json::to_string(&found).unwrap();
    let read: Binning = serde_json::from_str(&text).unwrap();
    assert_eq!(read, found);
    // A break moved out of order is noticed.
    let broken = text.replacen("\"breaks\":[", "\"breaks\":[1e9,", 1);
    assert!(serde_json::from_str::<Binning>(&broken).is_err());
}

#[test]
fn intervals_meet_and_are_labelled_as_written() {
    let (values, events) = column(2_000, 4);
    let found = bin(
        &values,
        &events,
        &NumericRules::default(),
        BinningParams::default(),
    )
    .unwrap();
    let rows = &found.table().rows;
    for (at, pair) in rows[..found.clean_bins()].windows(2).enumerate() {
        let (Label::Interval { to, .. }, Label::Interval { from, .. }) =
            (&pair[0].label, &pair[1].label)
        else {
            panic!("{pair:?}");
        };
        assert_eq!(
            (to, from),
            (&Some(found.breaks()[at]), &Some(found.breaks()[at]))
        );
    }
    let first = format!("(-inf, {})", found.breaks()[0]);
    assert_eq!(rows[0].label.to_string(), first);
}

#[test]
fn threads_do_not_change_a_byte() {
    let columns: Vec<(Vec<f64>, Vec<bool>)> = (0..8).map(|seed| column(3_000, seed)).collect();
    let events = &columns[0].1;
    let rules = NumericRules::default();
    let params = BinningParams::default().check().unwrap();
    let target = Target::new(events, None).unwrap();
    let work = |columns: &[(Vec<f64>, Vec<bool>)]| -> Vec<String> {
        let mut binner = Binner::new(target, params);
        let binned = columns
            .iter()
            .map(|(values, _)| match binner.numeric(values, &rules) {
                Ok(binning) => serde_json::to_string(&binning).unwrap(),
                Err(reason) => reason.to_string(),
            });
        binned.collect()
    };
    let alone = work(&columns);
    let (left, right) = columns.split_at(3);
    let together = std::thread::scope(|scope| {
        let left = scope.spawn(|| work(left));
        let right = scope.spawn(|| work(right));
        [left.join().unwrap(), right.join().unwrap()].concat()
    });
    assert_eq!(alone, together);
    assert!(alone.iter().filter(|text| text.starts_with('{')).count() >= 6);
}

#[test]
fn a_turn_must_be_worth_its_toll() {
    // Bad rates 10 %, 12 % and 11 %: a peak in form, but not one to be believed.
    let thirds = |third: usize, bads: usize| (0..1_000).map(move |row| (third as f64, row < bads));
    let rows = |bads: [usize; 3]| -> (Vec<f64>, Vec<bool>) {
        (0..3).flat_map(|third| thirds(third, bads[third])).unzip()
    };
    let shape = |bads, trend| {
        let (values, events) = rows(bads);
        let params = BinningParams {
            trend,
            ..BinningParams::default()
        };
        let found = bin(&values, &events, &NumericRules::default(), params);
        found.map(|found| found.shape())
    };
    assert_eq!(shape([100, 120, 110], Trend::Auto), Ok(Shape::Ascending));
    assert_eq!(shape([100, 120, 110], Trend::Peak), Ok(Shape::Peak));
    assert_eq!(shape([100, 220, 110], Trend::Auto), Ok(Shape::Peak));
    assert_eq!(shape([220, 100, 210], Trend::Auto), Ok(Shape::Valley));
    let refused = shape([300, 200, 100], Trend::Ascending).unwrap_err();
    let trend = Trend::Ascending;
    assert_eq!(
        refused,
        BinningError::Infeasible(Infeasible::Trend { trend })
    );
}
