//! A chart of each kind, as a model could give it.

use credit_risk::report::charts::*;

/// Every chart by its name.
pub fn all() -> Vec<(&'static str, String)> {
    vec![
        ("roc", roc_of(&["Train", "Test", "Out-of-fold"])),
        ("ks_probability", ks_of(Measure::Probability)),
        ("ks_score", ks_of(Measure::Score)),
        (
            "calibration",
            calibration_of(&["Before calibration", "After calibration"]),
        ),
        ("score_bands", score_bands_of(&band_names(12))),
        ("woe", woe_of("credit_history", &BIN_NAMES)),
        (
            "strategy",
            strategy_of(&["Highest profit", "Bad rate of at most 3%"]),
        ),
    ]
}

/// Every chart with nothing in it.
pub fn all_empty() -> Vec<(&'static str, String)> {
    vec![
        ("roc", roc_of(&[])),
        (
            "ks",
            ks(&KsChart {
                measure: Measure::Score,
                thresholds: &[],
                goods: &[],
                bads: &[],
            }),
        ),
        ("calibration", calibration_of(&[])),
        ("score_bands", score_bands_of(&[])),
        ("woe", woe_of("age", &[])),
        (
            "strategy",
            strategy(&StrategyChart {
                measure: Measure::Score,
                points: &[],
                marks: &[],
            }),
        ),
    ]
}

/// Every chart that holds names, with `name` wherever it can.
pub fn all_with_name(name: &str) -> Vec<(&'static str, String)> {
    vec![
        ("roc", roc_of(&[name, "Test"])),
        ("calibration", calibration_of(&[name])),
        (
            "score_bands",
            score_bands_of(&[name.to_owned(), "b".to_owned()]),
        ),
        ("woe", woe_of(name, &[name, "other"])),
        ("strategy", strategy_of(&[name])),
    ]
}

pub const BIN_NAMES: [&str; 7] = [
    "critical account, other credits existing (not at this bank)",
    "all credits paid back duly",
    "[21.5, 34)",
    "[34, inf)",
    "refused",
    "missing",
    "unseen",
];

/// A curve of `points` points from (0, 0) to (1, 1) above the diagonal.
pub fn curve(points: usize, bend: f64) -> (Vec<f64>, Vec<f64>) {
    let shares = (0..points).map(|at| at as f64 / (points - 1) as f64);
    shares.map(|fpr| (fpr, fpr.powf(bend))).unzip()
}

pub fn roc_of(names: &[&str]) -> String {
    let curves: Vec<_> = (0..names.len())
        .map(|at| curve(200, 0.25 + 0.1 * at as f64))
        .collect();
    let series = names
        .iter()
        .zip(&curves)
        .map(|(name, (fpr, tpr))| RocSeries {
            name,
            fpr,
            tpr,
            auc: Some(0.8123),
        });
    roc(&RocChart {
        series: series.collect(),
    })
}

fn ks_of(measure: Measure) -> String {
    let (shares, bent) = curve(200, 0.3);
    let (thresholds, goods, bads): (Vec<f64>, _, _) = match measure {
        Measure::Probability => (shares.iter().map(|s| s * s * 0.6).collect(), &bent, &shares),
        Measure::Score => (
            shares.iter().map(|s| 420.0 + 300.0 * s).collect(),
            &shares,
            &bent,
        ),
    };
    ks(&KsChart {
        measure,
        thresholds: &thresholds,
        goods,
        bads,
    })
}

fn calibration_of(names: &[&str]) -> String {
    let bins: Vec<Vec<CalibrationPoint>> = (0..names.len())
        .map(|series| {
            let bin = |at: i32| {
                let predicted = 0.03 + 0.05 * f64::from(at);
                CalibrationPoint {
                    predicted,
                    observed: predicted * (1.2 - 0.2 * series as f64) - 0.01,
                    count: f64::from(900 - 90 * at),
                }
            };
            (0..9).map(bin).collect()
        })
        .collect();
    let series = names
        .iter()
        .zip(&bins)
        .map(|(name, bins)| CalibrationSeries { name, bins });
    calibration(&CalibrationChart {
        series: series.collect(),
    })
}

pub fn band_names(bands: usize) -> Vec<String> {
    (0..bands)
        .map(|at| format!("[{}, {})", 440 + 20 * at, 460 + 20 * at))
        .collect()
}

pub fn score_bands_of(names: &[String]) -> String {
    let band = |(at, label): (usize, &'_ String)| {
        let middle = (at as f64 - names.len() as f64 / 2.0).abs();
        let count = (900.0 - 110.0 * middle).max(20.0).round();
        let bads = (count * 0.5 / (1.0 + at as f64)).round();
        (label.clone(), count - bads, bads)
    };
    let figures: Vec<(String, f64, f64)> = names.iter().enumerate().map(band).collect();
    let bands: Vec<ScoreBand<'_>> = figures
        .iter()
        .map(|(label, goods, bads)| ScoreBand {
            label,
            goods: *goods,
            bads: *bads,
        })
        .collect();
    score_bands(&ScoreBandsChart {
        measure: Measure::Score,
        bands: &bands,
    })
}

pub fn woe_of(characteristic: &str, names: &[&str]) -> String {
    let bins: Vec<WoeBin<'_>> = names
        .iter()
        .enumerate()
        .map(|(at, label)| WoeBin {
            label,
            kind: if at < 4 {
                WoeBinKind::Values
            } else {
                WoeBinKind::Other
            },
            woe: 0.734 - 0.31 * at as f64,
            share: 0.31 / (1.0 + at as f64),
        })
        .collect();
    woe(&WoeChart {
        characteristic,
        information_value: Some(0.2931),
        bins: &bins,
    })
}

fn strategy_of(names: &[&str]) -> String {
    let point = |approval_rate: f64| StrategyPoint {
        approval_rate,
        bad_rate: 0.01 + 0.13 * approval_rate * approval_rate,
    };
    let points: Vec<_> = (0..=100).map(|at| point(f64::from(at) / 100.0)).collect();
    let marks: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(at, name)| StrategyMark {
            name,
            cutoff: 0.183 / (1.0 + at as f64),
            point: point(0.71 / (1.0 + at as f64)),
        })
        .collect();
    strategy(&StrategyChart {
        measure: Measure::Probability,
        points: &points,
        marks: &marks,
    })
}
