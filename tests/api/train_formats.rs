//! Data sets as files: every format, both ways of sending them, compressed or not.

use std::{io::Write, sync::Arc};

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use parquet::arrow::ArrowWriter;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::support::{
    Caller, Reply, TestApp,
    loans::{Book, plan, plan_with},
};

const NDJSON: &str = "application/x-ndjson";
const PARQUET: &str = "application/vnd.apache.parquet";
const STREAM: &str = "application/vnd.apache.arrow.stream";
const FILE: &str = "application/vnd.apache.arrow.file";

/// The columns of `book`: numbers where all cells are, texts elsewhere.
fn batch(book: &Book) -> RecordBatch {
    let column = |at: usize| -> ArrayRef {
        let cells: Vec<&str> = book.rows.iter().map(|row| row[at].as_str()).collect();
        let numbers: Result<Vec<f64>, _> = cells.iter().map(|cell| cell.parse()).collect();
        match numbers {
            Ok(numbers) => Arc::new(Float64Array::from(numbers)),
            Err(_) => Arc::new(StringArray::from(cells)),
        }
    };
    let columns = book.header.iter().enumerate();
    RecordBatch::try_from_iter(columns.map(|(at, name)| (name, column(at)))).unwrap()
}

fn ndjson(book: &Book) -> Vec<u8> {
    let records = book.records();
    let lines = records.as_array().unwrap().iter();
    lines
        .flat_map(|row| format!("{row}\n").into_bytes())
        .collect()
}

