//! Weights of rows: what counts them, and what does not.

use credit_risk::credit::{LoanBook, ModelType, Table, TrainingPlan, plan::Penalty};

use crate::support::{GERMAN, book, limits, linear, plan, trained};

/// The bundled data with a column `weight`, and amounts changed where `edit` says so.
fn weighted(weight: impl Fn(usize, bool) -> String, edit: impl Fn(usize) -> bool) -> String {
    let mut lines = GERMAN.lines();
    let header = lines.next().unwrap();
    let amount = header.split(',').position(|name| name == "credit_amount");
    let rows = lines.enumerate().map(|(row, line)| {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        if edit(row) {
            cells[amount.unwrap()] = "3333".to_owned();
        }
        let bad = cells.last().unwrap() == "bad";
        format!("{},{}", cells.join(","), weight(row, bad))
    });
    let rows: Vec<String> = rows.collect();
    format!("{header},weight\n{}\n", rows.join("\n"))
}

fn by_weight(model_type: ModelType) -> TrainingPlan {
    TrainingPlan {
        sample_weight: Some("weight".to_owned()),
        cv_folds: 2,
        ..TrainingPlan::new(model_type)
    }
}

#[test]
fn a_weight_all_rows_share_changes_nothing_but_the_penalty() {
    let plan = |weight: Option<String>| TrainingPlan {
        sample_weight: weight,
        penalty: Penalty::None,
        cv_folds: 2,
        selected_features: Some(
            ["duration_months", "credit_amount", "age_years", "housing"]
                .map(str::to_owned)
                .to_vec(),
        ),
        ..plan()
    };
    let csv = weighted(|_, _| "2.5".to_owned(), |_| false);
    let heavy = plan(Some("weight".to_owned()));
    let heavy = trained(&book(&csv, &heavy), heavy);
    let alike = trained(&book(GERMAN, &plan(None)), plan(None));
    for (a, b) in linear(&heavy).weights.iter().zip(&linear(&alike).weights) {
        assert!((a - b).abs() < 1e-7, "{a} {b}");
    }
    assert!(heavy.body.schema.position("weight").is_none());
}

#[test]
fn weights_of_the_bads_raise_the_odds_of_the_population() {
    let csv = weighted(|_, bad| if bad { "3" } else { "1" }.to_owned(), |_| false);
    for model_type in [ModelType::LogisticRegression, ModelType::Scorecard] {
        let heavy = by_weight(model_type);
        let alike = TrainingPlan {
            sample_weight: None,
            ..heavy.clone()
        };
        let intercept = |csv: &str, plan: TrainingPlan| {
            trained(&book(csv, &plan), plan)
                .body
                .form
                .intercept()
                .unwrap()
        };
        let shift = intercept(&csv, heavy) - intercept(GERMAN, alike);
        assert!((shift - 3.0_f64.ln()).abs() < 0.2, "{model_type:?} {shift}");
    }
}

#[test]
fn rows_of_weight_zero_tell_a_scorecard_nothing() {
    let unheard = |row: usize| row.is_multiple_of(5);
    let weight = |row: usize, _| u8::from(!unheard(row)).to_string();
    let card = |csv: &str| {
        let plan = by_weight(ModelType::Scorecard);
        let trained = trained(&book(csv, &plan), plan);
        trained.body.form.card().unwrap().clone()
    };
    let plain = card(&weighted(weight, |_| false));
    assert!(plain == card(&weighted(weight, unheard)));
    assert!(plain != card(&weighted(weight, |row| !unheard(row) && row.is_multiple_of(7))));
}

#[test]
fn balanced_classes_balance_the_weights() {
    let csv = weighted(
        |row, bad| {
            if bad {
                "3".to_owned()
            } else {
                (1 + row % 2).to_string()
            }
        },
        |_| false,
    );
    let weighted_alone = by_weight(ModelType::LogisticRegression);
    let balanced = TrainingPlan {
        class_weight: Some(credit_risk::credit::plan::ClassWeight::Balanced),
        ..weighted_alone.clone()
    };
    let intercept = |plan: TrainingPlan| {
        let book = book(&csv, &plan);
        trained(&book, plan).body.form.intercept().unwrap()
    };
    // The prior is corrected, so that the same population is spoken of.
    let (alone, balanced) = (intercept(weighted_alone), intercept(balanced));
    assert!((alone - balanced).abs() < 0.1, "{alone} {balanced}");
}

#[test]
fn what_is_no_weight_is_refused_with_its_place() {
    for (weight, place) in [
        ("-1", Some(4)),
        ("heavy", Some(4)),
        ("", Some(4)),
        ("1e10", Some(4)),
    ] {
        let csv = weighted(
            |row, _| if row == 2 { weight } else { "1" }.to_owned(),
            |_| false,
        );
        let plan = by_weight(ModelType::Scorecard);
        let table = Table::from_csv(csv.as_bytes(), &[], &limits()).unwrap();
        let faults = LoanBook::read(&table, &plan, &limits()).unwrap_err();
        assert_eq!(faults[0].line, place, "{weight:?}: {faults:?}");
        assert_eq!(faults[0].column.as_deref(), Some("weight"));
    }
    let table = Table::from_csv(GERMAN.as_bytes(), &[], &limits()).unwrap();
    let plan = by_weight(ModelType::Scorecard);
    let faults = LoanBook::read(&table, &plan, &limits()).unwrap_err();
    assert_eq!(faults[0].pointer, "/sample_weight");
}
