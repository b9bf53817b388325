//! Laws of models trained on random data by random plans.

use std::cell::Cell;

use credit_risk::credit::{
    ModelType, TrainingPlan,
    binning::{
        BinningParams, CategoryParams, Objective, Prebins, RareLevels, SpecialCodes, SpecialLevels,
        SplitCriterion, Trend, UnseenLevel, UnseenValue, UserBreak, ZeroCells,
    },
    model::ModelForm,
    plan::{
        CalibrationPlan, CharacteristicPlan, ClassWeight, CutoffPlan, MissingHandling, Penalty,
    },
    scorecard::{Allocation, CardParams, ReasonMethod, Scaling, Sense},
};
use credit_risk::stats::trees::Stopping;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::{
    path::{Refusal, whole},
    support::limits,
};

/// A small data set: `a` from dull to extreme, `b` small numbers with codes, `g` and `h` levels.
/// Default is the likelier the greater `b`.
fn csv() -> impl Strategy<Value = String> {
    let a = prop_oneof![
        4 => Just(0), // dull
        1 => Just(1), // extreme
        1 => Just(2), // tiny
        1 => Just(3), // all but constant
    ];
    let gaps = prop_oneof![Just(0_u8), Just(20), Just(90)];
    let line = (
        -50_i32..50,
        0_u8..100,
        -2_i32..12,
        0_usize..12,
        0_u8..8,
        0_u8..100,
    );
    let lines = prop::collection::vec(line, 20..140);
    (a, gaps, lines).prop_map(|(mode, gaps, lines)| {
        let mut text = "a,b,g,h,target\n".to_owned();
        for (a, gap, b, g, h, noise) in lines {
            let a = match mode {
                _ if gap < gaps => String::new(),
                0 => a.to_string(),
                1 => ["1e308", "-1e308", "1.7e308", "0", "3"][a.rem_euclid(5) as usize].to_owned(),
                2 => format!("{a}e-310"),
                _ => i32::from(a == 7).to_string(),
            };
            let g = [
                "a", "a", "a", "a", "b", "b", "b", "c d", "é", "\"x,y\"", "0", "",
            ][g];
            let bad = noise < (5 + 6 * b.max(0) + i32::from(h)).clamp(5, 95) as u8;
            text += &format!("{a},{b},{g},h{h},{}\n", u8::from(bad));
        }
        text
    })
}

fn binning() -> impl Strategy<Value = BinningParams> {
    let prebins = prop_oneof![
        Just(Prebins::Quantile { bins: 8 }),
        Just(Prebins::Supervised {
            bins: 16,
            min_share: 0.02,
            criterion: SplitCriterion::Entropy
        }),
    ];
    let objective = prop_oneof![
        Just(Objective::InformationValue),
        Just(Objective::PenalisedLikelihood { penalty: 0.1 })
    ];
    use Trend::{Ascending, Auto, Descending, Monotone, None, Peak, Valley};
    let trend = prop::sample::select(vec![
        Ascending, Descending, Monotone, Peak, Valley, None, Auto,
    ]);
    let zero_cells = prop::sample::select(vec![
        ZeroCells::OverallRate,
        ZeroCells::Neutral,
        ZeroCells::NineTenths,
        ZeroCells::One,
        ZeroCells::HalfPerCell,
        ZeroCells::HalfPerCellAndTotals,
    ]);
    let least = (0.0..0.1_f64, 0_u32..4, 0_u32..4);
    let unseen = prop::sample::select(vec![UnseenValue::Neutral, UnseenValue::Worst]);
    let level = prop::sample::select(vec![
        UnseenLevel::Neutral,
        UnseenLevel::Rare,
        UnseenLevel::Worst,
    ]);
    let pool = prop_oneof![Just(RareLevels::Pool), Just(RareLevels::Keep)];
    (
        (prebins, objective, trend, zero_cells),
        (least, unseen, level, pool, 2_u32..9),
    )
        .prop_map(
            |(
                (prebins, objective, trend, zero_cells),
                (least, unseen_value, unseen, rare, max),
            )| {
                BinningParams {
                    prebins,
                    objective,
                    trend,
                    max_bins: max,
                    min_share: least.0,
                    min_goods: least.1,
                    min_bads: least.2,
                    zero_cells,
                    unseen_value,
                    categories: CategoryParams {
                        smoothing: 5.0,
                        rare_share: 0.05,
                        rare,
                        unseen,
                    },
                }
            },
        )
}

fn points() -> impl Strategy<Value = CardParams> {
    let scaling = prop_oneof![
        2 => Just(CardParams::default().scaling),
        1 => Just(Scaling::Range { from: 300.0, to: 850.0 }),
        1 => Just(Scaling::Odds { pdo: 50.0, base_score: 0.0, base_odds: 1.0 }),
    ];
    let sense = prop_oneof![Just(Sense::HigherIsBetter), Just(Sense::HigherIsRiskier)];
    let allocation = prop_oneof![
        Just(Allocation::Spread),
        Just(Allocation::Base),
        Just(Allocation::ZeroFloor)
    ];
    (scaling, sense, allocation).prop_map(|(scaling, sense, allocation)| CardParams {
        scaling,
        sense,
        allocation,
    })
}

