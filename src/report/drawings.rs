//! A model's charts, drawn from what is stored with it and from nothing else.

use super::charts::{
    CalibrationChart, CalibrationPoint, CalibrationSeries, KsChart, Measure, RocChart, RocSeries,
    ScoreBand, ScoreBandsChart, StrategyChart, StrategyMark, StrategyPoint, WoeBin, WoeBinKind,
    WoeChart, calibration, ks, roc, score_bands, strategy, woe_as,
};
use crate::credit::{
    evidence::{CalibrationBin, DistributionPoint, RocPoint, SampleEvidence, StrategyStep},
    policy::Policy,
    scorecard::{
        BinKind,
        export::{BinDocument, CharacteristicDocument},
    },
    training::ModelEvidence,
};

/// A chart of a model's evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvidenceChart {
    /// ROC curves of every sample.
    Roc,
    /// Cumulative shares of goods and bads of the test rows.
    Ks,
    /// Observed against predicted default rates of every sample that the model has not been fitted
    /// on.
    Calibration,
    /// Goods and bads of the test rows by band of probability.
    ScoreBands,
    /// Approval rate against bad rate of the test rows, the policy's cut-offs marked.
    Strategy,
}

impl EvidenceChart {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Roc,
        Self::Ks,
        Self::Calibration,
        Self::ScoreBands,
        Self::Strategy,
    ];

    /// Its name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Roc => "roc",
            Self::Ks => "ks",
            Self::Calibration => "calibration",
            Self::ScoreBands => "score-bands",
            Self::Strategy => "strategy",
        }
    }

    /// What it shows, and of which samples.
    pub fn title(self) -> &'static str {
        match self {
            Self::Roc => "ROC curves of every sample",
            Self::Ks => "Cumulative goods and bads of the test rows",
            Self::Calibration => "Reliability of the probabilities, training rows out of fold",
            Self::ScoreBands => "Goods and bads of the test rows by probability, riskiest first",
            Self::Strategy => "Approval and bad rate of the test rows with the policy's cut-offs",
        }
    }

    /// Its SVG document.
    pub fn draw(self, evidence: &ModelEvidence, policy: &Policy) -> String {
        match self {
            Self::Roc => roc_of(evidence),
            Self::Ks => ks_of(&evidence.test),
            Self::Calibration => calibration_of(evidence),
            Self::ScoreBands => score_bands_of(&evidence.test),
            Self::Strategy => strategy_of(&evidence.test, policy),
        }
    }
}

/// Every sample of `evidence` by its name, those that the model has learnt from first.
pub fn samples(evidence: &ModelEvidence) -> Vec<(&'static str, &SampleEvidence)> {
    let known = [
        ("Training", &evidence.train),
        ("Out-of-fold", &evidence.out_of_fold),
        ("Test", &evidence.test),
    ];
    let newer = evidence.out_of_time.as_ref();
    let newer = newer.map(|sample| ("Out-of-time", sample));
    known.into_iter().chain(newer).collect()
}

fn roc_of(evidence: &ModelEvidence) -> String {
    let samples = samples(evidence);
    let rates = |of: fn(&RocPoint) -> f64| -> Vec<Vec<f64>> {
        let curves = samples
            .iter()
            .map(|(_, sample)| sample.discrimination.roc.as_deref().unwrap_or_default());
        curves
            .map(|points| points.iter().map(of).collect())
            .collect()
    };
    let fpr = rates(|point| point.false_positive_rate);
    let tpr = rates(|point| point.true_positive_rate);
    let rates = fpr.iter().zip(&tpr);
    let series = samples
        .iter()
        .zip(rates)
        .map(|((name, sample), (fpr, tpr))| RocSeries {
            name,
            fpr,
            tpr,
            auc: sample.discrimination.auc.map(|auc| auc.value),
        });
    roc(&RocChart {
        series: series.collect(),
    })
}

