//! Logistic regression: closed forms, orientation, refusals and certificates.

use credit_risk::stats::{FitError, LogisticParams, Matrix, ParamsError, Solver, logit};

use crate::support::{
    coefficients, distance, fit, generated, is_zero, lbfgs, rows, two_by_two, unpenalised,
};

#[test]
fn a_two_by_two_table_has_its_textbook_answer() {
    let (design, events) = two_by_two([40, 10, 20, 30]);
    let fit = fit(unpenalised(), &design, &events).unwrap();
    let expected = [logit(0.2), logit(0.6) - logit(0.2)];
    assert!(distance(&coefficients(&fit), &expected) < 1e-12);
    // Woolf: the variance of a log odds ratio is the sum of the reciprocal counts.
    let inference = fit.inference.unwrap();
    let errors = [
        1.0 / 40.0 + 1.0 / 10.0,
        1.0 / 40.0 + 0.1 + 0.05 + 1.0 / 30.0,
    ];
    let errors = errors.map(f64::sqrt);
    assert!(distance(&inference.std_error, &errors) < 1e-12);
    assert!((inference.z[1] - expected[1] / errors[1]).abs() < 1e-12);
    assert!(fit.convergence.converged && fit.convergence.gradient_sup_norm < 1e-8);
    let null = 40.0 * 0.4_f64.ln() + 60.0 * 0.6_f64.ln();
    assert!((fit.null_log_likelihood - null).abs() < 1e-12);
}

/// The four cases in which a solver that models the more frequent class, or the one seen first,
/// would turn the signs round.
fn orientations() -> Vec<(&'static str, Matrix, Vec<bool>)> {
    let case = |name, cells, reversed: bool| {
        let (design, mut events) = two_by_two(cells);
        let mut order: Vec<usize> = (0..events.len()).collect();
        // Stable: by class only, the rows of a class keep their order.
        order.sort_by_key(|&row| events[row] != reversed);
        events = order.iter().map(|&row| events[row]).collect();
        (name, design.select_rows(&order), events)
    };
    vec![
        case("20 % events", [45, 5, 35, 15], false),
        case("80 % events", [15, 35, 5, 45], false),
        case("50/50, others first", [30, 20, 20, 30], false),
        case("50/50, events first", [30, 20, 20, 30], true),
    ]
}

#[test]
fn weights_point_towards_the_event_whatever_the_prevalence_or_order() {
    for (name, design, events) in orientations() {
        assert_eq!(events[0], name.ends_with("events first"), "{name}");
        let newton = fit(LogisticParams::default(), &design, &events).unwrap();
        let lbfgs = fit(lbfgs(), &design, &events).unwrap();
        // The indicator raises the event's odds in every one of the tables.
        assert!(newton.weights[0] > 0.5, "{name}: {:?}", newton.weights);
        let gap = distance(&coefficients(&newton), &coefficients(&lbfgs));
        assert!(gap < 1e-6, "{name}: {gap}");
        assert!(lbfgs.convergence.converged, "{name}");
        // Not stationary there: the penalty pulls at the likelihood's own optimum.
        assert!((newton.log_likelihood - lbfgs.log_likelihood).abs() < 1e-5);
    }
}

#[test]
fn separable_classes_are_refused_without_a_penalty_only() {
    let design = rows(&[[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]]);
    let events = [false, false, false, true, true, true];
    for params in [
        unpenalised(),
        LogisticParams {
            inverse_strength: None,
            ..lbfgs()
        },
    ] {
        assert_eq!(fit(params, &design, &events), Err(FitError::Separated));
    }
    let held = fit(LogisticParams::default(), &design, &events).unwrap();
    assert!(held.convergence.converged && held.weights[0] > 0.0);
}

#[test]
fn a_level_without_events_is_separation_too() {
    // The classes overlap on the first column; nobody with the indicator had the event.
    let (overlap, mut events) = generated(200, 1, 0.0, 5);
    let mut design = Matrix::new(200, 2);
    for (row, event) in events.iter_mut().enumerate() {
        let indicator = row % 10 == 0;
        design.row_mut(row)[0] = overlap.row(row)[0];
        design.row_mut(row)[1] = f64::from(u8::from(indicator));
        *event &= !indicator;
    }
    for solver in [Solver::Newton, Solver::Lbfgs] {
        let params = LogisticParams {
            solver,
            ..unpenalised()
        };
        assert_eq!(fit(params, &design, &events), Err(FitError::Separated));
    }
    let held = fit(LogisticParams::default(), &design, &events).unwrap();
    assert!(held.convergence.converged && held.weights[1] < -1.0);
}

#[test]
fn a_rare_but_finite_effect_is_not_mistaken_for_separation() {
    // One event among 20 000 rows with the indicator: log-odds near -10, and a finite optimum.
    let (design, events) = two_by_two([500, 500, 19_999, 1]);
    let fit = fit(unpenalised(), &design, &events).unwrap();
    assert!((fit.weights[0] - logit(1.0 / 20_000.0)).abs() < 1e-9);
    assert!(fit.convergence.converged);
}

#[test]
fn collinear_columns_are_refused_without_a_penalty_only() {
    let (single, events) = generated(300, 1, -0.5, 8);
    let design = single.select_columns(&[0, 0]);
    let refused = fit(unpenalised(), &design, &events);
    assert_eq!(refused, Err(FitError::Singular));
    let shared = fit(LogisticParams::default(), &design, &events).unwrap();
    assert!((shared.weights[0] - shared.weights[1]).abs() < 1e-10);
}

