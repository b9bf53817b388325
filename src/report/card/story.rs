//! A card told section by section.

use super::{
    Certificate, ModelCard,
    blocks::{Block, Blocks},
    figures::{name, number, percent, rows, word},
    tables, trees,
};
use crate::{
    credit::{
        plan::CalibrationPlan, policy::Cutoff, scorecard::ReasonMethod, training::ModelEvidence,
    },
    report::drawings::{EvidenceChart, woe_of},
};

/// The pictures that go with a story.
#[derive(Clone, Copy)]
pub enum Pictures<'a> {
    /// None.
    Without,
    /// Those of the bins and, if it is stored, of the evidence.
    With(Option<&'a ModelEvidence>),
}

/// The blocks of a card, in the order in which they are read.
pub fn story(card: &ModelCard, pictures: Pictures<'_>) -> Vec<Block> {
    let mut blocks = Blocks::default();
    let out = &mut blocks;
    let charts = |out: &mut Blocks, charts: &[EvidenceChart]| {
        if let Pictures::With(Some(evidence)) = pictures {
            let drawn = charts.iter().map(|it| it.draw(evidence, &card.policy));
            out.0.extend(drawn.map(Block::Picture));
        }
    };
    identity(card, out);
    limitations(card, out);
    data(card, out);
    design(card, out);
    characteristics(card, matches!(pictures, Pictures::With(_)), out);
    coefficients(card, out);
    performance(card, out);
    charts(out, &[EvidenceChart::Roc, EvidenceChart::Ks]);
    calibration(card, out);
    charts(out, &[EvidenceChart::Calibration]);
    decisions(card, out);
    charts(out, &[EvidenceChart::ScoreBands, EvidenceChart::Strategy]);
    reasons(card, out);
    policies(card, out);
    stability(card, out);
    blocks.0
}

fn identity(card: &ModelCard, out: &mut Blocks) {
    let (model, purpose) = (&card.model, &card.purpose);
    out.heading(1, format!("Model card: {}", model.model_id));
    out.say(purpose.statement.as_str());
    let population = purpose.population_default_rate.map_or_else(
        || "Not stated.".to_owned(),
        |rate| format!("Default rate {}, as stated by the lender.", percent(rate)),
    );
    out.facts(vec![
        ("Kind", word(&model.model_type)),
        ("Trained", model.created_at.to_string()),
        ("Software", name(&model.software)),
        ("Model SHA-256", model.model_sha256.clone()),
        ("Outcome column", name(&purpose.target)),
        ("Value that means default", name(&purpose.event)),
        ("Population that is scored", population),
    ]);
}

fn limitations(card: &ModelCard, out: &mut Blocks) {
    out.heading(2, "Limitations");
    out.list(
        card.limitations.clone(),
        "The figures give rise to no particular caution.",
    );
    out.heading(3, "Not known");
    let told = card.not_known.iter();
    let told = told.map(|it| format!("{}: {}", it.what, it.why));
    out.list(told.collect(), "Nothing.");
}

fn data(card: &ModelCard, out: &mut Blocks) {
    let data = &card.data;
    out.heading(2, "Data");
    let period = match &data.out_of_time {
        Some(plan) => format!(
            "Not stored, but for the first date of the out-of-time rows: column {} from {} on.",
            name(&plan.column),
            name(&plan.from)
        ),
        None => "Not known; there are no out-of-time rows.".to_owned(),
    };
    let columns: Vec<String> = data.excluded_columns.iter().map(|it| name(it)).collect();
    out.facts(vec![
        ("Digest", data.digest.clone()),
        ("Rows", rows(data.rows)),
        (
            "Defaults",
            format!("{} ({})", rows(data.events), percent(data.event_rate)),
        ),
        ("Training rows", rows(data.train_rows)),
        ("Test rows", rows(data.test_rows)),
        ("Out-of-time rows", rows(data.out_of_time_rows)),
        ("Period", period),
        ("Columns left out by the plan", listed(&columns)),
    ]);
    out.heading(3, "Excluded characteristics");
    out.table(tables::excluded(card), "None.");
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "None.".to_owned()
    } else {
        names.join(", ")
    }
}

