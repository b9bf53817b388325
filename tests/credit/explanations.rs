//! Reasons and flags: what an applicant can be told, and what values mean that are no numbers.

use credit_risk::credit::{
    Assessment, ModelType, TrainingPlan, Value,
    application::Reader,
    binning::{SpecialCodes, SpecialLevels, UnseenValue},
    fault::Faults,
    model::{FlagKind, Scratch},
    plan::{CharacteristicPlan, CutoffPlan, MissingHandling, ReasonTexts},
    reasons::Direction,
    schema::{Kind, UnseenPolicy},
    scorecard::ReasonMethod,
};
use serde_json::json;

use crate::{
    loans::{KINDS, loans, quick},
    path::{Whole, whole},
    support::limits,
};

fn trained(plan: TrainingPlan) -> Whole {
    let found = whole(&loans(800), plan, &limits());
    let found = found.unwrap_or_else(|refusal| panic!("{}", refusal.text()));
    found.check();
    found
}

/// The codes of the loans laid down as such.
fn with_codes() -> TrainingPlan {
    let mut plan = quick(ModelType::Scorecard);
    let debt = CharacteristicPlan {
        special: SpecialCodes::one_each(&[-1.0]),
        ..CharacteristicPlan::default()
    };
    let grade = CharacteristicPlan {
        special_levels: vec![SpecialLevels {
            name: "other".to_owned(),
            levels: vec!["X".to_owned()],
        }],
        ..CharacteristicPlan::default()
    };
    plan.characteristics.insert("debt".to_owned(), debt);
    plan.characteristics.insert("grade".to_owned(), grade);
    plan
}

/// What the model makes of one application, or the faults in it.
fn assess(found: &Whole, application: &serde_json::Value) -> Result<Assessment, Vec<String>> {
    let mut faults = Faults::default();
    let mut reader = Reader::new(found.model.expected());
    let row = reader
        .read(&application.to_string(), 0, &mut faults)
        .to_vec();
    let told = |faults: Vec<credit_risk::credit::Fault>| faults.into_iter().map(|it| it.pointer);
    faults
        .into_result()
        .map_err(|faults| told(faults).collect::<Vec<_>>())?;
    let thresholds = found.model.body().policy.thresholds();
    Ok(found
        .model
        .assess(&row, thresholds, &mut Scratch::default()))
}

/// The direction and the text for a characteristic among the reasons of an application.
fn reason(
    found: &Whole,
    application: &serde_json::Value,
    name: &str,
) -> Option<(Direction, String)> {
    let position = found.model.schema().position(name).unwrap();
    let assessment = assess(found, application).unwrap();
    let named = assessment
        .reasons
        .iter()
        .find(|it| it.characteristic == position)?;
    let text = found.model.texts(position).get(named.direction);
    Some((named.direction, text.to_owned()))
}

#[test]
fn each_direction_has_its_own_text_and_the_lenders_comes_first() {
    for kind in KINDS {
        let mut plan = if kind == ModelType::Scorecard {
            with_codes()
        } else {
            quick(kind)
        };
        plan.reasons.method = ReasonMethod::MaxPointsLost;
        let text = |words: &str| Some(words.to_owned());
        let own = plan.characteristics.entry("income".to_owned()).or_default();
        own.texts = ReasonTexts {
            low: text("you earn too little"),
            ..ReasonTexts::default()
        };
        let own = plan.characteristics.entry("years".to_owned()).or_default();
        own.texts.missing = text("tell us for how long");
        let found = trained(plan);
        let poor = json!({ "income": 21, "debt": 45, "grade": "C", "years": null });
        let expected = [
            ("income", Direction::Low, "you earn too little"),
            ("debt", Direction::High, "debt: too high"),
            ("grade", Direction::Level, "grade: a value with more risk"),
            ("years", Direction::Missing, "tell us for how long"),
        ];
        for (name, direction, text) in expected {
            let told = reason(&found, &poor, name);
            assert_eq!(told, Some((direction, text.to_owned())), "{kind:?}");
        }
        let unseen = json!({ "income": 21, "debt": 45, "grade": "new", "years": 2 });
        let told = reason(&found, &unseen, "grade");
        assert_eq!(
            told,
            Some((
                Direction::Unseen,
                "grade: a value that is not known".to_owned()
            ))
        );
        let good = json!({ "income": 99, "debt": 0, "grade": "A", "years": 29 });
        let told = assess(&found, &good).unwrap().reasons;
        assert!(told.iter().all(|it| it.contribution < 0.2), "{told:?}");
    }
}

