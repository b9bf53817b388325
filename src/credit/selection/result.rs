//! What a selection answers: every candidate with its score, and which were selected.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::request::SelectionMethod;

/// Which features a method selects, and why.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = FeatureSelectionResult)]
pub struct SelectionResult {
    /// The method that was asked for.
    pub method: SelectionMethod,
    /// Names of the selected, in the order of the data set, as a training's `selected_features`
    /// takes them.
    pub selected_features: Vec<String>,
    /// Every candidate, the best first.
    pub feature_scores: Vec<FeatureScore>,
    /// How many are selected.
    pub n_selected: u64,
    /// How many candidates there are.
    pub n_total: u64,
    /// Settings and findings of the method as a whole.
    pub method_metadata: Facts,
}

/// One candidate: an encoded feature or, for `woe_iv`, a characteristic.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct FeatureScore {
    /// Its name in a training's `selected_features`.
    pub feature_name: String,
    /// What the method ranks by, 0 or more; its unit depends on the method.
    pub score: f64,
    /// Whether it is selected.
    pub selected: bool,
    /// Place by falling score, counted from 1; equal scores of `boruta` by the mean importance,
    /// else in the order of the data set.
    pub rank: u64,
    /// What else the method found about it.
    pub metadata: Facts,
}

/// Named texts, numbers and truth values; what is not known is left out.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = std::collections::BTreeMap<String, Value>)]
pub struct Facts(pub BTreeMap<String, Value>);

impl Facts {
    /// With a text.
    pub(super) fn text(mut self, name: &str, text: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), Value::String(text.into()));
        self
    }

    /// With a number, unless it is not finite.
    pub(super) fn number(mut self, name: &str, number: f64) -> Self {
        if let Some(number) = serde_json::Number::from_f64(number) {
            self.0.insert(name.to_owned(), Value::Number(number));
        }
        self
    }

    /// With a whole number.
    pub(super) fn count(mut self, name: &str, count: impl TryInto<u64>) -> Self {
        if let Ok(count) = count.try_into() {
            self.0.insert(name.to_owned(), Value::Number(count.into()));
        }
        self
    }

    /// With a truth value.
    pub(super) fn flag(mut self, name: &str, flag: bool) -> Self {
        self.0.insert(name.to_owned(), Value::Bool(flag));
        self
    }
}

/// One candidate's score before there are ranks.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub name: String,
    pub score: f64,
    /// Of equal scores the larger comes first.
    pub tie_breaker: f64,
    pub selected: bool,
    pub facts: Facts,
}

impl SelectionResult {
    /// Ranks `candidates`, which come in the order of the data set.
    pub(super) fn of(
        method: SelectionMethod,
        candidates: Vec<Candidate>,
        method_metadata: Facts,
    ) -> Self {
        let selected_features: Vec<String> = candidates
            .iter()
            .filter(|candidate| candidate.selected)
            .map(|candidate| candidate.name.clone())
            .collect();
        let n_total = candidates.len() as u64;
        Self {
            method,
            n_selected: selected_features.len() as u64,
            n_total,
            selected_features,
            feature_scores: ranked(candidates),
            method_metadata,
        }
    }
}

/// Candidates by falling score; the sort is stable, so equal ones keep their order.
fn ranked(mut candidates: Vec<Candidate>) -> Vec<FeatureScore> {
    candidates.sort_by(|a, b| {
        let by_score = b.score.total_cmp(&a.score);
        by_score.then(b.tie_breaker.total_cmp(&a.tie_breaker))
    });
    let numbered = (1..).zip(candidates);
    let score = |(rank, candidate): (u64, Candidate)| FeatureScore {
        feature_name: candidate.name,
        score: candidate.score,
        selected: candidate.selected,
        rank,
        metadata: candidate.facts,
    };
    numbered.map(score).collect()
}
