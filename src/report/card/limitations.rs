//! What to be wary of, derived from the figures; and what nobody has told.

use super::{
    Lacking, ModelCard,
    figures::{number, percent, rows},
};
use crate::credit::{
    TrainingResult,
    evidence::{Shift, Stability},
    plan::{CalibrationPlan, MissingHandling, Penalty},
    scorecard::{BinKind, ReasonMethod},
};

/// Events, or non-events if they are fewer, per coefficient that a stable fit is said to take.
const EVENTS_PER_COEFFICIENT: f64 = 10.0;

/// Goods and bads below which the weight of evidence of a bin is little more than a guess.
const FEW_IN_BIN: f64 = 5.0;

/// Variance inflation from which a coefficient is hard to tell from others.
const INFLATED: f64 = 5.0;

/// Loss of AUC from training to test rows that is more than little.
const OPTIMISM: f64 = 0.03;

/// What holds for every model of this service.
const TEST_ROWS_IN_FOLDS: &str = "The folds of the cross-validation hold the test rows too: models \
     that have seen test rows, though never the row they score, stand behind the cut-offs and the \
     calibration.";

/// p-values below this count as a rejection.
const SIGNIFICANT: f64 = 0.05;

/// The limitations of a card, the gravest first.
pub(super) fn of(card: &ModelCard) -> Vec<String> {
    let found = [
        not_converged(card),
        no_evidence(card),
        few_events(card),
        wrong_signs(card),
        optimism(card),
        no_out_of_time(card),
        shift("test", card.stability.test.as_ref()),
        shift("out-of-time", card.stability.out_of_time.as_ref()),
        miscalibrated(card),
        Some(TEST_ROWS_IN_FOLDS.to_owned()),
        bins_chosen_in_sample(card),
        thin_bins(card),
        inflated(card),
        insignificant(card),
        no_standard_errors(card),
        penalised(card),
        no_bootstrap(card),
        population(card),
        isotonic(card),
        reasons(card),
        trees_have_no_table(card),
        refused(card),
    ];
    found.into_iter().flatten().collect()
}

fn not_converged(card: &ModelCard) -> Option<String> {
    let end = card.convergence.as_ref()?;
    (!end.converged).then(|| {
        "The solver did not reach its tolerance: the coefficients are not the best ones.".to_owned()
    })
}

fn no_evidence(card: &ModelCard) -> Option<String> {
    card.samples.is_empty().then(|| {
        "The evidence of the samples was not stored: there are no intervals, calibration tests or \
         stability figures."
            .to_owned()
    })
}

fn few_events(card: &ModelCard) -> Option<String> {
    let train = card.sample("Training")?;
    let rarer = train.events.min(train.rows - train.events);
    let used = card.coefficients.iter();
    let used = used
        .filter(|it| it.coefficient.coefficient.abs() > 0.0)
        .count();
    let each = rarer as f64 / used as f64;
    (each < EVENTS_PER_COEFFICIENT).then(|| {
        format!(
            "Few events: the rarer class has {} training rows for {used} coefficients, {} each; \
             below {EVENTS_PER_COEFFICIENT} coefficients are unstable.",
            rows(rarer),
            number(each, 1)
        )
    })
}

fn wrong_signs(card: &ModelCard) -> Option<String> {
    let checks = card.coefficients.iter().filter_map(|it| it.sign);
    let wrong = checks.filter(|sign| !sign.holds).count();
    (wrong > 0).then(|| format!("Coefficients of a sign that they must not have: {wrong}."))
}

fn optimism(card: &ModelCard) -> Option<String> {
    let auc = |name| Some(card.sample(name)?.auc?.value);
    let (train, test) = (auc("Training")?, auc("Test")?);
    (train - test > OPTIMISM).then(|| {
        format!(
            "The training rows flatter the model: their AUC is {}, that of the test rows {}.",
            number(train, 4),
            number(test, 4)
        )
    })
}

fn no_out_of_time(card: &ModelCard) -> Option<String> {
    (card.data.out_of_time_rows == 0).then(|| {
        "There are no out-of-time rows: the test rows are of the same period as the training rows, \
         and say nothing about later ones."
            .to_owned()
    })
}

fn shift(sample: &str, found: Option<&Stability>) -> Option<String> {
    let found = found.filter(|found| found.shift != Shift::Little)?;
    let size = match found.shift {
        Shift::Little => return None,
        Shift::Moderate => "moderately",
        Shift::Large => "largely",
    };
    let index = number(found.index, 4);
    Some(format!(
        "The scores of the {sample} rows differ {size} from those of the training rows (index \
         {index})."
    ))
}

fn miscalibrated(card: &ModelCard) -> Option<String> {
    let later = ["Out-of-time", "Test"].into_iter();
    let sample = later.into_iter().find_map(|name| card.sample(name))?;
    let tests = &sample.calibration;
    let tests = [
        tests
            .hosmer_lemeshow
            .map(|it| ("Hosmer-Lemeshow's", it.p_value)),
        tests
            .spiegelhalter
            .map(|it| ("Spiegelhalter's", it.p_value)),
    ];
    let failed: Vec<&str> = tests
        .into_iter()
        .flatten()
        .filter(|(_, p)| *p < SIGNIFICANT)
        .map(|(name, _)| name)
        .collect();
    (!failed.is_empty()).then(|| {
        format!(
            "The probabilities do not fit the {} rows, by {} test at 5%.",
            sample.sample.to_lowercase(),
            failed.join(" and ")
        )
    })
}

