//! Which columns may follow which on one way down a tree.

/// Sets of columns that may be used together.
pub(super) struct Interactions {
    /// Whether each set has each column.
    sets: Vec<Vec<bool>>,
}

/// Sets that hold every column of a way so far; `None` where nothing limits it.
pub(super) type Alive = Option<Vec<u32>>;

impl Interactions {
    pub(super) fn new(sets: &[Vec<u32>], width: usize) -> Self {
        let mut table = Vec::new();
        if !sets.is_empty() {
            let mut member = vec![false; width];
            for set in sets {
                let mut has = vec![false; width];
                for &column in set {
                    has[column as usize] = true;
                    member[column as usize] = true;
                }
                table.push(has);
            }
            for column in (0..width).filter(|&column| !member[column]) {
                let mut alone = vec![false; width];
                alone[column] = true;
                table.push(alone);
            }
        }
        Self { sets: table }
    }

    /// At the root every set may still be chosen.
    pub(super) fn root(&self) -> Alive {
        (!self.sets.is_empty()).then(|| (0..self.sets.len() as u32).collect())
    }

    /// After a split by this column.
    pub(super) fn after(&self, alive: &Alive, column: usize) -> Alive {
        alive.as_ref().map(|sets| {
            let with = sets.iter().copied();
            with.filter(|&set| self.sets[set as usize][column])
                .collect()
        })
    }

    pub(super) fn allows(&self, alive: &Alive, column: usize) -> bool {
        match alive {
            None => true,
            Some(sets) => sets.iter().any(|&set| self.sets[set as usize][column]),
        }
    }
}
