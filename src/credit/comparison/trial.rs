//! A comparison as a client asks for it: two trained models on the rows of a data set.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Comparison, ComparisonError, Scored};
use crate::{
    credit::{
        CreditModel, Fault, Table, TrainingPlan, TrainingResult,
        fault::Faults,
        outcome::Outcome,
        period::Periods,
        portfolio::Portfolio,
        training::{select, split},
    },
    stats::SamplingError,
};

/// Which rows of a data set are compared.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonSample {
    /// All of them.
    #[default]
    All,
    /// Those that neither training saw: the data set must be the one that both models were trained
    /// on, with the same `test_size`, `random_state` and `out_of_time`.
    Test,
    /// Those from the date on that both models' `out_of_time` names, of whatever data set.
    OutOfTime,
}

/// Two models, and how the outcomes of a data set are read.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ComparisonRequest)]
pub struct ComparisonPlan {
    /// Id of the model in use.
    pub champion: String,
    /// Id of the model that may replace it.
    pub challenger: String,
    /// Column that holds the outcome; the champion's when absent.
    #[serde(default)]
    pub target: Option<String>,
    /// Value of the target that means default; the champion's when absent.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    pub event: Option<Value>,
    /// Texts that mean "no value" in a CSV, besides the empty cell; the champion's when absent.
    #[serde(default)]
    pub missing_values: Option<Vec<String>>,
    /// Which rows are compared.
    #[serde(default)]
    pub sample: ComparisonSample,
}

/// A trained model and what its training said.
#[derive(Clone, Copy, Debug)]
pub struct Contender<'a> {
    /// The model.
    pub model: &'a CreditModel,
    /// The result of its training.
    pub result: &'a TrainingResult,
}

/// What a comparison found, and on which rows.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct ComparisonResult {
    /// Id of the model in use.
    pub champion_id: String,
    /// Id of the model that may replace it.
    pub challenger_id: String,
    /// Which rows were compared.
    pub sample: ComparisonSample,
    /// `sha256:` and the hex digest of the data set's bytes.
    pub data_digest: String,
    /// Rows of the data set; `rows` counts those compared.
    pub data_rows: u64,
    /// What to bear in mind about the numbers.
    pub warnings: Vec<ComparisonWarning>,
    /// The numbers.
    #[serde(flatten)]
    pub comparison: Comparison,
}

/// What to bear in mind about the numbers of one model.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComparisonWarning {
    /// What it is about.
    pub code: WarningCode,
    /// The model.
    pub model_id: String,
    /// The same in words.
    pub detail: String,
}

/// What a warning is about.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ComparisonWarningCode)]
pub enum WarningCode {
    /// The model was fitted on most of these rows.
    InSample,
}

/// Why there is no comparison.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The request or the data is at fault.
    #[error("{} fault(s) in the request or the data", .0.len())]
    Faults(Vec<Fault>),
    /// The test rows cannot be found again.
    #[error(transparent)]
    Sampling(#[from] SamplingError),
    /// The models' probabilities cannot be compared.
    #[error(transparent)]
    Comparison(#[from] ComparisonError),
    /// The caller asked to stop.
    #[error("the comparison was cancelled")]
    Cancelled,
}

impl From<Vec<Fault>> for TrialError {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Faults(faults)
    }
}

impl ComparisonPlan {
    /// The texts that mean "no value" when `champion` is the champion.
    pub fn missing_values<'a>(&'a self, champion: &'a TrainingResult) -> &'a [String] {
        let own = self.missing_values.as_ref();
        own.unwrap_or(&champion.training_config.missing_values)
    }

    /// Compares the two models on `table`; asks `cancelled` between steps.
    ///
    /// # Errors
    /// [`TrialError`] says what is wrong with the request or the data, every fault at once.
    pub fn run(
        &self,
        table: &Table,
        champion: Contender<'_>,
        challenger: Contender<'_>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<ComparisonResult, TrialError> {
        let both = [champion, challenger];
        let (rows, events) = self.rows(table, &both)?;
        let [first, second] = both.map(|it| Portfolio::read(table, &rows, it.model));
        let (first, second) = match (first, second) {
            (Ok(first), Ok(second)) => (first, second),
            (first, second) => return Err(joined(first.err(), second.err()).into()),
        };
        let score = |portfolio: &Portfolio<'_>| portfolio.probabilities(&rows, cancelled);
        let first = score(&first).ok_or(TrialError::Cancelled)?;
        let second = score(&second).ok_or(TrialError::Cancelled)?;
        let comparison = Comparison::of(
            &champion.scored(&first),
            &challenger.scored(&second),
            &events,
        )?;
        Ok(ComparisonResult {
            champion_id: champion.id().to_owned(),
            challenger_id: challenger.id().to_owned(),
            sample: self.sample,
            data_digest: table.digest().to_owned(),
            data_rows: table.rows() as u64,
            warnings: self.warnings(table, &both),
            comparison,
        })
    }

