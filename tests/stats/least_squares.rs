//! Linear regressions against statsmodels and NIST's certified values, tails against scipy.
//!
//! `tests/fixtures/least_squares.json` was computed by `scripts/make_least_squares_fixture.py`.

use credit_risk::stats::{
    LeastSquaresError, LeastSquaresFit, Matrix, column_moments, f_p_value, least_squares,
    student_p_value, student_quantile,
};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::Numbers;

const FIXTURE: &str = include_str!("../fixtures/least_squares.json");

fn fixture() -> Value {
    serde_json::from_str(FIXTURE).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let apart = (found - expected).abs() / expected.abs().max(1e-300);
    assert!(
        apart <= tolerance || (found - expected).abs() < 1e-14,
        "{what}: {found} for {expected}"
    );
}

fn matrix(rows: &Value) -> Matrix {
    let rows: Vec<Vec<f64>> = rows.as_array().unwrap().iter().map(numbers).collect();
    Matrix::from_vec(rows.len(), rows[0].len(), rows.concat()).unwrap()
}

/// As a model does it: standardised columns, coefficients told per unit.
struct Fitted {
    fit: LeastSquaresFit,
    mean: Vec<f64>,
    deviation: Vec<f64>,
}

impl Fitted {
    fn of(case: &Value) -> Self {
        let raw = matrix(&case["x"]);
        let moments = column_moments(&raw);
        let (mean, deviation) = (moments.mean, moments.standard_deviation);
        let mut design = raw;
        for row in 0..design.rows() {
            let scales = mean.iter().zip(&deviation);
            for (cell, (mean, deviation)) in design.row_mut(row).iter_mut().zip(scales) {
                *cell = (*cell - mean) / deviation;
            }
        }
        let weights = case["weights"].as_array();
        let weights: Option<Vec<f64>> = weights.map(|it| it.iter().map(number).collect());
        let target = numbers(&case["y"]);
        let fit = least_squares(&design, &target, weights.as_deref(), &|| false).unwrap();
        Self {
            fit,
            mean,
            deviation,
        }
    }

    fn coefficients(&self) -> Vec<f64> {
        let pairs = self.fit.weights.iter().zip(&self.deviation);
        pairs
            .map(|(weight, deviation)| weight / deviation)
            .collect()
    }

    fn predicted(&self, row: &[f64]) -> (f64, f64) {
        let deviation =
            |at: usize| (row[at] - self.mean[at]) / self.deviation[at] - self.fit.centre[at];
        let terms = self.fit.weights.iter().enumerate();
        let value = terms
            .map(|(at, weight)| weight * deviation(at))
            .sum::<f64>()
            + self.fit.mean;
        let leverage = self.fit.spread.leverage(deviation, &mut Vec::new());
        (value, leverage)
    }
}

#[test]
fn every_reference_case_is_met() {
    let fixture = fixture();
    let cases = fixture["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 4);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let fitted = Fitted::of(case);
        let fit = &fitted.fit;
        // What statsmodels gives of Longley's data is itself good to about 1e-9.
        let met = |found: f64, expected: &Value, what: &str| {
            close(found, number(expected), 1e-8, &format!("{name}, {what}"));
        };
        for (at, found) in fitted.coefficients().into_iter().enumerate() {
            met(found, &case["coefficients"][at], "coefficient");
            let error = fit.std_error[at].unwrap() / fitted.deviation[at];
            met(error, &case["std_error"][at], "standard error");
            met(found / error, &case["t"][at], "t");
            let p = student_p_value(found / error, fit.statistics.degrees_of_freedom as f64);
            met(p, &case["p_value"][at], "p-value");
        }
        let found = fit.statistics;
        met(found.r2.unwrap(), &case["r2"], "R²");
        met(
            found.adjusted_r2.unwrap(),
            &case["adjusted_r2"],
            "adjusted R²",
        );
        met(found.f_statistic.unwrap(), &case["f"], "F");
        met(found.f_p_value.unwrap(), &case["f_p_value"], "p-value of F");
        met(
            found.log_likelihood.unwrap(),
            &case["log_likelihood"],
            "log-likelihood",
        );
        met(found.aic.unwrap(), &case["aic"], "AIC");
        met(found.bic.unwrap(), &case["bic"], "BIC");
        met(
            found.residual_variance.unwrap(),
            &case["residual_variance"],
            "variance",
        );
        let t = student_quantile(
            1.0 - number(&case["level"]),
            found.degrees_of_freedom as f64,
        );
        for (at, row) in case["new"].as_array().unwrap().iter().enumerate() {
            let (value, leverage) = fitted.predicted(&numbers(row));
            let variance = found.residual_variance.unwrap();
            let mean_error = (variance * leverage).sqrt();
            met(value, &case["mean"][at], "prediction");
            met(mean_error, &case["mean_error"][at], "error of the mean");
            met(
                value - t * mean_error,
                &case["confidence"][at][0],
                "lower bound of the mean",
            );
            let error = (variance * (1.0 + leverage)).sqrt();
            met(
                value + t * error,
                &case["prediction"][at][1],
                "upper bound of a case",
            );
        }
    }
}

