//! Penalties and constraints: closed forms, edges and refusals.

use credit_risk::stats::{
    FitError, LogisticSpec, Matrix, ParamsError, Penalty, Sign, logit, variance_inflation,
};

use crate::support::{
    ALL, ELASTIC_NET, L1, L2, coefficients, distance, fit_spec, generated, is_zero, rows, spec,
    two_by_two,
};

#[test]
fn firth_adds_half_a_row_to_every_cell_of_a_table() {
    // Of a saturated model; the last three tables are separated, the last one completely.
    for cells in [[40, 10, 20, 30], [7, 3, 9, 0], [1, 0, 200, 3], [5, 0, 0, 8]] {
        let (design, events) = two_by_two(cells);
        let fit = fit_spec(spec(Penalty::Firth), &design, &events).unwrap();
        let odds = |cell: usize| ((cells[cell + 1] as f64 + 0.5) / (cells[cell] as f64 + 0.5)).ln();
        let expected = [odds(0), odds(2) - odds(0)];
        assert!(distance(&coefficients(&fit), &expected) < 1e-9, "{cells:?}");
        assert!(fit.convergence.converged && fit.convergence.gradient_sup_norm < 1e-8);
    }
}

#[test]
fn separable_classes_are_refused_without_a_penalty_only() {
    let design = rows(&[
        [1.0, 3.0],
        [2.0, 1.0],
        [3.0, 2.0],
        [4.0, 9.0],
        [5.0, 2.0],
        [6.0, 5.0],
    ]);
    let events = [false, false, false, true, true, true];
    let refused = fit_spec(spec(Penalty::None), &design, &events);
    assert_eq!(refused, Err(FitError::Separated));
    assert!(refused.unwrap_err().to_string().contains("Firth"));
    let inverse_strength = 10.0;
    for penalty in [
        Penalty::L2 { inverse_strength },
        Penalty::L1 { inverse_strength },
        Penalty::Firth,
    ] {
        let held = fit_spec(spec(penalty), &design, &events).unwrap();
        assert!(
            held.convergence.converged && held.weights[0] > 0.0,
            "{penalty:?}"
        );
    }
}

#[test]
fn firth_gets_far_in_few_steps_when_many_rows_are_separated() {
    // Plain scoring steps take some seventy in the first case. In the second one the objective's
    // rounding hides the last steps' gain.
    for (rows, columns, sum) in [(1000, 10, 1.0), (20_000, 4, 0.0)] {
        let (design, _) = generated(rows, columns, 0.0, 5);
        let events: Vec<bool> = (0..rows)
            .map(|row| design.row(row).iter().sum::<f64>() > sum)
            .collect();
        let fit = fit_spec(spec(Penalty::Firth), &design, &events).unwrap();
        assert!(fit.convergence.converged, "{:?}", fit.convergence);
        assert!(fit.convergence.iterations < 50, "{:?}", fit.convergence);
    }
}

#[test]
fn a_constraint_can_make_separated_classes_inseparable() {
    let design = rows(&[
        [1.0, 0.0],
        [2.0, 1.0],
        [3.0, 0.0],
        [4.0, 0.0],
        [5.0, 1.0],
        [6.0, 1.0],
    ]);
    let events = [false, false, false, true, true, true];
    let constrained = |sign| LogisticSpec {
        signs: vec![sign, Sign::Free],
        ..spec(Penalty::None)
    };
    let open = fit_spec(constrained(Sign::NonNegative), &design, &events);
    assert_eq!(open, Err(FitError::Separated));
    let closed = fit_spec(constrained(Sign::NonPositive), &design, &events).unwrap();
    assert!(closed.convergence.converged && is_zero(closed.weights[0]));
    // What is left is the table of the other column: 1 of 3 and 2 of 3.
    let expected = [logit(1.0 / 3.0), 0.0, logit(2.0 / 3.0) - logit(1.0 / 3.0)];
    assert!(distance(&coefficients(&closed), &expected) < 1e-9);
}

#[test]
fn a_slack_constraint_changes_nothing() {
    let (design, events) = generated(2000, 3, -0.5, 3);
    for penalty in [Penalty::None, L2, L1, ELASTIC_NET] {
        let free = fit_spec(spec(penalty), &design, &events).unwrap();
        assert!(free.weights.iter().all(|weight| *weight > 0.0));
        let signs = vec![Sign::NonNegative; 3];
        let slack = LogisticSpec {
            signs,
            ..spec(penalty)
        };
        let slack = fit_spec(slack, &design, &events).unwrap();
        assert!(distance(&coefficients(&free), &coefficients(&slack)) < 1e-10);
    }
}

