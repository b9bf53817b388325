//! Scorecards: bin every characteristic, fit weights of evidence, tell the result in points.

use super::{
    Estimate, Excluded, ExclusionReason, Fitted, Task,
    candidate::{Candidate, places, woe_matrix},
    pairs::add_pairs,
    sample::Sample,
};
use crate::{
    credit::{
        Fault, LoanBook, TrainingError,
        binning::{Binner, Binning, BinningError, LevelColumn, LevelRules, NumericRules, Target},
        coefficients::Column,
        fault::{Faults, pointer_token},
        inputs::Values,
        model::{CardScorer, ModelForm, ScorecardModel},
        schema::{Kind, Schema},
        scorecard::{Card, Entry},
    },
    stats::{LogisticFit, Matrix, Sign, column_moments},
};

/// Fits scorecards on the characteristics of a plan.
pub(in crate::credit) struct ScorecardLearner {
    /// Positions in the schema.
    candidates: Vec<usize>,
    /// Characteristics that the plan asks for by name, and where it does.
    required: Vec<(String, String)>,
}

impl ScorecardLearner {
    pub(super) fn new(task: &Task<'_>) -> Result<Self, Vec<Fault>> {
        let (schema, plan) = (task.book.schema(), task.plan.plan());
        let mut faults = Faults::default();
        let mut required = Vec::new();
        let mut candidates: Vec<usize> = (0..schema.characteristics.len()).collect();
        if let Some(selected) = &plan.selected_features {
            candidates.clear();
            for (index, name) in selected.iter().enumerate() {
                let pointer = format!("/selected_features/{index}");
                match schema.position(name) {
                    Some(position) => {
                        candidates.push(position);
                        required.push((name.clone(), pointer));
                    }
                    None => faults.push(Fault::at(
                        pointer,
                        "no characteristic of the data set; a scorecard takes them whole",
                    )),
                }
            }
            candidates.sort_unstable();
            candidates.dedup();
        }
        for (name, own) in &plan.characteristics {
            if own.has_bins() {
                let pointer = format!("/characteristics/{}", pointer_token(name));
                required.push((name.clone(), pointer));
            }
        }
        faults.into_result()?;
        Ok(Self {
            candidates,
            required,
        })
    }

    /// Positions in the schema of the characteristics that may be taken.
    pub(in crate::credit) fn candidates(&self) -> &[usize] {
        &self.candidates
    }

    pub(super) fn fit(&self, task: &Task<'_>, rows: &[usize]) -> Result<Fitted, TrainingError> {
        let mut excluded = Vec::new();
        let candidates = self.bin(task, rows, &mut excluded)?;
        let sample = Sample::draw(task, rows);
        let places = places(rows, &sample.rows);
        let estimator = task.plan.estimator();
        let weights = sample.weights.as_deref();
        let fit = |candidates: &[Candidate], signs| {
            let design = woe_matrix(candidates, &places);
            estimator.fit(&design, &sample.events, weights, signs, task.cancelled)
        };
        let schema = task.book.schema();
        let leave_out = |candidate: Candidate, weight: f64| {
            excluded.push(left_out(schema, candidate.position, weight));
        };
        let (candidates, fit) = select(candidates, estimator.takes_signs(), &fit, leave_out)?;
        let (pairs, fit) = match task.plan.pairs() {
            None => (Vec::new(), fit),
            Some(params) => add_pairs(task, params, &candidates, &places, &sample, fit)?,
        };
        let known = &task.book.schema().characteristics;
        let positions = candidates.iter().map(|it| it.position as u32).collect();
        let entries = candidates.into_iter().zip(&fit.weights);
        let entries = entries.map(|(candidate, coefficient)| Entry {
            name: known[candidate.position].name.clone(),
            binning: candidate.binning,
            coefficient: *coefficient,
        });
        let intercept = fit.intercept - sample.excess_log_odds;
        let points = task.plan.plan().points;
        let card = Card::with_pairs(entries.collect(), pairs, intercept, points)?;
        let model = ScorecardModel { card, positions };
        let moments = column_moments(&design(&model, task.book, rows));
        Ok(Fitted {
            estimate: Estimate::Coefficients {
                columns: columns(&model, moments.standard_deviation),
                fit,
                excess_log_odds: sample.excess_log_odds,
            },
            form: ModelForm::Scorecard(model),
            excluded,
        })
    }

