//! Kolmogorov-Smirnov distance.

use super::{
    axis::Axis,
    document::Document,
    frame::{Area, Frame, TOP},
    legend::{Key, Sample},
    number::{figure, is_drawable, percent, px},
    palette,
    path::through,
    scale::{Form, Scale},
};

const PLOT: Area = Area {
    left: 68.0,
    top: TOP,
    width: 588.0,
    height: 360.0,
};

/// What a model measures an application by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Measure {
    /// Probability of default, 0..=1.
    Probability,
    /// Points of a scorecard.
    Score,
}

impl Measure {
    /// What an axis of it is called.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Probability => "Probability of default",
            Self::Score => "Score",
        }
    }

    /// How an axis of it is written.
    pub(super) fn form(self) -> Form {
        match self {
            Self::Probability => Form::Percent,
            Self::Score => Form::Number,
        }
    }

    /// How a single one is written.
    pub(super) fn write(self, value: f64) -> String {
        match self {
            Self::Probability => format!("{}%", figure(value * 100.0, 2)),
            Self::Score => figure(value, 1),
        }
    }
}

/// Cumulative shares of goods and bads along a measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KsChart<'a> {
    /// What the thresholds are of.
    pub measure: Measure,
    /// Thresholds, ascending; the one where the shares are farthest apart must be among them.
    pub thresholds: &'a [f64],
    /// Shares of goods up to each threshold, 0..=1.
    pub goods: &'a [f64],
    /// Shares of bads up to each threshold, 0..=1.
    pub bads: &'a [f64],
}

/// Goods and bads up to a threshold.
#[derive(Clone, Copy)]
struct Point {
    threshold: f64,
    goods: f64,
    bads: f64,
}

impl Point {
    fn gap(&self) -> f64 {
        (self.goods - self.bads).abs()
    }
}

impl KsChart<'_> {
    fn points(&self) -> Vec<Point> {
        let shares = self.goods.iter().zip(self.bads);
        let points = self.thresholds.iter().zip(shares);
        points
            .map(|(&threshold, (&goods, &bads))| Point {
                threshold,
                goods,
                bads,
            })
            .filter(|p| [p.threshold, p.goods, p.bads].into_iter().all(is_drawable))
            .collect()
    }
}

/// The cumulative shares of `chart`, with the widest gap between them marked: the
/// Kolmogorov-Smirnov distance.
///
/// As many points are taken as the shortest slice has.
pub fn ks(chart: &KsChart<'_>) -> String {
    let points = chart.points();
    let mut frame = Frame::new("ks", "Cumulative goods and bads", 700.0, PLOT);
    let wider = |one: Point, next: &Point| if next.gap() > one.gap() { *next } else { one };
    let Some(widest) = points
        .split_first()
        .map(|(&first, rest)| rest.iter().fold(first, wider))
    else {
        return frame.empty("There are no cumulative shares to draw.");
    };
    frame.told.push(format!(
        "Cumulative shares of goods and bads against the {}. They are farthest apart at {}: {} of \
         goods and {} of bads, a Kolmogorov-Smirnov distance of {}.",
        chart.measure.title().to_lowercase(),
        chart.measure.write(widest.threshold),
        percent(widest.goods),
        percent(widest.bads),
        figure(widest.gap(), 4),
    ));
    frame.legend.push(Key::of(Sample::Line(0), "Goods"));
    frame.legend.push(Key::of(Sample::Line(1), "Bads"));
    frame.draw(|document| {
        let x = Scale::around(points.iter().map(|p| p.threshold), PLOT.across(), 10);
        let y = Scale::new((0.0, 1.0), PLOT.upwards(), 5);
        Axis {
            scale: &x,
            title: chart.measure.title(),
            form: chart.measure.form(),
        }
        .draw_beneath(document, &PLOT);
        Axis {
            scale: &y,
            title: "Cumulative share",
            form: Form::Percent,
        }
        .draw_left(document, &PLOT);
        let shares: [fn(&Point) -> f64; 2] = [|p| p.goods, |p| p.bads];
        for (series, share) in shares.into_iter().enumerate() {
            let d = through(points.iter().map(|p| (x.at(p.threshold), y.at(share(p)))));
            document.shape("path", &[("class", &palette::line(series)), ("d", &d)]);
        }
        draw_gap(document, chart.measure, widest, (&x, &y));
    })
}

fn draw_gap(document: &mut Document, measure: Measure, widest: Point, (x, y): (&Scale, &Scale)) {
    let at = x.at(widest.threshold);
    let (low, high) = (y.at(widest.goods), y.at(widest.bads));
    let d = format!("M{0} {1}V{2}", px(at), px(low), px(high));
    document.shape("path", &[("class", "ink"), ("d", &d)]);
    for (series, end) in [low, high].into_iter().enumerate() {
        palette::marker(document, series, (at, end), "");
    }
    let is_right = at > PLOT.left + PLOT.width * 0.6;
    let (class, beside) = if is_right {
        ("halo e", at - 9.0)
    } else {
        ("halo", at + 9.0)
    };
    let (beside, middle) = (px(beside), px((low + high) / 2.0 + 4.0));
    let text = format!(
        "KS {} at {}",
        figure(widest.gap(), 4),
        measure.write(widest.threshold)
    );
    document.text(
        "text",
        &[("class", class), ("x", &beside), ("y", &middle)],
        &text,
    );
}
