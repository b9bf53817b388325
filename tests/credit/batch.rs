//! Batches: however the bytes come, the answers are the same, and cells are those of any CSV.

use std::{fmt::Write, sync::Arc};

use credit_risk::credit::{
    CreditModel,
    batch::{Batch, BatchOptions, LONGEST_RECORD, Totals},
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
        let (piece, later) = rest.split_at((*size).min(rest.len()));
        batch.push(piece, &mut out).unwrap();
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
