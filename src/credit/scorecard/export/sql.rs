//! A scorecard as SQL expressions.

use super::{
    super::{Card, Entry, Pair, ScorecardError},
    Points,
    number::sql_number,
};
use crate::credit::binning::Scale;

/// A scorecard in SQL.
#[derive(Clone, Debug, PartialEq)]
pub struct SqlCard {
    /// The characteristics, in the card's order.
    pub characteristics: Vec<SqlCharacteristic>,
    /// The terms of two characteristics, in the card's order.
    pub pairs: Vec<SqlPair>,
    /// An expression for the score: the base points, all characteristics and all pairs, added in
    /// order.
    pub score: String,
}

/// A characteristic in SQL.
#[derive(Clone, Debug, PartialEq)]
pub struct SqlCharacteristic {
    /// Its name, as the card has it.
    pub name: String,
    /// A `CASE` expression over the column of that name for its points.
    pub points: String,
}

/// A term of two characteristics in SQL.
#[derive(Clone, Debug, PartialEq)]
pub struct SqlPair {
    /// Name of the first characteristic, as the card has it.
    pub first: String,
    /// Name of the second characteristic.
    pub second: String,
    /// A `CASE` expression over the columns of those names for its points.
    pub points: String,
}

/// The card in the core of standard SQL (SQL:1999).
///
/// Columns are named like the characteristics, numeric ones hold numbers and the others text;
/// `NULL` is missing. A `NaN` that a database can hold is not, and falls where its order puts it.
/// Levels are equal if the database's collation says so; use one that tells case and trailing blanks
/// apart. Names are quoted identifiers, so their case counts where the database says so.
///
/// In standard SQL a backslash is an ordinary character and double quotes are for identifiers. A
/// database that is set otherwise must not be given these expressions; the modes `ANSI_QUOTES` and
/// `NO_BACKSLASH_ESCAPES`, where there are such, put it right.
///
/// Rounded points add up to the same everywhere. Raw points are decimal literals: a database that
/// reads these as doubles adds them up to the bits of [`Card::score`]; one that reads them as exact
/// decimals, as the standard has it, adds without rounding and may differ in the last bits.
///
/// # Errors
/// [`ScorecardError::Nul`] for a name or level with that character in it.
pub fn sql(card: &Card, points: Points) -> Result<SqlCard, ScorecardError> {
    let mut characteristics = Vec::new();
    let mut score = points.base(card);
    for (at, entry) in card.entries().iter().enumerate() {
        let case = case(entry, &points.of(card, at))?;
        score += " + ";
        score += &case;
        characteristics.push(SqlCharacteristic {
            name: entry.name.clone(),
            points: case,
        });
    }
    let mut pairs = Vec::new();
    for (at, pair) in card.pairs().iter().enumerate() {
        let [first, second] = [pair.first, pair.second].map(|of| &card.entries()[of as usize]);
        let case = pair_case(pair, [first, second], &points.of_pair(card, at))?;
        score += " + ";
        score += &case;
        pairs.push(SqlPair {
            first: first.name.clone(),
            second: second.name.clone(),
            points: case,
        });
    }
    Ok(SqlCard {
        characteristics,
        pairs,
        score,
    })
}

impl SqlCard {
    /// A query of `table`, whose rows it gives with one more column, `score`.
    ///
    /// # Errors
    /// [`ScorecardError::Nul`].
    pub fn select(&self, table: &str) -> Result<String, ScorecardError> {
        let (table, score) = (identifier(table)?, &self.score);
        Ok(format!(
            "SELECT {table}.*, {score} AS \"score\" FROM {table}"
        ))
    }
}

fn case(entry: &Entry, points: &[String]) -> Result<String, ScorecardError> {
    let column = identifier(&entry.name)?;
    let mut text = String::from("CASE");
    let mut when = |condition: &str, bin: usize| {
        text += &format!(" WHEN {column} {condition} THEN {}", points[bin]);
    };
    when("IS NULL", entry.binning.bin_of_missing());
    let other = match entry.binning.scale() {
        Scale::Numeric { breaks, special } => {
            for &(code, bin) in special {
                when(&format!("= {}", sql_number(code)), bin as usize);
            }
            for (bin, &at) in breaks.iter().enumerate() {
                when(&format!("< {}", sql_number(at)), bin);
            }
            breaks.len()
        }
        Scale::Levels { bins, unseen } => {
            for bin in 0..points.len() {
                let levels = bins.iter().filter(|(_, of)| *of as usize == bin);
                let levels: Result<Vec<String>, _> =
                    levels.map(|(level, _)| string(level)).collect();
                let levels = levels?;
                if !levels.is_empty() {
                    when(&format!("IN ({})", levels.join(", ")), bin);
                }
            }
            *unseen as usize
        }
    };
    text += &format!(" ELSE {} END", points[other]);
    Ok(text)
}

/// The group of the first column, and in it that of the second.
fn pair_case(
    pair: &Pair,
    [first, second]: [&Entry; 2],
    points: &[String],
) -> Result<String, ScorecardError> {
    let group = |entry: &Entry, groups: &[u32]| {
        let groups: Vec<String> = groups.iter().map(u32::to_string).collect();
        case(entry, &groups)
    };
    let (_, width) = pair.groups();
    let second = group(second, &pair.groups_second)?;
    let rows: Vec<String> = points
        .chunks(width)
        .map(|row| by_group(&second, row))
        .collect();
    Ok(by_group(&group(first, &pair.groups_first)?, &rows))
}

/// The one of `results` whose number `group` is.
fn by_group(group: &str, results: &[String]) -> String {
    match results {
        [only] => only.clone(),
        [others @ .., last] => {
            let mut text = format!("CASE {group}");
            for (at, result) in others.iter().enumerate() {
                text += &format!(" WHEN {at} THEN {result}");
            }
            text + &format!(" ELSE {last} END")
        }
        [] => String::new(),
    }
}

/// A quoted identifier: nothing within ends it but a quote, and these are doubled.
fn identifier(name: &str) -> Result<String, ScorecardError> {
    quoted(name, '"')
}

fn string(text: &str) -> Result<String, ScorecardError> {
    quoted(text, '\'')
}

fn quoted(text: &str, quote: char) -> Result<String, ScorecardError> {
    if text.contains('\0') {
        let text = text.to_owned();
        return Err(ScorecardError::Nul { text });
    }
    let twice = format!("{quote}{quote}");
    Ok(format!("{quote}{}{quote}", text.replace(quote, &twice)))
}
