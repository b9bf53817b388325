//! Calibrators against other tools, at the edges, and as stored.

use credit_risk::stats::{
    CalibrationError, CalibrationMethod, Calibrator, FitError, Isotonic, LogOddsLine, logit,
    prior_shift,
};
use serde::Deserialize;

use crate::cases::case;
use crate::support::distance;

use CalibrationMethod::{Isotonic as ByPooling, Logistic, Platt};

#[derive(Deserialize)]
struct Reference {
    sample: String,
    logistic_recalibration: LogisticReference,
    platt: PlattReference,
    isotonic: IsotonicReference,
    prior_correction: PriorReference,
}

#[derive(Deserialize)]
struct LogisticReference {
    intercept: f64,
    slope: f64,
    proba_eval: Vec<f64>,
}

/// `p = 1 / (1 + exp(a f + b))`, so both with the other sign.
#[derive(Deserialize)]
struct PlattReference {
    a: f64,
    b: f64,
    proba_eval: Vec<f64>,
}

#[derive(Deserialize)]
struct IsotonicReference {
    x_thresholds: Vec<f64>,
    y_thresholds: Vec<f64>,
    proba_eval: Vec<f64>,
}

#[derive(Deserialize)]
struct PriorReference {
    tau: f64,
    ybar: f64,
    delta: f64,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../fixtures/calibration.json")).unwrap()
}

/// Log-odds and events of every other row of the sample.
fn half(sample: &str, first: usize) -> (Vec<f64>, Vec<bool>) {
    let case = case(sample);
    let rows = case.scores.iter().zip(&case.events).skip(first).step_by(2);
    rows.map(|(p, event)| (logit(*p), *event)).unzip()
}

/// Calibrator of the even rows, and its probabilities for the odd ones.
fn fitted(method: CalibrationMethod) -> (Calibrator, Vec<f64>) {
    let sample = reference().sample;
    let (log_odds, events) = half(&sample, 0);
    let calibrator = Calibrator::fit(method, &log_odds, &events, None).unwrap();
    let (held_out, _) = half(&sample, 1);
    assert_eq!((log_odds.len(), held_out.len()), (100, 100));
    let p = held_out.iter().map(|x| calibrator.apply(*x)).collect();
    (calibrator, p)
}

#[test]
fn logistic_recalibration_agrees_with_the_reference() {
    let expected = reference().logistic_recalibration;
    let (calibrator, p) = fitted(Logistic);
    let Calibrator::Logistic(line) = calibrator else {
        panic!("{calibrator:?}");
    };
    let found = [line.intercept(), line.slope()];
    assert!(distance(&found, &[expected.intercept, expected.slope]) < 1e-9);
    assert!(distance(&p, &expected.proba_eval) < 1e-9);
}

#[test]
fn platt_scaling_agrees_with_the_reference() {
    let expected = reference().platt;
    let (calibrator, p) = fitted(Platt);
    let Calibrator::Platt(line) = calibrator else {
        panic!("{calibrator:?}");
    };
    // The reference's optimiser stops early.
    let found = [line.intercept(), line.slope()];
    assert!(distance(&found, &[-expected.b, -expected.a]) < 1e-6);
    assert!(distance(&p, &expected.proba_eval) < 1e-6);
}

#[test]
fn isotonic_regression_agrees_with_the_reference() {
    let expected = reference().isotonic;
    let (calibrator, p) = fitted(ByPooling);
    let Calibrator::Isotonic(map) = calibrator else {
        panic!("{calibrator:?}");
    };
    assert!(distance(map.thresholds(), &expected.x_thresholds) < 1e-9);
    assert!(distance(map.values(), &expected.y_thresholds) < 1e-9);
    assert!(distance(&p, &expected.proba_eval) < 1e-9);
}

