//! Charts of evidence: valid and harmless documents whose drawings agree with the figures.
#![expect(
    clippy::unwrap_used,
    reason = "outside of test functions too, a failure here is a failed test"
)]

mod calibration;
mod documents;
mod drawing;
mod foreign;
mod ks;
mod random;
mod roc;
mod samples;
mod score_bands;
mod strategy;
mod woe;
