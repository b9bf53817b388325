//! The whole path of a model, and what must hold of whatever comes out of it.

use credit_risk::credit::{
    CreditModel, DataConfig, Fault, LoanBook, ModelBody, Table, Trained, TrainingError,
    TrainingPlan, TrainingResult, Value,
    binning::{Scale, Trend, ZeroCells},
    model::{ModelForm, Scratch},
    policy::Decision,
    reasons::{Direction, MOST_REASONS},
    schema::{Kind, MissingPolicy},
    train,
};
use credit_risk::stats::sigmoid;

/// Why there is no model.
#[derive(Debug)]
pub enum Refusal {
    Data(Vec<Fault>),
    Plan(Vec<Fault>),
    Training(TrainingError),
}

impl Refusal {
    /// Where the fault lies: pointers and columns, and what is said of each.
    pub fn text(&self) -> String {
        match self {
            Self::Data(faults) | Self::Plan(faults) => told(faults),
            Self::Training(TrainingError::Faults(faults)) => told(faults),
            Self::Training(error) => error.to_string(),
        }
    }
}

fn told(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults
        .iter()
        .map(|fault| format!("{} {fault}", fault.pointer))
        .collect();
    lines.join("\n")
}

/// A model that has gone the whole path, and what it was made of.
pub struct Whole {
    pub book: LoanBook,
    pub plan: TrainingPlan,
    pub trained: Trained,
    pub model: CreditModel,
}

/// From the text of a CSV file to a model that was stored and read again.
pub fn whole(csv: &str, plan: TrainingPlan, limits: &DataConfig) -> Result<Whole, Refusal> {
    let table =
        Table::from_csv(csv.as_bytes(), &plan.missing_values, limits).map_err(Refusal::Data)?;
    let checked = plan.clone().check().map_err(Refusal::Plan)?;
    let book = LoanBook::read(&table, &plan, limits).map_err(Refusal::Data)?;
    let trained = train(&book, &checked, &|| false).map_err(Refusal::Training)?;
    let bytes = postcard::to_stdvec(&trained.body).unwrap();
    let body: ModelBody = postcard::from_bytes(&bytes).unwrap();
    let again = postcard::to_stdvec(&body).unwrap();
    assert!(bytes == again, "the body changed in storage");
    let model = CreditModel::new(body).unwrap();
    Ok(Whole {
        book,
        plan,
        trained,
        model,
    })
}

impl Whole {
    /// The answer to the training.
    pub fn result(&self) -> TrainingResult {
        let at = "2026-01-02T03:04:05Z".parse().unwrap();
        TrainingResult::new("m".to_owned(), &self.plan, &self.trained, at, 0.0)
    }

    /// Asserts everything that holds of every model.
    pub fn check(&self) {
        self.check_numbers();
        self.check_rows();
        self.check_points();
    }

    /// Whatever is written can be read, so that no number in it is `NaN` or infinite.
    fn check_numbers(&self) {
        let result = self.result();
        let text = serde_json::to_string(&result).unwrap();
        let read: TrainingResult = serde_json::from_str(&text).unwrap_or_else(|error| {
            let to = error.column().min(text.len());
            panic!("{error}: {}", &text[to.saturating_sub(120)..to])
        });
        assert!(read == result, "the result changed on the wire: {text}");
        assert!(self.model.body().policy.is_sound());
        let data = &self.trained.data;
        assert_eq!(
            data.train_rows + data.test_rows + data.out_of_time_rows,
            data.rows
        );
    }

    /// Rows of the data set, and others that it does not hold.
    fn rows(&self) -> Vec<Vec<Value>> {
        let mut rows = Vec::new();
        for at in 0..self.book.events().len() {
            let mut row = Vec::new();
            self.book.row(at, &mut row);
            rows.push(row);
        }
        let strange = |pick: usize| {
            let known = self.model.schema().characteristics.iter();
            let values = known.map(|it| match (&it.kind, pick) {
                (_, 0) if it.missing != MissingPolicy::Reject => Value::Missing,
                (Kind::Numeric { minimum, .. }, 1) => Value::Number(minimum - 1.0),
                (Kind::Numeric { maximum, .. }, 2) => Value::Number(maximum + 1.0),
                (Kind::Numeric { median, .. }, _) => Value::Number(*median),
                (Kind::Categorical { .. }, 3) => Value::Level(0),
                (Kind::Categorical { .. }, _) => Value::Unseen,
            });
            values.collect()
        };
        rows.extend((0..4).map(strange));
        rows
    }