#[test]
fn the_shift_of_a_prior_agrees_with_the_reference() {
    let expected = reference().prior_correction;
    let found = prior_shift(expected.tau, expected.ybar).unwrap();
    assert!((found - expected.delta).abs() < 1e-12);
    let calibrator = Calibrator::prior_shift(expected.tau, expected.ybar).unwrap();
    // The average row of the sample becomes the average row of the population.
    assert!((calibrator.apply(logit(expected.ybar)) - expected.tau).abs() < 1e-12);
    assert!(prior_shift(0.2, 0.2).unwrap().abs() < f64::MIN_POSITIVE);
    for prior in [0.0, 1.0, -0.1, 1.1, f64::INFINITY] {
        assert_eq!(prior_shift(prior, 0.3), Err(CalibrationError::Prior(prior)));
        assert_eq!(prior_shift(0.3, prior), Err(CalibrationError::Prior(prior)));
    }
    assert!(prior_shift(f64::NAN, 0.3).is_err());
}

#[test]
fn platt_scaling_survives_classes_that_the_score_separates() {
    let log_odds: Vec<f64> = (0..12).map(|row| f64::from(row) - 5.5).collect();
    let events: Vec<bool> = log_odds.iter().map(|x| *x > 0.0).collect();
    let fit = |method| Calibrator::fit(method, &log_odds, &events, None);
    assert_eq!(
        fit(Logistic),
        Err(CalibrationError::Fit(FitError::Separated))
    );
    let platt = fit(Platt).unwrap();
    assert!((platt.apply(0.0) - 0.5).abs() < 1e-9);
    // Targets are 7/8 and 1/8, which no prediction within the data leaves by far.
    assert!(platt.apply(5.5) > 0.9 && platt.apply(5.5) < 0.99);
    let isotonic = fit(ByPooling).unwrap();
    let ends = [
        isotonic.apply(f64::NEG_INFINITY),
        isotonic.apply(f64::INFINITY),
    ];
    assert!(distance(&ends, &[0.0, 1.0]) < 1e-16);
}

#[test]
fn a_score_that_falls_with_the_events_is_refused_by_a_line_and_flat_when_pooled() {
    let log_odds: Vec<f64> = (0..40).map(|row| f64::from(row % 8)).collect();
    let events: Vec<bool> = (0..40).map(|row| row % 8 < 3 || row == 7).collect();
    for method in [Platt, Logistic] {
        let refused = Calibrator::fit(method, &log_odds, &events, None);
        assert!(
            matches!(refused, Err(CalibrationError::NotRising { slope }) if slope < 0.0),
            "{refused:?}"
        );
    }
    let flat = Calibrator::fit(ByPooling, &log_odds, &events, None).unwrap();
    let found = [-50.0, 0.0, 3.5, 7.0, 50.0].map(|x| flat.apply(x));
    assert!(distance(&found, &[0.4; 5]) < 1e-12, "{found:?}");
}

#[test]
fn too_few_rows_one_class_and_one_score_are_refused() {
    let x: Vec<f64> = (0..12).map(f64::from).collect();
    let mixed: Vec<bool> = (0..12).map(|row| row % 2 == 1).collect();
    for method in [Platt, Logistic, ByPooling] {
        let fit = |x: &[f64], events: &[bool]| Calibrator::fit(method, x, events, None);
        let too_few = CalibrationError::TooFewRows {
            rows: 9,
            needed: 10,
        };
        assert_eq!(fit(&x[..9], &mixed[..9]), Err(too_few));
        let one_class = CalibrationError::Fit(FitError::OneClass);
        assert_eq!(fit(&x, &[true; 12]), Err(one_class));
        let infinite = [&x[..11], &[f64::INFINITY]].concat();
        let refused = CalibrationError::Fit(FitError::NonFinite { row: 11, column: 0 });
        assert_eq!(fit(&infinite, &mixed), Err(refused));
        assert!(fit(&x, &mixed[..11]).is_err());
        let mut weights = vec![1.0; 12];
        weights[3] = -1.0;
        let refused = CalibrationError::Fit(FitError::WeightOutOfRange { row: 3 });
        assert_eq!(
            Calibrator::fit(method, &x, &mixed, Some(&weights)),
            Err(refused)
        );
        let hollow: Vec<f64> = mixed
            .iter()
            .map(|event| f64::from(u8::from(*event)))
            .collect();
        let refused = Calibrator::fit(method, &x, &mixed, Some(&hollow));
        assert!(matches!(
            refused,
            Err(CalibrationError::TooFewRows { rows: 6, .. })
        ));
    }
    for method in [Platt, Logistic] {
        let refused = Calibrator::fit(method, &[2.0; 12], &mixed, None);
        assert_eq!(refused, Err(CalibrationError::ConstantScore));
    }
}

