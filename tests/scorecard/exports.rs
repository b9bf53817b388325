//! Every export, executed by the system it is for, gives the points of the service.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use credit_risk::credit::{
    binning::{LevelRules, SpecialLevels},
    scorecard::{
        Allocation, Card, CardParams, Entry, Pair, ScorecardError, Value,
        export::{CardDocument, Points, csv, python, sql},
    },
};
use serde_json::{Value as Json, json};

use crate::support::{Numbers, cross, entry, levels, numeric};

const ROWS: usize = 3_000;

/// Levels that would do something, were they not taken for text.
const LEVELS: [&str; 14] = [
    "O'Brien",
    "say \"hi\"",
    "line\nbreak",
    "return\r",
    "back\\slash",
    "\\'); DROP TABLE \"ro\"\"ws\"; --",
    "'; CREATE TABLE stolen (x); --",
    "\"\"\"; import os",
    "ünï😀\u{2028}",
    "",
    "=1+1",
    "NULL",
    "comma, and {brace} %s",
    "n/a",
];

// SQLite 3.40 misreads the decimals of the fourth one.
const AMOUNT_BREAKS: [f64; 9] = [
    -1e300,
    -0.3,
    1e-9,
    0.000_277_893_014_548_115_7,
    0.1 + 0.2,
    5.0,
    123_456.789,
    1e22,
    1e300,
];
const AMOUNT_CODES: [f64; 4] = [-999.0, 0.0, 0.7 + 0.1, 9_007_199_254_740_994.0];
const TINY_BREAKS: [f64; 4] = [-f64::MIN_POSITIVE, 5e-324, 1e-310, 1.0 / 3.0];

fn outcome(numbers: &mut Numbers, bin: usize) -> bool {
    numbers.uniform() < 0.15 + 0.6 / (bin as f64 + 1.3)
}

/// A characteristic with these breaks and codes.
fn amounts(name: &str, breaks: &[f64], codes: &[f64], coefficient: f64) -> Entry {
    let mut numbers = Numbers(7);
    let mut values = vec![f64::NAN, f64::MIN];
    values.extend_from_slice(breaks);
    values.extend_from_slice(codes);
    let column: Vec<(f64, bool)> = (0..60 * values.len())
        .map(|row| {
            let at = row % values.len();
            (values[at], outcome(&mut numbers, at))
        })
        .collect();
    let (values, events): (Vec<f64>, Vec<bool>) = column.into_iter().unzip();
    entry(name, numeric(&values, &events, breaks, codes), coefficient)
}

fn answers(name: &str, rules: &LevelRules, coefficient: f64) -> Entry {
    let mut numbers = Numbers(11);
    let names = LEVELS.map(str::to_owned);
    let column: Vec<(u32, bool)> = (0..60 * LEVELS.len())
        .map(|row| {
            let at = row % LEVELS.len();
            (at as u32, outcome(&mut numbers, at))
        })
        .collect();
    let (codes, events): (Vec<u32>, Vec<bool>) = column.into_iter().unzip();
    entry(name, levels(&codes, &names, &events, rules), coefficient)
}

fn card() -> Card {
    let special = LevelRules {
        special: vec![SpecialLevels {
            name: "not applicable".to_owned(),
            levels: vec!["n/a".to_owned()],
        }],
        ..LevelRules::default()
    };
    // The levels left out are taken together, and unseen ones with them.
    let groups = LevelRules {
        groups: LEVELS[..9]
            .chunks(3)
            .map(|group| group.iter().map(|&l| l.to_owned()).collect())
            .collect(),
        ..LevelRules::default()
    };
    let entries = vec![
        amounts("amount", &AMOUNT_BREAKS, &AMOUNT_CODES, -0.813),
        amounts("\"; DROP TABLE \"ro\"\"ws\"; --", &TINY_BREAKS, &[], -1.7),
        answers("it's\na 'name' \\ 😀 {0}", &special, -0.41),
        answers("\"\"\"\\", &groups, -1.1 / 3.0),
    ];
    let params = CardParams {
        allocation: Allocation::ZeroFloor,
        ..CardParams::default()
    };
    let pairs = vec![
        cross(&entries, [0, 2], [3, 4], 0.817),
        cross(&entries, [0, 1], [1, 2], -1.3),
        cross(&entries, [1, 3], [5, 3], 1.0 / 3.0),
        cross(&entries, [2, 3], [3, 1], 0.6),
    ];
    Card::with_pairs(entries, pairs, -1.234_567_890_123_456_7, params).unwrap()
}

#[derive(Clone)]
enum Cell {
    Number(f64),
    Level(String),
    Missing,
}

