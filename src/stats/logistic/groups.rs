//! Blocks cut anew into groups of a fixed number of rows.
//!
//! Every sum over the rows is made of sums over these groups, so that neither its value nor its
//! rounding depends on how a source cuts its rows.

use std::ops::ControlFlow;

use super::blocks::{Block, BlockError, DesignBlocks};
use super::fit::FitError;

/// Rows per group: a group of some tens of columns stays in the first-level cache.
pub(super) const GROUP: usize = 64;
/// Groups between two questions whether the fit is cancelled.
const PATIENCE: usize = 64;

/// Consecutive rows: [`GROUP`] of them, but for the last group.
#[derive(Clone, Copy)]
pub(super) struct Group<'a> {
    /// Its first row's place among all rows.
    pub(super) first: usize,
    pub(super) values: &'a [f64],
    pub(super) events: &'a [bool],
    pub(super) weights: Option<&'a [f64]>,
}

impl Group<'_> {
    /// Weight of a row of the group.
    #[inline]
    pub(super) fn weight(&self, place: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[place])
    }

    /// Values of a row of the group.
    #[inline]
    pub(super) fn row(&self, place: usize, columns: usize) -> &[f64] {
        &self.values[place * columns..(place + 1) * columns]
    }
}

/// Gives every group of a source to `visit`, until it refuses one.
pub(super) fn each_group(
    source: &dyn DesignBlocks,
    cancelled: &dyn Fn() -> bool,
    visit: &mut dyn FnMut(Group<'_>) -> Result<(), FitError>,
) -> Result<(), FitError> {
    let mut cutter = Cutter::new(source, cancelled, visit);
    let mut refusal = None;
    let outcome = source.each(&mut |block| match cutter.take(block) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            refusal = Some(error);
            ControlFlow::Break(())
        }
    });
    if let Some(error) = refusal {
        return Err(error);
    }
    outcome?;
    cutter.finish()
}

struct Cutter<'a> {
    expected: usize,
    columns: usize,
    cancelled: &'a dyn Fn() -> bool,
    visit: &'a mut dyn FnMut(Group<'_>) -> Result<(), FitError>,
    /// Rows that wait for the rest of their group.
    waiting: Waiting,
    /// Rows given to `visit`.
    given: usize,
    groups: usize,
}

#[derive(Default)]
struct Waiting {
    values: Vec<f64>,
    events: Vec<bool>,
    /// Empty without weights.
    weights: Vec<f64>,
}

impl<'a> Cutter<'a> {
    fn new(
        source: &dyn DesignBlocks,
        cancelled: &'a dyn Fn() -> bool,
        visit: &'a mut dyn FnMut(Group<'_>) -> Result<(), FitError>,
    ) -> Self {
        Self {
            expected: source.rows(),
            columns: source.columns(),
            cancelled,
            visit,
            waiting: Waiting::default(),
            given: 0,
            groups: 0,
        }
    }

    fn take(&mut self, block: Block<'_>) -> Result<(), FitError> {
        let rows = block.events.len();
        self.check(&block)?;
        let mut at = 0;
        while at < rows {
            let waiting = self.waiting.events.len();
            let end = (at + GROUP - waiting).min(rows);
            let part = Block {
                values: &block.values[at * self.columns..end * self.columns],
                events: &block.events[at..end],
                weights: block.weights.map(|weights| &weights[at..end]),
            };
            if part.events.len() == GROUP {
                self.give(part)?;
            } else {
                self.keep(part);
                if waiting + part.events.len() == GROUP {
                    self.give_waiting()?;
                }
            }
            at = end;
        }
        Ok(())
    }

    fn check(&self, block: &Block<'_>) -> Result<(), BlockError> {
        let row = self.given + self.waiting.events.len();
        let events = block.events.len();
        let weights = block.weights.map(<[f64]>::len);
        let is_whole = events.checked_mul(self.columns) == Some(block.values.len());
        // Weights in some blocks only would leave a group with some of its weights.
        let is_mixed =
            !self.waiting.events.is_empty() && weights.is_some() == self.waiting.weights.is_empty();
        if !is_whole || is_mixed || weights.is_some_and(|weights| weights != events) {
            return Err(BlockError::Shape {
                row,
                events,
                values: block.values.len(),
                weights,
            });
        }
        if row + events > self.expected {
            return Err(BlockError::Rows {
                expected: self.expected,
                given: row + events,
            });
        }
        Ok(())
    }

    fn keep(&mut self, part: Block<'_>) {
        self.waiting.values.extend_from_slice(part.values);
        self.waiting.events.extend_from_slice(part.events);
        self.waiting
            .weights
            .extend_from_slice(part.weights.unwrap_or_default());
    }

    fn give_waiting(&mut self) -> Result<(), FitError> {
        let mut waiting = std::mem::take(&mut self.waiting);
        let given = self.give(Block {
            values: &waiting.values,
            events: &waiting.events,
            weights: (!waiting.weights.is_empty()).then_some(&waiting.weights),
        });
        waiting.values.clear();
        waiting.events.clear();
        waiting.weights.clear();
        self.waiting = waiting;
        given
    }

    fn give(&mut self, rows: Block<'_>) -> Result<(), FitError> {
        if self.groups.is_multiple_of(PATIENCE) && (self.cancelled)() {
            return Err(FitError::Cancelled);
        }
        self.groups += 1;
        let group = Group {
            first: self.given,
            values: rows.values,
            events: rows.events,
            weights: rows.weights,
        };
        self.given += rows.events.len();
        (self.visit)(group)
    }

    /// The last group, which may be short.
    fn finish(mut self) -> Result<(), FitError> {
        if !self.waiting.events.is_empty() {
            self.give_waiting()?;
        }
        if self.given != self.expected {
            return Err(BlockError::Rows {
                expected: self.expected,
                given: self.given,
            }
            .into());
        }
        Ok(())
    }
}
