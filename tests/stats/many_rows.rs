//! Fits on so many rows that a sample of them shows the way, and on rows that are not kept as `f64`.

use std::cell::Cell;
use std::ops::ControlFlow;

use credit_risk::stats::{
    Block, BlockError, DesignBlocks, FitError, LogisticFit, LogisticSpec, Matrix, MatrixBlocks,
    NarrowBlocks, Penalty, Sign, sigmoid,
};

use crate::support::{ELASTIC_NET, L1, L2, Numbers, coefficients, distance, fit_spec, spec};

pub const ROWS: usize = 120_000;

/// Many rows with six columns in unlike units: two wide, a rare indicator, an offset, a skewed one.
pub fn many() -> (Matrix, Vec<bool>) {
    let mut numbers = Numbers(77);
    let mut design = Matrix::new(ROWS, 6);
    let mut events = Vec::with_capacity(ROWS);
    for i in 0..ROWS {
        let mut draw = || 3.0 * numbers.uniform() - 1.5;
        let (a, b, c, d) = (draw(), draw(), draw(), draw());
        // So rare that a sample has one or none of them.
        let rare = f64::from(u8::from(i % 30_000 == 7));
        let skewed = (2.0 * d).exp();
        let row = [a, 1e3 * b, rare, 2e9 + c, a * b, skewed];
        design.row_mut(i).copy_from_slice(&row);
        let log_odds = -2.0 + a - 0.5 * b + 0.7 * c + 0.3 * a * b - 0.05 * skewed + rare;
        events.push(numbers.uniform() < sigmoid(log_odds));
    }
    (design, events)
}

/// The fit found from the model of the intercept alone.
fn from_scratch(spec: LogisticSpec, design: &Matrix, events: &[bool]) -> LogisticFit {
    let strength = match spec.penalty {
        Penalty::L1 { inverse_strength }
        | Penalty::L2 { inverse_strength }
        | Penalty::ElasticNet {
            inverse_strength, ..
        } => inverse_strength,
        other => panic!("no path for {other:?}"),
    };
    let checked = spec.check().unwrap();
    let path = checked.path(design, events, None, &[strength], &|| false);
    path.unwrap().remove(0).fit
}

/// Largest difference in parts of the second list's values.
fn relative(a: &[f64], b: &[f64]) -> f64 {
    let shares: Vec<f64> = a.iter().zip(b).map(|(a, b)| a / b).collect();
    distance(&shares, &vec![1.0; b.len()])
}

#[test]
fn a_search_from_a_sample_ends_where_one_from_scratch_does() {
    let (design, events) = many();
    let mut signs = vec![Sign::Free; 6];
    signs[1] = Sign::NonNegative;
    let constrained = LogisticSpec { signs, ..spec(L2) };
    for spec in [spec(L2), spec(L1), spec(ELASTIC_NET), constrained] {
        let near = fit_spec(spec.clone(), &design, &events).unwrap();
        let scratch = from_scratch(spec.clone(), &design, &events);
        assert!(near.convergence.converged, "{spec:?}");
        // The intercept where every column is 0 lies 2e9 away from the rows.
        let gap = distance(&near.weights, &scratch.weights);
        assert!(gap < 1e-9, "{spec:?}: {gap}");
        let gap = near.log_likelihood - scratch.log_likelihood;
        assert!(gap.abs() < 1e-7, "{spec:?}: {gap}");
        let fewer = near.convergence.iterations < scratch.convergence.iterations;
        assert!(fewer, "{spec:?}: {:?}", near.convergence);
        if let (Some(near), Some(scratch)) = (near.inference, scratch.inference)
            && spec.signs.is_empty()
        {
            let gap = relative(&near.std_error, &scratch.std_error);
            assert!(gap < 1e-6, "{spec:?}: {gap}");
        }
    }
}

#[test]
fn where_many_rows_are_cut_leaves_no_bit_changed() {
    let (design, events) = many();
    let checked = spec(Penalty::None).check().unwrap();
    let whole = checked.fit(&design, &events, None, &|| false).unwrap();
    for size in [1000, 4096, 77_777] {
        let source = Cut {
            rows: (&design, &events),
            size,
            passes: Cell::new(0),
        };
        let fit = checked.fit_blocks(&source, &|| false).unwrap();
        assert_eq!(format!("{fit:?}"), format!("{whole:?}"), "{size}");
        // The first, three for the gradient, three near the optimum, and one to spare.
        assert!(source.passes.get() <= 8, "{} passes", source.passes.get());
    }
}

/// A matrix in blocks of one size, which counts the passes over it.
pub struct Cut<'a> {
    pub rows: (&'a Matrix, &'a [bool]),
    pub size: usize,
    pub passes: Cell<u32>,
}

impl DesignBlocks for Cut<'_> {
    fn columns(&self) -> usize {
        self.rows.0.columns()
    }

    fn rows(&self) -> usize {
        self.rows.0.rows()
    }

    fn each(&self, visit: &mut dyn FnMut(Block<'_>) -> ControlFlow<()>) -> Result<(), BlockError> {
        self.passes.set(self.passes.get() + 1);
        let (design, events) = self.rows;
        let values = design.as_slice().chunks(self.size * design.columns());
        for (values, events) in values.zip(events.chunks(self.size)) {
            let block = Block {
                values,
                events,
                weights: None,
            };
            if visit(block).is_break() {
                break;
            }
        }
        Ok(())
    }
}

