//! The file that says which rows are in which fold, and which are for testing.

use crate::credit::{Fault, fault::Faults, table::line_of};

/// Which rows are fitted and which are held out, by whoever made the file.
#[derive(Debug)]
pub(super) struct Split {
    /// Fold of each row; none for a row in no fold.
    folds: Vec<Option<u32>>,
    /// Side of each row, where the file tells.
    sides: Vec<Option<Side>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Train,
    Test,
}

/// What a round of an evaluation is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Fold(u32),
    Test,
}

/// One fit: the rows it sees, and those it is judged by; both ascend.
#[derive(Debug)]
pub(super) struct Round {
    pub name: Name,
    pub fitted: Vec<usize>,
    pub held_out: Vec<usize>,
}

/// Places of the columns in the file.
struct Header {
    row: usize,
    split: Option<usize>,
    fold: Option<usize>,
}

impl Split {
    /// Reads the split of a data set of `rows` rows: a CSV file with the columns `row` (from 0),
    /// `split` (`train`, `test` or nothing) and `fold` (a number or nothing), one line for each row.
    ///
    /// # Errors
    /// Every fault of the file, each with its line.
    pub(super) fn read(bytes: &[u8], rows: usize) -> Result<Self, Vec<Fault>> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
        let header = reader
            .byte_headers()
            .map_err(|error| vec![broken(&error)])?;
        let header = Header::read(header)?;
        let mut split = Self {
            folds: vec![None; rows],
            sides: vec![None; rows],
        };
        let mut lines: Vec<Option<u64>> = vec![None; rows];
        let mut faults = Faults::default();
        let mut record = csv::ByteRecord::new();
        while reader
            .read_byte_record(&mut record)
            .map_err(|error| vec![broken(&error)])?
        {
            let line = line_of(&record, text);
            split.take(&header, &record, line, &mut lines, &mut faults);
        }
        for row in (0..rows).filter(|row| lines[*row].is_none()) {
            faults.push(Fault::at("", format!("no line is for row {row}")));
        }
        faults.into_result()?;
        split.check()?;
        Ok(split)
    }

    fn take(
        &mut self,
        header: &Header,
        record: &csv::ByteRecord,
        line: u64,
        lines: &mut [Option<u64>],
        faults: &mut Faults,
    ) {
        let mut fault = |column: &str, detail: String| {
            let mut fault = at_line(line, detail);
            fault.column = Some(column.to_owned());
            faults.push(fault);
        };
        let cell = |place: usize| {
            let cell = std::str::from_utf8(record.get(place).unwrap_or_default());
            cell.map_or("not UTF-8", str::trim)
        };
        let Ok(row) = cell(header.row).parse::<usize>() else {
            fault("row", "expected the number of a row, from 0".to_owned());
            return;
        };
        let count = lines.len();
        let Some(seen) = lines.get_mut(row) else {
            let detail =
                format!("row {row} is out of range: the data set has {count} rows, from 0");
            fault("row", detail);
            return;
        };
        if let Some(first) = seen.replace(line) {
            fault("row", format!("row {row} has a line already, line {first}"));
            return;
        }
        match header.split.map(cell) {
            None | Some("") => {}
            Some("train") => self.sides[row] = Some(Side::Train),
            Some("test") => self.sides[row] = Some(Side::Test),
            Some(_) => fault("split", "expected train, test or nothing".to_owned()),
        }
        match header.fold.map(cell) {
            None | Some("") => {}
            // A column with gaps is often written as decimals.
            Some(text) => match text.strip_suffix(".0").unwrap_or(text).parse() {
                Ok(fold) => self.folds[row] = Some(fold),
                Err(_) => fault(
                    "fold",
                    "expected a whole number from 0, or nothing".to_owned(),
                ),
            },
        }
    }

    fn check(&self) -> Result<(), Vec<Fault>> {
        let has = |side| self.sides.contains(&Some(side));
        let detail = match (self.fold_numbers().len(), has(Side::Train), has(Side::Test)) {
            (0, false, false) => "no row is in a fold, and none is for testing",
            (1, ..) => "all rows are in one fold: at least two are needed",
            (_, false, true) => "no row has the split train",
            (0, true, false) => "no row has the split test",
            _ => return Ok(()),
        };
        Err(vec![Fault::at("", detail)])
    }

    fn fold_numbers(&self) -> Vec<u32> {
        let mut found: Vec<u32> = self.folds.iter().copied().flatten().collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// A round for each fold, then one for the test rows if there are any.
    pub(super) fn rounds(&self) -> impl Iterator<Item = Round> {
        let folds = self.fold_numbers().into_iter().map(|fold| Round {
            name: Name::Fold(fold),
            fitted: rows_where(&self.folds, |of| of.is_some_and(|of| of != fold)),
            held_out: rows_where(&self.folds, |of| of == Some(fold)),
        });
        let test = self.sides.contains(&Some(Side::Test)).then(|| Round {
            name: Name::Test,
            fitted: rows_where(&self.sides, |of| of == Some(Side::Train)),
            held_out: rows_where(&self.sides, |of| of == Some(Side::Test)),
        });
        folds.chain(test)
    }
}

fn rows_where<T: Copy>(of: &[T], wanted: impl Fn(T) -> bool) -> Vec<usize> {
    (0..of.len()).filter(|row| wanted(of[*row])).collect()
}

impl Header {
    fn read(names: &csv::ByteRecord) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let (mut row, mut split, mut fold) = (None, None, None);
        for (place, name) in names.iter().enumerate() {
            let known = match name.trim_ascii() {
                b"row" => &mut row,
                b"split" => &mut split,
                b"fold" => &mut fold,
                _ => {
                    let detail = format!("header {}: expected row, split or fold", place + 1);
                    faults.push(at_line(1, detail));
                    continue;
                }
            };
            if known.replace(place).is_some() {
                faults.push(at_line(1, format!("header {} is there twice", place + 1)));
            }
        }
        if split.is_none() && fold.is_none() {
            faults.push(at_line(1, "expected the column split, or fold, or both"));
        }
        let Some(row) = row else {
            faults.push(at_line(1, "the column row is missing"));
            return Err(faults.into_result().err().unwrap_or_default());
        };
        faults.into_result()?;
        Ok(Self { row, split, fold })
    }
}

fn at_line(line: u64, detail: impl Into<String>) -> Fault {
    let mut fault = Fault::at("", detail);
    fault.line = Some(line);
    fault
}

fn broken(error: &csv::Error) -> Fault {
    let mut fault = Fault::at("", "the CSV cannot be read");
    fault.line = error.position().map(csv::Position::line);
    fault
}
