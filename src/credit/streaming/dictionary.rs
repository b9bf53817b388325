//! The distinct texts of a column, counted.

use std::collections::HashMap;

use super::budget::DICTIONARY_ENTRY;

/// The distinct texts of a column in the order of their first appearance.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    codes: HashMap<Box<str>, u32>,
    entries: Vec<Entry>,
    bytes: usize,
}

/// What is known about one text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// The number it spells, if any; it may not be finite.
    pub number: Option<f64>,
    /// Rows that have it.
    pub count: u32,
}

impl Dictionary {
    /// Counts a row that has `text`, and tells its code.
    pub fn count(&mut self, text: &str) -> u32 {
        if let Some(code) = self.codes.get(text) {
            self.entries[*code as usize].count += 1;
            return *code;
        }
        // There are fewer rows than codes.
        let code = self.entries.len() as u32;
        self.codes.insert(text.into(), code);
        self.entries.push(Entry {
            number: text.parse().ok(),
            count: 1,
        });
        self.bytes += text.len() + DICTIONARY_ENTRY;
        code
    }

    /// What is known about each text, by its code.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Bytes that the dictionary takes, at most.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The texts by their codes.
    pub fn texts(&self) -> Vec<&str> {
        let mut texts = vec![""; self.entries.len()];
        for (text, code) in &self.codes {
            texts[*code as usize] = text;
        }
        texts
    }

    /// The finite number of each code; `NaN` where there is none.
    pub fn numbers(&self) -> Vec<f64> {
        let finite = |entry: &Entry| entry.number.filter(|number| number.is_finite());
        let entries = self.entries.iter();
        entries.map(|it| finite(it).unwrap_or(f64::NAN)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_counted_once_each() {
        let mut dictionary = Dictionary::default();
        let codes = ["7", "seven", "7", "inf", "7.0"].map(|text| dictionary.count(text));
        assert_eq!(codes, [0, 1, 0, 2, 3]);
        assert_eq!(dictionary.texts(), ["7", "seven", "inf", "7.0"]);
        let counts: Vec<u32> = dictionary.entries().iter().map(|it| it.count).collect();
        assert_eq!(counts, [2, 1, 1, 1]);
        let finite: Vec<bool> = dictionary.numbers().iter().map(|it| it.is_nan()).collect();
        assert_eq!(finite, [false, true, true, false]);
        assert_eq!(dictionary.bytes(), 4 * DICTIONARY_ENTRY + 1 + 5 + 3 + 3);
    }
}
