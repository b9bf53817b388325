//! Champion against challenger, against scikit-learn, scipy and pandas.

use credit_risk::credit::comparison::{Comparison, Scored};
use serde_json::Value;

use crate::support::{Sample, assert_close, assert_fields, expected, plain, sample, through_json};

fn compared(champion: &Sample, challenger: &Sample, thresholds: [f64; 2]) -> Comparison {
    assert_eq!(champion.events, challenger.events);
    let scored = |name, rows, threshold| Scored {
        name,
        probabilities: rows,
        threshold,
    };
    Comparison::of(
        &scored("old", &champion.p, thresholds[0]),
        &scored("new", &challenger.p, thresholds[1]),
        &champion.events,
    )
    .unwrap()
}

fn fixture() -> Vec<(Comparison, Value)> {
    let cases = expected("comparisons").into_iter();
    let compared: Vec<_> = cases
        .map(|case| {
            let rows = |model: &str| sample(case[model].as_str().unwrap());
            let threshold = |model: &str| case["swap_set"][model].as_f64().unwrap();
            let thresholds = [
                threshold("champion_threshold"),
                threshold("challenger_threshold"),
            ];
            (
                compared(&rows("champion"), &rows("challenger"), thresholds),
                case,
            )
        })
        .collect();
    assert_eq!(compared.len(), 2);
    compared
}

#[test]
fn swap_sets_agree_with_pandas() {
    for (found, case) in fixture() {
        for (found, field) in [
            (found.swap_set, "swap_set"),
            (
                found.swap_set_at_equal_approval,
                "swap_set_at_equal_approval",
            ),
        ] {
            let expected = &case[field];
            assert_fields(&found, expected, field);
            let cells = [
                (found.approved_by_both, "approved_by_both"),
                (found.swapped_in, "swapped_in"),
                (found.swapped_out, "swapped_out"),
                (found.declined_by_both, "declined_by_both"),
            ];
            for (cell, name) in cells {
                assert_fields(&cell, &expected[name], name);
            }
        }
    }
}

#[test]
fn differences_and_correlations_agree_with_the_reference() {
    for (found, case) in fixture() {
        assert_close(found.difference.auc, &case["auc_difference"], "auc");
        assert_close(found.difference.ks, &case["ks_difference"], "ks");
        assert_close(
            found.rank_correlation,
            &case["rank_correlation"],
            "correlation",
        );
    }
}

#[test]
fn the_paired_test_agrees_with_the_reference_and_speaks_of_the_challenger() {
    let file: Value = serde_json::from_str(include_str!("../fixtures/metrics.json")).unwrap();
    let pairs = file["delong_pairs"].as_array().unwrap();
    for ((found, _), pair) in fixture().iter().zip(pairs) {
        let test = found.auc_test.unwrap();
        // There the difference is champion less challenger.
        let z = -pair["z"].as_f64().unwrap();
        assert!((test.z.unwrap() / z - 1.0).abs() < 1e-10);
        let p = pair["p"].as_f64().unwrap();
        assert!((test.p_value.unwrap() / p - 1.0).abs() < 1e-9);
        let reach = 1.959_963_984_540_054 * test.std_error;
        assert!((test.low - (test.difference - reach)).abs() < 1e-12);
        assert!((test.high - (test.difference + reach)).abs() < 1e-12);
        assert_eq!(
            Some(test.difference > 0.0),
            found.difference.auc.map(|auc| auc > 0.0)
        );
    }
}

#[test]
fn the_models_numbers_are_those_of_their_own_evidence() {
    let (champion, challenger) = (sample("lr_lbfgs"), sample("lgbm"));
    let found = compared(&champion, &challenger, [0.3, 0.2]);
    assert_eq!(
        (found.champion.name.as_str(), found.challenger.name.as_str()),
        ("old", "new")
    );
    for (model, rows) in [
        (&found.champion, &champion),
        (&found.challenger, &challenger),
    ] {
        let alone = rows.measure(model.threshold, &plain());
        let parts = alone.discrimination;
        assert_eq!(model.measures.auc, parts.auc.map(|auc| auc.value));
        assert_eq!(model.measures.gini, parts.gini.map(|gini| gini.value));
        assert_eq!(model.measures.ks, parts.ks.map(|ks| ks.value));
        assert!((model.measures.brier - alone.brier.value).abs() < 1e-16);
        assert!((model.measures.log_loss - alone.log_loss.value).abs() < 1e-16);
    }
    let own = found.swap_set;
    let alone = challenger.measure(0.2, &plain()).decisions;
    assert!((own.challenger_approval_rate - alone.approval_rate).abs() < 1e-16);
    assert_eq!(own.challenger_bad_rate, alone.bad_rate_approved);
}

#[test]
fn the_wire_loses_nothing_and_two_runs_give_the_same_bytes() {
    let (champion, challenger) = (sample("lr_lbfgs"), sample("lgbm"));
    let runs = [(); 2].map(|()| compared(&champion, &challenger, [0.3, 0.2]));
    assert_eq!(through_json(&runs[0]), runs[0]);
    let bytes = runs.map(|run| serde_json::to_string(&run).unwrap());
    assert_eq!(bytes[0], bytes[1]);
}
