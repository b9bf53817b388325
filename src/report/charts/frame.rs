//! What surrounds every drawing: its place, heading, words, legend and notes.

use super::{
    document::Document,
    legend::{self, Key},
    number::{counted, px},
    palette,
    text::Label,
};

/// Where a heading stands.
const HEADING: f64 = 28.0;

/// Room for a heading, above every plot.
pub const TOP: f64 = 48.0;

/// Height of a note, and room beneath everything.
const NOTE: f64 = 20.0;
const FOOT: f64 = 12.0;

/// Columns that a heading has room for, and its first pixel.
const HEADING_ROOM: usize = 50;
const HEADING_LEFT: f64 = 20.0;

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Area {
    /// Right edge.
    pub fn right(&self) -> f64 {
        self.left + self.width
    }

    /// Lower edge.
    pub fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// From left to right.
    pub fn across(&self) -> (f64, f64) {
        (self.left, self.right())
    }

    /// From the lower edge to the upper.
    pub fn upwards(&self) -> (f64, f64) {
        (self.bottom(), self.top)
    }
}

/// A drawing but for what is drawn in it.
pub struct Frame {
    /// What its identifiers begin with: the chart's name.
    pub id: String,
    /// What stands above.
    pub heading: Label,
    /// Width of the drawing.
    pub width: f64,
    /// Where the figures are drawn.
    pub plot: Area,
    /// Room for the axis beneath the plot.
    pub below: f64,
    /// What the lines, bars and markers mean.
    pub legend: Vec<Key>,
    /// Sentences beneath it all.
    pub notes: Vec<String>,
    /// The figures in words: sentences.
    pub told: Vec<String>,
}

impl Frame {
    /// A frame `width` wide around `plot`, with nothing told yet.
    pub fn new(id: &str, heading: &str, width: f64, plot: Area) -> Self {
        Self {
            id: id.to_owned(),
            heading: Label::new(heading, HEADING_ROOM),
            width,
            plot,
            below: 52.0,
            legend: Vec::new(),
            notes: Vec::new(),
            told: Vec::new(),
        }
    }

    /// Notes how many of the `given` are not drawn, if there are more than `drawn`.
    pub fn note_omitted(&mut self, given: usize, drawn: usize, noun: &str) {
        if given > drawn {
            let rest = counted(given - drawn, &format!("more {noun}"));
            self.notes.push(format!("Not drawn: {rest}."));
        }
    }

    /// The document, with what `body` draws.
    pub fn draw(&self, body: impl FnOnce(&mut Document)) -> String {
        let mut document = self.begin(&self.told);
        body(&mut document);
        legend::draw(&mut document, self.width, self.legend_top(), &self.legend);
        self.draw_notes(&mut document);
        document.close("svg");
        document.finish()
    }

    /// The document of a chart that has nothing to draw, which `reason` says.
    pub fn empty(&self, reason: &str) -> String {
        let mut document = self.begin(&[reason.to_owned()]);
        let middle = self.plot.left + self.plot.width / 2.0;
        let (x, y) = (px(middle), px(self.plot.top + self.plot.height / 2.0));
        self.outline(&mut document);
        document.text("text", &[("class", "axis c"), ("x", &x), ("y", &y)], reason);
        document.close("svg");
        document.finish()
    }

    /// The edge of the plot.
    pub fn outline(&self, document: &mut Document) {
        rectangle(document, "grid", &self.plot);
    }

    fn begin(&self, told: &[String]) -> Document {
        let mut document = Document::new();
        let ids = ["title", "desc"].map(|part| format!("{}-{part}", self.id));
        let size = format!("0 0 {} {}", px(self.width), px(self.height()));
        document.open(
            "svg",
            &[
                ("xmlns", "http://www.w3.org/2000/svg"),
                ("viewBox", &size),
                ("class", palette::ROOT),
                ("role", "img"),
                ("aria-labelledby", &ids.join(" ")),
            ],
        );
        let whole = self.heading.whole.as_ref().unwrap_or(&self.heading.shown);
        document.text("title", &[("id", &ids[0])], whole);
        document.text("desc", &[("id", &ids[1])], &told.join(" "));
        document.text("style", &[], &palette::style());
        let page = [("width", "100%"), ("height", "100%"), ("class", "page")];
        document.shape("rect", &page);
        let (x, y) = (px(HEADING_LEFT), px(HEADING));
        document.label(
            &[("class", "heading"), ("x", &x), ("y", &y)],
            &self.heading,
            "",
        );
        document
    }

    fn draw_notes(&self, document: &mut Document) {
        let top = self.legend_top() + legend::height(self.width, &self.legend);
        let x = px(HEADING_LEFT);
        for (at, note) in self.notes.iter().enumerate() {
            let y = px(top + NOTE * (at as f64 + 0.7));
            document.text("text", &[("class", "faint"), ("x", &x), ("y", &y)], note);
        }
    }

    fn legend_top(&self) -> f64 {
        self.plot.bottom() + self.below
    }

    fn height(&self) -> f64 {
        let notes = NOTE * self.notes.len() as f64;
        self.legend_top() + legend::height(self.width, &self.legend) + notes + FOOT
    }
}

/// A rectangle of `class` over `area`.
pub fn rectangle(document: &mut Document, class: &str, area: &Area) {
    document.shape(
        "rect",
        &sides(class, area).each_ref().map(|(k, v)| (*k, v.as_str())),
    );
}

/// A rectangle of `class` over `area` that tells `title`.
pub fn bar(document: &mut Document, class: &str, area: &Area, title: &str) {
    let sides = sides(class, area);
    document.titled(
        "rect",
        &sides.each_ref().map(|(k, v)| (*k, v.as_str())),
        title,
    );
}

fn sides(class: &str, area: &Area) -> [(&'static str, String); 5] {
    [
        ("class", class.to_owned()),
        ("x", px(area.left)),
        ("y", px(area.top)),
        ("width", px(area.width)),
        ("height", px(area.height)),
    ]
}