#[test]
fn a_stored_calibrator_comes_back_as_it_was() {
    for method in [Platt, Logistic, ByPooling] {
        let (calibrator, _) = fitted(method);
        let text = serde_json::to_string(&calibrator).unwrap();
        let back: Calibrator = serde_json::from_str(&text).unwrap();
        assert_eq!(back, calibrator);
    }
    let shift = Calibrator::prior_shift(0.05, 0.3).unwrap();
    let text = serde_json::to_string(&shift).unwrap();
    assert!(
        text.starts_with(r#"{"prior_shift":{"intercept":-2.09"#),
        "{text}"
    );
}

#[test]
fn a_stored_calibrator_that_would_misbehave_is_refused() {
    let damaged = [
        r#"{"platt": {"intercept": 0.0, "slope": 0.0}}"#,
        r#"{"platt": {"intercept": 0.0, "slope": -1.0}}"#,
        r#"{"isotonic": {"thresholds": [], "values": []}}"#,
        r#"{"isotonic": {"thresholds": [0.1, 0.2], "values": [0.1]}}"#,
        r#"{"isotonic": {"thresholds": [0.2, 0.1], "values": [0.1, 0.2]}}"#,
        r#"{"isotonic": {"thresholds": [0.1, 0.1], "values": [0.1, 0.2]}}"#,
        r#"{"isotonic": {"thresholds": [0.1, 0.2], "values": [0.2, 0.1]}}"#,
        r#"{"isotonic": {"thresholds": [0.1, 0.2], "values": [0.2, 1.1]}}"#,
        r#"{"isotonic": {"thresholds": [-0.1, 0.2], "values": [0.1, 0.2]}}"#,
    ];
    for text in damaged {
        assert!(serde_json::from_str::<Calibrator>(text).is_err(), "{text}");
    }
    assert!(LogOddsLine::new(f64::NAN, 1.0).is_err());
    assert!(LogOddsLine::new(0.0, f64::INFINITY).is_err());
    assert!(Isotonic::new(vec![f64::NAN], vec![0.5]).is_err());
}

#[test]
fn not_a_number_stays_so_and_infinity_is_the_end_of_the_map() {
    for method in [Platt, Logistic, ByPooling] {
        let (calibrator, _) = fitted(method);
        assert!(calibrator.apply(f64::NAN).is_nan());
        let low = [f64::NEG_INFINITY, f64::MIN].map(|x| calibrator.apply(x));
        let high = [f64::INFINITY, f64::MAX].map(|x| calibrator.apply(x));
        assert!(distance(&low, &[0.0; 2]) < 1e-16 && distance(&high, &[1.0; 2]) < 1e-16);
    }
}

#[test]
fn neighbouring_log_odds_never_come_out_in_the_wrong_order() {
    let calibrator = Calibrator::prior_shift(0.3, 0.3).unwrap();
    for start in -400..400 {
        let mut log_odds = f64::from(start) / 100.0;
        for _ in 0..200 {
            let next = log_odds.next_up();
            assert!(
                calibrator.apply(log_odds) <= calibrator.apply(next),
                "{log_odds}"
            );
            log_odds = next;
        }
    }
}

#[test]
fn an_isotonic_map_meets_its_corners_without_passing_them() {
    // 0.15 + (0.45 - 0.15) rounds to the number after 0.45.
    let map = Isotonic::new(vec![0.25, 0.5, 0.75], vec![0.15, 0.45, 0.45]).unwrap();
    assert_eq!(map.apply(0.5).to_bits(), 0.45_f64.to_bits());
    assert!((map.apply(0.375) - 0.3).abs() < 1e-15);
}
