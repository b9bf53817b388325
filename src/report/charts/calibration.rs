//! Reliability of the probabilities of default.

use super::{
    axis::Axis,
    document::Document,
    frame::{Area, Frame, TOP, bar},
    legend::{Key, Sample},
    number::{count, is_count, is_drawable, percent},
    palette::{self, SERIES},
    path::through,
    scale::{Form, Scale},
    text::Label,
};

/// A square, and beneath it the counts.
const PLOT: Area = Area {
    left: 68.0,
    top: TOP,
    width: 420.0,
    height: 420.0,
};
const COUNTS: Area = Area {
    left: 68.0,
    top: TOP + 420.0 + 54.0,
    width: 420.0,
    height: 80.0,
};

/// Width of the bar of a count.
const BAR: f64 = 6.0;

/// Most bins of a sample that are drawn.
const MOST_BINS: usize = 100;

/// Predicted against observed default rates on one or more samples.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrationChart<'a> {
    /// The samples; the first six are drawn.
    pub series: Vec<CalibrationSeries<'a>>,
}

/// Bins of one sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationSeries<'a> {
    /// Name of the sample.
    pub name: &'a str,
    /// The bins, predictions ascending; the first hundred are drawn.
    pub bins: &'a [CalibrationPoint],
}

/// Applications of like probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationPoint {
    /// Mean predicted probability of default, 0..=1.
    pub predicted: f64,
    /// Observed default rate, 0..=1.
    pub observed: f64,
    /// Number of applications, or their weight.
    pub count: f64,
}

impl CalibrationPoint {
    fn is_drawable(&self) -> bool {
        is_drawable(self.predicted) && is_drawable(self.observed) && is_count(self.count)
    }

    fn told(&self) -> String {
        format!(
            "predicted {}, observed {}, count {}",
            percent(self.predicted),
            percent(self.observed),
            count(self.count)
        )
    }
}

/// A sample as it is drawn.
struct Drawn {
    label: Label,
    bins: Vec<CalibrationPoint>,
}

/// The reliability diagram of `chart`: observed against predicted default rates around the
/// diagonal, and beneath it how many applications each point stands for.
pub fn calibration(chart: &CalibrationChart<'_>) -> String {
    let mut drawn: Vec<Drawn> = chart
        .series
        .iter()
        .map(|series| Drawn {
            label: Label::new(series.name, 40),
            bins: series
                .bins
                .iter()
                .copied()
                .filter(CalibrationPoint::is_drawable)
                .collect(),
        })
        .filter(|series| !series.bins.is_empty())
        .collect();
    let mut frame = Frame::new(
        "calibration",
        "Reliability of the probabilities",
        520.0,
        PLOT,
    );
    frame.below = COUNTS.bottom() - PLOT.bottom() + 12.0;
    if drawn.is_empty() {
        return frame.empty("There are no calibration bins to draw.");
    }
    frame
        .told
        .push("Observed default rates against predicted ones, bin by bin.".to_owned());
    frame.note_omitted(drawn.len(), SERIES, "sample");
    drawn.truncate(SERIES);
    for (at, series) in drawn.iter_mut().enumerate() {
        frame.note_omitted(series.bins.len(), MOST_BINS, "bin");
        series.bins.truncate(MOST_BINS);
        let bins: Vec<String> = series.bins.iter().map(CalibrationPoint::told).collect();
        frame
            .told
            .push(format!("{}: {}.", series.label.told(), bins.join("; ")));
        frame.legend.push(Key {
            sample: Sample::MarkedLine(at),
            label: series.label.clone(),
            more: String::new(),
        });
    }
    frame
        .legend
        .push(Key::of(Sample::Plain, "Perfect calibration"));
    frame.draw(|document| {
        let rates = drawn.iter().flat_map(|series| &series.bins);
        let rates = rates.flat_map(|bin| [bin.predicted, bin.observed]);
        let (_, most) = Scale::from_zero(rates, (0.0, 1.0), 5).domain();
        let most = most.min(1.0);
        let x = Scale::new((0.0, most), PLOT.across(), 5);
        let y = Scale::new((0.0, most), PLOT.upwards(), 5);
        draw_points(document, &drawn, (&x, &y));
        draw_counts(document, &drawn, &x);
    })
}

fn draw_points(document: &mut Document, drawn: &[Drawn], (x, y): (&Scale, &Scale)) {
    let axis = |scale, title| Axis {
        scale,
        title,
        form: Form::Percent,
    };
    axis(x, "Predicted probability of default").draw_beneath(document, &PLOT);
    axis(y, "Observed default rate").draw_left(document, &PLOT);
    let (_, most) = x.domain();
    let diagonal = through([(x.at(0.0), y.at(0.0)), (x.at(most), y.at(most))]);
    document.shape("path", &[("class", "plain"), ("d", &diagonal)]);
    for (at, series) in drawn.iter().enumerate() {
        let places = series
            .bins
            .iter()
            .map(|bin| (x.at(bin.predicted), y.at(bin.observed)));
        let d = through(places.clone());
        document.shape("path", &[("class", &palette::line(at)), ("d", &d)]);
        for (place, bin) in places.zip(&series.bins) {
            let title = format!("{}: {}", series.label.told(), bin.told());
            palette::marker(document, at, place, &title);
        }
    }
}

fn draw_counts(document: &mut Document, drawn: &[Drawn], x: &Scale) {
    let counts = drawn
        .iter()
        .flat_map(|series| &series.bins)
        .map(|bin| bin.count);
    let y = Scale::from_zero(counts, COUNTS.upwards(), 2);
    Axis {
        scale: &y,
        title: "Count",
        form: Form::Number,
    }
    .draw_left(document, &COUNTS);
    for (at, series) in drawn.iter().enumerate() {
        let shift = (at as f64 - (drawn.len() as f64 - 1.0) / 2.0) * BAR - BAR / 2.0;
        for bin in &series.bins {
            let top = y.at(bin.count);
            let area = Area {
                left: x.at(bin.predicted) + shift,
                top,
                width: BAR,
                height: y.at(0.0) - top,
            };
            bar(document, &palette::fill(at), &area, &bin.told());
        }
    }
}