    /// The rows to compare, ascending, and the outcome of each.
    fn rows(
        &self,
        table: &Table,
        both: &[Contender<'_>; 2],
    ) -> Result<(Vec<usize>, Vec<bool>), TrialError> {
        let schema = both[0].model.schema();
        let target = self.target.as_deref().unwrap_or(&schema.target);
        let own = Value::String(schema.event.clone());
        let outcome = Outcome::find(
            table,
            Some(target),
            Some(self.event.as_ref().unwrap_or(&own)),
        )?;
        let mut faults = Faults::default();
        let events = outcome.events(table, &mut faults);
        let plans = both.map(|it| &it.result.training_config);
        let rows = match self.sample {
            ComparisonSample::All => (0..table.rows()).collect(),
            ComparisonSample::OutOfTime => newer(table, plans, &mut faults),
            ComparisonSample::Test => {
                let same = both.iter().all(|it| {
                    let schema = it.model.schema();
                    it.result.data.digest == table.digest()
                        && (schema.target == target && schema.event == outcome.event)
                });
                if same && split_alike(plans) {
                    let time = plans[0].out_of_time.as_ref();
                    let rows = Periods::of(table, time, &mut faults).development;
                    // Without a date there would be no rows to divide.
                    std::mem::take(&mut faults).into_result()?;
                    split(&rows, &events, plans[0])?.test
                } else {
                    let detail = "the test rows are known only for the data set, target, \
                                  test_size, random_state and out_of_time that both models were \
                                  trained with";
                    faults.push(Fault::at("/sample", detail));
                    Vec::new()
                }
            }
        };
        faults.into_result()?;
        let events = select(&events, &rows);
        Ok((rows, events))
    }

    fn warnings(&self, table: &Table, both: &[Contender<'_>; 2]) -> Vec<ComparisonWarning> {
        let seen = both.iter().filter(|it| {
            self.sample == ComparisonSample::All && it.result.data.digest == table.digest()
        });
        let warning = |it: &Contender<'_>| ComparisonWarning {
            code: WarningCode::InSample,
            model_id: it.id().to_owned(),
            detail: "the model was trained on this data set, so that its numbers are better than \
                     they would be on other loans; see the sample test"
                .to_owned(),
        };
        let mut found: Vec<_> = seen.map(warning).collect();
        found.dedup();
        found
    }
}

impl<'a> Contender<'a> {
    fn id(&self) -> &'a str {
        &self.result.model_id
    }

    fn scored(&self, probabilities: &'a [f64]) -> Scored<'a> {
        Scored {
            name: self.id(),
            probabilities,
            threshold: self.model.body().policy.decline.threshold,
        }
    }
}

/// Whether two trainings on one data set held back the same rows.
fn split_alike([a, b]: [&TrainingPlan; 2]) -> bool {
    a.test_size.total_cmp(&b.test_size).is_eq()
        && a.random_state == b.random_state
        && a.out_of_time == b.out_of_time
}

/// The rows that are too new for either model to have learnt from.
fn newer(table: &Table, [a, b]: [&TrainingPlan; 2], faults: &mut Faults) -> Vec<usize> {
    let mut found = Faults::default();
    let rows = match &a.out_of_time {
        Some(plan) if a.out_of_time == b.out_of_time => Periods::newer(table, plan, &mut found),
        _ => {
            let detail = "both models must have been trained with the same out_of_time";
            found.push(Fault::at("/sample", detail));
            Vec::new()
        }
    };
    // The plan is the models'; what the client sent is the sample.
    for mut fault in found.into_result().err().into_iter().flatten() {
        if fault.pointer.starts_with("/out_of_time") {
            "/sample".clone_into(&mut fault.pointer);
        }
        faults.push(fault);
    }
    rows
}

/// The faults of both readings; what both found is said once.
fn joined(first: Option<Vec<Fault>>, second: Option<Vec<Fault>>) -> Vec<Fault> {
    let mut faults = first.unwrap_or_default();
    for fault in second.into_iter().flatten() {
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    faults
}
