//! What a training does besides fitting: calibration, out-of-time rows, reasons.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{Fault, evidence::EvidenceParams, fault::Faults, scorecard::ReasonMethod};
use crate::stats::CalibrationMethod;

/// How the model's log-odds become probabilities that can be believed.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationPlan {
    /// As they are; a logistic regression is calibrated on the rows it was fitted on.
    #[default]
    None,
    /// Logistic regression on the log-odds, towards smoothed targets (Platt 1999).
    Platt,
    /// Logistic regression on the log-odds, towards the outcomes (Cox 1958).
    Logistic,
    /// Best non-decreasing map of the probabilities.
    Isotonic,
}

impl CalibrationPlan {
    /// The method, if there is any.
    pub fn method(self) -> Option<CalibrationMethod> {
        match self {
            Self::None => None,
            Self::Platt => Some(CalibrationMethod::Platt),
            Self::Logistic => Some(CalibrationMethod::Logistic),
            Self::Isotonic => Some(CalibrationMethod::Isotonic),
        }
    }
}

/// Rows that are newer than those the model learns from.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutOfTimePlan {
    /// Column that holds a date (`2024-03-31`) or a month (`2024-03`, `202403`); it is no input.
    pub column: String,
    /// First date of the out-of-time rows; a month stands for its first day.
    pub from: String,
}

impl OutOfTimePlan {
    /// The first date.
    ///
    /// # Errors
    /// A fault when it is no date.
    pub fn first(&self) -> Result<Date, Fault> {
        date(&self.from).ok_or_else(|| Fault::at("/out_of_time/from", NO_DATE))
    }
}

/// What is expected of a date.
pub const NO_DATE: &str =
    "expected a date such as 2024-03-31, or a month such as 2024-03 or 202403";

/// Reads a date or the first day of a month.
pub fn date(text: &str) -> Option<Date> {
    let text = text.trim();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let spelled = match (digits, text.len()) {
        (true, 6) => format!("{}-{}-01", &text[..4], &text[4..]),
        (true, 8) => format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]),
        (true, _) => return None,
        (false, 7) => format!("{text}-01"),
        // The date of a timestamp, whatever follows it.
        (false, _) => text.get(..10)?.to_owned(),
    };
    spelled.parse().ok()
}

/// What is measured of a model besides its metrics.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EvidencePlan {
    /// Bootstrap samples behind the intervals, 2..=2000, or 0 for no such intervals. Of more than
    /// 50,000 rows fewer are drawn, so that rows times samples stay below ten million.
    pub replicates: u32,
    /// Bands of the gains table, bins of the calibration curves, groups of Hosmer and Lemeshow's
    /// test, 2..=100.
    pub bands: u32,
    /// Level of the intervals, 0.5..=0.999.
    pub level: f64,
}

/// Most rows times samples of a bootstrap.
const MOST_DRAWN: u64 = 10_000_000;

impl Default for EvidencePlan {
    fn default() -> Self {
        Self {
            replicates: 200,
            bands: 10,
            level: 0.95,
        }
    }
}

impl EvidencePlan {
    /// The parameters for a sample of `rows`; `fitted` tells whether the probabilities were fitted
    /// on them.
    pub fn params(&self, rows: usize, seed: u64, fitted: bool) -> EvidenceParams {
        let most = MOST_DRAWN / (rows as u64).max(1);
        let affordable = u32::try_from(most.max(2)).unwrap_or(u32::MAX);
        EvidenceParams {
            seed,
            replicates: self.replicates.min(affordable),
            bands: self.bands as usize,
            level: self.level,
            fitted,
        }
    }

    pub(super) fn check(&self, faults: &mut Faults) {
        let mut rule = |holds: bool, field: &str, detail: &str| {
            if !holds {
                faults.push(Fault::at(format!("/evidence/{field}"), detail));
            }
        };
        let replicates = self.replicates == 0 || (2..=2_000).contains(&self.replicates);
        rule(replicates, "replicates", "expected 0, or 2 to 2000");
        let bands = (2..=100).contains(&self.bands);
        rule(bands, "bands", "expected 2 to 100");
        let level = (0.5..=0.999).contains(&self.level);
        rule(level, "level", "expected 0.5 to 0.999");
    }
}

/// How reasons are derived.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReasonPlan {
    /// With whom an applicant is compared.
    pub method: ReasonMethod,
    /// How far `below_average_near_cutoff` reaches: those approved whose odds of being repaid are
    /// less than this many times those at the cut-off, 1.01..=1000.
    pub odds_window: f64,
    /// How the log-odds of trees are divided among characteristics.
    pub shapley: ShapleyPlan,
}

/// How the log-odds of trees are divided among characteristics.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShapleyPlan {
    /// By comparison with at most 100 of the applicants that `method` names.
    #[default]
    Interventional,
    /// By comparison with all training rows, as they fall along the trees' paths, whatever `method`
    /// says: quicker, but a characteristic may be named for another that goes with it.
    PathDependent,
}

impl Default for ReasonPlan {
    fn default() -> Self {
        Self {
            method: ReasonMethod::default(),
            odds_window: 2.0,
            shapley: ShapleyPlan::default(),
        }
    }
}

impl ReasonPlan {
    pub(super) fn check(&self, faults: &mut Faults) {
        if !(1.01..=1_000.0).contains(&self.odds_window) {
            faults.push(Fault::at("/reasons/odds_window", "expected 1.01 to 1000"));
        }
    }
}
