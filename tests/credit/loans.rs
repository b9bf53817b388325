//! A made-up portfolio whose risks are known.

use credit_risk::credit::{ModelType, TrainingPlan};

/// Numbers that look random and are always the same.
struct Dice(u64);

impl Dice {
    /// A number in `0..1`.
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1_u64 << 31) as f64
    }
}

/// `rows` loans. Default is the likelier the less `income`, the more `debt` and the worse `grade`
/// (A, B, C; X is a code); `years` has gaps, and a gap is risky; `debt` has the code -1; a `month`
/// of 2024 goes with each.
pub fn loans(rows: usize) -> String {
    let mut dice = Dice(rows as u64);
    let mut csv = "income,debt,grade,years,month,target\n".to_owned();
    for _ in 0..rows {
        let income = 20.0 + (dice.roll() * 80.0).floor();
        let code = dice.roll() < 0.1;
        let debt = if code {
            -1.0
        } else {
            (dice.roll() * 50.0).floor()
        };
        let grade = ["A", "B", "C", "X"][(dice.roll() * 3.3) as usize];
        let gap = dice.roll() < 0.15;
        let years = (dice.roll() * 30.0).floor();
        let month = 1 + (dice.roll() * 12.0) as usize;
        let risk = -0.5 - (income - 60.0) / 20.0
            + debt.max(0.0) / 25.0
            + match grade {
                "A" => -1.0,
                "B" => 0.0,
                _ => 0.7,
            }
            + if gap { 1.5 } else { -years / 40.0 };
        let bad = dice.roll() < 1.0 / (1.0 + (-risk).exp());
        let years = if gap {
            String::new()
        } else {
            years.to_string()
        };
        csv += &format!(
            "{income},{debt},{grade},{years},2024-{month:02},{}\n",
            u8::from(bad)
        );
    }
    csv
}

/// The plan of a kind for [`loans`], quick to train; `month` is no input.
pub fn quick(kind: ModelType) -> TrainingPlan {
    let mut plan = TrainingPlan::new(kind);
    plan.exclude = vec!["month".to_owned()];
    plan.cv_folds = 3;
    plan.evidence.replicates = 0;
    plan
}

/// Both kinds of model.
pub const KINDS: [ModelType; 2] = [ModelType::Scorecard, ModelType::LogisticRegression];