/// What is laid down for `b` and `g`.
fn own() -> impl Strategy<Value = (CharacteristicPlan, CharacteristicPlan)> {
    let trend = prop::option::of(prop::sample::select(vec![
        Trend::Ascending,
        Trend::Monotone,
    ]));
    let flags = prop::array::uniform5(any::<bool>());
    (trend, flags).prop_map(|(trend, [codes, breaks, fixed, groups, special])| {
        let codes = codes.then(|| SpecialCodes::one_each(&[-1.0, -2.0]));
        let at = |at| UserBreak { at, fixed };
        let b = CharacteristicPlan {
            trend,
            special: codes.unwrap_or_default(),
            breaks: if breaks {
                vec![at(4.0), at(8.0)]
            } else {
                vec![]
            },
            ..CharacteristicPlan::default()
        };
        let level = |level: &str| vec![level.to_owned()];
        let g = CharacteristicPlan {
            groups: if groups {
                vec![level("a"), level("b")]
            } else {
                vec![]
            },
            special_levels: if special {
                vec![SpecialLevels {
                    name: "zero".to_owned(),
                    levels: level("0"),
                }]
            } else {
                vec![]
            },
            ..CharacteristicPlan::default()
        };
        (b, g)
    })
}

fn plan() -> impl Strategy<Value = TrainingPlan> {
    use Penalty::{ElasticNet, Firth, L1, L2, None};
    let penalty = prop::sample::select(vec![L2, L2, L1, ElasticNet, Firth, None]);
    let fit = (penalty, prop::sample::select(vec![1e-3, 1.0, 1e3]), 0_u8..3);
    use CalibrationPlan as C;
    let calibration =
        prop::sample::select(vec![C::None, C::None, C::Platt, C::Logistic, C::Isotonic]);
    let decision = (prop::option::of(0.001..0.999_f64), any::<bool>());
    let missing = prop::sample::select(vec![MissingHandling::Learned, MissingHandling::Accept]);
    let method = prop::sample::select(vec![
        ReasonMethod::MaxPointsLost,
        ReasonMethod::BelowAverageAll,
        ReasonMethod::BelowAverageNearCutoff,
    ]);
    let card = (binning(), points(), own(), missing);
    (0_u8..4, fit, calibration, decision, method, card, 2_u32..4).prop_map(
        |(kind, fit, calibration, (rate, refer), method, card, folds)| {
            let kind = [
                ModelType::LogisticRegression,
                ModelType::Scorecard,
                ModelType::GradientBoosting,
                ModelType::RandomForest,
            ][usize::from(kind)];
            let mut plan = TrainingPlan::new(kind);
            if kind.has_trees() {
                few_trees(&mut plan);
            } else {
                (plan.penalty, plan.inverse_strength) = (fit.0, fit.1);
            }
            plan.undersample = fit.2 == 1;
            plan.class_weight = (fit.2 == 2).then_some(ClassWeight::Balanced);
            plan.calibration = calibration;
            let shifted = calibration != C::Isotonic;
            plan.population_default_rate = rate.filter(|_| shifted);
            plan.decision.refer = refer.then_some(CutoffPlan::ApprovalRate { rate: 0.1 });
            if !kind.has_trees() || method != ReasonMethod::MaxPointsLost {
                plan.reasons.method = method;
            }
            plan.cv_folds = folds;
            plan.evidence.replicates = 0;
            if kind == ModelType::Scorecard {
                plan.binning = card.0;
                plan.points = card.1;
                plan.characteristics.insert("b".to_owned(), card.2.0);
                plan.characteristics.insert("g".to_owned(), card.2.1);
                plan.missing = card.3;
            }
            plan
        },
    )
}

/// Trees that are quick to grow.
fn few_trees(plan: &mut TrainingPlan) {
    if plan.model_type == ModelType::RandomForest {
        plan.forest.trees = 5;
    } else {
        plan.boosting.rounds = Some(8);
        plan.boosting.stopping = Some(Stopping::Never);
    }
}

#[test]
fn any_data_and_plan_give_a_model_that_keeps_the_laws_or_a_refusal() {
    let config = Config {
        cases: 300,
        failure_persistence: None,
        ..Config::default()
    };
    let (cards, lines, trees) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let found = TestRunner::new(config).run(&(csv(), plan()), |(csv, plan)| {
        match whole(&csv, plan, &limits()) {
            Ok(whole) => {
                let count = match whole.model.body().form {
                    ModelForm::Scorecard(_) => &cards,
                    ModelForm::Linear(_) => &lines,
                    ModelForm::Trees(_) => &trees,
                };
                count.set(count.get() + 1);
                whole.check();
            }
            Err(Refusal::Training(error)) => {
                prop_assert!(!error.is_ours(), "{error:?}");
                prop_assert!(!error.to_string().is_empty());
            }
            Err(Refusal::Data(faults)) => {
                let placed =
                    |it: &credit_risk::credit::Fault| it.column.is_some() || !it.pointer.is_empty();
                prop_assert!(faults.iter().all(placed), "{faults:?}");
            }
            Err(Refusal::Plan(faults)) => prop_assert!(false, "{faults:?}"),
        }
        Ok(())
    });
    found.unwrap();
    // A test of refusals alone would prove nothing.
    for count in [cards, lines, trees] {
        assert!(count.get() > 20, "{count:?}");
    }
}
