//! Cut-offs, and the policy that they make.

use credit_risk::credit::{
    ModelType, TrainingError,
    evidence::SampleEvidence,
    model::Scratch,
    plan::{CalibrationPlan, CutoffPlan},
    policy::Decision,
};

use crate::{
    loans::{KINDS, loans, quick},
    path::{Refusal, Whole, whole},
    support::limits,
};

const RULES: [CutoffPlan; 8] = [
    CutoffPlan::YoudenJ,
    CutoffPlan::LeastCost {
        false_negative: 5.0,
        false_positive: 1.0,
    },
    CutoffPlan::BayesCost {
        false_negative: 3.0,
        false_positive: 1.0,
    },
    CutoffPlan::ApprovalRate { rate: 0.6 },
    CutoffPlan::BadRate { rate: 0.2 },
    CutoffPlan::MostProfit {
        revenue: 0.2,
        loss_given_default: 0.6,
    },
    CutoffPlan::BreakEven {
        revenue: 0.2,
        loss_given_default: 0.6,
    },
    CutoffPlan::Fixed { threshold: 0.37 },
];

/// A model of `rows` loans with these cut-offs.
fn decided(
    rows: usize,
    kind: ModelType,
    cutoff: CutoffPlan,
    refer: Option<CutoffPlan>,
) -> Result<Whole, Refusal> {
    let mut plan = quick(kind);
    plan.decision.cutoff = cutoff;
    plan.decision.refer = refer;
    whole(&loans(rows), plan, &limits())
}

/// The rows of a sample of at most 100, told from its strategy curve, which then has them all.
fn rows_of(sample: &SampleEvidence) -> (Vec<f64>, Vec<bool>) {
    assert!(sample.rows <= 100);
    let total = sample.rows as f64;
    let counts = sample.strategy.iter().map(|step| {
        let approved = (step.approval_rate * total).round();
        let bads = (step.bad_rate_approved.unwrap_or(0.0) * approved).round();
        (step.threshold, approved as usize, bads as usize)
    });
    let counts: Vec<_> = counts.collect();
    let (mut p, mut events) = (Vec::new(), Vec::new());
    for two in counts.windows(2) {
        let (rows, bads) = (two[1].1 - two[0].1, two[1].2 - two[0].2);
        p.extend(vec![two[0].0; rows]);
        events.extend((0..rows).map(|row| row < bads));
    }
    assert_eq!(p.len() as u64, sample.rows);
    (p, events)
}

#[test]
fn every_rule_is_that_of_the_out_of_fold_scores() {
    for kind in KINDS {
        for plan in RULES {
            let found = decided(120, kind, plan, None).ok().unwrap();
            let (p, events) = rows_of(&found.trained.evidence.out_of_fold);
            let expected = plan.criterion().unwrap().choose(&p, &events).unwrap();
            let cutoff = found.model.body().policy.decline;
            assert_eq!(cutoff.rule, plan.rule());
            assert_eq!(
                cutoff.threshold.to_bits(),
                expected.threshold.to_bits(),
                "{plan:?}"
            );
            assert_eq!(
                found.result().optimal_threshold.to_bits(),
                cutoff.threshold.to_bits()
            );
        }
    }
}

#[test]
fn rules_without_data_are_their_formulas() {
    let threshold = |plan| {
        let found = decided(120, ModelType::Scorecard, plan, None).ok().unwrap();
        found.model.body().policy.decline.threshold
    };
    assert!((threshold(RULES[2]) - 0.25).abs() < 1e-15);
    assert!((threshold(RULES[6]) - 0.25).abs() < 1e-15);
    for fixed in [0.0, 0.37, 1.0] {
        let found = threshold(CutoffPlan::Fixed { threshold: fixed });
        assert_eq!(found.to_bits(), fixed.to_bits());
    }
}

