//! Batches: however the bytes come, the answers are the same, and cells are those of any CSV.

use std::{fmt::Write, sync::Arc};

use credit_risk::credit::{
    CreditModel,
    batch::{Batch, BatchOptions, LONGEST_RECORD, MOST_KEPT, Totals},
    reading::Format,
};
use proptest::prelude::*;

use crate::support::{book, plan, trained};

/// A model of a number `x` and the levels `g`.
fn model() -> Arc<CreditModel> {
    let mut csv = "x,g,target\n".to_owned();
    for row in 0..120 {
        let (x, g) = (row * 37 % 50, ["a", "b", "c"][row % 3]);
        let bad = u8::from(row % 7 == 0 || x > 40);
        writeln!(csv, "{x},{g},{bad}").unwrap();
    }
    let trained = trained(&book(&csv, &plan()), plan());
    Arc::new(CreditModel::new(trained.body).unwrap())
}

fn batch(model: &Arc<CreditModel>, keep: &[&str], from: Format) -> Batch {
    let options = BatchOptions {
        keep: keep.iter().map(|&name| name.to_owned()).collect(),
        ..BatchOptions::of(model)
    };
    Batch::new(Arc::clone(model), options, from, Format::Csv).unwrap()
}

/// The answers to bytes that come in pieces of these sizes, over and over.
fn answers(mut batch: Batch, bytes: &[u8], sizes: &[usize]) -> (Vec<u8>, Totals) {
    let (mut out, mut rest) = (Vec::new(), bytes);
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (mut piece, later) = rest.split_at((*size).min(rest.len()));
        while batch.push(piece, &mut out).unwrap() {
            piece = &[];
        }
        rest = later;
    }
    let totals = batch.finish(&mut out).unwrap();
    (out, totals)
}

/// Bytes that look like the body of a CSV, broken ones too.
fn body() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => Just(","),
        3 => prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        2 => Just("\""),
        2 => prop_oneof![Just("7"), Just("a"), Just("b c"), Just(" "), Just("é"), Just("")],
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cells_are_those_of_the_csv_crate_however_the_bytes_are_cut(
        body in body(),
        sizes in prop::collection::vec(1_usize..20, 1..5),
    ) {
        let model = model();
        let text = format!("\u{feff}x,g\n{body}");
        let (out, totals) = answers(batch(&model, &["g", "x"], Format::Csv), text.as_bytes(), &sizes);
        let mut theirs = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let mut ours = csv::Reader::from_reader(out.as_slice());
        let (mut rows, mut errors) = (0, 0);
        let mut answered = ours.records();
        for record in theirs.records() {
            let (record, answer) = (record.unwrap(), answered.next().unwrap().unwrap());
            rows += 1;
            errors += u64::from(!answer[8].is_empty());
            if record.len() == 2 {
                prop_assert_eq!([&answer[0], &answer[1]], [record[1].trim(), record[0].trim()]);
                let number = record[0].trim().parse::<f64>().is_ok();
                prop_assert_eq!(number && !record[1].trim().is_empty(), answer[8].is_empty());
            } else {
                prop_assert!(answer[8].ends_with("cells where 2 are expected"), "{:?}", answer);
            }
        }
        prop_assert!(answered.next().is_none());
        prop_assert_eq!((totals.rows, totals.errors), (rows, errors));
    }

    #[test]
    fn lines_of_ndjson_are_the_same_however_the_bytes_are_cut(
        sizes in prop::collection::vec(1_usize..30, 1..5),
    ) {
        let model = model();
        let text = "{\"x\": 7, \"g\": \"a\"}\n\n[]\n{\"x\": \"é\", \"g\": 1}\r\n{\"x\": 1, \"g\": \"b\"}";
        let whole = answers(batch(&model, &["g"], Format::Ndjson), text.as_bytes(), &[1_000]);
        prop_assert_eq!(whole.1.rows, 4);
        prop_assert_eq!(whole.1.errors, 2);
        let cut = answers(batch(&model, &["g"], Format::Ndjson), text.as_bytes(), &sizes);
        prop_assert_eq!(whole, cut);
    }
}

