//! Properties of penalised and constrained fits that hold for every input.

use credit_risk::stats::{
    FitError, LogisticFit, LogisticSpec, Matrix, Penalty, Sign, sigmoid, variance_inflation,
};
use proptest::prelude::*;

use crate::support::{Numbers, coefficients, distance, fit_spec, generated, spec};

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn penalties() -> impl Strategy<Value = Penalty> {
    let strength = (-3.0..3.0_f64).prop_map(|power| 10.0_f64.powf(power));
    (0..5_u8, strength, 0.0..1.0_f64).prop_map(|(kind, inverse_strength, l1_ratio)| match kind {
        0 => Penalty::None,
        1 => Penalty::L2 { inverse_strength },
        2 => Penalty::L1 { inverse_strength },
        3 => Penalty::ElasticNet {
            inverse_strength,
            l1_ratio,
        },
        _ => Penalty::Firth,
    })
}

fn signs(columns: usize) -> impl Strategy<Value = Vec<Sign>> {
    let sign = prop::sample::select(vec![Sign::Free, Sign::NonNegative, Sign::NonPositive]);
    prop::collection::vec(sign, columns)
}

/// `(l1, l2)` weights of the objective with the log-losses summed.
fn weights_of(penalty: Penalty) -> (f64, f64) {
    match penalty {
        Penalty::None | Penalty::Firth => (0.0, 0.0),
        Penalty::L2 { inverse_strength } => (0.0, 1.0 / inverse_strength),
        Penalty::L1 { inverse_strength } => (1.0 / inverse_strength, 0.0),
        Penalty::ElasticNet {
            inverse_strength,
            l1_ratio,
        } => (
            l1_ratio / inverse_strength,
            (1.0 - l1_ratio) / inverse_strength,
        ),
    }
}

/// How far the fit is from its optimality conditions, worked out from their definition.
fn offence(
    fit: &LogisticFit,
    (l1, l2): (f64, f64),
    signs: &[Sign],
    design: &Matrix,
    events: &[bool],
) -> f64 {
    let mut gradient = vec![0.0; fit.weights.len() + 1];
    for (row, event) in events.iter().enumerate() {
        let pairs = design.row(row).iter().zip(&fit.weights);
        let log_odds = fit.intercept + pairs.map(|(x, b)| x * b).sum::<f64>();
        let residual = sigmoid(log_odds) - f64::from(u8::from(*event));
        gradient[0] += residual;
        for (gradient, x) in gradient[1..].iter_mut().zip(design.row(row)) {
            *gradient += residual * x;
        }
    }
    let mut worst = gradient[0].abs();
    for (column, b) in fit.weights.iter().enumerate() {
        let slope = gradient[column + 1] + l2 * b;
        let sign = signs.get(column).copied().unwrap_or_default();
        assert!(*b <= 0.0 || sign != Sign::NonPositive, "{b} is positive");
        assert!(*b >= 0.0 || sign != Sign::NonNegative, "{b} is negative");
        let uphill = |way: f64| (way * slope + l1).min(0.0).abs();
        worst = worst.max(match sign {
            _ if *b != 0.0 => (slope + l1.copysign(*b)).abs(),
            Sign::Free => uphill(1.0).max(uphill(-1.0)),
            Sign::NonNegative => uphill(1.0),
            Sign::NonPositive => uphill(-1.0),
        });
    }
    worst
}

/// A column of one of many awkward kinds.
fn awkward(kind: u8, rows: usize, events: &[bool], numbers: &mut Numbers) -> Vec<f64> {
    (0..rows)
        .map(|row| match kind {
            0 => 0.0,
            1 => 1e100,
            2 => 1e100 * (numbers.uniform() - 0.5),
            3 => 1e-90 * numbers.uniform(),
            4 => 1e-156 * (row % 2) as f64,
            5 => f64::from(u8::from(events[row])),
            6 => f64::from(u8::from(row == 0)),
            7 => 1e9 + (row % 3) as f64,
            8 => (row % 4) as f64,
            9 => ((row % 4) as f64).mul_add(-3.0, 7.0),
            10 => 1.0 + f64::EPSILON * (row % 2) as f64,
            _ => numbers.uniform(),
        })
        .collect()
}

