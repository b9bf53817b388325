//! Receiver operating characteristic.

use super::{
    axis::Axis,
    document::Document,
    frame::{Area, Frame, TOP},
    legend::{Key, Sample},
    number::{figure_or_none, is_drawable},
    palette::{self, SERIES},
    path::through,
    scale::{Form, Scale},
    text::Label,
};

/// A square.
const PLOT: Area = Area {
    left: 68.0,
    top: TOP,
    width: 420.0,
    height: 420.0,
};

/// ROC curves of a model on one or more samples.
#[derive(Clone, Debug, PartialEq)]
pub struct RocChart<'a> {
    /// The curves; the first six are drawn.
    pub series: Vec<RocSeries<'a>>,
}

/// A model's ROC curve on one sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RocSeries<'a> {
    /// Name of the sample.
    pub name: &'a str,
    /// Shares of goods that are taken for bad, 0..=1, ascending.
    pub fpr: &'a [f64],
    /// Shares of bads that are found, 0..=1, one for each of `fpr`.
    pub tpr: &'a [f64],
    /// Area under the curve, if it is known.
    pub auc: Option<f64>,
}

impl RocSeries<'_> {
    fn points(&self) -> Vec<(f64, f64)> {
        let pairs = self.fpr.iter().copied().zip(self.tpr.iter().copied());
        pairs
            .filter(|&(x, y)| is_drawable(x) && is_drawable(y))
            .collect()
    }
}

/// The ROC curves of `chart` over the diagonal, with the area under each.
///
/// As many points are taken of a curve as its shorter slice has.
pub fn roc(chart: &RocChart<'_>) -> String {
    let drawn: Vec<(RocSeries<'_>, Vec<(f64, f64)>)> = chart
        .series
        .iter()
        .map(|series| (*series, series.points()))
        .filter(|(_, points)| !points.is_empty())
        .collect();
    let mut frame = Frame::new("roc", "ROC curve", 520.0, PLOT);
    if drawn.is_empty() {
        return frame.empty("There are no points of a ROC curve to draw.");
    }
    frame.told.push(
        "Share of bads found against share of goods taken for bad, at every threshold.".to_owned(),
    );
    for (at, (series, _)) in drawn.iter().take(SERIES).enumerate() {
        let auc = figure_or_none(series.auc, 4);
        let label = Label::new(series.name, 36);
        let told = format!("{}: area under the curve (AUC) {auc}.", label.told());
        frame.told.push(told);
        frame.legend.push(Key {
            sample: Sample::Line(at),
            label,
            more: format!(", AUC {auc}"),
        });
    }
    frame
        .legend
        .push(Key::of(Sample::Plain, "No separation, AUC 0.5"));
    frame.note_omitted(drawn.len(), SERIES, "curve");
    frame.draw(|document| draw_curves(document, &drawn))
}

fn draw_curves(document: &mut Document, drawn: &[(RocSeries<'_>, Vec<(f64, f64)>)]) {
    let x = Scale::new((0.0, 1.0), PLOT.across(), 5);
    let y = Scale::new((0.0, 1.0), PLOT.upwards(), 5);
    let axis = |scale, title| Axis {
        scale,
        title,
        form: Form::Percent,
    };
    axis(&x, "Goods taken for bad (false positive rate)").draw_beneath(document, &PLOT);
    axis(&y, "Bads found (true positive rate)").draw_left(document, &PLOT);
    let diagonal = through([(x.at(0.0), y.at(0.0)), (x.at(1.0), y.at(1.0))]);
    document.shape("path", &[("class", "plain"), ("d", &diagonal)]);
    for (at, (_, points)) in drawn.iter().take(SERIES).enumerate() {
        let d = through(points.iter().map(|&(fpr, tpr)| (x.at(fpr), y.at(tpr))));
        document.shape("path", &[("class", &palette::line(at)), ("d", &d)]);
    }
}