#[test]
fn two_cut_offs_part_approve_refer_and_decline() {
    for kind in KINDS {
        let fixed = |threshold| CutoffPlan::Fixed { threshold };
        let found = decided(400, kind, fixed(0.6), Some(fixed(0.3)))
            .ok()
            .unwrap();
        found.check();
        let thresholds = found.model.body().policy.thresholds();
        let (mut row, mut scratch) = (Vec::new(), Scratch::default());
        let mut counts = [0; 3];
        for at in 0..400 {
            found.book.row(at, &mut row);
            let assessment = found.model.assess(&row, thresholds, &mut scratch);
            let p = assessment.probability_of_default;
            let (place, expected) = match p {
                p if p >= 0.6 => (2, Decision::Decline),
                p if p >= 0.3 => (1, Decision::Refer),
                _ => (0, Decision::Approve),
            };
            assert_eq!(assessment.decision, expected);
            counts[place] += 1;
        }
        assert!(counts.iter().all(|count| *count > 20), "{counts:?}");
    }
}

#[test]
fn referring_begins_no_later_than_declining() {
    for kind in KINDS {
        let fixed = |threshold| CutoffPlan::Fixed { threshold };
        let refusal = decided(200, kind, fixed(0.3), Some(fixed(0.31)));
        match refusal.err().unwrap() {
            Refusal::Training(TrainingError::Faults(faults)) => {
                assert_eq!(faults[0].pointer, "/decision/refer");
                assert!(faults[0].detail.contains("0.31"), "{}", faults[0].detail);
            }
            other => panic!("{other:?}"),
        }
        let equal = decided(200, kind, fixed(0.3), Some(fixed(0.3)))
            .ok()
            .unwrap();
        equal.check();
    }
}

#[test]
fn numbers_out_of_range_are_refused_where_they_stand() {
    let bad = [
        CutoffPlan::Fixed { threshold: 1.01 },
        CutoffPlan::ApprovalRate { rate: -0.1 },
        CutoffPlan::BadRate { rate: f64::NAN },
        CutoffPlan::LeastCost {
            false_negative: 0.0,
            false_positive: 0.0,
        },
        CutoffPlan::MostProfit {
            revenue: 0.0,
            loss_given_default: 1.0,
        },
    ];
    for plan in bad {
        let places = [
            (plan, None, "/decision/cutoff"),
            (CutoffPlan::YoudenJ, Some(plan), "/decision/refer"),
        ];
        for (cutoff, refer, pointer) in places {
            match decided(100, ModelType::Scorecard, cutoff, refer)
                .err()
                .unwrap()
            {
                Refusal::Plan(faults) => assert_eq!(faults[0].pointer, pointer),
                other => panic!("{other:?}"),
            }
        }
    }
    let none = CutoffPlan::BadRate { rate: 0.0 };
    // The riskless do not exist among so many.
    match decided(600, ModelType::LogisticRegression, none, None) {
        Err(refusal) => assert!(
            refusal.text().contains("/decision/cutoff"),
            "{}",
            refusal.text()
        ),
        Ok(found) => {
            let decisions = found.trained.evidence.out_of_fold.decisions;
            assert_eq!(decisions.false_negatives, 0);
            assert!(decisions.true_negatives > 0);
        }
    }
}

#[test]
fn a_threshold_stays_a_probability_when_everybody_or_nobody_is_to_be_approved() {
    for kind in KINDS {
        for calibration in [CalibrationPlan::None, CalibrationPlan::Isotonic] {
            for rate in [0.0, 1.0] {
                let mut plan = quick(kind);
                plan.calibration = calibration;
                plan.decision.cutoff = CutoffPlan::ApprovalRate { rate };
                let found = whole(&loans(200), plan, &limits()).ok().unwrap();
                found.check();
                let threshold = found.model.body().policy.decline.threshold;
                assert!((0.0..=1.0).contains(&threshold));
                let decisions = found.trained.evidence.out_of_fold.decisions;
                assert!(
                    decisions.approval_rate >= rate || threshold >= 1.0,
                    "{decisions:?}"
                );
            }
        }
    }
}
