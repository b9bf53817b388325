//! Cut-offs: from which score an application is declined, and what each choice would have done.
//!
//! Scores rise with the probability of an event (a default). Everything `score >= threshold` is
//! declined, the rest approved.

mod strategy;

pub use strategy::{StrategyCurve, StrategyPoint};

use super::metrics::{MetricError, Roc};

/// Largest amount of a cost, a revenue or a loss: beyond it totals could overflow.
const LARGEST_AMOUNT: f64 = 1e100;

/// What wrong decisions cost, in any one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    false_negative: f64,
    false_positive: f64,
}

/// What a loan earns and loses, per unit lent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoanTerms {
    revenue: f64,
    loss_given_default: f64,
}

/// How a cut-off is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CutoffCriterion {
    /// Largest Youden index; see [`Roc::youden_threshold`] for ties and for useless scores.
    Youden,
    /// Least total cost on these rows, [`Costs::total`]; of several, the lowest threshold.
    LeastCost(Costs),
    /// Least expected cost if the scores are right probabilities, [`Costs::bayes_threshold`].
    BayesCost(Costs),
    /// Lowest threshold that approves at least this share of the rows, in `0..=1`.
    ApprovalRate(f64),
    /// Highest threshold that approves someone and at which at most this share of the approved are
    /// events, in `0..=1`; the bad rate need not rise with the threshold.
    BadRate(f64),
    /// Most profit on these rows, [`LoanTerms::profit`]; of several, the lowest threshold.
    MostProfit(LoanTerms),
    /// Approves what is expected to earn if the scores are right probabilities,
    /// [`LoanTerms::break_even`].
    BreakEven(LoanTerms),
    /// This threshold.
    Fixed(f64),
}

/// Why there is no cut-off.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum CutoffError {
    /// The scores cannot be used.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// A cost is negative or beyond 1e100, or both are 0.
    #[error("costs must be between 0 and 1e100 and not both 0")]
    Costs,
    /// The revenue or the loss is not above 0, or beyond 1e100.
    #[error("revenue and loss given default must be above 0 and at most 1e100")]
    Terms,
    /// A target share is not in `0..=1`.
    #[error("a target rate must be between 0 and 1, got {0}")]
    Rate(f64),
    /// A threshold is not finite.
    #[error("the threshold must be finite")]
    Threshold,
    /// However few are approved, more of them than asked for are events.
    #[error("no cut-off has so low a bad rate; the lowest is {lowest}")]
    BadRateOutOfReach {
        /// Lowest bad rate among the approved at any cut-off that approves someone.
        lowest: f64,
    },
}

impl Costs {
    /// Cost of approving an event (false negative) and of declining a non-event (false positive).
    ///
    /// # Errors
    /// [`CutoffError::Costs`] unless both are in `0..=1e100` and one is above 0.
    pub fn new(false_negative: f64, false_positive: f64) -> Result<Self, CutoffError> {
        let usable = |cost: f64| (0.0..=LARGEST_AMOUNT).contains(&cost);
        if usable(false_negative)
            && usable(false_positive)
            && false_negative.max(false_positive) > 0.0
        {
            Ok(Self {
                false_negative,
                false_positive,
            })
        } else {
            Err(CutoffError::Costs)
        }
    }

    /// Probability from which declining is the cheaper choice, `c_FP / (c_FP + c_FN)` (Elkan 2001).
    pub fn bayes_threshold(&self) -> f64 {
        self.false_positive / (self.false_positive + self.false_negative)
    }

    /// Total cost of what was decided at a point: `c_FN` for each event approved and `c_FP` for each
    /// non-event declined.
    pub fn total(&self, point: &StrategyPoint) -> f64 {
        self.false_negative * point.approved_events as f64
            + self.false_positive * point.declined_non_events as f64
    }
}

impl LoanTerms {
    /// Revenue of a loan that is repaid and loss of one that is not.
    ///
    /// # Errors
    /// [`CutoffError::Terms`] unless both are above 0 and at most 1e100.
    pub fn new(revenue: f64, loss_given_default: f64) -> Result<Self, CutoffError> {
        let usable = |amount: f64| amount > 0.0 && amount <= LARGEST_AMOUNT;
        if usable(revenue) && usable(loss_given_default) {
            Ok(Self {
                revenue,
                loss_given_default,
            })
        } else {
            Err(CutoffError::Terms)
        }
    }

    /// Probability of default from which a loan is expected to lose, `r / (r + LGD)`.
    ///
    /// The root of the expected profit `(1 - p) r - p LGD`.
    pub fn break_even(&self) -> f64 {
        self.revenue / (self.revenue + self.loss_given_default)
    }

    /// Profit that the approved of a point have made, at one unit lent to each.
    pub fn profit(&self, point: &StrategyPoint) -> f64 {
        self.revenue * point.approved_non_events as f64
            - self.loss_given_default * point.approved_events as f64
    }
}

impl CutoffCriterion {
    /// The chosen threshold, with what it does to these rows.
    ///
    /// # Errors
    /// [`CutoffError`]; [`MetricError::OneClass`] in it where both classes are needed (Youden), and
    /// [`MetricError::NotAProbability`] where probabilities are (Bayes, break-even).
    pub fn choose(&self, scores: &[f64], events: &[bool]) -> Result<StrategyPoint, CutoffError> {
        let curve = StrategyCurve::new(scores, events)?;
        let need_probabilities = || {
            let probabilities = scores.iter().all(|p| (0.0..=1.0).contains(p));
            probabilities
                .then_some(())
                .ok_or(MetricError::NotAProbability)
        };
        Ok(match self {
            Self::Youden => curve.at(Roc::new(scores, events)?.youden_threshold()),
            Self::LeastCost(costs) => curve.least(|point| costs.total(point)),
            Self::BayesCost(costs) => {
                need_probabilities()?;
                curve.at(costs.bayes_threshold())
            }
            Self::ApprovalRate(target) => curve.approving(rate(*target)?),
            Self::BadRate(target) => curve.below_bad_rate(rate(*target)?)?,
            Self::MostProfit(terms) => curve.least(|point| -terms.profit(point)),
            Self::BreakEven(terms) => {
                need_probabilities()?;
                curve.at(terms.break_even())
            }
            Self::Fixed(threshold) if threshold.is_finite() => curve.at(*threshold),
            Self::Fixed(_) => return Err(CutoffError::Threshold),
        })
    }
}

fn rate(target: f64) -> Result<f64, CutoffError> {
    if (0.0..=1.0).contains(&target) {
        Ok(target)
    } else {
        Err(CutoffError::Rate(target))
    }
}
