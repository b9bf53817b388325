//! Logistic regression: ridge, L1, elastic net, sign constraints and Firth's penalty, each with a
//! certificate of convergence, inference and measures of the whole model.
//!
//! With `C` the inverse strength and `r` the share of L1, the objective is scikit-learn's, divided
//! by `C`:
//!
//! ```text
//! Σ wᵢ · logloss(yᵢ, b₀ + xᵢ·b)  +  [ (1 - r) ‖b‖² / 2  +  r ‖b‖₁ ] / C
//! ```
//!
//! The intercept `b₀` is neither penalised nor constrained. Signs may be imposed on the others.
//! Firth's method ([`Penalty::Firth`]) has `- ½ ln det I(b)` in place of the penalty.
//!
//! [`LogisticParams`] fits ridge and unpenalised models with either of two solvers that reach the
//! same optimum: Newton's method ([`Solver::Newton`]), which takes weights, and `linfa-logistic`'s
//! L-BFGS ([`Solver::Lbfgs`]), which does not and serves as cross-check. [`LogisticSpec`] covers
//! everything, always by Newton's method: the quadratic model of a step then carries the L1 penalty
//! and the constraints. Whatever the solver, the convergence report, the standard errors and the
//! refusals below are computed here, at the point that it returned.
//!
//! # Certificate
//! A fit is `converged` when, with every column centred and scaled to unit deviation,
//! * no component of the gradient of the objective exceeds `tolerance × max(1, Σw / 1000)`, and
//! * no component of the Newton step from there would move any row's log-odds by more than 0.001:
//!   a small gradient alone may also mean a flat and endless slope.
//!
//! With an L1 penalty or constraints the gradient is the subgradient nearest to 0, projected on the
//! directions that the constraints leave open: it is 0 at the optimum and nowhere else. With
//! Firth's penalty it is the modified score.
//!
//! Centring and scaling make the verdict independent of the columns' units.
//! [`Convergence::gradient_sup_norm`] is the gradient in the caller's own units.
//!
//! # Constant columns
//! A column that does not vary over the rows of positive weight cannot be told from the intercept.
//! Its weight is exactly 0, with standard error 0, z 0 and p-value 1, penalised or not.
//!
//! # Separated classes
//! When some combination of columns separates the classes, the likelihood has no finite maximum.
//! An unpenalised fit, constrained or not, is then refused with [`FitError::Separated`]; any other
//! penalty has a finite optimum.

mod approach;
mod blocks;
mod column_tests;
mod determinant;
mod firth;
mod fit;
mod groups;
mod inference;
mod inflation;
mod lbfgs;
mod moments;
mod narrow;
mod newton;
mod panels;
mod params;
mod path;
mod problem;
mod quadratic;
mod rows;
mod sample;
mod signs;
mod spec;
mod sums;
mod terms;
mod vicinity;

pub use blocks::{Block, BlockError, DesignBlocks, MatrixBlocks};
pub use fit::{
    Convergence, FitError, FitStatistics, Inference, LikelihoodRatio, LogisticFit, Solver,
};
pub use inflation::{Associations, inflation_of_correlations, variance_inflation};
pub use narrow::NarrowBlocks;
pub use params::{CheckedParams, LogisticParams, ParamsError};
pub use path::{PathPoint, strength_grid};
pub use problem::PenaltyUnit;
pub use signs::{Sign, SignFinding, SignVerdict, sign_report};
pub use spec::{CheckedSpec, LogisticSpec, Penalty};
pub use vicinity::Vicinity;
