//! Trains a scorecard on a data set that is larger than the memory it is given.
//!
//! ```text
//! larger_than_memory generate FILE MEBIBYTES   writes a made-up portfolio
//! larger_than_memory compare FILE MEBIBYTES    trains in memory and by streaming, and compares
//! larger_than_memory train FILE MEBIBYTES      trains by streaming, with so much memory for data
//! ```
//!
//! `scripts/larger_than_memory.sh` runs all three, the last under a limit of the system's.

#![expect(
    clippy::print_stdout,
    reason = "an example tells what it does where it was started"
)]

use std::{
    cell::Cell,
    error::Error,
    fs::{self, File},
    io::{BufWriter, Write},
    time::Instant,
};

use credit_risk::credit::{
    CheckedPlan, DataConfig, LoanBook, ModelType, Table, Trained, TrainingPlan,
    progress::{Observer, Progress, Unwatched},
    reading::Format,
    streaming::{self, MemoryBudget, StreamSource},
    train,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, file, mebibytes] = &arguments[..] else {
        return Err("expected: generate | compare | train, a file, a number of MiB".into());
    };
    let bytes = mebibytes.parse::<u64>()? << 20;
    match command.as_str() {
        "generate" => generate(file, bytes),
        "compare" => compare(file, bytes),
        "train" => {
            let clock = Clock::new();
            let trained = streamed(file, bytes, &clock)?;
            clock.end();
            report(&trained);
            Ok(())
        }
        other => Err(format!("unknown command {other}").into()),
    }
}

/// Numbers that look random, from 0 up to 1 (xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn one_of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[(self.next() * texts.len() as f64) as usize]
    }
}

/// Writes loans until the file has `bytes`: amounts and incomes that hardly occur twice, whole
/// numbers, special codes, levels, and gaps.
fn generate(file: &str, bytes: u64) -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file)?);
    let header = "id,amount,income,utilisation,months,age,enquiries,grade,region,purpose,housing,\
                  years_employed,default\n";
    out.write_all(header.as_bytes())?;
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let (mut written, mut row, mut line) = (0, 0_u64, Vec::new());
    while written < bytes {
        line.clear();
        loan(&mut line, row, &mut numbers)?;
        out.write_all(&line)?;
        written += line.len() as u64;
        row += 1;
    }
    out.flush()?;
    println!("{row} loans, {} MiB", written >> 20);
    Ok(())
}

fn loan(line: &mut Vec<u8>, row: u64, numbers: &mut Numbers) -> Result<(), Box<dyn Error>> {
    let amount = 500.0 + 49_500.0 * numbers.next().powi(2);
    let income = 800.0 + 9_000.0 * numbers.next();
    let utilisation = numbers.next() * 1.2;
    let months = [6, 12, 18, 24, 36, 48, 60, 72, -1][(numbers.next() * 9.0) as usize];
    let age = 18 + (numbers.next() * 60.0) as u32;
    let enquiries = (numbers.next().powi(3) * 12.0) as u32;
    let grade = numbers.one_of(&["A", "B", "C", "D", "E", "F", "G"]);
    let region = numbers.one_of(&["north", "south", "east", "west", "abroad"]);
    let purpose = numbers.one_of(&["car", "home", "debts", "studies", "travel", "other"]);
    let housing = numbers.one_of(&["own", "rent", "free", ""]);
    let risk = amount / 18_000.0 - income / 4_000.0
        + utilisation
        + f64::from(months.max(0)) / 60.0
        + f64::from(enquiries) / 4.0
        + f64::from(grade.as_bytes()[0] - b'A') * 0.3
        - f64::from(age) / 50.0
        - 2.5;
    let default = u8::from(numbers.next() < 1.0 / (1.0 + (-risk).exp()));
    write!(line, "L{row:09},{amount:.2},")?;
    if numbers.next() < 0.95 {
        write!(line, "{income:.2}")?;
    }
    write!(
        line,
        ",{utilisation:.6},{months},{age},{enquiries},{grade},{region},{purpose},"
    )?;
    let years = (numbers.next() * 40.0) as u32;
    writeln!(line, "{housing},{years},{default}")?;
    Ok(())
}

