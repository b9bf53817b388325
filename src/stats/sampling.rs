//! Seeded splits, folds and undersampling that respect the two classes.
//!
//! Every function draws from a `ChaCha8` generator seeded with the caller's number: the same seed and
//! events give the same rows on every machine.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Rows to learn from and rows to judge by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Rows to learn from, ascending.
    pub train: Vec<usize>,
    /// Rows held out, ascending.
    pub test: Vec<usize>,
}

/// Why rows cannot be divided.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum SamplingError {
    /// A class has fewer rows than there are parts to give one each.
    #[error("{class} has {rows} rows, fewer than the {needed} needed", class = class_name(*.event))]
    ClassTooSmall {
        /// Whether it is the class of events.
        event: bool,
        /// Rows it has.
        rows: usize,
        /// Rows it needs.
        needed: usize,
    },
    /// There are fewer rows than parts to give one each.
    #[error("{rows} rows are fewer than the {needed} needed")]
    TooFewRows {
        /// Rows there are.
        rows: usize,
        /// Rows needed.
        needed: usize,
    },
    /// The share held out is not strictly between 0 and 1.
    #[error("the test share must be between 0 and 1, both excluded, got {0}")]
    TestShare(f64),
    /// There are fewer than two folds.
    #[error("there must be at least 2 folds, got {0}")]
    Folds(usize),
}

fn class_name(event: bool) -> &'static str {
    if event {
        "the class of events"
    } else {
        "the class of non-events"
    }
}

/// Random split that keeps the class proportions.
///
/// The test side gets `test_share` of the rows, rounded; the classes share it by largest remainder.
/// Each side gets at least one row of each class, even where rounding would give none.
///
/// # Errors
/// [`SamplingError`] when a class has fewer than two rows or the share is not inside `(0, 1)`.
pub fn stratified_split(
    events: &[bool],
    test_share: f64,
    seed: u64,
) -> Result<Split, SamplingError> {
    let mut split = Split {
        train: Vec::with_capacity(events.len()),
        test: Vec::new(),
    };
    let rows = events.iter().enumerate().map(|(row, event)| (row, *event));
    divide(rows, test_share, seed, |row, test| {
        let side = if test {
            &mut split.test
        } else {
            &mut split.train
        };
        side.push(row);
    })?;
    split.train.sort_unstable();
    split.test.sort_unstable();
    Ok(split)
}

/// Tells `visit` of each row, in no order, whether [`stratified_split`] holds it out.
///
/// `rows` gives each row with its event. The sides depend on the events alone, so that a small type
/// of row saves memory: all rows are held once.
///
/// # Errors
/// As [`stratified_split`].
pub fn divide<R>(
    rows: impl Iterator<Item = (R, bool)> + Clone,
    test_share: f64,
    seed: u64,
    mut visit: impl FnMut(R, bool),
) -> Result<(), SamplingError> {
    if !(test_share > 0.0 && test_share < 1.0) {
        return Err(SamplingError::TestShare(test_share));
    }
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let classes = shuffled_classes(rows, 2, &mut generator)?;
    let rows = classes[0].len() + classes[1].len();
    let total = (rows as f64 * test_share).round();
    let quota = |class: &Vec<R>| total * class.len() as f64 / rows as f64;
    let quotas = [quota(&classes[0]), quota(&classes[1])];
    // With two classes the remainders add up to 0 or 1, so the place left over, if any, goes to the
    // larger remainder; on a tie to the events.
    let left_over = total - quotas[0].floor() - quotas[1].floor() > 0.5;
    let events_first = quotas[0].fract() >= quotas[1].fract();
    for (i, class) in classes.into_iter().enumerate() {
        let extra = usize::from(left_over && (events_first == (i == 0)));
        let held_out = (quotas[i].floor() as usize + extra).clamp(1, class.len() - 1);
        for (place, row) in class.into_iter().enumerate() {
            visit(row, place < held_out);
        }
    }
    Ok(())
}

