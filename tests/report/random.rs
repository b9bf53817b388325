//! Whatever the figures and names: valid documents that hold nothing but numbers.

use credit_risk::report::charts::*;
use proptest::{collection::vec, prelude::*};

use crate::drawing::read;

/// Figures of all kinds, those included that are none.
fn figure() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..=1.0,
        2 => -1000.0..1000.0,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![
            0.0, -0.0, 1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN,
            f64::MIN_POSITIVE, 5e-324, 1e15, -1e15, 1e-12,
        ]),
    ]
}

fn figures() -> impl Strategy<Value = Vec<f64>> {
    vec(figure(), 0..30)
}

/// Names of any characters but N: a NaN in a chart is then a number's.
fn name() -> impl Strategy<Value = String> {
    let characters = any::<char>().prop_map(|it| if it == 'N' { 'n' } else { it });
    vec(characters, 0..60).prop_map(|characters| characters.into_iter().collect())
}

/// Fails unless `chart` is a document whose every number can be drawn.
fn check(chart: &str) -> Result<(), TestCaseError> {
    let document = read(chart);
    for node in document.descendants() {
        for key in ["x", "y", "cx", "cy", "width", "height"] {
            let value = node.attribute(key).filter(|value| *value != "100%");
            let number = value.map_or(0.0, |value| value.parse::<f64>().unwrap_or(f64::NAN));
            prop_assert!((0.0..1e4).contains(&number), "{key}: {value:?}");
        }
        for key in ["d", "transform", "viewBox"] {
            let value = node.attribute(key).unwrap_or("");
            prop_assert!(
                !value.contains("NaN") && !value.contains("inf"),
                "{key}: {value}"
            );
        }
    }
    let words: Vec<&str> = document
        .descendants()
        .filter(|node| node.is_text())
        .filter_map(|node| node.text())
        .collect();
    for word in words {
        prop_assert!(!word.contains("NaN") && word.len() < 20_000, "{word}");
    }
    prop_assert!(chart.len() < 200_000, "{} bytes", chart.len());
    Ok(())
}

fn measure() -> impl Strategy<Value = Measure> {
    prop::sample::select(vec![Measure::Probability, Measure::Score])
}

proptest! {
    #[test]
    fn roc_curves(samples in vec((name(), figures(), figures(), figure()), 0..8)) {
        let series = samples.iter().map(|(name, fpr, tpr, auc)| RocSeries {
            name,
            fpr,
            tpr,
            auc: Some(*auc),
        });
        check(&roc(&RocChart { series: series.collect() }))?;
    }

    #[test]
    fn cumulative_shares(
        measure in measure(),
        thresholds in figures(),
        goods in figures(),
        bads in figures(),
    ) {
        let (thresholds, goods, bads) = (&thresholds, &goods, &bads);
        check(&ks(&KsChart { measure, thresholds, goods, bads }))?;
    }

    #[test]
    fn reliability(samples in vec((name(), vec((figure(), figure(), figure()), 0..20)), 0..8)) {
        let point = |&(predicted, observed, count): &(f64, f64, f64)| CalibrationPoint {
            predicted,
            observed,
            count,
        };
        let bins: Vec<Vec<_>> =
            samples.iter().map(|(_, bins)| bins.iter().map(point).collect()).collect();
        let series = samples
            .iter()
            .zip(&bins)
            .map(|((name, _), bins)| CalibrationSeries { name, bins });
        check(&calibration(&CalibrationChart { series: series.collect() }))?;
    }

    #[test]
    fn bands(measure in measure(), bands in vec((name(), figure(), figure()), 0..50)) {
        let bands: Vec<ScoreBand<'_>> = bands
            .iter()
            .map(|(label, goods, bads)| ScoreBand { label, goods: *goods, bads: *bads })
            .collect();
        check(&score_bands(&ScoreBandsChart { measure, bands: &bands }))?;
    }

    #[test]
    fn weights_of_evidence(
        characteristic in name(),
        iv in figure(),
        bins in vec((name(), figure(), figure(), any::<bool>()), 0..70),
    ) {
        let kind = |values| if values { WoeBinKind::Values } else { WoeBinKind::Other };
        let bins: Vec<WoeBin<'_>> = bins
            .iter()
            .map(|(label, woe, share, values)| WoeBin {
                label,
                kind: kind(*values),
                woe: *woe,
                share: *share,
            })
            .collect();
        check(&woe(&WoeChart {
            characteristic: &characteristic,
            information_value: Some(iv),
            bins: &bins,
        }))?;
    }

    #[test]
    fn strategies(
        measure in measure(),
        points in vec((figure(), figure()), 0..50),
        marks in vec((name(), figure(), figure(), figure()), 0..8),
    ) {
        let point = |approval_rate, bad_rate| StrategyPoint { approval_rate, bad_rate };
        let points: Vec<_> = points.iter().map(|&(x, y)| point(x, y)).collect();
        let marks: Vec<_> = marks
            .iter()
            .map(|(name, cutoff, x, y)| StrategyMark { name, cutoff: *cutoff, point: point(*x, *y) })
            .collect();
        check(&strategy(&StrategyChart { measure, points: &points, marks: &marks }))?;
    }
}
