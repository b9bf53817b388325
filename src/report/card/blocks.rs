//! A card as a sequence of headings, sentences and tables, whatever it is written in.

/// A part of a card. Texts are plain: whoever writes them escapes them.
pub enum Block {
    /// Begins a section; level 1 is the card's own.
    Heading(u8, String),
    /// A sentence or several.
    Paragraph(String),
    /// Names and what belongs to each.
    Facts(Vec<(&'static str, String)>),
    /// A table.
    Table(Table),
    /// Sentences, one below the other.
    List(Vec<String>),
    /// An SVG document.
    Picture(String),
}

/// A table with a header.
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Names of the columns.
    pub header: Vec<&'static str>,
    /// How many columns, from the left, are words; the others are figures.
    pub words: usize,
    /// The rows, as wide as the header.
    pub rows: Vec<Vec<String>>,
}

/// Blocks in the making.
#[derive(Default)]
pub struct Blocks(pub Vec<Block>);

impl Blocks {
    /// Begins a section.
    pub fn heading(&mut self, level: u8, text: impl Into<String>) {
        self.0.push(Block::Heading(level, text.into()));
    }

    /// Adds sentences.
    pub fn say(&mut self, text: impl Into<String>) {
        self.0.push(Block::Paragraph(text.into()));
    }

    /// Adds names and what belongs to each.
    pub fn facts(&mut self, facts: Vec<(&'static str, String)>) {
        self.0.push(Block::Facts(facts));
    }

    /// Adds a table, or says `instead` if it has no rows.
    pub fn table(&mut self, table: Table, instead: &str) {
        if table.rows.is_empty() {
            self.say(instead);
        } else {
            self.0.push(Block::Table(table));
        }
    }

    /// Adds a list, or says `instead` if it is empty.
    pub fn list(&mut self, items: Vec<String>, instead: &str) {
        if items.is_empty() {
            self.say(instead);
        } else {
            self.0.push(Block::List(items));
        }
    }
}
