//! Why a selection gave no answer.

use crate::{
    credit::{
        Fault,
        binning::{BinningError, ParamFault},
    },
    stats::{Convergence, FitError, ParamsError, SamplingError, trees::TreeError},
};

/// Why a selection gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// The request or the data is at fault.
    #[error("{} fault(s) in the request or the data", .0.len())]
    Faults(Vec<Fault>),
    /// There are too few rows of a class to be divided.
    #[error(transparent)]
    Sampling(#[from] SamplingError),
    /// A regression failed.
    #[error(transparent)]
    Fit(FitError),
    /// A regression stopped before it converged.
    #[error(
        "the regression did not converge in {} iterations (gradient {:.1e}); raise max_iter or lower C",
        .0.iterations, .0.gradient_sup_norm
    )]
    NotConverged(Convergence),
    /// A regression was set up wrongly.
    #[error(transparent)]
    Params(#[from] ParamsError),
    /// A binning was set up wrongly.
    #[error("{} setting(s) of the binning are out of range", .0.len())]
    Settings(Vec<ParamFault>),
    /// A characteristic was binned wrongly.
    #[error(transparent)]
    Binning(#[from] BinningError),
    /// Trees could not be grown.
    #[error(transparent)]
    Trees(TreeError),
    /// The caller asked to stop.
    #[error("the selection was cancelled")]
    Cancelled,
}

impl SelectionError {
    /// Whether the program is at fault, not the request or the data.
    pub fn is_ours(&self) -> bool {
        match self {
            Self::Params(_) | Self::Settings(_) | Self::Binning(_) => true,
            Self::Fit(error) => matches!(
                error,
                FitError::NonFinite { .. }
                    | FitError::ShapeMismatch { .. }
                    | FitError::SignCount { .. }
                    | FitError::StrengthOutOfRange { .. }
                    | FitError::NoStrength
                    | FitError::NoTest
            ),
            Self::Trees(error) => !matches!(error, TreeError::OneClass | TreeError::TooLarge),
            Self::Faults(_) | Self::Sampling(_) | Self::NotConverged(_) | Self::Cancelled => false,
        }
    }
}

impl From<FitError> for SelectionError {
    fn from(error: FitError) -> Self {
        match error {
            FitError::Cancelled => Self::Cancelled,
            error => Self::Fit(error),
        }
    }
}

impl From<TreeError> for SelectionError {
    fn from(error: TreeError) -> Self {
        match error {
            TreeError::Cancelled => Self::Cancelled,
            error => Self::Trees(error),
        }
    }
}
