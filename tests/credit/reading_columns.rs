//! Parquet, Arrow IPC and compressed sources, read back from what their own writers wrote.

use std::{
    io::{Cursor, Write},
    sync::Arc,
};

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Date64Array, Decimal128Array, DictionaryArray,
    Float32Array, Float64Array, Int8Array, Int64Array, LargeStringArray, ListArray, NullArray,
    RecordBatch, StringArray, StringViewArray, TimestampMillisecondArray, TimestampSecondArray,
    UInt64Array,
    types::{Int8Type, Int32Type},
};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use credit_risk::credit::reading::{Cell, Format, LARGEST_PAGE, ReadError, RowFault, Source, open};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    file::properties::WriterProperties,
};

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

fn rows(format: Format, source: Source) -> Result<Vec<Shown>, ReadError> {
    rows_of(format, source, u64::MAX)
}

fn rows_of(format: Format, source: Source, most: u64) -> Result<Vec<Shown>, ReadError> {
    let mut reader = open(format, source, most)?;
    let mut found = Vec::new();
    while reader.read(1_000, &mut |place, row| {
        found.push((place, row.map(|cells| cells.iter().map(show).collect())));
    })? > 0
    {}
    Ok(found)
}

fn bytes(of: Vec<u8>) -> Source {
    Source::Bytes(of.into())
}

fn stream(of: Vec<u8>) -> Source {
    Source::Stream(Box::new(Cursor::new(of)))
}

/// A column of each kind, and what its cells are.
fn columns() -> Vec<(&'static str, ArrayRef, [&'static str; 3])> {
    let decimal = |scale| {
        let values = Decimal128Array::from(vec![Some(123_456), None, Some(-1)]);
        values.with_precision_and_scale(30, scale).unwrap()
    };
    let coded: DictionaryArray<Int8Type> = vec![Some("x"), None, Some(" y ")].into_iter().collect();
    let seconds = vec![Some(1_700_000_000), None, Some(-1)];
    let zoned = TimestampSecondArray::from(seconds).with_timezone("Europe/Berlin");
    vec![
        (
            "int8",
            Arc::new(Int8Array::from(vec![Some(-8), None, Some(7)])),
            ["#-8", "-", "#7"],
        ),
        (
            "int64",
            Arc::new(Int64Array::from(vec![1 << 40, 0, -1])),
            ["#1099511627776", "#0", "#-1"],
        ),
        (
            "uint64",
            Arc::new(UInt64Array::from(vec![u64::MAX, 0, 1])),
            ["#18446744073709552000", "#0", "#1"],
        ),
        (
            "float32",
            Arc::new(Float32Array::from(vec![Some(0.5), None, Some(f32::NAN)])),
            ["#0.5", "-", "#NaN"],
        ),
        (
            "float64",
            Arc::new(Float64Array::from(vec![0.1, f64::INFINITY, 1e300])),
            [
                "#0.1",
                "#inf",
                "#1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
            ],
        ),
        ("decimal", Arc::new(decimal(2)), ["#1234.56", "-", "#-0.01"]),
        (
            "fine",
            Arc::new(decimal(25)),
            [
                "#0.0000000000000000000123456",
                "-",
                "#-0.0000000000000000000000001",
            ],
        ),
        (
            "flag",
            Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])),
            ["?true", "-", "?false"],
        ),
        (
            "text",
            Arc::new(StringArray::from(vec![Some(" é "), None, Some("  ")])),
            ["é", "-", "-"],
        ),
        (
            "large",
            Arc::new(LargeStringArray::from(vec!["a", "b", "c"])),
            ["a", "b", "c"],
        ),
        (
            "view",
            Arc::new(StringViewArray::from(vec![
                "a",
                "more than twelve bytes",
                "",
            ])),
            ["a", "more than twelve bytes", "-"],
        ),
        ("coded", Arc::new(coded), ["x", "-", "y"]),
        (
            "date32",
            Arc::new(Date32Array::from(vec![Some(19_783), None, Some(-1)])),
            ["2024-03-01", "-", "1969-12-31"],
        ),
        (
            "date64",
            Arc::new(Date64Array::from(vec![86_400_000, -86_400_000, 0])),
            ["1970-01-02", "1969-12-31", "1970-01-01"],
        ),
        (
            "time",
            Arc::new(TimestampMillisecondArray::from(vec![
                Some(1_500),
                None,
                Some(0),
            ])),
            ["1970-01-01T00:00:01.5", "-", "1970-01-01T00:00:00"],
        ),
        (
            "zoned",
            Arc::new(zoned),
            ["2023-11-14T22:13:20Z", "-", "1969-12-31T23:59:59Z"],
        ),
        ("nothing", Arc::new(NullArray::new(3)), ["-", "-", "-"]),
    ]
}

