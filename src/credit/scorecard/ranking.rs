//! Which of a row's bins lose most.

/// Most reasons that an applicant is given: more are not likely to be helpful.
pub const MOST_REASONS: usize = 4;

/// The order of all bins of a card by the points they lose, worked out beforehand: a row's worst are
/// then found by comparing whole numbers, without a branch to miss.
#[derive(Clone, Debug)]
pub(super) struct Ranking {
    /// Of every bin: the rank of its loss among all, and below it the characteristic, the earlier
    /// the greater; 0 without loss.
    keys: Vec<u64>,
}

impl Ranking {
    /// The ranking of bins by their characteristic and their loss; what is not above 0 is no loss.
    pub fn new(bins: &[(usize, f64)]) -> Self {
        let losses = bins.iter().map(|(_, loss)| *loss);
        let mut order: Vec<f64> = losses.filter(|loss| *loss > 0.0).collect();
        order.sort_unstable_by(f64::total_cmp);
        order.dedup();
        let key = |&(characteristic, loss): &(usize, f64)| {
            if loss > 0.0 {
                let rank = order.partition_point(|other| *other <= loss) as u64;
                (rank << 32) | u64::from(!(characteristic as u32))
            } else {
                0
            }
        };
        Self {
            keys: bins.iter().map(key).collect(),
        }
    }

    /// Takes the bin at `cell` among the worst.
    pub fn add(&self, cell: usize, worst: &mut Worst) {
        let mut key = self.keys[cell];
        for place in &mut worst.keys {
            (*place, key) = ((*place).max(key), (*place).min(key));
        }
    }
}

/// The bins of a row that lose most.
#[derive(Default)]
pub(super) struct Worst {
    keys: [u64; MOST_REASONS],
}

impl Worst {
    /// Their characteristics: the greatest loss first, of equal ones the earlier characteristic.
    pub fn characteristics(&self) -> [Option<usize>; MOST_REASONS] {
        self.keys
            .map(|key| (key > 0).then_some(!(key as u32) as usize))
    }
}
