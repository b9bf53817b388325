//! The readers of rows: CSV against the `csv` crate, NDJSON by cases.

use std::io::{Read, Write};

use credit_risk::credit::reading::{
    Cell, CsvReader, Format, HeaderFault, LONGEST_ROW, NdjsonReader, ReadError, RowFault,
    RowReader, Source, open,
};
use proptest::prelude::*;

/// A source that gives a few bytes at a time.
struct Drip<'a> {
    bytes: &'a [u8],
    most: usize,
}

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = self.most.min(buffer.len()).min(self.bytes.len());
        buffer[..most].copy_from_slice(&self.bytes[..most]);
        self.bytes = &self.bytes[most..];
        Ok(most)
    }
}

/// A row as text: its place, and its cells or its fault.
type Shown = (u64, Result<Vec<String>, RowFault>);

fn show(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Missing => "-".to_owned(),
        Cell::Number(number) => format!("#{number}"),
        Cell::Written(digits) => format!("={digits}"),
        Cell::Flag(flag) => format!("?{flag}"),
        Cell::Text(text) => (*text).to_owned(),
    }
}

pub fn rows(reader: &mut dyn RowReader) -> Result<Vec<Shown>, ReadError> {
    let mut found = Vec::new();
    loop {
        let read = reader.read(3, &mut |place, row| {
            found.push((place, row.map(|cells| cells.iter().map(show).collect())));
        })?;
        if read == 0 {
            return Ok(found);
        }
    }
}

fn csv_rows(text: &[u8]) -> Vec<Shown> {
    rows(&mut CsvReader::new(text).unwrap()).unwrap()
}

fn ndjson_rows(text: &str) -> Vec<Shown> {
    rows(&mut NdjsonReader::new(text.as_bytes()).unwrap()).unwrap()
}

fn cells(texts: &[&str]) -> Result<Vec<String>, RowFault> {
    Ok(texts.iter().map(|text| (*text).to_owned()).collect())
}

#[test]
fn a_csv_row_has_its_line_and_its_cells_without_spaces_around_them() {
    let text = b"\xef\xbb\xbf a ,b\r\n1, x \r\n\r\n\"two\nlines\",\r\n\"say \"\"so\"\"\", \"\n";
    let mut reader = CsvReader::new(&text[..]).unwrap();
    assert_eq!(reader.names(), ["a", "b"]);
    let expected = [
        (2, cells(&["1", "x"])),
        (4, cells(&["two\nlines", "-"])),
        (6, cells(&["say \"so\"", "\""])),
    ];
    assert_eq!(rows(&mut reader).unwrap(), expected);
}

#[test]
fn a_ragged_csv_row_is_a_fault_on_its_line_and_reading_goes_on() {
    let ragged = |found| Err(RowFault::Ragged { found, expected: 2 });
    let expected = [
        (2, ragged(1)),
        (3, ragged(3)),
        (4, ragged(3)),
        (5, cells(&["1", "2"])),
    ];
    assert_eq!(csv_rows(b"a,b\n1\n1,2,3\n\"1\",2,3\n1,2"), expected);
}

#[test]
fn a_csv_cell_that_is_not_utf8_is_named() {
    let fault = |column| Err(RowFault::NotUtf8 { column });
    let text = b"a,b\n1,\xff\n\"\xff\",1\n\"\xc3\",\xa9\n1,2\n";
    let expected = [
        (2, fault(1)),
        (3, fault(0)),
        (4, fault(0)),
        (5, cells(&["1", "2"])),
    ];
    assert_eq!(csv_rows(text), expected);
}

#[test]
fn a_header_is_refused_with_everything_that_is_wrong_with_it() {
    let faults = |text: &[u8]| match CsvReader::new(text) {
        Err(ReadError::Header(faults)) => faults,
        _ => panic!("expected faults of the header"),
    };
    let twice = HeaderFault::Twice("a".to_owned());
    let expected = [twice, HeaderFault::Empty(3), HeaderFault::NotUtf8(4)];
    assert_eq!(faults(b"a, a,,\xff\n1,2,3,4\n"), expected);
    assert_eq!(faults(b"\n\r\n"), [HeaderFault::NoColumns]);
}