#[test]
fn special_codes_are_flagged_and_named_and_no_part_of_the_range() {
    let mut plan = with_codes();
    plan.reasons.method = ReasonMethod::MaxPointsLost;
    let found = trained(plan);
    let debt = &found.model.schema().characteristics[1];
    let Kind::Numeric { minimum, .. } = debt.kind else {
        panic!("numeric")
    };
    assert_eq!(minimum.to_bits(), 0.0_f64.to_bits());
    let coded = json!({ "income": 50, "debt": -1, "grade": "X", "years": 3 });
    let flags = assess(&found, &coded).unwrap().flags;
    let flags: Vec<_> = flags
        .iter()
        .map(|flag| (flag.characteristic, flag.kind))
        .collect();
    assert_eq!(flags, [(1, FlagKind::Special), (2, FlagKind::Special)]);
    let told = reason(&found, &coded, "grade");
    assert_eq!(
        told,
        Some((
            Direction::Special,
            "grade: a special value with more risk".to_owned()
        ))
    );
    let below = json!({ "income": 50, "debt": -2, "grade": "A", "years": 3 });
    let flags = assess(&found, &below).unwrap().flags;
    assert_eq!((flags.len(), flags[0].kind), (1, FlagKind::OutOfRange));
    // Without the plan the code is an amount.
    let plain = trained(quick(ModelType::Scorecard));
    assert!(assess(&plain, &coded).unwrap().flags.is_empty());
}

#[test]
fn a_gap_is_refused_where_training_had_none_unless_gaps_are_accepted() {
    let gap = json!({ "income": null, "debt": 3, "grade": "A", "years": 3 });
    let learned = trained(quick(ModelType::Scorecard));
    assert_eq!(
        assess(&learned, &gap).unwrap_err(),
        ["/applications/0/income"]
    );
    let known = json!({ "income": 50, "debt": 3, "grade": "A", "years": null });
    let flags = assess(&learned, &known).unwrap().flags;
    assert_eq!((flags.len(), flags[0].kind), (1, FlagKind::Missing));

    let term = |unseen| {
        let mut plan = quick(ModelType::Scorecard);
        plan.missing = MissingHandling::Accept;
        plan.binning.unseen_value = unseen;
        let found = trained(plan);
        let card = found.model.body().form.card().unwrap();
        let at = card
            .entries()
            .iter()
            .position(|it| it.name == "income")
            .unwrap();
        let bin = card.entries()[at].binning.bin_of_missing();
        let terms: Vec<f64> = card.log_odds(at).collect();
        let worst = terms.iter().copied().fold(f64::MIN, f64::max);
        assert!(assess(&found, &gap).is_ok());
        (terms[bin], worst)
    };
    let (neutral, _) = term(UnseenValue::Neutral);
    assert!(neutral.abs() < 1e-12);
    let (worst, most) = term(UnseenValue::Worst);
    assert!(worst > 0.1 && worst.to_bits() == most.to_bits());
}

#[test]
fn a_level_that_training_did_not_have_is_flagged_or_refused() {
    let unseen = json!({ "income": 50, "debt": 3, "grade": "new", "years": 3 });
    for kind in KINDS {
        let found = trained(quick(kind));
        let flags = assess(&found, &unseen).unwrap().flags;
        assert_eq!((flags.len(), flags[0].kind), (1, FlagKind::Unseen));
        let mut plan = quick(kind);
        plan.unseen = UnseenPolicy::Reject;
        let found = trained(plan);
        assert_eq!(
            assess(&found, &unseen).unwrap_err(),
            ["/applications/0/grade"]
        );
    }
}

