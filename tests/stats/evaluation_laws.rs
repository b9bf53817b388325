//! Properties of the evaluation that hold for every sample.

use credit_risk::stats::CutoffCriterion::{ApprovalRate, BadRate, LeastCost, MostProfit, Youden};
use credit_risk::stats::{
    CalibrationMethod, Calibrator, Confusion, Costs, CutoffError, GainsTable, LoanTerms, Roc,
    StrategyCurve, calibration_curve, calibration_curve_by_quantile, calibration_in_the_large,
    calibration_line, delong, delong_test, hosmer_lemeshow, logit, percentile_interval, sigmoid,
    spiegelhalter, weighted_average_precision, weighted_brier, weighted_log_loss,
};
use credit_risk::stats::{average_precision, brier, log_loss};
use proptest::prelude::*;

use crate::support::{Numbers, distance};

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

type Sample = (Vec<f64>, Vec<bool>);

/// Scores on a coarse grid inside (0, 1), so that ties are common; two rows of each class at least.
fn scored() -> impl Strategy<Value = Sample> {
    prop::collection::vec((1..=15_u8, any::<bool>()), 4..80)
        .prop_map(|rows| -> Sample {
            rows.into_iter()
                .map(|(s, e)| (f64::from(s) / 16.0, e))
                .unzip()
        })
        .prop_filter("two of each class", |(_, events)| {
            let count = events.iter().filter(|event| **event).count();
            count >= 2 && events.len() - count >= 2
        })
}

/// Scores from all over `f64`, ends and denormals included.
fn wild() -> impl Strategy<Value = Sample> {
    let score = prop_oneof![
        any::<f64>().prop_filter("finite", |score| score.is_finite()),
        prop::sample::select(vec![f64::MAX, f64::MIN, 1e308, -1e308, 5e-324, 0.0, -0.0]),
    ];
    prop::collection::vec((score, any::<bool>()), 4..60)
        .prop_map(|rows| -> Sample { rows.into_iter().unzip() })
        .prop_filter("two of each class", |(_, events)| {
            let count = events.iter().filter(|event| **event).count();
            count >= 2 && events.len() - count >= 2
        })
}