#[test]
fn a_quote_that_is_never_closed_does_not_fill_the_memory() {
    let endless = b"a\n\"".chain(std::io::repeat(b'x'));
    let mut reader = CsvReader::new(endless).unwrap();
    let error = rows(&mut reader).unwrap_err();
    assert!(
        matches!(error, ReadError::RowTooLong { line: 2 }),
        "{error}"
    );
    let endless = b"a\n".chain(std::io::repeat(b'x'));
    let error = rows(&mut CsvReader::new(endless).unwrap()).unwrap_err();
    assert!(
        matches!(error, ReadError::RowTooLong { line: 2 }),
        "{error}"
    );
}

/// The rows of `text` as the `csv` crate reads them, which knows no trimming and no lines.
fn by_the_csv_crate(text: &[u8]) -> Vec<Vec<String>> {
    let mut builder = csv::ReaderBuilder::new();
    let mut reader = builder.flexible(true).has_headers(false).from_reader(text);
    let records = reader.byte_records().map(Result::unwrap);
    let text = |cell: &[u8]| match std::str::from_utf8(cell).unwrap().trim() {
        "" => "-".to_owned(),
        text => text.to_owned(),
    };
    records.map(|it| it.iter().map(text).collect()).collect()
}

proptest! {
    #[test]
    fn csv_is_split_as_the_csv_crate_splits_it(
        rest in "([a-z \"\n\r,é]{0,6}|\"[a-z\"\",\n\r]{0,5}\"){0,40}",
        most in 1_usize..9,
    ) {
        let text = format!("a,b,c\n{rest}");
        let mut reader = CsvReader::new(Drip { bytes: text.as_bytes(), most }).unwrap();
        let found = rows(&mut reader).unwrap();
        let expected = by_the_csv_crate(text.as_bytes());
        prop_assert_eq!(found.len(), expected.len() - 1);
        for ((_, row), expected) in found.iter().zip(&expected[1..]) {
            match row {
                Ok(cells) => prop_assert_eq!(cells, expected),
                Err(RowFault::Ragged { found, .. }) => prop_assert_eq!(*found, expected.len()),
                Err(fault) => panic!("{fault}"),
            }
        }
    }

    #[test]
    fn a_csv_row_begins_on_the_line_it_is_said_to(
        rest in prop::collection::vec(("[a-c]{1,3}", "\"[a-c\n]{0,4}\"", "(\r\n|\n){1,3}"), 0..30),
        most in 1_usize..9,
    ) {
        let mut text = "a,b\n".to_owned();
        let mut expected = Vec::new();
        for (first, second, end) in &rest {
            expected.push(1 + text.matches('\n').count() as u64);
            text += &format!("{first},{second}{end}");
        }
        let mut reader = CsvReader::new(Drip { bytes: text.as_bytes(), most }).unwrap();
        let found: Vec<u64> = rows(&mut reader).unwrap().iter().map(|row| row.0).collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn the_members_of_ndjson_may_come_in_any_order_and_be_absent() {
    let text = "{\"a\": 1, \" b \": \" x \"}\n\n{\" b \": null, \"c\": true}\r\n{\"c\": \"\\u00e9\", \"a\": 2.5e1}";
    let mut reader = NdjsonReader::new(text.as_bytes()).unwrap();
    assert_eq!(reader.names(), ["a", "b", "c"]);
    let expected = [
        (1, cells(&["#1", "x", "-"])),
        (3, cells(&["-", "-", "?true"])),
        (4, cells(&["#25", "-", "é"])),
    ];
    assert_eq!(rows(&mut reader).unwrap(), expected);
}

#[test]
fn a_bad_line_of_ndjson_is_a_fault_and_reading_goes_on() {
    let text = "{\"a\": 1}\n[1]\n{\"a\": [1]}\n{\"a\": {\"b\": 1}}\n{\"a\": 1, \"a\": 2}\n{\"a\": 1\n\
                {\"a\": 1e999}\n{\"a\": 1} {}\n{\"a\": 2}\n";
    let expected = [
        (1, cells(&["#1"])),
        (2, Err(RowFault::NotAnObject)),
        (3, Err(RowFault::Nested { column: 0 })),
        (4, Err(RowFault::Nested { column: 0 })),
        (5, Err(RowFault::RepeatedMember { column: 0 })),
        (6, Err(RowFault::NotAnObject)),
        (7, Err(RowFault::NotAnObject)),
        (8, Err(RowFault::NotAnObject)),
        (9, cells(&["#2"])),
    ];
    assert_eq!(ndjson_rows(text), expected);
}

#[test]
fn a_member_that_turns_up_after_the_first_rows_is_a_fault() {
    let text = "{\"a\": 1}\n".repeat(999) + "{\"b\": 1}\n{\"c\": 1}\n";
    let found = ndjson_rows(&text);
    assert_eq!(found[999], (1_000, cells(&["-", "#1"])));
    let name = "c".to_owned();
    assert_eq!(found[1_000], (1_001, Err(RowFault::UnknownMember { name })));
}

#[test]
fn an_overlong_line_of_ndjson_is_a_fault_and_reading_goes_on() {
    let long = format!("{{\"a\": \"{}\"}}\n", "x".repeat(LONGEST_ROW));
    let text = format!("{{\"a\": 1}}\n{long}{{\"a\": 2}}\n{long}");
    let found = ndjson_rows(&text);
    let too_long: Vec<bool> = found
        .iter()
        .map(|(_, row)| *row == Err(RowFault::TooLong))
        .collect();
    assert_eq!(too_long, [false, true, false, true]);
    assert_eq!(found[2], (3, cells(&["#2"])));
}

proptest! {
    #[test]
    fn ndjson_is_read_alike_however_it_arrives(
        lines in prop::collection::vec("(\\{\"[ab]\": ([0-9]{1,3}|\"[a-zé]{0,5}\"|null)\\}|[a-z\\[{]{0,3})", 1..30),
        most in 1_usize..9,
    ) {
        let text = format!("{{\"a\": 1, \"b\": 2}}\n{}", lines.join("\n"));
        let mut dripping = NdjsonReader::new(Drip { bytes: text.as_bytes(), most }).unwrap();
        let found = rows(&mut dripping).unwrap();
        prop_assert_eq!(&found, &ndjson_rows(&text));
        let present = lines.iter().filter(|line| !line.is_empty()).count();
        prop_assert_eq!(found.len(), 1 + present);
    }
}

#[test]
fn a_format_is_told_by_media_type_and_by_extension() {
    for format in Format::ALL {
        assert_eq!(Format::from_media_type(format.media_type()), Some(format));
    }
    let by_type = Format::from_media_type("Text/CSV; charset=utf-8");
    assert_eq!(by_type, Some(Format::Csv));
    assert_eq!(Format::from_media_type("application/octet-stream"), None);
    let known = [
        ("loans.csv", Some(Format::Csv)),
        ("a/LOANS.CSV.GZ", Some(Format::Csv)),
        ("loans.jsonl.zst", Some(Format::Ndjson)),
        ("loans.2024.parquet", Some(Format::Parquet)),
        ("loans.feather", Some(Format::Arrow)),
        ("loans.gz", None),
        ("csv", None),
    ];
    for (name, format) in known {
        assert_eq!(Format::from_path(name), format, "{name}");
    }
}

/// What a reader of `csv` expects once it has read `rows` of it.
fn expected(csv: Vec<u8>, rows: usize) -> Option<u64> {
    let source = Source::Bytes(csv.into());
    let mut reader = open(Format::Csv, source, u64::MAX).unwrap();
    reader.read(rows, &mut |_, _| ()).unwrap();
    reader.expected()
}

#[test]
fn a_csv_reader_expects_as_many_rows_as_the_first_ones_tell() {
    let rows: String = (0..5_000)
        .map(|row| format!("{},x\n", 10_000 + row))
        .collect();
    let csv = format!("a,b\n{rows}").into_bytes();
    let found = expected(csv.clone(), 1_000).unwrap();
    assert!((4_990..=5_010).contains(&found), "{found}");
    // What is packed has another length.
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(&csv).unwrap();
    assert_eq!(expected(packed.finish().unwrap(), 1_000), None);
    assert_eq!(CsvReader::new(&csv[..]).unwrap().expected(), None);
    // Rows that are refused need no room.
    let ragged = [b"a,b,c\n".to_vec(), b"1\n".repeat(5_000)].concat();
    assert_eq!(expected(ragged, 1_000), Some(0));
}
