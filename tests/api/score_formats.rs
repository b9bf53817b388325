//! Parquet, Arrow IPC and compressed bodies, both ways.

use std::{
    io::{Cursor, Read, Write},
    sync::Arc,
};

use arrow_array::{
    Array, ArrayRef, BinaryArray, Date64Array, Decimal128Array, Float32Array, Float64Array,
    Int64Array, RecordBatch, StringArray,
};
use arrow_ipc::{
    reader::StreamReader,
    writer::{FileWriter, StreamWriter},
};
use bytes::Bytes;
use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};
use parquet::arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder};
use serde_json::{Map, Value, json};

use crate::{
    score::{CSV, NDJSON, csv_rows, json_rows, path},
    support::{
        Reply, TestApp,
        loans::{GERMAN, german_applications},
    },
};

const PARQUET: &str = "application/vnd.apache.parquet";
const ARROW: &str = "application/vnd.apache.arrow.stream";
const ARROW_FILE: &str = "application/vnd.apache.arrow.file";

/// The bundled applicants as columns, numbers as doubles, and an `id` before them.
fn table() -> RecordBatch {
    let rows = german_applications();
    let ids: Int64Array = (0..rows.len() as i64).map(Some).collect();
    let mut columns: Vec<(&str, ArrayRef)> = vec![("id", Arc::new(ids))];
    for name in rows[0].keys() {
        let numbers: Option<Vec<f64>> = rows.iter().map(|it| it[name].as_f64()).collect();
        let column: ArrayRef = match numbers {
            Some(numbers) => Arc::new(Float64Array::from(numbers)),
            None => Arc::new(StringArray::from_iter_values(
                rows.iter().map(|it| it[name].as_str().unwrap()),
            )),
        };
        columns.push((name, column));
    }
    let columns = columns
        .into_iter()
        .map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn written(media: &str, table: &RecordBatch) -> Vec<u8> {
    let mut bytes = Vec::new();
    match media {
        PARQUET => {
            let mut writer = ArrowWriter::try_new(&mut bytes, table.schema(), None).unwrap();
            writer.write(table).unwrap();
            writer.close().unwrap();
        }
        ARROW => {
            let mut writer = StreamWriter::try_new(&mut bytes, &table.schema()).unwrap();
            writer.write(table).unwrap();
            writer.finish().unwrap();
        }
        _ => {
            let mut writer = FileWriter::try_new(&mut bytes, &table.schema()).unwrap();
            writer.write(table).unwrap();
            writer.finish().unwrap();
        }
    }
    bytes
}

/// The rows of an answer in columns, as a CSV would have them.
fn column_rows(reply: &Reply) -> Vec<Map<String, Value>> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let bytes = Bytes::copy_from_slice(&reply.body);
    let batches: Vec<RecordBatch> = match reply.header("content-type").unwrap() {
        PARQUET => {
            let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
            reader.build().unwrap().map(Result::unwrap).collect()
        }
        ARROW => {
            let reader = StreamReader::try_new(Cursor::new(bytes), None).unwrap();
            reader.map(Result::unwrap).collect()
        }
        other => panic!("{other}"),
    };
    let rows = batches
        .iter()
        .flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row)));
    rows.map(|(batch, row)| {
        let schema = batch.schema();
        let fields = schema.fields().iter().zip(batch.columns());
        let cell = |column: &ArrayRef| {
            let any = column.as_any();
            if column.is_null(row) {
                String::new()
            } else if let Some(texts) = any.downcast_ref::<StringArray>() {
                texts.value(row).to_owned()
            } else if let Some(numbers) = any.downcast_ref::<Float64Array>() {
                json!(numbers.value(row)).to_string()
            } else {
                let numbers = any.downcast_ref::<Int64Array>().unwrap();
                numbers.value(row).to_string()
            }
        };
        let cells = fields.map(|(field, column)| (field.name().clone(), json!(cell(column))));
        cells.collect()
    })
    .collect()
}

fn with_ids() -> String {
    let mut lines = GERMAN.lines();
    let header = format!("id,{}\n", lines.next().unwrap());
    let rows = lines.enumerate().map(|(at, line)| format!("{at},{line}\n"));
    header + &rows.collect::<String>()
}

