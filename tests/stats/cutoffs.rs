//! Cut-offs against the reference, the conventions, and what is refused.

use credit_risk::stats::CutoffCriterion::{
    ApprovalRate, BadRate, BayesCost, BreakEven, Fixed, LeastCost, MostProfit, Youden,
};
use credit_risk::stats::{
    Confusion, Costs, CutoffError, LoanTerms, MetricError, Roc, StrategyCurve, StrategyPoint,
};
use serde::Deserialize;

use crate::cases::{Case, case, cases};

#[derive(Deserialize)]
struct Reference {
    sample: String,
    cost: CostReference,
    approval_rate: Vec<ApprovalReference>,
    expected_profit: ProfitReference,
}

#[derive(Deserialize)]
struct CostReference {
    #[serde(rename = "fn")]
    false_negative: f64,
    #[serde(rename = "fp")]
    false_positive: f64,
    best_threshold: f64,
    best_cost: f64,
    bayes_threshold: f64,
    cost_at_bayes: f64,
    cost_at_0_5: f64,
}

#[derive(Deserialize)]
struct ApprovalReference {
    target_approval: f64,
    threshold_approve_if_le: f64,
    approved: u64,
    bad_rate_approved: f64,
    bad_rate_declined: f64,
}

#[derive(Deserialize)]
struct ProfitReference {
    example: Vec<Profit>,
}

#[derive(Deserialize)]
struct Profit {
    interest: f64,
    lgd: f64,
    threshold: f64,
}

fn reference() -> (Reference, Case) {
    let text = include_str!("../fixtures/cutoffs.json");
    let reference: Reference = serde_json::from_str(text).unwrap();
    let sample = case(&reference.sample);
    (reference, sample)
}

/// Equal to the last bit.
fn exact(found: f64, expected: f64) {
    assert_eq!(found.to_bits(), expected.to_bits(), "{found} {expected}");
}

#[test]
fn cut_offs_by_cost_are_the_reference_s() {
    let (Reference { cost, .. }, Case { scores, events, .. }) = reference();
    let costs = Costs::new(cost.false_negative, cost.false_positive).unwrap();
    let best = LeastCost(costs).choose(&scores, &events).unwrap();
    exact(best.threshold, cost.best_threshold);
    exact(costs.total(&best), cost.best_cost);
    let bayes = BayesCost(costs).choose(&scores, &events).unwrap();
    exact(bayes.threshold, cost.bayes_threshold);
    exact(costs.total(&bayes), cost.cost_at_bayes);
    let half = Fixed(0.5).choose(&scores, &events).unwrap();
    exact(half.threshold, 0.5);
    exact(costs.total(&half), cost.cost_at_0_5);
}

#[test]
fn cut_offs_by_approval_rate_are_the_reference_s() {
    let (reference, Case { scores, events, .. }) = reference();
    assert_eq!(reference.approval_rate.len(), 5);
    for expected in reference.approval_rate {
        let criterion = ApprovalRate(expected.target_approval);
        let found = criterion.choose(&scores, &events).unwrap();
        exact(
            found.highest_approved.unwrap(),
            expected.threshold_approve_if_le,
        );
        assert_eq!(found.approved(), expected.approved);
        exact(
            found.bad_rate_approved().unwrap(),
            expected.bad_rate_approved,
        );
        exact(
            found.bad_rate_declined().unwrap(),
            expected.bad_rate_declined,
        );
        exact(found.approval_rate(), expected.target_approval);
        assert!(Some(found.threshold) > found.highest_approved);
        assert!(scores.contains(&found.threshold));
    }
}

#[test]
fn break_even_points_are_the_reference_s() {
    let (reference, Case { scores, events, .. }) = reference();
    assert_eq!(reference.expected_profit.example.len(), 2);
    for expected in reference.expected_profit.example {
        let terms = LoanTerms::new(expected.interest, expected.lgd).unwrap();
        // The reference divides by 0.57, which the sum of 0.12 and 0.45 misses by its last bit.
        assert!((terms.break_even() / expected.threshold - 1.0).abs() < 4e-16);
        let chosen = BreakEven(terms).choose(&scores, &events).unwrap();
        exact(chosen.threshold, terms.break_even());
        let at = Fixed(expected.threshold).choose(&scores, &events).unwrap();
        let approved = (chosen.approved_events, chosen.approved_non_events);
        assert_eq!(approved, (at.approved_events, at.approved_non_events));
        let most = MostProfit(terms).choose(&scores, &events).unwrap();
        assert!(terms.profit(&most) >= terms.profit(&chosen));
    }
}

