//! A scorecard as a Python module.

use super::{
    super::{Card, Entry, Pair},
    Points,
    number::decimal,
};
use crate::credit::binning::Scale;

/// What comes before the tables.
const HEAD: &str = "\
\"\"\"Scorecard: points(row) gives the points of each characteristic and pair, score(row) their sum.

A row maps names of characteristics to numbers or strings; None, NaN and absent are missing.
\"\"\"

from bisect import bisect_right

";

/// What comes after them.
const FUNCTIONS: &str = r#"

def _bin(value, breaks, bins, missing, unseen):
    if value is None:
        return missing
    if breaks is not None:
        value = float(value)
    if value != value:
        return missing
    found = bins.get(value)
    if found is not None:
        return found
    return unseen if breaks is None else bisect_right(breaks, value)


def points(row):
    """Points of each characteristic, then of each pair, in the card's order."""
    found = [
        _bin(row.get(name), breaks, bins, missing, unseen)
        for name, breaks, bins, missing, unseen, _ in _CHARACTERISTICS
    ]
    singles = [of[-1][bin] for of, bin in zip(_CHARACTERISTICS, found)]
    pairs = [
        points[first_groups[found[first]]][second_groups[found[second]]]
        for first, second, first_groups, second_groups, points in _PAIRS
    ]
    return singles + pairs


def score(row):
    """The score: the base points and all others, added in order."""
    total = _BASE
    for part in points(row):
        total += part
    return total
"#;

/// The card as a module for Python 3, of pure ASCII, that needs nothing but its standard library.
///
/// It defines `points(row)` (characteristics, then pairs) and `score(row)`, where `row` is a mapping
/// from the names of characteristics to values. A numeric characteristic takes what Python's `float` takes and raises
/// its errors; `None`, `NaN` and absent values are missing.
pub fn python(card: &Card, points: Points) -> String {
    let mut text = HEAD.to_owned();
    text += &format!("_BASE = {}\n\n", points.base(card));
    text +=
        "# Name, breaks, codes or levels with their bins, bins of missing and unseen, points.\n";
    text += "_CHARACTERISTICS = [\n";
    for (at, entry) in card.entries().iter().enumerate() {
        text += &characteristic(entry, &points.of(card, at));
    }
    text += "]\n\n";
    text += "# Positions of two characteristics, groups of their bins, points of their groups.\n";
    text += "_PAIRS = [\n";
    for (at, of) in card.pairs().iter().enumerate() {
        text += &pair(of, &points.of_pair(card, at));
    }
    text + "]\n" + FUNCTIONS
}

fn pair(pair: &Pair, points: &[String]) -> String {
    let (_, width) = pair.groups();
    let rows = points
        .chunks(width)
        .map(|row| format!("[{}]", row.join(", ")));
    format!(
        "    ({}, {}, {:?}, {:?}, [{}]),\n",
        pair.first,
        pair.second,
        pair.groups_first,
        pair.groups_second,
        rows.collect::<Vec<_>>().join(", ")
    )
}

fn characteristic(entry: &Entry, points: &[String]) -> String {
    let (breaks, bins, unseen) = match entry.binning.scale() {
        Scale::Numeric { breaks, special } => {
            let breaks: Vec<String> = breaks.iter().copied().map(decimal).collect();
            let code = |&(code, bin): &(f64, u32)| format!("{}: {bin}", decimal(code));
            let codes: Vec<String> = special.iter().map(code).collect();
            (format!("[{}]", breaks.join(", ")), codes, None)
        }
        Scale::Levels { bins, unseen } => {
            let level = |(level, bin): &(String, u32)| format!("{}: {bin}", string(level));
            let levels = bins.iter().map(level).collect();
            ("None".to_owned(), levels, Some(unseen))
        }
    };
    format!(
        "    ({}, {breaks}, {{{}}}, {}, {}, [{}]),\n",
        string(&entry.name),
        bins.join(", "),
        entry.binning.bin_of_missing(),
        unseen.map_or("None".to_owned(), u32::to_string),
        points.join(", ")
    )
}

/// A string literal in which everything but letters, digits, blanks and a little punctuation is
/// escaped.
fn string(text: &str) -> String {
    let mut literal = String::from("\"");
    for char in text.chars() {
        if char.is_ascii_alphanumeric() || " _-.,:;()<>=+*/".contains(char) {
            literal.push(char);
        } else {
            literal += &format!("\\U{:08x}", u32::from(char));
        }
    }
    literal + "\""
}
