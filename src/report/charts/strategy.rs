//! Approval rate against the bad rate of the approved.

use super::{
    axis::Axis,
    document::Document,
    frame::{Area, Frame, TOP},
    ks::Measure,
    legend::{Key, Sample},
    number::{is_drawable, percent, px},
    palette::{self, SERIES},
    path::through,
    scale::{Form, Scale},
    text::Label,
};

const PLOT: Area = Area {
    left: 72.0,
    top: TOP,
    width: 584.0,
    height: 360.0,
};

/// Series that the curve is drawn as.
const CURVE: usize = 0;

/// What every cut-off would bring, and those that are chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StrategyChart<'a> {
    /// What the cut-offs are of.
    pub measure: Measure,
    /// The curve, approval rates ascending.
    pub points: &'a [StrategyPoint],
    /// The chosen cut-offs; the first five are drawn.
    pub marks: &'a [StrategyMark<'a>],
}

/// What a cut-off brings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StrategyPoint {
    /// Share of applications that are approved, 0..=1.
    pub approval_rate: f64,
    /// Share of bads among the approved, 0..=1.
    pub bad_rate: f64,
}

/// A chosen cut-off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StrategyMark<'a> {
    /// What it is called.
    pub name: &'a str,
    /// The cut-off.
    pub cutoff: f64,
    /// What it brings.
    pub point: StrategyPoint,
}

impl StrategyPoint {
    fn is_drawable(&self) -> bool {
        is_drawable(self.approval_rate) && is_drawable(self.bad_rate)
    }
}

impl StrategyMark<'_> {
    fn told(&self, measure: Measure) -> String {
        format!(
            ": cut-off {}, approves {}, bad rate {}",
            measure.write(self.cutoff),
            percent(self.point.approval_rate),
            percent(self.point.bad_rate)
        )
    }
}

/// The curve of `chart`, and on it the chosen cut-offs.
///
/// Points and marks that cannot be drawn are left out.
pub fn strategy(chart: &StrategyChart<'_>) -> String {
    let points: Vec<StrategyPoint> = chart
        .points
        .iter()
        .copied()
        .filter(StrategyPoint::is_drawable)
        .collect();
    let fits = |mark: &&StrategyMark<'_>| mark.point.is_drawable() && is_drawable(mark.cutoff);
    let marks: Vec<&StrategyMark<'_>> = chart.marks.iter().filter(fits).collect();
    let mut frame = Frame::new("strategy", "Approvals and bad rate", 700.0, PLOT);
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return frame.empty("There are no cut-offs to draw.");
    };
    let ends = [first, last].map(|p| (percent(p.approval_rate), percent(p.bad_rate)));
    frame.told.push(format!(
        "Share of bads among the approved against the share approved, from {} bad at {} approved \
         to {} bad at {} approved.",
        ends[0].1, ends[0].0, ends[1].1, ends[1].0
    ));
    frame
        .legend
        .push(Key::of(Sample::Line(CURVE), "All cut-offs"));
    frame.note_omitted(marks.len(), SERIES - 1, "chosen cut-off");
    let marks = &marks[..marks.len().min(SERIES - 1)];
    for (at, mark) in marks.iter().enumerate() {
        let (label, more) = (Label::new(mark.name, 30), mark.told(chart.measure));
        frame.told.push(format!("{}{more}.", label.told()));
        frame.legend.push(Key {
            sample: Sample::Marker(at + 1),
            label,
            more,
        });
    }
    frame.draw(|document| {
        let rates = points.iter().chain(marks.iter().map(|mark| &mark.point));
        let rates = rates.map(|point| point.bad_rate);
        let x = Scale::new((0.0, 1.0), PLOT.across(), 10);
        let y = Scale::from_zero(rates, PLOT.upwards(), 5);
        let axis = |scale, title| Axis {
            scale,
            title,
            form: Form::Percent,
        };
        axis(&x, "Approval rate").draw_beneath(document, &PLOT);
        axis(&y, "Bad rate of the approved").draw_left(document, &PLOT);
        let place = |point: &StrategyPoint| (x.at(point.approval_rate), y.at(point.bad_rate));
        let d = through(points.iter().map(place));
        document.shape("path", &[("class", &palette::line(CURVE)), ("d", &d)]);
        for (at, mark) in marks.iter().enumerate() {
            let title = format!("{}{}", mark.name, mark.told(chart.measure));
            draw_mark(document, at + 1, place(&mark.point), &title);
        }
    })
}

fn draw_mark(document: &mut Document, series: usize, (x, y): (f64, f64), title: &str) {
    let (across, down) = (px(x), px(y));
    let d = format!("M{across} {}V{down}H{}", px(PLOT.bottom()), px(PLOT.left));
    document.shape("path", &[("class", "plain"), ("d", &d)]);
    palette::marker(document, series, (x, y), title);
}
