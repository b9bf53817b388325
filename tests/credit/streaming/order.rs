//! What the memory bears on, and what it does not.

use credit_risk::{
    credit::{ModelType, Trained, TrainingPlan, binning::Scale, model::ModelForm, schema::Kind},
    stats::{stratified_split, undersample},
};

use super::{budget, portfolio::loans, streamed};

fn plan(model_type: ModelType) -> TrainingPlan {
    TrainingPlan {
        exclude: ["id", "weight", "month"].map(str::to_owned).to_vec(),
        cv_folds: 2,
        ..TrainingPlan::new(model_type)
    }
}

/// What is of all training rows.
fn exact(trained: &Trained) -> String {
    let schema = &trained.body.schema;
    let bins: Vec<_> = trained.body.form.card().map_or_else(Vec::new, |card| {
        card.entries().iter().map(|it| &it.binning).collect()
    });
    let Trained {
        coefficients,
        intercept,
        convergence,
        statistics,
        data,
        ..
    } = trained;
    serde_json::json!([
        schema,
        bins,
        coefficients,
        intercept,
        convergence,
        statistics,
        data,
    ])
    .to_string()
}

#[test]
fn the_memory_does_not_bear_on_coefficients() {
    let csv = loans(30_000);
    for model_type in [ModelType::Scorecard, ModelType::LogisticRegression] {
        let all = streamed(&csv, plan(model_type), budget(256)).unwrap();
        let some = streamed(&csv, plan(model_type), budget(16)).unwrap();
        let (all_rows, some_rows) = (all.streaming.unwrap(), some.streaming.unwrap());
        assert_eq!(all_rows.sampled_rows, 30_000);
        assert!((5_000..25_000).contains(&some_rows.sampled_rows));
        // Numbers beyond the dictionaries take eight bytes, codes less.
        assert!(some_rows.spilled_bytes > all_rows.spilled_bytes);
        assert_eq!(exact(&all), exact(&some));
        // Tested on the same rows, by models that differ by calibration and cut-off at most.
        assert_eq!([all_rows.tested_rows, some_rows.tested_rows], [6_000; 2]);
        let auc = [&all, &some].map(|it| it.metrics.roc_auc);
        assert_eq!(auc[0].to_bits(), auc[1].to_bits());
    }
}

#[test]
fn a_sample_keeps_the_shares_of_parts_and_classes() {
    let some = streamed(&loans(30_000), plan(ModelType::Scorecard), budget(16)).unwrap();
    let rate = some.data.event_rate;
    for sample in [&some.evidence.train, &some.evidence.test] {
        assert!(
            (sample.event_rate - rate).abs() < 0.001,
            "{}",
            sample.event_rate
        );
    }
    let share = some.evidence.train.rows as f64 / some.streaming.unwrap().sampled_rows as f64;
    assert!((share - 0.8).abs() < 0.001, "{share}");
    assert_eq!(some.data.rows, 30_000);
    assert_eq!(some.data.test_rows, 6_000);
}

#[test]
fn ranges_are_of_all_rows_however_many_values_there_are() {
    let csv = loans(30_000);
    let some = streamed(&csv, plan(ModelType::Scorecard), budget(16)).unwrap();
    let mut amounts: Vec<f64> = csv
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(1).unwrap().parse().unwrap())
        .collect();
    amounts.sort_by(f64::total_cmp);
    let expected = Kind::Numeric {
        minimum: amounts[0],
        maximum: amounts[29_999],
        median: f64::midpoint(amounts[14_999], amounts[15_000]),
    };
    let position = some.body.schema.position("amount").unwrap();
    assert_eq!(some.body.schema.characteristics[position].kind, expected);
    let ModelForm::Scorecard(card) = &some.body.form else {
        panic!("not a scorecard");
    };
    let entry = card.card.entries().iter().find(|it| it.name == "amount");
    let Scale::Numeric { breaks, .. } = entry.unwrap().binning.scale() else {
        panic!("not numeric");
    };
    assert!(breaks.len() >= 3, "{breaks:?}");
}

#[test]
fn rows_of_any_type_are_divided_alike() {
    let events: Vec<bool> = (0..1_000).map(|row| row % 7 == 0).collect();
    let split = stratified_split(&events, 0.3, 11).unwrap();
    let mut test = Vec::new();
    let rows = (0_u32..).zip(events.iter().copied());
    credit_risk::stats::divide(rows, 0.3, 11, |row, held_out| {
        if held_out {
            test.push(row as usize);
        }
    })
    .unwrap();
    test.sort_unstable();
    assert_eq!(test, split.test);
    let all: Vec<usize> = (0..1_000).collect();
    let mut kept = Vec::new();
    let rows = (0_u32..).zip(events.iter().copied());
    credit_risk::stats::balance(rows, 11, |row| kept.push(row as usize));
    kept.sort_unstable();
    assert_eq!(kept, undersample(&all, &events, 11));
}
