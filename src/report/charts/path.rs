//! The line through points.

use std::fmt::Write;

use super::number::{px, tenths};

/// Most corners that a line is drawn with.
const MOST_CORNERS: usize = 1_000;

/// The `d` of a path through `points`, in pixels, without the corners that nobody could see.
pub fn through(points: impl IntoIterator<Item = (f64, f64)>) -> String {
    let corners = thinned(corners(points));
    let mut d = String::with_capacity(corners.len() * 12);
    for (at, (x, y)) in corners.into_iter().enumerate() {
        let command = if at == 0 { 'M' } else { 'L' };
        // Writing to a string does not fail.
        let _ = write!(
            d,
            "{command}{} {}",
            px(x as f64 / 10.0),
            px(y as f64 / 10.0)
        );
    }
    d
}

/// The points in tenths of a pixel, but for repetitions and those on the straight way between
/// their neighbours.
fn corners(points: impl IntoIterator<Item = (f64, f64)>) -> Vec<(i64, i64)> {
    let mut kept: Vec<(i64, i64)> = Vec::new();
    for (x, y) in points {
        let point = (tenths(x), tenths(y));
        if kept.last() == Some(&point) {
            continue;
        }
        if let [.., before, last] = kept[..]
            && is_on_the_way(before, last, point)
        {
            kept.pop();
        }
        kept.push(point);
    }
    kept
}

fn is_on_the_way(from: (i64, i64), by: (i64, i64), to: (i64, i64)) -> bool {
    let (there, on) = ((by.0 - from.0, by.1 - from.1), (to.0 - by.0, to.1 - by.1));
    let is_straight = there.0 * on.1 == there.1 * on.0;
    is_straight && there.0 * on.0 + there.1 * on.1 > 0
}

/// As many corners as a line may have, evenly taken, first and last among them.
fn thinned(corners: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    if corners.len() <= MOST_CORNERS {
        return corners;
    }
    let last = corners.len() - 1;
    (0..MOST_CORNERS)
        .map(|at| corners[at * last / (MOST_CORNERS - 1)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_on_a_straight_way_are_left_out() {
        let d = through([(0.0, 0.0), (0.0, 5.0), (0.0, 9.0), (3.0, 9.0), (3.0, 9.01)]);
        assert_eq!(d, "M0 0L0 9L3 9");
    }

    #[test]
    fn a_line_that_turns_back_keeps_its_turn() {
        assert_eq!(
            through([(0.0, 0.0), (5.0, 0.0), (2.0, 0.0)]),
            "M0 0L5 0L2 0"
        );
    }

    #[test]
    fn a_long_line_keeps_its_ends_and_a_bounded_number_of_corners() {
        let zigzag = (0..50_000).map(|at| (f64::from(at), f64::from(at % 2)));
        let d = through(zigzag);
        assert_eq!(d.matches('L').count(), MOST_CORNERS - 1);
        assert!(
            d.starts_with("M0 0L") && d.ends_with("L49999 1"),
            "{}",
            &d[d.len() - 20..]
        );
    }
}
