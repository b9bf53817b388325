//! Calibration and prior shift: probabilities move, and points and reasons with them.

use credit_risk::credit::{ModelType, model::ModelForm, plan::CalibrationPlan};
use credit_risk::stats::{Calibrator, prior_shift};

use crate::{
    loans::{KINDS, loans, quick},
    path::{Whole, whole},
    support::limits,
};

fn calibrated(kind: ModelType, calibration: CalibrationPlan, rate: Option<f64>) -> Whole {
    let mut plan = quick(kind);
    plan.calibration = calibration;
    plan.population_default_rate = rate;
    let found = whole(&loans(600), plan, &limits()).ok().unwrap();
    found.check();
    found
}

/// The intercept, and log-odds per deviation or per unit of weight of evidence.
fn numbers(whole: &Whole) -> (f64, Vec<f64>) {
    match &whole.model.body().form {
        ModelForm::Linear(model) => (model.intercept, model.weights.clone()),
        ModelForm::Scorecard(model) => {
            let entries = model.card.entries().iter();
            let coefficients = entries.map(|entry| entry.coefficient).collect();
            (model.card.intercept(), coefficients)
        }
        ModelForm::Trees(_) => panic!("trees have no coefficients"),
    }
}

/// Log-odds of every row.
fn log_odds(whole: &Whole) -> Vec<f64> {
    let (mut row, mut scratch) = (Vec::new(), Default::default());
    (0..600)
        .map(|at| {
            whole.book.row(at, &mut row);
            whole.model.log_odds(&row, &mut scratch)
        })
        .collect()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * (1.0 + a.abs())
}

#[test]
fn a_line_becomes_part_of_the_coefficients_and_the_points() {
    for kind in KINDS {
        let plain = calibrated(kind, CalibrationPlan::None, None);
        assert_eq!(
            (
                plain.trained.calibration.slope,
                plain.trained.calibration.steps
            ),
            (1.0, None)
        );
        let (intercept, weights) = numbers(&plain);
        for method in [CalibrationPlan::Platt, CalibrationPlan::Logistic] {
            let found = calibrated(kind, method, None);
            let summary = &found.trained.calibration;
            assert!(found.model.body().calibrator.is_none() && summary.steps.is_none());
            assert!((summary.slope - 1.0).abs() > 1e-6, "{}", summary.slope);
            let line = |x: f64| summary.intercept + summary.slope * x;
            let (moved, scaled) = numbers(&found);
            assert!(close(moved, line(intercept)));
            let pairs = weights.iter().zip(&scaled);
            assert!(pairs.into_iter().all(|(a, b)| close(*b, a * summary.slope)));
            let pairs = log_odds(&plain).into_iter().zip(log_odds(&found));
            assert!(pairs.into_iter().all(|(a, b)| close(b, line(a))));
        }
    }
}

#[test]
fn a_logistic_calibration_leaves_nothing_to_correct_on_the_scores_it_was_learnt_from() {
    for kind in KINDS {
        let found = calibrated(kind, CalibrationPlan::Logistic, None);
        let line = found.trained.evidence.out_of_fold.calibration.line.unwrap();
        assert!(
            line.intercept.abs() < 1e-6 && (line.slope - 1.0).abs() < 1e-6,
            "{line:?}"
        );
        let plain = calibrated(kind, CalibrationPlan::None, None);
        let line = plain.trained.evidence.out_of_fold.calibration.line.unwrap();
        assert!((line.slope - 1.0).abs() > 1e-6, "{line:?}");
    }
}

#[test]
fn an_isotonic_map_leaves_the_log_odds_and_moves_the_probabilities() {
    for kind in KINDS {
        let plain = calibrated(kind, CalibrationPlan::None, None);
        let found = calibrated(kind, CalibrationPlan::Isotonic, None);
        assert_eq!(plain.model.body().form, found.model.body().form);
        let Some(Calibrator::Isotonic(map)) = &found.model.body().calibrator else {
            panic!("no map");
        };
        assert_eq!(
            found.trained.calibration.steps,
            Some(map.thresholds().len() as u64)
        );
        let mut scores = log_odds(&found);
        scores.sort_by(f64::total_cmp);
        let p: Vec<f64> = scores
            .iter()
            .map(|it| found.model.probability(*it))
            .collect();
        assert!(p.is_sorted());
        assert!(
            scores
                .iter()
                .zip(&p)
                .any(|(x, p)| (plain.model.probability(*x) - p).abs() > 0.01)
        );
    }
}

#[test]
fn another_default_rate_moves_log_odds_by_the_difference_and_nothing_else() {
    for kind in KINDS {
        for method in [CalibrationPlan::None, CalibrationPlan::Platt] {
            let plain = calibrated(kind, method, None);
            let found = calibrated(kind, method, Some(0.03));
            // King and Zeng (2001): by the log-odds of the new rate less those of the training rows.
            let train = &found.trained.evidence.train;
            let shift = (0.03_f64 / 0.97).ln() - (train.event_rate / (1.0 - train.event_rate)).ln();
            let pairs = log_odds(&plain).into_iter().zip(log_odds(&found));
            assert!(pairs.into_iter().all(|(a, b)| close(b, a + shift)));
            assert!((prior_shift(0.03, train.event_rate).unwrap() - shift).abs() < 1e-12);
            let auc = |whole: &Whole| whole.trained.metrics.roc_auc;
            assert!((auc(&plain) - auc(&found)).abs() < 1e-12);
            let (_, weights) = numbers(&plain);
            assert_eq!(weights, numbers(&found).1);
        }
    }
}

#[test]
fn an_isotonic_map_cannot_be_shifted() {
    let mut plan = quick(ModelType::Scorecard);
    plan.calibration = CalibrationPlan::Isotonic;
    plan.population_default_rate = Some(0.1);
    let faults = plan.check().unwrap_err();
    assert_eq!(faults[0].pointer, "/population_default_rate");
    for rate in [0.0, 1.0, -0.5, f64::NAN] {
        let mut plan = quick(ModelType::Scorecard);
        plan.population_default_rate = Some(rate);
        assert_eq!(
            plan.check().unwrap_err()[0].pointer,
            "/population_default_rate"
        );
    }
}

#[test]
fn the_test_of_groups_loses_two_degrees_where_something_was_fitted() {
    for kind in KINDS {
        for (method, out_of_fold) in [(CalibrationPlan::None, 10), (CalibrationPlan::Platt, 8)] {
            let evidence = calibrated(kind, method, None).trained.evidence;
            let degrees = [&evidence.train, &evidence.out_of_fold, &evidence.test]
                .map(|it| it.calibration.hosmer_lemeshow.unwrap().degrees_of_freedom);
            assert_eq!(degrees, [8, out_of_fold, 10]);
        }
    }
}