fn is_finite(fit: &LogisticFit) -> bool {
    let mut numbers = coefficients(fit);
    numbers.extend([fit.log_likelihood, fit.convergence.gradient_sup_norm]);
    if let Some(inference) = &fit.inference {
        numbers.extend(&inference.std_error);
        numbers.extend(&inference.z);
        numbers.extend(&inference.p_value);
    }
    if let Some(of) = &fit.statistics {
        numbers.extend([of.parameters, of.aic, of.bic, of.mcfadden_r2]);
        numbers.extend(of.likelihood_ratio.map(|test| test.p_value));
    }
    numbers.iter().all(|number| number.is_finite())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_fit_meets_its_optimality_conditions(
        seed in any::<u64>(),
        rows in 60..300_usize,
        penalty in penalties(),
        signs in (1..9_usize).prop_flat_map(signs),
    ) {
        prop_assume!(penalty != Penalty::Firth);
        let (design, events) = generated(rows, signs.len(), -0.5, seed);
        let constrained = LogisticSpec { signs: signs.clone(), ..spec(penalty) };
        let fit = match fit_spec(constrained, &design, &events) {
            Err(FitError::Separated) if penalty == Penalty::None => return Ok(()),
            fit => fit.unwrap(),
        };
        prop_assert!(fit.convergence.converged);
        let offence = offence(&fit, weights_of(penalty), &signs, &design, &events);
        prop_assert!(offence < 1e-8, "{offence}");
        // What the certificate says is what there is.
        prop_assert!((offence - fit.convergence.gradient_sup_norm).abs() < 1e-9);
    }

    #[test]
    fn what_does_not_converge_shows_in_the_certificate(
        seed in any::<u64>(),
        penalty in penalties(),
        signs in (1..5_usize).prop_flat_map(signs),
    ) {
        prop_assume!(penalty != Penalty::Firth);
        let (design, events) = generated(200, signs.len(), -0.5, seed);
        let hasty = LogisticSpec { signs: signs.clone(), max_iterations: 1, ..spec(penalty) };
        let fit = fit_spec(hasty, &design, &events).unwrap();
        let offence = offence(&fit, weights_of(penalty), &signs, &design, &events);
        let told = fit.convergence.gradient_sup_norm;
        prop_assert!((offence - told).abs() < 1e-9 * (1.0 + offence), "{offence} {told}");
    }

    #[test]
    fn firths_fit_is_a_maximum_of_the_penalised_likelihood(
        seed in any::<u64>(),
        rows in 12..60_usize,
        columns in 1..4_usize,
        separated in any::<bool>(),
    ) {
        let (design, mut events) = generated(rows, columns, -0.5, seed);
        if separated {
            for (row, event) in events.iter_mut().enumerate() {
                *event = design.row(row)[0] > 0.4;
            }
        }
        let both = |events: &[bool]| events.contains(&true) && events.contains(&false);
        prop_assume!(both(&events));
        let fit = fit_spec(spec(Penalty::Firth), &design, &events).unwrap();
        prop_assert!(fit.convergence.converged, "{:?}", fit.convergence);
        let at = coefficients(&fit);
        let top = penalised(&at, &design, &events);
        for place in 0..at.len() {
            let along = |step: f64| {
                let mut moved = at.clone();
                moved[place] += step;
                penalised(&moved, &design, &events)
            };
            let slope = (along(1e-4) - along(-1e-4)) / 2e-4;
            prop_assert!(slope.abs() < 1e-6 * (1.0 + top.abs()), "{place}: {slope}");
            prop_assert!(along(0.1) < top && along(-0.1) < top);
        }
    }

    #[test]
    fn awkward_columns_give_finite_numbers_or_a_reason(
        seed in any::<u64>(),
        rows in 2..40_usize,
        kinds in prop::collection::vec(0..12_u8, 0..6),
        penalty in penalties(),
        constrained in any::<bool>(),
    ) {
        let mut numbers = Numbers(seed);
        let events: Vec<bool> = (0..rows).map(|_| numbers.uniform() < 0.4).collect();
        let mut design = Matrix::new(rows, kinds.len());
        for (column, kind) in kinds.iter().enumerate() {
            for (row, value) in awkward(*kind, rows, &events, &mut numbers).iter().enumerate() {
                design.row_mut(row)[column] = *value;
            }
        }
        let signs = if constrained && penalty != Penalty::Firth {
            vec![Sign::NonNegative; kinds.len()]
        } else {
            Vec::new()
        };
        match fit_spec(LogisticSpec { signs, ..spec(penalty) }, &design, &events) {
            Ok(fit) => prop_assert!(is_finite(&fit), "{fit:?}"),
            Err(FitError::OneClass | FitError::Singular) => {}
            Err(FitError::Separated) => prop_assert_eq!(penalty, Penalty::None),
            Err(error) => prop_assert!(false, "{}", error),
        }
        let inflation = variance_inflation(&design).unwrap();
        prop_assert!(inflation.iter().flatten().all(|factor| *factor > 0.999));
    }

    #[test]
    fn one_column_is_refused_exactly_when_it_separates(
        rows in prop::collection::vec((0..6_u8, any::<bool>()), 2..30),
    ) {
        let values: Vec<f64> = rows.iter().map(|(value, _)| f64::from(*value)).collect();
        let events: Vec<bool> = rows.iter().map(|(_, event)| *event).collect();
        let side = |wanted: bool| {
            let side = rows.iter().filter(move |(_, event)| *event == wanted);
            side.map(|(value, _)| *value)
        };
        let ends = |wanted: bool| Some((side(wanted).min()?, side(wanted).max()?));
        let (Some(no), Some(yes)) = (ends(false), ends(true)) else { return Ok(()) };
        prop_assume!(no.0.min(yes.0) < no.1.max(yes.1));
        // They may touch: quasi-complete separation.
        let separated = no.1 <= yes.0 || yes.1 <= no.0;
        let design = Matrix::from_vec(values.len(), 1, values).unwrap();
        let fit = fit_spec(spec(Penalty::None), &design, &events);
        prop_assert_eq!(fit == Err(FitError::Separated), separated);
        if let Ok(fit) = fit {
            prop_assert!(fit.convergence.converged);
        }
        let firth = fit_spec(spec(Penalty::Firth), &design, &events).unwrap();
        prop_assert!(firth.convergence.converged);
    }

    #[test]
    fn the_same_fit_is_the_same_bytes(
        seed in any::<u64>(),
        penalty in penalties(),
        columns in 0..7_usize,
    ) {
        let (design, events) = generated(120, columns, -0.5, seed);
        let bits = || {
            let fit = fit_spec(spec(penalty), &design, &events)?;
            let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            let statistics = fit.statistics.clone().unwrap();
            let errors = fit.inference.as_ref().map(|of| bits(&of.std_error));
            Ok::<_, FitError>((bits(&coefficients(&fit)), errors, statistics.bic.to_bits()))
        };
        prop_assert_eq!(bits(), bits());
    }

    #[test]
    fn a_weight_counts_like_so_many_rows(
        seed in any::<u64>(),
        penalty in penalties(),
        times in prop::collection::vec(0..4_u8, 150),
    ) {
        let (design, events) = generated(150, 3, 0.0, seed);
        let weights: Vec<f64> = times.iter().copied().map(f64::from).collect();
        let repeated: Vec<usize> = (0..150)
            .flat_map(|row| std::iter::repeat_n(row, usize::from(times[row])))
            .collect();
        let repeated_events: Vec<bool> = repeated.iter().map(|&row| events[row]).collect();
        let checked = spec(penalty).check().unwrap();
        let weighted = checked.fit(&design, &events, Some(&weights), &|| false).unwrap();
        let replicated =
            fit_spec(spec(penalty), &design.select_rows(&repeated), &repeated_events).unwrap();
        prop_assert!(distance(&coefficients(&weighted), &coefficients(&replicated)) < 1e-8);
        let [weighted, replicated] = [weighted, replicated].map(|fit| fit.statistics.unwrap());
        prop_assert!((weighted.aic - replicated.aic).abs() < 1e-7);
        prop_assert!((weighted.bic - replicated.bic).abs() < 1e-7);
        let chi_square = [weighted, replicated].map(|of| of.likelihood_ratio.map(|t| t.chi_square));
        if let [Some(weighted), Some(replicated)] = chi_square {
            prop_assert!((weighted - replicated).abs() < 1e-7);
        }
    }

    #[test]
    fn firths_fit_does_not_depend_on_units(seed in any::<u64>(), shift in -1e3..1e3_f64) {
        let (design, events) = generated(80, 2, -0.5, seed);
        let mut moved = design.clone();
        for row in 0..80 {
            moved.row_mut(row)[0] = design.row(row)[0] * 1e4 + shift;
        }
        let plain = fit_spec(spec(Penalty::Firth), &design, &events).unwrap();
        let moved = fit_spec(spec(Penalty::Firth), &moved, &events).unwrap();
        prop_assert!((moved.weights[0] * 1e4 - plain.weights[0]).abs() < 1e-8);
        prop_assert!((moved.weights[1] - plain.weights[1]).abs() < 1e-8);
    }
}