/// Fold number, in `0..folds`, of every row; folds differ by at most one row, also within a class.
///
/// # Errors
/// [`SamplingError`] for fewer than two folds or a class with fewer rows than folds.
pub fn stratified_folds(
    events: &[bool],
    folds: usize,
    seed: u64,
) -> Result<Vec<usize>, SamplingError> {
    if folds < 2 {
        return Err(SamplingError::Folds(folds));
    }
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let rows = events.iter().enumerate().map(|(row, event)| (row, *event));
    let classes = shuffled_classes(rows, folds, &mut generator)?;
    let mut fold = vec![0; events.len()];
    // Dealt out like cards. The second class goes on where the first ended, which keeps the folds'
    // totals level as well.
    for (place, row) in classes.iter().flatten().enumerate() {
        fold[*row] = place % folds;
    }
    Ok(fold)
}

/// Random split of `0..rows` of which the test side gets `test_share`, rounded; each side gets a row
/// at least.
///
/// # Errors
/// [`SamplingError`] when there are fewer than two rows or the share is not inside `(0, 1)`.
pub fn random_split(rows: usize, test_share: f64, seed: u64) -> Result<Split, SamplingError> {
    if !(test_share > 0.0 && test_share < 1.0) {
        return Err(SamplingError::TestShare(test_share));
    }
    if rows < 2 {
        return Err(SamplingError::TooFewRows { rows, needed: 2 });
    }
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let held_out = ((rows as f64 * test_share).round() as usize).clamp(1, rows - 1);
    let mut train = order.split_off(held_out);
    train.sort_unstable();
    order.sort_unstable();
    Ok(Split { train, test: order })
}

/// Fold number, in `0..folds`, of each of `rows` rows; folds differ by at most one row.
///
/// # Errors
/// [`SamplingError`] for fewer than two folds or fewer rows than folds.
pub fn random_folds(rows: usize, folds: usize, seed: u64) -> Result<Vec<usize>, SamplingError> {
    if folds < 2 {
        return Err(SamplingError::Folds(folds));
    }
    if rows < folds {
        let needed = folds;
        return Err(SamplingError::TooFewRows { rows, needed });
    }
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let mut fold = vec![0; rows];
    for (place, row) in order.into_iter().enumerate() {
        fold[row] = place % folds;
    }
    Ok(fold)
}

/// The rows of the rarer class with as many random ones of the other, ascending.
///
/// `rows` index into `events`. When one class is absent the result is empty.
///
/// # Panics
/// When a row does not exist in `events`.
pub fn undersample(rows: &[usize], events: &[bool], seed: u64) -> Vec<usize> {
    let mut kept = Vec::new();
    let rows = rows.iter().map(|row| (*row, events[*row]));
    balance(rows, seed, |row| kept.push(row));
    kept.sort_unstable();
    kept
}

/// Tells `visit` of each row that [`undersample`] keeps, in no order; `rows` gives each row with its
/// event.
pub fn balance<R: Copy>(
    rows: impl Iterator<Item = (R, bool)> + Clone,
    seed: u64,
    visit: impl FnMut(R),
) {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut classes = classes(rows);
    let count = classes[0].len().min(classes[1].len());
    let mut kept = Vec::with_capacity(2 * count);
    for class in &mut classes {
        let (chosen, _) = class.partial_shuffle(&mut generator, count);
        kept.extend_from_slice(chosen);
    }
    kept.into_iter().for_each(visit);
}

/// Rows of the events and of the non-events, each in random order.
fn shuffled_classes<R>(
    rows: impl Iterator<Item = (R, bool)> + Clone,
    needed: usize,
    generator: &mut ChaCha8Rng,
) -> Result<[Vec<R>; 2], SamplingError> {
    let mut classes = classes(rows);
    for (event, class) in [(true, &classes[0]), (false, &classes[1])] {
        if class.len() < needed {
            return Err(SamplingError::ClassTooSmall {
                event,
                rows: class.len(),
                needed,
            });
        }
    }
    for class in &mut classes {
        class.shuffle(generator);
    }
    Ok(classes)
}

/// Rows of the events and of the non-events, in their order.
fn classes<R>(rows: impl Iterator<Item = (R, bool)> + Clone) -> [Vec<R>; 2] {
    let (mut with, mut without) = (0, 0);
    for (_, event) in rows.clone() {
        *(if event { &mut with } else { &mut without }) += 1;
    }
    // A list that grows would hold up to thrice its rows.
    let mut classes = [Vec::with_capacity(with), Vec::with_capacity(without)];
    for (row, event) in rows {
        classes[usize::from(!event)].push(row);
    }
    classes
}
