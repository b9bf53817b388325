//! How a model decides: criteria of its cut-offs, and the policy they make.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{Fault, fault::Faults, policy::CutoffRule};
use crate::stats::{Costs, CutoffCriterion, CutoffError, LoanTerms};

/// Longest version of a policy, in bytes.
const LONGEST_VERSION: usize = 64;

/// The policy that the model's decisions follow.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = DecisionPlan)]
pub struct DecisionPlan {
    /// The lender's name for this policy, given with every decision; 1 to 64 letters, digits,
    /// dots, hyphens or underscores.
    pub policy_version: String,
    /// Where declining begins.
    pub cutoff: CutoffPlan,
    /// Where referring to a person begins, below the cut-off; nobody is referred when absent.
    pub refer: Option<CutoffPlan>,
}

impl Default for DecisionPlan {
    fn default() -> Self {
        Self {
            policy_version: "1".to_owned(),
            cutoff: CutoffPlan::YoudenJ,
            refer: None,
        }
    }
}

/// How a cut-off is chosen, on out-of-fold probabilities of the training rows.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
pub enum CutoffPlan {
    /// Largest sensitivity + specificity - 1.
    YoudenJ,
    /// Least total cost on those rows.
    LeastCost {
        /// Cost of approving a loan that defaults, 0..=1e100.
        false_negative: f64,
        /// Cost of declining a loan that is repaid, 0..=1e100.
        false_positive: f64,
    },
    /// Least expected cost: `c_FP / (c_FP + c_FN)`.
    BayesCost {
        /// Cost of approving a loan that defaults, 0..=1e100.
        false_negative: f64,
        /// Cost of declining a loan that is repaid, 0..=1e100.
        false_positive: f64,
    },
    /// Approves at least this share.
    ApprovalRate {
        /// Share, 0..=1.
        rate: f64,
    },
    /// Approves as many as possible with at most this share of defaults.
    BadRate {
        /// Share, 0..=1.
        rate: f64,
    },
    /// Most profit on those rows.
    MostProfit {
        /// Revenue of a loan that is repaid, per unit lent, above 0.
        revenue: f64,
        /// Loss of a loan that defaults, per unit lent, above 0.
        loss_given_default: f64,
    },
    /// Approves what is expected to earn: `r / (r + LGD)`.
    BreakEven {
        /// Revenue of a loan that is repaid, per unit lent, above 0.
        revenue: f64,
        /// Loss of a loan that defaults, per unit lent, above 0.
        loss_given_default: f64,
    },
    /// This probability.
    Fixed {
        /// Probability of default, 0..=1.
        threshold: f64,
    },
}

impl CutoffPlan {
    /// The name of the rule.
    pub fn rule(&self) -> CutoffRule {
        match self {
            Self::YoudenJ => CutoffRule::YoudenJ,
            Self::LeastCost { .. } => CutoffRule::LeastCost,
            Self::BayesCost { .. } => CutoffRule::BayesCost,
            Self::ApprovalRate { .. } => CutoffRule::ApprovalRate,
            Self::BadRate { .. } => CutoffRule::BadRate,
            Self::MostProfit { .. } => CutoffRule::MostProfit,
            Self::BreakEven { .. } => CutoffRule::BreakEven,
            Self::Fixed { .. } => CutoffRule::Fixed,
        }
    }

    /// The criterion.
    ///
    /// # Errors
    /// [`CutoffError`] for a number out of its range.
    pub fn criterion(&self) -> Result<CutoffCriterion, CutoffError> {
        let share = |rate: f64| {
            let sound = (0.0..=1.0).contains(&rate);
            sound.then_some(rate).ok_or(CutoffError::Rate(rate))
        };
        Ok(match *self {
            Self::YoudenJ => CutoffCriterion::Youden,
            Self::LeastCost {
                false_negative,
                false_positive,
            } => CutoffCriterion::LeastCost(Costs::new(false_negative, false_positive)?),
            Self::BayesCost {
                false_negative,
                false_positive,
            } => CutoffCriterion::BayesCost(Costs::new(false_negative, false_positive)?),
            Self::ApprovalRate { rate } => CutoffCriterion::ApprovalRate(share(rate)?),
            Self::BadRate { rate } => CutoffCriterion::BadRate(share(rate)?),
            Self::MostProfit {
                revenue,
                loss_given_default,
            } => CutoffCriterion::MostProfit(LoanTerms::new(revenue, loss_given_default)?),
            Self::BreakEven {
                revenue,
                loss_given_default,
            } => CutoffCriterion::BreakEven(LoanTerms::new(revenue, loss_given_default)?),
            Self::Fixed { threshold } => CutoffCriterion::Fixed(share(threshold)?),
        })
    }
}

impl DecisionPlan {
    pub(super) fn check(&self, faults: &mut Faults) {
        let version = &self.policy_version;
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if version.is_empty() || version.len() > LONGEST_VERSION || !version.chars().all(plain) {
            let detail = format!(
                "expected 1 to {LONGEST_VERSION} letters, digits, dots, hyphens or underscores"
            );
            faults.push(Fault::at("/decision/policy_version", detail));
        }
        let cutoffs = [
            ("cutoff", Some(&self.cutoff)),
            ("refer", self.refer.as_ref()),
        ];
        for (field, cutoff) in cutoffs {
            if let Some(Err(error)) = cutoff.map(CutoffPlan::criterion) {
                let detail = error.to_string();
                faults.push(Fault::at(format!("/decision/{field}"), detail));
            }
        }
    }
}
