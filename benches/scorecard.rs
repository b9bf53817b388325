//! A scorecard of 20 characteristics inside the process, on one thread, without a server.
//!
//! What is aimed at, on one core of a common server:
//!
//! | benchmark                       | aim                               |
//! |---------------------------------|-----------------------------------|
//! | `assess/one row`                | less than 2 µs, reasons included  |
//! | `batch/with reasons`            | 2 million rows per second or more |
//! | `batch/without reasons`         | 5 million rows per second or more |
//! | `binning/120,000 rows, 10 columns` | less than 50 ms                |
//!
//! `train` is there for information: split, six fits with their bins, and the evidence of three
//! samples with its bootstrap. The data come from a seeded generator: 14 numeric characteristics and
//! 6 with levels, some of whose values are missing or special codes, and defaults that depend on
//! all of them.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops at the first surprise"
)]

use std::{fmt::Write, hint::black_box, time::Duration};

use credit_risk::{
    credit::{
        CheckedPlan, CreditModel, DataConfig, LoanBook, ModelType, Table, TrainingPlan, Value,
        binning::{
            Binner, BinningParams, LevelColumn, LevelRules, NumericRules, SpecialCodes, Target,
        },
        inputs::Values,
        model::Scratch,
        plan::CharacteristicPlan,
        schema::Kind,
        train,
    },
    stats::sigmoid,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a lender's system writes where it has no number.
const SPECIAL: f64 = -999.0;

/// Sorts of numeric columns, one after the other.
const SHAPES: [Shape; 7] = [
    Shape::Continuous,
    Shape::Rounded,
    Shape::Count,
    Shape::MostlyZero,
    Shape::Gaps,
    Shape::Coded,
    Shape::Skewed,
];

/// Levels of the columns that have them, one after the other.
const LEVELS: [usize; 6] = [2, 4, 10, 3, 6, 30];

/// How the numbers of a column lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// All different.
    Continuous,
    /// Amounts in tens.
    Rounded,
    /// Small whole numbers.
    Count,
    /// Nothing in two rows of three.
    MostlyZero,
    /// Missing in one row of eight.
    Gaps,
    /// A special code in one row of eight.
    Coded,
    /// A long tail.
    Skewed,
}

impl Shape {
    /// The value at `z` standard deviations from the middle, and what it adds to the risk.
    fn value(self, z: f64, chance: f64) -> (Option<f64>, f64) {
        match self {
            Self::Continuous => (Some(40.0 + 12.0 * z), z),
            Self::Rounded => (Some(((2_000.0 + 700.0 * z) / 10.0).round() * 10.0), z),
            Self::Count => (Some((3.0 + 2.0 * z).round().max(0.0)), z),
            Self::MostlyZero if chance < 0.67 => (Some(0.0), -0.5),
            Self::MostlyZero => (Some((100.0 * z.abs()).round()), 1.0),
            Self::Gaps if chance < 0.125 => (None, 0.8),
            Self::Coded if chance < 0.125 => (Some(SPECIAL), 0.6),
            Self::Gaps | Self::Coded => (Some((50.0 + 10.0 * z).round()), z),
            Self::Skewed => (Some((libm::exp(7.0 + z) * 100.0).round() / 100.0), z),
        }
    }
}

