//! A scorecard of all training rows.

use super::{
    MemoryBudget, StreamingError,
    counts::Counts,
    data::Data,
    design::{Design, Meaning},
    fit_rows::{FitRows, sums},
    learning::{Described, Rows},
    watch::Watch,
};
use crate::credit::{
    CheckedPlan, TrainingError,
    binning::{Binning, BinningError, Cell},
    learner::{
        Estimate, Excluded, ExclusionReason, Fitted,
        scorecard::{ScorecardLearner, columns, left_out, select},
    },
    model::{ModelForm, ScorecardModel},
    progress::Stage,
    scorecard::{Card, Entry},
};

/// A characteristic and its bins.
struct Candidate {
    position: usize,
    binning: Binning,
}

/// Fits the scorecard that a fit in memory of the same rows gives.
pub(super) fn fit(
    data: &Data,
    plan: &CheckedPlan,
    learner: &ScorecardLearner,
    rows: Rows<'_>,
    budget: MemoryBudget,
    watch: &Watch<'_>,
) -> Result<Described, StreamingError> {
    watch.begin(Stage::Binning)?;
    let mut excluded = Vec::new();
    let candidates = bin(data, plan, learner, rows, budget, watch, &mut excluded)?;
    watch.begin(Stage::Fitting)?;
    let sampled = FitRows::draw(data, rows.train, plan, watch)?;
    let estimator = plan.estimator();
    let fit = |candidates: &[Candidate], signs| {
        let columns = candidates.iter();
        let columns = columns.map(|it| (it.position, Meaning::Evidence(it.binning.clone())));
        let mut design = Design::new(data, sampled.of(rows.train), columns, watch);
        design.factors = sampled.factors;
        let found = estimator.fit_blocks(&design, signs, &|| watch.cancelled());
        design.unless_stopped(found)
    };
    let leave_out = |candidate: Candidate, weight: f64| {
        excluded.push(left_out(&data.schema, candidate.position, weight));
    };
    let (candidates, fit) = select(candidates, estimator.takes_signs(), &fit, leave_out)?;
    let known = &data.schema.characteristics;
    let positions = candidates.iter().map(|it| it.position as u32).collect();
    let evidence = candidates.iter();
    let evidence = evidence.map(|it| (it.position, Meaning::Evidence(it.binning.clone())));
    let mut design = Design::new(data, rows.train, evidence.collect::<Vec<_>>(), watch);
    design.weighted = false;
    let entries = candidates.into_iter().zip(&fit.weights);
    let entries = entries.map(|(candidate, coefficient)| Entry {
        name: known[candidate.position].name.clone(),
        binning: candidate.binning,
        coefficient: *coefficient,
    });
    let intercept = fit.intercept - sampled.excess_log_odds;
    let card = Card::with_pairs(entries.collect(), Vec::new(), intercept, plan.plan().points)
        .map_err(TrainingError::from)?;
    let model = ScorecardModel { card, positions };
    let moments = design.moments()?;
    let (inflation, _) = design.associations(&moments)?;
    let fitted = Fitted {
        estimate: Estimate::Coefficients {
            columns: columns(&model, moments.standard_deviation),
            fit,
            excess_log_odds: sampled.excess_log_odds,
        },
        form: ModelForm::Scorecard(model),
        excluded,
    };
    Described::new(fitted, &inflation, Vec::new())
}

/// The bins of every candidate that has any.
fn bin(
    data: &Data,
    plan: &CheckedPlan,
    learner: &ScorecardLearner,
    rows: Rows<'_>,
    budget: MemoryBudget,
    watch: &Watch<'_>,
    excluded: &mut Vec<Excluded>,
) -> Result<Vec<Candidate>, StreamingError> {
    let [goods, bads, _] = sums(data, rows.train, None, watch)?;
    let totals = Cell { goods, bads };
    let positions = learner.candidates();
    let counts = Counts::count(data, plan, positions, rows.train, watch)?;
    let mut candidates = Vec::new();
    for (position, counts) in positions.iter().zip(counts) {
        if watch.cancelled() {
            return Err(TrainingError::Cancelled.into());
        }
        match counts.bin(data, plan, totals, rows.train, budget, watch)? {
            Ok(binning) => candidates.push(Candidate {
                position: *position,
                binning,
            }),
            Err(BinningError::Infeasible(reason)) => excluded.push(Excluded {
                characteristic: data.schema.characteristics[*position].name.clone(),
                reason: ExclusionReason::Infeasible,
                detail: reason.to_string(),
            }),
            Err(error) => return Err(TrainingError::from(error).into()),
        }
    }
    Ok(candidates)
}
