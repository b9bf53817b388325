//! Scorecards whose bins are edited, and what stays.

use credit_risk::credit::{
    LoanBook, ModelType, Trained, TrainingError, TrainingPlan, TrainingResult,
    binning::{CategoryParams, Trend, UnseenLevel},
    refit::{Base, Refit, RefitPlan, refit},
    scorecard::Entry,
};
use serde_json::json;

use crate::support::{GERMAN, book, trained};

fn plan() -> TrainingPlan {
    let mut plan = TrainingPlan::new(ModelType::Scorecard);
    plan.cv_folds = 2;
    plan.evidence.replicates = 0;
    plan
}

fn result(plan: &TrainingPlan, trained: &Trained) -> TrainingResult {
    TrainingResult::new(
        "base".to_owned(),
        plan,
        trained,
        jiff::Timestamp::UNIX_EPOCH,
        0.0,
    )
}

/// A card of `book` by `by`, edited as if it had been trained by `plan`.
fn edited(
    book: &LoanBook,
    by: TrainingPlan,
    plan: &TrainingPlan,
    edits: serde_json::Value,
) -> (Trained, Result<Refit, TrainingError>) {
    let base = trained(book, by);
    let result = result(plan, &base);
    let edits: RefitPlan = serde_json::from_value(json!({ "characteristics": edits })).unwrap();
    let checked = edits.edit(&result).unwrap();
    let of = Base {
        body: &base.body,
        result: &result,
    };
    let found = refit(book, of, &edits, checked, &|| false);
    (base, found)
}

fn entries(trained: &Trained) -> &[Entry] {
    trained.body.form.card().unwrap().entries()
}

/// Whether every bin of each characteristic is there again, whatever its number.
fn has_the_same_bins(before: &Trained, after: &Trained) {
    for entry in entries(after) {
        let own = entries(before).iter().find(|it| it.name == entry.name);
        let rows = &own.unwrap().binning.table().rows;
        let found = &entry.binning.table().rows;
        assert_eq!(rows.len(), found.len(), "{}", entry.name);
        assert!(rows.iter().all(|row| found.contains(row)), "{}", entry.name);
    }
}

#[test]
fn what_the_search_finds_again_is_not_laid_down() {
    let book = book(GERMAN, &plan());
    let (base, found) = edited(&book, plan(), &plan(), json!({}));
    let found = found.unwrap();
    assert_eq!(found.plan.plan(), &plan());
    assert_eq!(found.trained.body, base.body);
}

#[test]
fn what_the_search_no_longer_finds_is_laid_down_and_stays() {
    let mut coarse = plan();
    coarse.binning.max_bins = 3;
    // As if the search had changed since: under the plan, more bins are found today.
    let book = book(GERMAN, &plan());
    let edits =
        json!({ "age_years": { "trend": "none", "breaks": [{ "at": 30, "fixed": true }] } });
    let (base, found) = edited(&book, coarse, &plan(), edits);
    let found = found.unwrap();
    let own = &found.plan.plan().characteristics;
    assert!(own.len() > 3, "{own:?}");
    assert_eq!(own["duration_months"].trend, Some(Trend::None));
    let kept: Vec<Entry> = entries(&found.trained)
        .iter()
        .filter(|entry| entry.name != "age_years")
        .cloned()
        .collect();
    assert!(kept.len() > 10);
    for entry in kept {
        let before = entries(&base).iter().find(|it| it.name == entry.name);
        let (rows, found) = (
            &before.unwrap().binning.table().rows,
            &entry.binning.table().rows,
        );
        assert_eq!(rows.len(), found.len(), "{}", entry.name);
        assert!(rows.iter().all(|row| found.contains(row)), "{}", entry.name);
    }
}

#[test]
fn a_pool_of_rare_levels_that_is_laid_down_still_scores_levels_never_seen() {
    let pooled = |max_bins| {
        let mut plan = plan();
        plan.binning.max_bins = max_bins;
        plan.binning.categories = CategoryParams {
            rare_share: 0.06,
            unseen: UnseenLevel::Rare,
            ..CategoryParams::default()
        };
        plan.selected_features = Some(["purpose", "checking_status"].map(str::to_owned).to_vec());
        plan
    };
    let book = book(GERMAN, &plan());
    let (base, found) = edited(&book, pooled(3), &pooled(20), json!({}));
    let found = found.unwrap();
    assert!(found.plan.plan().characteristics.contains_key("purpose"));
    has_the_same_bins(&base, &found.trained);
    let unseen = |trained: &Trained| {
        let entry = entries(trained).iter().find(|it| it.name == "purpose");
        let binning = &entry.unwrap().binning;
        let bin = binning.bin_of_level(Some("a yacht"));
        assert!(binning.table().rows[bin].count > 0.0);
        binning.woe(bin).to_bits()
    };
    assert_eq!(unseen(&base), unseen(&found.trained));
}

#[test]
fn bins_that_the_plan_does_not_allow_are_refused_by_name() {
    let mut coarse = plan();
    coarse.binning.max_bins = 3;
    let mut strict = plan();
    strict.binning.min_share = 0.4;
    let book = book(GERMAN, &plan());
    let (_, found) = edited(&book, coarse, &strict, json!({}));
    let Err(TrainingError::Faults(faults)) = found else {
        panic!("{found:?}");
    };
    assert!(
        faults
            .iter()
            .any(|it| it.pointer == "/characteristics/duration_months")
    );
    assert!(faults.iter().all(|it| it.detail.contains("cannot be kept")));
}

#[test]
fn a_refit_stops_when_it_is_told_to() {
    let book = book(GERMAN, &plan());
    let base = trained(&book, plan());
    let result = result(&plan(), &base);
    let edits = RefitPlan::default();
    let of = Base {
        body: &base.body,
        result: &result,
    };
    let found = refit(&book, of, &edits, edits.edit(&result).unwrap(), &|| true);
    assert!(matches!(found, Err(TrainingError::Cancelled)));
}
