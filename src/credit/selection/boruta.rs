//! Boruta: features that matter more than chance in a random forest.
//!
//! Kursa and Rudnicki 2010. Every feature is joined by a shadow, its own values in random order, and
//! a forest is grown on all of them. A feature scores a hit when its importance exceeds that of the
//! best shadow. Were it no better than the best shadow, hits would be tosses of a coin; after every
//! forest, a feature whose hits are too many for that (one-sided binomial test, Bonferroni's
//! correction for the number of features) is confirmed for good, one whose hits are too few is
//! rejected and leaves. What is still undecided when the forests run out is tentative.
//!
//! Unlike in the original, the shadow of a rejected feature stays, so that the best shadow remains
//! the best of as many; otherwise the last features of noise would be held against a few only.
//!
//! # Limits
//! * Hits are counted on one set of rows: what goes with the outcome there by chance does so in
//!   every forest. `confidence_level` is therefore nominal, the more as the tests are repeated after
//!   every forest. Of thirty data sets of 300 rows and 14 columns of noise, six had one confirmed.
//! * The importance is the mean decrease of Gini impurity, which favours columns of many values:
//!   where there are such, a weak 0/1 column may lose to a shadow.

use super::{
    design::{Candidates, derived_seed, go_on},
    error::SelectionError,
    importance::binned,
    params::BorutaParams,
    request::SelectionMethod,
    result::{Candidate, Facts, SelectionResult},
};
use crate::stats::trees::{BinnedColumns, ForestParams, RandomForest};

/// Rows that are used at most; hundreds of forests are grown on them.
pub(super) const MOST_ROWS: usize = 10_000;
/// Trees of a forest.
const TREES: u32 = 100;
/// Splits from root to leaf at most.
const DEPTH: u32 = 7;
/// Rows of a leaf at least.
const LEAF_ROWS: u32 = 5;
/// Shadows at least, lest the best of them be no match.
const FEWEST_SHADOWS: usize = 5;

/// What is known about a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Tentative,
    Confirmed,
    Rejected,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Tentative => "tentative",
            Self::Confirmed => "confirmed",
            Self::Rejected => "rejected",
        }
    }
}

/// A feature's record so far.
#[derive(Clone, Copy, Debug)]
struct Trial {
    status: Status,
    hits: u32,
    /// Forests that it took part in.
    forests: u32,
    /// Sum of its importances there.
    importance: f64,
}

/// Selects what is confirmed and, if asked for, what stays tentative; the score is the share of the
/// forests in which the feature scored a hit.
pub(super) fn select(
    candidates: &Candidates<'_>,
    params: &BorutaParams,
    seed: u64,
    cancelled: &dyn Fn() -> bool,
) -> Result<SelectionResult, SelectionError> {
    let columns = binned(candidates)?;
    let mut trials = vec![
        Trial {
            status: Status::Tentative,
            hits: 0,
            forests: 0,
            importance: 0.0,
        };
        candidates.len()
    ];
    let mut forests = 0;
    while forests < params.n_iterations && trials.iter().any(Trial::is_open) {
        go_on(cancelled)?;
        let seed = derived_seed(seed, forests.into());
        play(&columns, &candidates.events, &mut trials, seed, cancelled)?;
        forests += 1;
        judge(&mut trials, 1.0 - params.confidence_level);
    }
    let scored = trials.iter().enumerate();
    let candidate = |(at, trial): (usize, &Trial)| Candidate {
        name: candidates.name(at),
        score: trial.hit_rate(),
        tie_breaker: trial.mean_importance(),
        selected: trial.is_selected(params.include_tentative),
        facts: trial.facts(candidates.characteristic(at)),
    };
    let findings = findings(params, forests, &trials, candidates.rows.len());
    Ok(SelectionResult::of(
        SelectionMethod::Boruta,
        scored.map(candidate).collect(),
        findings,
    ))
}

