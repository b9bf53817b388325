//! The rows among which pairs are sought.

use super::error::PairError;
use crate::credit::binning::Binning;

/// The rows among which pairs are sought.
#[derive(Clone, Copy, Debug)]
pub struct PairRows<'a> {
    /// Binnings of the characteristics.
    pub binnings: &'a [&'a Binning],
    /// The bin of each row, a column for each characteristic.
    pub bins: &'a [Vec<u32>],
    /// Log-odds of default of each row by the main effects, intercept included.
    pub log_odds: &'a [f64],
    /// Who defaulted.
    pub events: &'a [bool],
    /// Weight of each row, 0 or more; `None` for 1.
    pub weights: Option<&'a [f64]>,
}

impl PairRows<'_> {
    /// Weight of an existing row.
    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// Weight of all rows.
    pub(super) fn total(&self) -> f64 {
        match self.weights {
            Some(weights) => weights.iter().sum(),
            None => self.events.len() as f64,
        }
    }

    pub(super) fn check(&self) -> Result<(), PairError> {
        let expected = self.events.len();
        let length = |what, found| {
            if found == expected {
                Ok(())
            } else {
                Err(PairError::Rows {
                    what,
                    found,
                    expected,
                })
            }
        };
        if self.bins.len() != self.binnings.len() {
            return Err(PairError::Characteristics {
                bins: self.bins.len(),
                binnings: self.binnings.len(),
            });
        }
        length("log-odds", self.log_odds.len())?;
        length("weights", self.weights.map_or(expected, <[f64]>::len))?;
        for (characteristic, (bins, binning)) in self.bins.iter().zip(self.binnings).enumerate() {
            length("bins", bins.len())?;
            let count = binning.table().rows.len();
            if let Some(row) = bins.iter().position(|&bin| bin as usize >= count) {
                return Err(PairError::NoBin {
                    characteristic,
                    bin: bins[row],
                    row,
                });
            }
        }
        let number = |what, row: Option<usize>| {
            row.map_or(Ok(()), |row| Err(PairError::Number { what, row }))
        };
        number(
            "log-odds",
            self.log_odds.iter().position(|x| !x.is_finite()),
        )?;
        let wrong = |weight: &f64| !(weight.is_finite() && *weight >= 0.0);
        number(
            "weights",
            self.weights.and_then(|all| all.iter().position(wrong)),
        )
    }
}