fn plan() -> Result<CheckedPlan, Box<dyn Error>> {
    let plan = TrainingPlan {
        exclude: vec!["id".to_owned()],
        ..TrainingPlan::new(ModelType::Scorecard)
    };
    plan.check().map_err(|faults| format!("{faults:?}").into())
}

fn limits() -> DataConfig {
    DataConfig {
        default_dataset_path: None,
        max_rows: usize::MAX,
        max_columns: 100,
        max_levels: 200,
    }
}

fn streamed(file: &str, bytes: u64, observer: &dyn Observer) -> Result<Trained, Box<dyn Error>> {
    let data = File::open(file)?;
    let size = data.metadata()?.len();
    let mut source = StreamSource::open(Format::Csv, data, Some(size), u64::MAX)?;
    let budget = MemoryBudget::new(bytes)?;
    let directory = std::env::temp_dir();
    Ok(streaming::train(
        &mut source,
        &plan()?,
        &limits(),
        budget,
        &directory,
        observer,
    )?)
}

/// Trains both ways, and refuses coefficients that differ by more than 1e-8.
fn compare(file: &str, bytes: u64) -> Result<(), Box<dyn Error>> {
    let plan = plan()?;
    let text = fs::read(file)?;
    let faults = |faults| format!("{faults:?}");
    let table = Table::from_csv(&text, &[], &limits()).map_err(faults)?;
    let book = LoanBook::read(&table, plan.plan(), &limits()).map_err(faults)?;
    let in_memory = train(&book, &plan, &|| false)?;
    let streamed = streamed(file, bytes, &Unwatched(&|| false))?;
    if in_memory.coefficients.len() != streamed.coefficients.len() {
        return Err("the models have different characteristics".into());
    }
    let all = |of: &Trained| -> Vec<f64> {
        let numbers = of.intercept.iter().chain(&of.coefficients);
        numbers.map(|it| it.coefficient_per_unit).collect()
    };
    let pairs = all(&in_memory).into_iter().zip(all(&streamed));
    let largest = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    report(&streamed);
    println!("largest difference of coefficients: {largest:e}");
    if largest <= 1e-8 {
        Ok(())
    } else {
        Err("the coefficients differ".into())
    }
}

fn report(trained: &Trained) {
    for it in trained.intercept.iter().chain(&trained.coefficients) {
        println!("{:16} {:+.10}", it.feature, it.coefficient_per_unit);
    }
    println!("area under the curve: {:.4}", trained.metrics.roc_auc);
    println!("{:?}", trained.streaming);
}

/// Tells when a stage begins, and how long the one before took.
struct Clock {
    begun: Instant,
    last: Cell<Option<(Progress, Instant)>>,
}

impl Clock {
    fn new() -> Self {
        Self {
            begun: Instant::now(),
            last: Cell::new(None),
        }
    }

    fn end(&self) {
        if let Some((progress, since)) = self.last.get() {
            let seconds = since.elapsed().as_secs_f64();
            println!(
                "{:?}: {seconds:.1} s, {} passes, {:.0} rows/s",
                progress.stage,
                progress.pass,
                progress.rows as f64 / seconds.max(1e-9)
            );
        }
        println!("{:.1} s in all", self.begun.elapsed().as_secs_f64());
    }
}

impl Observer for Clock {
    fn cancelled(&self) -> bool {
        false
    }

    fn progress(&self, progress: Progress) {
        let since = match self.last.get() {
            Some((before, since)) if before.stage == progress.stage => since,
            Some(_) => {
                self.end();
                Instant::now()
            }
            None => Instant::now(),
        };
        self.last.set(Some((progress, since)));
    }
}