/// Log-likelihood plus half the log-determinant of the information, in at most four coefficients.
fn penalised(at: &[f64], design: &Matrix, events: &[bool]) -> f64 {
    let size = at.len();
    let mut information = vec![vec![0.0; size]; size];
    let mut likelihood = 0.0;
    for (row, event) in events.iter().enumerate() {
        let x: Vec<f64> = std::iter::once(1.0)
            .chain(design.row(row).iter().copied())
            .collect();
        let log_odds: f64 = x.iter().zip(at).map(|(x, b)| x * b).sum();
        let p = sigmoid(log_odds);
        likelihood += if *event {
            sigmoid(log_odds).ln()
        } else {
            sigmoid(-log_odds).ln()
        };
        for i in 0..size {
            for j in 0..size {
                information[i][j] += p * sigmoid(-log_odds) * x[i] * x[j];
            }
        }
    }
    // Elimination without pivots: the matrix is positive-definite.
    let mut log_determinant = 0.0;
    for i in 0..size {
        let (above, below) = information.split_at_mut(i + 1);
        let pivot = &above[i];
        log_determinant += pivot[i].ln();
        for row in below {
            let factor = row[i] / pivot[i];
            for (value, pivot) in row.iter_mut().zip(pivot) {
                *value -= factor * pivot;
            }
        }
    }
    likelihood + 0.5 * log_determinant
}
