//! Numbers that look random and are the same in every run.

/// A linear congruential generator (Knuth's constants), seeded by what it holds.
pub struct Numbers(pub u64);

impl Numbers {
    /// Next number in `0..1`.
    pub fn uniform(&mut self) -> f64 {
        let Self(state) = self;
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*state >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Next whole number in `0..below`.
    pub fn below(&mut self, below: usize) -> usize {
        (self.uniform() * below as f64) as usize
    }

    /// One of `choices`.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}
