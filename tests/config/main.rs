//! Settings: where they come from, what is refused, and that the papers agree.

mod documents;
mod environments;
mod faults;
mod precedence;
mod report;
mod rules;
mod secrets;
mod spellings;
mod support;