#[test]
fn collinear_columns_share_or_yield_under_a_penalty() {
    let (single, events) = generated(300, 1, -0.5, 8);
    let twice = single.select_columns(&[0, 0]);
    for penalty in [Penalty::None, Penalty::Firth] {
        let refused = fit_spec(spec(penalty), &twice, &events);
        assert_eq!(refused, Err(FitError::Singular));
    }
    let constrained = LogisticSpec {
        signs: vec![Sign::NonNegative; 2],
        ..spec(Penalty::None)
    };
    assert_eq!(
        fit_spec(constrained, &twice, &events),
        Err(FitError::Singular)
    );
    // Also where the constraints leave room for one of them only.
    let mut mirrored = twice.clone();
    for row in 0..300 {
        mirrored.row_mut(row)[1] *= -1.0;
    }
    let constrained = LogisticSpec {
        signs: vec![Sign::NonNegative; 2],
        ..spec(Penalty::None)
    };
    assert_eq!(
        fit_spec(constrained, &mirrored, &events),
        Err(FitError::Singular)
    );
    let shared = fit_spec(spec(ELASTIC_NET), &twice, &events).unwrap();
    assert!((shared.weights[0] - shared.weights[1]).abs() < 1e-10);
    // The sum is determined, its division is not.
    let alone = fit_spec(spec(L1), &single, &events).unwrap();
    let either = fit_spec(spec(L1), &twice, &events).unwrap();
    assert!(either.convergence.converged);
    let sum: f64 = either.weights.iter().sum();
    assert!((sum - alone.weights[0]).abs() < 1e-9);
    assert!((either.log_likelihood - alone.log_likelihood).abs() < 1e-9);
}

#[test]
fn a_full_set_of_indicators_converges_under_l1() {
    // Collinear with the intercept: the penalty alone decides between shifts of all of them.
    let (_, events) = generated(240, 1, -0.5, 8);
    let mut design = Matrix::new(240, 9);
    for row in 0..240 {
        design.row_mut(row)[row % 4] = 1.0;
        design.row_mut(row)[4 + (row * 7 + row / 3) % 5] = 1.0;
    }
    for inverse_strength in [0.05, 1.0, 100.0, 1e6] {
        let fit = fit_spec(spec(Penalty::L1 { inverse_strength }), &design, &events).unwrap();
        assert!(fit.convergence.converged, "{:?}", fit.convergence);
        assert!(fit.convergence.gradient_sup_norm < 1e-8);
    }
}

#[test]
fn a_column_that_hardly_varies_is_pinned_to_zero() {
    let (varying, events) = generated(300, 2, -1.0, 13);
    let with = |value: fn(usize) -> f64| {
        let mut design = Matrix::new(300, 3);
        for row in 0..300 {
            let [a, b] = [varying.row(row)[0], varying.row(row)[1]];
            design.row_mut(row).copy_from_slice(&[a, value(row), b]);
        }
        design
    };
    // The second one cannot be scaled: the square of the factor would be infinite.
    let constant = [with(|_| 1e6), with(|row| 1e-156 * (row % 2) as f64)];
    for (penalty, design) in ALL
        .into_iter()
        .flat_map(|of| constant.iter().map(move |d| (of, d)))
    {
        let with = fit_spec(spec(penalty), design, &events).unwrap();
        let without = fit_spec(spec(penalty), &varying, &events).unwrap();
        assert!(
            is_zero(with.weights[1]) && with.convergence.converged,
            "{penalty:?}"
        );
        let rest = [with.intercept, with.weights[0], with.weights[2]];
        assert!(
            distance(&rest, &coefficients(&without)) < 1e-10,
            "{penalty:?}"
        );
        let [with, without] = [with, without].map(|fit| fit.statistics.unwrap());
        assert!(
            (with.parameters - without.parameters).abs() < 1e-9,
            "{penalty:?}"
        );
        let [with, without] = [with, without].map(|of| of.likelihood_ratio);
        assert_eq!(
            with.map(|test| test.degrees_of_freedom),
            without.map(|test| test.degrees_of_freedom)
        );
    }
}

