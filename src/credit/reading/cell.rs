//! One value of one row.

/// One cell of a row, as its format gives it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing: an empty or blank text, a null, a member that is not there.
    Missing,
    /// A number of a format that knows numbers; not a number and infinities included.
    Number(f64),
    /// A number with all its digits, of a column that is [wanted so](super::Wanted::exact).
    Written(&'a str),
    /// A truth value of a format that knows them.
    Flag(bool),
    /// A text that is not empty, without spaces around it; all cells of a CSV file are texts.
    Text(&'a str),
}

impl<'a> Cell<'a> {
    /// The cell of a text: without the spaces around it, missing when nothing is left.
    pub fn of_text(text: &'a str) -> Self {
        let plain = |byte: Option<&u8>| byte.is_some_and(|byte| (b'!'..=b'~').contains(byte));
        let bytes = text.as_bytes();
        let trimmed = if plain(bytes.first()) && plain(bytes.last()) {
            text
        } else {
            text.trim()
        };
        if trimmed.is_empty() {
            Self::Missing
        } else {
            Self::Text(trimmed)
        }
    }
}

/// The memory of `cells` for cells that borrow from elsewhere.
pub(super) fn recycle<'b>(mut cells: Vec<Cell<'_>>) -> Vec<Cell<'b>> {
    cells.clear();
    // Nothing is left to map, but the standard library keeps the allocation.
    cells.into_iter().map(|_| Cell::Missing).collect()
}