#[test]
fn the_reference_is_that_of_its_method() {
    for kind in KINDS {
        let by = |method| {
            let mut plan = quick(kind);
            plan.reasons.method = method;
            trained(plan)
        };
        let all = by(ReasonMethod::BelowAverageAll);
        let near = by(ReasonMethod::BelowAverageNearCutoff);
        let best = by(ReasonMethod::MaxPointsLost);
        let found = [&all, &near, &best].map(|it| it.result().reason_reference);
        assert_eq!(
            found.map(|it| it.method),
            [
                all.plan.reasons.method,
                near.plan.reasons.method,
                best.plan.reasons.method
            ]
        );
        assert_eq!((found[0].applicants, found[2].applicants), (640, 0));
        assert!((30..640).contains(&found[1].applicants) && found[1].odds_window == Some(2.0));
        // The average of all is the mean over the rows that were fitted; the best is the least.
        let mut row = Vec::new();
        let least = (0..800).map(|at| {
            best.book.row(at, &mut row);
            best.model.log_odds(&row, &mut Scratch::default())
        });
        let least = least.fold(f64::INFINITY, f64::min);
        assert!(best.model.base_log_odds() <= least + 1e-9);
        let threshold = near.model.body().policy.decline.threshold;
        let cutoff = (threshold / (1.0 - threshold)).ln();
        let base = near.model.base_log_odds();
        assert!(base < cutoff && base > cutoff - 2.0_f64.ln());
        assert!(all.model.base_log_odds() > best.model.base_log_odds());
    }
}

#[test]
fn too_few_near_the_cut_off_widen_the_window_and_nobody_makes_it_all() {
    for kind in KINDS {
        let with = |threshold, odds_window| {
            let mut plan = quick(kind);
            plan.reasons.odds_window = odds_window;
            plan.decision.cutoff = CutoffPlan::Fixed { threshold };
            trained(plan).result().reason_reference
        };
        let narrow = with(0.5, 1.01);
        let window = narrow.odds_window.unwrap();
        let doublings = (window.ln() / 1.01_f64.ln()).log2();
        assert!(
            doublings > 0.5 && (doublings - doublings.round()).abs() < 1e-6,
            "{window}"
        );
        assert!(narrow.applicants >= 30);
        let nobody = with(0.0, 2.0);
        assert_eq!(
            (nobody.method, nobody.applicants),
            (ReasonMethod::BelowAverageAll, 640)
        );
        let everybody = with(1.0, 2.0);
        assert_eq!(everybody.method, ReasonMethod::BelowAverageNearCutoff);
        assert_eq!((everybody.applicants, everybody.odds_window), (640, None));
    }
}

#[test]
fn sums_of_absurd_numbers_are_numbers() {
    for kind in KINDS {
        let found = trained(quick(kind));
        for (income, debt) in [
            (1.7e308, 1.7e308),
            (-1.7e308, -1.7e308),
            (1.7e308, -1.7e308),
        ] {
            let row = [
                Value::Number(income),
                Value::Number(debt),
                Value::Level(0),
                Value::Missing,
            ];
            let mut scratch = Scratch::default();
            let thresholds = found.model.body().policy.thresholds();
            let assessment = found.model.assess(&row, thresholds, &mut scratch);
            assert!((0.0..=1.0).contains(&assessment.probability_of_default));
            assert!(assessment.log_odds.is_finite());
            let terms = found.model.contributions(&row, &mut scratch);
            assert!(terms.iter().all(|term| term.is_finite()), "{terms:?}");
        }
    }
    // A unit so small that a slope per unit is large.
    let csv: String = loans(400)
        .lines()
        .enumerate()
        .fold(String::new(), |text, (line, row)| {
            let share = if line == 0 {
                "share".to_owned()
            } else {
                (line % 10).to_string() + "e-6"
            };
            let twin = if line == 0 {
                "twin".to_owned()
            } else {
                (line % 7).to_string() + "e-6"
            };
            text + &share + "," + &twin + "," + row + "\n"
        });
    let found = whole(&csv, quick(ModelType::LogisticRegression), &limits())
        .ok()
        .unwrap();
    let mut row = Vec::new();
    found.book.row(0, &mut row);
    for (share, twin) in [(1e308, 1e308), (1e308, -1e308), (-1e308, -1e308)] {
        (row[0], row[1]) = (Value::Number(share), Value::Number(twin));
        let log_odds = found.model.log_odds(&row, &mut Scratch::default());
        assert!(log_odds.is_finite(), "{log_odds}");
    }
}
