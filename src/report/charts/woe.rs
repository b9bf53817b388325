//! Weight of evidence of one characteristic.

use super::{
    axis::Axis,
    document::Document,
    frame::{Area, Frame, TOP, bar},
    legend::{Key, Sample},
    number::{figure, figure_or_none, is_drawable, percent, px},
    palette,
    scale::{Form, Scale},
    text::Label,
};

/// Height of a bin and of its bar.
const ROW: f64 = 26.0;
const BAR: f64 = 16.0;

/// Where the bars are drawn, and at their ends room for their figures.
const LEFT: f64 = 210.0;
const WIDTH: f64 = 340.0;
const FIGURE: f64 = 46.0;

/// Where the shares of rows are drawn, and the width of all of them.
const SHARES: f64 = 574.0;
const SHARES_WIDTH: f64 = 76.0;

/// Columns that a bin's name has room for, and that the name of the characteristic has.
const BIN_ROOM: usize = 27;
const NAME_ROOM: usize = 30;

/// Most bins that are drawn.
const MOST_BINS: usize = 60;

/// Series that positive and negative weights and the shares are drawn as.
const GOOD: usize = 0;
const BAD: usize = 1;
const SHARE: usize = 5;

/// The bins of one characteristic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WoeChart<'a> {
    /// Name of the characteristic.
    pub characteristic: &'a str,
    /// Its information value, if it is known.
    pub information_value: Option<f64>,
    /// Its bins, in their order; the first sixty are drawn.
    pub bins: &'a [WoeBin<'a>],
}

/// What a bin holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WoeBinKind {
    /// Values: numbers of an interval, or levels.
    Values,
    /// No value, special codes, or levels that training did not see.
    Other,
}

/// A bin of a characteristic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WoeBin<'a> {
    /// What it is called.
    pub label: &'a str,
    /// What it holds.
    pub kind: WoeBinKind,
    /// Weight of evidence, `ln(share of goods / share of bads)`.
    pub woe: f64,
    /// Share of all rows, 0..=1.
    pub share: f64,
}

impl WoeBin<'_> {
    fn is_drawable(&self) -> bool {
        is_drawable(self.woe) && is_drawable(self.share)
    }

    fn told(&self, label: &Label) -> String {
        let (woe, share) = (figure(self.woe, 3), percent(self.share));
        format!(
            "{}: weight of evidence {woe}, {share} of rows",
            label.told()
        )
    }

    /// Class of a bar of `series`.
    fn class(&self, series: usize) -> String {
        let soft = if self.kind == WoeBinKind::Other {
            " soft"
        } else {
            ""
        };
        format!("{}{soft}", palette::fill(series))
    }
}

/// The bins of `chart`, one below the other: a bar of the weight of evidence, to the right where
/// there are relatively more goods, and the share of rows.
///
/// Bins without a weight or share that can be drawn are left out.
pub fn woe(chart: &WoeChart<'_>) -> String {
    woe_as("woe", chart)
}

