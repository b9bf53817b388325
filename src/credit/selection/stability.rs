//! Stability selection: how often half of the rows is enough to find a feature.
//!
//! Meinshausen and Bühlmann 2010, with the complementary pairs of Shah and Samworth 2013. The rows
//! are halved again and again, each class in half; in every half the strength of the L1 penalty is
//! lowered until `q` features have entered. A feature is selected when the share `π` of the halves
//! that it has entered in reaches the threshold.
//!
//! Of the features that enter with probability `q / p` or less, `p` being the number of candidates,
//! at most `c q² / p` are selected on average. If noise features are exchangeable and the method is
//! no worse than guessing, these are the falsely selected ones (Meinshausen and Bühlmann). With `B`
//! pairs of halves:
//!
//! * whatever the data, `c = 1 / (2π - 1)` (Shah and Samworth, theorem 1);
//! * if the shares of such features have a unimodal distribution, `c = 1 / (2 (2π - 1 - 1/2B))` for
//!   `π` up to 3/4 and `4 (1 - π + 1/2B) / (1 + 1/B)` above (theorem 2).
//!
//! `q` is chosen to keep the second bound; both are quoted.

use super::{
    design::{Candidates, derived_seed, go_on, thinned},
    error::SelectionError,
    lasso::{is_in, l1},
    params::StabilityParams,
    request::SelectionMethod,
    result::{Candidate, Facts, SelectionResult},
};
use crate::stats::{
    CheckedSpec, LogisticFit, Matrix, PathPoint, sigmoid, stratified_split, strength_grid,
};

/// The grid's last strength over its first, at which a single feature enters.
const SPAN: f64 = 1_000.0;
/// Share of the penalty by which a pull must exceed it, more than a fit's tolerance.
const EDGE: f64 = 1e-4;
/// Rows of a half that are used at most; more would cost time and change little.
const MOST_ROWS: usize = 5_000;
/// Which features enter is settled long before the coefficients are.
const TOLERANCE: f64 = 1e-6;
const STEPS: u32 = 200;

/// Selects what enters in a share of at least `threshold` of the half-samples; the score is that
/// share.
pub(super) fn select(
    candidates: &Candidates<'_>,
    params: &StabilityParams,
    seed: u64,
    cancelled: &dyn Fn() -> bool,
) -> Result<SelectionResult, SelectionError> {
    let search = Search {
        spec: l1(STEPS, TOLERANCE)?,
        most: most_entering(params, candidates.len()),
        strengths: params.n_strengths as usize,
    };
    let mut entries = vec![0_u32; candidates.len()];
    let mut halves = Halves::new(candidates, seed);
    for _ in 0..params.n_subsamples {
        let (design, events) = halves.next(candidates)?;
        for at in search.entering(&design, &events, cancelled)? {
            entries[at] += 1;
        }
    }
    let drawn = f64::from(params.n_subsamples);
    let scored = entries.iter().enumerate().map(|(at, count)| {
        let share = f64::from(*count) / drawn;
        Candidate {
            name: candidates.name(at),
            score: share,
            tie_breaker: 0.0,
            selected: share >= params.threshold,
            facts: Facts::default()
                .text("characteristic", candidates.characteristic(at))
                .number("selection_probability", share)
                .count("n_entered", *count),
        }
    });
    let found = f64::from(entries.iter().sum::<u32>()) / drawn;
    Ok(SelectionResult::of(
        SelectionMethod::Stability,
        scored.collect(),
        findings(params, &search, found, candidates.len()),
    ))
}

/// The largest `q` with `c q² / p` within the bound, at least 1 and at most `p`.
fn most_entering(params: &StabilityParams, candidates: usize) -> usize {
    #[expect(clippy::cast_precision_loss, reason = "a few thousand candidates")]
    let square = params.max_false_selections * candidates as f64 / unimodal(params);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a square root of a positive number of a few millions at most"
    )]
    let most = square.sqrt() as usize;
    most.clamp(1, candidates.max(1))
}

/// The factor `c` of the bound whatever the data.
fn worst_case(params: &StabilityParams) -> f64 {
    1.0 / (2.0 * params.threshold - 1.0)
}

/// The factor `c` of the bound for unimodal shares.
fn unimodal(params: &StabilityParams) -> f64 {
    let pairs = f64::from(params.n_subsamples / 2);
    let threshold = params.threshold;
    if threshold <= 0.75 {
        0.5 / (2.0 * threshold - 1.0 - 0.5 / pairs)
    } else {
        4.0 * (1.0 - threshold + 0.5 / pairs) / (1.0 + 1.0 / pairs)
    }
}

/// Complementary halves, one after the other.
struct Halves {
    seed: u64,
    pairs: u64,
    second: Option<Vec<usize>>,
    events: Vec<bool>,
}

impl Halves {
    fn new(candidates: &Candidates<'_>, seed: u64) -> Self {
        Self {
            seed,
            pairs: 0,
            second: None,
            events: candidates.events.clone(),
        }
    }

