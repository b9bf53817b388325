//! Cells that are copied from the data set into the answer.

/// A cell as the data set gives it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kept<'a> {
    /// Nothing.
    Missing,
    /// A text.
    Text(&'a str),
    /// A number of a format that knows numbers, as it is written with all its digits; not a number
    /// and infinities included.
    Number(&'a str),
    /// JSON that is neither a text nor null, letter by letter.
    Json(&'a str),
}

/// The cells that a row has in the columns to be kept, by their places among these columns.
pub(super) type Cells<'a> = dyn Fn(usize) -> Kept<'a> + 'a;

/// The cells of a row that could not be cut into cells.
pub(super) fn none<'a>(_: usize) -> Kept<'a> {
    Kept::Missing
}