#[test]
fn the_certified_values_of_longley_are_met_to_ten_digits() {
    let fixture = fixture();
    let fitted = Fitted::of(&fixture["cases"][0]);
    // NIST Statistical Reference Datasets, linear regression, Longley.
    let certified = [
        (15.061_872_271_373_3, 84.914_925_774_766_9),
        (-0.035_819_179_292_591, 0.033_491_007_772_243_2),
        (-2.020_229_803_816_83, 0.488_399_681_651_699),
        (-1.033_226_867_173_59, 0.214_274_163_161_675),
        (-0.051_104_105_653_580_7, 0.226_073_200_069_37),
        (1_829.151_464_613_55, 455.478_499_142_212),
    ];
    let coefficients = fitted.coefficients();
    for (at, (coefficient, error)) in certified.into_iter().enumerate() {
        close(coefficients[at], coefficient, 1e-10, "coefficient");
        let found = fitted.fit.std_error[at].unwrap() / fitted.deviation[at];
        close(found, error, 1e-10, "standard error");
    }
    let moved = coefficients.iter().zip(&fitted.mean).map(|(a, b)| a * b);
    let intercept = fitted.fit.mean - moved.sum::<f64>();
    close(intercept, -3_482_258.634_595_82, 1e-10, "intercept");
    let found = fitted.fit.statistics;
    close(
        found.residual_variance.unwrap().sqrt(),
        304.854_073_561_965,
        1e-10,
        "residuals",
    );
    close(found.r2.unwrap(), 0.995_479_004_577_296, 1e-12, "R²");
    close(found.f_statistic.unwrap(), 330.285_339_234_588, 1e-10, "F");
}

#[test]
fn tails_are_those_of_scipy() {
    let fixture = fixture();
    for case in fixture["student"].as_array().unwrap() {
        let found = student_p_value(number(&case["t"]), number(&case["df"]));
        close(found, number(&case["p"]), 1e-9, &case.to_string());
    }
    for case in fixture["student_quantile"].as_array().unwrap() {
        let found = student_quantile(number(&case["tails"]), number(&case["df"]));
        close(found, number(&case["t"]), 1e-9, &case.to_string());
    }
    for case in fixture["f"].as_array().unwrap() {
        let [f, first, second] = ["f", "d1", "d2"].map(|name| number(&case[name]));
        close(
            f_p_value(f, first, second),
            number(&case["p"]),
            1e-9,
            &case.to_string(),
        );
    }
    assert!(student_quantile(-0.1, 3.0).is_nan());
    assert!(student_quantile(0.0, 3.0).is_infinite());
}

#[test]
fn a_column_that_others_explain_gets_no_coefficient_and_changes_nothing() {
    let mut random = Numbers(5);
    let (mut with, mut without) = (Vec::new(), Vec::new());
    let mut target = Vec::new();
    for _ in 0..300 {
        let (a, b) = (random.uniform(), random.uniform());
        with.extend([a, b, 2.0 * a - 3.0 * b, 7.0]);
        without.extend([a, b]);
        target.push(a - 4.0 * b + random.uniform());
    }
    let with = Matrix::from_vec(300, 4, with).unwrap();
    let without = Matrix::from_vec(300, 2, without).unwrap();
    let with = least_squares(&with, &target, None, &|| false).unwrap();
    let without = least_squares(&without, &target, None, &|| false).unwrap();
    assert_eq!(with.statistics.rank, 2);
    assert_eq!(with.weights[2..], [0.0, 0.0]);
    assert_eq!(with.std_error[2..], [None, None]);
    for at in 0..2 {
        close(with.weights[at], without.weights[at], 1e-10, "weight");
        let errors = [&with, &without].map(|fit| fit.std_error[at].unwrap());
        close(errors[0], errors[1], 1e-10, "standard error");
    }
}