#[test]
fn the_youden_cut_off_is_that_of_the_curve_in_every_case() {
    for case in cases().iter().filter(|case| case.weights.is_none()) {
        let found = Youden.choose(&case.scores, &case.events);
        let Some(expected) = &case.expected.youden else {
            assert_eq!(found, Err(CutoffError::Metric(MetricError::OneClass)));
            continue;
        };
        let found = found.unwrap();
        exact(found.threshold, expected.threshold);
        let declined = (found.declined_events, found.declined_non_events);
        assert_eq!(declined, (expected.tp, expected.fp), "{}", case.name);
        let approved = (found.approved_events, found.approved_non_events);
        assert_eq!(
            approved,
            (expected.false_negatives, expected.tn),
            "{}",
            case.name
        );
    }
}

/// Ten applicants: every second distinct score is shared by two.
fn ten() -> ([f64; 10], [bool; 10]) {
    let scores = [0.1, 0.1, 0.2, 0.3, 0.3, 0.4, 0.5, 0.5, 0.6, 0.7];
    let mut events = [false; 10];
    for bad in [1, 4, 7, 8, 9] {
        events[bad] = true;
    }
    (scores, events)
}

#[test]
fn the_curve_runs_from_everybody_declined_to_everybody_approved() {
    let (scores, events) = ten();
    let curve = StrategyCurve::new(&scores, &events).unwrap();
    let points: Vec<StrategyPoint> = curve.points().collect();
    assert_eq!(points.len(), 8);
    assert!(points.is_sorted_by(|a, b| a.threshold < b.threshold));
    let (first, last) = (points[0], points[7]);
    assert_eq!((first.approved(), first.bad_rate_approved()), (0, None));
    assert_eq!(first.highest_approved, None);
    assert_eq!((last.declined(), last.bad_rate_declined()), (0, None));
    exact(last.threshold, 0.7_f64.next_up());
    exact(last.highest_approved.unwrap(), 0.7);
    for point in points {
        let at = Confusion::at(&scores, &events, point.threshold).unwrap();
        let found = [point.approved_non_events, point.declined_events];
        assert_eq!(found, [at.true_negatives, at.true_positives]);
    }
}

#[test]
fn a_threshold_between_two_scores_does_what_the_higher_does() {
    let (scores, events) = ten();
    let curve = StrategyCurve::new(&scores, &events).unwrap();
    for threshold in [
        -1.0,
        0.1,
        0.15,
        0.3,
        0.35,
        0.7,
        0.71,
        f64::INFINITY,
        f64::NAN,
    ] {
        let found = curve.at(threshold);
        let at = Confusion::at(&scores, &events, threshold).unwrap();
        let counts = [found.approved_events, found.declined_non_events];
        assert_eq!(
            counts,
            [at.false_negatives, at.false_positives],
            "{threshold}"
        );
    }
}

#[test]
fn an_approval_rate_is_reached_and_tied_scores_are_approved_together() {
    let (scores, events) = ten();
    let approved = |target| {
        let found = ApprovalRate(target).choose(&scores, &events).unwrap();
        found.approved()
    };
    assert_eq!(
        [0.0, 0.01, 0.2, 0.21, 0.4, 1.0].map(approved),
        [0, 2, 2, 3, 5, 10]
    );
    for target in [-0.1, 1.1, f64::INFINITY] {
        let refused = ApprovalRate(target).choose(&scores, &events);
        assert_eq!(refused, Err(CutoffError::Rate(target)));
    }
    assert!(ApprovalRate(f64::NAN).choose(&scores, &events).is_err());
}

