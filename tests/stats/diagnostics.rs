//! What is told of a fit: tests, measures, signs and variance inflation.

use credit_risk::stats::{
    Associations, FitError, LogisticSpec, Matrix, MatrixBlocks, Penalty, Sign, SignVerdict,
    column_moments, logit, sign_report, variance_inflation,
};

use crate::support::{
    ALL, ELASTIC_NET, L1, L2, coefficients, distance, fit_spec, generated, is_zero, spec,
};

#[test]
fn column_tests_need_an_unpenalised_or_firth_fit() {
    let (varying, events) = generated(200, 2, 0.0, 1);
    let mut design = Matrix::new(200, 3);
    for row in 0..200 {
        design.row_mut(row)[..2].copy_from_slice(varying.row(row));
    }
    let signs = LogisticSpec {
        signs: vec![Sign::NonNegative; 3],
        ..spec(Penalty::None)
    };
    for refused in [spec(L2), spec(L1), spec(ELASTIC_NET), signs] {
        let checked = refused.check().unwrap();
        let tests = checked.column_tests(&design, &events, None, &|| false);
        assert_eq!(tests, Err(FitError::NoTest));
    }
    for penalty in [Penalty::None, Penalty::Firth] {
        let checked = spec(penalty).check().unwrap();
        let tests = checked
            .column_tests(&design, &events, None, &|| false)
            .unwrap();
        let degrees: Vec<u32> = tests.iter().map(|test| test.degrees_of_freedom).collect();
        assert_eq!(degrees, [1, 1, 0]);
        assert!(tests[0].p_value < 1e-6 && (tests[2].p_value - 1.0).abs() < 1e-16);
    }
}

#[test]
fn a_sign_report_compares_with_what_was_expected() {
    let (design, events) = generated(400, 4, -0.5, 3);
    let with_zero = LogisticSpec {
        signs: vec![Sign::Free, Sign::Free, Sign::Free, Sign::NonPositive],
        ..spec(Penalty::None)
    };
    let fit = fit_spec(with_zero, &design, &events).unwrap();
    let expected = [
        Sign::NonNegative,
        Sign::NonPositive,
        Sign::Free,
        Sign::NonPositive,
    ];
    let report = sign_report(&fit, &expected).unwrap();
    let verdicts: Vec<SignVerdict> = report.iter().map(|finding| finding.verdict).collect();
    let all = [
        SignVerdict::AsExpected,
        SignVerdict::Opposite,
        SignVerdict::NothingExpected,
        SignVerdict::Zero,
    ];
    assert_eq!(verdicts, all);
    let inference = fit.inference.as_ref().unwrap();
    for (column, finding) in report.iter().enumerate() {
        assert_eq!(
            (finding.column, finding.expected),
            (column, expected[column])
        );
        assert_eq!(finding.coefficient.to_bits(), fit.weights[column].to_bits());
        assert_eq!(finding.p_value, Some(inference.p_value[column + 1]));
    }
    let (columns, signs) = (4, 3);
    let refused = sign_report(&fit, &expected[1..]);
    assert_eq!(refused, Err(FitError::SignCount { columns, signs }));
}

#[test]
fn inflation_is_infinite_exactly_where_columns_are_collinear() {
    let (varying, _) = generated(200, 3, 0.0, 5);
    let mut design = Matrix::new(200, 6);
    for row in 0..200 {
        let [a, b, c] = [
            varying.row(row)[0],
            varying.row(row)[1],
            varying.row(row)[2],
        ];
        design
            .row_mut(row)
            .copy_from_slice(&[a, 7.0, b, 1e4 * a - b + 3.0, c, c + a]);
    }
    let all = variance_inflation(&design.select_columns(&[0, 1, 2, 3, 4])).unwrap();
    let [a, constant, b, combined, c] = [all[0], all[1], all[2], all[3], all[4]];
    assert_eq!((a, constant), (Some(f64::INFINITY), None));
    assert_eq!((b, combined), (Some(f64::INFINITY), Some(f64::INFINITY)));
    assert!(c.unwrap() < 1.1);
    // Two columns: 1 / (1 - r²), the same for both.
    let two = variance_inflation(&design.select_columns(&[4, 5])).unwrap();
    let pairs: Vec<(f64, f64)> = (0..200)
        .map(|row| (design.row(row)[4], design.row(row)[5]))
        .collect();
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / 200.0;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let sums = pairs.iter().fold([0.0; 3], |[xx, xy, yy], (a, b)| {
        let (a, b) = (a - x, b - y);
        [xx + a * a, xy + a * b, yy + b * b]
    });
    let expected = 1.0 / (1.0 - sums[1] * sums[1] / (sums[0] * sums[2]));
    assert!(
        two.iter()
            .all(|found| (found.unwrap() - expected).abs() < 1e-12 * expected)
    );
    assert_eq!(
        variance_inflation(&Matrix::new(3, 2)).unwrap(),
        [None, None]
    );
}