#[tokio::test]
async fn every_format_gives_the_same_answers_in_every_format() {
    let app = TestApp::start();
    let model = app.german_card().await;
    let admin = app.admin();
    let path = path(model, "?keep=id,purpose");
    let expected = csv_rows(&admin.post_text(&path, CSV, with_ids()).await);
    for from in [PARQUET, ARROW, ARROW_FILE] {
        let body = written(from, &table());
        let own = admin.post_text(&path, from, body.clone()).await;
        assert_eq!(column_rows(&own), expected, "{from}");
        let client = admin.with("accept", CSV);
        let reply = client.post_text(&path, from, body.clone()).await;
        assert_eq!(csv_rows(&reply), expected, "{from}");
        let client = admin.with("accept", NDJSON);
        let rows = json_rows(&client.post_text(&path, from, body).await);
        assert_eq!(rows[7]["id"], 7);
        assert_eq!(rows.len(), expected.len());
    }
    for to in [PARQUET, ARROW] {
        let client = admin.with("accept", to);
        let reply = client.post_text(&path, CSV, with_ids()).await;
        assert_eq!(column_rows(&reply), expected, "{to}");
    }
    let client = admin.with("accept", ARROW_FILE);
    let reply = client.post_text(&path, CSV, with_ids()).await;
    reply.problem(406, "NOT_ACCEPTABLE");
}