#[test]
fn a_fault_names_the_line_on_which_its_row_begins() {
    let text = "x,g\r\n\r\n1,\"a\nb\"\r\nno,a\n\n\"no\",a\rno,a\n";
    let (out, totals) = answers(batch(&model(), &[], Format::Csv), text.as_bytes(), &[3]);
    let out = String::from_utf8(out).unwrap();
    let lines: Vec<&str> = out
        .lines()
        .filter_map(|it| it.split("\"line ").nth(1)?.split(',').next())
        .collect();
    // A lone carriage return ends a row, not a line.
    assert_eq!(lines, ["5", "7", "7"]);
    assert_eq!(totals.rows, 4);
}

#[test]
fn a_quote_that_is_never_closed_does_not_swallow_a_file() {
    let mut batch = batch(&model(), &[], Format::Csv);
    let mut out = Vec::new();
    batch.push(b"x,g\n1,a\n2,\"", &mut out).unwrap();
    let piece = vec![b'\n'; 64 * 1024];
    let most = 2 * LONGEST_RECORD / piece.len();
    let mut refused = (0..most).filter_map(|_| batch.push(&piece, &mut out).err());
    let faults = refused.next().unwrap();
    drop(refused);
    assert_eq!(faults[0].line, Some(3));
    assert_eq!(batch.totals().rows, 1);
}

#[test]
fn names_and_cells_with_commas_and_quotes_stay_one_cell() {
    let mut csv = "\"x,1\",\"g \"\"q\"\"\",target\n".to_owned();
    for row in 0..120 {
        writeln!(
            csv,
            "{},{},{}",
            row * 37 % 50,
            ["a", "b"][row % 2],
            row % 5 / 4
        )
        .unwrap();
    }
    let trained = trained(&book(&csv, &plan()), plan());
    let model = Arc::new(CreditModel::new(trained.body).unwrap());
    let text = "\"x,1\",\"g \"\"q\"\"\"\n1000,\"z,\"\"\"\n";
    let (out, _) = answers(
        batch(&model, &["g \"q\""], Format::Csv),
        text.as_bytes(),
        &[7],
    );
    let mut reader = csv::Reader::from_reader(out.as_slice());
    assert_eq!(&reader.headers().unwrap()[0], "g \"q\"");
    let row = reader.records().next().unwrap().unwrap();
    assert_eq!(row.len(), 8);
    assert_eq!(&row[0], "z,\"");
    assert_eq!(&row[6], "x,1:out_of_range;g \"q\":unseen");
}

/// The answers of an only push, as texts by column.
fn rows_of(batch: Batch, bytes: &[u8]) -> Vec<Vec<String>> {
    let (out, _) = answers(batch, bytes, &[bytes.len()]);
    let mut reader = csv::Reader::from_reader(out.as_slice());
    let texts = |row: csv::StringRecord| row.iter().map(str::to_owned).collect();
    reader.records().map(|row| texts(row.unwrap())).collect()
}

#[test]
fn no_push_gives_much_more_than_a_mebibyte_however_much_its_bytes_make() {
    for to in [Format::Csv, Format::Ndjson, Format::Arrow, Format::Parquet] {
        let model = model();
        let options = BatchOptions::of(&model);
        let mut batch = Batch::new(model, options, Format::Ndjson, to).unwrap();
        let lines = "[]\n".repeat(87_000);
        let (mut out, mut bytes, mut rows) = (Vec::new(), lines.as_bytes(), 0);
        while batch.push(bytes, &mut out).unwrap() {
            assert!(out.len() < 2 << 20, "{to:?}: {}", out.len());
            assert!(batch.totals().rows - rows < 40_000, "{to:?}");
            (out, bytes, rows) = (Vec::new(), &[], batch.totals().rows);
        }
        assert_eq!(batch.totals().rows, 87_000, "{to:?}");
    }
}

#[test]
fn a_line_with_something_behind_its_object_is_an_error() {
    let lines = "{\"x\":1,\"g\":\"a\"} {\"x\":2,\"g\":\"a\"}\n{\"x\":1,\"g\":\"a\"} \n";
    let rows = rows_of(batch(&model(), &[], Format::Ndjson), lines.as_bytes());
    assert!(rows[0][6].starts_with("line 1: expected an object"));
    assert_eq!(rows[1][6], "");
}

#[test]
fn halves_of_a_character_in_two_quoted_cells_are_no_text() {
    let rows = rows_of(batch(&model(), &[], Format::Csv), b"g,x\n\"\xc3\",\xa9\n");
    assert_eq!(rows[0][6], "line 2: the row is not UTF-8 text");
}