/// A CSV of `rows` loans with so many columns of each sort; the last column is the outcome.
fn loans(rows: usize, numeric: usize, levels: usize, seed: u64) -> String {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut text = String::new();
    for column in 0..numeric {
        write!(text, "number_{column},").unwrap();
    }
    for column in 0..levels {
        write!(text, "level_{column},").unwrap();
    }
    text.push_str("default\n");
    for _ in 0..rows {
        let mut risk = -2.2;
        for column in 0..numeric {
            // Irwin and Hall: twelve uniform numbers less six are nearly normal.
            let z = (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
            let (value, harm) = SHAPES[column % SHAPES.len()].value(z, random.random());
            let sign = if column % 3 == 0 { -1.0 } else { 1.0 };
            risk += sign * harm * (0.15 + 0.02 * column as f64);
            if let Some(value) = value {
                write!(text, "{value}").unwrap();
            }
            text.push(',');
        }
        for column in 0..levels {
            let count = LEVELS[column % LEVELS.len()];
            // Squared, so that some levels are rare.
            let level = (random.random::<f64>().powi(2) * count as f64) as usize;
            risk += 0.5 * (level as f64 / count as f64 - 0.3);
            write!(text, "grade {level:02},").unwrap();
        }
        let default = random.random::<f64>() < sigmoid(risk);
        text.push_str(if default { "1\n" } else { "0\n" });
    }
    text
}

/// A plan that knows which columns hold special codes.
fn plan(numeric: usize) -> CheckedPlan {
    let mut plan = TrainingPlan::new(ModelType::Scorecard);
    for column in 0..numeric {
        if SHAPES[column % SHAPES.len()] == Shape::Coded {
            let own = CharacteristicPlan {
                special: SpecialCodes::one_each(&[SPECIAL]),
                ..CharacteristicPlan::default()
            };
            plan.characteristics.insert(format!("number_{column}"), own);
        }
    }
    plan.check().unwrap()
}

fn book(rows: usize, numeric: usize, levels: usize, plan: &CheckedPlan) -> LoanBook {
    let limits = DataConfig {
        default_dataset_path: None,
        max_rows: rows,
        max_columns: numeric + levels + 1,
        max_levels: 200,
    };
    let csv = loans(rows, numeric, levels, 7);
    let table = Table::from_csv(csv.as_bytes(), &[], &limits).unwrap();
    LoanBook::read(&table, plan.plan(), &limits).unwrap()
}

fn scoring(criterion: &mut Criterion) {
    const ROWS: usize = 10_000;
    let plan = plan(14);
    let book = book(20_000, 14, 6, &plan);
    let trained = train(&book, &plan, &|| false).unwrap();
    assert_eq!(trained.body.form.width(), 20, "a characteristic fell out");
    let model = CreditModel::new(trained.body).unwrap();
    let thresholds = model.body().policy.thresholds();
    let mut row = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    for at in 0..ROWS {
        book.row(at, &mut row);
        values.extend(&row);
    }
    let width = row.len();
    let mut scratch = Scratch::default();

    let mut group = criterion.benchmark_group("assess");
    group.throughput(Throughput::Elements(1));
    let mut rows = values.chunks_exact(width).cycle();
    group.bench_function("one row", |bencher| {
        bencher.iter(|| {
            let row = rows.next().unwrap();
            model.assess(black_box(row), thresholds, &mut scratch)
        });
    });
    group.finish();

    let mut group = criterion.benchmark_group("batch");
    group.throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("with reasons", |bencher| {
        bencher.iter(|| {
            for row in black_box(&values).chunks_exact(width) {
                black_box(model.assess(row, thresholds, &mut scratch));
            }
        });
    });
    group.bench_function("without reasons", |bencher| {
        bencher.iter(|| {
            for row in black_box(&values).chunks_exact(width) {
                black_box(model.probability(model.log_odds(row, &mut scratch)));
            }
        });
    });
    group.finish();
}

fn binning(criterion: &mut Criterion) {
    const ROWS: usize = 120_000;
    let plan = plan(7);
    let book = book(ROWS, 7, 3, &plan);
    let params = BinningParams::default().check().unwrap();
    let target = Target::new(book.events(), None).unwrap();
    let rules: Vec<NumericRules> = book
        .schema()
        .characteristics
        .iter()
        .map(|it| plan.plan().characteristics.get(&it.name))
        .map(|own| own.map_or_else(NumericRules::default, CharacteristicPlan::numeric_rules))
        .collect();
    let no_rules = LevelRules::default();
    let mut group = criterion.benchmark_group("binning");
    group.sample_size(30);
    group.throughput(Throughput::Elements(10 * ROWS as u64));
    group.bench_function("120,000 rows, 10 columns", |bencher| {
        bencher.iter(|| {
            let mut binner = Binner::new(target, params);
            let known = book.schema().characteristics.iter().enumerate();
            for ((at, characteristic), rules) in known.zip(&rules) {
                let found = match (book.values(at), &characteristic.kind) {
                    (Values::Categorical(codes), Kind::Categorical { levels, .. }) => {
                        binner.levels(LevelColumn { codes, levels }, &no_rules)
                    }
                    (Values::Numeric(values), _) => binner.numeric(values, rules),
                    _ => unreachable!("levels without names"),
                };
                black_box(found.unwrap());
            }
        });
    });
    group.finish();
}

fn training(criterion: &mut Criterion) {
    const ROWS: usize = 30_000;
    let plan = plan(14);
    let book = book(ROWS, 14, 6, &plan);
    let mut group = criterion.benchmark_group("train");
    group.sample_size(10);
    group.measurement_time(Duration::from_secs(20));
    group.throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("30,000 rows, 20 characteristics", |bencher| {
        bencher.iter(|| train(&book, &plan, &|| false).unwrap());
    });
    group.finish();
}

criterion_group!(benches, scoring, binning, training);
criterion_main!(benches);