#[tokio::test]
async fn a_row_of_a_file_that_cannot_be_assessed_names_its_number_and_column() {
    let app = TestApp::start();
    let model = app.german().await;
    let whole = table();
    let at = whole.schema().index_of("credit_amount").unwrap();
    let mut columns = whole.columns().to_vec();
    let amounts = columns[at].as_any().downcast_ref::<Float64Array>().unwrap();
    let spoilt = amounts.iter().enumerate().map(|(row, amount)| match row {
        2 => None,
        4 => Some(f64::NAN),
        _ => amount,
    });
    columns[at] = Arc::new(spoilt.collect::<Float64Array>());
    let body = written(
        PARQUET,
        &RecordBatch::try_new(whole.schema(), columns).unwrap(),
    );
    let path = path(model, "?keep=id");
    let reply = app.admin().post_text(&path, PARQUET, body).await;
    let rows = column_rows(&reply);
    for (at, error) in [
        (2, "row 3, column \"credit_amount\": a value is required"),
        (4, "row 5, column \"credit_amount\": expected a number"),
        (5, ""),
    ] {
        assert_eq!(rows[at]["error"], error);
        assert_eq!(rows[at]["id"], at.to_string());
        assert_eq!(rows[at]["decision"] == "", !error.is_empty());
    }
    let completed = app.only("batch_scoring_completed");
    assert_eq!(completed["n_errors"], 2);
    assert_eq!(app.only("batch_scoring_started")["format"], "Parquet");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_refused() {
    let app = TestApp::with(&[("CREDIT_RISK_BATCH_FILE_LIMIT", "1 MiB")]);
    let model = app.german().await;
    let admin = app.admin();
    let path = path(model, "");
    let mut cut = written(PARQUET, &table());
    cut.truncate(cut.len() / 2);
    admin.post_text(&path, PARQUET, cut).await.fault();
    admin.post_text(&path, ARROW, "no arrow").await.fault();
    let whole = table();
    let at = whole.schema().index_of("purpose").unwrap();
    let kept: Vec<usize> = (0..whole.num_columns()).filter(|it| *it != at).collect();
    let body = written(PARQUET, &whole.project(&kept).unwrap());
    let fault = admin.post_text(&path, PARQUET, body).await.fault();
    assert_eq!(fault["column"], "purpose");
    let large = vec![0; (1 << 20) + 1];
    let reply = admin.post_text(&path, PARQUET, large).await;
    reply.problem(413, "PAYLOAD_TOO_LARGE");
    assert!(!app.events().contains(&"batch_scoring_started".to_owned()));
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn compressed_bodies_are_read_and_answers_are_compressed_on_demand() {
    let app = TestApp::start();
    let model = app.german().await;
    let admin = app.admin();
    let path = path(model, "");
    let plain = admin.post_text(&path, CSV, GERMAN).await;
    let zstd = zstd::encode_all(GERMAN.as_bytes(), 3).unwrap();
    for (encoding, body) in [("gzip", gzip(GERMAN.as_bytes())), ("zstd", zstd)] {
        let client = admin.with("content-encoding", encoding);
        let client = client.with("accept-encoding", encoding);
        let reply = client.post_text(&path, CSV, body).await;
        assert_eq!(reply.header("content-encoding"), Some(encoding));
        let mut text = String::new();
        match encoding {
            "gzip" => MultiGzDecoder::new(reply.body.as_ref())
                .read_to_string(&mut text)
                .unwrap(),
            _ => zstd::Decoder::new(reply.body.as_ref())
                .unwrap()
                .read_to_string(&mut text)
                .unwrap(),
        };
        assert_eq!(text, plain.text(), "{encoding}");
    }
    let client = admin.with("content-encoding", "identity");
    let reply = client.post_text(&path, CSV, GERMAN).await;
    assert_eq!(reply.text(), plain.text());
    let client = admin.with("content-encoding", "br");
    let reply = client.post_text(&path, CSV, GERMAN).await;
    reply.problem(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test]
async fn zstd_with_a_window_of_more_than_8_mib_is_refused_where_data_sets_are_taken() {
    let app = TestApp::start();
    let model = app.german().await;
    // Longer than the window, or the frame would say that it needs a smaller one.
    let rows = GERMAN.split_once('\n').unwrap().1;
    let text = GERMAN.to_owned() + &rows.repeat((17 << 20) / rows.len());
    let compressed = |window: u32| {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(window).unwrap();
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let client = app.admin().with("content-encoding", "zstd");
    let train = "/feature-selection?config=%7B%7D";
    for (path, window, status) in [
        (path(model, ""), 23, 200),
        (path(model, ""), 24, 422),
        (train.to_owned(), 24, 422),
    ] {
        let reply = client.post_text(&path, CSV, compressed(window)).await;
        assert_eq!(
            reply.status,
            status,
            "{path} {window} {}",
            &reply.text()[..200.min(reply.text().len())]
        );
    }
}

/// The bundled applicants with these columns besides.
fn with_columns(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let whole = table();
    let schema = whole.schema();
    let own = schema.fields().iter().zip(whole.columns());
    let own = own.map(|(field, column)| (field.name().as_str(), Arc::clone(column)));
    RecordBatch::try_from_iter(own.chain(columns)).unwrap()
}

#[tokio::test]
async fn kept_numbers_of_a_file_have_all_their_digits() {
    let app = TestApp::start();
    let model = app.german().await;
    let rows = table().num_rows();
    let decimal = Decimal128Array::from(vec![123_456_789_012_345_678_901_234_567_890; rows]);
    let decimal = decimal.with_precision_and_scale(30, 10).unwrap();
    let table = with_columns(vec![
        (
            "large",
            Arc::new(Int64Array::from(vec![9_007_199_254_740_993; rows])),
        ),
        ("decimal", Arc::new(decimal)),
        ("single", Arc::new(Float32Array::from(vec![0.1; rows]))),
        ("none", Arc::new(Float64Array::from(vec![f64::NAN; rows]))),
    ]);
    let path = path(model, "?keep=large,decimal,single,none,credit_amount");
    for from in [PARQUET, ARROW, ARROW_FILE] {
        let client = app.admin().with("accept", NDJSON);
        let reply = client.post_text(&path, from, written(from, &table)).await;
        let amount = &german_applications()[0]["credit_amount"];
        let expected = format!(
            "{{\"large\":9007199254740993,\"decimal\":12345678901234567890.1234567890,\
             \"single\":0.1,\"none\":null,\"credit_amount\":{amount},"
        );
        assert!(
            reply.text().starts_with(&expected),
            "{}",
            &reply.text()[..200]
        );
    }
}

#[tokio::test]
async fn columns_that_are_neither_used_nor_kept_are_passed_over_whatever_they_hold() {
    let app = TestApp::start();
    let model = app.german().await;
    let rows = table().num_rows();
    let plain = written(PARQUET, &table());
    let plain = app
        .admin()
        .post_text(&path(model, ""), PARQUET, plain)
        .await;
    let binary: Vec<&[u8]> = vec![b"x"; rows];
    let odd = with_columns(vec![
        ("bytes", Arc::new(BinaryArray::from(binary))),
        ("never", Arc::new(Date64Array::from(vec![i64::MAX; rows]))),
    ]);
    for from in [PARQUET, ARROW, ARROW_FILE] {
        let client = app.admin().with("accept", PARQUET);
        let reply = client
            .post_text(&path(model, ""), from, written(from, &odd))
            .await;
        assert_eq!(column_rows(&reply), column_rows(&plain), "{from}");
    }
    let path = path(model, "?keep=bytes");
    let fault = app
        .admin()
        .post_text(&path, PARQUET, written(PARQUET, &odd))
        .await
        .fault();
    assert_eq!(fault["column"], "bytes");
}
