//! Writes the seeds of the targets into `fuzz/seeds`; they are small and the same every time.

use std::{error::Error, fs, io::Write, path::Path, sync::Arc};

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array,
    Float64Array, Int64Array, RecordBatch, StringArray, StringViewArray, TimestampMillisecondArray,
    types::Int8Type,
};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    file::properties::{WriterProperties, WriterVersion},
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn batch() -> Result<RecordBatch> {
    let coded: DictionaryArray<Int8Type> = vec![Some("x"), None, Some("y")].into_iter().collect();
    let decimal = Decimal128Array::from(vec![Some(12_345), None, Some(-1)]);
    let columns: [(&str, ArrayRef); 10] = [
        ("flag", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ("whole", Arc::new(Int64Array::from(vec![Some(1 << 40), None, Some(-1)]))),
        ("single", Arc::new(Float32Array::from(vec![Some(0.5), None, Some(f32::NAN)]))),
        ("double", Arc::new(Float64Array::from(vec![0.1, 1e300, f64::INFINITY]))),
        ("decimal", Arc::new(decimal.with_precision_and_scale(12, 2)?)),
        ("text", Arc::new(StringArray::from(vec![Some("é"), None, Some("long enough not to be inline")]))),
        ("view", Arc::new(StringViewArray::from(vec!["a", "long enough not to be inline", ""]))),
        ("coded", Arc::new(coded)),
        ("date", Arc::new(Date32Array::from(vec![Some(19_783), None, Some(i32::MAX)]))),
        ("time", Arc::new(TimestampMillisecondArray::from(vec![Some(1_500), None, Some(0)]))),
    ];
    Ok(RecordBatch::try_from_iter_with_nullable(
        columns.map(|(name, column)| (name, column, true)),
    )?)
}

fn parquet(compression: Compression, version: WriterVersion) -> Result<Vec<u8>> {
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_writer_version(version)
        .build();
    let batch = batch()?;
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    Ok(writer.into_inner()?)
}

/// An Arrow file that says that its only batch is a tebibyte long.
fn greedy(mut file: Vec<u8>) -> Result<Vec<u8>> {
    let end = file.len() - 10;
    let length = arrow_ipc::reader::read_footer_length(file[end..].try_into()?)?;
    let footer = arrow_ipc::root_as_footer(&file[end - length..end]).map_err(|_| "no footer")?;
    let batches = footer.recordBatches().ok_or("no batches")?;
    let batch = batches.iter().next().ok_or("no batch")?;
    let body = batch.bodyLength().to_le_bytes();
    let mut block = batch.offset().to_le_bytes().to_vec();
    block.extend(i64::from(batch.metaDataLength()).to_le_bytes());
    block.extend(body);
    let found = file.windows(block.len()).rposition(|it| it == block);
    let at = found.ok_or("no block")? + block.len();
    file[at - body.len()..at].copy_from_slice(&(1_i64 << 40).to_le_bytes());
    Ok(file)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn main() -> Result<()> {
    let csv = "\u{feff}a, b ,\"c\"\"d\"\r\n1,-2.5e3,x\r\n\r\n\"two\nlines\",,\"é\"\n1,2\n";
    let ndjson = "{\"a\": 1, \"b\": \"x\"}\n\n{\"b\": null, \"c\": true}\r\n{\"a\": [1], \"a\": {}}\n{\"c\": \"\\u00e9\"";
    let batch = batch()?;
    let mut stream = StreamWriter::try_new(Vec::new(), &batch.schema())?;
    stream.write(&batch)?;
    let mut file = FileWriter::try_new(Vec::new(), &batch.schema())?;
    file.write(&batch)?;
    let file = file.into_inner()?;
    let (v1, v2) = (WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0);
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let seeds: [(&str, &str, Vec<u8>); 16] = [
        ("csv", "plain", csv.into()),
        ("csv", "gzip", gzip(csv.as_bytes())?),
        ("csv", "zstd", zstd::encode_all(csv.as_bytes(), 3)?),
        ("ndjson", "plain", ndjson.into()),
        ("ndjson", "gzip", gzip(ndjson.as_bytes())?),
        ("parquet", "plain", parquet(Compression::UNCOMPRESSED, v1)?),
        ("parquet", "snappy", parquet(Compression::SNAPPY, v1)?),
        ("parquet", "zstd", parquet(zstd, v2)?),
        ("arrow", "stream", stream.into_inner()?),
        ("arrow", "greedy", greedy(file.clone())?),
        ("arrow", "file", file),
        ("batch", "csv", [&[0, 2, 4, 9], &b"\xef\xbb\xbfamount,age,grade\n1500,33,A\r\n\"1500\",33,\"B\"\"\n\"\n1,2\n"[..]].concat()),
        ("batch", "ndjson", [&[1, 2, 4, 9], &b"{\"amount\": 1500, \"age\": 33, \"grade\": \"A\"}\n\n[]\n{\"age\": 1} {}\n{\"grade\": \"B\""[..]].concat()),
        ("application", "whole", br#"{"amount": 1500, "age": 33.5, "grade": "A"}"#.into()),
        ("application", "faults", br#"{"grade": "\u00e9", "age": null, "amount": [{"a": 1}], "x": true, "age": 1}"#.into()),
        ("application", "order", br#"{"grade":" B ","age":1e3,"amount":-0}"#.into()),
    ];
    for (target, name, bytes) in seeds {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}