#[test]
fn a_held_coefficient_has_no_error_and_does_not_count() {
    let (design, events) = generated(400, 3, -0.5, 3);
    let constrained = LogisticSpec {
        signs: vec![Sign::Free, Sign::NonPositive, Sign::Free],
        ..spec(Penalty::None)
    };
    let held = fit_spec(constrained, &design, &events).unwrap();
    let without = fit_spec(
        spec(Penalty::None),
        &design.select_columns(&[0, 2]),
        &events,
    )
    .unwrap();
    let free = [held.intercept, held.weights[0], held.weights[2]];
    assert!(is_zero(held.weights[1]) && distance(&free, &coefficients(&without)) < 1e-10);
    let (inference, reduced) = (held.inference.unwrap(), without.inference.unwrap());
    let errors = &inference.std_error;
    assert!(distance(&[errors[0], errors[1], errors[3]], &reduced.std_error) < 1e-10);
    assert!(is_zero(errors[2]) && is_zero(inference.z[2]));
    assert!((inference.p_value[2] - 1.0).abs() < 1e-16);
    let statistics = held.statistics.unwrap();
    assert!((statistics.parameters - 3.0).abs() < 1e-12);
    assert_eq!(statistics.likelihood_ratio, None);
}

#[test]
fn no_columns_leave_the_prevalence() {
    let design = Matrix::new(10, 0);
    let events: Vec<bool> = (0..10).map(|row| row < 3).collect();
    for penalty in &ALL[..4] {
        let fit = fit_spec(spec(*penalty), &design, &events).unwrap();
        assert!((fit.intercept - logit(0.3)).abs() < 1e-12);
        let statistics = fit.statistics.unwrap();
        assert!((statistics.parameters - 1.0).abs() < 1e-12);
        assert!(statistics.mcfadden_r2.abs() < 1e-12);
        if let Some(test) = statistics.likelihood_ratio {
            assert_eq!(
                (test.degrees_of_freedom, test.p_value.to_bits()),
                (0, 1.0_f64.to_bits())
            );
        }
    }
    let fit = fit_spec(spec(Penalty::Firth), &design, &events).unwrap();
    assert!((fit.intercept - (3.5_f64 / 7.5).ln()).abs() < 1e-9);
}

#[test]
fn an_association_as_small_as_rounding_has_no_sign() {
    // Three in ten default, whatever the first column says; the second says it all.
    let rows: Vec<[f64; 2]> = (0..700)
        .map(|row| {
            [
                f64::from(u8::from(row % 70 < 20)) / 3.0,
                f64::from(row % 10),
            ]
        })
        .collect();
    let events: Vec<bool> = (0..700).map(|row| row % 10 < 3).collect();
    let design = Matrix::from_vec(700, 2, rows.concat()).unwrap();
    let moments = column_moments(&design);
    let blocks = MatrixBlocks::new(&design, &events, None).unwrap();
    let found = Associations::of(&blocks, &moments).unwrap();
    assert_eq!(found.covariance[0].to_bits(), 0.0_f64.to_bits());
    assert!(found.covariance[1] < -100.0);
    assert_eq!(found.inflation, variance_inflation(&design).unwrap());
}
