//! Linear regression: a number predicted by least squares, with intervals.
//!
//! The same data sets, schemas, features, store and `/predict` as the models of default, but another
//! outcome: there is no event, no probability and no decision here. `docs/model/regression.md` has
//! the formulas.

mod book;
mod measures;
mod model;
mod result;
mod training;

pub use self::{
    book::RegressionBook,
    measures::{ErrorMeasures, NumberCrossValidation, NumberFold, RegressionMetrics},
    model::{Intervals, NumberScratch, Prediction, RegressionBody, RegressionModel},
    result::{NumberCoefficient, NumberData, RegressionResult},
    training::{TrainedRegression, train},
};
