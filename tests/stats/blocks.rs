//! Fits on rows that are read in blocks.

use std::cell::Cell;
use std::ops::ControlFlow;

use credit_risk::stats::{
    Block, BlockError, DesignBlocks, FitError, LogisticFit, LogisticParams, Matrix, MatrixBlocks,
    Penalty,
};

use crate::support::{ALL, Numbers, generated, lbfgs, spec};

/// A matrix cut into blocks of the given sizes, over and over.
struct Cut<'a> {
    design: &'a Matrix,
    events: &'a [bool],
    weights: Option<&'a [f64]>,
    sizes: &'a [usize],
}

impl DesignBlocks for Cut<'_> {
    fn columns(&self) -> usize {
        self.design.columns()
    }

    fn rows(&self) -> usize {
        self.design.rows()
    }

    fn each(&self, visit: &mut dyn FnMut(Block<'_>) -> ControlFlow<()>) -> Result<(), BlockError> {
        let columns = self.columns();
        let mut at = 0;
        for size in self.sizes.iter().cycle() {
            let end = (at + size).min(self.rows());
            let block = Block {
                values: &self.design.as_slice()[at * columns..end * columns],
                events: &self.events[at..end],
                weights: self.weights.map(|weights| &weights[at..end]),
            };
            at = end;
            if visit(block).is_break() || at == self.rows() {
                break;
            }
        }
        Ok(())
    }
}

/// A source that does as it is told in the passes after the first.
struct Faulty<'a> {
    rows: MatrixBlocks<'a>,
    passes: Cell<u32>,
    fault: Fault,
}

#[derive(Clone, Copy)]
enum Fault {
    Fails,
    GivesNothing,
    GivesTwice,
    LosesAValue,
    LosesAWeight,
}

impl DesignBlocks for Faulty<'_> {
    fn columns(&self) -> usize {
        self.rows.columns()
    }

    fn rows(&self) -> usize {
        self.rows.rows()
    }

    fn each(&self, visit: &mut dyn FnMut(Block<'_>) -> ControlFlow<()>) -> Result<(), BlockError> {
        self.passes.set(self.passes.get() + 1);
        if self.passes.get() == 1 {
            return self.rows.each(visit);
        }
        match self.fault {
            Fault::Fails => return Err(BlockError::source("disk on fire")),
            Fault::GivesNothing => return Ok(()),
            Fault::GivesTwice => {
                self.rows.each(visit)?;
                return self.rows.each(visit);
            }
            Fault::LosesAValue | Fault::LosesAWeight => {}
        }
        self.rows.each(&mut |block| {
            visit(match self.fault {
                Fault::LosesAWeight => Block {
                    weights: Some(&[1.0]),
                    ..block
                },
                _ => Block {
                    values: &block.values[1..],
                    ..block
                },
            })
        })
    }
}

/// Every number of a fit, bit by bit.
fn bits(fit: &LogisticFit) -> String {
    format!("{fit:?}")
}

#[test]
fn where_the_rows_are_cut_leaves_no_bit_changed() {
    let (design, events) = generated(1000, 7, -1.0, 31);
    let mut numbers = Numbers(5);
    let weights: Vec<f64> = (0..1000)
        .map(|_| (3.0 * numbers.uniform()).floor())
        .collect();
    for penalty in ALL {
        let checked = spec(penalty).check().unwrap();
        for weights in [None, Some(weights.as_slice())] {
            let whole = checked.fit(&design, &events, weights, &|| false).unwrap();
            for sizes in [&[1_usize][..], &[64], &[63, 0, 2, 300], &[100], &[999, 1]] {
                let (design, events) = (&design, &events);
                let cut = Cut {
                    design,
                    events,
                    weights,
                    sizes,
                };
                let fit = checked.fit_blocks(&cut, &|| false).unwrap();
                assert_eq!(bits(&fit), bits(&whole), "{penalty:?}, {sizes:?}");
            }
        }
    }
}

#[test]
fn both_kinds_of_settings_fit_blocks_alike() {
    let (design, events) = generated(500, 3, -1.0, 3);
    let source = MatrixBlocks::new(&design, &events, None).unwrap();
    let plain = LogisticParams::default().check().unwrap();
    let full = spec(Penalty::L2 {
        inverse_strength: 1.0,
    });
    let full = full.check().unwrap().fit_blocks(&source, &|| false);
    assert_eq!(plain.fit_blocks(&source, &|| false), full);
}

#[test]
fn a_source_that_fails_is_reported() {
    let (design, events) = generated(200, 3, 0.0, 9);
    let outcome = |fault| {
        let source = Faulty {
            rows: MatrixBlocks::new(&design, &events, None).unwrap(),
            passes: Cell::new(0),
            fault,
        };
        let fit = spec(Penalty::None).check().unwrap();
        match fit.fit_blocks(&source, &|| false) {
            Err(FitError::Blocks(error)) => error,
            other => panic!("{other:?}"),
        }
    };
    let fire = BlockError::Source("disk on fire".into());
    assert_eq!(outcome(Fault::Fails), fire);
    let (expected, given) = (200, 0);
    let rows = BlockError::Rows { expected, given };
    assert_eq!(outcome(Fault::GivesNothing), rows);
    let (expected, given) = (200, 400);
    let rows = BlockError::Rows { expected, given };
    assert_eq!(outcome(Fault::GivesTwice), rows);
    let shape = |values, weights| BlockError::Shape {
        row: 0,
        events: 200,
        values,
        weights,
    };
    assert_eq!(outcome(Fault::LosesAValue), shape(599, None));
    assert_eq!(outcome(Fault::LosesAWeight), shape(600, Some(1)));
}

#[test]
fn a_bad_row_is_named_by_its_place_among_all_rows() {
    let (mut design, events) = generated(500, 3, 0.0, 9);
    design.row_mut(421)[1] = 1e101;
    let mut weights = vec![1.0; 500];
    let fit = |weights: &[f64]| {
        let cut = Cut {
            design: &design,
            events: &events,
            weights: Some(weights),
            sizes: &[37],
        };
        let checked = spec(Penalty::None).check().unwrap();
        checked.fit_blocks(&cut, &|| false)
    };
    let (row, column) = (421, 1);
    assert_eq!(fit(&weights), Err(FitError::NonFinite { row, column }));
    weights[300] = f64::NAN;
    assert_eq!(fit(&weights), Err(FitError::WeightOutOfRange { row: 300 }));
}

#[test]
fn a_fit_is_cancelled_within_a_pass() {
    let (design, events) = generated(20_000, 2, 0.0, 2);
    let source = MatrixBlocks::new(&design, &events, None).unwrap();
    let asked = Cell::new(0);
    let cancelled = || {
        asked.set(asked.get() + 1);
        asked.get() == 3
    };
    let checked = spec(Penalty::None).check().unwrap();
    let stopped = checked.fit_blocks(&source, &cancelled);
    // The first pass alone has more than three groups of groups.
    assert_eq!(stopped, Err(FitError::Cancelled));
    assert_eq!(asked.get(), 3);
}

#[test]
fn lbfgs_says_that_it_needs_the_matrix() {
    let (design, events) = generated(20, 1, 0.0, 4);
    let source = MatrixBlocks::new(&design, &events, None).unwrap();
    let refused = lbfgs().check().unwrap().fit_blocks(&source, &|| false);
    assert_eq!(refused, Err(FitError::NeedsMatrix));
}