#[test]
fn a_byte_order_mark_is_one_at_the_beginning_of_the_data_set_only() {
    let lines = "\u{feff}{\"x\":1,\"g\":\"a\"}\n\u{feff}{\"x\":1,\"g\":\"a\"}\n";
    let errors =
        |rows: &[Vec<String>]| rows.iter().map(|row| row[6].is_empty()).collect::<Vec<_>>();
    let rows = rows_of(batch(&model(), &[], Format::Ndjson), lines.as_bytes());
    assert_eq!(errors(&rows), [true, false]);
    let text = "\u{feff}x,g\n\u{feff}1,\"a\"\n1,\"a\"\n";
    let rows = rows_of(batch(&model(), &[], Format::Csv), text.as_bytes());
    assert_eq!(errors(&rows), [false, true]);
}

#[test]
fn the_longest_record_is_as_long_however_its_bytes_are_cut() {
    let row = |length: usize, quote: &str| {
        let cell = "z".repeat(length - 2 - 2 * quote.len());
        format!("x,g\n7,{quote}{cell}{quote}\n7,a\n")
    };
    for quote in ["", "\""] {
        for (length, is_read) in [(LONGEST_RECORD, true), (LONGEST_RECORD + 1, false)] {
            for size in [usize::MAX, 100_000, 65_536, LONGEST_RECORD + 4] {
                let text = row(length, quote);
                let mut batch = batch(&model(), &[], Format::Csv);
                let pieces = text.as_bytes().chunks(size);
                let mut out = Vec::new();
                let pushed: Result<Vec<_>, _> =
                    pieces.map(|piece| batch.push(piece, &mut out)).collect();
                assert_eq!(pushed.is_ok(), is_read, "{length} in {size}, {quote}");
            }
        }
    }
    let line = format!("{{\"g\":\"{}\"}}\n", "z".repeat(LONGEST_RECORD - 7));
    let mut batch = batch(&model(), &[], Format::Ndjson);
    assert!(batch.push(line.as_bytes(), &mut Vec::new()).is_err());
}

#[test]
fn a_long_record_in_small_pieces_takes_no_longer_than_it_is() {
    for (from, begin, end) in [
        (Format::Csv, "x,g\n7,\"", "\"\n"),
        (Format::Csv, "x,g\n7,", "\n"),
        (Format::Ndjson, "{\"x\":7,\"g\":\"", "\"}\n"),
    ] {
        let cell = "z".repeat(1_000_000);
        let text = format!("{begin}{cell}{end}");
        let clock = std::time::Instant::now();
        let (_, totals) = answers(batch(&model(), &[], from), text.as_bytes(), &[1]);
        assert_eq!(totals.rows, 1);
        // From the beginning again for every byte it would be minutes.
        assert!(clock.elapsed().as_secs() < 20, "{from:?}");
    }
}

#[test]
fn a_cell_that_is_too_long_to_be_kept_makes_its_row_an_error() {
    let text = format!(
        "x,g,id\n7,a,{}\n7,a,{}\n",
        "z".repeat(65_536),
        "z".repeat(65_537)
    );
    let rows = rows_of(batch(&model(), &["id"], Format::Csv), text.as_bytes());
    assert_eq!((rows[0][0].len(), rows[0][7].as_str()), (65_536, ""));
    assert_eq!(rows[1][0], "");
    assert_eq!(
        rows[1][7],
        "line 3, column \"id\": a cell of more than 64 KiB cannot be kept"
    );
}

#[test]
fn no_more_than_a_hundred_columns_are_kept() {
    let model = model();
    let refused = |count: usize| {
        let options = BatchOptions {
            keep: (0..count).map(|at| format!("c{at}")).collect(),
            ..BatchOptions::of(&model)
        };
        Batch::new(Arc::clone(&model), options, Format::Csv, Format::Csv).is_err()
    };
    assert_eq!([refused(MOST_KEPT), refused(MOST_KEPT + 1)], [false, true]);
}

#[test]
fn a_level_that_means_no_value_here_is_a_gap() {
    let model = model();
    let options = BatchOptions {
        missing_values: vec!["b".to_owned()],
        ..BatchOptions::of(&model)
    };
    let batch = Batch::new(model, options, Format::Csv, Format::Csv).unwrap();
    let rows = rows_of(batch, b"x,g\n7,a\n7,b\n");
    // The model wants a value of `g`.
    assert_eq!(rows[0][6], "");
    assert_eq!(rows[1][6], "line 3, column \"g\": a value is required");
}
