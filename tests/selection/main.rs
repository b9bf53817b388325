//! Feature selection: which columns each method keeps, and what it says about them.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod boruta;
mod correlation;
mod data;
mod lasso;
mod requests;
mod shapes;
mod stability;
mod support;
mod trees;
mod woe_iv;
