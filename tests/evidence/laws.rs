//! Laws of the evidence, the stability and the comparison of any sample.

use credit_risk::credit::comparison::{Comparison, Scored, SwapSet};
use credit_risk::credit::evidence::{EvidenceParams, SampleEvidence, Spread, stability};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{plain, through_json};

/// Probabilities: anywhere, on a coarse grid full of ties, or certain.
fn probability() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..=1.0_f64,
        4 => (0..=20_u8).prop_map(|step| f64::from(step) / 20.0),
        1 => Just(0.0),
        1 => Just(1.0),
        1 => Just(f64::MIN_POSITIVE),
    ]
}

/// Rows of two probabilities and an outcome; one class alone is among them.
fn rows() -> impl Strategy<Value = Vec<(f64, f64, bool)>> {
    let share = prop_oneof![Just(0.0), Just(1.0), 0.05..0.95_f64];
    share.prop_flat_map(|share| {
        let row = (probability(), probability(), prop::bool::weighted(share));
        prop::collection::vec(row, 1..120)
    })
}

fn split(rows: &[(f64, f64, bool)]) -> (Vec<f64>, Vec<f64>, Vec<bool>) {
    let first = rows.iter().map(|row| row.0).collect();
    let second = rows.iter().map(|row| row.1).collect();
    (first, second, rows.iter().map(|row| row.2).collect())
}

/// Floats that `serde_json` wrote: one that is not finite would have become a `null`, which no plain
/// number reads, and an optional one would have changed from `Some` to `None`.
fn survives(found: &SampleEvidence) -> bool {
    through_json(found) == *found
}

fn encloses(spread: Option<Spread>, value: f64) -> bool {
    spread.is_none_or(|spread| spread.low <= value && value <= spread.high)
}