fn batch() -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns().into_iter().map(|it| (it.0, it.1, true)))
        .unwrap()
}

fn as_stream(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    batches.iter().for_each(|it| writer.write(it).unwrap());
    writer.into_inner().unwrap()
}

fn as_file(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = FileWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    batches.iter().for_each(|it| writer.write(it).unwrap());
    writer.into_inner().unwrap()
}

fn as_parquet(batches: &[RecordBatch], compression: Compression) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_max_row_group_row_count(Some(2_000));
    let schema = batches[0].schema();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties.build())).unwrap();
    batches.iter().for_each(|it| writer.write(it).unwrap());
    writer.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn expected() -> Vec<Shown> {
    let columns = columns();
    let row = |row: usize| columns.iter().map(|it| it.2[row].to_owned()).collect();
    (0..3).map(|at| (at as u64 + 1, Ok(row(at)))).collect()
}

#[test]
fn every_type_of_column_is_read_from_an_arrow_stream() {
    let written = as_stream(&[batch()]);
    assert_eq!(
        rows(Format::Arrow, stream(written.clone())).unwrap(),
        expected()
    );
    assert_eq!(
        rows(Format::Arrow, bytes(written.clone())).unwrap(),
        expected()
    );
    assert_eq!(
        rows(Format::Arrow, stream(gzip(&written))).unwrap(),
        expected()
    );
}

#[test]
fn every_type_of_column_is_read_from_an_arrow_file() {
    let written = as_file(&[batch()]);
    assert_eq!(
        rows(Format::Arrow, bytes(written.clone())).unwrap(),
        expected()
    );
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&written).unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    assert_eq!(rows(Format::Arrow, Source::File(file)).unwrap(), expected());
    let error = rows(Format::Arrow, stream(written)).unwrap_err();
    assert!(
        matches!(error, ReadError::NeedsFile(Format::Arrow)),
        "{error}"
    );
}

#[test]
fn every_type_of_column_is_read_from_a_parquet_file() {
    let zstd = Compression::ZSTD(ZstdLevel::default());
    for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY, zstd] {
        let written = as_parquet(&[batch()], compression);
        assert_eq!(
            rows(Format::Parquet, bytes(written.clone())).unwrap(),
            expected()
        );
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&written).unwrap();
        assert_eq!(
            rows(Format::Parquet, Source::File(file)).unwrap(),
            expected()
        );
    }
}

#[test]
fn rows_are_numbered_through_batches_and_row_groups() {
    let numbers = |range: std::ops::Range<i64>| -> RecordBatch {
        let column: ArrayRef = Arc::new(Int64Array::from_iter_values(range));
        RecordBatch::try_from_iter([("n", column)]).unwrap()
    };
    let batches = [
        numbers(0..5_000),
        numbers(5_000..5_000),
        numbers(5_000..9_001),
    ];
    let parquet = as_parquet(&batches, Compression::SNAPPY);
    for (format, written) in [
        (Format::Arrow, as_stream(&batches)),
        (Format::Arrow, as_file(&batches)),
        (Format::Parquet, parquet),
    ] {
        let found = rows(format, bytes(written)).unwrap();
        assert_eq!(found.len(), 9_001);
        for (at, row) in (0_u64..).zip(&found) {
            assert_eq!(*row, (at + 1, Ok(vec![format!("#{at}")])));
        }
    }
}

