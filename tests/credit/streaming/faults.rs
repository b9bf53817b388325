//! A streamed data set has the faults that it has in memory.

use std::io::{self, Read};

use credit_risk::credit::{
    Fault, LoanBook, ModelType, Table, TrainingError, TrainingPlan,
    plan::OutOfTimePlan,
    progress::Unwatched,
    reading::Format,
    streaming::{MemoryBudget, StreamSource, StreamingError, train},
};

use super::{budget, limits, portfolio::loans, streamed};

fn plan() -> TrainingPlan {
    TrainingPlan {
        exclude: vec!["id".to_owned()],
        ..TrainingPlan::new(ModelType::Scorecard)
    }
}

fn in_memory(csv: &str, plan: &TrainingPlan) -> Vec<Fault> {
    let read = Table::from_csv(csv.as_bytes(), &plan.missing_values, &limits())
        .and_then(|table| LoanBook::read(&table, plan, &limits()));
    read.unwrap_err()
}

fn found(csv: &str, plan: &TrainingPlan) -> Vec<Fault> {
    match streamed(csv, plan.clone(), budget(64)) {
        Err(StreamingError::Training(TrainingError::Faults(faults))) => faults,
        other => panic!("expected faults, got {other:?}"),
    }
}

#[track_caller]
fn assert_same(csv: &str, plan: &TrainingPlan) {
    let expected = in_memory(csv, plan);
    assert!(!expected.is_empty());
    assert_eq!(found(csv, plan), expected);
}

/// The portfolio with `edit` made to the cells of each row.
fn edited(edit: impl Fn(usize, &mut Vec<String>)) -> String {
    let csv = loans(500);
    let lines = csv.lines().enumerate().map(|(line, text)| {
        let mut cells: Vec<String> = text.split(',').map(str::to_owned).collect();
        edit(line, &mut cells);
        cells.join(",") + "\n"
    });
    lines.collect()
}

#[test]
fn cells_that_are_no_numbers_have_their_lines() {
    let csv = edited(|line, cells| match line {
        17 => cells[1] = "much".to_owned(),
        40 => cells[1] = "inf".to_owned(),
        41 => cells[3] = "six".to_owned(),
        _ => {}
    });
    assert_same(&csv, &plan());
}

#[test]
fn more_faults_than_are_listed_are_counted() {
    let csv = edited(|line, cells| {
        if line % 3 == 1 {
            cells[1] = format!("x{line}");
        }
    });
    assert_same(&csv, &plan());
}

#[test]
fn rows_without_an_outcome_are_told() {
    let csv = edited(|line, cells| {
        if line == 5 || line == 300 {
            cells[9].clear();
        }
    });
    assert_same(&csv, &plan());
}

#[test]
fn a_third_outcome_is_told_where_it_first_stands() {
    let csv = edited(|line, cells| {
        if line > 200 && line % 50 == 0 {
            cells[9] = "2".to_owned();
        }
    });
    assert_same(&csv, &plan());
}

#[test]
fn ragged_rows_are_told() {
    let csv = edited(|line, cells| {
        if line == 9 {
            cells.pop();
        }
    });
    assert_same(&csv, &plan());
}

#[test]
fn constant_columns_and_identifiers_are_told() {
    let csv = edited(|line, cells| {
        if line > 0 {
            cells[6] = "0".to_owned();
        }
    });
    let plan = TrainingPlan {
        exclude: Vec::new(),
        ..plan()
    };
    assert_same(&csv, &plan);
}

#[test]
fn names_that_are_not_there_are_told() {
    let plan = TrainingPlan {
        exclude: vec!["id".to_owned(), "nobody".to_owned()],
        sample_weight: Some("mass".to_owned()),
        out_of_time: Some(OutOfTimePlan {
            column: "when".to_owned(),
            from: "2024-06".to_owned(),
        }),
        ..plan()
    };
    assert_same(&loans(100), &plan);
}