fn bins_chosen_in_sample(card: &ModelCard) -> Option<String> {
    card.scorecard.as_ref().map(|_| {
        "The bins were chosen on the rows that the coefficients were fitted on: standard errors, \
         p-values and information values do not count that choice and are too favourable. \
         Out-of-fold figures do count it."
            .to_owned()
    })
}

fn thin_bins(card: &ModelCard) -> Option<String> {
    let bins = card.scorecard.as_ref()?.characteristics.iter();
    let bins = bins.flat_map(|it| &it.bins);
    let thin = bins.filter(|bin| bin.count > 0.0 && bin.goods.min(bin.bads) < FEW_IN_BIN);
    let thin = thin.filter(|bin| bin.kind != BinKind::Unseen).count();
    (thin > 0).then(|| {
        format!(
            "Bins of fewer than {FEW_IN_BIN} goods or bads, whose points are uncertain: {thin}."
        )
    })
}

fn inflated(card: &ModelCard) -> Option<String> {
    let factors = card.coefficients.iter().filter_map(|it| it.coefficient.vif);
    let inflated = factors.filter(|vif| *vif >= INFLATED).count();
    (inflated > 0).then(|| {
        format!(
            "Coefficients that are hard to tell from others (variance inflation of {INFLATED} or \
             more): {inflated}."
        )
    })
}

fn insignificant(card: &ModelCard) -> Option<String> {
    let tests = card.coefficients.iter();
    let tests = tests.filter_map(|it| it.coefficient.p_value);
    let weak = tests.filter(|p| *p >= SIGNIFICANT).count();
    (weak > 0).then(|| format!("Coefficients that do not differ from 0 at 5%: {weak}."))
}

fn no_standard_errors(card: &ModelCard) -> Option<String> {
    let known = card.coefficients.iter();
    let missing = known.filter(|it| it.coefficient.std_error.is_none());
    let missing = missing.count();
    (missing > 0).then(|| {
        format!(
            "Coefficients without a standard error, as the penalty or the data leave none: \
             {missing}."
        )
    })
}

fn penalised(card: &ModelCard) -> Option<String> {
    (!card.coefficients.is_empty() && card.plan.penalty == Penalty::L2).then(|| {
        "Standard errors and p-values are those of a penalised fit, and indicative only.".to_owned()
    })
}

fn no_bootstrap(card: &ModelCard) -> Option<String> {
    let without = card.samples.iter().any(|sample| sample.replicates == 0);
    without.then(|| {
        "No bootstrap was drawn: KS, Brier score and log-loss have no intervals.".to_owned()
    })
}

fn population(card: &ModelCard) -> Option<String> {
    card.purpose.population_default_rate.map(|rate| {
        format!(
            "The probabilities are shifted to a default rate of {}, which the lender stated and no \
             sample confirms; every sample is measured with the shift.",
            percent(rate)
        )
    })
}

fn isotonic(card: &ModelCard) -> Option<String> {
    (card.calibration.method == CalibrationPlan::Isotonic).then(|| {
        "The isotonic map has steps: applicants of different scores can have the same probability, \
         and points and reasons speak of the log-odds before it."
            .to_owned()
    })
}

fn reasons(card: &ModelCard) -> Option<String> {
    match card.reasons.method {
        ReasonMethod::MaxPointsLost => Some(
            "Reasons compare with the best values, which few or none of the applicants have \
             together: they may name a characteristic in which the applicant is better than most."
                .to_owned(),
        ),
        ReasonMethod::BelowAverageAll | ReasonMethod::BelowAverageNearCutoff => Some(
            "Reasons compare with an average applicant: characteristics that are correlated share \
             their effect, and another reference would name others."
                .to_owned(),
        ),
    }
}

fn trees_have_no_table(card: &ModelCard) -> Option<String> {
    card.trees.as_ref().map(|_| {
        "Trees have no table of points that a person could follow: how a characteristic works \
         depends on the others, and is known applicant by applicant from its contributions."
            .to_owned()
    })
}

fn refused(card: &ModelCard) -> Option<String> {
    (card.plan.missing == MissingHandling::Learned).then(|| {
        "Applications that lack a value which the data set never lacked are refused, not scored."
            .to_owned()
    })
}

/// What the service has not been told or does not measure.
pub(super) fn not_known(result: &TrainingResult) -> Vec<Lacking> {
    let mut found = vec![
        lacking(
            "Purpose and product",
            "the lender has not stated what is decided by the model, nor for which product",
        ),
        lacking(
            "Population",
            "how the loans of the data set were selected is not recorded; if declined applications \
             are missing from it, the figures hold for accepted ones only",
        ),
        lacking(
            "Definition of default",
            "only the column and its value are known, not the days past due or the window behind them",
        ),
        lacking(
            "Fairness",
            "differences between groups of applicants are not measured; they need the groups of the \
             applicants, which should be no input",
        ),
        lacking("Segments", "figures by segment are not measured"),
        lacking(
            "Approval",
            "who has validated and approved the model is not recorded here; the audit trail has who \
             trained it",
        ),
    ];
    if result.evidence.is_none() {
        found.push(lacking(
            "Evidence",
            "it was not stored with the model; train it again to have it",
        ));
    }
    found
}

fn lacking(what: &str, why: &str) -> Lacking {
    Lacking {
        what: what.to_owned(),
        why: why.to_owned(),
    }
}