#[test]
fn a_date_that_cannot_be_told_is_a_fault_of_its_row() {
    let dates: ArrayRef = Arc::new(Date32Array::from(vec![0, i32::MAX, 1]));
    let batch = RecordBatch::try_from_iter([("d", dates)]).unwrap();
    let found = rows(Format::Arrow, stream(as_stream(&[batch]))).unwrap();
    let expected = [
        (1, Ok(vec!["1970-01-01".to_owned()])),
        (2, Err(RowFault::OutOfRange { column: 0 })),
        (3, Ok(vec!["1970-01-02".to_owned()])),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_column_of_lists_is_refused_by_its_name() {
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1)])]);
    let batch = RecordBatch::try_from_iter([("l", Arc::new(list) as ArrayRef)]).unwrap();
    for (format, written) in [
        (Format::Arrow, as_stream(std::slice::from_ref(&batch))),
        (Format::Parquet, as_parquet(&[batch], Compression::SNAPPY)),
    ] {
        match rows(format, bytes(written)).unwrap_err() {
            ReadError::ColumnType { column, found } => assert_eq!((&*column, found), ("l", "list")),
            error => panic!("{error}"),
        }
    }
}

#[test]
fn a_dictionary_without_values_has_missing_cells() {
    let coded: DictionaryArray<Int8Type> = vec![None::<&str>, None].into_iter().collect();
    let batch = RecordBatch::try_from_iter([("c", Arc::new(coded) as ArrayRef)]).unwrap();
    let found = rows(Format::Arrow, stream(as_stream(&[batch]))).unwrap();
    assert_eq!(found[1], (2, Ok(vec!["-".to_owned()])));
}

#[test]
fn a_file_that_is_cut_off_or_damaged_is_an_error_or_other_rows_and_never_a_panic() {
    let written = [
        (Format::Arrow, as_stream(&[batch()])),
        (Format::Arrow, as_file(&[batch()])),
        (Format::Parquet, as_parquet(&[batch()], Compression::SNAPPY)),
    ];
    for (format, whole) in written {
        let cut = whole.len() / 2;
        assert!(
            rows(format, bytes(whole[..cut].to_vec())).is_err(),
            "{format:?}"
        );
        // A few places; the fuzz targets try more. A caught panic prints its backtrace, which is slow.
        for at in (0..whole.len()).step_by(whole.len() / 20) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x41;
            let _ = rows(format, bytes(damaged));
        }
    }
}

#[test]
fn a_parquet_page_that_promises_too_much_is_not_made_room_for() {
    let size = usize::try_from(LARGEST_PAGE).unwrap() + 1;
    let text: ArrayRef = Arc::new(StringArray::from(vec!["x".repeat(size)]));
    let batch = RecordBatch::try_from_iter([("t", text)]).unwrap();
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let error = rows(Format::Parquet, bytes(as_parquet(&[batch], zstd))).unwrap_err();
    assert!(matches!(error, ReadError::PageTooLarge), "{error}");
}

#[test]
fn what_is_compressed_by_gzip_or_zstd_is_told_by_its_first_bytes() {
    let text = b"a,b\n1,2\n";
    let expected = vec![(2, Ok(vec!["1".to_owned(), "2".to_owned()]))];
    let two_members = [gzip(&text[..5]), gzip(&text[5..])].concat();
    let zstd = zstd::encode_all(&text[..], 3).unwrap();
    for compressed in [text.to_vec(), gzip(text), two_members, zstd] {
        assert_eq!(rows(Format::Csv, stream(compressed)).unwrap(), expected);
    }
}

#[test]
fn what_cannot_be_decompressed_is_an_error_of_the_data() {
    let text = "a,b\n1,2\n".repeat(1_000);
    for whole in [
        gzip(text.as_bytes()),
        zstd::encode_all(text.as_bytes(), 3).unwrap(),
    ] {
        let error = rows(Format::Csv, stream(whole[..whole.len() - 6].to_vec())).unwrap_err();
        assert!(matches!(error, ReadError::Compression), "{error}");
    }
}

#[test]
fn a_bomb_ends_when_the_bound_is_reached() {
    let text = std::io::Read::chain(&b"a\n"[..], std::io::repeat(b'\n'));
    let bomb = zstd::encode_all(std::io::Read::take(text, 1 << 26), 3).unwrap();
    for (most, fits) in [((1 << 26) - 1, false), (1 << 26, true)] {
        let found = rows_of(Format::Csv, stream(bomb.clone()), most);
        match found {
            Ok(found) => assert!(fits && found.is_empty()),
            Err(error) => assert!(!fits && matches!(error, ReadError::TooLarge), "{error}"),
        }
    }
}