#[test]
fn a_constant_column_is_pinned_to_zero() {
    let (varying, events) = generated(300, 2, -1.0, 13);
    let mut design = Matrix::new(300, 4);
    for row in 0..300 {
        let [a, b] = [varying.row(row)[0], varying.row(row)[1]];
        design.row_mut(row).copy_from_slice(&[a, 0.1, b, 0.0]);
    }
    for params in [LogisticParams::default(), unpenalised(), lbfgs()] {
        let with = fit(params, &design, &events).unwrap();
        let without = fit(params, &varying, &events).unwrap();
        assert!(is_zero(with.weights[1]) && is_zero(with.weights[3]));
        let rest = [with.intercept, with.weights[0], with.weights[2]];
        assert!(distance(&rest, &coefficients(&without)) < 1e-5);
        assert!(with.convergence.converged);
        let inference = with.inference.unwrap();
        assert!(is_zero(inference.std_error[2]) && is_zero(inference.z[2]));
        assert!((inference.p_value[2] - 1.0).abs() < 1e-16);
        let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
        assert!(finite(&inference.ci95_low) && finite(&inference.ci95_high));
    }
}

#[test]
fn no_columns_leave_the_prevalence() {
    let design = Matrix::new(10, 0);
    let events: Vec<bool> = (0..10).map(|row| row < 3).collect();
    let fit = fit(LogisticParams::default(), &design, &events).unwrap();
    assert!((fit.intercept - logit(0.3)).abs() < 1e-12);
    assert!((fit.log_likelihood - fit.null_log_likelihood).abs() < 1e-12);
}

#[test]
fn running_out_of_iterations_is_reported() {
    let (design, events) = generated(500, 4, -1.0, 21);
    for solver in [Solver::Newton, Solver::Lbfgs] {
        let hasty = LogisticParams {
            max_iterations: 1,
            inverse_strength: None,
            solver,
            ..LogisticParams::default()
        };
        let stretched = Matrix::from_vec(
            500,
            4,
            (0..2000)
                .map(|i| design.as_slice()[i] * [1e-3, 1.0, 1e2, 1e4][i % 4])
                .collect(),
        );
        let fit = fit(hasty, &stretched.unwrap(), &events).unwrap();
        assert!(!fit.convergence.converged, "{solver:?}");
    }
}

#[test]
fn lbfgs_ends_before_its_line_search_compares_rounding_errors() {
    // About one problem in ten thousand never ended when the search was let down into the rounding
    // of the objective. These are some of them.
    for (rows, columns, seed) in [
        (261, 1, 5235),
        (261, 1, 11_110),
        (148, 2, 1138),
        (148, 2, 2361),
        (148, 2, 6202),
    ] {
        let (design, events) = generated(rows, columns, -0.5, seed);
        let params = LogisticParams {
            inverse_strength: None,
            tolerance: 1e-12,
            ..lbfgs()
        };
        let fit = fit(params, &design, &events).unwrap();
        assert!(fit.convergence.converged, "seed {seed}");
    }
}

#[test]
fn a_cancelled_fit_stops() {
    let (design, events) = generated(100, 2, 0.0, 2);
    for params in [LogisticParams::default(), lbfgs()] {
        let cancelled = params
            .check()
            .unwrap()
            .fit(&design, &events, None, &|| true);
        assert_eq!(cancelled, Err(FitError::Cancelled));
    }
}

#[test]
fn bad_input_is_named() {
    let params = LogisticParams::default().check().unwrap();
    let (mut design, events) = generated(20, 3, 0.0, 4);
    let fit = |design: &Matrix, events: &[bool], weights: Option<&[f64]>| {
        params.fit(design, events, weights, &|| false).unwrap_err()
    };
    assert_eq!(fit(&design, &[true; 20], None), FitError::OneClass);
    let short = fit(&design, &events[1..], None);
    assert!(matches!(
        short,
        FitError::ShapeMismatch {
            rows: 20,
            events: 19,
            weights: None
        }
    ));
    let mut weights = vec![1.0; 20];
    weights[7] = -1.0;
    let refused = fit(&design, &events, Some(&weights));
    assert_eq!(refused, FitError::WeightOutOfRange { row: 7 });
    let only_events: Vec<f64> = events.iter().map(|e| f64::from(u8::from(*e))).collect();
    assert_eq!(
        fit(&design, &events, Some(&only_events)),
        FitError::OneClass
    );
    design.row_mut(4)[2] = f64::NAN;
    let refused = fit(&design, &events, None);
    assert_eq!(refused, FitError::NonFinite { row: 4, column: 2 });
}

#[test]
fn lbfgs_says_that_it_takes_no_weights() {
    let (design, events) = generated(20, 1, 0.0, 4);
    let checked = lbfgs().check().unwrap();
    let refused = checked.fit(&design, &events, Some(&[1.0; 20]), &|| false);
    assert!(matches!(refused, Err(FitError::Solver(reason)) if reason.contains("weights")));
}

#[test]
fn settings_out_of_range_name_their_field() {
    let default = LogisticParams::default;
    let strength = |c| {
        LogisticParams {
            inverse_strength: Some(c),
            ..default()
        }
        .check()
    };
    for c in [0.0, -1.0, f64::INFINITY, f64::NAN] {
        assert!(
            strength(c)
                .unwrap_err()
                .to_string()
                .starts_with("inverse_strength")
        );
    }
    let iterations = LogisticParams {
        max_iterations: 0,
        ..default()
    }
    .check();
    assert_eq!(iterations, Err(ParamsError::MaxIterations));
    let tolerance = LogisticParams {
        tolerance: 0.0,
        ..default()
    }
    .check();
    assert_eq!(tolerance, Err(ParamsError::Tolerance(0.0)));
}
