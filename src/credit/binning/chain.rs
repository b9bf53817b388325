//! Chains of segments: the best partition without a trend, and what both searches share.
//!
//! A chain is a sequence of segments, each starting where the one before ends, from the first
//! prebin to the last. Its worth is the sum of theirs, so that dynamic programming finds the best
//! exactly. The number of segments is left open first; only if the best chain has more than allowed
//! are chains counted in *layers*, one for each number of segments, which takes as many times
//! longer.

use super::segments::Segments;

/// The best partition of a kind.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub worth: f64,
    /// End of each segment.
    pub ends: Vec<usize>,
}

/// Layers of a search: how many, and how far one segment leads on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layers {
    pub count: usize,
    /// 0 if segments are not counted, else 1.
    pub step: usize,
}

impl Layers {
    pub const UNCOUNTED: Self = Self { count: 1, step: 0 };

    pub fn up_to(bins: usize) -> Self {
        Self {
            count: bins,
            step: 1,
        }
    }
}

/// Best chain without a trend.
pub(super) fn free(segments: &Segments, max_bins: usize) -> Option<Found> {
    let found = free_layers(segments, Layers::UNCOUNTED)?;
    if found.ends.len() <= max_bins {
        Some(found)
    } else {
        free_layers(segments, Layers::up_to(max_bins))
    }
}

fn free_layers(segments: &Segments, layers: Layers) -> Option<Found> {
    let (count, width) = (segments.count, layers.count);
    let mut best = vec![f64::NEG_INFINITY; (count + 1) * width];
    let mut from = vec![0; (count + 1) * width];
    for end in 1..=count {
        let (earlier, rest) = best.split_at_mut(end * width);
        let own = &mut rest[..width];
        for start in segments.starts(end) {
            let worth = segments.worth(start, end);
            let before = &earlier[start * width..][..width - layers.step];
            let from = &mut from[end * width..][..width];
            if start == 0 {
                if worth > own[0] {
                    own[0] = worth;
                }
                continue;
            }
            let to = own.iter_mut().zip(from).skip(layers.step);
            for ((best, from), before) in to.zip(before) {
                if before + worth > *best {
                    *best = before + worth;
                    *from = start;
                }
            }
        }
    }
    let last = &best[count * width..];
    let mut layer = first_greatest(last)?;
    let worth = last[layer];
    let (mut ends, mut end) = (Vec::new(), count);
    while end > 0 {
        ends.push(end);
        end = from[end * width + layer];
        layer = layer.saturating_sub(layers.step);
    }
    ends.reverse();
    Some(Found { worth, ends })
}

/// Index of the first greatest number above minus infinity.
pub(super) fn first_greatest(numbers: &[f64]) -> Option<usize> {
    let mut best = None;
    let mut greatest = f64::NEG_INFINITY;
    for (index, &number) in numbers.iter().enumerate() {
        if number > greatest {
            (best, greatest) = (Some(index), number);
        }
    }
    best
}
