//! Loans in, assessments out: everything the service knows about credit.
//!
//! Pure and synchronous: no HTTP, clock, thread or log, and no storage but the temporary file of a
//! training on more rows than the memory holds. Same data, plan and seed give the same bytes.
//!
//! Orientation, stated once: the **event** is default. A *bad* loan defaulted,
//! a *good* one was repaid; probabilities are of default; a positive
//! contribution raises the log-odds of default.

pub mod application;
pub mod artifact;
pub mod batch;
pub mod binning;
pub mod coefficients;
pub mod comparison;
pub mod config;
pub mod estimator;
pub mod evaluation;
pub mod evidence;
pub mod fault;
pub mod features;
pub mod fitting;
pub mod inputs;
pub mod learner;
pub mod loan_book;
pub mod model;
pub mod outcome;
pub mod pairs;
mod period;
pub mod plan;
pub mod policy;
pub mod portfolio;
pub mod progress;
pub mod reading;
pub mod reasons;
pub mod refit;
pub mod regression;
pub mod result;
mod row_weights;
pub mod schema;
pub mod scorecard;
pub mod selection;
pub mod streaming;
pub mod table;
pub mod training;
pub mod value;

pub use artifact::{Model, ModelData, Results, TrainedModel};
pub use config::DataConfig;
pub use fault::Fault;
pub use fitting::Fitting;
pub use loan_book::LoanBook;
pub use model::{Assessment, CreditModel, ModelBody};
pub use plan::{CheckedPlan, ModelType, TrainingPlan};
pub use result::TrainingResult;
pub use table::Table;
pub use training::{Trained, TrainingError, train};
pub use value::Value;
