//! Data sets that break lesser programs: a model whose numbers are finite, or a refusal that says
//! where the fault is.

use credit_risk::credit::{
    DataConfig, ModelType, Table, TrainingPlan, binning::SpecialCodes, learner::ExclusionReason,
    plan::CharacteristicPlan,
};

use crate::{
    loans::{KINDS, loans, quick},
    path::{Refusal, Whole, whole},
    support::limits,
};

/// Trains and checks every law.
fn outcome(csv: &str, plan: TrainingPlan) -> Result<Whole, Refusal> {
    bounded(csv, plan, &limits())
}

fn bounded(csv: &str, plan: TrainingPlan, limits: &DataConfig) -> Result<Whole, Refusal> {
    let found = whole(csv, plan, limits)?;
    found.check();
    Ok(found)
}

/// The loans with one more column.
fn with_column(name: &str, rows: usize, cell: impl Fn(usize) -> String) -> String {
    let loans = loans(rows);
    let lines = loans.lines().enumerate();
    let added = lines.map(|(line, text)| match line.checked_sub(1) {
        None => format!("{name},{text}\n"),
        Some(row) => format!("{},{text}\n", cell(row)),
    });
    added.collect()
}

/// What refuses `csv` says `detail` of the column `name`.
fn assert_refused(csv: &str, kind: ModelType, name: &str, detail: &str) {
    let refusal = outcome(csv, quick(kind)).err().unwrap().text();
    assert!(refusal.contains(&format!("column {name:?}")), "{refusal}");
    assert!(refusal.contains(detail), "{refusal}");
}

#[test]
fn columns_that_tell_nothing_are_refused_by_name() {
    for kind in KINDS {
        let constant = with_column("c", 200, |_| "7".to_owned());
        assert_refused(&constant, kind, "c", "constant");
        let one_level = with_column("c", 200, |_| "only".to_owned());
        assert_refused(&one_level, kind, "c", "constant");
        let empty = with_column("c", 200, |_| String::new());
        assert_refused(&empty, kind, "c", "no values");
    }
}

#[test]
fn gaps_make_a_constant_or_one_level_tell_something() {
    for kind in KINDS {
        for value in ["7", "only"] {
            let csv = with_column("c", 400, |row| {
                if row % 3 == 0 {
                    value.to_owned()
                } else {
                    String::new()
                }
            });
            let found = outcome(&csv, quick(kind)).ok().unwrap();
            assert_eq!(found.model.schema().characteristics[0].name, "c");
        }
    }
}

#[test]
fn ten_thousand_levels_are_an_identifier_unless_the_lender_says_otherwise() {
    let csv = with_column("id", 10_000, |row| format!("k{row}"));
    for kind in KINDS {
        assert_refused(&csv, kind, "id", "identifier");
    }
    let raised = DataConfig {
        max_levels: 20_000,
        ..limits()
    };
    let found = bounded(&csv, quick(ModelType::Scorecard), &raised)
        .ok()
        .unwrap();
    let excluded = &found.trained.excluded;
    let id = excluded.iter().find(|it| it.characteristic == "id");
    assert!(id.is_some_and(|it| it.reason == ExclusionReason::Infeasible));
    let refusal = bounded(&csv, quick(ModelType::LogisticRegression), &raised);
    let refusal = refusal.err().unwrap().text();
    assert!(
        refusal.contains("column \"id\"") && refusal.contains("features"),
        "{refusal}"
    );
}

#[test]
fn numbers_at_the_end_of_the_range_are_binned_and_not_standardised() {
    let csv = with_column("vast", 400, |row| {
        ["1.7e308", "-1.7e308", "1e308", "0", "1e-320"][row % 5].to_owned()
    });
    outcome(&csv, quick(ModelType::Scorecard)).ok().unwrap();
    assert_refused(&csv, ModelType::LogisticRegression, "vast", "1e100");
    let csv = with_column("tiny", 400, |row| format!("{}e-320", row % 7));
    outcome(&csv, quick(ModelType::Scorecard)).ok().unwrap();
    assert_refused(&csv, ModelType::LogisticRegression, "tiny", "1e-100");
    let csv = with_column("endless", 400, |row| {
        ["1e400", "1", "2"][row % 3].to_owned()
    });
    for kind in KINDS {
        assert_refused(&csv, kind, "endless", "not finite");
    }
}

