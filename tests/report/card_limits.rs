//! The limitations on a card follow from the facts, and go away with them.

use credit_risk::credit::{
    TrainingResult,
    evidence::{NormalTest, Shift},
    plan::{CalibrationPlan, MissingHandling, Penalty},
    scorecard::ReasonMethod,
    training::ModelEvidence,
};

use crate::trained::{card, regression, scorecard};

fn says(result: &TrainingResult, words: &str) -> bool {
    card(result).limitations.iter().any(|it| it.contains(words))
}

fn evidence(result: &mut TrainingResult) -> &mut ModelEvidence {
    result.evidence.as_deref_mut().unwrap()
}

/// What makes a limitation come or go, whatever the training gave.
type Change = fn(&mut TrainingResult);

#[test]
fn each_limitation_is_there_with_its_fact_and_gone_without_it() {
    let cases: [(&str, Change, Change); 13] = [
        (
            "did not reach its tolerance",
            |it| it.convergence.as_mut().unwrap().converged = false,
            |it| it.convergence.as_mut().unwrap().converged = true,
        ),
        (
            "was not stored",
            |it| it.evidence = None,
            |it| assert!(it.evidence.is_some()),
        ),
        (
            "Few events",
            |it| evidence(it).train.events = 9,
            |it| {
                evidence(it).train.events = 5_000;
                evidence(it).train.rows = 10_000;
            },
        ),
        (
            "training rows flatter",
            |it| {
                evidence(it)
                    .train
                    .discrimination
                    .auc
                    .as_mut()
                    .unwrap()
                    .value = 0.99;
                evidence(it).test.discrimination.auc.as_mut().unwrap().value = 0.7;
            },
            |it| {
                evidence(it)
                    .train
                    .discrimination
                    .auc
                    .as_mut()
                    .unwrap()
                    .value = 0.7;
                evidence(it).test.discrimination.auc.as_mut().unwrap().value = 0.7;
            },
        ),
        (
            "no out-of-time rows",
            |it| it.data.out_of_time_rows = 0,
            |it| it.data.out_of_time_rows = 1,
        ),
        (
            "differ largely",
            |it| evidence(it).test_stability.as_mut().unwrap().shift = Shift::Large,
            |it| evidence(it).test_stability.as_mut().unwrap().shift = Shift::Little,
        ),
        (
            "Spiegelhalter's test",
            |it| spiegelhalter(it, 0.04),
            |it| spiegelhalter(it, 0.06),
        ),
        (
            "hard to tell from others",
            |it| it.coefficients[0].vif = Some(5.0),
            |it| it.coefficients.iter_mut().for_each(|it| it.vif = Some(4.9)),
        ),
        (
            "without a standard error",
            |it| it.coefficients[0].std_error = None,
            |it| {
                it.coefficients
                    .iter_mut()
                    .for_each(|it| it.std_error = Some(0.1))
            },
        ),
        (
            "penalised fit",
            |it| it.training_config.penalty = Penalty::L2,
            |it| it.training_config.penalty = Penalty::None,
        ),
        (
            "No bootstrap",
            |it| evidence(it).test.params.replicates = 0,
            |it| evidence(it).test.params.replicates = 200,
        ),
        (
            "isotonic map",
            |it| it.calibration.method = CalibrationPlan::Isotonic,
            |it| it.calibration.method = CalibrationPlan::Platt,
        ),
        (
            "which few or none of the applicants have",
            |it| it.reason_reference.method = ReasonMethod::MaxPointsLost,
            |it| it.reason_reference.method = ReasonMethod::BelowAverageAll,
        ),
    ];
    for result in [scorecard(), regression()] {
        for (words, with, without) in cases {
            let mut changed = result.clone();
            with(&mut changed);
            assert!(
                says(&changed, words),
                "{words}: {:?}",
                card(&changed).limitations
            );
            let mut changed = result.clone();
            without(&mut changed);
            assert!(
                !says(&changed, words),
                "{words}: {:?}",
                card(&changed).limitations
            );
        }
    }
}

fn spiegelhalter(result: &mut TrainingResult, p_value: f64) {
    let tests = &mut evidence(result).test.calibration;
    tests.spiegelhalter = Some(NormalTest { z: 1.0, p_value });
    tests.hosmer_lemeshow = None;
}

#[test]
fn only_a_scorecard_is_warned_of_its_bins() {
    assert!(says(&scorecard(), "bins were chosen on the rows"));
    assert!(!says(&regression(), "bins were chosen on the rows"));
    let mut result = scorecard();
    let bins = |result: &mut TrainingResult, goods: f64| {
        let card = result.scorecard.as_mut().unwrap();
        for bin in card.characteristics.iter_mut().flat_map(|it| &mut it.bins) {
            (bin.goods, bin.bads) = (goods, 5.0);
        }
    };
    bins(&mut result, 4.0);
    assert!(says(&result, "fewer than 5 goods or bads"));
    bins(&mut result, 5.0);
    assert!(!says(&result, "fewer than 5 goods or bads"));
}

#[test]
fn what_an_application_must_have_is_a_limitation() {
    let mut result = scorecard();
    assert!(says(&result, "are refused, not scored"));
    result.training_config.missing = MissingHandling::Accept;
    assert!(!says(&result, "are refused, not scored"));
    result.training_config.population_default_rate = Some(0.03);
    assert!(says(&result, "shifted to a default rate of 3.0%"));
}
