//! How far a training is, and how it is stopped.

use std::collections::BTreeSet;

use credit_risk::credit::{
    LoanBook, ModelType, Table, TrainingError, TrainingPlan,
    progress::{Progress, Stage},
    streaming::StreamingError,
    training::train_observed,
};

use super::{Notes, budget, limits, portfolio::loans, watched, within};

const ALL: [Stage; 7] = [
    Stage::Reading,
    Stage::Splitting,
    Stage::Binning,
    Stage::Fitting,
    Stage::CrossValidation,
    Stage::Calibration,
    Stage::Measuring,
];

fn plan() -> TrainingPlan {
    TrainingPlan {
        exclude: ["id", "weight", "month"].map(str::to_owned).to_vec(),
        cv_folds: 2,
        ..TrainingPlan::new(ModelType::Scorecard)
    }
}

#[test]
fn stages_follow_one_another_and_passes_go_through_all_rows() {
    let notes = Notes::default();
    let trained = watched(&loans(20_000), plan(), budget(16), &notes).unwrap();
    let told = notes.told.into_inner();
    assert!(told.iter().all(|it| (0.0..=1.0).contains(&it.fraction)));
    let stages: Vec<Stage> = told.iter().map(|it| it.stage).collect();
    assert!(stages.is_sorted());
    assert_eq!(BTreeSet::from_iter(stages), BTreeSet::from(ALL));
    for pair in told.windows(2) {
        let [before, after] = [pair[0], pair[1]];
        if before.stage == after.stage {
            assert!(before.rows <= after.rows && before.pass <= after.pass);
        }
        let same_pass = (before.stage, before.pass) == (after.stage, after.pass);
        assert!(!same_pass || before.fraction <= after.fraction, "{pair:?}");
    }
    let last_of = |stage| told.iter().rfind(|it| it.stage == stage).unwrap();
    let fitting: &Progress = last_of(Stage::Fitting);
    assert_eq!(fitting.rows, 20_000 * u64::from(fitting.pass));
    assert!(trained.streaming.unwrap().passes > 10);
}

#[test]
fn a_training_stops_in_whatever_stage_it_is() {
    let csv = loans(20_000);
    for stage in ALL {
        for after in [0, 1] {
            let notes = Notes {
                stop: Some((stage, after)),
                ..Notes::default()
            };
            let found = watched(&csv, plan(), budget(16), &notes);
            let told = notes.told.into_inner();
            let reports = told.iter().filter(|it| it.stage == stage).count();
            // A stage of one report ends before a second.
            if reports <= after {
                continue;
            }
            let stopped = StreamingError::Training(TrainingError::Cancelled).to_string();
            assert_eq!(found.unwrap_err().to_string(), stopped, "{stage:?}");
            // Blocks, folds and steps ask every time.
            assert_eq!(reports, after + 1, "{stage:?}");
        }
    }
}

#[test]
fn a_training_in_memory_tells_its_stages_and_stops() {
    let csv = loans(2_000);
    let table = Table::from_csv(csv.as_bytes(), &[], &limits()).unwrap();
    let plan = plan().check().unwrap();
    let book = LoanBook::read(&table, plan.plan(), &limits()).unwrap();
    let notes = Notes::default();
    train_observed(&book, &plan, &notes).unwrap();
    let told: Vec<Stage> = notes.told.borrow().iter().map(|it| it.stage).collect();
    let folds = [Stage::CrossValidation; 2];
    let before = [Stage::Splitting, Stage::Fitting];
    let after = [Stage::Calibration, Stage::Measuring];
    assert_eq!(told, [&before[..], &folds, &after].concat());
    for stage in [Stage::Fitting, Stage::CrossValidation] {
        let notes = Notes {
            stop: Some((stage, 0)),
            ..Notes::default()
        };
        let found = train_observed(&book, &plan, &notes);
        assert!(matches!(found, Err(TrainingError::Cancelled)), "{stage:?}");
    }
}

#[test]
fn nothing_stays_where_rows_were_put_aside() {
    let directory = tempfile::tempdir().unwrap();
    let csv = loans(6_000);
    let notes = Notes::default();
    let trained = within(&csv, plan(), budget(16), directory.path(), &notes).unwrap();
    assert!(trained.streaming.unwrap().spilled_bytes > 6_000);
    let stopped = Notes {
        stop: Some((Stage::Fitting, 0)),
        ..Notes::default()
    };
    assert!(within(&csv, plan(), budget(16), directory.path(), &stopped).is_err());
    assert_eq!(directory.path().read_dir().unwrap().count(), 0);
}

#[test]
fn a_directory_that_is_not_there_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let absent = directory.path().join("absent");
    let found = within(&loans(100), plan(), budget(16), &absent, &Notes::default());
    assert!(matches!(found, Err(StreamingError::Spill(_))), "{found:?}");
}
