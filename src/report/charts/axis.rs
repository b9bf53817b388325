//! Axes: their rulings, figures and titles.

use std::fmt::Write;

use super::{
    document::Document,
    frame::Area,
    number::px,
    scale::{Form, Scale},
};

/// An axis: what it measures, and how.
pub struct Axis<'a> {
    /// From figures to pixels.
    pub scale: &'a Scale,
    /// What is measured.
    pub title: &'a str,
    /// How its figures are written.
    pub form: Form,
}

impl Axis<'_> {
    /// Beneath `area`, with rulings through it.
    pub fn draw_beneath(&self, document: &mut Document, area: &Area) {
        let rulings = |at: &str| format!("M{at} {}V{}", px(area.top), px(area.bottom()));
        self.draw_rulings(document, rulings);
        let y = px(area.bottom() + 18.0);
        for (at, text) in self.figures() {
            let place = [("class", "n c"), ("x", at.as_str()), ("y", &y)];
            document.text("text", &place, &text);
        }
        let (x, y) = (px(area.left + area.width / 2.0), px(area.bottom() + 38.0));
        document.text(
            "text",
            &[("class", "axis c"), ("x", &x), ("y", &y)],
            self.title,
        );
    }

    /// At the left of `area`, with rulings through it.
    pub fn draw_left(&self, document: &mut Document, area: &Area) {
        let rulings = |at: &str| format!("M{} {at}H{}", px(area.left), px(area.right()));
        self.draw_rulings(document, rulings);
        self.draw_beside(
            document,
            area,
            area.left - 8.0,
            ("n e", area.left - 52.0, -90),
        );
    }

    /// At the right of `area`, without rulings.
    pub fn draw_right(&self, document: &mut Document, area: &Area) {
        self.draw_beside(
            document,
            area,
            area.right() + 8.0,
            ("n", area.right() + 50.0, 90),
        );
    }

    fn draw_beside(
        &self,
        document: &mut Document,
        area: &Area,
        x: f64,
        (class, title, turn): (&str, f64, i32),
    ) {
        let x = px(x);
        for tick in self.scale.ticks() {
            let y = px(self.scale.at(tick) + 4.0);
            let text = self.scale.write(tick, self.form);
            document.text("text", &[("class", class), ("x", &x), ("y", &y)], &text);
        }
        let place = format!(
            "translate({} {}) rotate({turn})",
            px(title),
            px(area.top + area.height / 2.0)
        );
        document.text(
            "text",
            &[("class", "axis c"), ("transform", &place)],
            self.title,
        );
    }

    fn draw_rulings(&self, document: &mut Document, ruling: impl Fn(&str) -> String) {
        let mut d = String::new();
        for (at, _) in self.figures() {
            // Writing to a string does not fail.
            let _ = write!(d, "{}", ruling(&at));
        }
        document.shape("path", &[("class", "grid"), ("d", &d)]);
    }

    /// Pixel and text of each tick.
    fn figures(&self) -> Vec<(String, String)> {
        let ticks = self.scale.ticks().into_iter();
        ticks
            .map(|tick| (px(self.scale.at(tick)), self.scale.write(tick, self.form)))
            .collect()
    }
}