impl Cell {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Number(number) => Value::Number(*number),
            Self::Level(level) => Value::Level(level),
            Self::Missing => Value::Missing,
        }
    }

    fn json(&self) -> Json {
        match self {
            Self::Number(number) => json!(["number", format!("{number:?}")]),
            Self::Level(level) => json!(["level", level]),
            Self::Missing => json!(["missing", ""]),
        }
    }
}

fn number(numbers: &mut Numbers, borders: &[f64]) -> Cell {
    const EXTREMES: [f64; 8] = [
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN,
        5e-324,
        -0.0,
        f64::NAN,
        9_007_199_254_740_992.0,
    ];
    let border = numbers.pick(borders);
    Cell::Number(match numbers.below(8) {
        0 => return Cell::Missing,
        1 => numbers.pick(&EXTREMES),
        2 => border.next_up(),
        3 => border.next_down(),
        4 => numbers.uniform() * 12.0 - 4.0,
        _ => border,
    })
}

fn level(numbers: &mut Numbers) -> Cell {
    let known = numbers.pick(&LEVELS);
    Cell::Level(match numbers.below(8) {
        0 => return Cell::Missing,
        1 => format!("{known} "),
        2 => known.to_uppercase(),
        3 => known.replace('\\', ""),
        4 => format!("{known}\0"),
        _ => known.to_owned(),
    })
}

fn rows() -> Vec<[Cell; 4]> {
    let mut numbers = Numbers(3);
    let amount_borders = [AMOUNT_BREAKS.as_slice(), &AMOUNT_CODES].concat();
    let row = |_| {
        [
            number(&mut numbers, &amount_borders),
            number(&mut numbers, &TINY_BREAKS),
            level(&mut numbers),
            level(&mut numbers),
        ]
    };
    (0..ROWS).map(row).collect()
}

/// What the pairs give a row, of their points that `of` gives.
fn pair_points<T: Copy>(card: &Card, bins: &[u32], of: impl Fn(usize) -> Vec<T>) -> Vec<T> {
    let pairs = card.pairs().iter().enumerate();
    let cell = |(at, pair): (usize, &Pair)| {
        let first = pair.groups_first[bins[pair.first as usize] as usize] as usize;
        let second = pair.groups_second[bins[pair.second as usize] as usize] as usize;
        of(at)[first * pair.groups().1 + second]
    };
    pairs.map(cell).collect()
}

/// What the service makes of the rows; raw numbers as text, so that nothing is lost on the way.
fn expected(card: &Card, rows: &[[Cell; 4]]) -> Json {
    let mut bins = Vec::new();
    let (mut raw, mut rounded) = (Vec::new(), Vec::new());
    for row in rows {
        card.find_bins(row.iter().map(Cell::value), &mut bins)
            .unwrap();
        let score = card.score(&bins).unwrap();
        let at = bins.iter().map(|&bin| bin as usize).enumerate();
        let points = at
            .clone()
            .map(|(at, bin)| card.points(at).nth(bin).unwrap());
        let points = points.chain(pair_points(card, &bins, |at| {
            card.pair_points(at).collect()
        }));
        let points: Vec<String> = points.map(|points| format!("{points:?}")).collect();
        raw.push(json!({"points": points, "score": format!("{:?}", score.raw)}));
        let points = at.map(|(at, bin)| card.rounded_points(at).nth(bin).unwrap());
        let of_pairs = pair_points(card, &bins, |at| card.pair_rounded_points(at).collect());
        let points: Vec<i32> = points.chain(of_pairs).collect();
        rounded.push(json!({"points": points, "score": score.rounded}));
    }
    json!({"raw": raw, "rounded": rounded})
}