fn design(card: &ModelCard, out: &mut Blocks) {
    let plan = &card.plan;
    out.heading(2, "Design");
    let weights = match (plan.undersample, plan.class_weight) {
        (true, _) => "As many goods as bads; the intercept is corrected.",
        (_, Some(_)) => "Both classes weigh the same; the intercept is corrected.",
        (false, None) => "Every row counts once.",
    };
    let mut facts = vec![
        (
            "Split",
            format!(
                "{} of the rows held back, stratified",
                percent(plan.test_size)
            ),
        ),
        ("Folds", format!("{}, stratified", plan.cv_folds)),
        ("Seed", plan.random_state.to_string()),
        ("Weights", weights.to_owned()),
    ];
    if let Some(end) = &card.convergence {
        let penalty = format!("{}, C = {}", word(&plan.penalty), plan.inverse_strength);
        facts.extend([("Penalty", penalty), ("Convergence", certificate(end))]);
    }
    if let Some(found) = &card.trees {
        facts.extend(trees::facts(found));
    }
    if let Some(found) = &card.statistics {
        facts.push((
            "Fit",
            format!(
                "AIC {}, BIC {}, McFadden's R² {}, {} effective parameters",
                number(found.aic, 2),
                number(found.bic, 2),
                number(found.mcfadden_r2, 4),
                number(found.parameters, 1)
            ),
        ));
    }
    out.facts(facts);
}

fn certificate(end: &Certificate) -> String {
    format!(
        "{} by {} after {} iterations; largest gradient {}, tolerance {} per row.",
        if end.converged {
            "Converged"
        } else {
            "Not converged"
        },
        end.solver,
        end.iterations,
        number(end.gradient_sup_norm, 9),
        number(end.tolerance, 9),
    )
}

fn characteristics(card: &ModelCard, pictured: bool, out: &mut Blocks) {
    out.heading(2, "Characteristics");
    out.table(tables::characteristics(card), "None.");
    let Some(scorecard) = &card.scorecard else {
        return;
    };
    out.heading(2, "Scorecard");
    out.facts(vec![
        (
            "Points",
            format!("{} per unit of log-odds", number(scorecard.factor, 4)),
        ),
        ("Score at even odds", number(scorecard.offset, 2)),
        (
            "Base points",
            scorecard.base_points.rounded_points.to_string(),
        ),
        (
            "Range",
            format!(
                "{} to {}",
                number(scorecard.lowest_score, 1),
                number(scorecard.highest_score, 1)
            ),
        ),
        (
            "Rounding",
            format!(
                "moves a score by {} points at most",
                number(scorecard.rounding_error.largest(), 2)
            ),
        ),
    ]);
    for (at, characteristic) in scorecard.characteristics.iter().enumerate() {
        out.heading(3, name(&characteristic.name));
        out.table(tables::bins(characteristic), "It has no bins.");
        if pictured {
            let picture = woe_of(&format!("woe-{}", at + 1), characteristic);
            out.0.push(Block::Picture(picture));
        }
    }
    for pair in &scorecard.pairs {
        out.heading(
            3,
            format!("{} with {}", name(&pair.first), name(&pair.second)),
        );
        out.table(tables::pair(scorecard, pair), "It has no cells.");
    }
}

fn coefficients(card: &ModelCard, out: &mut Blocks) {
    if card.trees.is_some() {
        return trees::importance(card, out);
    }
    out.heading(2, "Coefficients");
    out.say(if card.scorecard.is_some() {
        "Log-odds of default per standard deviation of the weight of evidence, on the training rows, \
         before calibration. More weight of evidence is less risk, so that every sign must be \
         negative."
    } else {
        "Log-odds of default per standard deviation of the feature, on the training rows, before \
         calibration."
    });
    out.table(tables::coefficients(card), "None.");
}

fn performance(card: &ModelCard, out: &mut Blocks) {
    out.heading(2, "Performance");
    if let Some(sample) = card.samples.first() {
        let level = percent(sample.level);
        out.say(format!(
            "In brackets: intervals of {level}, by DeLong's variance for areas, by the bootstrap \
             otherwise."
        ));
    }
    out.table(
        tables::performance(card),
        "The evidence of the samples is not stored.",
    );
    out.table(tables::folds(card), "There was no cross-validation.");
}

