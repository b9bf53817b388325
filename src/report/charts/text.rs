//! Text that comes from outside, made fit for a drawing.

use std::borrow::Cow;

/// What stands for a character that a document must not hold.
const REPLACEMENT: char = '\u{FFFD}';

/// What stands for a name without any visible character.
const BLANK: &str = "(blank)";

/// A name as it is drawn, and the whole of it where that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// What is drawn.
    pub shown: String,
    /// The whole name, if it is not what is drawn.
    pub whole: Option<String>,
}

impl Label {
    /// The label of `name` in at most `room` columns, of which East Asian characters take two.
    pub fn new(name: &str, room: usize) -> Self {
        let plain = plain(name);
        let shown = match plain.as_str() {
            "" => BLANK.to_owned(),
            plain => shorten(plain, room),
        };
        let whole = (shown != name).then(|| name.to_owned());
        Self { shown, whole }
    }

    /// The drawn name for use within a sentence, whose direction it does not turn.
    pub fn told(&self) -> Cow<'_, str> {
        if self.shown.chars().any(is_right_to_left) {
            Cow::Owned(format!("\u{2068}{}\u{2069}", self.shown))
        } else {
            Cow::Borrowed(&self.shown)
        }
    }

    /// How many columns the drawn name takes.
    pub fn columns(&self) -> usize {
        self.shown.chars().map(columns).sum()
    }
}

/// `text` without what XML 1.0 forbids or discourages: control characters other than tab and line
/// ends, and the two code points of each plane that are no characters.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_fit) {
        return Cow::Borrowed(text);
    }
    let fit = |c| if is_fit(c) { c } else { REPLACEMENT };
    Cow::Owned(text.chars().map(fit).collect())
}

fn is_fit(c: char) -> bool {
    let is_noncharacter = c as u32 & 0xFFFE == 0xFFFE || ('\u{FDD0}'..='\u{FDEF}').contains(&c);
    matches!(c, '\t' | '\n' | '\r') || !(c.is_control() || is_noncharacter)
}

/// `name` on one line, without the invisible marks that would turn the direction of what is
/// written beside it.
fn plain(name: &str) -> String {
    let turns = |c: &char| {
        matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}')
            || ('\u{202A}'..='\u{202E}').contains(c)
            || ('\u{2066}'..='\u{2069}').contains(c)
    };
    let kept: String = clean(name).chars().filter(|c| !turns(c)).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether `c` is of a block that is written from right to left.
fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8FF}'
        | '\u{FB1D}'..='\u{FDFF}'
        | '\u{FE70}'..='\u{FEFE}'
        | '\u{10800}'..='\u{10FFF}'
        | '\u{1E800}'..='\u{1EFFF}')
}

fn shorten(text: &str, room: usize) -> String {
    if text.chars().map(columns).sum::<usize>() <= room {
        return text.to_owned();
    }
    let mut left = room.saturating_sub(1);
    let fits = |c: &char| {
        let next = left.checked_sub(columns(*c));
        left = next.unwrap_or(0);
        next.is_some()
    };
    let mut short: String = text.chars().take_while(fits).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// Columns that a character takes; a combining mark counts as one, so that heaps of them end.
fn columns(c: char) -> usize {
    if c < '\u{1100}' { 1 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_fits_is_drawn_whole() {
        let label = Label::new("age & income", 12);
        assert_eq!(label.shown, "age & income");
        assert_eq!(label.whole, None);
    }

    #[test]
    fn a_long_name_ends_in_an_ellipsis_and_keeps_its_whole() {
        let label = Label::new("abcdefgh", 5);
        assert_eq!(label.shown, "abcd…");
        assert_eq!(label.whole.as_deref(), Some("abcdefgh"));
    }

    #[test]
    fn east_asian_characters_take_two_columns() {
        assert_eq!(Label::new("年収区分", 7).shown, "年収区…");
    }

    #[test]
    fn a_name_of_invisible_characters_is_called_blank() {
        assert_eq!(Label::new(" \u{202E}\n ", 10).shown, "(blank)");
    }

    #[test]
    fn marks_of_direction_are_not_drawn() {
        assert_eq!(Label::new("a\u{202E}b\u{2066}c", 10).shown, "abc");
    }

    #[test]
    fn only_a_name_from_right_to_left_is_set_apart_in_a_sentence() {
        let told = |name| Label::new(name, 10).told().into_owned();
        assert_eq!(told("عمر"), "\u{2068}عمر\u{2069}");
        assert_eq!(told("âge"), "âge");
    }

    #[test]
    fn forbidden_characters_are_replaced() {
        assert_eq!(
            clean("a\0b\u{1B}\u{FFFF}c\td"),
            "a\u{FFFD}b\u{FFFD}\u{FFFD}c\td"
        );
    }
}
