//! A scorecard as a table of rules.

use super::{super::Card, number::decimal};
use crate::credit::binning::Scale;

/// The card as comma-separated values (RFC 4180), one rule a line.
///
/// Columns: `characteristic`, `rule`, `from`, `to`, `value`, `bin`, `woe`, `points`,
/// `rounded_points`. Rules: `base` (points that every row has), `code` and `level` (the value is
/// `value`), `missing`, `interval` (numbers of `[from, to)`, an empty bound is none) and `unseen` (any
/// other level). Codes go before intervals. `woe` is empty for `base`.
///
/// Levels are written as they are; a spreadsheet may take one that starts with `=` for a formula.
pub fn csv(card: &Card) -> String {
    let header = "characteristic,rule,from,to,value,bin,woe,points,rounded_points\r\n";
    let mut text = header.to_owned();
    let (raw, rounded) = card.base_points();
    text += &format!(",base,,,,,,{},{rounded}\r\n", decimal(raw));
    for (at, entry) in card.entries().iter().enumerate() {
        let raw: Vec<f64> = card.points(at).collect();
        let rounded: Vec<i32> = card.rounded_points(at).collect();
        let name = quoted(&entry.name);
        let mut line = |rule: &str, [from, to, value]: [&str; 3], bin: usize| {
            let woe = entry.binning.woe(bin);
            let (raw, rounded) = (decimal(raw[bin]), rounded[bin]);
            text += &format!("{name},{rule},{from},{to},{value},{bin},{woe},{raw},{rounded}\r\n");
        };
        line("missing", [""; 3], entry.binning.bin_of_missing());
        match entry.binning.scale() {
            Scale::Numeric { breaks, special } => {
                for &(code, bin) in special {
                    line("code", ["", "", &code.to_string()], bin as usize);
                }
                for bin in 0..=breaks.len() {
                    let from = bin.checked_sub(1).map(|below| breaks[below].to_string());
                    let to = breaks.get(bin).map(f64::to_string);
                    let bounds = [from, to].map(Option::unwrap_or_default);
                    line("interval", [&bounds[0], &bounds[1], ""], bin);
                }
            }
            Scale::Levels { bins, unseen } => {
                for (level, bin) in bins {
                    line("level", ["", "", &quoted(level)], *bin as usize);
                }
                line("unseen", [""; 3], *unseen as usize);
            }
        }
    }
    text
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
