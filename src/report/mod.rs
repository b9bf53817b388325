//! A model's evidence as documents for people: what was measured, drawn and told.
//!
//! Pure: plain figures in, text out, with the same bytes each time. Nothing here trains, scores,
//! stores or answers a request.

pub mod card;
pub mod charts;
pub mod drawings;
