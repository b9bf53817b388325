//! What an edit changed: bins, characteristics and discrimination.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Base, RefitPlan};
use crate::credit::{
    LoanBook, Trained,
    binning::{Binning, Quality, compare},
    inputs::Values,
    schema::Kind,
    scorecard::Card,
};

/// What an edit changed; every difference is after less before.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct RefitChanges {
    /// The scorecard that was edited.
    pub base_model_id: String,
    /// The bins of each edited characteristic.
    pub characteristics: Vec<CharacteristicChange>,
    /// Characteristics that the base did without.
    pub entered: Vec<String>,
    /// Characteristics that only the base has; `excluded` says why.
    pub left: Vec<String>,
    /// On the test rows.
    pub test: DiscriminationChange,
    /// Mean over the folds of cross-validation.
    pub cross_validation: DiscriminationChange,
}

/// The bins of one characteristic, on the training rows; stability is that of the test rows.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct CharacteristicChange {
    /// Its name.
    pub characteristic: String,
    /// Its bins on the base's card; none if that does without it.
    pub before: Option<Quality>,
    /// Its bins on the new card; none if that does without it.
    pub after: Option<Quality>,
    /// After less before, where there are both.
    pub difference: Option<Quality>,
}

/// How well the two cards tell goods from bads.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct DiscriminationChange {
    /// Area under the ROC curve.
    pub auc: Change,
    /// 2 AUC - 1.
    pub gini: Change,
}

/// A number of both cards.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = RefitChange)]
pub struct Change {
    /// Of the base.
    pub before: f64,
    /// Of the new card.
    pub after: f64,
    /// After less before.
    pub difference: f64,
}

impl RefitChanges {
    /// What `edits` made of `base`; `test` are the rows held back.
    pub(super) fn between(
        base: Base<'_>,
        edits: &RefitPlan,
        trained: &Trained,
        book: &LoanBook,
        test: &[usize],
    ) -> Self {
        let (before, after) = (base.body.form.card(), trained.body.form.card());
        let without = |card: Option<&Card>, other: Option<&Card>| {
            let names = names(card).filter(|name| binning(other, name).is_none());
            names.map(str::to_owned).collect()
        };
        let (old, new) = (&base.result.metrics, &trained.metrics);
        let (old_mean, new_mean) = (&old.cross_validation.mean, &new.cross_validation.mean);
        Self {
            base_model_id: base.result.model_id.clone(),
            characteristics: edits
                .characteristics
                .keys()
                .map(|name| {
                    let both = [binning(before, name), binning(after, name)];
                    CharacteristicChange::between(name, both, book, test)
                })
                .collect(),
            entered: without(after, before),
            left: without(before, after),
            test: DiscriminationChange {
                auc: Change::between(old.roc_auc, new.roc_auc),
                gini: Change::between(old.gini, new.gini),
            },
            cross_validation: DiscriminationChange {
                auc: Change::between(old_mean.roc_auc, new_mean.roc_auc),
                gini: Change::between(old_mean.gini, new_mean.gini),
            },
        }
    }
}

impl CharacteristicChange {
    fn between(name: &str, both: [Option<&Binning>; 2], book: &LoanBook, test: &[usize]) -> Self {
        let counts = |binning: &Binning| {
            let known = book.schema().position(name);
            let known = known.map(|at| (book.values(at), &book.schema().characteristics[at].kind));
            match known {
                Some((Values::Numeric(values), _)) => {
                    let values: Vec<f64> = test.iter().map(|row| values[*row]).collect();
                    binning.counts_of(&values)
                }
                Some((Values::Categorical(codes), Kind::Categorical { levels, .. })) => {
                    let level = |row: &usize| levels.get(codes[*row] as usize);
                    let levels = test.iter().map(|row| level(row).map(String::as_str));
                    binning.counts_of_levels(levels)
                }
                _ => Vec::new(),
            }
        };
        let [before, after] = both.map(|it| it.map(|binning| (binning, counts(binning))));
        let quality = |it: &(&Binning, Vec<f64>)| Quality::of(it.0, Some(&it.1));
        let difference = before.as_ref().zip(after.as_ref()).map(|(before, after)| {
            compare(before.0, after.0, Some((&before.1, &after.1))).difference
        });
        Self {
            characteristic: name.to_owned(),
            before: before.as_ref().map(quality),
            after: after.as_ref().map(quality),
            difference,
        }
    }
}

impl Change {
    fn between(before: f64, after: f64) -> Self {
        Self {
            before,
            after,
            difference: after - before,
        }
    }
}

fn names(card: Option<&Card>) -> impl Iterator<Item = &str> {
    let entries = card.map_or(&[][..], Card::entries);
    entries.iter().map(|entry| entry.name.as_str())
}

fn binning<'a>(card: Option<&'a Card>, name: &str) -> Option<&'a Binning> {
    let mut entries = card.map_or(&[][..], Card::entries).iter();
    let entry = entries.find(|entry| entry.name == name)?;
    Some(&entry.binning)
}
