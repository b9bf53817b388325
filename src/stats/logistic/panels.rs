//! A group of rows as panels of four columns: what the compiler turns into vector instructions.

use super::groups::GROUP;

/// Columns per panel.
pub(super) const LANES: usize = 4;

/// Values of four columns.
pub(super) type Lanes = [f64; LANES];

/// What centres the columns of a panel, and what they are multiplied with.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub(super) origin: Lanes,
    pub(super) slopes: Lanes,
}

/// A group of rows; the last panel is padded with zeros.
pub(super) struct Panels {
    columns: usize,
    /// `GROUP` rows of panel 0, then of panel 1 and so on.
    rows: Vec<Lanes>,
}

impl Panels {
    pub(super) fn new(columns: usize) -> Self {
        Self {
            columns,
            rows: vec![[0.0; LANES]; columns.div_ceil(LANES) * GROUP],
        }
    }

    /// Copies rows given one after the other, less the origin.
    pub(super) fn load(&mut self, values: &[f64], origin: &[Lanes]) {
        if self.columns == 0 {
            return;
        }
        let whole = self.columns / LANES;
        for (place, row) in values.chunks_exact(self.columns).enumerate() {
            let (quads, rest) = row.as_chunks::<LANES>();
            let panels = self.rows.chunks_exact_mut(GROUP);
            for ((panel, x), origin) in panels.zip(quads).zip(origin) {
                for lane in 0..LANES {
                    panel[place][lane] = x[lane] - origin[lane];
                }
            }
            if let Some(origin) = origin.get(whole) {
                let last = &mut self.rows[whole * GROUP + place];
                for ((to, x), origin) in last.iter_mut().zip(rest).zip(origin) {
                    *to = x - origin;
                }
            }
        }
    }

    /// Copies the row at `place`, less the origin; its product with the slopes.
    #[inline]
    pub(super) fn load_row(&mut self, place: usize, row: &[f64], lines: &[Line]) -> f64 {
        let (quads, rest) = row.as_chunks::<LANES>();
        let mut sums = [0.0; LANES];
        let panels = self.rows.as_chunks_mut::<GROUP>().0.iter_mut();
        let mut panels = panels.zip(lines);
        for (x, (panel, line)) in quads.iter().zip(&mut panels) {
            let to = &mut panel[place];
            for lane in 0..LANES {
                to[lane] = x[lane] - line.origin[lane];
                sums[lane] += to[lane] * line.slopes[lane];
            }
        }
        if let Some((panel, line)) = panels.next() {
            let to = &mut panel[place];
            for (lane, x) in rest.iter().enumerate() {
                to[lane] = x - line.origin[lane];
                sums[lane] += to[lane] * line.slopes[lane];
            }
        }
        // In the order of vectors of two.
        (sums[0] + sums[2]) + (sums[1] + sums[3])
    }

    /// The first `rows` rows of every panel.
    pub(super) fn each(&self, rows: usize) -> impl Iterator<Item = &[Lanes]> {
        self.rows
            .chunks_exact(GROUP)
            .map(move |panel| &panel[..rows])
    }
}

/// Adds sums to a total.
#[inline]
pub(super) fn add(total: &mut Lanes, sums: &Lanes) {
    for (total, sum) in total.iter_mut().zip(sums) {
        *total += sum;
    }
}

/// Values in panels of four, padded with zeros.
pub(super) fn in_lanes(values: &[f64]) -> Vec<Lanes> {
    let mut lanes = vec![[0.0; LANES]; values.len().div_ceil(LANES)];
    lanes.as_flattened_mut()[..values.len()].copy_from_slice(values);
    lanes
}
