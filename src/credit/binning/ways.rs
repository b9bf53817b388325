//! Chains of segments whose bad rates go one way, or one way and then back.
//!
//! The state of the programme is the last segment of a partial chain. Of the segments that end
//! where it starts, those may come before it whose bad rate is no higher (or no lower); sorted by
//! bad rate they are the first few of a list, and the best of the first few is kept for every
//! number of them. That makes `O(k² log k)` of what would be `O(k³)` for `k` prebins.

use super::{
    chain::{Found, Layers, first_greatest},
    segments::Segments,
};

/// Which way bad rates go from one segment to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Up,
    Down,
}

impl Way {
    fn back(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
        }
    }
}

/// For each boundary between prebins the segments that end there, in the order of their bad rates,
/// and for each segment how many of them may come before it.
pub(super) struct Order {
    /// Starts of the segments ending at a boundary, by ascending bad rate.
    ending: Vec<Vec<usize>>,
    /// Of each segment, how many of `ending` have no higher rate, and how many have no lower.
    reach: Vec<(u32, u32)>,
}

impl Order {
    pub fn new(segments: &Segments) -> Self {
        let mut ending = Vec::with_capacity(segments.count);
        let mut reach = vec![(0, 0); segments.len()];
        let mut rated: Vec<(u64, usize)> = Vec::new();
        for boundary in 0..segments.count {
            // Rates are not negative, so that their bits sort as they do.
            let bits = |start, end| f64::to_bits(segments.rate(start, end));
            let starts = segments.starts(boundary);
            rated.clear();
            rated.extend(starts.map(|start| (bits(start, boundary), start)));
            rated.sort_unstable();
            for end in boundary + 1..=segments.count {
                if segments.allows(boundary, end) {
                    let own = bits(boundary, end);
                    let below = rated.partition_point(|&(rate, _)| rate < own);
                    let equal = rated[below..].iter().take_while(|&&(r, _)| r == own);
                    let upto = below + equal.count();
                    reach[segments.at(boundary, end)] = (upto as u32, (rated.len() - below) as u32);
                }
            }
            ending.push(rated.iter().map(|&(_, start)| start).collect());
        }
        Self { ending, reach }
    }
}

/// The best chains that go one way, and the best that go one way and then back.
pub(super) struct Ways {
    pub straight: Option<Found>,
    /// Found only if asked for; may be straight, too.
    pub turned: Option<Found>,
}

/// Best chains whose bad rates go `way`, and if `turn`, those that may turn back once.
pub(super) fn along(
    segments: &Segments,
    order: &Order,
    way: Way,
    turn: bool,
    max_bins: usize,
) -> Ways {
    let search = |layers| Search::new(segments, order, way, turn, layers).run();
    let ways = search(Layers::UNCOUNTED);
    let fits = |found: &Option<Found>| found.as_ref().is_none_or(|f| f.ends.len() <= max_bins);
    if fits(&ways.straight) && fits(&ways.turned) {
        ways
    } else {
        search(Layers::up_to(max_bins))
    }
}

struct Search<'a> {
    segments: &'a Segments,
    order: &'a Order,
    way: Way,
    layers: Layers,
    /// One before the turn, and one after it if there may be one.
    phases: Vec<Phase>,
}

/// The best partial chains in one phase: for each last segment one for each layer.
struct Phase {
    worth: Vec<f64>,
    /// Start and phase of the segment before the last.
    from: Vec<(u16, u8)>,
}

/// The best predecessors among the first few, for each layer.
struct Running {
    worth: Vec<f64>,
    from: Vec<(u16, u8)>,
}

impl<'a> Search<'a> {
    fn new(segments: &'a Segments, order: &'a Order, way: Way, turn: bool, layers: Layers) -> Self {
        let size = segments.len() * layers.count;
        let phase = || Phase {
            worth: vec![f64::NEG_INFINITY; size],
            from: vec![(0, 0); size],
        };
        Self {
            segments,
            order,
            way,
            layers,
            phases: (0..=usize::from(turn)).map(|_| phase()).collect(),
        }
    }

    fn run(mut self) -> Ways {
        let count = self.segments.count;
        for end in 1..=count {
            let first = self.segments.at(0, end) * self.layers.count;
            self.phases[0].worth[first] = self.segments.worth(0, end);
        }
        for start in 1..count {
            for phase in 0..self.phases.len() {
                self.extend(start, phase);
            }
        }
        let straight = self.best(0);
        let turned = self.phases.get(1).and_then(|_| self.best(1));
        let turned = match (&straight, turned) {
            (Some(a), Some(b)) if b.worth > a.worth => Some(b),
            (None, turned) => turned,
            _ => straight.clone(),
        };
        Ways { straight, turned }
    }

    /// Best partial chains that end with each segment from `start`, in one phase.
    fn extend(&mut self, start: usize, phase: usize) {
        let way = if phase == 0 {
            self.way
        } else {
            self.way.back()
        };
        let running = self.running(start, phase, way);
        let Layers { count: width, step } = self.layers;
        for end in start + 1..=self.segments.count {
            let at = self.segments.at(start, end);
            let (upto, from) = self.order.reach[at];
            let reach = if way == Way::Up { upto } else { from } as usize;
            if reach == 0 {
                continue;
            }
            let worth = self.segments.worth(start, end);
            let before = (reach - 1) * width..reach * width - step;
            let after = at * width + step..(at + 1) * width;
            let phase = &mut self.phases[phase];
            let earlier = &running.worth[before.clone()];
            for (to, before) in phase.worth[after.clone()].iter_mut().zip(earlier) {
                *to = before + worth;
            }
            phase.from[after].copy_from_slice(&running.from[before]);
        }
    }

    fn running(&self, start: usize, phase: usize, way: Way) -> Running {
        let width = self.layers.count;
        let starts = &self.order.ending[start];
        let mut running = Running {
            worth: Vec::with_capacity(starts.len() * width),
            from: Vec::with_capacity(starts.len() * width),
        };
        let mut worth = vec![f64::NEG_INFINITY; width];
        let mut from = vec![(0, 0); width];
        let mut visit = |&earlier: &usize| {
            let at = self.segments.at(earlier, start) * width;
            for (number, phase) in self.phases[..=phase].iter().enumerate() {
                let candidates = &phase.worth[at..at + width];
                for ((best, from), &worth) in worth.iter_mut().zip(&mut from).zip(candidates) {
                    if worth > *best {
                        *best = worth;
                        *from = (earlier as u16, number as u8);
                    }
                }
            }
            running.worth.extend_from_slice(&worth);
            running.from.extend_from_slice(&from);
        };
        match way {
            Way::Up => starts.iter().for_each(&mut visit),
            Way::Down => starts.iter().rev().for_each(&mut visit),
        }
        running
    }

    /// Best complete chain that ends in `phase`.
    fn best(&self, phase: usize) -> Option<Found> {
        let (count, width) = (self.segments.count, self.layers.count);
        let first = self.segments.at(0, count) * width;
        let ending = &self.phases[phase].worth[first..first + count * width];
        let chosen = first_greatest(ending)?;
        let (mut start, mut layer) = (chosen / width, chosen % width);
        let (mut ends, mut end, mut phase) = (vec![count], count, phase);
        while start > 0 {
            let at = self.segments.at(start, end) * width + layer;
            let (before, earlier_phase) = self.phases[phase].from[at];
            end = start;
            ends.push(end);
            (start, phase) = (before.into(), earlier_phase.into());
            layer = layer.saturating_sub(self.layers.step);
        }
        ends.reverse();
        let worth = ending[chosen];
        Some(Found { worth, ends })
    }
}