#[test]
fn a_bad_rate_approves_as_many_as_it_allows() {
    let (scores, events) = ten();
    // Bad rates of the approved from the second point on: 1/2, 1/3, 2/5, 1/3, 3/8, 4/9, 1/2.
    let found = BadRate(0.4).choose(&scores, &events).unwrap();
    assert_eq!((found.approved(), found.approved_events), (8, 3));
    exact(found.threshold, 0.6);
    let met_exactly = BadRate(3.0 / 8.0).choose(&scores, &events).unwrap();
    assert_eq!(met_exactly.approved(), 8);
    let refused = BadRate(0.3).choose(&scores, &events);
    let lowest = 1.0 / 3.0;
    assert_eq!(refused, Err(CutoffError::BadRateOutOfReach { lowest }));
    assert_eq!(
        BadRate(2.0).choose(&scores, &events),
        Err(CutoffError::Rate(2.0))
    );
}

#[test]
fn equal_costs_and_profits_take_the_lowest_threshold() {
    let (scores, events) = ([0.1, 0.2, 0.3, 0.4], [false, true, false, true]);
    let even = Costs::new(1.0, 1.0).unwrap();
    let found = LeastCost(even).choose(&scores, &events).unwrap();
    // Declining from 0.2 costs the third applicant, from 0.4 the second.
    exact(found.threshold, 0.2);
    let terms = LoanTerms::new(1.0, 1.0).unwrap();
    exact(
        MostProfit(terms)
            .choose(&scores, &events)
            .unwrap()
            .threshold,
        0.2,
    );
    let nobody_is_worth_it = LoanTerms::new(1e-9, 1.0).unwrap();
    let found = MostProfit(nobody_is_worth_it)
        .choose(&scores, &[true; 4])
        .unwrap();
    assert_eq!(found.approved(), 0);
    let free = Costs::new(1.0, 0.0).unwrap();
    exact(
        LeastCost(free).choose(&scores, &events).unwrap().threshold,
        0.1,
    );
    let everybody = Costs::new(0.0, 1.0).unwrap();
    let found = LeastCost(everybody).choose(&scores, &events).unwrap();
    assert_eq!(found.declined_non_events, 0);
}

#[test]
fn terms_that_make_no_sense_are_refused() {
    for (a, b) in [
        (-1.0, 1.0),
        (1.0, f64::NAN),
        (0.0, 0.0),
        (f64::INFINITY, 1.0),
        (1.0, 1e101),
    ] {
        assert_eq!(Costs::new(a, b), Err(CutoffError::Costs));
        assert_eq!(LoanTerms::new(a, b), Err(CutoffError::Terms));
    }
    assert_eq!(LoanTerms::new(0.0, 1.0), Err(CutoffError::Terms));
}

#[test]
fn rules_about_probabilities_refuse_points() {
    let (points, events) = ([300.0, 700.0], [true, false]);
    let refused = Err(CutoffError::Metric(MetricError::NotAProbability));
    let costs = Costs::new(5.0, 1.0).unwrap();
    assert_eq!(BayesCost(costs).choose(&points, &events), refused);
    let terms = LoanTerms::new(0.1, 0.5).unwrap();
    assert_eq!(BreakEven(terms).choose(&points, &events), refused);
    assert!(LeastCost(costs).choose(&points, &events).is_ok());
    for threshold in [f64::NAN, f64::INFINITY] {
        assert_eq!(
            Fixed(threshold).choose(&points, &events),
            Err(CutoffError::Threshold)
        );
    }
    let empty = Err(CutoffError::Metric(MetricError::Empty));
    assert_eq!(Fixed(0.5).choose(&[], &[]), empty);
}

#[test]
fn a_thinned_curve_keeps_its_ends_and_is_always_the_same() {
    let Case { scores, events, .. } = case("loan_test_hgb");
    let curve = StrategyCurve::new(&scores, &events).unwrap();
    let roc = Roc::new(&scores, &events).unwrap();
    assert_eq!(curve.points().len(), roc.thresholds.len());
    let thin = curve.thinned(100);
    assert_eq!(thin.len(), 100);
    assert!(thin.is_sorted_by(|a, b| a.threshold < b.threshold));
    assert_eq!(thin.first().copied(), curve.points().next());
    assert_eq!(thin.last().copied(), curve.points().last());
    assert_eq!(thin, curve.thinned(100));
    assert!(curve.points().eq(curve.thinned(10_000)));
    assert_eq!(curve.thinned(0).len(), 2);
}