#[test]
fn rows_in_order_of_their_class_are_sampled_from_both() {
    let (design, events) = many();
    let mut order: Vec<usize> = (0..ROWS).collect();
    order.sort_by_key(|&row| events[row]);
    let sorted = design.select_rows(&order);
    let outcomes: Vec<bool> = order.iter().map(|&row| events[row]).collect();
    let fit = fit_spec(spec(L2), &sorted, &outcomes).unwrap();
    let scratch = from_scratch(spec(L2), &design, &events);
    assert!(distance(&fit.weights, &scratch.weights) < 1e-9);
    // From the sample's own optimum, without a round over all rows, it would be one more.
    assert!(fit.convergence.iterations <= 2, "{:?}", fit.convergence);
}

#[test]
fn weights_count_among_many_rows_as_among_few() {
    let (design, events) = many();
    let weights: Vec<f64> = (0..ROWS).map(|row| (row % 3) as f64).collect();
    let checked = spec(L2).check().unwrap();
    let fit = checked.fit(&design, &events, Some(&weights), &|| false);
    let repeated: Vec<usize> = (0..ROWS)
        .flat_map(|row| std::iter::repeat_n(row, row % 3))
        .collect();
    let outcomes: Vec<bool> = repeated.iter().map(|&row| events[row]).collect();
    let long = fit_spec(spec(L2), &design.select_rows(&repeated), &outcomes).unwrap();
    assert!(distance(&fit.unwrap().weights, &long.weights) < 1e-9);
}

#[test]
fn what_has_no_optimum_is_refused_among_many_rows_too() {
    let (mut design, mut events) = many();
    let fit = |design: &Matrix, events: &[bool]| {
        fit_spec(spec(Penalty::None), design, events).map(|fit| coefficients(&fit))
    };
    let collinear = design.select_columns(&[0, 1, 0]);
    assert_eq!(fit(&collinear, &events), Err(FitError::Singular));
    // Nobody with the indicator had the event.
    for row in (0..ROWS).step_by(10) {
        design.row_mut(row)[2] = 1.0;
        events[row] = false;
    }
    for row in 0..ROWS {
        design.row_mut(row)[2] = f64::from(u8::from(row % 10 == 0));
    }
    assert_eq!(fit(&design, &events), Err(FitError::Separated));
}

#[test]
fn numbers_beyond_single_precision_do_without_a_sample() {
    let (mut design, events) = many();
    for row in 0..ROWS {
        design.row_mut(row)[0] *= 1e60;
    }
    let fit = fit_spec(spec(Penalty::None), &design, &events).unwrap();
    let (usual, _) = many();
    let usual = fit_spec(spec(Penalty::None), &usual, &events).unwrap();
    assert!((fit.weights[0] * 1e60 / usual.weights[0] - 1.0).abs() < 1e-9);
}

#[test]
fn a_cancelled_search_in_a_sample_stops() {
    let (design, events) = many();
    let source = MatrixBlocks::new(&design, &events, None).unwrap();
    let asked = Cell::new(0);
    let limit = ROWS / 64 / 64 + 1;
    let cancelled = || {
        asked.set(asked.get() + 1);
        // Past the first pass over all rows.
        asked.get() > limit + 3
    };
    let stopped = spec(L2).check().unwrap().fit_blocks(&source, &cancelled);
    assert_eq!(stopped, Err(FitError::Cancelled));
    assert_eq!(asked.get(), limit + 4);
}

#[test]
fn single_precision_is_the_fit_of_the_rounded_values() {
    let (wide, events) = many();
    let wide = wide.select_columns(&[0, 1, 2, 4, 5]);
    let narrow: Vec<f32> = wide.as_slice().iter().map(|value| *value as f32).collect();
    let source = NarrowBlocks::new(5, &narrow, &events, None).unwrap();
    let fit = spec(L2).check().unwrap().fit_blocks(&source, &|| false);
    let rounded = narrow.iter().map(|value| f64::from(*value)).collect();
    let rounded = Matrix::from_vec(ROWS, 5, rounded).unwrap();
    let of_rounded = fit_spec(spec(L2), &rounded, &events);
    assert_eq!(fit, of_rounded);
    // Rounding errors of 6e-8 leave even less of themselves in 120,000 rows.
    let of_wide = fit_spec(spec(L2), &wide, &events).unwrap();
    let fit = fit.unwrap();
    let gap = relative(&fit.weights, &of_wide.weights);
    assert!(gap < 1e-7 && gap > 0.0, "{gap}");
    let inference = (fit.inference.unwrap(), of_wide.inference.unwrap());
    assert!(relative(&inference.0.std_error, &inference.1.std_error) < 1e-7);
}

#[test]
fn single_precision_rows_are_as_many_as_their_outcomes() {
    let refused = NarrowBlocks::new(2, &[1.0; 7], &[true; 4], None).map(|_| ());
    let shape = BlockError::Shape {
        row: 0,
        events: 4,
        values: 7,
        weights: None,
    };
    assert_eq!(refused, Err(FitError::Blocks(shape)));
}
