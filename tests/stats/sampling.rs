//! Splits, folds and undersampling.

use credit_risk::stats::{SamplingError, stratified_folds, stratified_split, undersample};

fn one_in(period: usize, rows: usize) -> Vec<bool> {
    (0..rows).map(|row| row % period == 0).collect()
}

fn count(rows: &[usize], events: &[bool]) -> usize {
    rows.iter().filter(|&&row| events[row]).count()
}

#[test]
fn a_split_keeps_the_proportions() {
    let events = one_in(5, 1000);
    let split = stratified_split(&events, 0.25, 7).unwrap();
    assert_eq!((split.train.len(), split.test.len()), (750, 250));
    assert_eq!(count(&split.test, &events), 50);
    assert!(split.train.is_sorted() && split.test.is_sorted());
}

#[test]
fn a_split_is_the_seeds_and_nothing_elses() {
    let events = one_in(4, 200);
    let split = |seed| stratified_split(&events, 0.2, seed).unwrap();
    assert_eq!(split(1), split(1));
    assert_ne!(split(1), split(2));
}

#[test]
fn the_left_over_row_goes_to_the_larger_remainder() {
    // 7 events and 13 others, 10 held out: quotas 3.5 and 6.5, the tie goes to the events.
    let mut events = vec![false; 20];
    events[..7].fill(true);
    let split = stratified_split(&events, 0.5, 3).unwrap();
    assert_eq!(count(&split.test, &events), 4);
    assert_eq!(split.test.len(), 10);
}

#[test]
fn a_rare_class_is_on_both_sides_however_small_the_share() {
    let mut events = vec![false; 100];
    events[40..42].fill(true);
    let split = stratified_split(&events, 0.01, 1).unwrap();
    assert_eq!(count(&split.test, &events), 1);
    assert_eq!(count(&split.train, &events), 1);
}

#[test]
fn a_class_that_cannot_be_divided_is_named() {
    let mut events = vec![false; 10];
    events[3] = true;
    let refused = stratified_split(&events, 0.2, 1).unwrap_err();
    let expected = SamplingError::ClassTooSmall {
        event: true,
        rows: 1,
        needed: 2,
    };
    assert_eq!(refused, expected);
    assert!(refused.to_string().contains("events has 1 rows"));
    let none = stratified_split(&[true; 5], 0.2, 1).unwrap_err();
    assert!(none.to_string().contains("non-events has 0 rows"));
}

#[test]
fn shares_and_folds_out_of_range_are_refused() {
    let events = one_in(2, 10);
    for share in [0.0, 1.0, -0.1, f64::NAN] {
        assert!(stratified_split(&events, share, 1).is_err());
    }
    assert_eq!(
        stratified_folds(&events, 1, 1),
        Err(SamplingError::Folds(1))
    );
    assert!(stratified_folds(&events, 6, 1).is_err());
}

#[test]
fn folds_are_level_in_size_and_in_each_class() {
    let events = one_in(4, 103);
    let fold = stratified_folds(&events, 5, 11).unwrap();
    for class in [None, Some(true), Some(false)] {
        let mut sizes = [0_usize; 5];
        for (fold, event) in fold.iter().zip(&events) {
            sizes[*fold] += usize::from(class.is_none_or(|class| class == *event));
        }
        let spread = sizes.iter().max().unwrap() - sizes.iter().min().unwrap();
        assert!(spread <= 1, "{class:?}: {sizes:?}");
    }
    assert_eq!(fold, stratified_folds(&events, 5, 11).unwrap());
}

#[test]
fn undersampling_keeps_the_rare_class_whole() {
    let events = one_in(5, 100);
    let rows: Vec<usize> = (0..50).collect();
    let kept = undersample(&rows, &events, 9);
    assert_eq!((kept.len(), count(&kept, &events)), (20, 10));
    assert!(kept.is_sorted() && kept.iter().all(|row| *row < 50));
    assert_eq!(kept, undersample(&rows, &events, 9));
    assert_ne!(kept, undersample(&rows, &events, 10));
    assert!(undersample(&rows[1..5], &events, 9).is_empty());
}
