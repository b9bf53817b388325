//! Data sets that say little, or too much.

use std::fmt::Write as _;

use credit_risk::credit::{
    LoanBook, ModelType, Table, TrainingPlan,
    selection::{SelectionError, SelectionRequest, SelectionResult, select},
    train,
};
use serde_json::json;

use crate::support::{GERMAN, METHODS, book, limits, signal, tried};

/// Half as much effort as the defaults ask for, where a method is slow.
fn quick(method: credit_risk::credit::selection::SelectionMethod) -> SelectionRequest {
    let mut request = SelectionRequest::new(method);
    match method.as_str() {
        "stability" => {
            request.stability_params = Some(
                serde_json::from_value(json!({"n_subsamples": 20, "max_false_selections": 0.2}))
                    .unwrap(),
            );
        }
        "boruta" => {
            request.boruta_params =
                Some(serde_json::from_value(json!({"n_iterations": 20})).unwrap());
        }
        _ => {}
    }
    request
}

/// Scores are numbers, 0 or more, and ranks are 1, 2, 3 ….
fn is_sound(result: &SelectionResult) {
    for (score, rank) in result.feature_scores.iter().zip(1..) {
        assert!(score.score.is_finite() && score.score >= 0.0, "{score:?}");
        assert_eq!(score.rank, rank);
    }
    assert!(
        result
            .feature_scores
            .is_sorted_by(|a, b| a.score >= b.score)
    );
    assert_eq!(result.n_total as usize, result.feature_scores.len());
    assert_eq!(result.n_selected as usize, result.selected_features.len());
}

#[test]
fn a_constant_column_and_an_empty_one_are_refused_by_name() {
    let csv = "x,same,none,target\n1,5,,1\n2,5,,0\n3,5,,1\n4,5,,0\n";
    let request = SelectionRequest::new(METHODS[0]);
    let plan = request.reading_plan();
    let table = Table::from_csv(csv.as_bytes(), &[], &limits()).unwrap();
    let faults = LoanBook::read(&table, &plan, &limits()).unwrap_err();
    let columns: Vec<_> = faults.iter().map(|fault| fault.column.as_deref()).collect();
    assert_eq!(columns, [Some("same"), Some("none")]);
}

#[test]
fn a_column_that_is_constant_over_the_rows_seen_is_not_selected() {
    // The only row in which `rare` is 1 is a test row with one of these seeds.
    let rows = (0..40).map(|row| format!("{},{},{}\n", row % 9, u8::from(row == 7), row % 2));
    let csv = format!("x,rare,target\n{}", rows.collect::<String>());
    let mut met = 0;
    for seed in 0..8 {
        for method in METHODS {
            let request = SelectionRequest {
                random_state: seed,
                test_size: Some(0.5),
                ..quick(method)
            };
            let result = tried(&csv, request).unwrap();
            is_sound(&result);
            let rare = crate::support::score(&result, "rare");
            if rare.metadata.0.get("status") == Some(&json!("constant")) {
                met += 1;
                assert!(!rare.selected);
            }
        }
    }
    assert!((1..8).contains(&met), "{met}");
}

#[test]
fn one_level_and_gaps_are_told_apart_by_the_gaps() {
    let rows = (0..200).map(|row| {
        let grade = if row % 3 == 0 { "" } else { "A" };
        format!(
            "{grade},{},{}\n",
            row % 11,
            u8::from(row % 3 == 0 || row % 5 == 0)
        )
    });
    let csv = format!("grade,x,target\n{}", rows.collect::<String>());
    for method in METHODS {
        let result = tried(&csv, quick(method)).unwrap();
        is_sound(&result);
        assert!(
            result.feature_scores[0].feature_name.starts_with("grade"),
            "{result:?}"
        );
        assert!(result.feature_scores[0].score > 0.0);
    }
}

#[test]
fn a_column_that_says_nothing_scores_nothing() {
    // Every value of x is bad as often as any other.
    let rows = (0..100).map(|row| format!("{},{},{}\n", row / 10, row % 10, row % 2));
    let csv = format!("x,y,target\n{}", rows.collect::<String>());
    for method in ["lasso", "woe_iv", "correlation"] {
        let request = crate::support::request(json!({"method": method}));
        let result = tried(&csv, request).unwrap();
        let score = crate::support::score(&result, "x").score;
        assert!(score < 1e-9, "{method} {score}");
    }
}

#[test]
fn five_hundred_columns_are_borne_by_every_method() {
    let csv = signal(250, 497, 9);
    for method in METHODS {
        let result = tried(&csv, quick(method)).unwrap();
        is_sound(&result);
        assert!(result.n_total >= 500, "{}", result.n_total);
        let best: Vec<&str> = result.feature_scores[..5]
            .iter()
            .map(|score| score.feature_name.as_str())
            .collect();
        assert!(best.contains(&"income"), "{best:?}");
    }
}

