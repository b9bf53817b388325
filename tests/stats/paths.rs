//! Paths of strengths.

use credit_risk::stats::{FitError, LogisticSpec, Penalty, Sign, strength_grid};

use crate::support::{
    ELASTIC_NET, L1, L2, coefficients, distance, fit_spec, generated, is_zero, spec,
};

#[test]
fn columns_enter_at_the_entry_strength() {
    let (design, events) = generated(300, 5, -0.5, 17);
    for (l1_ratio, signs) in [
        (1.0, vec![]),
        (0.4, vec![]),
        (1.0, vec![Sign::NonPositive; 5]),
    ] {
        let at = |inverse_strength| LogisticSpec {
            penalty: Penalty::ElasticNet {
                inverse_strength,
                l1_ratio,
            },
            signs: signs.clone(),
            ..LogisticSpec::default()
        };
        let checked = at(1.0).check().unwrap();
        let entry = checked.entry_strength(&design, &events, None).unwrap();
        if !entry.is_finite() {
            // All five raise the odds, so that none may ever enter.
            assert!(!signs.is_empty());
            continue;
        }
        let outside = fit_spec(at(entry * (1.0 - 1e-9)), &design, &events).unwrap();
        assert!(outside.weights.iter().all(|weight| is_zero(*weight)));
        let inside = fit_spec(at(entry * 1.01), &design, &events).unwrap();
        let entered = inside.weights.iter().filter(|weight| !is_zero(**weight));
        assert_eq!(entered.count(), 1);
    }
    for penalty in [Penalty::None, L2, Penalty::Firth] {
        let entry = spec(penalty)
            .check()
            .unwrap()
            .entry_strength(&design, &events, None);
        assert!(is_zero(entry.unwrap()));
    }
}

#[test]
fn a_path_passes_through_the_fits() {
    let (design, events) = generated(300, 6, -0.5, 29);
    let signs = vec![
        Sign::Free,
        Sign::NonPositive,
        Sign::Free,
        Sign::Free,
        Sign::Free,
        Sign::Free,
    ];
    for (penalty, signs) in [(L1, vec![]), (ELASTIC_NET, signs), (L2, vec![])] {
        let spec = LogisticSpec {
            signs,
            ..spec(penalty)
        };
        let checked = spec.clone().check().unwrap();
        let grid = strength_grid(0.01, 1000.0, 12);
        let path = checked
            .path(&design, &events, None, &grid, &|| false)
            .unwrap();
        assert_eq!(path.len(), 12);
        for (point, strength) in path.iter().zip(&grid) {
            assert!((point.inverse_strength - strength).abs() < 1e-16);
            assert!(point.fit.convergence.converged);
            let penalty = match penalty {
                Penalty::L1 { .. } => Penalty::L1 {
                    inverse_strength: *strength,
                },
                Penalty::L2 { .. } => Penalty::L2 {
                    inverse_strength: *strength,
                },
                _ => Penalty::ElasticNet {
                    inverse_strength: *strength,
                    l1_ratio: 0.5,
                },
            };
            let alone = fit_spec(
                LogisticSpec {
                    penalty,
                    ..spec.clone()
                },
                &design,
                &events,
            )
            .unwrap();
            let gap = distance(&coefficients(&point.fit), &coefficients(&alone));
            assert!(gap < 1e-9, "{penalty:?}: {gap}");
        }
    }
}

#[test]
fn a_grid_is_a_geometric_progression() {
    let grid = strength_grid(0.02, 100.0, 3);
    assert!(distance(&grid, &[0.02, 0.2, 2.0]) < 1e-15);
    assert!(distance(&strength_grid(0.5, 7.0, 1), &[0.5]) < 1e-16);
    assert!(strength_grid(0.5, 7.0, 0).is_empty());
}

#[test]
fn a_path_needs_strengths_that_mean_something() {
    let (design, events) = generated(50, 2, 0.0, 1);
    let path = |penalty, strengths: &[f64]| {
        let checked = spec(penalty).check().unwrap();
        checked
            .path(&design, &events, None, strengths, &|| false)
            .unwrap_err()
    };
    assert_eq!(path(Penalty::None, &[1.0]), FitError::NoStrength);
    assert_eq!(path(Penalty::Firth, &[1.0]), FitError::NoStrength);
    for strength in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let refused = path(L1, &[1.0, strength]);
        assert_eq!(refused, FitError::StrengthOutOfRange { index: 1 });
    }
}