fn parquet(book: &Book) -> Vec<u8> {
    let batch = batch(book);
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn stream(book: &Book) -> Vec<u8> {
    let batch = batch(book);
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn file(book: &Book) -> Vec<u8> {
    let batch = batch(book);
    let mut writer = FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

/// A form whose file part has a name and a media type; an empty one is left out.
async fn post_file(
    caller: &Caller,
    path: &str,
    config: &Value,
    name: &str,
    media: &str,
    bytes: &[u8],
) -> Reply {
    let media = match media {
        "" => String::new(),
        media => format!("Content-Type: {media}\r\n"),
    };
    let head = format!(
        "--line\r\nContent-Disposition: form-data; name=\"config\"\r\n\r\n{config}\r\n\
         --line\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n{media}\r\n"
    );
    let body = [head.as_bytes(), bytes, b"\r\n--line--\r\n"].concat();
    let media = "multipart/form-data; boundary=line";
    caller.post_text(path, media, body).await
}

/// The file alone, the plan in the query.
async fn post_body(caller: &Caller, config: &Value, media: &str, bytes: &[u8]) -> Reply {
    let config = config.to_string();
    let config = utf8_percent_encode(&config, NON_ALPHANUMERIC);
    let path = format!("/train?config={config}");
    caller.post_text(&path, media, bytes.to_vec()).await
}

/// What must not depend on the format.
fn numbers(reply: &Reply) -> Value {
    let result = reply.ok();
    json!([
        result["intercept"],
        result["coefficients"],
        result["metrics"]["roc_auc"],
        result["data"]["event"],
        result["data"]["characteristics"],
    ])
}

fn digest(reply: &Reply) -> Value {
    reply.ok()["data"]["digest"].clone()
}

#[tokio::test]
async fn the_same_loans_give_the_same_model_in_every_format() {
    let app = TestApp::start();
    let admin = app.admin();
    let book = Book::sound();
    let expected = numbers(&book.train(&admin).await);
    for (name, media, bytes) in [
        ("a.parquet", "", parquet(&book)),
        ("a", PARQUET, parquet(&book)),
        ("a.csv", PARQUET, parquet(&book)),
        ("A.ARROW", "application/octet-stream", stream(&book)),
        ("a", STREAM, file(&book)),
        ("a.csv.gz", "application/gzip", gzip(book.csv().as_bytes())),
        ("a", "text/csv; charset=utf-8", zstd(book.csv().as_bytes())),
        ("a.txt", "application/vnd.ms-excel", book.csv().into_bytes()),
    ] {
        let reply = post_file(&admin, "/train", &plan(), name, media, &bytes).await;
        assert_eq!(numbers(&reply), expected, "{name} {media}");
    }
    for (media, bytes) in [
        ("text/csv", book.csv().into_bytes()),
        (PARQUET, parquet(&book)),
        (STREAM, stream(&book)),
        (FILE, file(&book)),
    ] {
        let reply = post_body(&admin, &plan(), media, &bytes).await;
        assert_eq!(numbers(&reply), expected, "{media}");
    }
}

#[tokio::test]
async fn ndjson_gives_the_model_that_records_give() {
    let app = TestApp::start();
    let admin = app.admin();
    let book = Book::sound();
    let records = plan_with(json!({ "records": book.records() }));
    let expected = numbers(&admin.post_json("/train", &records).await);
    let form = post_file(&admin, "/train", &plan(), "a.jsonl", "", &ndjson(&book)).await;
    assert_eq!(numbers(&form), expected);
    let body = post_body(&admin, &plan(), NDJSON, &ndjson(&book)).await;
    assert_eq!(numbers(&body), expected);
}

#[tokio::test]
async fn other_routes_take_the_same_files() {
    let app = TestApp::start();
    let admin = app.admin();
    let plan = json!({ "method": "woe_iv" });
    let bytes = parquet(&Book::sound());
    let reply = post_file(&admin, "/feature-selection", &plan, "a", PARQUET, &bytes).await;
    assert_eq!(reply.ok()["method"], "woe_iv");
}

#[tokio::test]
async fn a_fault_in_a_file_has_its_place() {
    let app = TestApp::start();
    let admin = app.admin();
    let mut lines = ndjson(&Book::sound());
    lines.extend_from_slice(b"\n{\"age\": [1]}\n{\"grade\": {}}\n");
    let faults = post_body(&admin, &plan(), NDJSON, &lines).await.faults();
    assert_eq!(
        (&faults[0]["line"], &faults[0]["column"]),
        (&json!(62), &json!("age"))
    );
    assert_eq!(
        (&faults[1]["line"], &faults[1]["column"]),
        (&json!(63), &json!("grade"))
    );

    let holed = Book::sound().cell(40, "default", "x");
    let fault = post_body(&admin, &plan(), PARQUET, &parquet(&holed))
        .await
        .fault();
    assert_eq!(
        (&fault["line"], &fault["column"]),
        (&json!(41), &json!("default"))
    );

    let cut = parquet(&Book::sound());
    let fault = post_body(&admin, &plan(), PARQUET, &cut[..cut.len() / 2])
        .await
        .fault();
    assert_eq!(fault["detail"], "the Parquet cannot be read");
}

#[tokio::test]
async fn a_body_that_is_a_file_needs_its_plan_in_the_query() {
    let app = TestApp::start();
    let csv = Book::sound().csv();
    let reply = app.admin().post_text("/train", "text/csv", csv).await;
    let detail = reply.fault()["detail"].clone();
    assert!(
        detail
            .as_str()
            .unwrap()
            .starts_with("the query parameter config is missing")
    );
}

#[tokio::test]
async fn a_request_may_be_compressed_whatever_it_carries() {
    let app = TestApp::start();
    let admin = app.admin();
    let book = Book::sound();
    let plain = book.train(&admin).await;
    for (encoding, bytes) in [
        ("gzip", gzip(book.csv().as_bytes())),
        ("zstd", zstd(book.csv().as_bytes())),
    ] {
        let caller = admin.with("content-encoding", encoding);
        let reply = post_body(&caller, &plan(), "text/csv", &bytes).await;
        assert_eq!(numbers(&reply), numbers(&plain), "{encoding}");
        // The digest is of the file, not of the way it travelled.
        assert_eq!(digest(&reply), digest(&plain), "{encoding}");
        let json = plan_with(json!({ "records": book.records() })).to_string();
        let json = if encoding == "gzip" {
            gzip(json.as_bytes())
        } else {
            zstd(json.as_bytes())
        };
        let reply = caller.post_text("/train", "application/json", json).await;
        assert_eq!(reply.ok()["data"]["rows"], 60);
    }
    let unknown = admin.with("content-encoding", "br");
    let reply = post_body(&unknown, &plan(), "text/csv", b"a").await;
    reply.problem(415, "UNSUPPORTED_MEDIA_TYPE");
    let broken = admin.with("content-encoding", "gzip");
    let reply = post_body(&broken, &plan(), "text/csv", b"a,b\n").await;
    assert_eq!(
        reply.fault()["detail"],
        "the request body could not be read"
    );
}

#[tokio::test]
async fn limits_count_what_comes_out_of_a_compressed_body() {
    let app = TestApp::with(&[
        ("CREDIT_RISK_UPLOAD_LIMIT", "100 KiB"),
        ("CREDIT_RISK_TRAINING_BODY_LIMIT", "100 KiB"),
    ]);
    let admin = app.admin();
    let bomb = format!("a,b\n{}", "\n".repeat(1 << 20));
    for (encoding, bytes) in [
        ("gzip", gzip(bomb.as_bytes())),
        ("zstd", zstd(bomb.as_bytes())),
    ] {
        assert!(bytes.len() < 10_000);
        let caller = admin.with("content-encoding", encoding);
        let reply = post_body(&caller, &plan(), "text/csv", &bytes).await;
        reply.problem(413, "PAYLOAD_TOO_LARGE");
        let reply = caller
            .post_text("/train", "application/json", bytes.clone())
            .await;
        reply.problem(413, "PAYLOAD_TOO_LARGE");
        let reply = post_file(&admin, "/train", &plan(), "a.csv.gz", "", &bytes).await;
        reply.problem(413, "PAYLOAD_TOO_LARGE");
    }
    let reply = post_body(&admin, &plan(), "text/csv", bomb.as_bytes()).await;
    reply.problem(413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn a_large_file_goes_through_the_disk_and_leaves_nothing_there() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::with(&[
        ("CREDIT_RISK_UPLOAD_MEMORY", "1 KiB"),
        ("CREDIT_RISK_UPLOAD_FOLDER", folder.path().to_str().unwrap()),
    ]);
    let admin = app.admin();
    let mut book = Book::sound();
    book.rows = (0..2_000).flat_map(|_| book.rows.clone()).collect();
    let csv = book.csv();
    assert!(csv.len() > 1 << 20);
    let expected = {
        let app = TestApp::start();
        let reply = book.train(&app.admin()).await;
        (numbers(&reply), digest(&reply))
    };
    let form = book.train(&admin).await;
    assert_eq!((numbers(&form), digest(&form)), expected);
    let body = post_body(&admin, &plan(), "text/csv", csv.as_bytes()).await;
    assert_eq!((numbers(&body), digest(&body)), expected);
    let body = post_body(&admin, &plan(), PARQUET, &parquet(&book)).await;
    assert_eq!(numbers(&body), expected.0);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);

    // Without the folder nothing can be written: that the disk was used at all.
    drop(folder);
    let reply = book.train(&admin).await;
    reply.problem(500, "INTERNAL");
}
