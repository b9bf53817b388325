//! The service in memory, called through its router: what the wire promises.
#![expect(
    clippy::unwrap_used,
    reason = "helpers may panic: a failure here is the test's failure"
)]

mod access;
mod audit;
mod card;
mod charts;
mod comparisons;
mod dirty_data;
mod documentation;
mod evidence;
mod feature_selection;
mod hang_up;
mod headers;
mod limits;
mod models;
mod order;
mod predict;
mod predict_faults;
mod predict_maths;
mod refit;
mod refit_faults;
mod regressions;
mod score;
mod score_faults;
mod score_formats;
mod score_streams;
mod scorecard_exports;
mod settings;
mod support;
mod train_events;
mod train_formats;
mod train_plan;
mod train_results;
mod train_sources;
mod train_streamed;
mod trees;
