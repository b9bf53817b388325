//! From rows put aside to a trained model.

use super::{
    MemoryBudget, StreamingError, data::Data, linear, row_set::RowSet, sample::Sample, scorecard,
    scoring::Tested, watch::Watch,
};
use crate::{
    credit::{
        CheckedPlan, Fault, ModelType, TrainingError,
        features::layout,
        learner::{Fitted, Learner, Task, Told},
        progress::{Observer, Stage},
        training::{StreamingSummary, Trained, complete},
    },
    stats::{Sign, Solver, divide},
};

/// The rows that a model is fitted on.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub train: &'a RowSet,
}

/// What came of a fit, in words.
pub(super) struct Described {
    pub fitted: Fitted,
    pub told: Told,
}

impl Described {
    /// Describes `fitted` by the variance inflation of its columns and their own associations.
    pub fn new(
        fitted: Fitted,
        inflation: &[Option<f64>],
        associations: Vec<Sign>,
    ) -> Result<Self, StreamingError> {
        let told = fitted.told_by(inflation, || associations)?;
        Ok(Self { fitted, told })
    }
}

/// Refuses what a training of rows that are not in memory cannot do.
pub(super) fn check(plan: &CheckedPlan) -> Result<(), Vec<Fault>> {
    let plan = plan.plan();
    let mut faults = Vec::new();
    let memory = "only a training in memory";
    if !matches!(
        plan.model_type,
        ModelType::LogisticRegression | ModelType::Scorecard
    ) {
        faults.push(in_memory_alone());
    }
    if plan.pairs.is_some() {
        faults.push(Fault::at("/pairs", format!("{memory} seeks pairs")));
    }
    if plan.solver != Solver::Newton {
        let detail = format!("{memory} uses this solver; use newton");
        faults.push(Fault::at("/solver", detail));
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

/// What is said of a kind of model that needs all rows at once.
fn in_memory_alone() -> Fault {
    Fault::at(
        "/model_type",
        "only a training in memory fits this kind of model",
    )
}

/// Trains a model of `data` as `plan` says.
pub(super) fn learn(
    data: Data,
    plan: &CheckedPlan,
    budget: MemoryBudget,
    digest: String,
    observer: &dyn Observer,
    watch: &Watch<'_>,
) -> Result<Trained, StreamingError> {
    watch.begin(Stage::Splitting)?;
    let train = training_rows(&data, plan)?;
    let known = &data.schema.characteristics;
    let features = match plan.plan().model_type {
        ModelType::LogisticRegression => layout(
            &data.schema.characteristics,
            plan.plan().selected_features.as_deref(),
        )?
        .len(),
        _ => known.len(),
    };
    let most = budget.sample_rows(known.len(), features);
    let Sample { book, split } = Sample::draw(&data, &train, most, plan.seed(), digest, watch)?;
    let task = Task {
        book: &book,
        plan,
        cancelled: &|| observer.cancelled(),
    };
    let learner = Learner::new(&task)?;
    let rows = Rows { train: &train };
    let Described { fitted, told } = match &learner {
        Learner::Linear(learner) => linear::fit(&data, plan, learner, rows, budget, watch)?,
        Learner::Scorecard(learner) => scorecard::fit(&data, plan, learner, rows, budget, watch)?,
        Learner::Trees(_) => return Err(vec![in_memory_alone()].into()),
    };
    let whole = book.events().len() == data.rows();
    let tested = Tested::draw(&data, &train, budget, plan.seed(), watch);
    let trained = complete(
        &task,
        &learner,
        &split,
        (fitted, told),
        &|model| {
            if whole {
                return Ok(None);
            }
            tested.score(model).map(Some)
        },
        observer,
    );
    let mut trained = tested.unless_stopped(trained)?;
    trained.streaming = Some(StreamingSummary {
        rows: data.rows() as u64,
        sampled_rows: book.events().len() as u64,
        tested_rows: tested.len() as u64,
        passes: watch.passes(),
        spilled_bytes: data.spill.bytes(),
        memory_bytes: budget.bytes(),
    });
    let counts = [
        data.rows(),
        data.events.len(),
        train.len(),
        data.development.len() - train.len(),
        data.out_of_time.len(),
    ];
    trained.data.recount(counts.map(|count| count as u64));
    Ok(trained)
}

/// The rows to learn from: those that a training in memory would choose.
fn training_rows(data: &Data, plan: &CheckedPlan) -> Result<RowSet, TrainingError> {
    let mut train = RowSet::new(data.rows());
    // There are fewer rows than numbers of four bytes.
    let rows = data.development.iter();
    let rows = rows.map(|row| (row as u32, data.events.contains(row)));
    divide(rows, plan.plan().test_size, plan.seed(), |row, test| {
        if !test {
            train.insert(row as usize);
        }
    })?;
    Ok(train)
}