/// Grows a forest on all that are not rejected and every shadow, and counts the hits.
fn play(
    columns: &BinnedColumns,
    events: &[bool],
    trials: &mut [Trial],
    seed: u64,
    cancelled: &dyn Fn() -> bool,
) -> Result<(), SelectionError> {
    let taking_part = |at: &usize| trials[*at].status != Status::Rejected;
    let playing: Vec<usize> = (0..trials.len()).filter(taking_part).collect();
    let shadows = trials.len().max(FEWEST_SHADOWS);
    let cast: Vec<usize> = (0..trials.len()).cycle().take(shadows).collect();
    let doubled = columns.select(&cast).with_shadows(seed);
    let places = playing.iter().copied().chain(shadows..2 * shadows);
    let chosen = doubled.select(&places.collect::<Vec<usize>>());
    let params = ForestParams {
        trees: TREES,
        max_depth: Some(DEPTH),
        min_leaf_rows: LEAF_ROWS,
        seed,
        ..ForestParams::default()
    };
    let fit = RandomForest::fit(&chosen, events, None, &params, cancelled)?;
    let (own, shadow) = fit.forest.importances().split_at(playing.len());
    let best = shadow.iter().copied().fold(0.0, f64::max);
    for (at, importance) in playing.into_iter().zip(own) {
        let trial = &mut trials[at];
        trial.forests += 1;
        trial.importance += importance;
        trial.hits += u32::from(*importance > best);
    }
    Ok(())
}

/// Decides what can be decided at the level `alpha`, Bonferroni's correction included.
fn judge(trials: &mut [Trial], alpha: f64) {
    #[expect(clippy::cast_precision_loss, reason = "a few thousand features")]
    let level = alpha / trials.len().max(1) as f64;
    for trial in trials.iter_mut().filter(|trial| trial.is_open()) {
        if at_least(trial.hits, trial.forests) <= level {
            trial.status = Status::Confirmed;
        } else if at_least(trial.forests - trial.hits, trial.forests) <= level {
            trial.status = Status::Rejected;
        }
    }
}

/// Probability of `hits` heads or more in `tosses` of a fair coin.
fn at_least(hits: u32, tosses: u32) -> f64 {
    let factorial = |n: u32| libm::lgamma(f64::from(n) + 1.0);
    let probability = |heads: u32| {
        let ways = factorial(tosses) - factorial(heads) - factorial(tosses - heads);
        libm::exp(ways - f64::from(tosses) * std::f64::consts::LN_2)
    };
    (hits..=tosses).map(probability).sum::<f64>().min(1.0)
}

impl Trial {
    fn is_open(&self) -> bool {
        self.status == Status::Tentative
    }

    fn is_selected(&self, include_tentative: bool) -> bool {
        match self.status {
            Status::Confirmed => true,
            Status::Tentative => include_tentative,
            Status::Rejected => false,
        }
    }

    fn hit_rate(&self) -> f64 {
        f64::from(self.hits) / f64::from(self.forests.max(1))
    }

    fn mean_importance(&self) -> f64 {
        self.importance / f64::from(self.forests.max(1))
    }

    fn facts(&self, characteristic: &str) -> Facts {
        Facts::default()
            .text("characteristic", characteristic)
            .text("status", self.status.as_str())
            .number("hit_rate", self.hit_rate())
            .count("n_hits", self.hits)
            .count("n_forests", self.forests)
            .number("mean_importance", self.mean_importance())
    }
}

fn findings(params: &BorutaParams, forests: u32, trials: &[Trial], rows: usize) -> Facts {
    let count = |status| trials.iter().filter(|trial| trial.status == status).count();
    Facts::default()
        .count("n_iterations", params.n_iterations)
        .number("confidence_level", params.confidence_level)
        .flag("include_tentative", params.include_tentative)
        .count("n_forests", forests)
        .count("n_confirmed", count(Status::Confirmed))
        .count("n_tentative", count(Status::Tentative))
        .count("n_rejected", count(Status::Rejected))
        .count("n_trees", TREES)
        .count("max_depth", DEPTH)
        .count("min_leaf_rows", LEAF_ROWS)
        .count("n_rows", rows)
}

#[cfg(test)]
mod tests {
    use super::at_least;

    #[test]
    fn tails_of_the_coin_are_met() {
        // Binomial sums over powers of two.
        let known = [
            (0, 20, 1.0),
            (20, 20, 0.5_f64.powi(20)),
            (15, 20, 21_700.0 / 1_048_576.0),
            (3, 5, 0.5),
            (0, 0, 1.0),
        ];
        for (hits, tosses, p) in known {
            let found = at_least(hits, tosses);
            assert!((found / p - 1.0).abs() < 1e-12, "{hits} {tosses}: {found}");
        }
        assert!((at_least(251, 500) + at_least(250, 500) - 1.0).abs() < 1e-10);
    }
}