    pub(super) fn accept(&self, excluded: &[Excluded]) -> Result<(), Vec<Fault>> {
        let mut faults = Faults::default();
        for (name, pointer) in &self.required {
            let found = excluded
                .iter()
                .find(|it| it.characteristic == *name && it.reason == ExclusionReason::Infeasible);
            if let Some(found) = found {
                faults.push(Fault::at(pointer, found.detail.clone()));
            }
        }
        faults.into_result()
    }

    /// The bins of every candidate that has any.
    fn bin(
        &self,
        task: &Task<'_>,
        rows: &[usize],
        excluded: &mut Vec<Excluded>,
    ) -> Result<Vec<Candidate>, TrainingError> {
        let events: Vec<bool> = rows.iter().map(|row| task.book.events()[*row]).collect();
        let weights = task.book.weights();
        let weights: Option<Vec<f64>> =
            weights.map(|weights| rows.iter().map(|row| weights[*row]).collect());
        let target = Target::new(&events, weights.as_deref())?;
        let mut candidates = Vec::new();
        for position in &self.candidates {
            if (task.cancelled)() {
                return Err(TrainingError::Cancelled);
            }
            match bin_one(task, rows, target, *position) {
                Ok((binning, bins)) => candidates.push(Candidate {
                    position: *position,
                    binning,
                    bins,
                }),
                Err(BinningError::Infeasible(reason)) => excluded.push(Excluded {
                    characteristic: task.book.schema().characteristics[*position].name.clone(),
                    reason: ExclusionReason::Infeasible,
                    detail: reason.to_string(),
                }),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(candidates)
    }
}

/// The bins of the characteristic at `position`, and the bin of each of `rows`.
pub(in crate::credit) fn bin_one(
    task: &Task<'_>,
    rows: &[usize],
    target: Target<'_>,
    position: usize,
) -> Result<(Binning, Vec<usize>), BinningError> {
    let characteristic = &task.book.schema().characteristics[position];
    let own = task.plan.characteristic(&characteristic.name);
    let mut binner = Binner::new(target, task.plan.binning(&characteristic.name));
    match (task.book.values(position), &characteristic.kind) {
        (Values::Categorical(codes), Kind::Categorical { levels, .. }) => {
            let rules = own.map_or_else(LevelRules::default, |own| own.level_rules());
            let codes: Vec<u32> = rows.iter().map(|row| codes[*row]).collect();
            let column = LevelColumn {
                codes: &codes,
                levels,
            };
            let binning = binner.levels(column, &rules)?;
            let bins: Vec<usize> = levels
                .iter()
                .map(|level| binning.bin_of_level(Some(level)))
                .collect();
            let missing = binning.bin_of_missing();
            let bin = |code: &u32| bins.get(*code as usize).copied().unwrap_or(missing);
            let found = codes.iter().map(bin).collect();
            Ok((binning, found))
        }
        (Values::Numeric(values), _) => {
            let rules = own.map_or_else(NumericRules::default, |own| own.numeric_rules());
            let values: Vec<f64> = rows.iter().map(|row| values[*row]).collect();
            let binning = binner.numeric(&values, &rules)?;
            let found = values.iter().map(|value| binning.bin_of(*value)).collect();
            Ok((binning, found))
        }
        (Values::Categorical(_), Kind::Numeric { .. }) => Err(BinningError::NoRows),
    }
}

/// Fits candidates whose coefficients have these signs, or any where there are none.
type FitOf<'f, C, E> = dyn Fn(&[C], Vec<Sign>) -> Result<LogisticFit, E> + 'f;

/// Fits the candidates by `fit`, and leaves out those that would get the wrong sign or no weight.
///
/// A coefficient above 0 would give better bins fewer points. The fit in which every coefficient is
/// held at 0 or below tells who stays; those it gives a weight make the same fit on their own.
pub(in crate::credit) fn select<C, E: From<TrainingError>>(
    mut candidates: Vec<C>,
    takes_signs: bool,
    fit: &FitOf<'_, C, E>,
    mut leave_out: impl FnMut(C, f64),
) -> Result<(Vec<C>, LogisticFit), E> {
    loop {
        if candidates.is_empty() {
            return Err(TrainingError::NothingToTell.into());
        }
        let free = fit(&candidates, Vec::new())?;
        if free.weights.iter().all(|weight| *weight < 0.0) {
            return Ok((candidates, free));
        }
        let wrong = free.weights.iter().any(|weight| *weight > 0.0);
        let mut stays: Vec<bool> = if wrong && takes_signs {
            let held = fit(&candidates, vec![Sign::NonPositive; candidates.len()])?;
            held.weights.iter().map(|weight| *weight < 0.0).collect()
        } else if wrong {
            vec![true; candidates.len()]
        } else {
            free.weights.iter().map(|weight| *weight < 0.0).collect()
        };
        if stays.iter().all(|stays| *stays) {
            // One at a time, the worst first.
            let worst =
                (0..stays.len()).max_by(|a, b| free.weights[*a].total_cmp(&free.weights[*b]));
            worst.into_iter().for_each(|at| stays[at] = false);
        }
        let mut kept = Vec::with_capacity(candidates.len());
        for ((candidate, weight), stays) in candidates.into_iter().zip(free.weights).zip(stays) {
            if stays {
                kept.push(candidate);
            } else {
                leave_out(candidate, weight);
            }
        }
        candidates = kept;
    }
}

/// A characteristic left out whose coefficient beside all others was `weight`.
pub(in crate::credit) fn left_out(schema: &Schema, position: usize, weight: f64) -> Excluded {
    let (reason, detail) = if weight > 0.0 {
        let detail = "beside the others, better bins would get fewer points: what it tells, they \
                      tell better";
        (ExclusionReason::WrongSign, detail)
    } else {
        (ExclusionReason::NoWeight, "the penalty left it no weight")
    };
    Excluded {
        characteristic: schema.characteristics[position].name.clone(),
        reason,
        detail: detail.to_owned(),
    }
}

/// The features: weights of evidence of the characteristics, then log-odds of the pairs.
pub(in crate::credit) fn columns(model: &ScorecardModel, deviations: Vec<f64>) -> Vec<Column> {
    let entries = model.card.entries();
    let pairs = model.card.pairs().iter().map(|pair| {
        let [first, second] = [pair.first, pair.second].map(|at| &entries[at as usize].name);
        format!("{first} × {second}")
    });
    let names = entries.iter().map(|entry| entry.name.clone()).chain(pairs);
    let columns = names.zip(deviations).map(|(name, deviation)| Column {
        feature: name.clone(),
        characteristic: name,
        per_deviation: deviation,
        per_unit: 1.0,
    });
    columns.collect()
}

/// Weights of evidence of `rows`, one column per characteristic of the card, and log-odds of its
/// pairs.
pub(super) fn design(model: &ScorecardModel, book: &LoanBook, rows: &[usize]) -> Matrix {
    let (entries, pairs) = (model.card.entries(), model.card.pairs());
    let scorer = CardScorer::new(book.schema(), model);
    let mut matrix = Matrix::new(rows.len(), entries.len() + pairs.len());
    let (mut row, mut bins) = (Vec::new(), Vec::new());
    for (target, at) in rows.iter().enumerate() {
        book.row(*at, &mut row);
        scorer.find_bins(&row, &mut bins);
        let own = entries.iter().zip(&bins);
        let own = own.map(|(entry, bin)| entry.binning.woe(*bin as usize));
        let pairs = pairs
            .iter()
            .map(|pair| pair.value(bins[pair.first as usize], bins[pair.second as usize]));
        for (cell, value) in matrix.row_mut(target).iter_mut().zip(own.chain(pairs)) {
            *cell = value;
        }
    }
    matrix
}
