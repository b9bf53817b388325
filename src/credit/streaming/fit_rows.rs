//! Which rows a fit sees, and how they weigh: the sample that a fit in memory draws.

use super::{StreamingError, data::Data, row_set::RowSet, spill::Cells, watch::Watch};
use crate::{
    credit::{CheckedPlan, learner::sample::class_factors, plan::ClassWeight},
    stats::balance,
};

/// The rows of a fit.
pub(super) struct FitRows {
    /// The training rows that it sees; all of them unless the plan undersamples.
    drawn: Option<RowSet>,
    /// What the weights of goods and bads are multiplied by.
    pub factors: Option<[f64; 2]>,
    /// What undersampling or weights add to the log-odds of every applicant.
    pub excess_log_odds: f64,
}

impl FitRows {
    /// The rows of `train` that `plan` asks for.
    pub fn draw(
        data: &Data,
        train: &RowSet,
        plan: &CheckedPlan,
        watch: &Watch<'_>,
    ) -> Result<Self, StreamingError> {
        let drawn = plan.plan().undersample.then(|| {
            let mut drawn = RowSet::new(data.rows());
            // There are fewer rows than numbers of four bytes.
            let rows = train
                .iter()
                .map(|row| (row as u32, data.events.contains(row)));
            balance(rows, plan.seed(), |row| drawn.insert(row as usize));
            drawn
        });
        let mut this = Self {
            drawn,
            factors: None,
            excess_log_odds: 0.0,
        };
        let balanced = plan.plan().class_weight == Some(ClassWeight::Balanced);
        if balanced {
            let [goods, bads, all] = sums(data, this.of(train), None, watch)?;
            debug_assert!(goods >= 0.0);
            this.factors = Some(class_factors(bads, all));
        }
        // King and Zeng 2001: sampling or weighting by outcome shifts the intercept by the change
        // of the log-odds of the prior, and nothing else.
        if balanced || this.drawn.is_some() {
            let log_odds = |[goods, bads, _]: [f64; 3]| libm::log(bads / goods);
            let before = log_odds(sums(data, train, None, watch)?);
            let after = log_odds(sums(data, this.of(train), this.factors, watch)?);
            this.excess_log_odds = after - before;
        }
        Ok(this)
    }

    /// Those of `train`, from which they were drawn.
    pub fn of<'t>(&'t self, train: &'t RowSet) -> &'t RowSet {
        self.drawn.as_ref().unwrap_or(train)
    }
}

/// Weights of the goods, of the bads and of all `rows`, in the order of the rows.
pub(super) fn sums(
    data: &Data,
    rows: &RowSet,
    factors: Option<[f64; 2]>,
    watch: &Watch<'_>,
) -> Result<[f64; 3], StreamingError> {
    let [good, bad] = factors.unwrap_or([1.0; 2]);
    let [mut goods, mut bads, mut all] = [0.0; 3];
    let mut weights = Cells::default();
    data.each_block(watch, |block, range| {
        data.weights_of(block, &mut weights)?;
        for (at, row) in range.enumerate().filter(|(_, row)| rows.contains(*row)) {
            let own = data.weight(&weights, at);
            let event = data.events.contains(row);
            let weight = own * if event { bad } else { good };
            *(if event { &mut bads } else { &mut goods }) += weight;
            all += weight;
        }
        Ok(())
    })?;
    Ok([goods, bads, all])
}
