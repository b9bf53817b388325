//! What the lines, bars and markers of a drawing mean.

use super::{
    document::Document,
    frame::{Area, rectangle},
    number::px,
    palette,
    text::Label,
};

/// Height of an entry, and width of its sample.
const HEIGHT: f64 = 20.0;
const SAMPLE: f64 = 30.0;

/// Margin at the left, and the width of a column of text.
const LEFT: f64 = 20.0;
const COLUMN: f64 = 7.2;

/// What an entry shows of what it explains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sample {
    /// The line of a series.
    Line(usize),
    /// The line of a series with its marker.
    MarkedLine(usize),
    /// The marker of a series.
    Marker(usize),
    /// The bar of a series.
    Bar(usize),
    /// A fainter bar of a series.
    SoftBar(usize),
    /// A line for comparison.
    Plain,
    /// A line that crosses bars.
    Rate,
}

/// An entry of a legend.
pub struct Key {
    /// What it shows.
    pub sample: Sample,
    /// What it is called.
    pub label: Label,
    /// What is said after the name.
    pub more: String,
}

impl Key {
    /// An entry whose name is ours.
    pub fn of(sample: Sample, text: &str) -> Self {
        Self {
            sample,
            label: Label::new(text, usize::MAX),
            more: String::new(),
        }
    }
}

/// The height that the entries take.
pub fn height(width: f64, keys: &[Key]) -> f64 {
    keys.len().div_ceil(columns(width, keys)) as f64 * HEIGHT
}

/// Draws the entries from `top` downwards.
pub fn draw(document: &mut Document, width: f64, top: f64, keys: &[Key]) {
    let columns = columns(width, keys);
    let step = (width - 2.0 * LEFT) / columns as f64;
    for (at, key) in keys.iter().enumerate() {
        let x = LEFT + step * (at % columns) as f64;
        let y = top + HEIGHT * ((at / columns) as f64 + 0.5);
        draw_sample(document, key.sample, (x, y));
        let (x, y) = (px(x + SAMPLE + 8.0), px(y + 4.0));
        document.label(&[("x", &x), ("y", &y)], &key.label, &key.more);
    }
}

/// As many columns as there is room for beside the longest entry.
fn columns(width: f64, keys: &[Key]) -> usize {
    let length = |key: &Key| key.label.columns() + key.more.chars().count();
    let longest = keys.iter().map(length).max().unwrap_or(0) as f64;
    let entry = SAMPLE + 32.0 + longest * COLUMN;
    (((width - 2.0 * LEFT) / entry) as usize).max(1)
}

fn draw_sample(document: &mut Document, sample: Sample, (x, y): (f64, f64)) {
    let d = format!("M{} {}h{}", px(x), px(y), px(SAMPLE));
    let stroke = |class: &str, document: &mut Document| {
        document.shape("path", &[("class", class), ("d", &d)]);
    };
    let block = Area {
        left: x + 8.0,
        top: y - 6.0,
        width: 14.0,
        height: 12.0,
    };
    let middle = (x + SAMPLE / 2.0, y);
    match sample {
        Sample::Line(series) => stroke(&palette::line(series), document),
        Sample::Plain => stroke("plain", document),
        Sample::Rate => {
            stroke("ink", document);
            palette::ring(document, middle, "");
        }
        Sample::MarkedLine(series) => {
            stroke(&palette::line(series), document);
            palette::marker(document, series, middle, "");
        }
        Sample::Marker(series) => palette::marker(document, series, middle, ""),
        Sample::Bar(series) => rectangle(document, &palette::fill(series), &block),
        Sample::SoftBar(series) => {
            rectangle(document, &format!("{} soft", palette::fill(series)), &block);
        }
    }
}