#[test]
fn a_column_of_special_codes_alone_is_scored_by_them_or_left_out() {
    let csv = with_column("codes", 400, |row| (-1 - (row % 2) as i64).to_string());
    let mut plan = quick(ModelType::Scorecard);
    let own = CharacteristicPlan {
        special: SpecialCodes::one_each(&[-1.0, -2.0]),
        ..CharacteristicPlan::default()
    };
    plan.characteristics.insert("codes".to_owned(), own);
    match outcome(&csv, plan) {
        Ok(found) => {
            let card = found.model.body().form.card().unwrap();
            let entry = card.entries().iter().find(|entry| entry.name == "codes");
            let left_out = found
                .trained
                .excluded
                .iter()
                .any(|it| it.characteristic == "codes");
            assert!(entry.is_some() != left_out);
        }
        Err(refusal) => assert!(refusal.text().contains("/characteristics/codes")),
    }
}

#[test]
fn fifty_rows_give_a_model_or_say_what_they_lack() {
    for kind in KINDS {
        for rows in [1, 2, 5, 10, 20, 50] {
            match outcome(&loans(rows), quick(kind)) {
                Ok(_) => assert!(rows >= 10, "{rows}"),
                Err(refusal) => assert!(rows < 50, "{}", refusal.text()),
            }
        }
    }
}

#[test]
fn five_hundred_columns_are_taken() {
    let mut csv = loans(80);
    let more = |row: usize| (0..494).map(move |at| ((row + 3) * (row + at) * 31 % 101).to_string());
    let lines: Vec<String> = csv
        .lines()
        .enumerate()
        .map(|(line, text)| {
            let cells: Vec<String> = match line {
                0 => (0..494).map(|at| format!("n{at}")).collect(),
                row => more(row).collect(),
            };
            format!("{},{text}", cells.join(","))
        })
        .collect();
    csv = lines.join("\n");
    for kind in KINDS {
        let mut plan = quick(kind);
        plan.cv_folds = 2;
        // Strongly held, the fit of more columns than rows is quick.
        plan.inverse_strength = 0.01;
        let found = outcome(&csv, plan);
        let found = found.unwrap_or_else(|refusal| panic!("{}", refusal.text()));
        assert_eq!(found.model.schema().characteristics.len(), 498);
    }
}

#[test]
fn a_class_too_rare_for_the_folds_is_named() {
    for kind in KINDS {
        for bads in 0..3_usize {
            let csv: String = (0..60)
                .map(|row| format!("{},{}\n", row % 13, u8::from(row < bads)))
                .collect();
            let mut plan = TrainingPlan::new(kind);
            plan.cv_folds = 3;
            let refusal = outcome(&format!("x,target\n{csv}"), plan)
                .err()
                .unwrap()
                .text();
            let said = [
                "class of events",
                "only one",
                "one class",
                "one value",
                "no characteristic has bins",
            ];
            assert!(
                said.iter().any(|it| refusal.contains(it)),
                "{bads}: {refusal}"
            );
        }
    }
}

#[test]
fn two_threads_and_one_give_the_same_bytes() {
    let csv = loans(400);
    let bytes = |kind| {
        let found = outcome(&csv, quick(kind)).ok().unwrap();
        let result = serde_json::to_string(&found.result()).unwrap();
        (postcard::to_stdvec(found.model.body()).unwrap(), result)
    };
    for kind in KINDS {
        let alone = bytes(kind);
        std::thread::scope(|scope| {
            let both = [scope.spawn(|| bytes(kind)), scope.spawn(|| bytes(kind))];
            for thread in both {
                assert!(thread.join().unwrap() == alone);
            }
        });
    }
}

#[test]
fn columns_keep_every_cell_however_many_rows_were_expected() {
    // Long rows first, so that many fewer are expected than come; numbers that become many late.
    let long = (0..2_000).map(|row| (1_000_000_000 + row % 2, "a".repeat(60)));
    let short = (0..9_000).map(|row| (row, "b".to_owned()));
    let rows: Vec<(i32, String)> = long.chain(short).collect();
    for rows in [rows.clone(), rows.into_iter().rev().collect()] {
        let lines: String = rows.iter().map(|(a, b)| format!("{a},{b}\n")).collect();
        let csv = format!("a,b\n{lines}");
        let table = Table::from_csv(csv.as_bytes(), &[], &limits()).unwrap();
        let numbers: Vec<Option<f64>> = rows.iter().map(|(a, _)| Some(f64::from(*a))).collect();
        assert_eq!(table.columns()[0].numbers(), numbers);
        let coded = table.columns()[1].coded();
        let texts = coded.codes.iter().map(|code| &*coded.texts[*code as usize]);
        assert!(texts.eq(rows.iter().map(|(_, b)| b.as_str())));
    }
}
