//! Goods and bads by band of score.

use super::{
    axis::Axis,
    document::Document,
    frame::{Area, Frame, TOP, bar},
    ks::Measure,
    legend::{Key, Sample},
    number::{count, is_count, percent, px},
    palette,
    path::through,
    scale::{Form, Scale},
    text::Label,
};

const PLOT: Area = Area {
    left: 72.0,
    top: TOP,
    width: 560.0,
    height: 340.0,
};

/// Most bands that are drawn.
const MOST_BANDS: usize = 40;

/// Columns that a band's name has room for, and the width of one.
const NAME_ROOM: usize = 16;
const COLUMN: f64 = 7.2;

/// Series that the goods and bads are drawn as.
const GOODS: usize = 0;
const BADS: usize = 1;

/// Least distance of two slanted names.
const SLANTED: f64 = 15.0;

/// Goods and bads by band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreBandsChart<'a> {
    /// What the bands are of.
    pub measure: Measure,
    /// The bands, in the order in which they are drawn; the first forty are.
    pub bands: &'a [ScoreBand<'a>],
}

/// A band: its name, and who is in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreBand<'a> {
    /// What it is called, such as `[580, 600)`.
    pub label: &'a str,
    /// Non-events, or their weight.
    pub goods: f64,
    /// Events, or their weight.
    pub bads: f64,
}

impl ScoreBand<'_> {
    fn count(&self) -> f64 {
        self.goods + self.bads
    }

    fn bad_rate(&self) -> Option<f64> {
        (self.count() > 0.0).then(|| self.bads / self.count())
    }

    fn told(&self, label: &Label) -> String {
        let rate = self.bad_rate().map_or_else(|| "n/a".to_owned(), percent);
        let (goods, bads) = (count(self.goods), count(self.bads));
        format!(
            "{}: {goods} goods, {bads} bads, bad rate {rate}",
            label.told()
        )
    }
}

/// The bands of `chart`: bars of goods with the bads on top, and a line of the bad rates.
///
/// Bands whose counts are negative or cannot be drawn are left out.
pub fn score_bands(chart: &ScoreBandsChart<'_>) -> String {
    let fits = |band: &&ScoreBand<'_>| is_count(band.goods) && is_count(band.bads);
    let given: Vec<&ScoreBand<'_>> = chart.bands.iter().filter(fits).collect();
    let bands: Vec<(Label, &ScoreBand<'_>)> = given
        .iter()
        .take(MOST_BANDS)
        .map(|&band| (Label::new(band.label, NAME_ROOM), band))
        .collect();
    let mut frame = Frame::new("score-bands", "Goods and bads by band", 720.0, PLOT);
    if bands.is_empty() {
        return frame.empty("There are no bands to draw.");
    }
    let names = Names::of(&bands);
    frame.below = 36.0 + names.height();
    let told: Vec<String> = bands.iter().map(|(label, band)| band.told(label)).collect();
    let measure = chart.measure.title().to_lowercase();
    frame.told.push(format!(
        "Goods and bads by band of {measure}. {}.",
        told.join("; ")
    ));
    frame.legend.push(Key::of(Sample::Bar(GOODS), "Goods"));
    frame.legend.push(Key::of(Sample::Bar(BADS), "Bads"));
    frame
        .legend
        .push(Key::of(Sample::Rate, "Bad rate (right axis)"));
    frame.note_omitted(given.len(), MOST_BANDS, "band");
    frame.draw(|document| {
        let y = Scale::from_zero(bands.iter().map(|(_, b)| b.count()), PLOT.upwards(), 5);
        let rates = bands.iter().filter_map(|(_, band)| band.bad_rate());
        let rate = Scale::from_zero(rates, PLOT.upwards(), 5);
        let axis = |scale, title, form| Axis { scale, title, form };
        axis(&y, "Count", Form::Number).draw_left(document, &PLOT);
        axis(&rate, "Bad rate", Form::Percent).draw_right(document, &PLOT);
        draw_bars(document, &bands, &y);
        draw_rates(document, &bands, &rate);
        names.draw(document, &bands);
        let (x, y) = (px(middle()), px(PLOT.bottom() + names.height() + 22.0));
        document.text(
            "text",
            &[("class", "axis c"), ("x", &x), ("y", &y)],
            chart.measure.title(),
        );
    })
}

fn middle() -> f64 {
    PLOT.left + PLOT.width / 2.0
}

/// Middle of a band, of as many as there are, and the width of each.
fn slot(at: usize, bands: usize) -> (f64, f64) {
    let width = PLOT.width / bands as f64;
    (PLOT.left + width * (at as f64 + 0.5), width)
}

fn draw_bars(document: &mut Document, bands: &[(Label, &ScoreBand<'_>)], y: &Scale) {
    for (at, (label, band)) in bands.iter().enumerate() {
        let (middle, slot) = slot(at, bands.len());
        let width = (slot * 0.7).min(80.0);
        let told = band.told(label);
        let stack = [(GOODS, 0.0, band.goods), (BADS, band.goods, band.count())];
        for (series, low, high) in stack {
            let area = Area {
                left: middle - width / 2.0,
                top: y.at(high),
                width,
                height: y.at(low) - y.at(high),
            };
            bar(document, &palette::fill(series), &area, &told);
        }
    }
}

fn draw_rates(document: &mut Document, bands: &[(Label, &ScoreBand<'_>)], rate: &Scale) {
    let places = bands.iter().enumerate().filter_map(|(at, (label, band))| {
        let (middle, _) = slot(at, bands.len());
        Some(((middle, rate.at(band.bad_rate()?)), band.told(label)))
    });
    let d = through(places.clone().map(|(place, _)| place));
    // The line crosses bars of any colour: beneath it lies one of the page's.
    document.shape("path", &[("class", "under"), ("d", &d)]);
    document.shape("path", &[("class", "ink"), ("d", &d)]);
    for (place, told) in places {
        palette::ring(document, place, &told);
    }
}

/// How the names of the bands are written beneath them: every one, or one in some.
struct Names {
    columns: usize,
    is_slanted: bool,
    one_in: usize,
}

impl Names {
    /// Level where the longest has room beneath its band, else slanted.
    fn of(bands: &[(Label, &ScoreBand<'_>)]) -> Self {
        let columns = bands
            .iter()
            .map(|(label, _)| label.columns())
            .max()
            .unwrap_or(0);
        let (_, width) = slot(0, bands.len());
        Self {
            columns,
            is_slanted: columns as f64 * COLUMN > width - 4.0,
            one_in: (SLANTED / width).ceil() as usize,
        }
    }

    fn height(&self) -> f64 {
        if self.is_slanted {
            14.0 + self.columns as f64 * COLUMN * 0.71
        } else {
            18.0
        }
    }

    fn draw(&self, document: &mut Document, bands: &[(Label, &ScoreBand<'_>)]) {
        for (at, (label, _)) in bands.iter().enumerate().step_by(self.one_in) {
            let (middle, _) = slot(at, bands.len());
            let (class, place) = if self.is_slanted {
                let (x, y) = (px(middle + 4.0), px(PLOT.bottom() + 14.0));
                ("n e", format!("translate({x} {y}) rotate(-45)"))
            } else {
                let (x, y) = (px(middle), px(PLOT.bottom() + 18.0));
                ("n c", format!("translate({x} {y})"))
            };
            document.label(&[("class", class), ("transform", &place)], label, "");
        }
    }
}
