//! Properties that hold for every input.

use credit_risk::stats::{
    LogisticParams, Roc, brier, gini, log_loss, stratified_folds, stratified_split, undersample,
};
use proptest::prelude::*;

use crate::support::{coefficients, distance, fit, generated, lbfgs, unpenalised};

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Scores on a coarse grid, so that ties are common, with both classes present.
fn scored() -> impl Strategy<Value = (Vec<f64>, Vec<bool>)> {
    prop::collection::vec((0..=16_u8, any::<bool>()), 2..80)
        .prop_map(|rows| {
            rows.into_iter()
                .map(|(s, e)| (f64::from(s) / 16.0, e))
                .unzip()
        })
        .prop_filter("both classes", |(_, events): &(Vec<f64>, Vec<bool>)| {
            events.contains(&true) && events.contains(&false)
        })
}

fn both_classes(events: &[bool], each: usize) -> bool {
    let count = events.iter().filter(|event| **event).count();
    count >= each && events.len() - count >= each
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_complement_has_the_complementary_auc((p, events) in scored()) {
        let complement: Vec<f64> = p.iter().map(|p| 1.0 - p).collect();
        let roc = Roc::new(&p, &events).unwrap();
        let mirrored = Roc::new(&complement, &events).unwrap();
        prop_assert!((roc.auc() + mirrored.auc() - 1.0).abs() < 1e-12);
        prop_assert!((gini(roc.auc()) + gini(mirrored.auc())).abs() < 1e-12);
        let ks = [roc.kolmogorov_smirnov(), mirrored.kolmogorov_smirnov()];
        prop_assert!((ks[0] - ks[1]).abs() < 1e-12);
    }

    #[test]
    fn rank_metrics_ignore_monotone_maps((p, events) in scored()) {
        let roc = Roc::new(&p, &events).unwrap();
        let maps: [fn(f64) -> f64; 3] = [|p| 600.0 + 50.0 * p, |p| p * p * p - 7.0, f64::exp];
        for map in maps {
            let mapped: Vec<f64> = p.iter().map(|p| map(*p)).collect();
            let other = Roc::new(&mapped, &events).unwrap();
            prop_assert_eq!(&roc.true_positive_rate, &other.true_positive_rate);
            prop_assert_eq!(&roc.false_positive_rate, &other.false_positive_rate);
        }
    }

    #[test]
    fn the_auc_is_the_share_of_pairs_in_order((p, events) in scored()) {
        let (mut won, mut pairs) = (0.0, 0.0);
        for (bad, _) in p.iter().zip(&events).filter(|(_, event)| **event) {
            for (good, _) in p.iter().zip(&events).filter(|(_, event)| !**event) {
                pairs += 1.0;
                won += if bad > good { 1.0 } else if bad < good { 0.0 } else { 0.5 };
            }
        }
        let auc = Roc::new(&p, &events).unwrap().auc();
        prop_assert!((auc - won / pairs).abs() < 1e-12);
    }

    #[test]
    fn row_order_does_not_matter((p, events) in scored()) {
        let backwards: Vec<f64> = p.iter().rev().copied().collect();
        let flags: Vec<bool> = events.iter().rev().copied().collect();
        prop_assert_eq!(Roc::new(&p, &events), Roc::new(&backwards, &flags));
        let loss = log_loss(&p, &events).unwrap() - log_loss(&backwards, &flags).unwrap();
        let score = brier(&p, &events).unwrap() - brier(&backwards, &flags).unwrap();
        prop_assert!(loss.abs() < 1e-12 && score.abs() < 1e-12);
    }

    #[test]
    fn both_solvers_find_one_optimum(
        seed in any::<u64>(),
        rows in 80..300_usize,
        columns in 1..6_usize,
        intercept in -1.0..1.0_f64,
    ) {
        let (design, events) = generated(rows, columns, intercept, seed);
        let newton = fit(LogisticParams::default(), &design, &events).unwrap();
        let lbfgs = fit(lbfgs(), &design, &events).unwrap();
        prop_assert!(newton.convergence.converged && lbfgs.convergence.converged);
        prop_assert!(newton.convergence.gradient_sup_norm < 1e-8);
        prop_assert!(distance(&coefficients(&newton), &coefficients(&lbfgs)) < 1e-5);
    }

    #[test]
    fn the_same_fit_is_the_same_bytes(seed in any::<u64>(), columns in 0..9_usize) {
        let (design, events) = generated(200, columns, -0.5, seed);
        let first = fit(LogisticParams::default(), &design, &events).unwrap();
        let again = fit(LogisticParams::default(), &design, &events).unwrap();
        let bits = |fit| -> Vec<u64> {
            coefficients(fit).iter().map(|value| value.to_bits()).collect()
        };
        prop_assert_eq!(bits(&first), bits(&again));
        prop_assert_eq!(first, again);
    }

    #[test]
    fn a_weight_counts_like_so_many_rows(
        seed in any::<u64>(),
        times in prop::collection::vec(0..4_u8, 150),
    ) {
        let (design, events) = generated(150, 3, 0.0, seed);
        let weights: Vec<f64> = times.iter().copied().map(f64::from).collect();
        let repeated: Vec<usize> = (0..150)
            .flat_map(|row| std::iter::repeat_n(row, usize::from(times[row])))
            .collect();
        let repeated_events: Vec<bool> = repeated.iter().map(|&row| events[row]).collect();
        let checked = LogisticParams::default().check().unwrap();
        let weighted = checked.fit(&design, &events, Some(&weights), &|| false).unwrap();
        let replicated =
            fit(LogisticParams::default(), &design.select_rows(&repeated), &repeated_events)
                .unwrap();
        prop_assert!(distance(&coefficients(&weighted), &coefficients(&replicated)) < 1e-10);
        prop_assert!((weighted.log_likelihood - replicated.log_likelihood).abs() < 1e-9);
        let errors = [weighted, replicated].map(|fit| fit.inference.unwrap().std_error);
        prop_assert!(distance(&errors[0], &errors[1]) < 1e-10);
    }

    #[test]
    fn without_a_penalty_units_do_not_matter(seed in any::<u64>(), shift in -1e6..1e6_f64) {
        let (design, events) = generated(300, 2, -0.5, seed);
        let mut moved = design.clone();
        for row in 0..300 {
            moved.row_mut(row)[0] = design.row(row)[0] * 1e4 + shift;
        }
        let plain = fit(unpenalised(), &design, &events).unwrap();
        let moved = fit(unpenalised(), &moved, &events).unwrap();
        prop_assert!(moved.convergence.converged);
        prop_assert!((moved.weights[0] * 1e4 - plain.weights[0]).abs() < 1e-8);
        prop_assert!((moved.weights[1] - plain.weights[1]).abs() < 1e-8);
        prop_assert!((moved.log_likelihood - plain.log_likelihood).abs() < 1e-9);
    }

    #[test]
    fn a_split_is_a_partition_with_both_classes_on_both_sides(
        events in prop::collection::vec(prop::bool::weighted(0.3), 10..200)
            .prop_filter("two of each", |events| both_classes(events, 2)),
        share in 0.01..0.99_f64,
        seed in any::<u64>(),
    ) {
        let split = stratified_split(&events, share, seed).unwrap();
        let mut all = [split.train.clone(), split.test.clone()].concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..events.len()).collect::<Vec<_>>());
        for side in [&split.train, &split.test] {
            let side: Vec<bool> = side.iter().map(|&row| events[row]).collect();
            prop_assert!(both_classes(&side, 1));
        }
        let asked = share * events.len() as f64;
        // Rounding, and a row of each class that must be on either side.
        prop_assert!((split.test.len() as f64 - asked).abs() <= 2.5);
    }

    #[test]
    fn folds_and_undersamples_use_every_row_they_should(
        events in prop::collection::vec(any::<bool>(), 20..120)
            .prop_filter("five of each", |events| both_classes(events, 5)),
        seed in any::<u64>(),
    ) {
        let folds = stratified_folds(&events, 5, seed).unwrap();
        prop_assert_eq!(folds.len(), events.len());
        for fold in 0..5 {
            let members: Vec<bool> = (0..events.len())
                .filter(|&row| folds[row] == fold)
                .map(|row| events[row])
                .collect();
            prop_assert!(both_classes(&members, 1));
        }
        let rows: Vec<usize> = (0..events.len()).collect();
        let kept = undersample(&rows, &events, seed);
        let bad = kept.iter().filter(|&&row| events[row]).count();
        prop_assert_eq!(2 * bad, kept.len());
        prop_assert!(kept.is_sorted_by(|a, b| a < b));
    }
}
