//! A scorecard as a table of rules.

use super::{super::Card, number::decimal};
use crate::credit::binning::Scale;

/// The card as comma-separated values (RFC 4180), one rule a line.
///
/// Columns: `characteristic`, `rule`, `from`, `to`, `value`, `bin`, `woe`, `points`,
/// `rounded_points`, `second`, `second_bin`. Rules: `base` (points that every row has), `code` and
/// `level` (the value is `value`), `missing`, `interval` (numbers of `[from, to)`, an empty bound is
/// none), `unseen` (any other level) and `pair` (the value of `characteristic` is in `bin` and that of
/// `second` in `second_bin`). Codes go before intervals. `woe` is empty for `base` and `pair`, and the
/// last two columns for all but `pair`.
///
/// Levels are written as they are; a spreadsheet may take one that starts with `=` for a formula.
pub fn csv(card: &Card) -> String {
    let header =
        "characteristic,rule,from,to,value,bin,woe,points,rounded_points,second,second_bin\r\n";
    let mut text = header.to_owned();
    let (raw, rounded) = card.base_points();
    text += &format!(",base,,,,,,{},{rounded},,\r\n", decimal(raw));
    for (at, entry) in card.entries().iter().enumerate() {
        let raw: Vec<f64> = card.points(at).collect();
        let rounded: Vec<i32> = card.rounded_points(at).collect();
        let name = quoted(&entry.name);
        let mut line = |rule: &str, [from, to, value]: [&str; 3], bin: usize| {
            let woe = entry.binning.woe(bin);
            let (raw, rounded) = (decimal(raw[bin]), rounded[bin]);
            text += &format!("{name},{rule},{from},{to},{value},{bin},{woe},{raw},{rounded},,\r\n");
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
    (0..card.pairs().len()).for_each(|at| pair(card, at, &mut text));
    text
}

/// A line for every combination of bins.
fn pair(card: &Card, at: usize, text: &mut String) {
    let pair = &card.pairs()[at];
    let [first, second] =
        [pair.first, pair.second].map(|of| quoted(&card.entries()[of as usize].name));
    let raw: Vec<f64> = card.pair_points(at).collect();
    let rounded: Vec<i32> = card.pair_rounded_points(at).collect();
    let (_, width) = pair.groups();
    for (bin, &row) in pair.groups_first.iter().enumerate() {
        for (second_bin, &column) in pair.groups_second.iter().enumerate() {
            let cell = row as usize * width + column as usize;
            let (raw, rounded) = (decimal(raw[cell]), rounded[cell]);
            *text += &format!("{first},pair,,,,{bin},,{raw},{rounded},{second},{second_bin}\r\n");
        }
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
