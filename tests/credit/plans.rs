//! What a plan lays down about characteristics, and what becomes of it.

use credit_risk::credit::{
    ModelType, TrainingError, TrainingPlan,
    binning::{SpecialCodes, SpecialLevels, Trend, UserBreak},
    learner::ExclusionReason,
    plan::{CharacteristicPlan, MissingHandling, Penalty},
};

use crate::{
    loans::{loans, quick},
    path::{Refusal, Whole, whole},
    support::limits,
};

/// A model of the loans that keeps every law.
pub fn trained(plan: TrainingPlan) -> Result<Whole, Refusal> {
    let found = whole(&loans(600), plan, &limits())?;
    found.check();
    Ok(found)
}

/// The pointers of what is refused.
pub fn pointers(found: Result<Whole, Refusal>) -> Vec<String> {
    let faults = match found.err().unwrap() {
        Refusal::Data(faults)
        | Refusal::Plan(faults)
        | Refusal::Training(TrainingError::Faults(faults)) => faults,
        other => panic!("{other:?}"),
    };
    faults.into_iter().map(|fault| fault.pointer).collect()
}

/// What is laid down for one characteristic of a scorecard of the loans.
fn laid_down(name: &str, own: CharacteristicPlan) -> Result<Whole, Refusal> {
    let mut plan = quick(ModelType::Scorecard);
    plan.characteristics.insert(name.to_owned(), own);
    trained(plan)
}

fn at(at: f64, fixed: bool) -> UserBreak {
    UserBreak { at, fixed }
}

#[test]
fn rules_of_the_wrong_kind_are_refused_at_their_field() {
    let own = CharacteristicPlan::default;
    let special_levels = vec![SpecialLevels {
        name: "x".to_owned(),
        levels: vec!["X".to_owned()],
    }];
    let cases = [
        (
            "grade",
            "breaks",
            CharacteristicPlan {
                breaks: vec![at(1.0, false)],
                ..own()
            },
        ),
        (
            "grade",
            "special",
            CharacteristicPlan {
                special: SpecialCodes::one_each(&[1.0]),
                ..own()
            },
        ),
        (
            "grade",
            "trend",
            CharacteristicPlan {
                trend: Some(Trend::Ascending),
                ..own()
            },
        ),
        (
            "income",
            "groups",
            CharacteristicPlan {
                groups: vec![vec!["A".to_owned()]],
                ..own()
            },
        ),
        (
            "income",
            "special_levels",
            CharacteristicPlan {
                special_levels,
                ..own()
            },
        ),
    ];
    for (name, field, own) in cases {
        let expected = format!("/characteristics/{name}/{field}");
        assert_eq!(pointers(laid_down(name, own)), [expected]);
    }
    for name in ["nobody", "month", "target", "a/b~c"] {
        let own = CharacteristicPlan {
            max_bins: Some(3),
            ..own()
        };
        let token = name.replace('~', "~0").replace('/', "~1");
        assert_eq!(
            pointers(laid_down(name, own)),
            [format!("/characteristics/{token}")]
        );
    }
}

#[test]
fn rules_that_contradict_themselves_are_refused() {
    let own = CharacteristicPlan::default;
    let cases = [
        CharacteristicPlan {
            breaks: vec![at(2.0, false), at(1.0, false)],
            ..own()
        },
        CharacteristicPlan {
            breaks: vec![at(f64::INFINITY, true)],
            ..own()
        },
        CharacteristicPlan {
            special: SpecialCodes::one_each(&[1.0, 1.0]),
            ..own()
        },
        CharacteristicPlan {
            groups: vec![vec![]],
            ..own()
        },
    ];
    for own in cases {
        assert_eq!(
            pointers(laid_down("income", own)),
            ["/characteristics/income"]
        );
    }
    let own = CharacteristicPlan {
        max_bins: Some(1),
        ..own()
    };
    assert_eq!(
        pointers(laid_down("income", own)),
        ["/characteristics/income/max_bins"]
    );
}

