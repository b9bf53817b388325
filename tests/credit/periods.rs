//! Rows that are too new to learn from.

use credit_risk::credit::{ModelType, plan::OutOfTimePlan};

use crate::{
    loans::{KINDS, loans, quick},
    path::{Refusal, whole},
    plans::{pointers, trained},
    support::limits,
};

fn from(column: &str, first: &str) -> OutOfTimePlan {
    OutOfTimePlan {
        column: column.to_owned(),
        from: first.to_owned(),
    }
}

#[test]
fn newer_rows_are_kept_out_of_all_but_their_own_evidence() {
    let csv = loans(600);
    let newer = csv.lines().filter(|line| line.contains("2024-1")).count() as u64;
    let bads = csv
        .lines()
        .filter(|line| line.contains("2024-1") && line.ends_with(",1"))
        .count();
    let older: String = csv
        .lines()
        .filter(|line| !line.contains("2024-1"))
        .fold(String::new(), |text, line| text + line + "\n");
    for kind in KINDS {
        for first in [
            "2024-10",
            "202410",
            "2024-10-01",
            "20241001",
            " 2024-09-02 ",
        ] {
            let mut plan = quick(kind);
            plan.exclude.clear();
            plan.out_of_time = Some(from("month", first));
            let found = trained(plan).ok().unwrap();
            let data = &found.trained.data;
            assert_eq!((data.rows, data.out_of_time_rows), (600, newer), "{first}");
            let evidence = &found.trained.evidence;
            let out_of_time = evidence.out_of_time.as_ref().unwrap();
            assert_eq!((out_of_time.rows, out_of_time.events), (newer, bads as u64));
            let groups = out_of_time.calibration.hosmer_lemeshow.unwrap();
            assert_eq!(groups.degrees_of_freedom, 10);
            assert_eq!(evidence.train.rows, data.train_rows);
            assert_eq!(evidence.test.rows, data.test_rows);
            assert!(evidence.out_of_time_stability.is_some());
            let folds = found.trained.metrics.cross_validation.folds.iter();
            assert_eq!(folds.map(|fold| fold.rows).sum::<u64>(), 600 - newer);
            assert!(data.characteristics.iter().all(|it| it.name != "month"));
            // The same as if they did not exist.
            let without = whole(&older, quick(kind), &limits()).ok().unwrap();
            assert_eq!(without.trained.coefficients, found.trained.coefficients);
            assert_eq!(without.model.body().policy, found.model.body().policy);
        }
        let without = trained(quick(kind)).ok().unwrap();
        assert!(without.trained.evidence.out_of_time.is_none());
    }
}

#[test]
fn dates_that_cannot_be_read_are_refused_where_they_stand() {
    let late = |column: &str, first: &str| {
        let mut plan = quick(ModelType::Scorecard);
        plan.exclude.clear();
        plan.out_of_time = Some(from(column, first));
        plan
    };
    for first in [
        "",
        "soon",
        "2024-13",
        "2024-02-30",
        "24-01-01",
        "202413",
        "2024",
    ] {
        assert_eq!(
            pointers(trained(late("month", first))),
            ["/out_of_time/from"],
            "{first}"
        );
    }
    assert_eq!(
        pointers(trained(late("moon", "2024-06"))),
        ["/out_of_time/column"]
    );
    // None is older, none is as new.
    for first in ["2024-01", "2025-01"] {
        assert_eq!(
            pointers(trained(late("month", first))),
            ["/out_of_time/from"]
        );
    }
    let csv = loans(60)
        .replacen("2024-0", "someday-0", 1)
        .replacen(",2024-0", ",", 1);
    let refusal = whole(&csv, late("month", "2024-06"), &limits())
        .err()
        .unwrap();
    let Refusal::Data(faults) = refusal else {
        panic!("{refusal:?}")
    };
    assert!(!faults.is_empty());
    assert!(
        faults
            .iter()
            .all(|it| it.column.as_deref() == Some("month") && it.line.is_some())
    );
    let mut plan = late("target", "2024-06");
    plan.target = Some("target".to_owned());
    assert_eq!(pointers(trained(plan)), ["/out_of_time/column"]);
}
