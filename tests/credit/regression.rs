//! Linear regressions from a data set to their predictions.

use std::fmt::Write;

use credit_risk::credit::{
    CheckedPlan, ModelData, ModelType, Table, TrainingError, TrainingPlan, Value,
    plan::OutOfTimePlan,
    progress::Unwatched,
    regression::{NumberScratch, RegressionBook, RegressionModel, TrainedRegression, train},
};

use crate::support::limits;

fn plan() -> TrainingPlan {
    TrainingPlan {
        target: Some("y".to_owned()),
        ..TrainingPlan::new(ModelType::LinearRegression)
    }
}

fn book(csv: &str, plan: &TrainingPlan) -> RegressionBook {
    let table = Table::from_csv(csv.as_bytes(), &plan.missing_values, &limits()).unwrap();
    RegressionBook::read(&table, plan, &limits()).unwrap()
}

fn checked(plan: TrainingPlan) -> CheckedPlan {
    plan.check().unwrap()
}

fn trained(csv: &str, plan: TrainingPlan) -> TrainedRegression {
    let book = book(csv, &plan);
    train(&book, &checked(plan), &Unwatched(&|| false)).unwrap()
}

/// `y = 3 + 2 x + 5 [g = b] + 7 [x missing]`, exactly; a gap of `x` is read as its median.
fn exact() -> String {
    let mut csv = "x,g,w,y\n".to_owned();
    for row in 0..60 {
        let (x, g) = (row * 7 % 20, ["a", "b", "a"][row % 3]);
        let levels = if g == "b" { 5 } else { 0 };
        if row % 10 == 9 {
            // The median of the other rows is not whole, so that gaps have a column of their own.
            writeln!(csv, ",{g},1,{}", 50 + levels).unwrap();
        } else {
            writeln!(csv, "{x},{g},{},{}", 1 + row % 2, 3 + 2 * x + levels).unwrap();
        }
    }
    csv
}

fn value(model: &RegressionModel, row: &[Value]) -> f64 {
    let mut scratch = NumberScratch::default();
    let value = model.value(row, &mut scratch);
    let sum: f64 = scratch.contributions.iter().sum();
    assert!((model.base() + sum - value).abs() < 1e-9);
    value
}

#[test]
fn a_plane_is_found_again_with_levels_and_gaps() {
    let plan = TrainingPlan {
        exclude: vec!["w".to_owned()],
        test_size: 0.0,
        ..plan()
    };
    let found = trained(&exact(), plan);
    assert!(found.metrics.train.rmse < 1e-9);
    assert!(found.metrics.cross_validation.pooled.rmse < 1e-9);
    let model = RegressionModel::new(found.body).unwrap();
    let (a, b) = (Value::Level(0), Value::Level(1));
    for (row, expected) in [
        ([Value::Number(4.0), a], 11.0),
        ([Value::Number(-10.0), b], -12.0),
        ([Value::Missing, a], 50.0),
        ([Value::Missing, b], 55.0),
    ] {
        let value = value(&model, &row);
        assert!((value - expected).abs() < 1e-8, "{value} for {expected}");
    }
    // A level that nobody knows is read as the average of all.
    let unseen = value(&model, &[Value::Number(4.0), Value::Unseen]);
    assert!(unseen > 11.0 && unseen < 16.0, "{unseen}");
}

#[test]
fn numbers_beyond_reason_are_answered_with_numbers_or_not_at_all() {
    let found = trained(&exact(), plan());
    let model = RegressionModel::new(found.body).unwrap();
    let mut scratch = NumberScratch::default();
    for number in [f64::MAX, f64::MIN, 1e200, -1e-300] {
        let row = [
            Value::Number(number),
            Value::Level(0),
            Value::Number(number),
        ];
        let found = model.predict(&row, model.intervals(0.99), &mut scratch);
        assert!(found.value.is_finite());
        for interval in [found.confidence_interval, found.prediction_interval] {
            assert!(interval.is_none_or(|it| it[0].is_finite() && it[1].is_finite()));
        }
    }
}

#[test]
fn same_data_and_plan_give_the_same_bytes_and_survive_them() {
    let [one, other] = [0, 1].map(|_| trained(&noisy(), plan()));
    let data: ModelData = one.body.clone().into();
    let bytes = postcard::to_stdvec(&data).unwrap();
    assert_eq!(
        bytes,
        postcard::to_stdvec(&ModelData::from(other.body)).unwrap()
    );
    assert_eq!(one.metrics, other.metrics);
    let back: ModelData = postcard::from_bytes(&bytes).unwrap();
    let ModelData::Regression(back) = back else {
        panic!("another sort of model");
    };
    let model = RegressionModel::new(*back).unwrap();
    let before = RegressionModel::new(one.body).unwrap();
    let row = [Value::Number(3.5), Value::Level(1)];
    let predict = |model: &RegressionModel| {
        let found = model.predict(&row, model.intervals(0.9), &mut NumberScratch::default());
        [found.value, found.prediction_interval.unwrap()[0]].map(f64::to_bits)
    };
    assert_eq!(predict(&model), predict(&before));
}