fn ks_of(sample: &SampleEvidence) -> String {
    let found = &sample.distribution;
    let mut points: Vec<DistributionPoint> = found.points.clone();
    points.extend(found.ks_point);
    points.sort_by(|a, b| a.probability.total_cmp(&b.probability));
    let shares = |of: fn(&DistributionPoint) -> Option<f64>| -> Vec<f64> {
        let shares = points.iter().map(of);
        // What is no number is not drawn.
        shares.map(|share| share.unwrap_or(f64::NAN)).collect()
    };
    let thresholds: Vec<f64> = points.iter().map(|point| point.probability).collect();
    ks(&KsChart {
        measure: Measure::Probability,
        thresholds: &thresholds,
        goods: &shares(|point| point.cumulative_goods),
        bads: &shares(|point| point.cumulative_bads),
    })
}

fn calibration_of(evidence: &ModelEvidence) -> String {
    let point = |bin: &CalibrationBin| CalibrationPoint {
        predicted: bin.mean_probability,
        observed: bin.bad_rate,
        count: bin.rows as f64,
    };
    let bins: Vec<(&str, Vec<CalibrationPoint>)> = samples(evidence)
        .into_iter()
        .skip(1)
        .map(|(name, sample)| {
            let bins = &sample.calibration.quantile_bins;
            (name, bins.iter().map(point).collect())
        })
        .collect();
    let series = bins
        .iter()
        .map(|(name, bins)| CalibrationSeries { name, bins });
    calibration(&CalibrationChart {
        series: series.collect(),
    })
}

fn score_bands_of(sample: &SampleEvidence) -> String {
    let gains = sample.gains.as_deref().unwrap_or_default();
    let label = |low: f64, high: f64| format!("{:.1}\u{2013}{:.1}%", low * 100.0, high * 100.0);
    let labels: Vec<String> = gains.iter().map(|it| label(it.low, it.high)).collect();
    let bands: Vec<ScoreBand<'_>> = gains
        .iter()
        .zip(&labels)
        .map(|(band, label)| ScoreBand {
            label,
            goods: band.goods as f64,
            bads: band.bads as f64,
        })
        .collect();
    score_bands(&ScoreBandsChart {
        measure: Measure::Probability,
        bands: &bands,
    })
}

fn strategy_of(sample: &SampleEvidence, policy: &Policy) -> String {
    let point = |approval_rate: f64, bad_rate: Option<f64>| {
        bad_rate.map(|bad_rate| StrategyPoint {
            approval_rate,
            bad_rate,
        })
    };
    let of = |step: &StrategyStep| point(step.approval_rate, step.bad_rate_approved);
    let points: Vec<StrategyPoint> = sample.strategy.iter().filter_map(of).collect();
    let at = &sample.decisions;
    let decline = point(at.approval_rate, at.bad_rate_approved);
    // Only the cut-off for declining is measured; of the other, the curve's next point tells.
    let refer = policy.refer.and_then(|refer| {
        let next = sample.strategy.iter();
        let next = next
            .into_iter()
            .find(|it| it.threshold >= refer.threshold)?;
        Some(("Refer from, about", refer.threshold, of(next)?))
    });
    let decline = decline.map(|point| ("Decline from", policy.decline.threshold, point));
    let marks: Vec<StrategyMark<'_>> = [decline, refer]
        .into_iter()
        .flatten()
        .map(|(name, cutoff, point)| StrategyMark {
            name,
            cutoff,
            point,
        })
        .collect();
    strategy(&StrategyChart {
        measure: Measure::Probability,
        points: &points,
        marks: &marks,
    })
}

/// The weight of evidence of a scorecard's characteristic; `id` begins the identifiers within the
/// drawing, so that several can stand on one page.
pub fn woe_of(id: &str, characteristic: &CharacteristicDocument) -> String {
    fn drawn(bin: &BinDocument) -> WoeBin<'_> {
        WoeBin {
            label: &bin.label,
            kind: match bin.kind {
                BinKind::Clean => WoeBinKind::Values,
                BinKind::Special | BinKind::Missing | BinKind::Unseen => WoeBinKind::Other,
            },
            woe: bin.woe,
            share: bin.share,
        }
    }
    let bins: Vec<WoeBin<'_>> = characteristic.bins.iter().map(drawn).collect();
    woe_as(
        id,
        &WoeChart {
            characteristic: &characteristic.name,
            information_value: Some(characteristic.iv),
            bins: &bins,
        },
    )
}
