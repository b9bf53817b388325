//! A logistic regression on all training rows.

use super::{
    MemoryBudget, StreamingError,
    data::{Codes, Data},
    design::{Design, Meaning},
    fit_rows::FitRows,
    learning::{Described, Rows},
    ordered::{Ordered, range_and_median},
    spill::Cells,
    watch::Watch,
};
use crate::{
    credit::{
        CheckedPlan,
        binning::{NumericRules, SpecialIndex},
        features::{Encoding, Feature, FeatureSet},
        learner::linear::{LinearLearner, fitted},
        progress::Stage,
    },
    stats::ColumnMoments,
};

/// Fits the logistic regression that a fit in memory of the same rows gives.
pub(super) fn fit(
    data: &Data,
    plan: &CheckedPlan,
    learner: &LinearLearner,
    rows: Rows<'_>,
    budget: MemoryBudget,
    watch: &Watch<'_>,
) -> Result<Described, StreamingError> {
    watch.begin(Stage::Binning)?;
    let mut features = learner.features().to_vec();
    for feature in &mut features {
        if let Encoding::Value { impute } = &mut feature.encoding {
            *impute = median(data, feature.characteristic, rows, budget, watch)?;
        }
    }
    watch.begin(Stage::Fitting)?;
    let plain = features.iter().map(|it| meaning(it, 0.0, 1.0));
    let mut design = Design::new(data, rows.train, plain, watch);
    design.weighted = false;
    let ColumnMoments {
        mean,
        standard_deviation,
    } = design.moments()?;
    let scaled = |sd: f64| if sd > 0.0 { sd } else { 1.0 };
    let set = FeatureSet {
        features,
        mean,
        standard_deviation: standard_deviation.into_iter().map(scaled).collect(),
    };
    let sampled = FitRows::draw(data, rows.train, plan, watch)?;
    let columns = || {
        let scales = set.mean.iter().zip(&set.standard_deviation);
        let scaled = set.features.iter().zip(scales);
        scaled.map(|(feature, (mean, sd))| meaning(feature, *mean, *sd))
    };
    let mut design = Design::new(data, sampled.of(rows.train), columns(), watch);
    design.factors = sampled.factors;
    let found = plan
        .estimator()
        .fit_blocks(&design, learner.signs().to_vec(), &|| watch.cancelled());
    let fit = design.unless_stopped(found)?;
    let mut design = Design::new(data, rows.train, columns(), watch);
    design.weighted = false;
    let (inflation, signs) = design.associations(&set.standardised_moments())?;
    let fitted = fitted(fit, set, &data.schema, sampled.excess_log_odds);
    Described::new(fitted, &inflation, signs)
}

fn meaning(feature: &Feature, mean: f64, deviation: f64) -> (usize, Meaning) {
    let meaning = Meaning::Feature {
        encoding: feature.encoding,
        mean,
        scale: 1.0 / deviation,
    };
    (feature.characteristic, meaning)
}

/// The median of a characteristic's numbers in the training rows; 0 without any.
fn median(
    data: &Data,
    position: usize,
    rows: Rows<'_>,
    budget: MemoryBudget,
    watch: &Watch<'_>,
) -> Result<f64, StreamingError> {
    let input = &data.inputs[position];
    let Codes::Numbers { numbers, plain } = &input.codes else {
        return Ok(0.0);
    };
    if *plain {
        let found = range_and_median(&Ordered {
            data,
            input,
            rows: rows.train,
            weighted: false,
            special: &SpecialIndex::new(&NumericRules::default()),
            capacity: budget.sorted_values(),
            watch,
        })?;
        return Ok(found.map_or(0.0, |[_, _, median]| median));
    }
    let mut counts = vec![0_u64; numbers.len()];
    let mut cells = Cells::default();
    data.each_block(watch, |block, range| {
        data.spill.read(block, input.column, &mut cells)?;
        if let Cells::Codes(codes) = &cells {
            for (row, code) in range.zip(codes) {
                if let Some(count) = counts.get_mut(*code as usize)
                    && rows.train.contains(row)
                {
                    *count += 1;
                }
            }
        }
        Ok(())
    })?;
    let mut values: Vec<(f64, u64)> = numbers.iter().copied().zip(counts).collect();
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let total: u64 = values.iter().map(|(_, count)| count).sum();
    if total == 0 {
        return Ok(0.0);
    }
    let at = |place: u64| {
        let mut before = 0;
        let mut found = values.iter().filter(|(_, count)| {
            before += count;
            before > place
        });
        found.next().map_or(0.0, |(value, _)| *value)
    };
    Ok(f64::midpoint(at((total - 1) / 2), at(total / 2)))
}
