//! Why a training gave no model.

use crate::{
    credit::{
        Fault, binning::BinningError, evidence::EvidenceError, model::Inconsistent,
        model::RecalibrationError, pairs::PairError, scorecard::ScorecardError,
    },
    stats::{
        CalibrationError, Convergence, FitError, LeastSquaresError, MetricError, ParamsError,
        SamplingError, trees::TreeError,
    },
};

/// Why a training gave no model.
#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    /// The plan or the data is at fault.
    #[error("{} fault(s) in the plan or the data", .0.len())]
    Faults(Vec<Fault>),
    /// There are too few rows of a class for the split or the folds.
    #[error(transparent)]
    Sampling(#[from] SamplingError),
    /// The fit failed.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// A plane cannot be fitted.
    #[error(transparent)]
    LeastSquares(LeastSquaresError),
    /// The solver stopped before it converged.
    #[error(
        "the {:?} solver did not converge in {} iterations (gradient {:.1e}); raise max_iterations or lower C",
        .0.solver, .0.iterations, .0.gradient_sup_norm
    )]
    NotConverged(Convergence),
    /// A metric is undefined on these rows.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// Weight of evidence does not exist.
    #[error(transparent)]
    Binning(#[from] BinningError),
    /// No characteristic can be cut into bins that tell goods from bads.
    #[error("no characteristic has bins that tell goods from bads; see the settings of binning")]
    NothingToTell,
    /// The search for pairs was called wrongly.
    #[error(transparent)]
    Pairs(PairError),
    /// The scorecard's points cannot be told.
    #[error(transparent)]
    Scorecard(#[from] ScorecardError),
    /// The trees cannot be grown.
    #[error(transparent)]
    Trees(TreeError),
    /// There is no calibrator.
    #[error(transparent)]
    Calibration(#[from] CalibrationError),
    /// The evidence cannot be measured.
    #[error(transparent)]
    Evidence(EvidenceError),
    /// The estimator was used wrongly.
    #[error(transparent)]
    Params(#[from] ParamsError),
    /// The fitted parts are no model.
    #[error(transparent)]
    Inconsistent(#[from] Inconsistent),
    /// The caller asked to stop.
    #[error("the training was cancelled")]
    Cancelled,
}

impl From<TreeError> for TrainingError {
    fn from(error: TreeError) -> Self {
        match error {
            TreeError::Cancelled => Self::Cancelled,
            error => Self::Trees(error),
        }
    }
}

impl From<RecalibrationError> for TrainingError {
    fn from(error: RecalibrationError) -> Self {
        match error {
            RecalibrationError::Scorecard(error) => Self::Scorecard(error),
            RecalibrationError::Line(_) => Self::NothingToTell,
        }
    }
}

impl TrainingError {
    /// Whether the program is at fault, not the plan or the data.
    pub fn is_ours(&self) -> bool {
        match self {
            Self::Inconsistent(_)
            | Self::Params(_)
            | Self::Pairs(_)
            | Self::Trees(_)
            | Self::LeastSquares(_)
            | Self::Fit(
                FitError::NonFinite { .. }
                | FitError::ShapeMismatch { .. }
                | FitError::SignCount { .. }
                | FitError::StrengthOutOfRange { .. }
                | FitError::NoStrength
                | FitError::NoTest,
            ) => true,
            Self::Faults(_)
            | Self::Sampling(_)
            | Self::Binning(_)
            | Self::NothingToTell
            | Self::Scorecard(_)
            | Self::Calibration(_)
            | Self::Evidence(_)
            | Self::Fit(_)
            | Self::NotConverged(_)
            | Self::Metric(_)
            | Self::Cancelled => false,
        }
    }
}