    fn next(&mut self, candidates: &Candidates<'_>) -> Result<(Matrix, Vec<bool>), SelectionError> {
        let half = match self.second.take() {
            Some(half) => half,
            None => {
                let split =
                    stratified_split(&self.events, 0.5, derived_seed(self.seed, self.pairs))?;
                self.pairs += 1;
                self.second = Some(split.test);
                split.train
            }
        };
        let seed = derived_seed(self.seed, self.pairs);
        let half = thinned(&self.events, half, MOST_ROWS, seed)?;
        Ok(candidates.part(&half))
    }
}

/// How features are looked for in a half.
struct Search {
    spec: CheckedSpec,
    /// Features that enter at most.
    most: usize,
    strengths: usize,
}

impl Search {
    /// The features that enter along the grid, up to the last strength at which they are not too
    /// many.
    fn entering(
        &self,
        design: &Matrix,
        events: &[bool],
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<usize>, SelectionError> {
        let entry = self.spec.entry_strength(design, events, None)?;
        let mut entered: Vec<usize> = Vec::new();
        if !entry.is_finite() {
            return Ok(entered);
        }
        let mut pulling = Pulling::new(design, events);
        // At the entry strength itself nothing is in yet.
        for strength in strength_grid(entry, SPAN, self.strengths).split_off(1) {
            go_on(cancelled)?;
            let mut new = pulling.active(&self.spec, strength, cancelled)?;
            new.retain(|at| !entered.contains(at));
            if entered.len() + new.len() > self.most {
                break;
            }
            entered.extend(new);
        }
        Ok(entered)
    }
}

/// The columns that take part in a fit: those that the penalty does not hold at 0, and some more.
///
/// A column stays at 0 as long as the likelihood pulls less than the penalty, `|∂ℓ/∂b| <= 1/C`.
/// Fitting only the others, and those too that then turn out to pull more, gives the optimum over
/// all columns at the cost of a few.
struct Pulling<'a> {
    design: &'a Matrix,
    events: &'a [bool],
    chosen: Vec<usize>,
    /// Outcome less probability at the last fit.
    residuals: Vec<f64>,
}

impl<'a> Pulling<'a> {
    #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^52")]
    fn new(design: &'a Matrix, events: &'a [bool]) -> Self {
        let outcomes = events.iter().map(|event| f64::from(u8::from(*event)));
        let rate = outcomes.clone().sum::<f64>() / events.len().max(1) as f64;
        Self {
            design,
            events,
            chosen: Vec::new(),
            residuals: outcomes.map(|outcome| outcome - rate).collect(),
        }
    }

    /// The columns with a coefficient other than 0 at the strength `C`.
    fn active(
        &mut self,
        spec: &CheckedSpec,
        strength: f64,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<usize>, SelectionError> {
        self.chosen.extend(self.left_out(strength));
        let mut active = Vec::new();
        while !self.chosen.is_empty() {
            let part = self.design.select_columns(&self.chosen);
            let path = spec.path(&part, self.events, None, &[strength], cancelled)?;
            let Some(PathPoint { fit, .. }) = path.into_iter().next() else {
                break;
            };
            if !fit.convergence.converged {
                return Err(SelectionError::NotConverged(fit.convergence));
            }
            self.read_residuals(&part, &fit);
            let weights = self.chosen.iter().zip(&fit.weights);
            let within = weights.filter(|(_, weight)| is_in(**weight));
            active = within.map(|(at, _)| *at).collect();
            let pulling = self.left_out(strength);
            if pulling.is_empty() {
                break;
            }
            self.chosen.extend(pulling);
        }
        Ok(active)
    }

    fn read_residuals(&mut self, part: &Matrix, fit: &LogisticFit) {
        for (row, (residual, event)) in self.residuals.iter_mut().zip(self.events).enumerate() {
            let terms = part.row(row).iter().zip(&fit.weights);
            let log_odds = fit.intercept + terms.map(|(x, weight)| x * weight).sum::<f64>();
            *residual = f64::from(u8::from(*event)) - sigmoid(log_odds);
        }
    }

    /// Columns that are not chosen although they pull more than the penalty.
    fn left_out(&self, strength: f64) -> Vec<usize> {
        let mut pull = vec![0.0; self.design.columns()];
        for (row, residual) in self.residuals.iter().enumerate() {
            for (pull, x) in pull.iter_mut().zip(self.design.row(row)) {
                *pull += residual * x;
            }
        }
        // A column on the edge is in the end at 0 either way.
        let limit = (1.0 + EDGE) / strength;
        let pulls = pull.iter().enumerate();
        pulls
            .filter(|(at, pull)| pull.abs() > limit && !self.chosen.contains(at))
            .map(|(at, _)| at)
            .collect()
    }
}

fn findings(params: &StabilityParams, search: &Search, found: f64, candidates: usize) -> Facts {
    #[expect(clippy::cast_precision_loss, reason = "a few thousand candidates")]
    let guessed = found * found / candidates.max(1) as f64;
    Facts::default()
        .count("n_subsamples", params.n_subsamples)
        .number("threshold", params.threshold)
        .count("n_strengths", params.n_strengths)
        .number("max_false_selections", params.max_false_selections)
        .count("most_per_subsample", search.most)
        .number("mean_per_subsample", found)
        .number("false_selections_bound", unimodal(params) * guessed)
        .number("false_selections_worst_case", worst_case(params) * guessed)
}