    fn check_rows(&self) {
        let fresh = CreditModel::new(self.trained.body.clone()).unwrap();
        let thresholds = self.model.body().policy.thresholds();
        let (mut scratch, mut other) = (Scratch::default(), Scratch::default());
        for row in self.rows() {
            let found = self.model.assess(&row, thresholds, &mut scratch);
            let p = found.probability_of_default;
            assert!((0.0..=1.0).contains(&p) && (0.0..=1.0).contains(&found.confidence));
            assert!(found.log_odds.is_finite());
            let decision = match p {
                p if p >= thresholds.decline => Decision::Decline,
                p if p >= thresholds.refer => Decision::Refer,
                _ => Decision::Approve,
            };
            assert_eq!(found.decision, decision);

            let before = fresh.assess(&row, thresholds, &mut other);
            assert_eq!(before, found, "storage changed an assessment");
            assert_eq!(before.log_odds.to_bits(), found.log_odds.to_bits());

            let base = self.model.base_log_odds();
            let terms = self.model.contributions(&row, &mut scratch).to_vec();
            let sum = terms.iter().fold(base, |sum, term| sum + term);
            let size = terms
                .iter()
                .fold(base.abs().max(1.0), |a, b| a.max(b.abs()));
            let off = (sum - found.log_odds).abs();
            // Shapley values are sums over all trees and applicants.
            let trees = matches!(self.model.body().form, ModelForm::Trees(_));
            let bound = if trees { 1e-9 } else { 1e-12 * size };
            assert!(off <= bound, "{sum} is not {}", found.log_odds);

            let reasons: Vec<_> = found.reasons.iter().collect();
            assert!(reasons.len() <= MOST_REASONS);
            for reason in &reasons {
                assert!(self.model.uses(reason.characteristic));
                assert!(reason.contribution > 0.0, "{reason:?}");
                let off = reason.contribution - terms[reason.characteristic];
                assert!(off.abs() <= 1e-12 * size);
                let missing = row[reason.characteristic] == Value::Missing;
                assert_eq!(reason.direction == Direction::Missing, missing);
                assert!(reason.points.is_none_or(|points| points.lost > 0.0));
            }
            let lost = |at: usize| match reasons[at].points {
                Some(points) => points.lost,
                None => reasons[at].contribution,
            };
            assert!((1..reasons.len()).all(|at| lost(at - 1) >= lost(at)));
            let named: std::collections::BTreeSet<usize> =
                reasons.iter().map(|it| it.characteristic).collect();
            assert_eq!(named.len(), reasons.len());
            // Whoever is named does at least as much harm as whoever is not.
            let least = reasons.last().map_or(0.0, |it| it.contribution);
            let spare = reasons.len() < MOST_REASONS;
            for (position, term) in terms.iter().enumerate() {
                let named = named.contains(&position);
                let bound = if spare { 0.0 } else { least };
                assert!(
                    named || *term <= bound + 1e-9 * size,
                    "{position}: {terms:?}"
                );
            }

            let Some(card) = self.model.body().form.card() else {
                assert!(found.points.is_none() && reasons.iter().all(|it| it.points.is_none()));
                continue;
            };
            let points = found.points.unwrap();
            let log_odds = card.line().log_odds(points.raw);
            let scale =
                1.0 + found.log_odds.abs() + card.line().offset.abs() / card.line().factor.abs();
            assert!(
                (log_odds - found.log_odds).abs() <= 1e-11 * scale,
                "{log_odds}"
            );
            if self.model.body().calibrator.is_none() {
                assert!((card.line().pd(points.raw) - p).abs() <= 1e-11 * scale);
                assert!((sigmoid(found.log_odds) - p).abs() < 1e-15);
            }
            let (lowest, highest) = card.bounds();
            let slack = 1e-9 * (1.0 + lowest.abs().max(highest.abs()));
            assert!(points.raw >= lowest - slack && points.raw <= highest + slack);
            let rounding = card.rounding_error();
            let deviation = points.rounded as f64 - points.raw;
            assert!(deviation.abs() <= rounding.bound + slack);
            assert!(deviation >= rounding.lowest - slack && deviation <= rounding.highest + slack);
        }
    }

    /// No better bin has fewer points, and none goes against its trend.
    fn check_points(&self) {
        let Some(card) = self.model.body().form.card() else {
            return;
        };
        let sign = card.params().sense.sign();
        for (at, entry) in card.entries().iter().enumerate() {
            assert!(entry.coefficient < 0.0, "{}", entry.coefficient);
            let binning = &entry.binning;
            let points: Vec<f64> = card.points(at).map(|points| sign * points).collect();
            let rows = &binning.table().rows;
            for (one, other) in rows.iter().zip(&points).flat_map(|a| {
                let pairs = rows.iter().zip(&points);
                pairs.map(move |b| (a, b))
            }) {
                // The evidence and the points of any two bins are in the same order.
                let better = one.0.woe > other.0.woe + 1e-9;
                assert!(!better || one.1 >= other.1, "{}", entry.name);
            }
            let own = self.plan.characteristics.get(&entry.name);
            let trend = own
                .and_then(|own| own.trend)
                .unwrap_or(self.plan.binning.trend);
            let clean = &rows[..binning.clean_bins()];
            // A convention for empty cells acts on each bin by itself, whatever the trend.
            let halves = [ZeroCells::HalfPerCell, ZeroCells::HalfPerCellAndTotals];
            let plain = !halves.contains(&self.plan.binning.zero_cells)
                && clean.iter().all(|row| row.goods > 0.0 && row.bads > 0.0);
            if plain && matches!(binning.scale(), Scale::Numeric { .. }) {
                let points = &points[..clean.len()];
                let slack = 1e-9 * points.iter().fold(1.0, |a: f64, b| a.max(b.abs()));
                let rises = points.windows(2).all(|two| two[0] <= two[1] + slack);
                let falls = points.windows(2).all(|two| two[0] + slack >= two[1]);
                match trend {
                    Trend::Ascending => assert!(falls, "{}: {points:?}", entry.name),
                    Trend::Descending => assert!(rises, "{}: {points:?}", entry.name),
                    Trend::Monotone => assert!(rises || falls, "{}: {points:?}", entry.name),
                    Trend::Peak | Trend::Valley | Trend::Auto | Trend::None => {}
                }
            }
        }
    }
}