#[test]
fn what_is_asked_for_by_name_is_refused_when_it_cannot_be_and_left_out_otherwise() {
    // Two bins of almost all rows each cannot be.
    let mut plan = quick(ModelType::Scorecard);
    plan.binning.min_share = 0.45;
    plan.exclude.push("grade".to_owned());
    let found = trained(plan.clone()).ok().unwrap();
    let excluded = &found.trained.excluded;
    let years = excluded
        .iter()
        .find(|it| it.characteristic == "years")
        .unwrap();
    assert_eq!(years.reason, ExclusionReason::Infeasible);
    assert!(years.detail.contains("rows"), "{}", years.detail);
    let card = found.model.body().form.card().unwrap();
    assert!(card.entries().iter().all(|entry| entry.name != "years"));
    assert!(
        !found
            .model
            .uses(found.model.schema().position("years").unwrap())
    );

    let mut named = plan.clone();
    named.selected_features = Some(vec!["income".to_owned(), "years".to_owned()]);
    assert_eq!(pointers(trained(named)), ["/selected_features/1"]);
    let own = CharacteristicPlan {
        max_bins: Some(4),
        ..CharacteristicPlan::default()
    };
    plan.characteristics.insert("years".to_owned(), own);
    assert_eq!(pointers(trained(plan)), ["/characteristics/years"]);

    let fixed = CharacteristicPlan {
        breaks: vec![at(20.5, true)],
        ..CharacteristicPlan::default()
    };
    assert_eq!(
        pointers(laid_down("income", fixed)),
        ["/characteristics/income"]
    );
}

#[test]
fn user_breaks_groups_and_codes_are_followed() {
    let own = CharacteristicPlan {
        breaks: vec![at(45.0, true), at(70.0, true)],
        ..CharacteristicPlan::default()
    };
    let found = laid_down("income", own).ok().unwrap();
    let entry = |found: &Whole, name: &str| {
        let card = found.model.body().form.card().unwrap();
        card.entries()
            .iter()
            .find(|it| it.name == name)
            .unwrap()
            .clone()
    };
    assert_eq!(entry(&found, "income").binning.breaks(), [45.0, 70.0]);
    let groups = vec![vec!["A".to_owned()], vec!["B".to_owned(), "C".to_owned()]];
    let own = CharacteristicPlan {
        groups: groups.clone(),
        ..CharacteristicPlan::default()
    };
    let found = laid_down("grade", own).ok().unwrap();
    let binning = entry(&found, "grade").binning;
    assert_eq!(binning.groups()[..2], [&groups[0][..], &groups[1][..]]);
    let own = CharacteristicPlan {
        trend: Some(Trend::Descending),
        ..CharacteristicPlan::default()
    };
    let found = laid_down("income", own).ok().unwrap();
    assert!(entry(&found, "income").binning.clean_bins() > 2);
}

#[test]
fn a_scorecard_selects_whole_characteristics_only() {
    let select = |kind, names: &[&str]| {
        let mut plan = quick(kind);
        plan.selected_features = Some(names.iter().map(|name| (*name).to_owned()).collect());
        trained(plan)
    };
    let found = select(ModelType::Scorecard, &["debt", "income", "debt"])
        .ok()
        .unwrap();
    let entries = found.model.body().form.card().unwrap().entries();
    let names: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["income", "debt"], "in the order of the data set");
    let refused = select(
        ModelType::Scorecard,
        &["income", "grade_B", "years_missing", "month"],
    );
    assert_eq!(
        pointers(refused),
        [
            "/selected_features/1",
            "/selected_features/2",
            "/selected_features/3"
        ]
    );
    assert!(select(ModelType::LogisticRegression, &["income", "grade_B"]).is_ok());
}

#[test]
fn fields_of_the_other_kind_of_model_are_refused() {
    let refused = |plan: TrainingPlan| {
        let faults = plan.check().unwrap_err();
        faults
            .into_iter()
            .map(|fault| fault.pointer)
            .collect::<Vec<_>>()
    };
    let mut plan = quick(ModelType::Scorecard);
    plan.missing = MissingHandling::Impute;
    assert_eq!(refused(plan), ["/missing"]);
    let mut plan = quick(ModelType::LogisticRegression);
    plan.missing = MissingHandling::Accept;
    plan.binning.max_bins = 5;
    let own = CharacteristicPlan {
        max_bins: Some(3),
        ..CharacteristicPlan::default()
    };
    plan.characteristics.insert("income".to_owned(), own);
    assert_eq!(
        refused(plan),
        ["/binning", "/characteristics/income", "/missing"]
    );
}

#[test]
fn a_penalty_that_leaves_no_weight_is_told() {
    let mut plan = quick(ModelType::Scorecard);
    plan.penalty = Penalty::L1;
    plan.inverse_strength = 0.06;
    let found = trained(plan).ok().unwrap();
    let reasons: Vec<_> = found.trained.excluded.iter().map(|it| it.reason).collect();
    assert!(reasons.contains(&ExclusionReason::NoWeight), "{reasons:?}");
    let left = found.model.body().form.card().unwrap().entries().len();
    assert_eq!(left + reasons.len(), 4);
}