/// The sample in another order.
fn shuffled((scores, events): &Sample, seed: u64) -> Sample {
    let mut numbers = Numbers(seed);
    let mut order: Vec<(f64, usize)> = (0..scores.len())
        .map(|row| (numbers.uniform(), row))
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    order
        .iter()
        .map(|(_, row)| (scores[*row], events[*row]))
        .unzip()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_area_is_within_its_interval_and_is_that_of_the_curve(
        (p, events) in scored(),
        level in 0.01..0.999_f64,
    ) {
        let found = delong(&p, &events).unwrap();
        let interval = found.interval(level).unwrap();
        prop_assert!(interval.low <= found.auc && found.auc <= interval.high);
        prop_assert!(interval.low >= 0.0 && interval.high <= 1.0);
        prop_assert!((found.auc - Roc::new(&p, &events).unwrap().auc()).abs() < 1e-12);
        // The variance of an area of m·n pairs is at most A(1 - A) / (min(m, n) - 1).
        let bads = events.iter().filter(|event| **event).count();
        let least = bads.min(events.len() - bads) as f64;
        prop_assert!(found.variance <= found.auc * (1.0 - found.auc) * 2.0 / (least - 1.0) + 1e-12);
    }

    #[test]
    fn what_ranks_ignores_monotone_maps((p, events) in scored()) {
        let found = delong(&p, &events).unwrap();
        let bands = GainsTable::by_count(&p, &events, 10).unwrap();
        let maps: [fn(f64) -> f64; 3] = [|p| 600.0 + 50.0 * p, |p| p * p * p - 7.0, |p| p * 1e308];
        for map in maps {
            let mapped: Vec<f64> = p.iter().map(|p| map(*p)).collect();
            prop_assert_eq!(delong(&mapped, &events).unwrap(), found);
            let other = GainsTable::by_count(&mapped, &events, 10).unwrap();
            for (one, other) in bands.bands.iter().zip(&other.bands) {
                prop_assert_eq!((one.count, one.events), (other.count, other.events));
            }
            prop_assert_eq!(bands.bands.len(), other.bands.len());
            let [one, other] = [&p, &mapped].map(|scores| {
                ApprovalRate(0.5).choose(scores, &events).unwrap()
            });
            prop_assert_eq!(one.approved_events, other.approved_events);
            prop_assert_eq!(one.approved(), other.approved());
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(sample in scored(), seed in any::<u64>()) {
        let (p, events) = &sample;
        let (q, flags) = shuffled(&sample, seed);
        let numbers = |p: &[f64], events: &[bool]| {
            let variance = delong(p, events).unwrap().variance;
            let uniform = calibration_curve(p, events, 10).unwrap();
            let quantile = calibration_curve_by_quantile(p, events, 5).unwrap();
            let large = calibration_in_the_large(p, events).unwrap();
            let z = spiegelhalter(p, events).map_or(0.0, |test| test.z);
            [variance, uniform.expected_error(), quantile.maximum_error(), large, z]
        };
        prop_assert!(distance(&numbers(p, events), &numbers(&q, &flags)) < 1e-9);
        let table = |p: &[f64], events: &[bool]| GainsTable::by_count(p, events, 7);
        prop_assert_eq!(table(p, events), table(&q, &flags));
        prop_assert_eq!(StrategyCurve::new(p, events), StrategyCurve::new(&q, &flags));
    }

    #[test]
    fn scores_of_any_size_are_ranked_without_overflow((scores, events) in wild()) {
        let found = delong(&scores, &events).unwrap();
        prop_assert!((0.0..=1.0).contains(&found.auc) && found.variance >= 0.0);
        let table = GainsTable::by_count(&scores, &events, 10).unwrap();
        let total: u64 = table.bands.iter().map(|band| band.count).sum();
        prop_assert_eq!(total, scores.len() as u64);
        for point in StrategyCurve::new(&scores, &events).unwrap().points() {
            let at = Confusion::at(&scores, &events, point.threshold).unwrap();
            prop_assert_eq!(point.declined_events, at.true_positives);
            prop_assert_eq!(point.approved_non_events, at.true_negatives);
        }
    }

    #[test]
    fn a_paired_test_is_antisymmetric(
        (p, events) in scored(),
        seed in any::<u64>(),
    ) {
        let mut numbers = Numbers(seed);
        let other: Vec<f64> = p.iter().map(|p| p + 0.5 * numbers.uniform()).collect();
        let one = delong_test(&p, &other, &events).unwrap();
        let two = delong_test(&other, &p, &events).unwrap();
        prop_assert!((one.difference + two.difference).abs() < 1e-12);
        prop_assert!((one.variance - two.variance).abs() < 1e-12);
        prop_assert_eq!(one.p_value.is_some(), one.variance > 0.0);
        let parts = one.first.variance + one.second.variance - 2.0 * one.covariance;
        prop_assert!((one.variance - parts).abs() < 1e-12);
        prop_assert!(one.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)));
    }

    #[test]
    fn tied_rows_are_never_in_two_bands((p, events) in scored(), bands in 1..20_usize) {
        let table = GainsTable::by_count(&p, &events, bands).unwrap();
        prop_assert!(table.bands.len() <= bands);
        prop_assert!(table.bands.iter().all(|band| band.count > 0 && band.low <= band.high));
        prop_assert!(table.bands.windows(2).all(|pair| pair[0].low > pair[1].high));
        let last = table.bands.last().unwrap();
        let ends = [last.cumulative_count, last.cumulative_events, last.cumulative_non_events];
        prop_assert!(distance(&ends, &[1.0; 3]) < 1e-15);
        let ks = Roc::new(&p, &events).unwrap().kolmogorov_smirnov();
        prop_assert!(table.kolmogorov_smirnov() <= ks + 1e-12);
    }

    #[test]
    fn a_weight_counts_like_so_many_rows(
        (p, events) in scored(),
        times in prop::collection::vec(1..4_u8, 80),
    ) {
        let weights: Vec<f64> = times[..p.len()].iter().copied().map(f64::from).collect();
        let repeat = |row: usize| std::iter::repeat_n(row, usize::from(times[row]));
        let rows: Vec<usize> = (0..p.len()).flat_map(repeat).collect();
        let q: Vec<f64> = rows.iter().map(|&row| p[row]).collect();
        let flags: Vec<bool> = rows.iter().map(|&row| events[row]).collect();
        let (weighted, repeated) =
            (Roc::weighted(&p, &events, &weights).unwrap(), Roc::new(&q, &flags).unwrap());
        let found = [
            weighted.auc(),
            weighted.kolmogorov_smirnov(),
            weighted_average_precision(&p, &events, &weights).unwrap(),
            weighted_brier(&p, &events, &weights).unwrap(),
            weighted_log_loss(&p, &events, &weights).unwrap(),
            Confusion::weighted_at(&p, &events, &weights, 0.5).unwrap().f1(),
        ];
        let expected = [
            repeated.auc(),
            repeated.kolmogorov_smirnov(),
            average_precision(&q, &flags).unwrap(),
            brier(&q, &flags).unwrap(),
            log_loss(&q, &flags).unwrap(),
            Confusion::at(&q, &flags, 0.5).unwrap().f1(),
        ];
        prop_assert!(distance(&found, &expected) < 1e-12);
    }

    #[test]
    fn a_chosen_cut_off_is_the_best_there_is(
        (p, events) in scored(),
        false_negative in 0.0..20.0_f64,
        target in 0.0..=1.0_f64,
    ) {
        let curve = StrategyCurve::new(&p, &events).unwrap();
        let costs = Costs::new(false_negative, 1.0).unwrap();
        let best = LeastCost(costs).choose(&p, &events).unwrap();
        let terms = LoanTerms::new(1.0, false_negative + 0.1).unwrap();
        let most = MostProfit(terms).choose(&p, &events).unwrap();
        let enough = ApprovalRate(target).choose(&p, &events).unwrap();
        let safe = BadRate(target).choose(&p, &events);
        let youden = Youden.choose(&p, &events).unwrap();
        let j = Confusion::at(&p, &events, youden.threshold).unwrap().youden_j();
        prop_assert!(enough.approval_rate() >= target);
        for point in curve.points() {
            prop_assert!(costs.total(&best) <= costs.total(&point));
            prop_assert!(terms.profit(&most) >= terms.profit(&point));
            if point.threshold < enough.threshold {
                prop_assert!(point.approval_rate() < target);
            }
            let at = Confusion::at(&p, &events, point.threshold).unwrap();
            prop_assert!(at.youden_j() <= j.max(0.0) + 1e-12);
            if let Some(bad_rate) = point.bad_rate_approved() {
                match safe {
                    Ok(safe) => prop_assert!(
                        bad_rate > target || point.threshold <= safe.threshold
                    ),
                    Err(CutoffError::BadRateOutOfReach { lowest }) => prop_assert!(
                        bad_rate > target && bad_rate >= lowest
                    ),
                    Err(error) => prop_assert!(false, "{error}"),
                }
            }
        }
    }

    #[test]
    fn calibrators_rise_and_stay_probabilities(
        seed in any::<u64>(),
        rows in 20..120_usize,
        slope in 0.2..3.0_f64,
        far in -1e308..1e308_f64,
    ) {
        let mut numbers = Numbers(seed);
        // Whole numbers tie; the events follow the score, so that most of the lines rise.
        let log_odds: Vec<f64> =
            (0..rows).map(|_| (8.0 * numbers.uniform() - 4.0).round()).collect();
        let events: Vec<bool> =
            log_odds.iter().map(|x| numbers.uniform() < sigmoid(slope * x)).collect();
        let mut probes: Vec<f64> = (-400..=400).map(|x| f64::from(x) / 10.0).collect();
        probes.extend([far, f64::MIN, f64::MAX, f64::INFINITY, f64::NEG_INFINITY, 5e-324]);
        probes.extend(log_odds.iter().flat_map(|x| [x.next_down(), *x, x.next_up()]));
        probes.sort_by(f64::total_cmp);
        use CalibrationMethod::{Isotonic, Logistic, Platt};
        for method in [Platt, Logistic, Isotonic] {
            let Ok(calibrator) = Calibrator::fit(method, &log_odds, &events, None) else {
                continue;
            };
            let p: Vec<f64> = probes.iter().map(|x| calibrator.apply(*x)).collect();
            prop_assert!(p.iter().all(|p| (0.0..=1.0).contains(p)));
            prop_assert!(p.is_sorted(), "{calibrator:?}");
        }
    }

    #[test]
    fn isotonic_regression_keeps_the_number_of_events((p, events) in scored()) {
        let log_odds: Vec<f64> = p.iter().map(|p| logit(*p)).collect();
        let method = CalibrationMethod::Isotonic;
        let Ok(calibrator) = Calibrator::fit(method, &log_odds, &events, None) else {
            prop_assert!(p.len() < 10);
            return Ok(());
        };
        let expected: f64 = log_odds.iter().map(|x| calibrator.apply(*x)).sum();
        let observed = events.iter().filter(|event| **event).count() as f64;
        prop_assert!((expected - observed).abs() < 1e-9);
    }

    #[test]
    fn weighted_calibrators_are_those_of_repeated_rows(
        seed in any::<u64>(),
        times in prop::collection::vec(1..4_u8, 60),
    ) {
        let mut numbers = Numbers(seed);
        let log_odds: Vec<f64> = (0..60).map(|_| 4.0 * numbers.uniform() - 2.0).collect();
        let events: Vec<bool> =
            log_odds.iter().map(|x| numbers.uniform() < sigmoid(*x)).collect();
        let weights: Vec<f64> = times.iter().copied().map(f64::from).collect();
        let repeat = |row: usize| std::iter::repeat_n(row, usize::from(times[row]));
        let rows: Vec<usize> = (0..60).flat_map(repeat).collect();
        let repeated: Vec<f64> = rows.iter().map(|&row| log_odds[row]).collect();
        let flags: Vec<bool> = rows.iter().map(|&row| events[row]).collect();
        use CalibrationMethod::{Isotonic, Logistic, Platt};
        for method in [Platt, Logistic, Isotonic] {
            let weighted = Calibrator::fit(method, &log_odds, &events, Some(&weights));
            let repeated = Calibrator::fit(method, &repeated, &flags, None);
            prop_assert_eq!(weighted.is_ok(), repeated.is_ok());
            let (Ok(weighted), Ok(repeated)) = (weighted, repeated) else { continue };
            for x in &log_odds {
                prop_assert!((weighted.apply(*x) - repeated.apply(*x)).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_single_class_is_an_error_and_never_a_number(
        (p, _) in scored(),
        class in any::<bool>(),
    ) {
        let events = vec![class; p.len()];
        prop_assert!(Roc::new(&p, &events).is_err());
        prop_assert!(delong(&p, &events).is_err());
        prop_assert!(GainsTable::by_count(&p, &events, 10).is_err());
        prop_assert!(calibration_line(&p, &events).is_err());
        prop_assert!(calibration_in_the_large(&p, &events).is_err());
        prop_assert!(Youden.choose(&p, &events).is_err());
        let log_odds: Vec<f64> = p.iter().map(|p| logit(*p)).collect();
        use CalibrationMethod::{Isotonic, Logistic, Platt};
        for method in [Platt, Logistic, Isotonic] {
            prop_assert!(Calibrator::fit(method, &log_odds, &events, None).is_err());
        }
        // What compares no classes is still a number.
        if let Ok(test) = hosmer_lemeshow(&p, &events, 4, 0) {
            prop_assert!(test.statistic.is_finite() && (0.0..=1.0).contains(&test.p_value));
        }
    }

    #[test]
    fn a_percentile_interval_lies_within_its_replicates(
        values in prop::collection::vec(-1e300..1e300_f64, 2..50),
        level in 0.01..0.999_f64,
    ) {
        let found = percentile_interval(values.clone(), level).unwrap().unwrap();
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        prop_assert!(low <= found.interval.low && found.interval.high <= high);
        prop_assert!(found.interval.low <= found.interval.high);
        let mut backwards = values;
        backwards.reverse();
        prop_assert_eq!(percentile_interval(backwards, level), Ok(Some(found)));
    }
}