/// A plane with noise that follows no seed.
fn noisy() -> String {
    let mut csv = "x,g,y\n".to_owned();
    for row in 0..90_i32 {
        let (x, noise) = (row * 11 % 31, row * row % 17 - 8);
        writeln!(
            csv,
            "{x},{},{}",
            ["a", "b"][row as usize % 2],
            3 * x + noise
        )
        .unwrap();
    }
    csv
}

#[test]
fn weights_count_rows_as_if_they_were_there_so_often() {
    let (mut weighted, mut repeated) = ("x,w,y\n".to_owned(), "x,y\n".to_owned());
    for row in 0..40 {
        let (x, y, times) = (row * 7 % 11, row * 5 % 13, 1 + row % 3);
        writeln!(weighted, "{x},{times},{y}").unwrap();
        for _ in 0..times {
            writeln!(repeated, "{x},{y}").unwrap();
        }
    }
    let whole = TrainingPlan {
        test_size: 0.0,
        ..plan()
    };
    let by_weight = TrainingPlan {
        sample_weight: Some("w".to_owned()),
        ..whole.clone()
    };
    let model = |found: TrainedRegression| RegressionModel::new(found.body).unwrap();
    let by_weight = model(trained(&weighted, by_weight));
    let by_row = model(trained(&repeated, whole));
    for x in [0.0, 4.0, 100.0] {
        let row = [Value::Number(x)];
        assert!((value(&by_weight, &row) - value(&by_row, &row)).abs() < 1e-9);
    }
}

#[test]
fn newer_rows_are_measured_and_not_learnt() {
    let mut csv = "x,day,y\n".to_owned();
    for row in 0..50 {
        let (x, shift) = (row * 7 % 20, if row < 40 { 0 } else { 100 });
        writeln!(csv, "{x},2024-{:02}-01,{}", 1 + row / 5, 2 * x + shift).unwrap();
    }
    let plan = TrainingPlan {
        out_of_time: Some(OutOfTimePlan {
            column: "day".to_owned(),
            from: "2024-09-01".to_owned(),
        }),
        ..plan()
    };
    let found = trained(&csv, plan);
    assert_eq!(found.data.out_of_time_rows, 10);
    assert!(found.metrics.test.unwrap().rmse < 1e-9);
    let newer = found.metrics.out_of_time.unwrap();
    assert!((newer.mean_error + 100.0).abs() < 1e-9);
    assert_eq!(newer.rows, 10);
}

#[test]
fn a_column_that_says_what_another_says_is_left_out() {
    let mut csv = "x,twice,y\n".to_owned();
    for row in 0..30 {
        let x = row * 7 % 13;
        writeln!(csv, "{x},{},{}", 2 * x, 5 * x + row % 3).unwrap();
    }
    let found = trained(&csv, plan());
    assert_eq!(found.statistics.rank, 1);
    let left_out = &found.coefficients[1];
    assert_eq!((left_out.std_error, left_out.t), (None, None));
    assert_eq!(left_out.coefficient.to_bits(), 0);
    assert!(found.coefficients[0].std_error.is_some());
}

#[test]
fn a_data_set_without_numbers_to_predict_is_refused_at_its_place() {
    let read = |csv: &str| {
        let table = Table::from_csv(csv.as_bytes(), &[], &limits()).unwrap();
        RegressionBook::read(&table, &plan(), &limits()).unwrap_err()
    };
    let faults = read("x,y\n1,2\n2,\n3,many\n4,1e101\n5,inf\n");
    let told: Vec<_> = faults
        .iter()
        .map(|it| (it.line, it.detail.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (Some(3), "the target is missing, or not a number"),
            (Some(4), "the target is missing, or not a number"),
            (Some(5), "the target is beyond 1e100"),
            (Some(6), "the number is not finite"),
        ]
    );
    let faults = read("x,y\n1,2\n2,2\n");
    assert_eq!(faults[0].detail, "the target is the same in every row");
    let faults = read("x,z\n1,2\n2,3\n");
    assert_eq!(faults[0].pointer, "/target");
}

#[test]
fn too_few_rows_are_an_answer_of_their_own() {
    let fails = |csv: &str, plan: TrainingPlan| {
        let book = book(csv, &plan);
        train(&book, &checked(plan), &Unwatched(&|| false)).unwrap_err()
    };
    let plan = TrainingPlan {
        test_size: 0.0,
        cv_folds: 2,
        ..plan()
    };
    let error = fails("a,b,y\n1,2,3\n2,5,1\n4,1,9\n", plan.clone());
    let TrainingError::Faults(faults) = error else {
        panic!("{error}");
    };
    assert!(
        faults[0]
            .detail
            .starts_with("3 rows to learn from and 3 coefficients")
    );
    let more_folds = TrainingPlan {
        cv_folds: 5,
        ..plan
    };
    let error = fails("a,y\n1,3\n2,1\n4,9\n5,7\n", more_folds);
    assert_eq!(error.to_string(), "4 rows are fewer than the 5 needed");
}

#[test]
fn a_training_that_nobody_waits_for_stops() {
    let plan = plan();
    let book = book(&noisy(), &plan);
    let stopped = train(&book, &checked(plan), &Unwatched(&|| true));
    assert!(matches!(stopped, Err(TrainingError::Cancelled)));
}