#[test]
fn collinear_columns_are_borne_by_every_method() {
    let mut csv = String::from("a,b,c,d,target\n");
    for row in 0..300_i32 {
        let (a, b) = (row % 17, row % 23);
        writeln!(
            csv,
            "{a},{b},{},{a},{}",
            a + b,
            u8::from((row * 7) % 40 < a + b)
        )
        .unwrap();
    }
    for method in METHODS {
        let result = tried(&csv, quick(method)).unwrap();
        is_sound(&result);
        assert!(result.n_selected >= 1, "{result:?}");
    }
}

#[test]
fn numbers_beyond_all_measure_are_refused_by_name() {
    let rows = (0..40).map(|row| format!("{},{},{}\n", row, f64::from(row) * 4e306, row % 2));
    let csv = format!("x,huge,target\n{}", rows.collect::<String>());
    for method in METHODS
        .into_iter()
        .filter(|method| method.as_str() != "woe_iv")
    {
        let request = quick(method);
        let table = Table::from_csv(csv.as_bytes(), &[], &limits()).unwrap();
        let mut plan = request.reading_plan();
        let faults = LoanBook::read(&table, &plan, &limits()).unwrap_err();
        assert_eq!(faults[0].column.as_deref(), Some("huge"));
        // A book that was read for bins may hold such numbers.
        plan.model_type = ModelType::Scorecard;
        let book = LoanBook::read(&table, &plan, &limits()).unwrap();
        let error = select(&book, &request.check().unwrap(), &|| false).unwrap_err();
        assert!(!error.is_ours());
        let SelectionError::Faults(faults) = error else {
            panic!("{method:?}: {error:?}")
        };
        assert_eq!(faults[0].column.as_deref(), Some("huge"));
    }
}

#[test]
fn more_features_than_can_be_handled_are_refused() {
    let mut csv = (0..15).map(|at| format!("c{at},")).collect::<String>() + "target\n";
    for row in 0..400 {
        for column in 0..15 {
            write!(csv, "l{},", (row * 7 + column) % 150).unwrap();
        }
        writeln!(csv, "{}", row % 2).unwrap();
    }
    for method in METHODS {
        let result = tried(&csv, quick(method));
        if method.as_str() == "woe_iv" {
            is_sound(&result.unwrap());
        } else {
            assert!(
                matches!(result, Err(SelectionError::Faults(_))),
                "{method:?}"
            );
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for method in METHODS {
        let bytes = || serde_json::to_vec(&tried(GERMAN, quick(method)).unwrap()).unwrap();
        assert_eq!(bytes(), bytes(), "{method:?}");
    }
}

#[test]
fn test_rows_take_no_part() {
    // The amounts of the rows that a training holds back are spoilt; no score may notice.
    for method in METHODS {
        let request = SelectionRequest {
            test_size: Some(0.2),
            ..quick(method)
        };
        let whole = book(GERMAN, &request);
        let split = credit_risk::stats::stratified_split(whole.events(), 0.2, 42).unwrap();
        let spoilt = |rows: &[usize]| {
            let mut csv = String::new();
            for (line, text) in GERMAN.lines().enumerate() {
                let mut cells: Vec<&str> = text.split(',').collect();
                if line > 0 && rows.binary_search(&(line - 1)).is_ok() {
                    let bad = cells[cells.len() - 1] == "bad";
                    cells[4] = if bad { "99999" } else { "1" };
                }
                writeln!(csv, "{}", cells.join(",")).unwrap();
            }
            tried(&csv, request.clone()).unwrap()
        };
        let plain = spoilt(&[]);
        assert_eq!(spoilt(&split.test), plain, "{method:?}");
        assert_ne!(spoilt(&split.train), plain, "{method:?}");
    }
}

#[test]
fn the_answer_can_be_pasted_into_a_plan() {
    for method in METHODS {
        let request = quick(method);
        let book = book(GERMAN, &request);
        let result = select(&book, &request.check().unwrap(), &|| false).unwrap();
        assert!(result.n_selected > 0, "{method:?}");
        let plan = TrainingPlan {
            selected_features: Some(result.selected_features.clone()),
            cv_folds: 2,
            ..TrainingPlan::new(ModelType::LogisticRegression)
        };
        let trained = train(&book, &plan.check().unwrap(), &|| false).unwrap();
        let names = trained.coefficients.iter().map(|c| c.feature.clone());
        if method.as_str() != "woe_iv" {
            assert_eq!(
                names.collect::<Vec<_>>(),
                result.selected_features,
                "{method:?}"
            );
        }
    }
}
