//! Charts and cards of evidence: valid and harmless documents whose drawings agree with the figures.
#![expect(
    clippy::unwrap_used,
    reason = "outside of test functions too, a failure here is a failed test"
)]

mod calibration;
mod card;
mod card_limits;
mod documents;
mod drawing;
mod foreign;
mod ks;
mod random;
mod roc;
mod samples;
mod score_bands;
mod strategy;
mod trained;
mod woe;