fn calibration(card: &ModelCard, out: &mut Blocks) {
    out.heading(2, "Calibration");
    let did = &card.calibration;
    let (slope, intercept) = (number(did.slope, 4), number(did.intercept, 4));
    let moved = format!("log-odds times {slope}, plus {intercept}");
    out.say(match did.method {
        CalibrationPlan::None if card.purpose.population_default_rate.is_none() => {
            "Nothing was done to the log-odds of the fit.".to_owned()
        }
        CalibrationPlan::None => format!("No calibration was learnt; prior shift: {moved}."),
        CalibrationPlan::Isotonic => format!(
            "Learnt from out-of-fold scores: {moved}, then an isotonic map of {} steps.",
            did.steps.unwrap_or_default()
        ),
        CalibrationPlan::Platt | CalibrationPlan::Logistic => {
            let method = word(&did.method);
            format!("Learnt from out-of-fold scores (method {method}): {moved}.")
        }
    });
    out.table(
        tables::calibration(card),
        "The evidence of the samples is not stored.",
    );
}

fn decisions(card: &ModelCard, out: &mut Blocks) {
    let policy = &card.policy;
    out.heading(2, "Decisions");
    let cutoff = |cutoff: &Cutoff| {
        let rule = word(&cutoff.rule);
        format!("{} (rule: {rule})", number(cutoff.threshold, 4))
    };
    let refer = policy.refer.as_ref().map_or_else(
        || "Nobody is referred.".to_owned(),
        |refer| format!("From {}", cutoff(refer)),
    );
    out.facts(vec![
        ("Policy version", name(&policy.version)),
        ("Declined", format!("From {}", cutoff(&policy.decline))),
        ("Referred to a person", refer),
    ]);
    out.say(
        "Cut-offs are probabilities of default. Below, a case to be referred counts as approved.",
    );
    out.table(
        tables::decisions(card),
        "The evidence of the samples is not stored.",
    );
}

fn reasons(card: &ModelCard, out: &mut Blocks) {
    if let Some(found) = trees::reasons(card) {
        out.say(found);
        return;
    }
    let reference = &card.reasons;
    out.heading(2, "Reasons");
    let with = match reference.method {
        ReasonMethod::MaxPointsLost => "the best value of each characteristic".to_owned(),
        ReasonMethod::BelowAverageAll => {
            format!(
                "the average of all {} training applicants",
                rows(reference.applicants)
            )
        }
        ReasonMethod::BelowAverageNearCutoff => {
            let window = reference.odds_window.map_or_else(
                || "all approved ones".to_owned(),
                |window| {
                    format!(
                        "odds less than {} times those at the cut-off",
                        number(window, 2)
                    )
                },
            );
            format!(
                "the average of {} approved training applicants near the cut-off ({window})",
                rows(reference.applicants)
            )
        }
    };
    out.say(format!(
        "An applicant is compared with {with}. The at most four characteristics that add most to the \
         log-odds of default beside that are the reasons (method: {}).",
        word(&reference.method)
    ));
}

fn policies(card: &ModelCard, out: &mut Blocks) {
    out.heading(2, "Missing, special, unseen and rare values");
    out.table(tables::policies(card), "None.");
}

fn stability(card: &ModelCard, out: &mut Blocks) {
    out.heading(2, "Stability");
    out.say(
        "Population stability index of the probabilities over deciles of the training rows, whose \
         shares are the baseline for later samples.",
    );
    let found = [
        ("Test", &card.stability.test),
        ("Out-of-time", &card.stability.out_of_time),
    ];
    for (sample, stability) in found {
        match stability {
            Some(found) => {
                let (index, shift) = (number(found.index, 4), word(&found.shift));
                out.say(format!("{sample} rows: index {index}, {shift} shift."));
                out.table(tables::stability(sample, found), "There are no bins.");
            }
            None => out.say(format!("{sample} rows: not measured.")),
        }
    }
}
