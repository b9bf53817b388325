//! What a card says of forests and boosted trees.

use super::{
    ModelCard,
    blocks::Blocks,
    figures::{number, rows, word},
    tables,
};
use crate::credit::{learner::TreesSummary, plan::ShapleyPlan, scorecard::ReasonMethod};

/// How the trees were grown.
pub(super) fn facts(found: &TreesSummary) -> Vec<(&'static str, String)> {
    let mut facts = vec![(
        "Trees",
        format!(
            "{}, of {} leaves in all and {} splits from root to leaf at most",
            rows(found.trees),
            rows(found.leaves),
            found.depth
        ),
    )];
    if let Some(plan) = &found.boosting {
        let setting = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |it| number(it, 3));
        facts.push((
            "Boosting",
            format!(
                "Learning rate {}, at most {} leaves, l2 {}, shares of rows {} and characteristics {}",
                setting(plan.learning_rate),
                setting(plan.max_leaves.map(f64::from)),
                setting(plan.l2),
                setting(plan.row_share),
                setting(plan.column_share),
            ),
        ));
    }
    if let Some(plan) = &found.forest {
        facts.push((
            "Forest",
            format!(
                "At least {} rows a leaf, {} criterion, {}",
                plan.min_leaf_rows,
                word(&plan.criterion),
                if plan.bootstrap {
                    "rows drawn with replacement for each tree"
                } else {
                    "all rows for each tree"
                }
            ),
        ));
    }
    if let Some(found) = &found.stopping {
        facts.push((
            "Number of trees",
            format!(
                "{} of {} tried, by the log-loss on rows held out: {} there, {} without trees",
                rows(found.best_rounds),
                rows(found.rounds_tried),
                number(found.log_loss, 4),
                number(found.log_loss_without, 4)
            ),
        ));
    }
    if let Some(found) = &found.out_of_bag {
        facts.push((
            "Out of bag",
            format!(
                "AUC {}, log-loss {} on {} rows, each by the trees that did not see it",
                number(found.roc_auc, 4),
                number(found.log_loss, 4),
                rows(found.rows)
            ),
        ));
    }
    facts
}

/// What each characteristic has in what the splits achieve, the largest first.
pub(super) fn importance(card: &ModelCard, out: &mut Blocks) {
    out.heading(2, "Importance");
    out.say(
        "Share of each characteristic in what the splits of all trees achieve on the training rows. \
         Characteristics of many values are favoured.",
    );
    out.table(tables::importance(card), "None.");
}

/// How reasons are found, where a model is made of trees.
pub(super) fn reasons(card: &ModelCard) -> Option<String> {
    card.trees.as_ref()?;
    let (reference, shapley) = (&card.reasons, card.plan.reasons.shapley);
    let count = rows(reference.applicants);
    let with = match (shapley, reference.method) {
        (ShapleyPlan::PathDependent, _) => {
            format!("all {count} training applicants, as they fall along the paths of the trees")
        }
        (_, ReasonMethod::BelowAverageNearCutoff) => {
            format!("{count} of the approved training applicants near the cut-off, one by one")
        }
        _ => format!("{count} of the training applicants, one by one"),
    };
    Some(format!(
        "An applicant is compared with {with}: Shapley values divide the difference of the log-odds \
         among the characteristics. The at most four that add most are the reasons (method: {}, {}).",
        word(&reference.method),
        word(&shapley)
    ))
}