#[test]
fn rows_without_weight_are_as_if_they_were_not_there() {
    let design = Matrix::from_vec(5, 1, vec![1.0, 2.0, 3.0, 4.0, 1e6]).unwrap();
    let target = [2.0, 3.0, 5.0, 4.0, -1e9];
    let weights = [1.0, 1.0, 1.0, 1.0, 0.0];
    let weighted = least_squares(&design, &target, Some(&weights), &|| false).unwrap();
    let kept = Matrix::from_vec(4, 1, vec![1.0, 2.0, 3.0, 4.0]).unwrap();
    let plain = least_squares(&kept, &target[..4], None, &|| false).unwrap();
    assert_eq!(weighted.weights, plain.weights);
    assert_eq!(weighted.statistics, plain.statistics);
    let none = least_squares(&design, &target, Some(&[0.0; 5]), &|| false);
    assert_eq!(none.unwrap_err(), LeastSquaresError::NoRows);
}

#[test]
fn without_degrees_of_freedom_nothing_is_said_of_errors() {
    let design = Matrix::from_vec(2, 1, vec![1.0, 2.0]).unwrap();
    let fit = least_squares(&design, &[1.0, 3.0], None, &|| false).unwrap();
    close(fit.weights[0], 2.0, 1e-12, "weight");
    assert_eq!(fit.statistics.degrees_of_freedom, 0);
    assert_eq!(fit.statistics.residual_variance, None);
    assert_eq!(fit.std_error, [None]);
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let design = Matrix::from_vec(2, 1, vec![1.0, f64::NAN]).unwrap();
    let fit = |design: &Matrix, target: &[f64], weights: Option<&[f64]>| {
        least_squares(design, target, weights, &|| false).unwrap_err()
    };
    let row = 1;
    assert_eq!(
        fit(&design, &[1.0, 2.0], None),
        LeastSquaresError::NonFinite { row }
    );
    let design = Matrix::from_vec(2, 1, vec![1.0, 2.0]).unwrap();
    assert_eq!(
        fit(&design, &[1.0, 1e101], None),
        LeastSquaresError::NonFinite { row }
    );
    let shape = LeastSquaresError::ShapeMismatch { rows: 2, given: 1 };
    assert_eq!(fit(&design, &[1.0], None), shape);
    let negative = fit(&design, &[1.0, 2.0], Some(&[1.0, -1.0]));
    assert_eq!(negative, LeastSquaresError::Weight { row });
    let cancelled = least_squares(&design, &[1.0, 2.0], None, &|| true).unwrap_err();
    assert_eq!(cancelled, LeastSquaresError::Cancelled);
}

proptest! {
    /// Whatever the data, residuals are at right angles to every column and the constant.
    #[test]
    fn residuals_are_orthogonal_to_the_columns(seed in any::<u64>(), rows in 3_usize..900, columns in 1_usize..8) {
        let mut random = Numbers(seed);
        let mut cells: Vec<f64> = (0..rows * columns).map(|_| random.uniform() * 10.0 - 3.0).collect();
        if columns > 2 {
            for row in cells.chunks_exact_mut(columns) {
                row[2] = row[0] + row[1];
            }
        }
        let target: Vec<f64> = (0..rows).map(|_| random.uniform() * 100.0).collect();
        let weights: Vec<f64> = (0..rows).map(|_| 0.1 + random.uniform()).collect();
        let design = Matrix::from_vec(rows, columns, cells).unwrap();
        let fit = least_squares(&design, &target, Some(&weights), &|| false).unwrap();
        let residual = |row: usize| {
            let terms = design.row(row).iter().zip(&fit.weights).zip(&fit.centre);
            target[row] - fit.mean - terms.map(|((x, w), c)| w * (x - c)).sum::<f64>()
        };
        let against = |cell: &dyn Fn(usize) -> f64| -> f64 {
            (0..rows).map(|row| weights[row] * residual(row) * cell(row)).sum()
        };
        let allowed = 1e-8 * 100.0 * rows as f64;
        prop_assert!(against(&|_| 1.0).abs() < allowed);
        for column in 0..columns {
            prop_assert!(against(&|row| design.row(row)[column]).abs() < allowed);
        }
    }
}
