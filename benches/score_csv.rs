//! A CSV scored into a CSV, beside merely parsing and writing the same file; one thread each.
//!
//! `cargo bench --bench score_csv -- [ROWS [ROUNDS]]`, 1,000,000 rows and 3 rounds if not given.
//!
//! The file is drawn by a seeded generator from the rows of the bundled German credit data, each
//! cell from a row of its own, and lies in a temporary folder. The baseline reads every record
//! with the `csv` crate, parses the cells of the numeric columns to `f64`, and writes every record
//! to another file with the `csv` crate. The scorer answers the same file with probability,
//! log-odds, points, decision, four reasons and flags, keeping one column. Both read and write
//! through buffers of the same size. What is aimed at is a ratio of 0.7 or more, and a peak of
//! memory that does not grow with the rows.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark prints, and stops at the first surprise"
)]

use std::{
    fs::{self, File},
    hint::black_box,
    io::{BufReader, BufWriter, Read, Write},
    path::Path,
    sync::Arc,
    time::Instant,
};

use credit_risk::credit::{
    CreditModel, DataConfig, LoanBook, ModelType, Table, TrainingPlan,
    batch::{Batch, BatchOptions},
    plan::EvidencePlan,
    reading::Format,
    schema::Kind,
    train,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const DATA: &[u8] = include_bytes!("../data/german_credit.csv");

/// Bytes that are read or written at once.
const BUFFER: usize = 256 * 1024;

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|it| it.parse().ok());
    let rows: usize = numbers.next().unwrap_or(1_000_000);
    let rounds: usize = numbers.next().unwrap_or(3);
    let model = model(ModelType::Scorecard);
    let linear = self::model(ModelType::LogisticRegression);
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("applications.csv");
    let output = folder.path().join("answers.csv");
    generate(&input, rows);
    let bytes = fs::metadata(&input).unwrap().len();
    println!("{rows} rows, {bytes} bytes, peak memory {}", peak_memory());
    for _ in 0..rounds {
        let baseline = Rate::of(rows, || parse_and_write(&input, &output, &model));
        baseline.tell("parse and write", baseline);
        for (name, model) in [("scorecard", &model), ("linear", &linear)] {
            let scored = Rate::of(rows, || score(&input, &output, model));
            scored.tell(&format!("score, {name}"), baseline);
        }
        println!("peak memory {}", peak_memory());
    }
}

/// Rows in a second, by the clock on the wall and by the time on a processor, which other programs
/// disturb less.
#[derive(Clone, Copy)]
struct Rate {
    wall: f64,
    processor: f64,
}

impl Rate {
    fn of(rows: usize, work: impl FnOnce()) -> Self {
        let (clock, before) = (Instant::now(), processor_time());
        work();
        Self {
            wall: rows as f64 / clock.elapsed().as_secs_f64(),
            processor: rows as f64 / (processor_time() - before),
        }
    }

    fn tell(self, name: &str, baseline: Self) {
        println!(
            "{name:<16} {:>10.0} rows/s, ratio {:.2}; {:>10.0} rows/s of processor time, ratio {:.2}",
            self.wall,
            self.wall / baseline.wall,
            self.processor,
            self.processor / baseline.processor,
        );
    }
}

/// Seconds that the thread has spent on a processor, as the system tells it.
fn processor_time() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = text.split(' ').next().and_then(|it| it.parse::<u64>().ok());
    first.unwrap_or_default() as f64 / 1e9
}

fn model(model_type: ModelType) -> Arc<CreditModel> {
    let limits = DataConfig {
        default_dataset_path: None,
        max_rows: 10_000,
        max_columns: 100,
        max_levels: 100,
    };
    let table = Table::from_csv(DATA, &[], &limits).unwrap();
    let plan = TrainingPlan {
        cv_folds: 2,
        evidence: EvidencePlan {
            replicates: 0,
            ..EvidencePlan::default()
        },
        ..TrainingPlan::new(model_type)
    };
    let book = LoanBook::read(&table, &plan, &limits).unwrap();
    let plan = plan.check().unwrap();
    let body = train(&book, &plan, &|| false).unwrap().body;
    Arc::new(CreditModel::new(body).unwrap())
}

fn generate(path: &Path, rows: usize) {
    let mut reader = csv::Reader::from_reader(DATA);
    let header = reader.byte_headers().unwrap().clone();
    let records: Vec<csv::ByteRecord> = reader.byte_records().map(Result::unwrap).collect();
    let mut file = BufWriter::with_capacity(BUFFER, File::create(path).unwrap());
    let mut line = b"id".to_vec();
    for name in &header {
        line.push(b',');
        line.extend_from_slice(name);
    }
    line.push(b'\n');
    file.write_all(&line).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(20);
    for row in 0..rows {
        line.clear();
        write!(line, "{row}").unwrap();
        for column in 0..header.len() {
            line.push(b',');
            let record = &records[random.random_range(0..records.len())];
            line.extend_from_slice(&record[column]);
        }
        line.push(b'\n');
        file.write_all(&line).unwrap();
    }
    file.flush().unwrap();
}

fn parse_and_write(input: &Path, output: &Path, model: &CreditModel) {
    let mut reader = csv::ReaderBuilder::new()
        .buffer_capacity(BUFFER)
        .from_path(input)
        .unwrap();
    let mut writer = csv::WriterBuilder::new()
        .buffer_capacity(BUFFER)
        .from_path(output)
        .unwrap();
    let header = reader.byte_headers().unwrap().clone();
    let known = &model.schema().characteristics;
    let numeric: Vec<usize> = (0..header.len())
        .filter(|at| {
            known.iter().any(|it| {
                it.name.as_bytes() == &header[*at] && matches!(it.kind, Kind::Numeric { .. })
            })
        })
        .collect();
    writer.write_byte_record(&header).unwrap();
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).unwrap() {
        for at in &numeric {
            let text = std::str::from_utf8(&record[*at]).unwrap();
            black_box(text.parse::<f64>().unwrap());
        }
        writer.write_byte_record(&record).unwrap();
    }
    writer.flush().unwrap();
}

fn score(input: &Path, output: &Path, model: &Arc<CreditModel>) {
    let options = BatchOptions {
        keep: vec!["id".to_owned()],
        ..BatchOptions::of(model)
    };
    let (from, to) = (Format::Csv, Format::Csv);
    let mut batch = Batch::new(Arc::clone(model), options, from, to).unwrap();
    let mut reader = BufReader::with_capacity(BUFFER, File::open(input).unwrap());
    let mut writer = File::create(output).unwrap();
    let (mut bytes, mut out) = (vec![0; BUFFER], Vec::new());
    loop {
        let read = reader.read(&mut bytes).unwrap();
        if read == 0 {
            break;
        }
        let mut pushed = &bytes[..read];
        loop {
            let more = batch.push(pushed, &mut out).unwrap();
            writer.write_all(&out).unwrap();
            out.clear();
            if !more {
                break;
            }
            pushed = &[];
        }
    }
    let totals = batch.finish(&mut out).unwrap();
    writer.write_all(&out).unwrap();
    assert_eq!(totals.errors, 0);
}

/// The most memory the process has had so far, as the system tells it.
fn peak_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |it| it.trim().to_owned())
}