proptest! {
    #[test]
    fn evidence_survives_its_json(rows in rows(), threshold in probability(), seed: u64) {
        let (p, _, events) = split(&rows);
        let params = EvidenceParams { seed, replicates: 5, ..plain() };
        let found = SampleEvidence::measure(&p, &events, threshold, &params).unwrap();
        prop_assert!(survives(&found));
    }

    #[test]
    fn normal_intervals_enclose_their_values_and_all_ends_are_in_order(rows in rows(), seed: u64) {
        let (p, _, events) = split(&rows);
        let params = EvidenceParams { seed, replicates: 10, ..plain() };
        let found = SampleEvidence::measure(&p, &events, 0.5, &params).unwrap();
        let parts = &found.discrimination;
        for area in parts.auc.iter().chain(&parts.gini) {
            prop_assert!(encloses(area.delong, area.value));
        }
        let spreads = [
            parts.auc.and_then(|area| area.bootstrap),
            parts.gini.and_then(|area| area.bootstrap),
            parts.ks.and_then(|ks| ks.bootstrap),
            found.brier.bootstrap,
            found.log_loss.bootstrap,
        ];
        for spread in spreads.iter().flatten() {
            prop_assert!(spread.low <= spread.high && spread.std_error >= 0.0);
        }
        // Both classes give all five, one class none.
        let both = found.events > 0 && found.events < found.rows;
        prop_assert_eq!(spreads.iter().flatten().count(), if both { 5 } else { 0 });
    }

    #[test]
    fn bands_and_bins_add_up(rows in rows(), bands in 2..30_usize) {
        let (p, _, events) = split(&rows);
        let params = EvidenceParams { bands, ..plain() };
        let found = SampleEvidence::measure(&p, &events, 0.5, &params).unwrap();
        for bins in [&found.calibration.bins, &found.calibration.quantile_bins] {
            prop_assert_eq!(bins.iter().map(|bin| bin.rows).sum::<u64>(), found.rows);
            let bads: f64 = bins.iter().map(|bin| bin.rows as f64 * bin.bad_rate).sum();
            prop_assert!((bads - found.events as f64).abs() < 1e-9);
        }
        let Some(gains) = &found.gains else { return Ok(()) };
        prop_assert!(gains.len() <= bands);
        prop_assert_eq!(gains.iter().map(|band| band.rows).sum::<u64>(), found.rows);
        prop_assert_eq!(gains.iter().map(|band| band.bads).sum::<u64>(), found.events);
        prop_assert!(gains.iter().all(|band| band.rows == band.goods + band.bads));
        prop_assert!(gains.windows(2).all(|pair| pair[0].low > pair[1].high));
        let last = gains[gains.len() - 1];
        prop_assert!((last.cumulative_goods + last.cumulative_bads - 2.0).abs() < 1e-12);
        let ks = found.discrimination.ks.unwrap().value;
        prop_assert!(gains.iter().all(|band| band.ks <= ks + 1e-12));
    }

    #[test]
    fn decisions_add_up_and_lie_on_the_strategy_curve(rows in rows(), place: prop::sample::Index) {
        let (p, _, events) = split(&rows);
        let threshold = p[place.index(p.len())];
        let found = SampleEvidence::measure(&p, &events, threshold, &plain()).unwrap();
        let at = found.decisions;
        let counts = [at.true_negatives, at.false_positives, at.false_negatives, at.true_positives];
        prop_assert_eq!(counts.iter().sum::<u64>(), found.rows);
        prop_assert_eq!(at.false_negatives + at.true_positives, found.events);
        let mut steps = found.strategy.iter();
        if found.strategy.len() < 101 {
            let same = steps.find(|step| step.threshold >= threshold).unwrap();
            prop_assert_eq!(same.approval_rate.to_bits(), at.approval_rate.to_bits());
            prop_assert_eq!(same.bad_rate_approved, at.bad_rate_approved);
        }
    }

    #[test]
    fn distributions_rise_and_part_most_at_their_kolmogorov_smirnov_point(rows in rows()) {
        let (p, _, events) = split(&rows);
        let found = SampleEvidence::measure(&p, &events, 0.5, &plain()).unwrap();
        let distribution = &found.distribution;
        for pair in distribution.points.windows(2) {
            prop_assert!(pair[0].cumulative_goods <= pair[1].cumulative_goods);
            prop_assert!(pair[0].cumulative_bads <= pair[1].cumulative_bads);
        }
        let ks = found.discrimination.ks.map_or(0.0, |ks| ks.value);
        let gap = |goods: Option<f64>, bads: Option<f64>| {
            goods.zip(bads).map_or(0.0, |(goods, bads)| (goods - bads).abs())
        };
        for point in &distribution.points {
            prop_assert!(gap(point.cumulative_goods, point.cumulative_bads) <= ks + 1e-12);
        }
        let at = distribution.ks_point.map_or(0.0, |at| gap(at.cumulative_goods, at.cumulative_bads));
        prop_assert!((at - ks).abs() < 1e-12);
    }

    #[test]
    fn swap_sets_add_up(rows in rows(), t in probability(), u in probability()) {
        let (champion, challenger, events) = split(&rows);
        let [old, new] = [("old", &champion, t), ("new", &challenger, u)]
            .map(|(name, probabilities, threshold)| Scored { name, probabilities, threshold });
        let found = Comparison::of(&old, &new, &events).unwrap();
        prop_assert_eq!(&through_json(&found), &found);
        let adds_up = |swaps: &SwapSet| {
            let cells = [
                swaps.approved_by_both,
                swaps.swapped_in,
                swaps.swapped_out,
                swaps.declined_by_both,
            ];
            let sum = cells.iter().fold((0, 0), |sum, cell| (sum.0 + cell.rows, sum.1 + cell.bads));
            let approved = (swaps.approved_by_both.rows + swaps.swapped_in.rows) as f64;
            let rate = approved / found.rows as f64;
            sum == (found.rows, found.events) && (rate - swaps.challenger_approval_rate).abs() < 1e-15
        };
        prop_assert!(adds_up(&found.swap_set));
        let equal = found.swap_set_at_equal_approval;
        prop_assert!(adds_up(&equal));
        prop_assert!(equal.swapped_in.rows >= equal.swapped_out.rows);
        // One distinct probability less, and the challenger would approve too few.
        let border = challenger.iter().copied().filter(|p| *p < equal.challenger_threshold);
        let highest = border.fold(f64::NEG_INFINITY, f64::max);
        let fewer = challenger.iter().filter(|p| **p < highest).count() as f64;
        let wanted = equal.champion_approval_rate * found.rows as f64;
        prop_assert!(highest.is_infinite() || fewer < wanted - 0.5);
    }

    #[test]
    fn exchanging_the_models_turns_the_comparison_round(rows in rows(), t in probability()) {
        let (champion, challenger, events) = split(&rows);
        let [old, new] = [("old", &champion), ("new", &challenger)]
            .map(|(name, probabilities)| Scored { name, probabilities, threshold: t });
        let there = Comparison::of(&old, &new, &events).unwrap();
        let back = Comparison::of(&new, &old, &events).unwrap();
        prop_assert_eq!(there.difference.auc, back.difference.auc.map(|auc| -auc));
        prop_assert_eq!(there.swap_set.swapped_in, back.swap_set.swapped_out);
        prop_assert_eq!(there.swap_set.declined_by_both, back.swap_set.declined_by_both);
        if let (Some(a), Some(b)) = (there.auc_test, back.auc_test) {
            prop_assert_eq!(a.p_value, b.p_value);
            prop_assert_eq!(a.low.to_bits(), (-b.high).to_bits());
        }
    }

    #[test]
    fn stability_counts_every_row_and_is_never_negative(rows in rows()) {
        let (development, other, _) = split(&rows);
        let Some(found) = stability(&development, &other) else { return Ok(()) };
        prop_assert!(found.index >= -1e-15 && found.index.is_finite());
        let count = rows.len() as u64;
        prop_assert_eq!(found.bins.iter().map(|bin| bin.development_rows).sum::<u64>(), count);
        prop_assert_eq!(found.bins.iter().map(|bin| bin.other_rows).sum::<u64>(), count);
        prop_assert_eq!(&through_json(&found), &found);
    }
}

#[test]
fn a_number_that_is_not_finite_would_not_survive_json() {
    let mut found = SampleEvidence::measure(&[0.2, 0.7], &[false, true], 0.5, &plain()).unwrap();
    found.discrimination.average_precision = Some(f64::NAN);
    assert!(!survives(&found));
    let json: Value = serde_json::to_value(&found).unwrap();
    assert!(json["discrimination"]["average_precision"].is_null());
}