#[test]
fn bad_input_is_named_under_every_penalty() {
    let (design, events) = generated(20, 2, 0.0, 4);
    for penalty in ALL {
        let fit = |design: &Matrix, events: &[bool]| fit_spec(spec(penalty), design, events);
        assert_eq!(fit(&design, &[false; 20]), Err(FitError::OneClass));
        assert!(matches!(
            fit(&design, &events[1..]),
            Err(FitError::ShapeMismatch { .. })
        ));
        for value in [f64::NAN, f64::INFINITY, 1e308, -1e101] {
            let mut design = design.clone();
            design.row_mut(4)[1] = value;
            let refused = Err(FitError::NonFinite { row: 4, column: 1 });
            assert_eq!(fit(&design, &events), refused);
            let column = variance_inflation(&design).unwrap_err();
            assert_eq!(column, FitError::NonFinite { row: 4, column: 1 });
        }
    }
    let short = LogisticSpec {
        signs: vec![Sign::Free],
        ..spec(L1)
    };
    let (columns, signs) = (2, 1);
    assert_eq!(
        fit_spec(short, &design, &events),
        Err(FitError::SignCount { columns, signs })
    );
}

#[test]
fn a_cancelled_fit_stops_under_every_penalty() {
    let (design, events) = generated(100, 2, 0.0, 2);
    for penalty in ALL {
        let checked = spec(penalty).check().unwrap();
        // Not before the first question: the answer comes in the midst of the search.
        let asked = std::cell::Cell::new(0);
        let cancelled = || {
            asked.set(asked.get() + 1);
            asked.get() > 1
        };
        let stopped = checked.fit(&design, &events, None, &cancelled);
        assert_eq!(stopped, Err(FitError::Cancelled), "{penalty:?}");
    }
    let checked = spec(L1).check().unwrap();
    let stopped = checked.path(&design, &events, None, &[0.1], &|| true);
    assert_eq!(stopped, Err(FitError::Cancelled));
    let checked = spec(Penalty::Firth).check().unwrap();
    let stopped = checked.column_tests(&design, &events, None, &|| true);
    assert_eq!(stopped, Err(FitError::Cancelled));
}

#[test]
fn running_out_of_iterations_is_reported_under_every_penalty() {
    let (design, events) = generated(500, 4, -1.0, 21);
    for penalty in ALL {
        let hasty = LogisticSpec {
            max_iterations: 1,
            ..spec(penalty)
        };
        let fit = fit_spec(hasty.clone(), &design, &events).unwrap();
        assert!(!fit.convergence.converged, "{penalty:?}");
        assert!(fit.convergence.gradient_sup_norm > 1e-8, "{penalty:?}");
        if let Penalty::None | Penalty::Firth = penalty {
            let tests = hasty
                .check()
                .unwrap()
                .column_tests(&design, &events, None, &|| false);
            assert_eq!(tests, Err(FitError::NotConverged));
        }
    }
}

#[test]
fn settings_out_of_range_name_their_field() {
    let refused = |penalty| spec(penalty).check().unwrap_err();
    for inverse_strength in [0.0, -1.0, f64::INFINITY, f64::NAN] {
        for penalty in [
            Penalty::L2 { inverse_strength },
            Penalty::L1 { inverse_strength },
            Penalty::ElasticNet {
                inverse_strength,
                l1_ratio: 0.5,
            },
        ] {
            assert!(refused(penalty).to_string().starts_with("inverse_strength"));
        }
    }
    for l1_ratio in [-0.1, 1.1, f64::NAN] {
        let penalty = Penalty::ElasticNet {
            inverse_strength: 1.0,
            l1_ratio,
        };
        assert!(refused(penalty).to_string().starts_with("l1_ratio"));
    }
    let signs = LogisticSpec {
        signs: vec![Sign::Free, Sign::NonNegative],
        ..spec(Penalty::Firth)
    };
    assert_eq!(signs.check().unwrap_err(), ParamsError::FirthSigns);
    let iterations = LogisticSpec {
        max_iterations: 0,
        ..spec(L1)
    };
    assert_eq!(iterations.check().unwrap_err(), ParamsError::MaxIterations);
    let tolerance = LogisticSpec {
        tolerance: 0.0,
        ..spec(L1)
    };
    assert_eq!(tolerance.check().unwrap_err(), ParamsError::Tolerance(0.0));
}