#[test]
fn dates_and_weights_that_are_none_are_told() {
    let plan = TrainingPlan {
        sample_weight: Some("weight".to_owned()),
        out_of_time: Some(OutOfTimePlan {
            column: "month".to_owned(),
            from: "2024-06".to_owned(),
        }),
        ..plan()
    };
    let csv = edited(|line, cells| match line {
        3 => cells[7] = "-1".to_owned(),
        4 => cells[8] = "May".to_owned(),
        _ => {}
    });
    assert_same(&csv, &plan);
    let later = TrainingPlan {
        out_of_time: Some(OutOfTimePlan {
            column: "month".to_owned(),
            from: "2030-01".to_owned(),
        }),
        ..plan
    };
    assert_same(&loans(100), &later);
}

#[test]
fn a_plan_for_another_characteristic_is_told() {
    let plan = TrainingPlan {
        characteristics: [("nobody".to_owned(), Default::default())].into(),
        ..plan()
    };
    assert_same(&loans(100), &plan);
}

#[test]
fn identifiers_beyond_the_memory_are_told_as_identifiers() {
    let plan = TrainingPlan {
        exclude: Vec::new(),
        ..plan()
    };
    // The dictionaries of the least budget hold 27,000 texts.
    let found = match streamed(&loans(30_000), plan, budget(16)) {
        Err(StreamingError::Training(TrainingError::Faults(faults))) => faults,
        other => panic!("expected faults, got {other:?}"),
    };
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].column.as_deref(), Some("id"));
    assert!(
        found[0].detail.contains("identifier"),
        "{}",
        found[0].detail
    );
}

#[test]
fn words_among_numbers_beyond_the_memory_are_told() {
    let csv = loans(30_000);
    let mut lines: Vec<String> = csv.lines().map(str::to_owned).collect();
    for line in [10, 29_990] {
        let mut cells: Vec<&str> = lines[line].split(',').collect();
        cells[1] = "much";
        lines[line] = cells.join(",");
    }
    let found = match streamed(&lines.join("\n"), plan(), budget(16)) {
        Err(StreamingError::Training(TrainingError::Faults(faults))) => faults,
        other => panic!("expected faults, got {other:?}"),
    };
    let told: Vec<Option<u64>> = found.iter().map(|fault| fault.line).collect();
    assert_eq!(told, [Some(11), Some(29_991)]);
}

#[test]
fn what_only_a_training_in_memory_does_is_refused_where_the_plan_says_it() {
    let scorecard = TrainingPlan {
        pairs: Some(Default::default()),
        ..plan()
    };
    let linear = TrainingPlan {
        solver: credit_risk::stats::Solver::Lbfgs,
        ..TrainingPlan::new(ModelType::LogisticRegression)
    };
    for (plan, pointer) in [(scorecard, "/pairs"), (linear, "/solver")] {
        let found = found(&loans(100), &plan);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].pointer, pointer);
    }
}

#[test]
fn a_budget_that_no_training_can_keep_is_refused() {
    let found = MemoryBudget::new(MemoryBudget::LEAST - 1);
    assert!(matches!(found, Err(StreamingError::BudgetTooSmall { .. })));
}

#[test]
fn more_rows_than_are_allowed_are_refused() {
    let mut limits = limits();
    limits.max_rows = 99;
    let csv = loans(100);
    let plan = plan().check().unwrap();
    let found = train(
        &mut super::source(&csv),
        &plan,
        &limits,
        budget(16),
        &std::env::temp_dir(),
        &Unwatched(&|| false),
    );
    let Err(StreamingError::Training(TrainingError::Faults(faults))) = found else {
        panic!("expected faults");
    };
    assert_eq!(faults[0].detail, "more than 99 rows");
}

/// A disk that breaks off.
struct Gone;

impl Read for Gone {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk is gone"))
    }
}

#[test]
fn a_source_that_breaks_off_is_told() {
    let text = io::Cursor::new(loans(100).into_bytes());
    let mut source = StreamSource::open(Format::Csv, text.chain(Gone), None, u64::MAX).unwrap();
    let found = train(
        &mut source,
        &plan().check().unwrap(),
        &limits(),
        budget(16),
        &std::env::temp_dir(),
        &Unwatched(&|| false),
    );
    let error = found.unwrap_err();
    assert!(matches!(error, StreamingError::Read(_)));
    assert!(error.to_string().contains("the disk is gone"), "{error}");
}