/// Runs an export over the rows, in Python; what it prints.
fn run(form: &str, export: impl Fn(&Card, Points) -> Json) -> String {
    let (card, rows) = (card(), rows());
    let names: Vec<&str> = card
        .entries()
        .iter()
        .map(|entry| entry.name.as_str())
        .collect();
    let cells = |row: &[Cell; 4]| -> Vec<Json> { row.iter().map(Cell::json).collect() };
    let given = json!({
        "form": form,
        "names": names,
        "rows": rows.iter().map(cells).collect::<Vec<_>>(),
        "expected": expected(&card, &rows),
        "raw": export(&card, Points::Raw),
        "rounded": export(&card, Points::Rounded),
    });
    let mut python = Command::new("python3")
        .args(["-I", "-c", include_str!("exports.py")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = python.stdin.take().unwrap();
    stdin.write_all(given.to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = python.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn field(points: Points) -> &'static str {
    match points {
        Points::Raw => "points",
        Points::Rounded => "rounded_points",
    }
}

#[test]
fn the_python_module_gives_the_points_of_the_service() {
    let found = run("python", |card, points| json!(python(card, points)));
    assert_eq!(found, format!("{} scores", 2 * ROWS));
}

#[test]
fn the_sql_expressions_give_the_points_of_the_service() {
    let table = "ro\"ws";
    let found = run("sql", |card, points| {
        let sql = sql(card, points).unwrap();
        let cases = sql.characteristics.iter().map(|of| of.points.as_str());
        let cases: Vec<&str> = cases.collect();
        let pairs: Vec<&str> = sql.pairs.iter().map(|of| of.points.as_str()).collect();
        let select = sql.select(table).unwrap();
        json!({"table": table, "characteristics": cases, "pairs": pairs, "select": select})
    });
    assert_eq!(found, format!("{} scores", 2 * ROWS));
}

#[test]
fn the_json_document_gives_the_points_of_the_service() {
    let found = run(
        "json",
        |card, points| json!({"card": CardDocument::from(card), "field": field(points)}),
    );
    assert_eq!(found, format!("{} scores", 2 * ROWS));
}

#[test]
fn the_csv_table_gives_the_points_of_the_service() {
    let found = run(
        "csv",
        |card, points| json!({"text": csv(card), "field": field(points)}),
    );
    assert_eq!(found, format!("{} scores", 2 * ROWS));
}

#[test]
fn the_rows_visit_every_bin_that_a_value_may_fall_into() {
    let card = card();
    let mut seen: Vec<Vec<bool>> = (0..4)
        .map(|at| vec![false; card.points(at).len()])
        .collect();
    let mut bins = Vec::new();
    for row in rows() {
        card.find_bins(row.iter().map(Cell::value), &mut bins)
            .unwrap();
        bins.iter()
            .zip(&mut seen)
            .for_each(|(&bin, seen)| seen[bin as usize] = true);
    }
    // Unseen levels of the last characteristic belong to those left out.
    let unseen = seen[3].pop();
    assert_eq!(
        (unseen, seen.concat().contains(&false)),
        (Some(false), false)
    );
}

#[test]
fn the_python_module_is_plain_ascii() {
    assert!(python(&card(), Points::Raw).is_ascii());
}

#[test]
fn sql_refuses_what_it_cannot_hold() {
    let entries = vec![amounts("nu\0l", &[1.0], &[], -1.0)];
    let card = Card::new(entries, 0.0, CardParams::default()).unwrap();
    let text = "nu\0l".to_owned();
    assert_eq!(sql(&card, Points::Raw), Err(ScorecardError::Nul { text }));
}

#[test]
fn sql_of_a_small_card_reads_like_a_table() {
    let entries = vec![amounts("income", &[1000.0, 2500.5], &[-1.0], -1.0)];
    let card = Card::new(entries, 0.0, CardParams::default()).unwrap();
    let points: Vec<i32> = card.rounded_points(0).collect();
    let [a, b, c, special, missing] = points[..] else {
        panic!("{points:?}")
    };
    let expected = format!(
        "0 + CASE WHEN \"income\" IS NULL THEN {missing} WHEN \"income\" = -1.0 THEN {special} \
         WHEN \"income\" < 1000.0 THEN {a} WHEN \"income\" < 2500.5 THEN {b} ELSE {c} END"
    );
    assert_eq!(sql(&card, Points::Rounded).unwrap().score, expected);
}

#[test]
fn sql_of_a_pair_looks_for_one_group_within_the_other() {
    let entries = vec![
        amounts("income", &[1000.0], &[], -1.0),
        amounts("age", &[40.0], &[], -1.0),
    ];
    let pairs = vec![cross(&entries, [0, 1], [2, 2], 1.0)];
    let card = Card::with_pairs(entries, pairs, 0.0, CardParams::default()).unwrap();
    let points: Vec<i32> = card.pair_rounded_points(0).collect();
    let [a, b, c, d] = points[..] else {
        panic!("{points:?}")
    };
    let age = "CASE WHEN \"age\" IS NULL THEN 0 WHEN \"age\" < 40.0 THEN 0 ELSE 1 END";
    let income = "CASE WHEN \"income\" IS NULL THEN 0 WHEN \"income\" < 1000.0 THEN 0 ELSE 1 END";
    let expected = format!(
        "CASE {income} WHEN 0 THEN CASE {age} WHEN 0 THEN {a} ELSE {b} END \
         ELSE CASE {age} WHEN 0 THEN {c} ELSE {d} END END"
    );
    assert_eq!(
        sql(&card, Points::Rounded).unwrap().pairs[0].points,
        expected
    );
}
