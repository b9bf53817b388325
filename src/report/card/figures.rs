//! Figures and foreign names as a card writes them.

use serde::Serialize;
use serde_json::Value;

use crate::{
    credit::evidence::{Area, Spread},
    report::charts::{number::figure, text::Label},
};

pub use crate::report::charts::number::percent;

/// What stands for a figure that there is none of.
pub const NONE: &str = "n/a";

/// Figures from here on, or below its inverse, are written with an exponent.
const MOST: f64 = 1e7;

/// `value` with as many `decimals`; with an exponent where these would not tell it.
pub fn number(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let size = value.abs();
    if size >= MOST || (value != 0.0 && size < 0.5 * 0.1_f64.powi(decimals as i32)) {
        format!("{value:.2e}")
    } else {
        figure(value, decimals)
    }
}

/// A figure that may be missing.
pub fn number_or_none(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| number(value, decimals))
}

/// A share that may be missing.
pub fn percent_or_none(share: Option<f64>) -> String {
    share.map_or_else(|| NONE.to_owned(), percent)
}

/// A number of rows.
pub fn rows(count: u64) -> String {
    figure(count as f64, 0)
}

/// A p-value: four decimals, or how small it is.
pub fn p_value(p: f64) -> String {
    if p < 0.0001 {
        "< 0.0001".to_owned()
    } else {
        format!("{p:.4}")
    }
}

/// A figure and its interval.
pub fn with_interval(value: f64, spread: Option<Spread>) -> String {
    let value = number(value, 4);
    match spread {
        Some(spread) => format!(
            "{value} ({} to {})",
            number(spread.low, 4),
            number(spread.high, 4)
        ),
        None => value,
    }
}

/// An area with its interval, by the variance of the ranks if there is one.
pub fn area(found: Option<Area>) -> String {
    found.map_or_else(
        || NONE.to_owned(),
        |area| with_interval(area.value, area.delong.or(area.bootstrap)),
    )
}

/// A name from elsewhere, fit for a sentence: on one line, and turning no text around.
pub fn name(text: &str) -> String {
    Label::new(text, usize::MAX).told().into_owned()
}

/// A value that is a word on the wire, as a word for people.
pub fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word.replace('_', " "),
        // Only words are asked for.
        _ => NONE.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_that_its_decimals_would_hide_has_an_exponent() {
        let written = [0.0, 0.12345, 0.00004, -1e-9, 12_345_678.0].map(|it| number(it, 4));
        assert_eq!(
            written,
            ["0.0000", "0.1235", "4.00e-5", "-1.00e-9", "1.23e7"]
        );
    }

    #[test]
    fn a_small_p_value_is_said_to_be_small() {
        assert_eq!([0.04567, 0.00001].map(p_value), ["0.0457", "< 0.0001"]);
    }

    #[test]
    fn a_name_is_on_one_line_and_turns_no_text() {
        assert_eq!(name("a\nb\u{202E}c | `d`"), "a bc | `d`");
        assert_eq!(name("\u{0}"), "\u{FFFD}");
        assert_eq!(name(" "), "(blank)");
    }
}