/// As [`woe`]; `id` begins the identifiers within the document, so that several of them can stand
/// on one page.
pub fn woe_as(id: &str, chart: &WoeChart<'_>) -> String {
    let given: Vec<&WoeBin<'_>> = chart.bins.iter().filter(|bin| bin.is_drawable()).collect();
    let bins: Vec<(Label, &WoeBin<'_>)> = given
        .iter()
        .take(MOST_BINS)
        .map(|&bin| (Label::new(bin.label, BIN_ROOM), bin))
        .collect();
    let plot = Area {
        left: LEFT,
        top: TOP + 20.0,
        width: WIDTH,
        height: ROW * if bins.is_empty() { 5 } else { bins.len() } as f64,
    };
    let name = Label::new(chart.characteristic, NAME_ROOM);
    let mut frame = Frame::new(id, "", 720.0, plot);
    frame.heading = Label {
        shown: format!("Weight of evidence: {}", name.shown),
        whole: name
            .whole
            .map(|whole| format!("Weight of evidence: {whole}")),
    };
    if bins.is_empty() {
        return frame.empty("There are no bins to draw.");
    }
    let iv = figure_or_none(chart.information_value, 4);
    let told: Vec<String> = bins.iter().map(|(label, bin)| bin.told(label)).collect();
    frame
        .told
        .push(format!("Information value {iv}. {}.", told.join("; ")));
    frame.legend = legend(&bins);
    frame.notes.push(format!("Information value {iv}"));
    frame.note_omitted(given.len(), MOST_BINS, "bin");
    frame.draw(|document| {
        let weights = bins.iter().map(|(_, bin)| bin.woe).chain([0.0]);
        let span = (plot.left + FIGURE, plot.right() - FIGURE);
        let x = Scale::around(weights, span, 6);
        Axis {
            scale: &x,
            title: "Weight of evidence",
            form: Form::Number,
        }
        .draw_beneath(document, &plot);
        let zero = format!("M{} {}V{}", px(x.at(0.0)), px(plot.top), px(plot.bottom()));
        document.shape("path", &[("class", "rule"), ("d", &zero)]);
        let (left, y) = (px(SHARES), px(plot.top - 10.0));
        document.text(
            "text",
            &[("class", "faint"), ("x", &left), ("y", &y)],
            "Share of rows",
        );
        let whole = bins.iter().map(|(_, bin)| bin.share).fold(0.0, f64::max);
        let share = Scale::new((0.0, whole.max(1e-6)), (SHARES, SHARES + SHARES_WIDTH), 1);
        for (at, (label, bin)) in bins.iter().enumerate() {
            let top = plot.top + ROW * at as f64;
            draw_bin(document, (label, bin), top, (&x, &share));
        }
    })
}

fn legend(bins: &[(Label, &WoeBin<'_>)]) -> Vec<Key> {
    let mut keys = vec![
        Key::of(Sample::Bar(GOOD), "More goods than overall"),
        Key::of(Sample::Bar(BAD), "More bads than overall"),
    ];
    if bins.iter().any(|(_, bin)| bin.kind == WoeBinKind::Other) {
        keys.push(Key::of(Sample::SoftBar(GOOD), "Missing, special or unseen"));
    }
    keys
}

fn draw_bin(
    document: &mut Document,
    (label, bin): (&Label, &WoeBin<'_>),
    top: f64,
    (x, share): (&Scale, &Scale),
) {
    let told = bin.told(label);
    let middle = px(top + ROW / 2.0 + 4.0);
    let class = match bin.kind {
        WoeBinKind::Values => "e",
        WoeBinKind::Other => "e other",
    };
    let left = px(LEFT - 10.0);
    document.label(&[("class", class), ("x", &left), ("y", &middle)], label, "");
    let between = |from: f64, to: f64| Area {
        left: from.min(to),
        top: top + (ROW - BAR) / 2.0,
        width: (to - from).abs(),
        height: BAR,
    };
    let series = if bin.woe < 0.0 { BAD } else { GOOD };
    bar(
        document,
        &bin.class(series),
        &between(x.at(0.0), x.at(bin.woe)),
        &told,
    );
    let (class, end) = match series {
        BAD => ("n e halo", x.at(bin.woe) - 5.0),
        _ => ("n halo", x.at(bin.woe) + 5.0),
    };
    let end = px(end);
    let place = [("class", class), ("x", end.as_str()), ("y", &middle)];
    document.text("text", &place, &figure(bin.woe, 3));
    bar(
        document,
        &bin.class(SHARE),
        &between(SHARES, share.at(bin.share)),
        &told,
    );
    let end = px(share.at(bin.share) + 5.0);
    let place = [("class", "n"), ("x", end.as_str()), ("y", &middle)];
    document.text("text", &place, &percent(bin.share));
}
