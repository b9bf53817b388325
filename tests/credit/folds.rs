//! Folds of many rows, which begin where the training rows' fit has ended, against fits of their own.

use std::fmt::Write;

use credit_risk::{
    credit::{
        CheckedPlan, DataConfig, Fitting, LoanBook, Table, TrainingPlan, evaluation::FoldMetrics,
        plan::ClassWeight, plan::Penalty,
    },
    stats::{sigmoid, stratified_folds},
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::support::{limits, plan, trained};

/// Four fifths of them are enough for the training rows to have a sample, and so are four fifths again.
const ROWS: usize = 130_000;

/// Loans with an amount of gaps, a rare grade, a weight and, where `outlier` says so, one amount
/// beyond all reason.
fn loans(outlier: bool) -> String {
    let mut generator = ChaCha8Rng::seed_from_u64(5);
    let mut csv = "income,amount,grade,weight,default\n".to_owned();
    for row in 0..ROWS {
        let mut uniform = || generator.random_range(-1.0..1.0);
        let (income, amount): (f64, f64) = (uniform(), uniform());
        let grade = match row % 1_000 {
            7 => "rare",
            it if it % 3 == 0 => "a",
            _ => "b",
        };
        let log_odds = -1.5 + income - 0.7 * amount + if grade == "a" { 0.4 } else { 0.0 };
        let default = u8::from(generator.random_range(0.0..1.0) < sigmoid(log_odds));
        let amount = match row {
            _ if outlier && row == 12_345 => "1e25".to_owned(),
            row if row % 50 == 3 => String::new(),
            _ => format!("{:.5}", 5e3 + 1e3 * amount),
        };
        let weight = 1.0 + f64::from(u8::try_from(row % 4).unwrap());
        writeln!(csv, "{income:.6},{amount},{grade},{weight},{default}").unwrap();
    }
    csv
}

fn book(csv: &str, plan: &TrainingPlan) -> LoanBook {
    let limits = DataConfig {
        max_rows: ROWS,
        ..limits()
    };
    let table = Table::from_csv(csv.as_bytes(), &[], &limits).unwrap();
    LoanBook::read(&table, plan, &limits).unwrap()
}

/// The metrics of each fold, by a fit that knows of no other.
fn folds_alone(book: &LoanBook, plan: &CheckedPlan) -> Vec<FoldMetrics> {
    let fitting = Fitting::new(book, plan, &|| false).unwrap();
    let count = usize::try_from(plan.plan().cv_folds).unwrap();
    let fold_of = stratified_folds(book.events(), count, plan.seed()).unwrap();
    let fold = |fold: usize| {
        let part = |held_out: bool| -> Vec<usize> {
            let rows = (0..ROWS).filter(|row| (fold_of[*row] == fold) == held_out);
            rows.collect()
        };
        let held_out = part(true);
        let found = fitting.fit(&part(false)).unwrap().probabilities(&held_out);
        let events: Vec<bool> = held_out.iter().map(|row| book.events()[*row]).collect();
        FoldMetrics::measure(&found, &events).unwrap()
    };
    (0..count).map(fold).collect()
}

fn check(name: &str, csv: &str, plan: TrainingPlan) {
    let plan = TrainingPlan {
        exclude: match &plan.sample_weight {
            Some(_) => Vec::new(),
            None => vec!["weight".to_owned()],
        },
        // Nobody asks for the evidence here.
        evidence: serde_json::from_str(r#"{"replicates": 0}"#).unwrap(),
        ..plan
    };
    let book = book(csv, &plan);
    let expected = folds_alone(&book, &plan.clone().check().unwrap());
    let found = trained(&book, plan).metrics.cross_validation;
    for (found, expected) in found.folds.iter().zip(&expected) {
        let (found, fold) = (found.metrics, found.fold);
        for (a, b) in [
            (found.roc_auc, expected.roc_auc),
            (found.brier_score, expected.brier_score),
            (found.log_loss, expected.log_loss),
        ] {
            assert!((a - b).abs() < 1e-7, "{name}, fold {fold}: {a} {b}");
        }
    }
}

#[test]
fn folds_that_start_warm_are_those_that_start_cold() {
    let csv = loans(false);
    check("plain", &csv, plan());
    let lasso = TrainingPlan {
        penalty: Penalty::L1,
        inverse_strength: 0.01,
        ..plan()
    };
    check("L1", &csv, lasso);
    let strong = TrainingPlan {
        inverse_strength: 1e-4,
        ..plan()
    };
    check("strong", &csv, strong);
}

#[test]
fn folds_of_weighted_rows_have_a_scale_of_their_own() {
    let csv = loans(false);
    let weighted = TrainingPlan {
        sample_weight: Some("weight".to_owned()),
        inverse_strength: 1e-4,
        ..plan()
    };
    check("weighted", &csv, weighted);
    let balanced = TrainingPlan {
        class_weight: Some(ClassWeight::Balanced),
        inverse_strength: 1e-4,
        ..plan()
    };
    check("balanced", &csv, balanced);
}

#[test]
fn a_row_beyond_all_reason_spoils_the_folds_alone_that_have_it() {
    check("outlier", &loans(true), plan());
}

#[test]
fn folds_without_a_penalty_are_fitted_as_ever() {
    let unpenalised = TrainingPlan {
        penalty: Penalty::None,
        ..plan()
    };
    check("none", &loans(false), unpenalised);
}
